import { z } from 'zod';
import type { Page, RemoteListing } from '../../platform/contract.ts';
import { apiRequest, type BigClient, id, listOf, readAs } from './api.ts';
import type { BigConfig } from './config.ts';

const text = z.string().nullish();

const variant = z.object({
  id,
  sku: text,
  upc: text,
  option_values: z.array(z.object({ label: text })).nullish(),
});

const product = z.object({
  id,
  name: text,
  sku: text,
  upc: text,
  type: text,
  inventory_tracking: z.enum(['none', 'product', 'variant']).or(z.string()).nullish(),
  variants: z.array(variant).nullish(),
});
export type Product = z.infer<typeof product>;

/** Products of one call, each with up to 600 variants. */
const LIMIT = 100;
const FIELDS = 'name,sku,upc,type,inventory_tracking';

/**
 * Products by id, from the one after `cursor` on: page numbers would pass rows over when a product is deleted.
 * @returns `next` null at the end
 */
export async function productPage(
  client: BigClient,
  config: BigConfig,
  cursor: string | null,
): Promise<{ products: Product[]; next: string | null }> {
  const request = apiRequest(config, 'GET', '/v3/catalog/products', {
    ...(cursor !== null && { 'id:greater': cursor }),
    sort: 'id',
    direction: 'asc',
    limit: LIMIT,
    include: 'variants',
    include_fields: FIELDS,
  });
  const { data } = readAs(await client.call('products', request), listOf(product), '/v3/catalog/products');
  const last = data.at(-1)?.id ?? null;
  return { products: data, next: data.length < LIMIT || last === cursor ? null : last };
}

/** Of these products the ones with a single variant, and that variant. */
export async function onlyVariants(
  client: BigClient,
  config: BigConfig,
  productIds: readonly string[],
): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (let start = 0; start < productIds.length; start += LIMIT) {
    const request = apiRequest(config, 'GET', '/v3/catalog/products', {
      'id:in': productIds.slice(start, start + LIMIT).join(','),
      limit: LIMIT,
      include: 'variants',
      include_fields: FIELDS,
    });
    const { data } = readAs(await client.call('productsById', request), listOf(product), '/v3/catalog/products');
    for (const { id: own, variants } of data) if (variants?.length === 1) found.set(own, variants[0]!.id);
  }
  return found;
}

/** One row per variant; a simple product has one, its base variant. */
export async function listListings(
  client: BigClient,
  config: BigConfig,
  cursor: string | null,
): Promise<Page<RemoteListing>> {
  const { products, next } = await productPage(client, config, cursor);
  return { items: products.flatMap(listingsOf), next };
}

/**
 * What stock is counted by: a product that tracks by variant has one record per variant, `512`; one that tracks by
 * product has one for all of them, `product/77`.
 */
export const stockKeyOf = (one: Pick<Product, 'id' | 'inventory_tracking'>, variantId: string): string =>
  one.inventory_tracking === 'product' ? `product/${one.id}` : variantId;

export const isTracked = (one: Pick<Product, 'inventory_tracking'>): boolean =>
  one.inventory_tracking === 'product' || one.inventory_tracking === 'variant';

function listingsOf(one: Product): RemoteListing[] {
  const variants = one.variants ?? [];
  return variants.map((variant) => {
    const options = (variant.option_values ?? []).flatMap(({ label }) => label?.trim() || []).join(', ');
    const name = one.name?.trim() || `Product ${one.id}`;
    return {
      listing: variant.id,
      stockKey: stockKeyOf(one, variant.id),
      sku: variant.sku?.trim() || (variants.length === 1 && one.sku?.trim()) || null,
      barcode: variant.upc?.trim() || (variants.length === 1 && one.upc?.trim()) || null,
      title: options ? `${name}, ${options}` : name,
      tracked: isTracked(one),
    };
  });
}
