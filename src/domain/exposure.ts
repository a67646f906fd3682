import { type Quantity, quantity } from './quantity.ts';

/** How much of what is available a cell may be told. Absent parts share everything. */
export interface Policy {
  /** Units kept back from this channel. */
  buffer?: Quantity;
  /** Never shows more than this. */
  cap?: Quantity;
  /** 0..100 of what is left after the buffer. */
  percent?: number;
}

/** One thing a cell's listing is made of, with what the ledger has of it behind this cell. */
export interface Draw {
  item: number;
  num: number;
  den: number;
  available: Quantity;
}

/**
 * min(cap, ⌊percent × (available − buffer)⌋), never below zero; a bundle shows what its scarcest component allows.
 * `decimals`: digits after the point the platform takes.
 */
export function exposure(draws: Draw[], policy: Policy, decimals: number): Quantity {
  if (draws.length === 0) return 0;
  const units = Math.min(...draws.map(({ available, num, den }) => quantity((available * den) / num)));
  const shared = ((units - (policy.buffer ?? 0)) * (policy.percent ?? 100)) / 100;
  return Math.max(0, Math.min(roundDown(shared, decimals), policy.cap ?? Number.POSITIVE_INFINITY));
}

/**
 * The number to write: exposure, corrected by what the ledger has counted and the platform has not taken yet (it will,
 * at its own moment), within the bounds the platform accepts.
 */
export function wanted(
  exposed: Quantity,
  untaken: Quantity,
  bounds: { decimals: number; min: number; max: number },
): Quantity {
  const value = roundDown(quantity(exposed + untaken), bounds.decimals);
  return Math.min(Math.max(value, bounds.min), bounds.max);
}

function roundDown(value: number, decimals: number): Quantity {
  const scale = 10 ** decimals;
  return Math.floor(quantity(value) * scale + 1e-6) / scale;
}
