import { z } from 'zod';
import type { Page, RemoteListing } from '../../../platform/contract.ts';
import { ask, type DynamicsClient, following, pageSize, quoted } from '../api.ts';
import type { DynamicsConfig } from '../config.ts';
import type { DynamicsOp } from '../facts.ts';
import { dataUrl, rowsOf } from './address.ts';

const PAGE = 100;
const SELECT = 'dataAreaId,ItemNumber,SearchName,ProductType';

const product = z.object({
  ItemNumber: z.string().min(1),
  SearchName: z.string().nullish(),
  ProductType: z.string().nullish(),
});
const rows = z.object({ value: z.array(product), '@odata.nextLink': z.string().nullish() });

export interface Product {
  number: string;
  name: string;
  counted: boolean;
}

const productOf = (one: z.infer<typeof product>): Product => ({
  number: one.ItemNumber,
  name: one.SearchName || one.ItemNumber,
  counted: (one.ProductType ?? 'Item') !== 'Service',
});

export async function productPage(
  client: DynamicsClient,
  config: DynamicsConfig,
  op: DynamicsOp,
  cursor: string | null,
): Promise<Page<Product>> {
  const url = cursor ?? rowsOf(config, 'ReleasedProductsV2', { select: SELECT, orderby: 'ItemNumber' });
  const { data } = await ask(client, op, { method: 'GET', url, headers: pageSize(PAGE) }, rows);
  return { items: data.value.map(productOf), next: following(data['@odata.nextLink'], dataUrl(config)) };
}

/** Those of these that are released in the legal entity. Inventory Visibility itself takes any name. */
export async function productsNamed(
  client: DynamicsClient,
  config: DynamicsConfig,
  numbers: readonly string[],
): Promise<Map<string, Product>> {
  const found = new Map<string, Product>();
  for (let start = 0; start < numbers.length; start += PAGE / 2) {
    const named = numbers.slice(start, start + PAGE / 2).map((number) => `ItemNumber eq ${quoted(number)}`);
    const url = rowsOf(config, 'ReleasedProductsV2', { select: SELECT, filter: `(${named.join(' or ')})` });
    const { data } = await ask(client, 'readLevels', { method: 'GET', url, headers: pageSize(PAGE) }, rows);
    for (const one of data.value) found.set(one.ItemNumber, productOf(one));
  }
  return found;
}

export async function listListings(
  client: DynamicsClient,
  config: DynamicsConfig,
  cursor: string | null,
): Promise<Page<RemoteListing>> {
  const { items, next } = await productPage(client, config, 'catalogue', cursor);
  return {
    items: items.map(({ number, name, counted }) => ({
      listing: number,
      stockKey: number,
      sku: number,
      title: name,
      tracked: counted,
    })),
    next,
  };
}
