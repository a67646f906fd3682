import { type Quantity, readQuantity } from '../../domain/quantity.ts';
import type { PrestaConfig } from './config.ts';
import { variantOf } from './order-doc.ts';
import { among, apiRequest, type PrestaClient } from './request.ts';
import { answer, type Element } from './xml.ts';

/** Their ids go into the address of the next calls. */
const SIZE = 50;

const FIELDS = '[id,reference,ean13,name,cache_is_pack,pack_stock_type]';

/** Products by id, behind the last one seen: no page numbers, which shift while products are deleted. */
export async function productsAfter(
  client: PrestaClient,
  config: PrestaConfig,
  cursor: string | null,
): Promise<{ products: Element[]; next: string | null }> {
  const query = { display: FIELDS, 'filter[id]': `>[${cursor ?? '0'}]`, sort: '[id_ASC]', limit: SIZE };
  const response = await client.call('products', apiRequest(config, 'GET', '/products', query));
  const products = answer(response, 'products', 'product');
  return { products, next: products.length < SIZE ? null : products.at(-1)!['id']! };
}

export async function productsById(
  client: PrestaClient,
  config: PrestaConfig,
  ids: Iterable<string>,
): Promise<Element[]> {
  const query = { display: FIELDS, 'filter[id]': among(ids) };
  return answer(await client.call('products', apiRequest(config, 'GET', '/products', query)), 'products', 'product');
}

export async function combinationsOf(
  client: PrestaClient,
  config: PrestaConfig,
  ids: readonly string[],
): Promise<Element[]> {
  if (ids.length === 0) return [];
  const query = { display: '[id,id_product,reference,ean13]', 'filter[id_product]': among(ids), sort: '[id_ASC]' };
  const response = await client.call('combinations', apiRequest(config, 'GET', '/combinations', query));
  return answer(response, 'combinations', 'combination');
}

/** All stock records of these products, whole as PUT wants them back. */
export async function stockOf(
  client: PrestaClient,
  config: PrestaConfig,
  op: 'stock' | 'freshStock',
  ids: Iterable<string>,
): Promise<Element[]> {
  const query = { display: 'full', 'filter[id_product]': among(ids), sort: '[id_ASC]' };
  const response = await client.call(op, apiRequest(config, 'GET', '/stock_availables', query));
  return withoutSums(answer(response, 'stock_availables', 'stock_available'));
}

/** The record without a combination of a product that has some is their sum: PrestaShop computes it after each write. */
function withoutSums(rows: Element[]): Element[] {
  const combined = new Set(rows.filter((row) => row['id_product_attribute'] !== '0').map((row) => row['id_product']));
  return rows.filter((row) => row['id_product_attribute'] !== '0' || !combined.has(row['id_product']));
}

export const keyOf = (row: Element): string => variantOf(row['id_product'] ?? '', row['id_product_attribute']);

/** undefined: no number of units. */
export function unitsIn(row: Element): Quantity | undefined {
  try {
    return readQuantity(row['quantity'] || '0');
  } catch {
    return undefined;
  }
}

/** `27/44`; undefined: no key of ours. */
export const productOf = (stockKey: string): string | undefined => /^(\d{1,20})\/\d{1,20}$/.exec(stockKey)?.[1];

/** How a pack is taken off stock: `contents`, `both` or by the shop's default mean that its own number says little. */
export function packOf(product: Element): 'itself' | 'contents' | 'both' | 'default' {
  if (product['cache_is_pack'] !== '1') return 'itself';
  return ({ 0: 'itself', 1: 'contents', 2: 'both' } as const)[product['pack_stock_type'] ?? ''] ?? 'default';
}
