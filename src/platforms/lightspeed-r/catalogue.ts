import { z } from 'zod';
import { quantity, readQuantity } from '../../domain/quantity.ts';
import type { CellKey, Page, RemoteLevel, RemoteListing, RemoteLocation } from '../../platform/contract.ts';
import { idOf, isTrue, type LightspeedClient, page, record, rowsOf, word } from './api.ts';
import type { LightspeedConfig } from './config.ts';

const text = word.nullish();

const itemShape = z.object({
  itemID: word,
  systemSku: text,
  customSku: text,
  manufacturerSku: text,
  upc: text,
  ean: text,
  description: text,
  itemType: text,
  archived: text,
  ItemShops: z.unknown().optional(),
});
type Item = z.infer<typeof itemShape>;

const itemShopShape = z.object({
  itemShopID: text,
  itemID: text,
  shopID: word,
  qoh: word,
  onLayaway: text,
  onSpecialOrder: text,
  onWorkOrder: text,
  onWorkorder: text,
  timeStamp: text,
});
export type ItemShop = z.infer<typeof itemShopShape>;

const UNWRITABLE: Record<string, string> = {
  box: 'A box: its stock is that of the items in it',
  assembly: 'An assembly: its stock is that of its parts and of what was built',
  serialized: 'A serialized item: each piece has a number of its own',
  serialized_assembly: 'A serialized assembly: each piece has a number of its own',
};

const WITH_SHOPS = { load_relations: '["ItemShops"]' };

/** The code that the settings name. Only the system ID is surely there, and surely unique. */
const skuOf = (item: Item, { skuFrom }: LightspeedConfig): string | null =>
  item[skuFrom]?.trim() || item.systemSku?.trim() || null;

export async function listListings(
  client: LightspeedClient,
  config: LightspeedConfig,
  cursor: string | null,
): Promise<Page<RemoteListing>> {
  const { items, next } = await itemsPage(client, config, cursor);
  return {
    items: items.map((item) => {
      const unwritable = UNWRITABLE[item.itemType ?? ''];
      return {
        listing: item.itemID,
        stockKey: item.itemID,
        sku: skuOf(item, config),
        barcode: [item.upc, item.ean].map((code) => code?.trim()).find(Boolean) ?? null,
        title: item.description?.trim() || item.itemID,
        tracked: isTracked(item),
        ...(unwritable && { unwritable }),
      };
    }),
    next,
  };
}

export async function listLevels(
  client: LightspeedClient,
  config: LightspeedConfig,
  cursor: string | null,
): Promise<Page<RemoteLevel>> {
  const readAt = new Date(client.now()).toISOString();
  const { items, next } = await itemsPage(client, config, cursor);
  return { items: items.flatMap((item) => levelsOf(item, config, readAt)), next };
}

async function itemsPage(client: LightspeedClient, config: LightspeedConfig, cursor: string | null) {
  const query = { sort: 'itemID', ...WITH_SHOPS };
  const { rows, next } = await page(client, config, 'items', { name: 'Item', query }, cursor);
  return { items: itemsOf(rows), next };
}

/** Archived items are gone: Lightspeed has no other end for them, and sets their stock to nothing. */
function itemsOf(rows: unknown[]): Item[] {
  const items = rows.flatMap((row) => itemShape.safeParse(row).data ?? []);
  return items.filter((item) => !isTrue(item.archived));
}

const isTracked = (item: Item): boolean => item.itemType !== 'non_inventory';

const shopsOf = (item: Item): ItemShop[] =>
  rowsOf(record(item.ItemShops)?.['ItemShop']).flatMap((row) => itemShopShape.safeParse(row).data ?? []);

function levelsOf(item: Item, config: LightspeedConfig, readAt: string): RemoteLevel[] {
  return shopsOf(item).flatMap((row) => levelOf(row, item.itemID, isTracked(item), config, readAt) ?? []);
}

/**
 * What one shop shows of one item. `qoh` is what is written, and what shoppers can buy, unless it still holds what is set
 * aside for customers. Shop 0 is the sum of all and no place.
 */
export function levelOf(
  row: ItemShop,
  item: string | null,
  tracked: boolean,
  config: LightspeedConfig,
  readAt: string,
): RemoteLevel | undefined {
  const location = idOf(row.shopID);
  if (location === null || item === null) return undefined;
  try {
    const written = readQuantity(row.qoh);
    const held = config.reservedIsOut
      ? 0
      : [row.onLayaway, row.onSpecialOrder, row.onWorkOrder ?? row.onWorkorder].reduce(
          (sum, one) => sum + readQuantity(one || '0'),
          0,
        );
    return {
      stockKey: item,
      location,
      available: quantity(written - held),
      ...(held !== 0 && { written }),
      tracked,
      readAt,
      ...(row.timeStamp && !Number.isNaN(Date.parse(row.timeStamp)) && { changedAt: row.timeStamp }),
    };
  } catch {
    // One absurd row is left out, so that it does not hide the others.
    return undefined;
  }
}

export const readItemShop = (row: unknown): ItemShop | undefined => itemShopShape.safeParse(row).data;

/** A shop that never had the item has no row for it: it shows 0 there. Unknown and archived items are missing. */
export async function readLevels(
  client: LightspeedClient,
  config: LightspeedConfig,
  cells: readonly CellKey[],
): Promise<RemoteLevel[]> {
  const ids = [...new Set(cells.map(({ stockKey }) => stockKey))].filter((id) => /^\d{1,20}$/.test(id));
  if (ids.length === 0) return [];
  const readAt = new Date(client.now()).toISOString();
  const query = { sort: 'itemID', itemID: `IN,[${ids.join(',')}]`, ...WITH_SHOPS };
  const items: Item[] = [];
  let next: string | null = null;
  do {
    const listed = await page(client, config, 'itemsById', { name: 'Item', query }, next);
    items.push(...itemsOf(listed.rows));
    ({ next } = listed);
  } while (next !== null);
  const known = new Map(items.map((item) => [item.itemID, item]));
  const levels = new Map(
    items
      .flatMap((item) => levelsOf(item, config, readAt))
      .map((level) => [`${level.stockKey}@${level.location}`, level]),
  );
  return cells.flatMap(({ stockKey, location }) => {
    const item = known.get(stockKey);
    const level = levels.get(`${stockKey}@${location}`);
    return level ?? (item ? [{ stockKey, location, available: 0, tracked: isTracked(item), readAt }] : []);
  });
}

const shopShape = z.object({ shopID: word, name: text, archived: text });

/** Every shop, archived ones too: their old sales may still change. */
export async function listLocations(client: LightspeedClient, config: LightspeedConfig): Promise<RemoteLocation[]> {
  const shops: RemoteLocation[] = [];
  let next: string | null = null;
  do {
    const listed = await page(client, config, 'shops', { name: 'Shop', query: { archived: 'true' } }, next);
    for (const row of listed.rows) {
      const shop = shopShape.safeParse(row).data;
      const location = idOf(shop?.shopID);
      if (shop && location !== null)
        shops.push({ location, name: shop.name?.trim() || location, active: !isTrue(shop.archived) });
    }
    ({ next } = listed);
  } while (next !== null);
  return shops;
}
