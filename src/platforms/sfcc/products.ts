import { z } from 'zod';
import type { Page, RemoteListing } from '../../platform/contract.ts';
import type { SfccClient } from './api.ts';
import { locationsOf, type SfccConfig } from './config.ts';
import { readLists, readRecord, recordPage } from './lists.ts';
import { availability } from './omnichannel.ts';
import { type Product, productPage } from './product-page.ts';

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
  const { found, next } = await productPage(client, config, now.offset ?? 0);
  const uncounted =
    config.stock === 'omnichannel'
      ? await withoutRecord(client, config, found)
      : await perpetualOf(client, config, found, now.perpetual);
  return {
    items: found.map((one) => listingOf(one, !uncounted.has(one.id))),
    next: next === null ? null : JSON.stringify({ ...now, offset: next }),
  };
}

/** What Omnichannel Inventory has no record of at any location is counted nowhere. */
async function withoutRecord(client: SfccClient, config: SfccConfig, found: Product[]): Promise<Set<string>> {
  const ids = found.map(({ id }) => id);
  const levels = await availability(client, config, 'availability', ids, locationsOf(config));
  const counted = new Set(levels.map(({ stockKey }) => stockKey));
  return new Set(ids.filter((id) => !counted.has(id)));
}

async function perpetualOf(
  client: SfccClient,
  config: SfccConfig,
  found: Product[],
  perpetual: string[],
): Promise<Set<string>> {
  const uncounted = new Set<string>();
  for (const { id } of found)
    if (perpetual.includes(id) && (await isPerpetualEverywhere(client, config, id))) uncounted.add(id);
  return uncounted;
}

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
