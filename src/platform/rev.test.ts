import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareRevisions } from './rev.ts';

describe('times', () => {
  it.each([
    ['2026-11-24T10:00:00Z', '2026-11-24T09:59:59Z', 'newer'],
    ['2026-11-24T10:00:00Z', '2026-11-24T11:00:00+01:00', 'equal'],
    ['2026-11-24T05:00:00-05:00', '2026-11-24T10:00:01Z', 'older'],
    ['2026-11-24T10:00:00.123456Z', '2026-11-24T10:00:00.123457Z', 'older'],
    // The coarse one may be any moment of its second.
    ['2026-11-24T10:00:00Z', '2026-11-24T10:00:00.5Z', 'unknown'],
    ['2026-11-24T10:00:01Z', '2026-11-24T10:00:00.999Z', 'newer'],
    ['2026-11-24T10:00Z', '2026-11-24T10:00:59Z', 'unknown'],
    // Without a zone the hour that autumn repeats proves nothing.
    ['2026-10-25T02:30:00', '2026-10-25T02:10:00', 'unknown'],
    ['2026-10-25 03:30:00', '2026-10-25 02:10:00', 'newer'],
    ['2026-10-25 02:10:00', '2026-10-25 02:10:00', 'equal'],
    ['2026-11-24T10:00:00', '2026-11-24T12:00:00Z', 'unknown'],
    ['2026-11-25T10:00:00', '2026-11-24T12:00:00Z', 'newer'],
    ['2026-02-31T10:00:00Z', '2026-02-01T10:00:00Z', 'unknown'],
    ['2026-13-01T10:00:00Z', '2026-02-01T10:00:00Z', 'unknown'],
    ['yesterday', '2026-02-01T10:00:00Z', 'unknown'],
    ['2026-11-24T10:00:00+0100', '2026-11-24T10:00:00+01', 'equal'],
  ])('%s against %s is %s', (a, b, expected) => expect(compareRevisions('time', a, b)).toBe(expected));

  it('agrees with the moments themselves, in any zone', () => {
    const zone = fc.integer({ min: -14 * 4, max: 14 * 4 }).map((quarters) => quarters * 15);
    const ms = fc.integer({ min: 1_500_000_000_000, max: 1_500_000_100_000 });
    const print = (at: number, minutes: number) => {
      const local = new Date(at + minutes * 60_000).toISOString().slice(0, -1);
      const size = Math.abs(minutes);
      const two = (value: number) => String(value).padStart(2, '0');
      return `${local}${minutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`;
    };
    fc.assert(
      fc.property(ms, ms, zone, zone, (a, b, zoneA, zoneB) => {
        const expected = a === b ? 'equal' : a > b ? 'newer' : 'older';
        expect(compareRevisions('time', print(a, zoneA), print(b, zoneB))).toBe(expected);
      }),
    );
  });
});

describe('integers', () => {
  it('keeps digits beyond 2^53', () => {
    expect(compareRevisions('integer', '9007199254740993', '9007199254740992')).toBe('newer');
    expect(compareRevisions('integer', '09', '9')).toBe('equal');
    expect(compareRevisions('integer', '1.5', '1')).toBe('unknown');
    expect(compareRevisions('integer', '9'.repeat(1_000_000), '1')).toBe('unknown');
  });
});

it('opaque revisions only prove equality, and a missing one nothing', () => {
  expect(compareRevisions('opaque', 'b', 'a')).toBe('unknown');
  expect(compareRevisions('opaque', 'a', 'a')).toBe('equal');
  for (const kind of ['time', 'integer', 'opaque'] as const) {
    expect(compareRevisions(kind, null, null)).toBe('unknown');
    expect(compareRevisions(kind, '1', null)).toBe('unknown');
  }
});

it('never throws, and answers the other way round when asked the other way round', () => {
  const text = fc.oneof(
    fc.string(),
    fc.stringMatching(/^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)?$/),
    fc.bigInt().map(String),
  );
  const mirror = { newer: 'older', older: 'newer', equal: 'equal', unknown: 'unknown' };
  fc.assert(
    fc.property(fc.constantFrom('time', 'integer', 'opaque'), text, text, (kind, a, b) => {
      expect(compareRevisions(kind, b, a)).toBe(mirror[compareRevisions(kind, a, b)]);
    }),
    { numRuns: 1000 },
  );
});
