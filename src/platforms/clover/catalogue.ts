import { z } from 'zod';
import { readQuantity } from '../../domain/quantity.ts';
import {
  type CellKey,
  NO_LOCATION,
  type Page,
  type RemoteLevel,
  type RemoteListing,
  type RemoteLocation,
} from '../../platform/contract.ts';
import { Failure } from '../../platform/failure.ts';
import { ask, type CloverClient, merchantUrl } from './api.ts';
import type { CloverConfig } from './config.ts';
import { page, placeShape, START } from './walk.ts';

const text = z.string().nullish();

const itemStock = z.object({
  quantity: z.number().nullish(),
  stockCount: z.number().nullish(),
  modifiedTime: z.number().nullish(),
});
const itemShape = z.object({
  id: z.string().min(1),
  name: text,
  alternateName: text,
  sku: text,
  code: text,
  priceType: text,
  unitName: text,
  deleted: z.boolean().nullish(),
  deletedTime: z.number().nullish(),
  itemStock: itemStock.nullish(),
});
type CloverItem = z.infer<typeof itemShape>;

const isDeleted = (item: CloverItem): boolean => item.deleted === true || Boolean(item.deletedTime);

/** No stock record, no counting. */
const isTracked = (item: CloverItem): boolean =>
  typeof (item.itemStock?.quantity ?? item.itemStock?.stockCount) === 'number';

/** One row per item; variants are items that share a group. The SKU is optional and may be given twice. */
export async function listListings(
  client: CloverClient,
  config: CloverConfig,
  cursor: string | null,
): Promise<Page<RemoteListing>> {
  const { items, next } = await itemsPage(client, config, cursor);
  return {
    items: items.map((item) => ({
      listing: item.id,
      stockKey: item.id,
      sku: item.sku?.trim() || null,
      barcode: item.code?.trim() || null,
      title: item.name?.trim() || item.alternateName?.trim() || item.id,
      tracked: isTracked(item),
    })),
    next,
  };
}

export async function listLevels(
  client: CloverClient,
  config: CloverConfig,
  cursor: string | null,
): Promise<Page<RemoteLevel>> {
  const readAt = new Date(client.now()).toISOString();
  const { items, next } = await itemsPage(client, config, cursor);
  return { items: items.flatMap((item) => levelOf(item, readAt) ?? []), next };
}

async function itemsPage(client: CloverClient, config: CloverConfig, cursor: string | null) {
  const place = cursor === null ? START : placeShape.parse(JSON.parse(cursor));
  const list = { path: '/items', query: [['expand', 'itemStock']] as [string, string][] };
  const { rows, next } = await page(client, config, 'items', list, place);
  const known = new Set(place.tail);
  const items = rows.flatMap((row) => {
    const item = itemShape.safeParse(row).data;
    // Rows that two pages share were told with the first.
    return item && !isDeleted(item) && !known.has(item.id) ? [item] : [];
  });
  return { items, next: next && JSON.stringify(next) };
}

/** `quantity` is the count; `stockCount` the same, rounded, from before there were fractions. */
function levelOf(item: CloverItem, readAt: string): RemoteLevel | undefined {
  const { quantity, stockCount, modifiedTime } = item.itemStock ?? {};
  const tracked = isTracked(item);
  try {
    return {
      stockKey: item.id,
      location: NO_LOCATION,
      available: tracked ? readQuantity(quantity ?? stockCount) : 0,
      tracked,
      readAt,
      ...(modifiedTime && { changedAt: new Date(modifiedTime).toISOString() }),
    };
  } catch {
    // One absurd row is left out, so that it does not hide the others.
    return undefined;
  }
}

/** One item's level; undefined when Clover does not know the item, or deleted it. */
export async function readLevel(
  client: CloverClient,
  config: CloverConfig,
  stockKey: string,
): Promise<RemoteLevel | undefined> {
  const readAt = new Date(client.now()).toISOString();
  const url = merchantUrl(config, `/items/${encodeURIComponent(stockKey)}?expand=itemStock`);
  try {
    const { data } = await ask(client, 'item', { method: 'GET', url }, itemShape);
    return isDeleted(data) ? undefined : levelOf(data, readAt);
  } catch (error) {
    if (error instanceof Failure && error.failure === 'gone') return undefined;
    throw error;
  }
}

/** Clover has no list of stock by id: one call each. */
export async function readLevels(
  client: CloverClient,
  config: CloverConfig,
  cells: readonly CellKey[],
): Promise<RemoteLevel[]> {
  const keys = [...new Set(cells.filter(({ location }) => location === NO_LOCATION).map(({ stockKey }) => stockKey))];
  const levels = await Promise.all(keys.map((key) => readLevel(client, config, key)));
  return levels.filter((level) => level !== undefined);
}

const merchant = z.object({ id: z.string(), name: text });

export async function readMerchant(client: CloverClient, config: CloverConfig) {
  return (await ask(client, 'merchant', { method: 'GET', url: merchantUrl(config, '') }, merchant)).data;
}

/** A merchant is one place: two shops are two merchants. */
export async function listLocations(client: CloverClient, config: CloverConfig): Promise<RemoteLocation[]> {
  const { name } = await readMerchant(client, config);
  return [{ location: NO_LOCATION, name: name?.trim() || config.account, active: true }];
}
