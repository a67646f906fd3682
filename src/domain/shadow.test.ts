import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exposure, wanted } from './exposure.ts';
import {
  judgeLevel,
  lost,
  type Manner,
  observed,
  plan,
  type Shadow,
  sold,
  stirred,
  unread,
  written,
} from './shadow.ts';

const cas: Manner = { blind: false, skewMs: 10, visibleAfterMs: 0 };
const blind: Manner = { ...cas, blind: true };
const start = observed(unread, 10, 0);

describe('what a cell probably shows', () => {
  it('the origin channel is not lowered twice: its own sale lowers the shadow with the ledger', () => {
    const after = sold(start, { taken: 2, since: 1_000, at: 1_000, now: 1_000, writing: false }, cas);
    expect(after.shown).toBe(8);
    expect(plan(after, 8)).toEqual({ expect: 8, value: 8 });
  });

  it('[I7] a write keeps a sale that was seen and not heard: it starts from the reading', () => {
    const seen = observed(start, 9, 1_000);
    expect(plan(seen, 7)).toEqual({ expect: 9, value: 6 });
    const wrote = written(seen, { expect: 9, value: 6, at: 1_100, certain: true }, cas);
    const heard = sold(wrote, { taken: 1, since: 900, at: 900, now: 2_000, writing: false }, cas);
    // What was seen and what is believed meet as soon as the sale is heard: nothing is left to judge.
    expect(heard).toMatchObject({ shown: 6, seen: null });
  });

  it('a blind write that may have overwritten a sale is doubted, and our own fault is repaired without asking', () => {
    const wrote = written(start, { expect: 10, value: 5, at: 1_000, certain: true }, blind);
    const heard = sold(wrote, { taken: 1, since: 995, at: 995, now: 1_500, writing: false }, blind);
    expect(heard).toMatchObject({ shown: 4, doubt: 1 });
    expect(heard.verifyAt).toBeGreaterThan(1_000);
    const read = observed(heard, 5, 2_000);
    expect(read.seen?.clean).toBe(true);
    expect(judgeLevel(read, 1_999, 0)).toEqual({ verdict: 'wait' });
    expect(judgeLevel(read, 2_001, 0)).toMatchObject({ verdict: 'ours', units: 1 });
  });

  it('a change heard of late, as part of a later one, may be older than a blind write: it is doubted', () => {
    const wrote = written(start, { expect: 10, value: 9, at: 1_000, certain: true }, blind);
    // Cancelled at 900 and touched again at 5,000: only the last state was told.
    const heard = sold(wrote, { taken: -1, since: 500, at: 5_000, now: 6_000, writing: false }, blind);
    expect(heard).toMatchObject({ shown: 10, doubt: 1 });
    expect(judgeLevel(observed(heard, 9, 7_000), 8_000, 0)).toMatchObject({ verdict: 'ours', units: -1 });
  });

  it('a slow write that comes into force after it was given up is still ours', () => {
    const slow = written(
      start,
      { expect: 10, value: 2, at: 1_000, certain: false },
      { ...blind, visibleAfterMs: 3_000 },
    );
    const given = judgeLevel(observed(slow, 10, 5_000), 6_000, 0);
    expect(given).toMatchObject({ verdict: 'ours', units: 8 });
    const late = observed((given as { shadow: Shadow }).shadow, 2, 7_000);
    expect(judgeLevel(late, 8_000, 0)).toMatchObject({ verdict: 'ours', units: -8 });
  });

  it('a reading that agrees by chance while a write is still to come into force does not end the doubt', () => {
    const ways = { ...blind, visibleAfterMs: 3_000 };
    // Seen 9 where 10 is believed: the write keeps a sale that may be in flight. It was none.
    const slow = written(observed(start, 9, 500), { expect: 9, value: 8, at: 1_000, certain: false }, ways);
    const chance = judgeLevel(observed(slow, 9, 4_500), 5_000, 0, 3_000);
    expect(chance).toMatchObject({ verdict: 'reread', shadow: { verifyAt: 7_500 } });
    const { shadow } = chance as { shadow: Shadow };
    expect(judgeLevel(observed(shadow, 8, 7_600), 8_000, 0, 3_000)).toMatchObject({ verdict: 'ours', units: -1 });
    expect(judgeLevel(observed(shadow, 9, 7_600), 8_000, 0, 3_000)).toMatchObject({ verdict: 'agrees' });
  });

  it('a sale that came and went between two readings accuses nobody', () => {
    const read = observed(start, 9, 1_000);
    expect(judgeLevel(read, 9_000, 0)).toMatchObject({ verdict: 'drift' });
    expect(judgeLevel(stirred(read, { since: 900, at: 1_100 }, cas), 9_000, 0)).toMatchObject({ verdict: 'reread' });
    expect(judgeLevel(stirred(read, { since: 2_000, at: 2_100 }, cas), 9_000, 0)).toMatchObject({ verdict: 'drift' });
  });

  it('a lost answer blocks writing until a reading tells which way it went', () => {
    const unsure = lost(start, { expect: 10, value: 7, at: 1_000 }, cas);
    expect(plan(unsure, 6)).toBeNull();
    expect(observed(unsure, 7, 2_000).shown).toBe(7);
    expect(observed(unsure, 10, 2_000).shown).toBe(10);
  });

  it('returned units explain a rise, drift is what nothing explains', () => {
    const read = observed(start, 12, 1_000);
    expect(judgeLevel(read, 2_000, 2)).toMatchObject({ verdict: 'returned', units: 2 });
    expect(judgeLevel(read, 2_000, 0)).toMatchObject({ verdict: 'drift', units: 2 });
    // Three more than believed, of which one came back and two may be a sale that we overwrote.
    const both = { ...observed(start, 13, 1_000), doubt: 2 };
    expect(judgeLevel(both, 2_000, 1)).toMatchObject({ verdict: 'returned', units: 1, shadow: { doubt: 2 } });
    expect(judgeLevel({ ...both, doubt: 1 }, 2_000, 1)).toMatchObject({ verdict: 'drift', units: 3 });
  });

  it('with a guard, any order of sales, readings and writes ends with shadow = platform once everything is heard', () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('sell' as const), units: fc.integer({ min: 1, max: 3 }) }),
      fc.record({ kind: fc.constant('hear' as const) }),
      fc.record({ kind: fc.constant('read' as const) }),
      fc.record({ kind: fc.constant('write' as const), want: fc.integer({ min: 0, max: 20 }) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        let real = 10;
        let shadow: Shadow = start;
        const unheard: { units: number; at: number }[] = [];
        let now = 1_000;
        const hear = () => {
          const sale = unheard.shift();
          if (sale) shadow = sold(shadow, { taken: sale.units, since: sale.at, at: sale.at, now, writing: false }, cas);
        };
        for (const one of steps) {
          now += 1_000;
          if (one.kind === 'sell') {
            real -= one.units;
            unheard.push({ units: one.units, at: now });
          } else if (one.kind === 'hear') hear();
          else if (one.kind === 'read') shadow = observed(shadow, real, now);
          else {
            const write = plan(shadow, one.want)!;
            if (write.expect === real) {
              real = write.value;
              shadow = written(shadow, { ...write, at: now, certain: true }, cas);
            } else shadow = observed(shadow, real, now);
          }
        }
        while (unheard.length > 0) hear();
        expect(shadow.shown).toBe(real);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('exposure', () => {
  const draw = (available: number, num = 1, den = 1) => ({ item: 1, num, den, available });

  it('shares everything by default, never below zero', () => {
    expect(exposure([draw(7)], {}, 0)).toBe(7);
    expect(exposure([draw(-3)], {}, 0)).toBe(0);
  });

  it('buffer, percent and cap in that order', () => {
    expect(exposure([draw(11)], { buffer: 1, percent: 50, cap: 4 }, 0)).toBe(4);
    expect(exposure([draw(8)], { buffer: 1, percent: 50 }, 0)).toBe(3);
  });

  it('a bundle shows what its scarcest component allows; units per sale divide', () => {
    expect(exposure([draw(10, 2), { item: 2, num: 1, den: 1, available: 3 }], {}, 0)).toBe(3);
    expect(exposure([draw(10, 6)], {}, 0)).toBe(1);
    expect(exposure([draw(1.5, 1, 2)], {}, 0)).toBe(3);
  });

  it('rounds down to what the platform takes, without losing 0.3 to binary', () => {
    expect(exposure([draw(0.1 + 0.2)], {}, 1)).toBe(0.3);
    expect(exposure([draw(2.99999)], {}, 0)).toBe(2);
    expect(wanted(5, -1, { decimals: 0, min: 0, max: 100 })).toBe(4);
    expect(wanted(500, 0, { decimals: 0, min: 0, max: 100 })).toBe(100);
  });
});
