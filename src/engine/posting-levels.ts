import type { Applied } from '../domain/documents.ts';
import type { Ingredient, Movement } from '../domain/posting.ts';
import { type Quantity, quantity } from '../domain/quantity.ts';
import type { Queryable } from '../store/database.ts';
import { type DocumentRow, lockLevels } from '../store/ledger.ts';
import { tell } from '../store/notices.ts';
import { type Account, iso } from './context.ts';

/** One locked document of a batch, and the state it is folded to. */
export interface Work {
  account: Account;
  row: DocumentRow;
  applied: Applied | null;
  changed: boolean;
  fetched: boolean;
  /** A newer revision that asks the same. */
  rev: string | null;
}

/** The locked levels of a batch; they follow it as it is decided. */
export interface OpenLevels {
  available(item: number, location: number): Quantity;
  moved(movement: Movement): void;
  /** Was the shelf counted after this sale? Then its units were already missing when it was counted. */
  countedAfter(item: number, location: number, saleAt: string): boolean;
  /** Items of which more was sold than is there at all locations together, after the batch. */
  below(): { item: number; available: Quantity }[];
}

/** Levels of everything the batch could move, locked; `available` follows the batch as it is decided. */
export async function openLevels(
  tx: Queryable,
  works: Work[],
  recipeOf: (work: Work, listing: string) => Ingredient[],
  now: number,
): Promise<OpenLevels> {
  const keys = new Map<string, { item: number; location: number }>();
  for (const work of works) {
    const locations = new Set(
      work.row.posted.flatMap((line) => line.parts.flatMap((part) => part.allocations)).map((a) => a.location),
    );
    for (const place of work.account.places.values()) for (const id of place.locationIds) locations.add(id);
    for (const line of [...work.applied!.state.lines, ...work.row.posted]) {
      if (line.listing === null) continue;
      const frozen = work.row.posted.find((posted) => posted.line === line.line)?.recipe;
      const recipe = frozen ?? recipeOf(work, line.listing);
      for (const { item } of recipe)
        for (const location of locations) keys.set(`${item}@${location}`, { item, location });
    }
  }
  const rows = await lockLevels(tx, [...keys.values()], iso(now));
  const levels = new Map(rows.map((row) => [`${row.item}@${row.location}`, quantity(row.onHand - row.committed)]));
  const counted = new Map(rows.map((row) => [`${row.item}@${row.location}`, row.countedAt]));
  return {
    available: (item: number, location: number) => levels.get(`${item}@${location}`) ?? 0,
    moved: (movement) => {
      const key = `${movement.item}@${movement.location}`;
      levels.set(key, quantity((levels.get(key) ?? 0) + movement.onHand - movement.committed));
    },
    countedAfter: (item, location, saleAt) => {
      const at = counted.get(`${item}@${location}`);
      return at != null && Date.parse(saleAt) < Date.parse(at);
    },
    below: () => {
      const totals = new Map<number, Quantity>();
      for (const [key, available] of levels) {
        const item = Number(key.split('@')[0]);
        totals.set(item, quantity((totals.get(item) ?? 0) + available));
      }
      return [...totals].flatMap(([item, available]) => (available < 0 ? [{ item, available }] : []));
    },
  };
}

/** Tells people about sales beyond stock: recorded as they are, never hidden or refused. */
export async function raiseOversells(
  tx: Queryable,
  below: { item: number; available: number }[],
  moved: Set<number>,
  now: number,
): Promise<void> {
  for (const { item, available } of below) {
    if (!moved.has(item)) continue;
    await tell(
      tx,
      {
        code: 'oversell',
        itemId: item,
        text: `More was sold than is there: ${-available} units more than all locations have.`,
        next: 'See the timeline with "onhand why SKU"; receive stock, move it from another location, or cancel an order.',
        data: { available },
      },
      iso(now),
    );
  }
}
