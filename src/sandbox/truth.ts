import { type Quantity, quantity } from '../domain/quantity.ts';
import type { BookRow } from '../platform/sandbox.ts';
import type { PlaceMap, WorldItem } from './catalogue.ts';

/** What really happened to one SKU over all sandboxes and places together. */
export interface TruthRow {
  sku: string;
  opening: Quantity;
  committed: Quantity;
  out: Quantity;
}

/** One sandbox's own words about one of the owner's places. `location` null: a pool, which does not say where. */
export interface ToldRow {
  channel: string;
  sku: string;
  location: string | null;
  committed: Quantity;
  out: Quantity;
}

/** A book in the owner's words. A pool's rows say no place, whatever the platform calls its one place. */
export function toldRows(channel: string, places: PlaceMap, book: BookRow[]): ToldRow[] {
  const ours =
    places.kind === 'pool' ? undefined : new Map(Object.entries(places.idOf).map(([location, id]) => [id, location]));
  return book.map(({ sku, location, committed, out }) => {
    const place = ours?.get(location);
    if (ours && place === undefined) throw new Error(`${channel} speaks of a place ${location} that it was not given`);
    return { channel, sku, location: place ?? null, committed, out };
  });
}

export function truthOf(items: WorldItem[], told: ToldRow[]): TruthRow[] {
  const rows = new Map<string, TruthRow>();
  for (const { sku, stock } of items) {
    const opening = quantity(Object.values(stock).reduce((sum, units) => sum + units, 0));
    rows.set(sku, { sku, opening, committed: 0, out: 0 });
  }
  for (const { channel, sku, committed, out } of told) {
    const row = rows.get(sku);
    if (!row) throw new Error(`${channel} sold ${sku}, which is not in the catalogue`);
    row.committed = quantity(row.committed + committed);
    row.out = quantity(row.out + out);
  }
  return [...rows.values()];
}

/**
 * How many units a ledger is wrong: Σ over SKUs of |on hand − (opening − out)| + |committed − committed in the books|,
 * each side summed over places. Summed, because a pool's sales have no place: the ledger routes them, rightly, by a rule
 * the sandboxes cannot know. What the platforms do say about places is held against the ledger by {@link toldErrorUnits}.
 * A SKU missing from the ledger counts as zero on hand.
 */
export function ledgerErrorUnits(
  truth: TruthRow[],
  ledger: Iterable<{ sku: string; onHand: Quantity; committed: Quantity }>,
): Quantity {
  const held = new Map<string, { onHand: Quantity; committed: Quantity }>();
  for (const { sku, onHand, committed } of ledger) {
    const row = held.get(sku) ?? { onHand: 0, committed: 0 };
    held.set(sku, { onHand: quantity(row.onHand + onHand), committed: quantity(row.committed + committed) });
  }
  let error = 0;
  for (const { sku, opening, committed, out } of truth) {
    const row = held.get(sku);
    held.delete(sku);
    error += Math.abs((row?.onHand ?? 0) - (opening - out)) + Math.abs((row?.committed ?? 0) - committed);
  }
  // Items nobody ever had: whatever the ledger says of them is wrong.
  for (const row of held.values()) error += Math.abs(row.onHand) + Math.abs(row.committed);
  return quantity(error);
}

/**
 * For channels that say places: units by which `posted` (the sum of a channel's movements by SKU and place of the owner)
 * differs from what the sandbox says of that place. Channels with a pool are left out on both sides.
 */
export function toldErrorUnits(
  told: ToldRow[],
  posted: Iterable<{ channel: string; sku: string; location: string; committed: Quantity; out: Quantity }>,
): Quantity {
  const key = (row: { channel: string; sku: string; location: string | null }) =>
    JSON.stringify([row.channel, row.sku, row.location]);
  const wanted = new Map<string, ToldRow>();
  const speaking = new Set<string>();
  for (const row of told)
    if (row.location !== null) {
      wanted.set(key(row), { ...row });
      speaking.add(row.channel);
    }
  for (const row of posted) {
    if (!speaking.has(row.channel)) continue;
    const left = wanted.get(key(row)) ?? { ...row, committed: 0, out: 0 };
    left.committed -= row.committed;
    left.out -= row.out;
    wanted.set(key(row), left);
  }
  let error = 0;
  for (const row of wanted.values()) error += Math.abs(row.committed) + Math.abs(row.out);
  return quantity(error);
}
