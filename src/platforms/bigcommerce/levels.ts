import { z } from 'zod';
import { quantity } from '../../domain/quantity.ts';
import type { CellKey, Page, RemoteLevel, RemoteLocation } from '../../platform/contract.ts';
import { allPages, apiRequest, type BigClient, id, listOf, nextPage, readAs } from './api.ts';
import { isTracked, productPage, stockKeyOf } from './catalogue.ts';
import type { BigConfig } from './config.ts';
import type { BigOp } from './facts.ts';

/** BigCommerce's own maximum. */
const LIMIT = 1_000;

const place = z.object({ id, label: z.string().nullish(), code: z.string().nullish(), enabled: z.boolean().nullish() });

/** All of them, switched-off ones too: their old orders may still change. */
export async function listLocations(client: BigClient, config: BigConfig): Promise<RemoteLocation[]> {
  const rows = await allPages(client, config, 'locations', '/v3/inventory/locations', { limit: LIMIT }, place);
  return rows.map((one) => ({
    location: one.id,
    name: one.label?.trim() || one.code?.trim() || `Location ${one.id}`,
    active: one.enabled !== false,
  }));
}

const item = z.object({
  identity: z.object({ product_id: id.nullish(), variant_id: id.nullish() }),
  locations: z
    .array(
      z.object({
        location_id: id,
        available_to_sell: z.number().nullish(),
        total_inventory_onhand: z.number().nullish(),
        settings: z.object({ safety_stock: z.number().nullish() }).nullish(),
      }),
    )
    .nullish(),
});
type Item = z.infer<typeof item>;

async function items(
  client: BigClient,
  config: BigConfig,
  op: BigOp,
  query: Record<string, string>,
): Promise<{ rows: Item[]; readAt: string }> {
  const readAt = new Date(client.now()).toISOString();
  const rows: Item[] = [];
  const path = '/v3/inventory/items';
  for (let page: number | undefined = 1; page !== undefined; ) {
    const request = apiRequest(config, 'GET', path, { ...query, limit: LIMIT, page });
    const list: z.infer<ReturnType<typeof listOf<typeof item>>> = readAs(
      await client.call(op, request),
      listOf(item),
      path,
    );
    rows.push(...list.data);
    page = nextPage(list);
  }
  return { rows, readAt };
}

/**
 * `available` is what the storefront sells; `written` is stock on hand, which is what an adjustment sets: the store holds
 * the safety stock back from it.
 */
function levelsOf(row: Item, stockKey: string, readAt: string): RemoteLevel[] {
  return (row.locations ?? []).flatMap((one): RemoteLevel[] => {
    const { location_id: location, total_inventory_onhand: onHand, available_to_sell: sellable } = one;
    const written = onHand ?? (sellable ?? 0) + (one.settings?.safety_stock ?? 0);
    const available = sellable ?? written - (one.settings?.safety_stock ?? 0);
    if (![written, available].every((value) => Number.isFinite(value) && Math.abs(value) <= 1e9)) return [];
    return [{ stockKey, location, available: quantity(available), written: quantity(written), tracked: true, readAt }];
  });
}

/**
 * By products, because only the catalogue says what a product's stock is counted by. What is not counted is no inventory
 * item there: it stands here as uncounted, at the places of the others.
 */
export async function listLevels(
  client: BigClient,
  config: BigConfig,
  cursor: string | null,
): Promise<Page<RemoteLevel>> {
  const { products, next } = await productPage(client, config, cursor);
  const tracked = new Map(products.filter(isTracked).map((one) => [one.id, one]));
  if (tracked.size === 0) return { items: [], next };
  const { rows, readAt } = await items(client, config, 'levels', { 'product_id:in': [...tracked.keys()].join(',') });
  const found = new Map<string, RemoteLevel>();
  for (const row of rows) {
    const owner = tracked.get(row.identity.product_id ?? '');
    const variantId = row.identity.variant_id ?? owner?.variants?.[0]?.id;
    if (!owner || variantId === undefined) continue;
    for (const level of levelsOf(row, stockKeyOf(owner, variantId), readAt))
      found.set(`${level.stockKey} ${level.location}`, level);
  }
  const places = new Set([...found.values()].map(({ location }) => location));
  for (const one of products.filter((product) => !isTracked(product)))
    for (const { id: stockKey } of one.variants ?? [])
      for (const location of places)
        found.set(`${stockKey} ${location}`, { stockKey, location, available: 0, tracked: false, readAt });
  return { items: [...found.values()], next };
}

/** `512` → a variant, `product/77` → a product; undefined for what is no key of ours. */
export function idsOf(stockKey: string): { member: 'variant_id' | 'product_id'; id: string } | undefined {
  const match = /^(product\/)?(\d{1,19})$/.exec(stockKey);
  return match ? { member: match[1] ? 'product_id' : 'variant_id', id: match[2]! } : undefined;
}

/** Variants in one call, products in another; what the store does not have or does not count is missing. */
export async function readLevels(
  client: BigClient,
  config: BigConfig,
  cells: readonly CellKey[],
): Promise<RemoteLevel[]> {
  const wanted = new Set(cells.map(({ stockKey, location }) => `${stockKey} ${location}`));
  const ids = [...new Set(cells.map(({ stockKey }) => stockKey))].map(idsOf).filter((one) => one !== undefined);
  const places = [...new Set(cells.map(({ location }) => location))].filter((location) => /^\d{1,19}$/.test(location));
  const levels: RemoteLevel[] = [];
  if (places.length === 0) return levels;
  for (const member of ['variant_id', 'product_id'] as const) {
    const some = ids.filter((one) => one.member === member).map((one) => one.id);
    if (some.length === 0) continue;
    const query = { [`${member}:in`]: some.join(','), 'location_id:in': places.join(',') };
    const { rows, readAt } = await items(client, config, 'readLevels', query);
    const records = (productId: string) => rows.filter(({ identity }) => identity.product_id === productId).length;
    for (const row of rows) {
      const found = row.identity[member];
      // Several records of one product: it has been switched to tracking by variant since.
      if (!found || (member === 'product_id' && records(found) > 1)) continue;
      levels.push(...levelsOf(row, member === 'product_id' ? `product/${found}` : found, readAt));
    }
  }
  return levels.filter(({ stockKey, location }) => wanted.has(`${stockKey} ${location}`));
}
