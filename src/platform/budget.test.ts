import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BudgetOptions, createBudgets, type Need } from './budget.ts';
import type { Budget, Operation } from './contract.ts';
import { type VirtualClock, virtualClock } from './testing/virtual-clock.ts';

const operation = (budgets: string[], more: Partial<Operation> = {}): Operation => ({
  budgets,
  retry: 'safe',
  timeoutMs: 10_000,
  priority: 'fetch',
  ...more,
});

function budgetsOf(clock: VirtualClock, budgets: Record<string, Budget>, options: BudgetOptions = {}) {
  return createBudgets({ budgets, operations: { call: operation(Object.keys(budgets)) } }, clock, options);
}

const need = (budgets: string[], more: Partial<Need> = {}): Need => ({ budgets, cost: 1, priority: 'fetch', ...more });

/** The vendor's own bucket, which sees a call when it arrives, not when it was sent. */
function vendorBucket(size: number, perSecond: number) {
  let level = size;
  let at = 0;
  return (now: number, cost: number): boolean => {
    level = Math.min(size, level + ((now - at) / 1000) * perSecond);
    at = now;
    if (level + 1e-6 < cost) return false;
    level -= cost;
    return true;
  };
}

const call = fc.record({
  at: fc.nat(20_000),
  there: fc.nat(3_000),
  back: fc.nat(3_000),
  cost: fc.integer({ min: 1, max: 5 }),
  priority: fc.constantFrom('fetch', 'decrease', 'increase', 'audit'),
});

describe('a limit is never exceeded, however late calls arrive', () => {
  it('[I8] token and cost buckets, whole or shared, at any speed', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(call, { minLength: 1, maxLength: 60 }),
        fc.integer({ min: 5, max: 20 }),
        fc.integer({ min: 1, max: 20 }),
        fc.constantFrom('tokens', 'cost'),
        fc.constantFrom(1, 0.5),
        fc.constantFrom(1, 30),
        async (calls, size, perSecond, kind, share, factor) => {
          const clock = virtualClock(0);
          const budget: Budget =
            kind === 'tokens' ? { kind, burst: size * 2, perSecond } : { kind, size: size * 2, perSecond };
          const budgets = budgetsOf(clock, { limit: budget }, { share, factor });
          const vendor = vendorBucket(size * 2 * share * factor, perSecond * share * factor);
          let refused = 0;
          let served = 0;
          await clock.run(
            Promise.all(
              calls.map(async ({ at, there, back, cost, priority }) => {
                await clock.sleep(at);
                const permit = await budgets.take(need(['limit'], { cost, priority }));
                await clock.sleep(there);
                if (vendor(clock.now(), cost)) served++;
                else refused++;
                await clock.sleep(back);
                permit.answered();
              }),
            ),
          );
          expect({ refused, served }).toEqual({ refused: 0, served: calls.length });
        },
      ),
    );
  });

  it('[I8] quotas: no window of that length, wherever it begins, holds more', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(call, { minLength: 1, maxLength: 60 }),
        fc.integer({ min: 1, max: 10 }),
        async (calls, max) => {
          const clock = virtualClock(0);
          const budgets = budgetsOf(clock, { day: { kind: 'quota', max, perMs: 5_000 } });
          const arrivals: number[] = [];
          await clock.run(
            Promise.all(
              calls.map(async ({ at, there, back }) => {
                await clock.sleep(at);
                const permit = await budgets.take(need(['day']), { patienceMs: Number.POSITIVE_INFINITY });
                await clock.sleep(there);
                arrivals.push(clock.now());
                await clock.sleep(back);
                permit.answered();
              }),
            ),
          );
          expect(arrivals.length).toBe(calls.length);
          arrivals.sort((a, b) => a - b);
          for (const [index, at] of arrivals.entries()) {
            const beyond = arrivals[index + max];
            if (beyond !== undefined) expect(beyond - at).toBeGreaterThanOrEqual(5_000);
          }
        },
      ),
      { numRuns: 50 },
    );
  });

  it('[I8] places: never more requests under way', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(call, { minLength: 1, maxLength: 40 }),
        fc.integer({ min: 1, max: 4 }),
        async (calls, max) => {
          const clock = virtualClock(0);
          const budgets = budgetsOf(clock, {
            places: { kind: 'in-flight', max },
            rate: { kind: 'tokens', burst: 3, perSecond: 5 },
          });
          let underWay = 0;
          let most = 0;
          await clock.run(
            Promise.all(
              calls.map(async ({ at, there, priority }) => {
                await clock.sleep(at);
                const permit = await budgets.take(need(['places', 'rate'], { priority }));
                most = Math.max(most, ++underWay);
                await clock.sleep(there);
                underWay--;
                permit.answered();
              }),
            ),
          );
          expect(most).toBeLessThanOrEqual(max);
          expect(clock.pending).toBe(0);
        },
      ),
    );
  });

  it('spends the whole rate when nothing is late: 100 calls at 2 a second after a burst of 40 take 30 s', async () => {
    const clock = virtualClock(0);
    const budgets = budgetsOf(clock, { limit: { kind: 'tokens', burst: 40, perSecond: 2 } });
    await clock.run(
      Promise.all(Array.from({ length: 100 }, async () => (await budgets.take(need(['limit']))).answered())),
    );
    expect(clock.now()).toBe(30_000);
  });
});

