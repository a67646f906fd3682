import { Refusal, type Row } from './answers.ts';

/** One `filter[field]=…` of a list. */
export type Filter =
  | { kind: 'among'; values: string[] }
  | { kind: 'between'; low: string; high: string }
  | { kind: 'above' | 'below'; value: string };

const DATES = ['date_add', 'date_upd'];

export function readFilters(query: URLSearchParams): Map<string, Filter> {
  const filters = new Map<string, Filter>();
  for (const [name, text] of query) {
    const field = /^filter\[(\w+)\]$/.exec(name)?.[1];
    if (!field) continue;
    // Without it the webservice does not know the field at all.
    if (DATES.includes(field) && query.get('date') !== '1')
      throw new Refusal(400, [33, `This filter does not exist for this linked table`]);
    const inner = /^([<>]?)\[(.*)\]$/.exec(text);
    if (!inner) filters.set(field, { kind: 'among', values: [text] });
    else if (inner[1]) filters.set(field, { kind: inner[1] === '>' ? 'above' : 'below', value: inner[2]! });
    else if (inner[2]!.includes(',')) {
      const [low, high] = inner[2]!.split(',') as [string, string];
      filters.set(field, { kind: 'between', low, high });
    } else filters.set(field, { kind: 'among', values: inner[2]!.split('|') });
  }
  return filters;
}

const compare = (a: string, b: string): number =>
  /^-?\d+$/.test(a) && /^-?\d+$/.test(b) ? Number(a) - Number(b) : a < b ? -1 : Number(a > b);

function fits(filter: Filter, value: string): boolean {
  if (filter.kind === 'among') return filter.values.includes(value);
  // SQL's BETWEEN: both ends included.
  if (filter.kind === 'between') return compare(value, filter.low) >= 0 && compare(value, filter.high) <= 0;
  return filter.kind === 'above' ? compare(value, filter.value) > 0 : compare(value, filter.value) < 0;
}

/** Rows that fit, ordered, cut and with the members asked for. */
export function listed(rows: readonly Row[], filters: Map<string, Filter>, query: URLSearchParams): Row[] {
  let chosen = rows.filter((row) =>
    [...filters].every(([field, filter]) => {
      if (!(field in row)) throw new Refusal(400, [33, `This filter does not exist for this linked table: ${field}`]);
      return fits(filter, row[field]!);
    }),
  );
  const sort = query.get('sort');
  if (sort !== null) {
    const orders = [...sort.replace(/^\[|\]$/g, '').matchAll(/(\w+?)_(ASC|DESC)/gi)];
    if (orders.length === 0)
      throw new Refusal(400, [37, 'The "sort" value has to be formed as this example: "field_ASC"']);
    chosen = [...chosen].sort((a, b) => {
      for (const [, field, way] of orders) {
        const difference = compare(a[field!] ?? '', b[field!] ?? '');
        if (difference !== 0) return way!.toUpperCase() === 'DESC' ? -difference : difference;
      }
      return 0;
    });
  }
  const limit = /^(?:(\d+),)?(\d+)$/.exec(query.get('limit') ?? '');
  if (query.has('limit') && !limit)
    throw new Refusal(400, [39, 'The "limit" value has to be an integer or two integers separated by a comma']);
  if (limit) chosen = chosen.slice(Number(limit[1] ?? 0), Number(limit[1] ?? 0) + Number(limit[2]));
  return chosen.map((row) => shown(row, query.get('display')));
}

/** `full`, `[id,name]`, or the id alone. */
function shown(row: Row, display: string | null): Row {
  if (display === 'full') return row;
  const wanted = display === null ? ['id'] : display.replace(/^\[|\]$/g, '').split(',');
  for (const name of wanted)
    if (!(name in row))
      throw new Refusal(400, [
        35,
        `Unable to display this field "${name}". However, these are available: ${Object.keys(row).join(', ')}`,
      ]);
  return Object.fromEntries(Object.entries(row).filter(([name]) => wanted.includes(name)));
}
