import { z } from 'zod';
import {
  type CellKey,
  NO_LOCATION,
  type Page,
  type RemoteLevel,
  type RemoteListing,
  type RemoteLocation,
} from '../../platform/contract.ts';
import { Failure } from '../../platform/failure.ts';
import type { WooConfig } from './config.ts';
import { levelOf, listingOf, PRODUCT_FIELDS, productShape, type WooProduct } from './product.ts';
import { apiRequest, type WooClient } from './request.ts';
import { answer } from './shape.ts';
import { walk } from './walk.ts';

/** One pool per shop. */
export async function listLocations(_client: WooClient, config: WooConfig): Promise<RemoteLocation[]> {
  return [{ location: NO_LOCATION, name: `Stock of ${config.account}`, active: true }];
}

export async function listListings(
  client: WooClient,
  config: WooConfig,
  cursor: string | null,
): Promise<Page<RemoteListing>> {
  const { products, next } = await walk(client, config, cursor);
  return { items: products.flatMap((product) => listingOf(product) ?? []), next };
}

export async function listLevels(
  client: WooClient,
  config: WooConfig,
  cursor: string | null,
): Promise<Page<RemoteLevel>> {
  const readAt = new Date(client.now()).toISOString();
  const { products, next } = await walk(client, config, cursor);
  return { items: products.flatMap((product) => levelOf(product, readAt) ?? []), next };
}

/** Products in one call, variations in another; whatever the shop does not have is missing from the answer. */
export async function readLevels(
  client: WooClient,
  config: WooConfig,
  cells: readonly CellKey[],
): Promise<RemoteLevel[]> {
  const keys = [...new Set(cells.filter(({ location }) => location === NO_LOCATION).map(({ stockKey }) => stockKey))];
  const wanted = keys.map(idsOf).filter((ids) => ids !== undefined);
  const readAt = new Date(client.now()).toISOString();
  const products = await byId(
    client,
    config,
    wanted.filter((ids) => ids.parent === undefined).map((ids) => ids.id),
  );
  const variations = await variationsById(
    client,
    config,
    wanted.filter((ids) => ids.parent !== undefined) as VariationIds[],
  );
  const known = new Set(keys);
  return [...products, ...variations]
    .flatMap((product) => levelOf(product, readAt) ?? [])
    .filter(({ stockKey }) => known.has(stockKey));
}

interface VariationIds {
  parent: string;
  id: string;
}

/** `140` → a product, `141/142` → a variation; undefined for what is no key of ours. */
export function idsOf(stockKey: string): { parent?: string; id: string } | undefined {
  const match = /^(?:(\d{1,20})\/)?(\d{1,20})$/.exec(stockKey);
  return match ? { ...(match[1] !== undefined && { parent: match[1] }), id: match[2]! } : undefined;
}

async function byId(client: WooClient, config: WooConfig, ids: readonly string[]): Promise<WooProduct[]> {
  if (ids.length === 0) return [];
  const query = { include: ids.join(','), per_page: 100, status: 'any', _fields: PRODUCT_FIELDS };
  const request = apiRequest(client, config, 'GET', '/products', query);
  return answer(await client.call('productsById', request), z.array(productShape));
}

async function variationsById(
  client: WooClient,
  config: WooConfig,
  ids: readonly VariationIds[],
): Promise<WooProduct[]> {
  if (ids.length === 0) return [];
  const query = (some: readonly VariationIds[]) => ({
    include: some.map(({ id }) => id).join(','),
    per_page: 100,
    status: 'any',
    _fields: PRODUCT_FIELDS,
  });
  try {
    const request = apiRequest(client, config, 'GET', '/variations', query(ids));
    return answer(await client.call('variationsById', request), z.array(productShape));
  } catch (error) {
    // WooCommerce before 10.3 lists variations one product at a time.
    if (!(error instanceof Failure && error.code === 'no-route')) throw error;
  }
  const found: WooProduct[] = [];
  for (const parent of new Set(ids.map((one) => one.parent))) {
    const some = ids.filter((one) => one.parent === parent);
    const request = apiRequest(client, config, 'GET', `/products/${parent}/variations`, query(some));
    try {
      const rows = answer(await client.call('variationsById', request), z.array(productShape));
      found.push(...rows.map((row) => ({ ...row, parent_id: parent, type: row.type ?? 'variation' })));
    } catch (error) {
      if (!(error instanceof Failure && error.failure === 'gone')) throw error;
    }
  }
  return found;
}