describe('who goes first', () => {
  it('the better class, then who came first', async () => {
    const clock = virtualClock(0);
    const budgets = budgetsOf(clock, { limit: { kind: 'tokens', burst: 1, perSecond: 1 } });
    const order: string[] = [];
    const go = async (name: string, priority: Need['priority']) => {
      const permit = await budgets.take(need(['limit'], { priority }));
      order.push(name);
      permit.answered();
    };
    await clock.run(
      Promise.all([
        go('first', 'audit'),
        go('audit', 'audit'),
        go('increase', 'increase'),
        go('decrease', 'decrease'),
        go('fetch 1', 'fetch'),
        go('fetch 2', 'fetch'),
      ]),
    );
    expect(order).toEqual(['first', 'fetch 1', 'fetch 2', 'decrease', 'increase', 'audit']);
  });

  it('nothing waits for ever: an audit call goes within 90 s although fetches keep coming', async () => {
    const clock = virtualClock(0);
    const budgets = budgetsOf(clock, { limit: { kind: 'tokens', burst: 1, perSecond: 1 } });
    let stop = false;
    const flood = (async () => {
      while (!stop) {
        for (const _ of [1, 2]) void budgets.take(need(['limit'])).then((permit) => permit.answered());
        await clock.sleep(1000);
      }
    })();
    await clock.advance(1);
    const waited = budgets.take(need(['limit'], { priority: 'audit' })).then((permit) => {
      permit.answered();
      return clock.now();
    });
    // 90 s of aging, and by then 90 fetches of before are still queued at one a second.
    expect(await clock.run(waited)).toBeLessThanOrEqual(185_000);
    stop = true;
    await clock.run(flood);
  });

  it('a call waiting a minute for a slow budget does not hold up a fast one', async () => {
    const clock = virtualClock(0);
    const budgets = budgetsOf(clock, {
      slow: { kind: 'tokens', burst: 1, perSecond: 1 / 60 },
      fast: { kind: 'tokens', burst: 2, perSecond: 2 },
    });
    (await budgets.take(need(['slow', 'fast']))).answered();
    const slow = budgets.take(need(['slow', 'fast'])).then(() => clock.now());
    const fast = Promise.all(
      Array.from({ length: 20 }, () =>
        budgets.take(need(['fast'], { priority: 'audit' })).then((one) => one.answered()),
      ),
    ).then(() => clock.now());
    expect(await clock.run(fast)).toBeLessThanOrEqual(10_000);
    expect(await clock.run(slow)).toBe(60_000);
  });

  it('a dear call is not starved by a stream of cheap ones', async () => {
    const clock = virtualClock(0);
    const budgets = budgetsOf(clock, { points: { kind: 'cost', size: 100, perSecond: 10 } });
    (await budgets.take(need(['points'], { cost: 100 }))).answered();
    const dear = budgets.take(need(['points'], { cost: 80, priority: 'decrease' })).then(() => clock.now());
    let stop = false;
    const cheap = (async () => {
      while (!stop) {
        void budgets.take(need(['points'], { cost: 1, priority: 'audit' })).then((permit) => permit.answered());
        await clock.sleep(50);
      }
    })();
    expect(await clock.run(dear)).toBe(8_000);
    stop = true;
    await clock.run(cheap);
  });

  it('one who gives up makes room, and is told that nothing was done', async () => {
    const clock = virtualClock(0);
    const budgets = budgetsOf(clock, { limit: { kind: 'tokens', burst: 1, perSecond: 1 } });
    (await budgets.take(need(['limit']))).answered();
    const abort = new AbortController();
    const first = budgets.take(need(['limit']), { signal: abort.signal });
    const second = budgets.take(need(['limit'])).then(() => clock.now());
    abort.abort();
    await expect(first).rejects.toMatchObject({ failure: 'transient', code: 'aborted' });
    expect(await clock.run(second)).toBe(1000);
    await expect(budgets.take(need(['limit']), { signal: abort.signal })).rejects.toMatchObject({ code: 'aborted' });
  });
});

