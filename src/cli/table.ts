/** Rows as aligned columns; numbers to the right. An empty list says so. */
export function table(rows: Record<string, unknown>[], empty: string): string {
  if (rows.length === 0) return empty;
  const names = Object.keys(rows[0]!);
  const text = (value: unknown) => (value === null || value === undefined ? '' : String(value));
  const widths = names.map((name) => Math.max(name.length, ...rows.map((row) => text(row[name]).length)));
  const line = (values: string[], right: boolean[]) =>
    values
      .map((value, index) => (right[index] ? value.padStart(widths[index]!) : value.padEnd(widths[index]!)))
      .join('  ')
      .trimEnd();
  const right = names.map((name) => rows.every((row) => typeof row[name] === 'number' || row[name] === null));
  return [
    line(names, right),
    ...rows.map((row) =>
      line(
        names.map((name) => text(row[name])),
        right,
      ),
    ),
  ].join('\n');
}

/** Prints JSON for programs or the text for people. */
export function print(json: boolean | undefined, value: unknown, text: () => string): void {
  console.log(json ? JSON.stringify(value, null, 2) : text());
}
