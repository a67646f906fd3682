import { createHash } from 'node:crypto';
import { type Quantity, quantity } from '../../domain/quantity.ts';
import type { Target } from '../../platform/contract.ts';
import { splitsLocations } from './config.ts';

const HOUR_MS = 3_600_000;
/** A stamp in the future is refused, and two clocks never agree. */
const BEHIND_MS = 1_000;
/** Square takes stamps up to 24 hours old. */
const AGE_MS_MAX = 23 * HOUR_MS;

export interface WriteOptions {
  apiVersion: string;
  /** Our clock, or Square's where ours was found to be ahead. */
  nowMs: number;
  /** Set when Square's clock stamps: another body needs another key. */
  stampedBySquare?: boolean;
}

/** What a target asks to change, exact to Square's five decimals. */
export const deltaOf = (target: Target): Quantity => quantity(target.want - target.expect);

/**
 * The body for these targets. The same targets always give the same key and, as long as their stamps are good, the same
 * bytes: a repeated batch gets the first one's answer instead of a second change.
 */
export function writeBody(targets: Target[], options: WriteOptions): Record<string, unknown> {
  const sorted = inOrder(targets);
  return {
    idempotency_key: keyOf(sorted, options),
    changes: sorted.map((target) => (target.why === 'count' ? count(target, options) : adjustment(target, options))),
    // A count is a person's word and stands in the history even when it changes nothing.
    ignore_unchanged_counts: false,
  };
}

/** The order of the rows, whatever order the targets came in. */
export const inOrder = (targets: Target[]): Target[] => [...targets].sort((a, b) => (a.key < b.key ? -1 : 1));

/** At most 128 characters are allowed; a hundred keys are more. */
function keyOf(targets: Target[], { stampedBySquare }: WriteOptions): string {
  const all = createHash('sha256');
  for (const { key } of targets) all.update(`${key}\n`);
  return `onhand-${all.digest('hex')}${stampedBySquare ? '-t' : ''}`;
}

/**
 * A fall is a sale on another platform, a rise is stock received: the two changes that Square lets applications make and
 * that say the least wrong thing in the seller's reports (see README).
 */
function adjustment(target: Target, options: WriteOptions) {
  const delta = deltaOf(target);
  const { stockKey, location } = target.cell;
  const places = splitsLocations(options.apiVersion)
    ? { from_location_id: location, to_location_id: location }
    : { location_id: location };
  return {
    type: 'ADJUSTMENT',
    adjustment: {
      catalog_object_id: stockKey,
      from_state: delta < 0 ? 'IN_STOCK' : 'NONE',
      to_state: delta < 0 ? 'SOLD' : 'IN_STOCK',
      ...places,
      quantity: decimals(Math.abs(delta)),
      occurred_at: stamp(target, options),
      reference_id: target.key,
    },
  };
}

function count(target: Target, options: WriteOptions) {
  return {
    type: 'PHYSICAL_COUNT',
    physical_count: {
      catalog_object_id: target.cell.stockKey,
      state: 'IN_STOCK',
      location_id: target.cell.location,
      quantity: decimals(target.want),
      occurred_at: stamp(target, options),
      reference_id: target.key,
    },
  };
}

/** When the level was computed: the same for a repeat. Square sorts its history by it. */
function stamp({ asOf }: Target, { nowMs, stampedBySquare }: WriteOptions): string {
  const latest = nowMs - BEHIND_MS;
  const told = stampedBySquare ? Number.NaN : Date.parse(asOf) - BEHIND_MS;
  const at = Number.isNaN(told) ? latest : Math.min(latest, Math.max(told, nowMs - AGE_MS_MAX));
  return new Date(at).toISOString();
}

/** "2", "0.5", "0.00001": never an exponent. */
export function decimals(value: Quantity): string {
  const text = quantity(value).toFixed(5);
  return text.replace(/\.?0+$/, '') || '0';
}
