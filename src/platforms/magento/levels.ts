import { z } from 'zod';
import { quantity } from '../../domain/quantity.ts';
import type { CellKey, Page, RemoteLevel, RemoteListing } from '../../platform/contract.ts';
import { Failure } from '../../platform/failure.ts';
import { percentEncode } from '../../platform/oauth1.ts';
import type { MagentoConfig } from './config.ts';
import { type Product, productsAfter, sameSku } from './products.ts';
import { among, apiRequest, criteria, type MagentoClient } from './request.ts';
import { answer, id, listOf, units } from './shape.ts';
import { DEFAULT_STOCK, readShop, type Stock } from './shop.ts';
import { fullest, isOff, NOT_INDEXED, type SourceItem, SWITCHED_OFF, sourceItemsOf } from './source-items.ts';
import { stockItemLevels, stockItemOf } from './stock-item.ts';

const salableRow = z.object({ sku: z.string(), qty: units.nullish(), is_salable: z.boolean().nullish() });
type Salable = z.infer<typeof salableRow>;
export async function listListings(
  client: MagentoClient,
  config: MagentoConfig,
  cursor: string | null,
): Promise<Page<RemoteListing>> {
  const { products, next } = await productsAfter(client, config, cursor);
  const tracked = await trackedOf(client, config, products);
  return {
    items: products.map((product) => {
      const sku = product.sku.trim();
      const isTracked = tracked.get(sameSku(product.sku));
      return {
        listing: product.id,
        stockKey: product.sku,
        sku: sku === '' ? null : sku,
        title: product.name?.trim() || `#${product.id}`,
        tracked: isTracked ?? true,
        ...(isTracked === undefined && { unwritable: 'no source of a website is assigned to it' }),
      };
    }),
    next,
  };
}

/** By {@link sameSku}; a product that no website can sell is missing. */
async function trackedOf(client: MagentoClient, config: MagentoConfig, products: readonly Product[]) {
  const tracked: Tracked = new Map();
  const skus = products.map(({ sku }) => sku);
  if (config.inventory === 'stock-item') {
    for (const { stockKey, tracked: counts } of await stockItemLevels(client, config, skus))
      tracked.set(sameSku(stockKey), counts);
    return tracked;
  }
  for (const stock of (await readShop(client, config)).stocks) {
    const missing = skus.filter((sku) => !tracked.has(sameSku(sku)));
    if (stock.website === null || missing.length === 0) continue;
    for (const row of await salableOf(client, config, stock, missing)) await isTracked(client, config, row, tracked);
  }
  return tracked;
}

export async function listLevels(
  client: MagentoClient,
  config: MagentoConfig,
  cursor: string | null,
): Promise<Page<RemoteLevel>> {
  const { products, next } = await productsAfter(client, config, cursor);
  const skus = products.map(({ sku }) => sku);
  if (config.inventory === 'stock-item') return { items: await stockItemLevels(client, config, skus), next };
  const { stocks } = await readShop(client, config);
  return { items: await levelsAt(client, config, new Map(stocks.map((stock) => [stock, skus]))), next };
}

/** What the shop does not have is missing from the answer. */
export async function readLevels(
  client: MagentoClient,
  config: MagentoConfig,
  cells: readonly CellKey[],
): Promise<RemoteLevel[]> {
  const skusAt = (location: string) => [
    ...new Set(cells.filter((cell) => cell.location === location).map(({ stockKey }) => stockKey)),
  ];
  if (config.inventory === 'stock-item') return stockItemLevels(client, config, skusAt(DEFAULT_STOCK));
  const { stocks } = await readShop(client, config);
  return levelsAt(client, config, new Map(stocks.map((stock) => [stock, skusAt(stock.id)])));
}

/**
 * What shoppers of a stock's websites can buy, and beside it the number of the source that is written. The stock's sum less
 * reservations is Magento's own figure: reservations themselves cannot be read.
 */
