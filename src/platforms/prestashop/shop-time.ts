/**
 * PrestaShop prints and compares times as the clock on the shop's wall shows them, without a zone. Once a year an hour comes
 * twice; once a year one is left out.
 */
const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string): Intl.DateTimeFormat {
  let format = formats.get(zone);
  if (!format) {
    const two = '2-digit' as const;
    format = new Intl.DateTimeFormat('en-CA', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: two,
      day: two,
      hour: two,
      minute: two,
      second: two,
    });
    formats.set(zone, format);
  }
  return format;
}

export function isZone(zone: string): boolean {
  try {
    formatOf(zone);
    return true;
  } catch {
    return false;
  }
}

/** The wall's time as if it were UTC, in milliseconds, whole seconds. */
function wallMs(ms: number, zone: string): number {
  const parts = new Map(
    formatOf(zone)
      .formatToParts(ms)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const of = (name: Intl.DateTimeFormatPartTypes) => parts.get(name) ?? 0;
  return Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second'));
}

/** `2026-02-03 11:12:00` */
export const wallTime = (ms: number, zone: string): string => textOf(wallMs(ms, zone));
const textOf = (ms: number): string => new Date(ms).toISOString().slice(0, 19).replace('T', ' ');

const STAMP = /^(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d):(\d\d)$/;
const DAY_MS = 86_400_000;

/**
 * The moments that a wall's time may mean, earliest first: mostly one, two in the repeated hour, none in the one left out
 * and for what is no time (`0000-00-00 00:00:00`).
 */
export function momentsOf(text: string | null | undefined, zone: string): number[] {
  const match = STAMP.exec(text?.trim() ?? '');
  if (!match) return [];
  const [year, month, day, hour, minute, second] = match.slice(1).map(Number) as [number, ...number[]];
  const wall = Date.UTC(year, month! - 1, day!, hour!, minute!, second!);
  if (Number.isNaN(wall) || year < 1970 || textOf(wall) !== match[0].replace('T', ' ')) return [];
  // The offsets of the day before and the day after: a change lies between them, or they are the same.
  const offsets = new Set([wall - DAY_MS, wall + DAY_MS].map((ms) => wallMs(ms, zone) - Math.floor(ms / 1000) * 1000));
  return [...offsets]
    .map((offset) => wall - offset)
    .filter((ms) => wallMs(ms, zone) === wall)
    .sort((a, b) => a - b);
}

/** A revision that can be compared; null in the repeated hour, where nobody knows which is newer. */
export function revisionOf(text: string | null | undefined, zone: string): string | null {
  const moments = momentsOf(text, zone);
  return moments.length === 1 ? new Date(moments[0]!).toISOString().replace('.000Z', 'Z') : null;
}

/**
 * The earliest time the wall has shown between two moments. When the clock is put back it shows an earlier one than before:
 * whoever asks for all since 02:50 would miss what happened at the second 02:10.
 */
export function earliestWall(fromMs: number, toMs: number, zone: string): string {
  const [from, to] = [wallMs(fromMs, zone), wallMs(Math.max(fromMs, toMs), zone)];
  const putBackMs = Math.max(0, from - fromMs - (to - Math.max(fromMs, toMs)));
  return textOf(from - (putBackMs >= 60_000 ? putBackMs : 0));
}
