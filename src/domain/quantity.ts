/**
 * A number of units with at most five decimals (metres of cloth, kilograms), as PostgreSQL's numeric(18,5) holds it.
 * Every sum goes through {@link quantity}, so that 0.1 + 0.2 is 0.3 everywhere.
 */
export type Quantity = number;

/** The most units any number in Onhand may stand for, either way: the highest bound a platform publishes (Shopify's 1e9). */
export const QUANTITY_MAX = 1_000_000_000;

const SCALE = 100_000;

/** Rounds to five decimals, half away from zero; the one place where quantities are rounded. */
export function quantity(value: number): Quantity {
  const rounded = (Math.sign(value) * Math.round(Math.abs(value) * SCALE)) / SCALE;
  return rounded === 0 ? 0 : rounded;
}

/** A quantity that no stock can have: not a number, or beyond {@link QUANTITY_MAX}. */
export class QuantityError extends Error {
  readonly code = 'QUANTITY_ABSURD';
  constructor(readonly value: unknown) {
    super(`${JSON.stringify(value)} is not a number of units between -1e9 and 1e9`);
    this.name = 'QuantityError';
  }
}

/**
 * Reads a quantity as a platform sends it: a number, or a decimal string ("2", "1.50000").
 * @throws QuantityError for anything else, so that one absurd line is set aside and never reaches a sum.
 */
export function readQuantity(value: unknown): Quantity {
  const parsed = typeof value === 'string' && /^\s*-?\d+(\.\d*)?\s*$/.test(value) ? Number(value) : value;
  if (typeof parsed !== 'number' || !Number.isFinite(parsed) || Math.abs(parsed) > QUANTITY_MAX)
    throw new QuantityError(value);
  return quantity(parsed);
}
