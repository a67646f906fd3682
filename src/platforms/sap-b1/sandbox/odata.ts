/** A row as `$filter` and `$orderby` see it. */
export type Fields = Record<string, unknown>;
type Test = (row: Fields) => boolean;

/** What the Service Layer does not understand. */
export class QueryError extends Error {}

const TOKEN = /\s*(?:('(?:[^']|'')*')|(-?\d+(?:\.\d+)?)|([A-Za-z_]\w*)|([(),]))/y;
const OPERATORS: Record<string, (sign: number) => boolean> = {
  eq: (sign) => sign === 0,
  ne: (sign) => sign !== 0,
  gt: (sign) => sign > 0,
  ge: (sign) => sign >= 0,
  lt: (sign) => sign < 0,
  le: (sign) => sign <= 0,
};

/** As much of `$filter` as a connector asks for; whatever else is asked for is refused. @throws QueryError */
export function filterOf(text: string | null): Test {
  if (text === null) return () => true;
  const tokens: string[] = [];
  const pattern = new RegExp(TOKEN.source, 'y');
  const end = text.trimEnd().length;
  while (pattern.lastIndex < end) {
    const match = pattern.exec(text);
    if (!match) throw new QueryError('Query string error.');
    tokens.push(match[0].trim());
  }
  let at = 0;
  const take = (word: string): boolean => {
    if (tokens[at] !== word) return false;
    at += 1;
    return true;
  };
  const need = (word: string): void => {
    if (!take(word)) throw new QueryError(`Query string error: ${word} expected.`);
  };
  const literal = (): string | number => {
    const token = tokens[at++] ?? '';
    if (token.startsWith("'")) return token.slice(1, -1).replaceAll("''", "'");
    if (/^-?\d/.test(token)) return Number(token);
    throw new QueryError(`Query string error near ${token}.`);
  };
  const property = (): string => {
    const token = tokens[at++] ?? '';
    if (!/^[A-Za-z_]/.test(token)) throw new QueryError(`Query string error near ${token}.`);
    return token;
  };
  const one = (): Test => {
    if (take('(')) {
      const inner = any();
      need(')');
      return inner;
    }
    if (take('startswith')) {
      need('(');
      const name = property();
      need(',');
      const start = String(literal());
      need(')');
      return (row) => String(fieldOf(row, name) ?? '').startsWith(start);
    }
    const name = property();
    const operator = OPERATORS[tokens[at++] ?? ''];
    if (!operator) throw new QueryError('Query string error: unknown operator.');
    const value = literal();
    return (row) => {
      const own = fieldOf(row, name);
      return own !== null && own !== undefined && operator(compare(own, value));
    };
  };
  const all = (): Test => {
    const tests = [one()];
    while (take('and')) tests.push(one());
    return (row) => tests.every((test) => test(row));
  };
  const any = (): Test => {
    const tests = [all()];
    while (take('or')) tests.push(all());
    return (row) => tests.some((test) => test(row));
  };
  const whole = any();
  if (at < tokens.length) throw new QueryError(`Query string error near ${tokens[at]}.`);
  return whole;
}

function fieldOf(row: Fields, name: string): unknown {
  if (!(name in row)) throw new QueryError(`Property '${name}' of the entity is invalid`);
  return row[name];
}

/** Dates are days, however they are printed. */
function compare(a: unknown, b: unknown): number {
  if (typeof a === 'number' || typeof b === 'number') return Number(a) - Number(b);
  const day = (value: unknown) => String(value).replace(/T00:00:00Z$/, '');
  const [one, other] = [day(a), day(b)];
  return one < other ? -1 : one > other ? 1 : 0;
}

/** `UpdateDate,DocEntry desc`. @throws QueryError */
export function orderOf(text: string | null): (a: Fields, b: Fields) => number {
  const keys = (text ?? '')
    .split(',')
    .filter(Boolean)
    .map((one) => one.trim().split(/\s+/));
  return (a, b) => {
    for (const [name, direction] of keys) {
      const sign = compare(fieldOf(a, name!), fieldOf(b, name!));
      if (sign !== 0) return direction === 'desc' ? -sign : sign;
    }
    return 0;
  };
}

/** Only the members that were asked for. */
export function selected(row: Fields, text: string | null): Fields {
  if (text === null) return row;
  const names = text.split(',');
  for (const name of names) fieldOf(row, name);
  return Object.fromEntries(names.map((name) => [name, row[name]]));
}