describe('what the answers tell', () => {
  it('a stop lasts exactly as long as was said, and starts with an empty bucket', async () => {
    const clock = virtualClock(0);
    const budgets = budgetsOf(clock, { limit: { kind: 'tokens', burst: 2, perSecond: 1 } });
    budgets.stop(['limit'], 7_000);
    const times = await clock.run(
      Promise.all(
        [1, 2, 3].map(() =>
          budgets.take(need(['limit'])).then((one) => {
            one.answered();
            return clock.now();
          }),
        ),
      ),
    );
    expect(times).toEqual([7_000, 7_000, 8_000]);
  });

  it('a stop longer than anybody would wait is told at once, with its time', async () => {
    const clock = virtualClock(0);
    const budgets = budgetsOf(clock, { limit: { kind: 'tokens', burst: 2, perSecond: 1 } }, { unlimited: true });
    budgets.stop(['limit'], 3_600_000);
    await expect(budgets.take(need(['limit']))).rejects.toMatchObject({
      failure: 'throttled',
      retryAfterMs: 3_600_000,
    });
  });

  it('a spent quota is told at once, with the time until it comes back', async () => {
    const clock = virtualClock(0);
    const budgets = budgetsOf(clock, { day: { kind: 'quota', max: 1, perMs: 86_400_000 } });
    (await budgets.take(need(['day']))).answered();
    await expect(budgets.take(need(['day']))).rejects.toMatchObject({ failure: 'throttled', retryAfterMs: 86_400_000 });
  });

  it('a cost bucket learns its size, its speed and what a call really cost', async () => {
    const clock = virtualClock(0);
    const budgets = budgetsOf(clock, { points: { kind: 'cost', size: 1000, perSecond: 50 } });
    const permit = await budgets.take(need(['points'], { cost: 1000 }));
    // The bucket is twice as fast as we thought, and the call cost a tenth.
    permit.answered({ points: { size: 1000, perSecond: 100, cost: 100, available: 900 } });
    const next = budgets.take(need(['points'], { cost: 1000 })).then(() => clock.now());
    expect(await clock.run(next)).toBe(1000);
  });

  it('an answer that was overtaken gives nothing back', async () => {
    const clock = virtualClock(0);
    const budgets = budgetsOf(clock, { points: { kind: 'cost', size: 100, perSecond: 1 } });
    const early = await budgets.take(need(['points'], { cost: 10 }));
    const late = await budgets.take(need(['points'], { cost: 90 }));
    late.answered({ points: { available: 0, cost: 90 } });
    early.answered({ points: { available: 90, cost: 10 } });
    const next = budgets.take(need(['points'], { cost: 10 })).then(() => clock.now());
    expect(await clock.run(next)).toBe(10_000);
  });

  it('remaining calls lower what is left: other apps use the same quota', async () => {
    const clock = virtualClock(0);
    const budgets = budgetsOf(clock, { window: { kind: 'quota', max: 10, perMs: 30_000 } });
    (await budgets.take(need(['window']))).answered({ window: { available: 1 } });
    (await budgets.take(need(['window']))).answered();
    const third = budgets.take(need(['window'])).then(() => clock.now());
    expect(await clock.run(third)).toBe(30_000);
  });
});

it('the same work asked for twice at once runs once', async () => {
  const clock = virtualClock(0);
  const budgets = budgetsOf(clock, {});
  let runs = 0;
  const work = () =>
    budgets.once('renew', async () => {
      await clock.sleep(10);
      return ++runs;
    });
  expect(await clock.run(Promise.all([work(), work()]))).toEqual([1, 1]);
  expect(await clock.run(work())).toBe(2);
});

it('refuses settings that mean nothing', () => {
  const clock = virtualClock(0);
  for (const share of [0, -1, 1.1, Number.NaN]) expect(() => budgetsOf(clock, {}, { share })).toThrow(RangeError);
  for (const factor of [0, Number.POSITIVE_INFINITY])
    expect(() => budgetsOf(clock, {}, { factor })).toThrow(RangeError);
  expect(() => budgetsOf(clock, {}).take(need(['typo']))).toThrow(/typo/);
});
