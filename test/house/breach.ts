/** One place that breaks a rule, with the sentence that teaches: why the rule is there, and where the code belongs. */
export interface Breach {
  path: string;
  line?: number;
  say: string;
}

/** What a failing test prints: one line per place, clickable. */
export const report = (breaches: Breach[]): string =>
  breaches.map(({ path, line, say }) => `${path}${line ? `:${line}` : ''}  ${say}`).join('\n');
