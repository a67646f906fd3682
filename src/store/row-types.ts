import pg from 'pg';

const BIGINT = 20;
const BIGINT_ARRAY = 1016;
const NUMERIC = 1700;
const NUMERIC_ARRAY = 1231;
const TIMESTAMPTZ = 1184;
const TIMESTAMPTZ_ARRAY = 1185;
const DATE = 1082;
const TIMESTAMP = 1114;
const TEXT_ARRAY: number = 1009;

const keep = (text: string) => text;

function bigint(text: string): number | string {
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : text;
}

/** A double gives back 15 significant digits exactly, so `numeric(18,5)` fits up to ten digits before the point; more stays text. */
function decimal(text: string): number | string {
  if (text.length <= 15) return Number(text);
  const short = text.includes('.') ? text.replace(/\.?0+$/, '') : text;
  if (!short.includes('.')) return bigint(short);
  const significant = short.replace(/^-?[0.]*/, '').replace('.', '');
  return significant.length <= 15 ? Number(short) : text;
}

const UTC = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?\+00$/;
const dateOf = pg.types.getTypeParser(TIMESTAMPTZ) as (text: string) => Date | number;

/** `2026-01-31 12:00:00.123456+00` → `2026-01-31T12:00:00.123Z`; what no Date can hold (`infinity`) stays as it is. */
function instant(text: string): string {
  const parts = UTC.exec(text);
  if (parts) return `${parts[1]}T${parts[2]}.${(parts[3] ?? '').slice(0, 3).padEnd(3, '0')}Z`;
  const date = dateOf(text);
  return date instanceof Date && !Number.isNaN(date.getTime()) ? date.toISOString() : text;
}

const texts = pg.types.getTypeParser(TEXT_ARRAY) as (text: string) => unknown[];
const arrayOf = (parse: (text: string) => unknown) => {
  const each = (entry: unknown): unknown =>
    Array.isArray(entry) ? entry.map(each) : entry === null ? null : parse(String(entry));
  return (text: string) => texts(text).map(each);
};

const PARSERS = new Map<number, (text: string) => unknown>([
  [BIGINT, bigint],
  [NUMERIC, decimal],
  [TIMESTAMPTZ, instant],
  [DATE, keep],
  [TIMESTAMP, keep],
  [BIGINT_ARRAY, arrayOf(bigint)],
  [NUMERIC_ARRAY, arrayOf(decimal)],
  [TIMESTAMPTZ_ARRAY, arrayOf(instant)],
]);

/**
 * How columns come back, the same on both engines: bigint and numeric as numbers where a double holds them exactly, else as text;
 * timestamptz as ISO 8601 in UTC with milliseconds; date and timestamp as text; jsonb parsed; bytea as a Buffer.
 */
export const rowTypes: NonNullable<pg.ClientConfig['types']> = {
  getTypeParser: ((id: number, format?: 'text' | 'binary') =>
    (format !== 'binary' && PARSERS.get(id)) || pg.types.getTypeParser(id, format)) as typeof pg.types.getTypeParser,
};
