import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ChangeLog } from './change-log.ts';

describe('ChangeLog', () => {
  it('tells the same as a sorted list, whatever was touched and removed', () => {
    const step = fc.record({ key: fc.nat(40), remove: fc.boolean() });
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 300 }),
        fc.nat(300),
        fc.nat(300),
        fc.nat(50),
        fc.boolean(),
        (steps, a, b, offset, newestFirst) => {
          const things = Array.from({ length: 41 }, (_, key) => ({ key }));
          const log = new ChangeLog<{ key: number }>();
          const plain = new Map<number, number>();
          steps.forEach(({ key, remove }, atMs) => {
            if (remove && plain.has(key)) {
              log.remove(things[key]!);
              plain.delete(key);
            } else {
              log.touch(things[key]!, atMs);
              plain.set(key, atMs);
            }
          });
          const expected = [...plain].filter(([, at]) => at >= a && at < b).sort((x, y) => x[1] - y[1]);
          if (newestFirst) expected.reverse();
          const page = log.page({ sinceMs: a, untilMs: b, offset, limit: 7, newestFirst });
          expect(page.total).toBe(expected.length);
          expect(page.items.map((item) => item.key)).toEqual(expected.slice(offset, offset + 7).map(([key]) => key));
        },
      ),
      { numRuns: 500 },
    );
  });

  it('a cursor by time misses nothing and repeats only what changed again, however much is compacted meanwhile', () => {
    const log = new ChangeLog<{ id: number; atMs: number }>();
    const things = Array.from({ length: 500 }, (_, id) => ({ id, atMs: 0 }));
    let nowMs = 0;
    const touch = (id: number) => {
      const thing = things[id]!;
      thing.atMs = ++nowMs;
      log.touch(thing, nowMs);
    };
    for (const thing of things) touch(thing.id);
    const seen = new Map<number, number>();
    let afterMs: number | undefined;
    for (let round = 0; ; round++) {
      const { items } = log.page({ afterMs, limit: 20 });
      if (items.length === 0) break;
      for (const item of items) seen.set(item.id, item.atMs);
      afterMs = items.at(-1)!.atMs;
      // 3,000 changes in all force several compactions of the 500 entries while the reader is on its way.
      if (round < 30) for (let n = 0; n < 100; n++) touch((round * 31 + n * 7) % 500);
    }
    for (const thing of things) expect(seen.get(thing.id)).toBe(thing.atMs);
  });
});
