import { describe, expect, it } from 'vitest';
import { createBudgets, type Need } from './budget.ts';
import type { Budget } from './contract.ts';
import { operation } from './testing/small-platform.ts';
import { virtualClock } from './testing/virtual-clock.ts';

const need = (budgets: string[]): Need => ({ budgets, cost: 1, priority: 'fetch' });

describe('another process takes over', () => {
  const facts = {
    budgets: {
      rate: { kind: 'tokens', burst: 10, perSecond: 2 },
      day: { kind: 'quota', max: 1000, perMs: 86_400_000 },
    } satisfies Record<string, Budget>,
    operations: { call: operation({ budgets: ['rate', 'day'] }) },
  };

  it('[I8] takes everything possible since the last save as spent', async () => {
    const clock = virtualClock(0);
    const first = createBudgets(facts, clock);
    for (let calls = 0; calls < 5; calls++) (await first.take(need(['rate', 'day']))).answered();
    const saved = JSON.parse(JSON.stringify(first.save()));
    // The first one, unnoticed, spends all it can until its lease ends.
    let unnoticed = 0;
    const limit = clock.now() + 20_000;
    const going = (async () => {
      while (clock.now() < limit) {
        (await first.take(need(['rate', 'day']))).answered();
        unnoticed++;
      }
    })();
    await clock.run(going);
    const second = createBudgets(facts, clock, { saved });
    const start = clock.now();
    (await clock.run(second.take(need(['rate', 'day'])))).answered();
    expect(clock.now() - start).toBe(500);
    // 1000 a day less 5, less what was possible meanwhile (a burst and the refill), less the one just made.
    const spent = Object.values(second.save().buckets['day']!.spent!).reduce((sum, [, count]) => sum + count, 0);
    expect(spent).toBeGreaterThanOrEqual(5 + unnoticed + 1);
    expect(spent).toBeLessThanOrEqual(5 + unnoticed + 1 + 15);
  });

  it('goes on as it was when handed over in order, and obeys a stop it has never heard', async () => {
    const clock = virtualClock(0);
    const first = createBudgets(facts, clock);
    for (let calls = 0; calls < 4; calls++) (await first.take(need(['rate', 'day']))).answered();
    const second = createBudgets(facts, clock, { saved: first.save({ handedOver: true }) });
    expect(second.save().buckets).toEqual(first.save().buckets);
    first.stop(['rate'], 5_000);
    const third = createBudgets(facts, clock, { saved: first.save() });
    const went = third.take(need(['rate'])).then(() => clock.now());
    expect(await clock.run(went)).toBe(5_000);
  });

  it('takes a quota as gone when nothing bounds what was possible', async () => {
    const clock = virtualClock(0);
    const lone = { budgets: { day: facts.budgets.day }, operations: { call: operation({ budgets: ['day'] }) } };
    const second = createBudgets(lone, clock, { saved: createBudgets(lone, clock).save() });
    await expect(second.take(need(['day']))).rejects.toMatchObject({ failure: 'throttled' });
  });
});
