const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(timeZone: string): Intl.DateTimeFormat {
  let format = formats.get(timeZone);
  if (!format) {
    format = new Intl.DateTimeFormat('sv-SE', {
      timeZone,
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
      hourCycle: 'h23',
    });
    formats.set(timeZone, format);
  }
  return format;
}

const QUARTER_MS = 900_000;
const OFFSETS_MAX = 10_000;
const offsets = new Map<string, number>();

/** How far the zone's clocks are from UTC at this moment. They are only ever changed at a quarter of an hour. */
function offsetAt(ms: number, timeZone: string): number {
  const quarter = Math.floor(ms / QUARTER_MS);
  const key = `${quarter} ${timeZone}`;
  let offset = offsets.get(key);
  if (offset === undefined) {
    if (offsets.size >= OFFSETS_MAX) offsets.clear();
    offset = asUtc(formatOf(timeZone).format(quarter * QUARTER_MS)) - quarter * QUARTER_MS;
    offsets.set(key, offset);
  }
  return offset;
}

/** A clock's reading in a zone, as systems print it that do not say which: `2026-03-02 14:05:31`. */
export const localTime = (ms: number, timeZone: string): string =>
  new Date(ms + offsetAt(ms, timeZone)).toISOString().slice(0, 19).replace('T', ' ');

const LOCAL = /^(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d):(\d\d)$/;

/** The clock reading as if it were UTC; NaN for anything else. */
export function asUtc(text: string): number {
  const match = LOCAL.exec(text);
  if (!match) return Number.NaN;
  const [year, month, day, hour, minute, second] = match.slice(1).map(Number) as [number, ...number[]];
  return Date.UTC(year, month! - 1, day, hour, minute, second);
}

/** Milliseconds since 1970 of a local time; of the hour that an autumn repeats, the first one. NaN for anything else. */
export function utcMs(text: string, timeZone: string): number {
  const wanted = asUtc(text);
  if (Number.isNaN(wanted)) return Number.NaN;
  // The offsets a day to either side are all there can be around one change of the clocks.
  const candidates = [
    wanted - offsetAt(wanted - 86_400_000, timeZone),
    wanted - offsetAt(wanted + 86_400_000, timeZone),
  ].sort((a, b) => a - b);
  return candidates.find((ms) => asUtc(localTime(ms, timeZone)) === wanted) ?? candidates[1]!;
}

/** The same clock reading, so many seconds on. */
export const plusSeconds = (text: string, seconds: number): string =>
  new Date(asUtc(text) + seconds * 1000).toISOString().slice(0, 19).replace('T', ' ');

/**
 * A revision that compares: with its zone, but for the hour that an autumn repeats. Two readings of that hour are left
 * without one, which makes them incomparable, and the document fetched.
 */
export function revisionOf(text: string, timeZone: string): string | null {
  const ms = utcMs(text, timeZone);
  if (Number.isNaN(ms)) return null;
  const twice = [-3_600_000, 3_600_000].some((shift) => localTime(ms + shift, timeZone) === text);
  return twice ? text : `${new Date(ms).toISOString().slice(0, 19)}Z`;
}
