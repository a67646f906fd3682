import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { earliestWall, isZone, momentsOf, revisionOf, wallTime } from './shop-time.ts';

const PARIS = 'Europe/Paris';
const iso = (moments: number[]) => moments.map((ms) => new Date(ms).toISOString());

describe("the shop's own time", () => {
  it('winter, summer, the hour that comes twice and the one that is left out', () => {
    expect(iso(momentsOf('2026-02-03 11:12:00', PARIS))).toEqual(['2026-02-03T10:12:00.000Z']);
    expect(iso(momentsOf('2026-07-03 11:12:00', PARIS))).toEqual(['2026-07-03T09:12:00.000Z']);
    expect(iso(momentsOf('2026-10-25 02:30:00', PARIS))).toEqual([
      '2026-10-25T00:30:00.000Z',
      '2026-10-25T01:30:00.000Z',
    ]);
    expect(iso(momentsOf('2026-03-29 02:30:00', PARIS))).toEqual([]);
    for (const none of ['0000-00-00 00:00:00', '2026-02-31 00:00:00', 'soon', '', null, undefined])
      expect(momentsOf(none, PARIS)).toEqual([]);
  });

  it('a revision of the repeated hour is none: which of two is newer nobody knows', () => {
    expect(revisionOf('2026-10-25 01:59:59', PARIS)).toBe('2026-10-24T23:59:59Z');
    expect(revisionOf('2026-10-25 02:10:00', PARIS)).toBeNull();
    expect(revisionOf('2026-10-25 03:00:00', PARIS)).toBe('2026-10-25T02:00:00Z');
  });

  it('there and back again, in every zone and second', () => {
    const zone = fc.constantFrom(
      PARIS,
      'America/New_York',
      'Asia/Kathmandu',
      'Australia/Lord_Howe',
      'UTC',
      'Pacific/Apia',
    );
    const moment = fc.integer({ min: Date.UTC(2015, 0) / 1000, max: Date.UTC(2035, 0) / 1000 }).map((s) => s * 1000);
    fc.assert(
      fc.property(zone, moment, (where, ms) => {
        expect(momentsOf(wallTime(ms, where), where)).toContain(ms);
      }),
    );
  });

  it('whatever happens between two moments is not before the earliest wall', () => {
    const span = fc.record({
      from: fc.integer({ min: 0, max: 10_800 }),
      after: fc.integer({ min: 0, max: 7_200 }),
      within: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    const change = Date.UTC(2026, 9, 25, 1) - 5_400_000;
    fc.assert(
      fc.property(span, ({ from, after, within }) => {
        const fromMs = change + from * 1000;
        const toMs = fromMs + after * 1000;
        const at = fromMs + Math.floor(within * after) * 1000;
        expect(earliestWall(fromMs, toMs, PARIS) <= wallTime(at, PARIS)).toBe(true);
      }),
    );
    expect(earliestWall(Date.UTC(2026, 6, 1), Date.UTC(2026, 6, 2), PARIS)).toBe('2026-07-01 02:00:00');
  });

  it('knows zones', () => {
    expect([isZone(PARIS), isZone('Mars/Olympus'), isZone('')]).toEqual([true, false, false]);
  });
});
