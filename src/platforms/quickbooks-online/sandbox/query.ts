import { ENTITIES } from '../sale-doc.ts';
import { Refusal } from './answers.ts';

const WORDS =
  /^\s*select\s+\*\s+from\s+(\w+)(?:\s+where\s+(.+?))?(?:\s+order\s?by\s+([\w.]+)(?:\s+(asc|desc))?)?(?:\s+startposition\s+(\d+))?(?:\s+maxresults\s+(\d+))?\s*$/is;
const CONDITION = /^\s*([\w.]+)\s*(=|>=|<=|>|<|in)\s*(\(.*\)|'(?:[^'\\]|\\.)*'|true|false)\s*$/is;
/** Asked for in any case, answered in this one. */
const NAMES = [...ENTITIES, 'Item', 'Account', 'InventoryAdjustment'];
const ROWS_MAX = 1_000;

type Row = Record<string, unknown>;

export interface Query {
  entity: string;
  /** The lower bound of the change time, for a stand-in that has many. */
  changedSinceMs: number | undefined;
  run(rows: Row[]): { rows: Row[]; startPosition: number };
}

const invalid = (detail: string): Refusal =>
  new Refusal(400, '4000', 'Error parsing query', `QueryParserError: ${detail}`);

/** Intuit's own query language, as far as clients use it: one entity, conditions joined by "and". */
export function parseQuery(text: string): Query {
  const match = WORDS.exec(text);
  if (!match) throw invalid(text);
  const [, entity = '', where, orderBy, way, start = '1', most = '100'] = match;
  const limit = Number(most);
  if (limit > ROWS_MAX || limit < 1 || Number(start) < 1) throw invalid('maxresults is between 1 and 1000');
  const conditions = (where ?? '')
    .split(/\s+and\s+/i)
    .filter((one) => one.trim() !== '')
    .map(conditionOf);
  const since = conditions.find(
    ({ member, operator }) => member === 'MetaData.LastUpdatedTime' && operator.startsWith('>'),
  );
  return {
    entity: NAMES.find((name) => name.toLowerCase() === entity.toLowerCase()) ?? entity,
    changedSinceMs: since ? Date.parse(since.values[0]!) : undefined,
    run(rows) {
      const found = rows.filter((row) => conditions.every((condition) => holds(condition, row)));
      if (orderBy) {
        const direction = way?.toLowerCase() === 'desc' ? -1 : 1;
        found.sort((a, b) => direction * compare(memberOf(a, orderBy), memberOf(b, orderBy)));
      }
      return { rows: found.slice(Number(start) - 1, Number(start) - 1 + limit), startPosition: Number(start) };
    },
  };
}

interface Condition {
  member: string;
  operator: string;
  values: string[];
}

function conditionOf(text: string): Condition {
  const match = CONDITION.exec(text);
  if (!match) throw invalid(text);
  const [, member = '', operator = '', value = ''] = match;
  const values =
    value.startsWith('(') || value.startsWith("'") ? [...value.matchAll(/'([^']*)'/g)].map(([, one]) => one!) : [value];
  return { member, operator: operator.toLowerCase(), values };
}

function holds({ member, operator, values }: Condition, row: Row): boolean {
  const value = memberOf(row, member);
  if (operator === 'in') return values.includes(String(value));
  const order = compare(value, values[0]!);
  if (operator === '=') return order === 0;
  return operator.startsWith('>')
    ? order > 0 || (operator === '>=' && order === 0)
    : order < 0 || (operator === '<=' && order === 0);
}

const memberOf = (row: Row, path: string): unknown =>
  path.split('.').reduce<unknown>((at, name) => (at as Row | undefined)?.[name], row);

/** Moments as moments, in whatever zone; all else as text. */
function compare(a: unknown, b: unknown): number {
  const [left, right] = [String(a), String(b)];
  const moments = [left, right].map((text) => (/^\d{4}-\d\d-\d\dT/.test(text) ? Date.parse(text) : Number.NaN));
  if (!moments.some(Number.isNaN)) return moments[0]! - moments[1]!;
  return left < right ? -1 : left > right ? 1 : 0;
}
