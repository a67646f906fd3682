import { type Quantity, quantity } from './quantity.ts';

/** What one day sells, as it was seen: net of cancellations and of returns that went back on the shelf. */
export interface Demand {
  /** Units a day. */
  mean: number;
  /** Standard deviation of a day's units. */
  deviation: number;
}

/** How a person wants an item at a location to be kept. */
export interface ReorderRule {
  /** From ordering to having it on the shelf. */
  leadDays: number;
  /** Standard deviation of the lead time. */
  leadDeviationDays: number;
  /** Share of replenishments during which nothing runs out, above 0 and below 1. */
  service: number;
  /** How many days of sales an order brings beyond what its own lead time needs: how often somebody wants to order. */
  reviewDays: number;
}

export interface ReorderLevels {
  safetyStock: number;
  /** Order when what is available is at or below this. */
  point: number;
  /** Order up to this. */
  upTo: number;
}

/**
 * Safety stock for `days` of demand that varies from day to day, the days themselves varying too:
 * z·√(days·σ² + mean²·σdays²). Days are taken to be independent of one another.
 */
export function safetyStock(z: number, demand: Demand, days: number, daysDeviation = 0): number {
  return z * Math.sqrt(days * demand.deviation ** 2 + (demand.mean * daysDeviation) ** 2);
}

/**
 * The point covers the lead time, since every sale is watched; the level to order up to covers the time until the next
 * order as well. Unrounded, below zero where returns outweigh sales.
 */
export function reorderLevels(demand: Demand, rule: ReorderRule, z = normalQuantile(rule.service)): ReorderLevels {
  const over = (days: number) => demand.mean * days + safetyStock(z, demand, days, rule.leadDeviationDays);
  return {
    safetyStock: safetyStock(z, demand, rule.leadDays, rule.leadDeviationDays),
    point: over(rule.leadDays),
    upTo: over(rule.leadDays + rule.reviewDays),
  };
}

/** As they are kept: whole units, never below zero, and an order never for nothing. */
export function roundedLevels({ point, upTo }: ReorderLevels): { point: Quantity; upTo: Quantity } {
  // Rounded to five decimals first: 12.0000000001 is twelve.
  const whole = (units: number) => Math.max(0, Math.ceil(quantity(units)));
  const [low, high] = [whole(point), whole(upTo)];
  return { point: low, upTo: Math.max(high, low) };
}

/** Is it time to order? */
export const isLow = (available: Quantity, point: Quantity): boolean => available <= point;

/** What to order now; 0 while there is enough. */
export const toOrder = (available: Quantity, levels: { point: Quantity; upTo: Quantity }): Quantity =>
  isLow(available, levels.point) ? quantity(Math.max(0, levels.upTo - available)) : 0;

/**
 * Mean and deviation (of a sample) of a day's sales from the first sale on.
 * @param sold units by day, counted from 0; days without an entry sold nothing
 * @param days how many days there are in all, the last of them `days` − 1
 * @returns undefined where nothing was sold
 */
export function demandOf(sold: ReadonlyMap<number, number>, days: number): (Demand & { days: number }) | undefined {
  const first = Math.min(...[...sold].filter(([, units]) => units !== 0).map(([day]) => day));
  if (!Number.isFinite(first)) return undefined;
  const each = Array.from({ length: days - first }, (_, index) => sold.get(first + index) ?? 0);
  const mean = each.reduce((sum, units) => sum + units, 0) / each.length;
  const squares = each.reduce((sum, units) => sum + (units - mean) ** 2, 0);
  return { mean, deviation: each.length > 1 ? Math.sqrt(squares / (each.length - 1)) : 0, days: each.length };
}

/** Coefficients of Peter Acklam's rational approximation (relative error below 1.2e-9): in the middle, and in the tails. */
const A = [
  -3.969683028665376e1, 2.209460984245205e2, -2.759285104469687e2, 1.38357751867269e2, -3.066479806614716e1,
  2.506628277459239,
] as const;
const B = [
  -5.447609879822406e1, 1.615858368580409e2, -1.556989798598866e2, 6.680131188771972e1, -1.328068155288572e1, 1,
] as const;
const C = [
  -7.784894002430293e-3, -3.223964580411365e-1, -2.400758277161838, -2.549732539343734, 4.374664141464968,
  2.938163982698783,
] as const;
const D = [7.784695709041462e-3, 3.224671290700398e-1, 2.445134137142996, 3.754408661907416, 1] as const;
const TAIL = 0.02425;

const polynomial = (coefficients: readonly number[], x: number) =>
  coefficients.reduce((sum, coefficient) => sum * x + coefficient, 0);

/** The z below which a standard normal value stays with probability `p`; p between 0 and 1, neither included. */
export function normalQuantile(p: number): number {
  if (!(p > 0 && p < 1)) throw new RangeError(`${p} is not a probability between 0 and 1`);
  if (p > 1 - TAIL) return -normalQuantile(1 - p);
  if (p < TAIL) {
    const q = Math.sqrt(-2 * Math.log(p));
    return polynomial(C, q) / polynomial(D, q);
  }
  const q = p - 0.5;
  return (polynomial(A, q * q) * q) / polynomial(B, q * q);
}
