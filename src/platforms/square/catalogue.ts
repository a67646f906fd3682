import { z } from 'zod';
import type { Page, RemoteListing } from '../../platform/contract.ts';
import { ask, following, type SquareClient } from './api.ts';
import type { SquareConfig } from './config.ts';

const text = z.string().nullish();

const variationData = z.object({
  name: text,
  sku: text,
  upc: text,
  track_inventory: z.boolean().nullish(),
  stockable: z.boolean().nullish(),
  stockable_conversion: z.object({ stockable_item_variation_id: text }).nullish(),
  location_overrides: z.array(z.object({ location_id: text, track_inventory: z.boolean().nullish() })).nullish(),
});
const variation = z.object({
  id: z.string().min(1),
  is_deleted: z.boolean().nullish(),
  item_variation_data: variationData.nullish(),
});
export type Variation = z.infer<typeof variation>;

const item = z.object({
  id: z.string().min(1),
  is_deleted: z.boolean().nullish(),
  item_data: z.object({ name: text, product_type: text, variations: z.array(variation).nullish() }).nullish(),
});

const searched = z.object({ objects: z.array(item).nullish(), cursor: text });
const retrieved = z.object({ objects: z.array(variation).nullish() });

/** Items per page, each with up to 250 variations. */
const LIMIT = 100;

/** One row per variation. Items come whole, because a variation's own name is only "Red". */
export async function listListings(
  client: SquareClient,
  config: SquareConfig,
  cursor: string | null,
): Promise<Page<RemoteListing>> {
  const body = { object_types: ['ITEM'], limit: LIMIT, ...(cursor !== null && { cursor }) };
  const call = { method: 'POST' as const, path: '/v2/catalog/search', body };
  const { data } = await ask(client, config, 'catalog', call, searched);
  const items = (data.objects ?? []).filter((one) => !one.is_deleted);
  return { items: items.flatMap(listingsOf), next: following(data.cursor, cursor) };
}

function listingsOf({ item_data: data }: z.infer<typeof item>): RemoteListing[] {
  const variations = (data?.variations ?? []).filter((one) => !one.is_deleted);
  const drawnFrom = new Set(
    variations.flatMap(({ item_variation_data: own }) => own?.stockable_conversion?.stockable_item_variation_id ?? []),
  );
  return variations.map((one) => {
    const own = one.item_variation_data;
    const extra = trackingOf(one);
    const unwritable = reasonAgainst(one, drawnFrom);
    const names = [data?.name, variations.length > 1 ? own?.name : undefined]
      .map((name) => name?.trim())
      .filter(Boolean);
    return {
      listing: one.id,
      stockKey: one.id,
      sku: own?.sku?.trim() || null,
      barcode: own?.upc?.trim() || null,
      title: names.join(', ') || own?.name?.trim() || one.id,
      tracked: isTrackedAnywhere(one),
      ...(unwritable && { unwritable }),
      ...(extra && { extra }),
    };
  });
}

function reasonAgainst({ id, item_variation_data: own }: Variation, drawnFrom: Set<string>): string | undefined {
  if (own?.stockable === false || own?.stockable_conversion)
    return 'Square takes its units from another variation by conversion';
  if (drawnFrom.has(id)) return 'Another variation takes from its stock by conversion, which only Square can follow';
  return undefined;
}

/** Tracking is set per variation, and may be set otherwise per location. */
export function isTracked({ item_variation_data: own }: Variation, location: string): boolean {
  const there = (own?.location_overrides ?? []).find((one) => one.location_id === location);
  return there?.track_inventory ?? own?.track_inventory ?? false;
}

const isTrackedAnywhere = ({ item_variation_data: own }: Variation): boolean =>
  own?.track_inventory === true || (own?.location_overrides ?? []).some((one) => one.track_inventory === true);

/** In {@link RemoteListing.extra}: at every place. */
const EVERYWHERE = '*';

/**
 * Where the variation is not counted, to travel with writes. Nothing when it is counted everywhere.
 *  - `untrackedAt`: location ids joined by commas, or `*`; `trackedAt`: the exceptions from `*`.
 */
function trackingOf({ item_variation_data: own }: Variation): Record<string, string> | undefined {
  const set = (tracked: boolean) =>
    (own?.location_overrides ?? [])
      .flatMap((one) => (one.track_inventory === tracked && one.location_id ? [one.location_id] : []))
      .join(',');
  if (!own?.track_inventory) return { untrackedAt: EVERYWHERE, trackedAt: set(true) };
  const untrackedAt = set(false);
  return untrackedAt ? { untrackedAt } : undefined;
}

/** Reads what {@link trackingOf} wrote. */
export function isUntrackedAt(extra: Record<string, string> | undefined, location: string): boolean {
  const names = (key: string) => (extra?.[key] ?? '').split(',').filter(Boolean);
  const untracked = names('untrackedAt');
  return untracked.includes(EVERYWHERE) ? !names('trackedAt').includes(location) : untracked.includes(location);
}

/** Variations by id; those that are gone are missing. At most 1,000. */
export async function readVariations(
  client: SquareClient,
  config: SquareConfig,
  ids: string[],
): Promise<Map<string, Variation>> {
  const call = { method: 'POST' as const, path: '/v2/catalog/batch-retrieve', body: { object_ids: ids } };
  const { data } = await ask(client, config, 'catalogObjects', call, retrieved);
  return new Map((data.objects ?? []).filter((one) => !one.is_deleted).map((one) => [one.id, one]));
}
