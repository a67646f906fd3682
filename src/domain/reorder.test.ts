import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Demand,
  demandOf,
  normalQuantile,
  type ReorderRule,
  reorderLevels,
  roundedLevels,
  safetyStock,
  toOrder,
} from './reorder.ts';

const rule = (over: Partial<ReorderRule>): ReorderRule => ({
  leadDays: 1,
  leadDeviationDays: 0,
  service: 0.95,
  reviewDays: 0,
  ...over,
});

/** Numbers others have printed; the time unit is whatever demand and lead time share. */
describe('published cases', () => {
  it('Taylor & Russell, carpet: 30 a day, σ 5, 10 days, 95 %', () => {
    const demand = { mean: 30, deviation: 5 };
    const table = reorderLevels(demand, rule({ leadDays: 10 }), 1.65);
    expect(table.safetyStock).toBeCloseTo(26.0888, 4);
    expect(table.point).toBeCloseTo(326.0888, 4);
    expect(reorderLevels(demand, rule({ leadDays: 10 })).point).toBeCloseTo(326.0074, 4);
  });

  it('Stevenson, example 8: lead-time demand 50, σ 5, 3 % risk', () => {
    const demand = { mean: 50, deviation: 5 };
    const table = reorderLevels(demand, rule({}), 1.88);
    expect(table.safetyStock).toBeCloseTo(9.4, 10);
    expect(table.point).toBeCloseTo(59.4, 10);
    expect(reorderLevels(demand, rule({ service: 0.97 })).point).toBeCloseTo(59.40397, 5);
  });

  it('demand and lead time both vary: 100 a day σ 20, 7 days σ 2', () => {
    const levels = reorderLevels({ mean: 100, deviation: 20 }, rule({ leadDays: 7, leadDeviationDays: 2 }), 1.65);
    expect(levels.safetyStock).toBeCloseTo(341.3547, 4);
    expect(levels.point).toBeCloseTo(1041.3547, 4);
  });

  it('Snyder & Shen, example 5.2: reorder point of EOQ with safety stock, per year', () => {
    const service = 7.5 / (7.5 + 0.225);
    const levels = reorderLevels({ mean: 1300, deviation: 150 }, rule({ leadDays: 1 / 12, service }));
    expect(levels.point).toBeCloseTo(190.3369965715624, 5);
  });

  it('Snyder & Shen, example 4.3: one period, order up to', () => {
    const levels = reorderLevels({ mean: 50, deviation: 8 }, rule({ service: 0.7 / 0.88 }));
    expect(levels.upTo).toBeCloseTo(56.60395592743389, 6);
  });

  it('periodic review: 100 a week σ 20, review 1 and lead 2 weeks, 95 %', () => {
    expect(reorderLevels({ mean: 100, deviation: 20 }, rule({ leadDays: 2, reviewDays: 1 })).upTo).toBeCloseTo(
      356.9794,
      4,
    );
  });
});

it.each([
  [0.5, 0],
  [0.84134474606854, 1],
  [0.9, 1.2815515655446004],
  [0.95, 1.6448536269514722],
  [0.975, 1.959963984540054],
  [0.99, 2.3263478740408408],
  [0.999, 3.090232306167813],
  [0.0001, -3.719016485455709],
])('z of %d', (p, z) => {
  expect(normalQuantile(p)).toBeCloseTo(z, 8);
  expect(normalQuantile(1 - p)).toBeCloseTo(-z, 8);
});

it('there is no z of certainty', () => {
  for (const p of [0, 1, -1, 95, Number.NaN]) expect(() => normalQuantile(p)).toThrow(RangeError);
});

describe('demand of a day', () => {
  it('counts days that sold nothing, from the first sale on', () => {
    // Ten days: nothing for three, then 4 0 0 2 0 0 1.
    const sold = new Map([
      [3, 4],
      [6, 2],
      [9, 1],
    ]);
    const demand = demandOf(sold, 10)!;
    expect(demand.days).toBe(7);
    expect(demand.mean).toBe(1);
    // 9 + 1 + 1 + 1 + 1 + 1 + 0 over six.
    expect(demand.deviation).toBeCloseTo(Math.sqrt(14 / 6), 12);
  });

  it('is not known where nothing was sold, and a cancelled sale is none', () => {
    expect(demandOf(new Map(), 56)).toBeUndefined();
    expect(demandOf(new Map([[5, 0]]), 56)).toBeUndefined();
  });

  it('of one day has no deviation', () => {
    expect(demandOf(new Map([[55, 3]]), 56)).toEqual({ mean: 3, deviation: 0, days: 1 });
  });
});

describe('whole units', () => {
  it('are rounded up, and a computation that is a hair above a number is that number', () => {
    expect(roundedLevels({ safetyStock: 0, point: 12.000000001, upTo: 18.2 })).toEqual({ point: 12, upTo: 19 });
    expect(roundedLevels({ safetyStock: 0, point: -3, upTo: -1 })).toEqual({ point: 0, upTo: 0 });
  });

  it('what is ordered fills up to the level, and nothing is ordered above the point', () => {
    const levels = { point: 5, upTo: 12 };
    expect([6, 5.5, 5, 0, -2].map((available) => toOrder(available, levels))).toEqual([0, 0, 7, 12, 14]);
  });
});

it('more service, longer lead times and more days between orders never ask for less', () => {
  const demand = fc.record({
    mean: fc.double({ min: 0, max: 1e4, noNaN: true }),
    deviation: fc.double({ min: 0, max: 1e4, noNaN: true }),
  });
  const days = fc.double({ min: 0, max: 200, noNaN: true });
  const service = fc.double({ min: 0.5, max: 0.9999, noNaN: true });
  fc.assert(
    fc.property(demand, days, days, days, service, service, (one: Demand, lead, more, review, s, t) => {
      const [less, most] = [Math.min(s, t), Math.max(s, t)];
      const small = reorderLevels(one, rule({ leadDays: lead, reviewDays: review, service: less }));
      const large = reorderLevels(one, rule({ leadDays: lead + more, reviewDays: review, service: most }));
      const slack = 1e-6 * Math.max(1, large.upTo);
      expect(large.point).toBeGreaterThanOrEqual(small.point - slack);
      expect(large.upTo).toBeGreaterThanOrEqual(small.upTo - slack);
      expect(small.upTo).toBeGreaterThanOrEqual(small.point - slack);
      expect(small.point).toBeCloseTo(one.mean * lead + safetyStock(normalQuantile(less), one, lead), 6);
    }),
  );
});
