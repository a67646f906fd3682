/** The part of OData that integrations use: $filter, $orderby, $top, $select and pages by $skiptoken, over rows of any kind. */
type Value = string | number | boolean | null | undefined;

export interface Table<Row> {
  /** Sorted by key. */
  rows: () => readonly Row[];
  /** Times as whole milliseconds; undefined: there is no such column. */
  field: (row: Row, name: string) => Value;
  /** Unique; what a page's link goes on from. */
  key: (row: Row) => Value;
  node: (row: Row, expand: string | null) => Record<string, unknown>;
  /** Columns that exist, for refusing others. */
  columns: readonly string[];
}

export class QueryError extends Error {}

export interface Answered {
  value: Record<string, unknown>[];
  /** Goes on after the page; undefined at the end. */
  skiptoken?: string;
}

/** @throws QueryError on what the service would refuse. */
export function runQuery<Row>(table: Table<Row>, query: URLSearchParams, pageMax: number): Answered {
  for (const option of query.keys())
    if (option.startsWith('$') && !OPTIONS.includes(option))
      throw new QueryError(`The query option ${option} is not known.`);
  const text = query.get('$filter');
  const test = text === null ? () => true : parseFilter(text, table);
  const [orderBy, direction] = (query.get('$orderby') ?? '').trim().split(/\s+/);
  const column = orderBy || null;
  if (column !== null && !table.columns.includes(column))
    throw new QueryError(`Could not find a property named '${column}'.`);
  const sign = direction === 'desc' ? -1 : 1;
  const place = (row: Row): [Value, Value] => [column === null ? null : table.field(row, column), table.key(row)];
  const order = (a: [Value, Value], b: [Value, Value]) => sign * compare(a[0], b[0]) || compare(a[1], b[1]);
  let found = table
    .rows()
    .filter(test)
    .map((row) => ({ row, place: place(row) }));
  if (column !== null) found.sort((a, b) => order(a.place, b.place));
  const after = query.get('$skiptoken');
  if (after !== null) {
    const from = tokenOf(after);
    found = found.filter((one) => order(one.place, from) > 0);
  }
  const top = query.get('$top');
  if (top !== null && !/^\d{1,9}$/.test(top)) throw new QueryError(`Invalid value '${top}' for $top.`);
  const wanted = top === null ? found.length : Math.min(Number(top), found.length);
  const page = found.slice(0, Math.min(pageMax, wanted));
  const select = query
    .get('$select')
    ?.split(',')
    .map((name) => name.trim());
  const unknown = select?.find((name) => !table.columns.includes(name));
  if (unknown !== undefined) throw new QueryError(`Could not find a property named '${unknown}'.`);
  const value = page.map(({ row }) => selected(table.node(row, query.get('$expand')), select));
  const last = page.at(-1);
  const more = last !== undefined && page.length < wanted;
  return { value, ...(more && { skiptoken: Buffer.from(JSON.stringify(last.place)).toString('base64url') }) };
}

const OPTIONS = ['$filter', '$orderby', '$top', '$select', '$expand', '$skiptoken', '$count'];

function selected(node: Record<string, unknown>, names: string[] | undefined): Record<string, unknown> {
  if (!names) return node;
  // Annotations come whether asked for or not, and so do expanded lists.
  return Object.fromEntries(
    Object.entries(node).filter(([name, value]) => name.includes('@') || names.includes(name) || Array.isArray(value)),
  );
}

function tokenOf(text: string): [Value, Value] {
  try {
    const read: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    if (Array.isArray(read) && read.length === 2) return read as [Value, Value];
  } catch {
    // Refused below.
  }
  throw new QueryError('The skip token is malformed.');
}

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d/;

/** Times are milliseconds on both sides. */
function compare(a: Value, b: Value): number {
  if (a === b) return 0;
  if (a === null || a === undefined) return -1;
  if (b === null || b === undefined) return 1;
  return a < b ? -1 : 1;
}

type Test<Row> = (row: Row) => boolean;

/** `a eq 1 and (b eq 'x' or c gt 2026-…)`; texts in quotes, everything else bare. */
function parseFilter<Row>(text: string, table: Table<Row>): Test<Row> {
  const tokens = text.match(/[\w.]*'(?:[^']|'')*'|[()]|[^\s()']+/g) ?? [];
  let at = 0;
  const either = (): Test<Row> => {
    const tests = [both()];
    while (tokens[at] === 'or') {
      at += 1;
      tests.push(both());
    }
    return tests.length === 1 ? tests[0]! : (row) => tests.some((test) => test(row));
  };
  const both = (): Test<Row> => {
    const tests = [single()];
    while (tokens[at] === 'and') {
      at += 1;
      tests.push(single());
    }
    return tests.length === 1 ? tests[0]! : (row) => tests.every((test) => test(row));
  };
  const single = (): Test<Row> => {
    if (tokens[at] === '(') {
      at += 1;
      const inner = either();
      if (tokens[at++] !== ')') throw new QueryError('A bracket is missing in $filter.');
      return inner;
    }
    const [name, operator, raw] = tokens.slice(at, at + 3);
    at += 3;
    if (!name || !table.columns.includes(name)) throw new QueryError(`Could not find a property named '${name}'.`);
    if (raw === undefined) throw new QueryError('Syntax error in $filter.');
    const wanted = literal(raw);
    const holds = OPERATORS[operator ?? ''];
    if (!holds) throw new QueryError(`The operator '${operator}' is not known.`);
    return (row) => holds(compare(table.field(row, name), wanted));
  };
  const test = either();
  if (at < tokens.length) throw new QueryError(`Syntax error at '${tokens[at]}' in $filter.`);
  return test;
}

const OPERATORS: Record<string, (order: number) => boolean> = {
  eq: (order) => order === 0,
  ne: (order) => order !== 0,
  gt: (order) => order > 0,
  ge: (order) => order >= 0,
  lt: (order) => order < 0,
  le: (order) => order <= 0,
};

const ID = /^[0-9a-f]{8}-[0-9a-f-]{27}$/i;

function literal(raw: string): Value {
  // An enumeration's value stands behind its type: Microsoft.….SalesStatus'Backorder'.
  if (raw.endsWith("'")) return raw.slice(raw.indexOf("'") + 1, -1).replaceAll("''", "'");
  if (raw === 'null') return null;
  if (raw === 'true' || raw === 'false') return raw === 'true';
  if (/^-?\d+(\.\d+)?$/.test(raw)) return Number(raw);
  if (TIME.test(raw)) return Date.parse(raw);
  if (ID.test(raw) || /^\d{4}-\d\d-\d\d$/.test(raw)) return raw.toLowerCase();
  throw new QueryError(`The literal '${raw}' is malformed.`);
}
