import { z } from 'zod';
import type { Page, RemoteListing } from '../../platform/contract.ts';
import { ask, type SfccClient, scapiUrl } from './api.ts';
import { type SfccConfig, sitesOf } from './config.ts';
import { readLists, readRecord, recordPage } from './lists.ts';

const PAGE = 200;

const product = z.object({
  id: z.string().min(1),
  name: z.record(z.string(), z.unknown()).nullish(),
  ean: z.string().nullish(),
  upc: z.string().nullish(),
  type: z.record(z.string(), z.unknown()).nullish(),
});
type Product = z.infer<typeof product>;
const hits = z.object({ hits: z.array(product).nullish(), total: z.number() });

/**
 * First the inventory records are gone through for products that are always in stock, because the catalogue does not say so;
 * then the catalogue. `perpetual`: few, so the cursor stays short.
 */
const cursorShape = z.object({
  records: z.string().nullable(),
  perpetual: z.array(z.string()),
  offset: z.number().nullable(),
});

export async function listListings(
  client: SfccClient,
  config: SfccConfig,
  cursor: string | null,
): Promise<Page<RemoteListing>> {
  const now = cursor === null ? { records: null, perpetual: [], offset: null } : cursorShape.parse(JSON.parse(cursor));
  if (now.offset === null && config.stock === 'inventory-lists') {
    const { found, next } = await recordPage(client, config, now.records);
    const perpetual = found.filter((one) => one.perpetual_flag).map(({ product_id: id }) => id);
    const all = [...new Set([...now.perpetual, ...perpetual])];
    return { items: [], next: JSON.stringify({ records: next, perpetual: all, offset: next === null ? 0 : null }) };
  }
  const offset = now.offset ?? 0;
  const { found, total } = await search(client, config, offset);
  const sellable = found.filter(isSellable);
  const uncounted = new Set<string>();
  for (const { id } of sellable)
    if (now.perpetual.includes(id) && (await isPerpetualEverywhere(client, config, id))) uncounted.add(id);
  const over = found.length === 0 || offset + found.length >= total;
  return {
    items: sellable.map((one) => listingOf(one, !uncounted.has(one.id))),
    next: over ? null : JSON.stringify({ ...now, offset: offset + found.length }),
  };
}

async function search(client: SfccClient, config: SfccConfig, offset: number) {
  const [site = ''] = sitesOf(config);
  const url = scapiUrl(config, 'product/products', `/product-search?siteId=${encodeURIComponent(site)}`);
  const body = {
    limit: PAGE,
    offset,
    query: { matchAllQuery: {} },
    // By a key that does not change, so that nothing moves from page to page.
    sorts: [{ field: 'id', sortOrder: 'asc' }],
  };
  const { data } = await ask(client, 'products', { method: 'POST', url, body }, hits);
  return { found: data.hits ?? [], total: data.total };
}

/** Masters, variation groups, sets and options only gather others. */
const GATHERING = ['master', 'variationGroup', 'set', 'retailSet', 'option'];
const isSellable = ({ type }: Product): boolean => !GATHERING.some((name) => type?.[name] === true);

async function isPerpetualEverywhere(client: SfccClient, config: SfccConfig, id: string): Promise<boolean> {
  for (const list of await readLists(client, config)) {
    const one = await readRecord(client, config, list.id, id);
    if (one && one.perpetual_flag !== true) return false;
  }
  return true;
}

function listingOf(one: Product, tracked: boolean): RemoteListing {
  const names = Object.values(one.name ?? {}).filter((text): text is string => typeof text === 'string' && text !== '');
  const standard = one.name?.['default'];
  return {
    listing: one.id,
    stockKey: one.id,
    // The product ID is the SKU.
    sku: one.id,
    barcode: one.ean || one.upc || null,
    title: typeof standard === 'string' && standard ? standard : (names[0] ?? one.id),
    tracked,
  };
}
