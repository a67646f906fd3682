import { z } from 'zod';
import type { RemoteLocation } from '../../platform/contract.ts';
import type { MagentoConfig } from './config.ts';
import { apiRequest, criteria, type MagentoClient } from './request.ts';
import { answer, id, listOf } from './shape.ts';

/** The one stock of a shop without Multi-Source Inventory, and the first one with it. */
export const DEFAULT_STOCK = '1';

/** What a website sells from: the sum of its sources less what orders have reserved. It is our location. */
export interface Stock {
  id: string;
  name: string;
  /** Code of a website that sells from it; null: none does. */
  website: string | null;
  /** Enabled sources that may be written to, first priority first: those of an earlier stock are left to that. */
  sources: string[];
}

export interface Shop {
  stocks: Stock[];
  /** By store view, as orders name it. */
  stockOfStore: Map<string, string>;
}

const stockRow = z.object({
  stock_id: id,
  name: z.string().nullish(),
  extension_attributes: z
    .object({ sales_channels: z.array(z.object({ type: z.string(), code: z.string() })).nullish() })
    .nullish(),
});
const linkRow = z.object({ stock_id: id, source_code: z.string(), priority: z.number() });
const sourceRow = z.object({ source_code: z.string(), enabled: z.boolean().nullish() });
const websiteRow = z.object({ id, code: z.string() });
const storeRow = z.object({ id, website_id: id });

/** Stocks, sources and websites change when somebody reorganizes the shop: a few times in its life. */
const KEPT_MS = 300_000;
/** Who asks for the places wants to see what was just changed. */
const LOOKED_MS = 5_000;
const kept = new WeakMap<object, { atMs: number; shop: Promise<Shop> }>();
/** More sources or stocks than any shop has: one page. */
const SIZE = 300;

/** How the shop is organized; asked for again after five minutes. */
export async function readShop(client: MagentoClient, config: MagentoConfig, maxAgeMs = KEPT_MS): Promise<Shop> {
  if (config.inventory === 'stock-item')
    return {
      stocks: [{ id: DEFAULT_STOCK, name: 'Default Stock', website: null, sources: [] }],
      stockOfStore: new Map(),
    };
  const known = kept.get(client);
  if (known && client.now() - known.atMs <= maxAgeMs) return known.shop;
  // Kept while it is under way, so that many at once ask once.
  const asked = { atMs: client.now(), shop: askShop(client, config) };
  kept.set(client, asked);
  try {
    return await asked.shop;
  } catch (error) {
    if (kept.get(client) === asked) kept.delete(client);
    throw error;
  }
}

async function askShop(client: MagentoClient, config: MagentoConfig): Promise<Shop> {
  const all = (sort: string[]) => criteria({ where: [], sort, size: SIZE });
  const get = (path: string, sort?: string[]) => apiRequest(client, config, 'GET', path, sort ? all(sort) : []);
  const stocks = answer(await client.call('stocks', get('/inventory/stocks', ['stock_id'])), listOf(stockRow)).items;
  const links = answer(
    await client.call('links', get('/inventory/stock-source-links', ['stock_id', 'priority'])),
    listOf(linkRow),
  ).items;
  const sources = answer(
    await client.call('sources', get('/inventory/sources', ['source_code'])),
    listOf(sourceRow),
  ).items;
  const websites = answer(await client.call('websites', get('/store/websites')), z.array(websiteRow));
  const stores = answer(await client.call('storeViews', get('/store/storeViews')), z.array(storeRow));
  return layOut(stocks, links, sources, websites, stores);
}

function layOut(
  stocks: z.infer<typeof stockRow>[],
  links: z.infer<typeof linkRow>[],
  sources: z.infer<typeof sourceRow>[],
  websites: z.infer<typeof websiteRow>[],
  stores: z.infer<typeof storeRow>[],
): Shop {
  const enabled = new Set(sources.filter((source) => source.enabled !== false).map((source) => source.source_code));
  const taken = new Set<string>();
  const stockOfWebsite = new Map<string, string>();
  const byId = [...stocks].sort((a, b) => Number(a.stock_id) - Number(b.stock_id));
  const laidOut = byId.map((stock): Stock => {
    const codes = (stock.extension_attributes?.sales_channels ?? [])
      .filter(({ type }) => type === 'website')
      .map(({ code }) => code);
    for (const code of codes) stockOfWebsite.set(code, stock.stock_id);
    const own = links
      .filter((link) => link.stock_id === stock.stock_id && enabled.has(link.source_code))
      .sort((a, b) => a.priority - b.priority)
      .map((link) => link.source_code);
    // Two stocks that write to one source would each undo what the other wrote.
    const free = codes.length > 0 ? own.filter((code) => !taken.has(code)) : [];
    for (const code of free) taken.add(code);
    const name = stock.name?.trim() || `Stock ${stock.stock_id}`;
    return { id: stock.stock_id, name, website: codes[0] ?? null, sources: free };
  });
  const stockOfStore = new Map<string, string>();
  for (const store of stores) {
    const code = websites.find((website) => website.id === store.website_id)?.code;
    const stock = code === undefined ? undefined : stockOfWebsite.get(code);
    if (stock !== undefined) stockOfStore.set(store.id, stock);
  }
  return { stocks: laidOut, stockOfStore };
}

/** Stocks, because an order reserves at a stock; from which of its sources it will leave nobody knows before it does. */
export async function listLocations(client: MagentoClient, config: MagentoConfig): Promise<RemoteLocation[]> {
  const { stocks } = await readShop(client, config, LOOKED_MS);
  return stocks.map(({ id: location, name, sources }) => ({
    location,
    name,
    active: config.inventory === 'stock-item' || sources.length > 0,
  }));
}

/** A store view opened since we looked is looked for once more. */
export async function shopKnowing(
  client: MagentoClient,
  config: MagentoConfig,
  stores: readonly (string | null | undefined)[],
): Promise<Shop> {
  const shop = await readShop(client, config);
  const missing = stores.some((store) => store && !shop.stockOfStore.has(store));
  return missing && config.inventory === 'sources' ? readShop(client, config, 30_000) : shop;
}
