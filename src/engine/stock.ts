import { type Quantity, quantity, readQuantity } from '../domain/quantity.ts';
import { itemBySku, listLocationRows, saveItems, saveLocation } from '../store/catalogue.ts';
import type { Queryable } from '../store/database.ts';
import { insertHold, releaseHold } from '../store/holds.ts';
import { appendMoves, lockLevels, type NewMovement, saveCounted, unitsMovedSince } from '../store/ledger.ts';
import { type EngineContext, iso } from './context.ts';
import { UserError } from './user-error.ts';

/** What people do to stock by hand. Every change is a movement with a name behind it. */
export interface StockChange {
  sku: string;
  location: string;
  units: Quantity;
  by: string;
  note?: string | null;
}

const blank = { committed: 0, documentId: null, line: null, ref: null };

export async function findItem(db: Queryable, sku: string) {
  const item = await itemBySku(db, sku);
  if (!item)
    throw new UserError(
      'unknown-item',
      `There is no item with the SKU "${sku}".`,
      'Look it up with "onhand stock show TEXT".',
      404,
    );
  return item;
}

export async function findLocation(db: Queryable, name: string) {
  const rows = await listLocationRows(db);
  const location = rows.find((row) => row.name === name);
  if (!location)
    throw new UserError(
      'unknown-location',
      `There is no location "${name}".`,
      rows.length > 0
        ? `There are: ${rows.map((row) => row.name).join(', ')}.`
        : 'Add one with "onhand stock receive SKU UNITS --at NAME --new".',
      404,
    );
  return location;
}

/** Goods came in (units > 0). */
export const receive = (context: EngineContext, change: StockChange) =>
  move(context, change, 'receipt', positive(change.units));

/** A correction, either way, with a reason. */
export const adjust = (context: EngineContext, change: StockChange) =>
  move(context, change, 'adjust', units(change.units));

async function move(context: EngineContext, change: StockChange, reason: string, onHand: Quantity): Promise<void> {
  const at = iso(context.clock.now());
  await context.db.transaction(async (tx) => {
    const item = await findItem(tx, change.sku);
    const location = await findLocation(tx, change.location);
    await lockLevels(tx, [{ item: item.id, location: location.id }], at);
    await appendMoves(
      tx,
      [{ ...blank, item: item.id, location: location.id, onHand, reason, note: change.note ?? null, by: change.by }],
      at,
    );
  });
  await context.db.wake('stock');
}

/**
 * Somebody counted. The count holds at `countedAt`: what the ledger moved since then (sales heard, goods received) is
 * kept, so that counting in the morning and typing it in at noon does not undo the forenoon.
 */
export async function count(context: EngineContext, change: StockChange & { countedAt?: string }): Promise<Quantity> {
  const now = context.clock.now();
  const at = iso(now);
  const countedAt = change.countedAt ?? at;
  if (!(Date.parse(countedAt) <= now + 60_000))
    throw new UserError(
      'count-in-future',
      `${countedAt} is not a time in the past.`,
      'Give the time of the count as ISO 8601, like 2026-11-24T09:30:00Z.',
    );
  let difference = 0;
  await context.db.transaction(async (tx) => {
    const item = await findItem(tx, change.sku);
    const location = await findLocation(tx, change.location);
    const [level] = await lockLevels(tx, [{ item: item.id, location: location.id }], at);
    const since = await unitsMovedSince(tx, item.id, location.id, countedAt);
    difference = quantity(units(change.units) + since - level!.onHand);
    const move = { ...blank, item: item.id, location: location.id, onHand: difference, reason: 'count', by: change.by };
    await saveCounted(tx, item.id, location.id, countedAt);
    await appendMoves(tx, [{ ...move, note: change.note ?? `counted ${change.units} at ${countedAt}` }], at);
  });
  await context.db.wake('stock');
  return difference;
}

