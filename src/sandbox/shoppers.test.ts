import { beforeEach, describe, expect, it } from 'vitest';
import { type VirtualClock, virtualClock } from '../platform/testing/virtual-clock.ts';
import type { Clock } from '../runtime/clock.ts';
import { seededRandom } from '../runtime/random.ts';
import { makeCatalogue, seedFor } from './catalogue.ts';
import { heavyTail } from './heavy-tail.ts';
import { plainSandbox } from './plain-sandbox.ts';
import { type Habits, Shoppers } from './shoppers.ts';

let clock: VirtualClock;
beforeEach(() => {
  clock = virtualClock();
});

const PLACES = { kind: 'places' as const, idOf: { W1: '1', S1: '2' } };

function rig(
  options: { seed?: number; habits?: Partial<Habits>; shops?: number; weight?: number; shoppersClock?: Clock } = {},
) {
  const { seed = 7, habits, shops = 2, weight } = options;
  const random = seededRandom(seed);
  const items = makeCatalogue({ items: 60, locations: ['W1', 'S1'], random, medianStock: 100 });
  const fronts = Array.from({ length: shops }, (_, index) => {
    const sandbox = plainSandbox({
      clock,
      random,
      name: `shop-${index}`,
      locations: [
        { id: '1', name: 'W1' },
        { id: '2', name: 'S1' },
      ],
      factor: 1,
      deliver: async () => ({ status: 200, headers: {}, body: new Uint8Array() }),
    });
    sandbox.seed(seedFor(items, PLACES));
    return { name: `shop-${index}`, sandbox, tills: ['2'], weight: index === 0 ? weight : undefined };
  });
  const skus = items.map((item) => item.sku);
  const shoppers = new Shoppers({ fronts, skus, clock: options.shoppersClock ?? clock, random, habits });
  return { items, fronts, shoppers };
}

describe('Shoppers', () => {
  it('do everything people do, and every number in the books follows from it', async () => {
    const { shoppers, fronts, items } = rig();
    await clock.run(shoppers.run(2_000, 100));
    await clock.runUntilIdle();
    const { counts } = shoppers;
    expect(shoppers.quiet()).toBe(true);
    expect(counts.orders + counts.refused).toBe(2_000);
    for (const many of [
      counts.tillSales,
      counts.payments,
      counts.cancellations,
      counts.fulfilments,
      counts.refunds,
      counts.restocks,
      counts.refused,
    ])
      expect(many).toBeGreaterThan(5);
    expect(counts.restocks).toBeLessThan(counts.refunds);
    for (const { sandbox } of fronts) {
      const shown = new Map(sandbox.shown().map((row) => [`${row.sku} ${row.location}`, row.available]));
      for (const { sku, location, committed, out } of sandbox.book()) {
        const opening = items.find((item) => item.sku === sku)!.stock[location === '1' ? 'W1' : 'S1']!;
        expect(shown.get(`${sku} ${location}`)).toBe(opening - committed - out);
      }
    }
  });

  it.each([3, 40, 700, 5_000])('are never more than asked: %i a second', async (perSecond) => {
    const { shoppers } = rig();
    const startMs = clock.now();
    const done = shoppers.run(perSecond * 4, perSecond);
    for (let second = 1; second <= 4; second++) {
      await clock.advance(1_000);
      const tried = shoppers.counts.orders + shoppers.counts.refused;
      expect(tried).toBeLessThanOrEqual(perSecond * second + 1);
      expect(tried).toBeGreaterThanOrEqual(Math.min(perSecond * 4, perSecond * second * 0.95 - 1));
    }
    await clock.run(done);
    expect(shoppers.counts.orders + shoppers.counts.refused).toBe(perSecond * 4);
    expect(clock.now() - startMs).toBeLessThanOrEqual(4_000);
  });

  it('do not catch up after a stall', async () => {
    let stalled = false;
    const slow = { ...clock, now: () => clock.now() + (stalled ? 60_000 : 0) };
    const { shoppers: late } = rig({ shoppersClock: slow });
    const done = late.run(1_000, 100);
    await clock.advance(1_000);
    const before = late.counts.orders + late.counts.refused;
    stalled = true;
    await clock.advance(100);
    expect(late.counts.orders + late.counts.refused - before).toBeLessThanOrEqual(25 + 11);
    await clock.run(done);
  });

  it('stop when told, and what follows an order can be dropped', async () => {
    const { shoppers } = rig();
    const stop = new AbortController();
    const done = shoppers.run(10_000, 100, stop.signal);
    await clock.advance(1_000);
    stop.abort();
    await done;
    const { orders } = shoppers.counts;
    expect(shoppers.quiet()).toBe(false);
    shoppers.close();
    await clock.advance(60_000);
    expect(shoppers.counts.orders).toBe(orders);
    expect(shoppers.quiet()).toBe(true);
  });

  it('edit numbers by hand where staff do', async () => {
    const { shoppers, fronts, items } = rig({ habits: { edited: 1 } });
    await clock.run(shoppers.run(200, 100));
    expect(shoppers.counts).toMatchObject({ orders: 0, edits: 200 });
    const opening = items.flatMap((item) => Object.values(item.stock));
    expect(fronts[0]!.sandbox.shown().map((row) => row.available)).not.toEqual(opening);
  });

  it('prefer the heavier shop, and the same seed buys the same', async () => {
    const runOf = async () => {
      clock = virtualClock();
      const { shoppers, fronts } = rig({ weight: 9 });
      await clock.run(shoppers.run(500, 100));
      await clock.runUntilIdle();
      return fronts.map(({ sandbox }) => sandbox.book());
    };
    const first = await runOf();
    expect(await runOf()).toEqual(first);
    const units = first.map((book) => book.reduce((sum, row) => sum + row.committed + row.out, 0));
    expect(units[0]! / units[1]!).toBeGreaterThan(5);
  });
});

