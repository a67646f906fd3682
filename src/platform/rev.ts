import type { Facts } from './contract.ts';

export type RevisionOrder = 'newer' | 'older' | 'equal' | 'unknown';

/**
 * Is revision `a` newer than `b`? `unknown` makes the engine fetch, which is never wrong, only slower: so whatever two
 * texts do not prove is unknown.
 *
 *  - time: moments, in any zone. Two precisions compare as spans: `10:00:00` may be any moment of that second, so it is
 *    neither older nor newer than `10:00:00.5`. Without a zone, less than an hour apart is unknown: a shop's local
 *    time repeats an hour in autumn.
 *  - integer: of any length.
 *  - opaque: only equality means something.
 */
export function compareRevisions(kind: Facts['revision'], a: string | null, b: string | null): RevisionOrder {
  if (a === null || b === null) return 'unknown';
  if (kind === 'opaque') return a === b ? 'equal' : 'unknown';
  if (kind === 'integer') return integers(a, b);
  return times(a, b);
}

function integers(a: string, b: string): RevisionOrder {
  if (!INTEGER.test(a) || !INTEGER.test(b)) return a === b ? 'equal' : 'unknown';
  return order(BigInt(a), BigInt(b));
}

// Bounded: reading a megabyte of digits takes minutes.
const INTEGER = /^-?\d{1,40}$/;

function times(a: string, b: string): RevisionOrder {
  const left = readMoment(a);
  const right = readMoment(b);
  if (!left || !right) return a === b ? 'equal' : 'unknown';
  if (left.start === right.start && left.length === right.length && left.zoned === right.zoned) return 'equal';
  // Clocks differ by at most 14 hours from UTC (Kiribati); a local clock is put back by an hour.
  const doubt = left.zoned === right.zoned ? (left.zoned ? 0n : HOUR) : 14n * HOUR;
  if (left.start >= right.start + right.length + doubt) return 'newer';
  if (right.start >= left.start + left.length + doubt) return 'older';
  return 'unknown';
}

/** Nanoseconds since 1970, and how long the span is that the text leaves open. */
interface Moment {
  start: bigint;
  length: bigint;
  zoned: boolean;
}

const SECOND = 1_000_000_000n;
const HOUR = 3600n * SECOND;
const ISO =
  /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9})\d*)?)?\s*(?:(Z)|([+-])(\d\d):?(\d\d)?)?$/i;

function readMoment(text: string): Moment | undefined {
  const match = text.length <= 64 ? ISO.exec(text.trim()) : null;
  if (!match) return undefined;
  const [, year, month, day, hour, minute, second, fraction, utc, sign, zoneHours, zoneMinutes] = match;
  const ms = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second ?? 0));
  const date = new Date(ms);
  // Date.UTC turns 31 February into March; a text that means no moment compares with nothing.
  if (date.getUTCMonth() !== Number(month) - 1 && Number(hour) < 24) return undefined;
  if (Number(month) > 12 || Number(hour) > 24 || Number(minute) > 59 || Number(second ?? 0) > 60) return undefined;
  const zone = (BigInt(zoneHours ?? 0) * 60n + BigInt(zoneMinutes ?? 0)) * 60n * SECOND;
  const digits = fraction?.length ?? 0;
  return {
    start: BigInt(ms) * 1_000_000n + BigInt((fraction ?? '').padEnd(9, '0')) + (sign === '-' ? zone : -zone),
    length: second === undefined ? 60n * SECOND : 10n ** BigInt(9 - digits),
    zoned: utc !== undefined || sign !== undefined,
  };
}

function order(a: bigint, b: bigint): RevisionOrder {
  if (a === b) return 'equal';
  return a > b ? 'newer' : 'older';
}