async function levelsAt(
  client: MagentoClient,
  config: MagentoConfig,
  wanted: Map<Stock, readonly string[]>,
): Promise<RemoteLevel[]> {
  const readAt = new Date(client.now()).toISOString();
  const found: { stock: Stock; stockKey: string; row: Salable }[] = [];
  for (const [stock, skus] of wanted) {
    if (stock.website === null || skus.length === 0) continue;
    const rows = new Map((await salableOf(client, config, stock, skus)).map((row) => [sameSku(row.sku), row]));
    for (const stockKey of skus) {
      const row = rows.get(sameSku(stockKey));
      if (row) found.push({ stock, stockKey, row });
    }
  }
  // The sources last: a shipment lowers them and leaves what can be sold as it is, so one in between is not undone by us.
  const stocks = new Set(found.map(({ stock }) => stock));
  const sources = await sourceItemsOf(client, config, stocks, [...new Set(found.map(({ stockKey }) => stockKey))]);
  const tracked: Tracked = new Map();
  const levels: RemoteLevel[] = [];
  for (const { stock, stockKey, row } of found) {
    const source = fullest(stock.sources.flatMap((code) => sources.get(`${code} ${sameSku(stockKey)}`) ?? []));
    const held = quantity(source?.quantity ?? 0);
    const version = source?.source_code ?? stock.sources[0];
    levels.push({
      stockKey,
      location: stock.id,
      available: quantity(row.qty ?? 0),
      written: held,
      tracked: await isTracked(client, config, row, tracked),
      ...(version !== undefined && { version: `${await markOf(client, config, row, source)}${version}` }),
      readAt,
    });
  }
  return levels;
}

/** A query by product: those the stock's sources do not have are left out of the answer. */
async function salableOf(
  client: MagentoClient,
  config: MagentoConfig,
  stock: Stock,
  skus: readonly string[],
): Promise<Salable[]> {
  const search = criteria({ where: [among('sku', skus)], sort: ['entity_id'], size: skus.length });
  const path = `/inventory/export-stock-salable-qty/website/${percentEncode(stock.website ?? '')}`;
  const response = await client.call('salable', apiRequest(client, config, 'GET', path, search));
  return answer(response, listOf(salableRow)).items;
}

/** Is it counted? By {@link sameSku}; the same on every stock. */
type Tracked = Map<string, boolean>;

/** The bulk query tells nothing of "Manage Stock": an uncounted product has no number, or 0 and is salable all the same. */
async function isTracked(client: MagentoClient, config: MagentoConfig, row: Salable, known: Tracked): Promise<boolean> {
  const name = sameSku(row.sku);
  if (!known.has(name)) known.set(name, await counts(client, config, row));
  return known.get(name)!;
}

async function counts(client: MagentoClient, config: MagentoConfig, { sku, qty, is_salable }: Salable) {
  if (qty === null || qty === undefined) return false;
  if (qty > 0 || is_salable === false) return true;
  return (await stockItemOf(client, config, sku))?.manage_stock ?? true;
}

const stockStatus = z.object({ product_id: id.nullish() });

/** Nothing salable of what the source holds: all reserved, or not in the index at all? Only its row's product tells. */
async function isHidden(client: MagentoClient, config: MagentoConfig, { sku, qty, is_salable }: Salable) {
  if (qty !== 0 || is_salable !== false) return false;
  try {
    const request = apiRequest(client, config, 'GET', `/stockStatuses/${percentEncode(sku)}`, [
      ['fields', 'product_id'],
    ]);
    return !answer(await client.call('stockStatus', request), stockStatus).product_id;
  } catch (error) {
    if (error instanceof Failure && error.failure === 'gone') return true;
    throw error;
  }
}

/** Why the number of the source cannot be worked with, if it cannot. */
async function markOf(client: MagentoClient, config: MagentoConfig, row: Salable, source: SourceItem | undefined) {
  if (isOff(source)) return SWITCHED_OFF;
  return (source?.quantity ?? 0) > 0 && (await isHidden(client, config, row)) ? NOT_INDEXED : '';
}