/** From one location to another, in one step. */
export async function transfer(context: EngineContext, change: StockChange & { to: string }): Promise<void> {
  const at = iso(context.clock.now());
  const moved = positive(change.units);
  await context.db.transaction(async (tx) => {
    const item = await findItem(tx, change.sku);
    const from = await findLocation(tx, change.location);
    const to = await findLocation(tx, change.to);
    if (from.id === to.id)
      throw new UserError('same-location', 'Both locations are the same.', 'Name another one with --to.');
    await lockLevels(
      tx,
      [from, to].map((one) => ({ item: item.id, location: one.id })),
      at,
    );
    const row = { ...blank, item: item.id, reason: 'transfer', note: change.note ?? null, by: change.by };
    const moves: NewMovement[] = [
      { ...row, location: from.id, onHand: -moved, ref: `to ${to.name}` },
      { ...row, location: to.id, onHand: moved, ref: `from ${from.name}` },
    ];
    await appendMoves(tx, moves, at);
  });
  await context.db.wake('stock');
}

/** Promises units without a channel order. @returns the hold's id */
export async function addHold(
  context: EngineContext,
  change: StockChange & { until?: string | null },
): Promise<number> {
  const at = iso(context.clock.now());
  const held = positive(change.units);
  let id = 0;
  await context.db.transaction(async (tx) => {
    const item = await findItem(tx, change.sku);
    const location = await findLocation(tx, change.location);
    await lockLevels(tx, [{ item: item.id, location: location.id }], at);
    id = await insertHold(tx, {
      itemId: item.id,
      locationId: location.id,
      quantity: held,
      owner: change.by,
      note: change.note ?? null,
      until: change.until ?? null,
      at,
    });
    const row = {
      ...blank,
      item: item.id,
      location: location.id,
      onHand: 0,
      reason: 'hold',
      note: change.note ?? null,
    };
    await appendMoves(tx, [{ ...row, committed: held, ref: `hold:${id}`, by: change.by }], at);
  });
  await context.db.wake('stock');
  return id;
}

/** Ends a hold; ending it twice changes nothing. @returns false when it was already over or never was */
export async function endHold(context: EngineContext, id: number, by: string): Promise<boolean> {
  const at = iso(context.clock.now());
  const ended = await context.db.transaction(async (tx) => {
    const hold = await releaseHold(tx, id, at);
    if (!hold) return false;
    await lockLevels(tx, [{ item: hold.itemId, location: hold.locationId }], at);
    const row = { ...blank, item: hold.itemId, location: hold.locationId, onHand: 0, reason: 'hold', note: 'released' };
    await appendMoves(tx, [{ ...row, committed: -hold.quantity, ref: `hold:${id}`, by }], at);
    return true;
  });
  if (ended) await context.db.wake('stock');
  return ended;
}

/** Adds items and counts them in at their locations: the opening of a store, or rows of a CSV. */
export async function openStock(
  context: EngineContext,
  rows: { sku: string; title: string; location: string; units: Quantity }[],
  by: string,
): Promise<void> {
  const at = iso(context.clock.now());
  await context.db.transaction(async (tx) => {
    const items = await saveItems(tx, rows, at);
    const locations = new Map<string, number>();
    for (const name of new Set(rows.map((row) => row.location)))
      locations.set(name, (await saveLocation(tx, name, true, at)).id);
    const keyed = rows.map((row) => ({
      ...blank,
      item: items.get(row.sku)!,
      location: locations.get(row.location)!,
      onHand: units(row.units),
      reason: 'opening',
      note: null,
      by,
    }));
    await lockLevels(tx, keyed, at);
    await appendMoves(tx, keyed, at);
  });
  await context.db.wake('stock');
}

function units(value: Quantity): Quantity {
  try {
    return readQuantity(value);
  } catch {
    throw new UserError(
      'quantity-invalid',
      `${value} is not a number of units.`,
      'Give a number with at most five decimals.',
    );
  }
}

function positive(value: Quantity): Quantity {
  const read = units(value);
  if (read <= 0)
    throw new UserError(
      'quantity-invalid',
      `${value} must be above 0.`,
      'To take units off, use "onhand stock adjust".',
    );
  return read;
}
