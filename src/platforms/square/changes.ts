import { z } from 'zod';
import { ask, following, type SquareClient } from './api.ts';
import type { SquareConfig } from './config.ts';

const text = z.string().nullish();

const adjustment = z.object({
  id: text,
  reference_id: text,
  from_state: text,
  to_state: text,
  /** Until 2026-07-15; then the two below. */
  location_id: text,
  from_location_id: text,
  to_location_id: text,
  catalog_object_id: text,
  quantity: text,
  occurred_at: text,
  created_at: text,
  transaction_id: text,
  refund_id: text,
});

const physicalCount = z.object({
  id: text,
  reference_id: text,
  catalog_object_id: text,
  location_id: text,
  quantity: text,
});

export const changeShape = z.object({
  type: text,
  adjustment: adjustment.nullish(),
  physical_count: physicalCount.nullish(),
});

export type InventoryChange = z.infer<typeof changeShape>;
export type Adjustment = z.infer<typeof adjustment>;

const page = z.object({ changes: z.array(changeShape).nullish(), cursor: text });

/** Changes per page, Square's own maximum. */
const LIMIT = 1_000;
/** A walk that is longer than this is not the look-up of a few rows it was meant to be. */
const PAGES_MAX = 20;

/**
 * The history of these variations at these places, oldest first, page by page until `done` says that enough was seen.
 * @param sinceMs by Square's clock: changes that were received after it.
 */
export async function readChanges(
  client: SquareClient,
  config: SquareConfig,
  query: { stockKeys: string[]; locations: string[]; types: ('ADJUSTMENT' | 'PHYSICAL_COUNT')[]; sinceMs: number },
  done: (changes: InventoryChange[]) => boolean = () => false,
): Promise<InventoryChange[]> {
  const found: InventoryChange[] = [];
  let cursor: string | null = null;
  for (let pages = 0; pages < PAGES_MAX; pages += 1) {
    const body = {
      catalog_object_ids: query.stockKeys,
      location_ids: query.locations,
      types: query.types,
      updated_after: new Date(query.sinceMs).toISOString(),
      limit: LIMIT,
      ...(cursor !== null && { cursor }),
    };
    const call = { method: 'POST' as const, path: '/v2/inventory/changes/batch-retrieve', body };
    const { data } = await ask(client, config, 'changes', call, page);
    found.push(...(data.changes ?? []));
    cursor = following(data.cursor, cursor);
    if (cursor === null || done(found)) break;
  }
  return found;
}

/** Our own key on a change, wherever its kind keeps it. */
export const referenceOf = (change: InventoryChange): string | undefined =>
  change.adjustment?.reference_id ?? change.physical_count?.reference_id ?? undefined;

/** Where an adjustment took effect, in either version's words. */
export const placeOf = (one: Adjustment): string | undefined =>
  one.location_id ?? one.to_location_id ?? one.from_location_id ?? undefined;
