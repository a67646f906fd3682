import { afterEach, describe, expect, it } from 'vitest';
import { driftUnits } from '../src/cli/demo/result.ts';
import { levelsOff } from '../src/store/history.ts';
import { allLevels, unsettledCells } from '../src/store/measure.ts';
import { storeCounts } from '../src/store/overview.ts';
import { toyPlatform } from './support/toy/index.ts';
import { type WorldEngine, worldEngine } from './support/world-engine.ts';

const cas = toyPlatform('toycas', 'cas');
const delta = toyPlatform('toydelta', 'delta');
const blind = toyPlatform('toyblind', 'blind');
const other = toyPlatform('toyother', 'cas');

let running: WorldEngine | undefined;
afterEach(async () => {
  await running?.close();
  running = undefined;
});

const MINUTE = 60_000;

/** Lets time pass until nothing waits any more, at most so many virtual minutes. */
async function rest(run: WorldEngine, minutes = 60): Promise<string> {
  let state = '';
  for (let minute = 0; minute < minutes; minute += 1) {
    await run.clock.advance(MINUTE);
    const counts = await storeCounts(run.db);
    const waiting = {
      ...counts,
      items: 0,
      aside: 0,
      readings: await unsettledCells(run.db),
      world: run.world.quiet() ? 0 : 1,
    };
    state = JSON.stringify(waiting);
    if (minute > 3 && Object.values(waiting).every((count) => count === 0)) return 'at rest';
  }
  return state;
}

async function agree(run: WorldEngine): Promise<void> {
  expect(run.world.ledgerErrorUnits(await allLevels(run.db))).toBe(0);
  expect(await levelsOff(run.db)).toEqual([]);
  expect(await driftUnits(run.engine, run.world)).toBe(0);
}

describe('a sale on one channel shows on every other', () => {
  it.each([cas, delta, blind])(
    '$facts.name',
    async (platform) => {
      running = await worldEngine({ platforms: [platform, other], items: 5 });
      const run = running;
      await rest(run);
      const [first, second] = run.world.channels;
      const sku = run.world.items[0]!.sku;
      const before = second!.sandbox.shown().filter((row) => row.sku === sku);
      const bought = first!.sandbox.shopper.buy({ lines: [{ sku, quantity: 1 }], location: null });
      expect(bought.ok).toBe(true);
      expect(await rest(run)).toBe('at rest');
      const after = second!.sandbox.shown().filter((row) => row.sku === sku);
      const sum = (rows: typeof after) => rows.reduce((total, row) => total + row.available, 0);
      expect(sum(after)).toBe(sum(before) - 1);
      await agree(run);
    },
    120_000,
  );
});

describe('[I5] after any week of shoppers and faults everything agrees again', () => {
  it.each([
    { seed: 1, platforms: [cas, delta] },
    { seed: 2, platforms: [blind, cas] },
    { seed: 3, platforms: [blind, delta] },
    { seed: 4, platforms: [cas, delta, blind] },
  ])(
    'seed $seed',
    async ({ seed, platforms }) => {
      running = await worldEngine({
        platforms,
        seed,
        items: 12,
        followUpMs: [2_000, 120_000],
        faults: {
          hookLost: 0.05,
          hookDoubled: 0.1,
          hookLate: 0.05,
          hookReordered: 0.05,
          callThrottled: 0.01,
          callUnavailable: 0.01,
          callCutBefore: 0.01,
          callCutAfter: 0.01,
        },
      });
      const run = running;
      await rest(run);
      run.world.faultsOn();
      await run.clock.run(run.world.shoppers.run(150, 1));
      await run.clock.advance(5 * MINUTE);
      run.world.faultsOff();
      expect(await rest(run, 120)).toBe('at rest');
      const counts = run.world.networkCounts();
      expect(counts.hooksLost + counts.hooksDoubled + counts.callsCutAfter).toBeGreaterThan(0);
      await agree(run);
    },
    240_000,
  );
});