describe('heavyTail', () => {
  it('has a few best sellers and a long tail, all of it reachable', () => {
    const pick = heavyTail(200, seededRandom(3));
    const times = new Array<number>(200).fill(0);
    for (let n = 0; n < 100_000; n++) times[pick()]! += 1;
    const sorted = [...times].sort((a, b) => b - a);
    expect(sorted.slice(0, 10).reduce((sum, n) => sum + n, 0)).toBeGreaterThan(40_000);
    expect(sorted.at(-1)).toBeGreaterThan(10);
    expect(times.indexOf(sorted[0]!)).not.toBe(0);
  });
});

describe('makeCatalogue', () => {
  it('gives unique SKUs, a skewed stock, and the characters that break careless code', () => {
    const items = makeCatalogue({ items: 1_000, locations: ['W1', 'W2'], random: seededRandom(1) });
    expect(new Set(items.map((item) => item.sku)).size).toBe(1_000);
    for (const character of ['/', ' ', '#', 'é', '%', '+', '&'])
      expect(items.some((item) => item.sku.includes(character))).toBe(true);
    const stock = items.map((item) => item.stock['W1']!).sort((a, b) => a - b);
    expect(stock[500]).toBeGreaterThan(14);
    expect(stock[500]).toBeLessThan(28);
    expect(stock[990]).toBeGreaterThan(400);
    expect(stock.every((units) => Number.isInteger(units) && units >= 0)).toBe(true);
  });

  it('a pool opens with the sum, places each with their own', () => {
    const items = [{ sku: 'a', title: 'A', stock: { W1: 3, W2: 4 } }];
    expect(seedFor(items, { kind: 'pool', id: 'p', of: ['W1', 'W2'] })[0]!.stock).toEqual({ p: 7 });
    expect(seedFor(items, { kind: 'places', idOf: { W1: '1', W2: '2' } })[0]!.stock).toEqual({ '1': 3, '2': 4 });
  });
});
