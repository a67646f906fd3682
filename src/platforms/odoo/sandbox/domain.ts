import { OdooError } from './errors.ts';

/** One record as `read` shows it: references are `[id, name]`, an empty field is false, lists are ids. */
export type Row = Record<string, unknown> & { id: number };

/** What a domain may ask of the other tables. */
export interface Relations {
  /** The model that a field of this model leads to. */
  target(model: string, field: string): string | undefined;
  byId(model: string, id: number): Row | undefined;
  /** Is this location the other one, or below it? */
  isBelow(location: number, above: number): boolean;
}

type Test = (row: Row) => boolean;

/** Odoo's prefix notation: leaves `[path, operator, value]`, before them `&`, `|` and `!`; a bare row of leaves means "and". */
export function compile(model: string, domain: unknown, relations: Relations): Test {
  if (!Array.isArray(domain)) throw new OdooError(422, 'builtins.TypeError', 'Domain() argument must be a list');
  let at = 0;
  const next = (): Test => {
    const item: unknown = domain[at++];
    if (item === '!') {
      const negated = next();
      return (row) => !negated(row);
    }
    if (item === '&' || item === '|') {
      const [left, right] = [next(), next()];
      return item === '&' ? (row) => left(row) && right(row) : (row) => left(row) || right(row);
    }
    if (!Array.isArray(item) || item.length !== 3)
      throw new OdooError(500, 'builtins.ValueError', `Invalid leaf ${JSON.stringify(item)}`);
    return leaf(model, String(item[0]), String(item[1]), item[2], relations);
  };
  const all: Test[] = [];
  while (at < domain.length) all.push(next());
  return (row) => all.every((test) => test(row));
}

function leaf(model: string, path: string, operator: string, wanted: unknown, relations: Relations): Test {
  const steps = path.split('.');
  const given = new Set((Array.isArray(wanted) ? wanted : [wanted]).map(plain));
  const value = plain(wanted);
  const tests: Record<string, (one: unknown) => boolean> = {
    '=': (one) => one === value,
    in: (one) => given.has(one),
    '>': (one) => before(value, one),
    '<': (one) => before(one, value),
    '>=': (one) => one === value || before(value, one),
    '<=': (one) => one === value || before(one, value),
    like: (one) => String(one).includes(String(value)),
    ilike: (one) => String(one).toLowerCase().includes(String(value).toLowerCase()),
    '=like': (one) => pattern(String(value)).test(String(one)),
    child_of: (one) => typeof one === 'number' && relations.isBelow(one, Number(value)),
  };
  const negative = { '!=': '=', 'not in': 'in' }[operator];
  const test = tests[negative ?? operator];
  if (!test) throw new OdooError(500, 'builtins.ValueError', `Invalid operator ${operator}`);
  return (row) => {
    const found = valuesAt(model, row, steps, relations);
    const some = (found.length === 0 ? [false] : found).some((one) => test(plain(one)));
    return negative ? !some : some;
  };
}

const plain = (value: unknown): unknown => (Array.isArray(value) ? value[0] : value);

const before = (a: unknown, b: unknown): boolean =>
  typeof a === typeof b && (typeof a === 'number' || typeof a === 'string') && a < (b as typeof a);

function pattern(text: string): RegExp {
  const parts = [...text.matchAll(/\\(.)|%|_|[^\\%_]+/g)].map(([whole, quoted]) =>
    quoted
      ? quoted.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
      : whole === '%'
        ? '.*'
        : whole === '_'
          ? '.'
          : whole.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'),
  );
  return new RegExp(`^${parts.join('')}$`);
}

function valuesAt(model: string, row: Row, steps: readonly string[], relations: Relations): unknown[] {
  const [field, ...rest] = steps;
  if (!(field! in row)) throw new OdooError(500, 'builtins.ValueError', `Invalid field ${model}.${field} in condition`);
  const value = row[field!];
  if (rest.length === 0) return Array.isArray(value) && typeof value[1] === 'number' ? value : [value];
  const target = relations.target(model, field!);
  if (!target || value === false) return [];
  const ids = Array.isArray(value) && typeof value[1] === 'string' ? [value[0]] : (value as unknown[]);
  return ids.flatMap((id) => {
    const other = relations.byId(target, Number(id));
    return other ? valuesAt(target, other, rest, relations) : [];
  });
}
