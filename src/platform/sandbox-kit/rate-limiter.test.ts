import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { virtualClock } from '../testing/virtual-clock.ts';
import { type Limit, RateLimiter } from './rate-limiter.ts';

const rig = (limit: Limit, factor = 1, unlimited = false) => {
  const clock = virtualClock(0);
  return { clock, limiter: new RateLimiter({ clock, factor, unlimited, limits: { calls: limit } }) };
};

describe('RateLimiter', () => {
  it('lets a burst through, then the rate, and says how long to wait', async () => {
    const { clock, limiter } = rig({ kind: 'bucket', size: 3, perSecond: 2 });
    expect([1, 2, 3, 4].map(() => limiter.take('calls').ok)).toEqual([true, true, true, false]);
    expect(limiter.take('calls')).toEqual({ ok: false, retryAfterMs: 500, available: 0, size: 3, perSecond: 2 });
    await clock.advance(499);
    expect(limiter.take('calls').ok).toBe(false);
    await clock.advance(1);
    expect(limiter.take('calls').ok).toBe(true);
    await clock.advance(60_000);
    expect(limiter.state('calls').available).toBe(3);
    expect(limiter.refused).toBe(3);
  });

  it('charges costs, gives back what was not used, takes nothing when refusing', () => {
    const { limiter } = rig({ kind: 'bucket', size: 2000, perSecond: 100 });
    expect(limiter.take('calls', 1500)).toMatchObject({ ok: true, available: 500 });
    expect(limiter.take('calls', 600)).toMatchObject({ ok: false, retryAfterMs: 1000, available: 500 });
    limiter.giveBack('calls', 1400);
    expect(limiter.state('calls').available).toBe(1900);
    limiter.giveBack('calls', 1400);
    expect(limiter.state('calls').available).toBe(2000);
  });

  it('a window starts with its first call', async () => {
    const { clock, limiter } = rig({ kind: 'window', max: 2, perMs: 60_000 });
    await clock.advance(59_000);
    expect([1, 2, 3].map(() => limiter.take('calls').ok)).toEqual([true, true, false]);
    await clock.advance(30_000);
    expect(limiter.take('calls')).toMatchObject({ ok: false, retryAfterMs: 30_000 });
    await clock.advance(30_000);
    expect(limiter.take('calls').ok).toBe(true);
  });

  it('counts requests under way; leaving twice frees one place', () => {
    const { limiter } = rig({ kind: 'in-flight', max: 2 });
    const leave = limiter.enter('calls')!;
    expect(limiter.enter('calls')).toBeDefined();
    expect(limiter.enter('calls')).toBeUndefined();
    leave();
    leave();
    expect(limiter.enter('calls')).toBeDefined();
    expect(limiter.enter('calls')).toBeUndefined();
  });

  it('time runs faster by the factor: rate, bucket, window and what the answers print', async () => {
    const bucket = rig({ kind: 'bucket', size: 5, perSecond: 5 }, 20);
    expect(bucket.limiter.state('calls')).toEqual({ available: 100, size: 100, perSecond: 100 });
    const window = rig({ kind: 'window', max: 1, perMs: 60_000 }, 60);
    window.limiter.take('calls');
    expect(window.limiter.take('calls')).toMatchObject({ ok: false, retryAfterMs: 1000 });
  });

  it('unlimited refuses nothing, and no number is ever infinite', () => {
    const { limiter } = rig({ kind: 'bucket', size: 1, perSecond: 1 }, 1, true);
    for (let n = 0; n < 100; n++) expect(limiter.take('calls', 1e6).ok).toBe(true);
    for (const value of Object.values(limiter.state('calls'))) expect(Number.isFinite(value)).toBe(true);
    expect(() => rig({ kind: 'bucket', size: 1, perSecond: 1 }, Number.POSITIVE_INFINITY)).toThrow(/finite/);
    expect(() => rig({ kind: 'bucket', size: Number.POSITIVE_INFINITY, perSecond: 1 })).toThrow(/finite/);
    expect(() => limiter.take('other')).toThrow(/no limit called other/);
  });

  it('never grants more than burst + rate × time, whatever the pattern, and always as soon as it promised', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 700 }), { maxLength: 80 }), async (gapsMs) => {
        const { clock, limiter } = rig({ kind: 'bucket', size: 4, perSecond: 3 });
        let granted = 0;
        for (const gapMs of gapsMs) {
          await clock.advance(gapMs);
          const taken = limiter.take('calls');
          if (taken.ok) granted += 1;
          expect(granted).toBeLessThanOrEqual(4 + (clock.now() / 1000) * 3 + 1e-6);
          if (taken.ok) continue;
          await clock.advance(taken.retryAfterMs);
          expect(limiter.take('calls').ok).toBe(true);
          granted += 1;
        }
      }),
      { numRuns: 60 },
    );
  });
});
