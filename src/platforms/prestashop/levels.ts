import type { CellKey, Page, RemoteLevel, RemoteListing } from '../../platform/contract.ts';
import type { PrestaConfig } from './config.ts';
import { variantOf } from './order-doc.ts';
import { combinationsOf, keyOf, packOf, productOf, productsAfter, productsById, stockOf, unitsIn } from './products.ts';
import type { PrestaClient } from './request.ts';
import { placeOf } from './shop.ts';
import type { Element } from './xml.ts';

const blank = (text: string | undefined): string | null => (text?.trim() ? text.trim() : null);

/** A product, or each of its combinations. */
export async function listListings(
  client: PrestaClient,
  config: PrestaConfig,
  cursor: string | null,
): Promise<Page<RemoteListing>> {
  const { products, next } = await productsAfter(client, config, cursor);
  const ids = products.map((product) => product['id']!);
  const combinations = await combinationsOf(client, config, ids);
  const items = products.flatMap((product): RemoteListing[] => {
    const own = combinations.filter((one) => one['id_product'] === product['id']);
    const pack = packOf(product);
    const title = blank(product['name']) ?? `#${product['id']}`;
    const listing = (row: Element, combination: string | undefined, name: string): RemoteListing => {
      const key = variantOf(product['id']!, combination);
      return {
        listing: key,
        stockKey: key,
        sku: blank(row['reference']),
        barcode: blank(row['ean13']),
        title: name,
        tracked: pack !== 'contents',
        ...((pack === 'both' || pack === 'default') && {
          unwritable: 'a pack that takes its contents off stock as well: map it to a bundle',
        }),
      };
    };
    if (own.length === 0) return [listing(product, undefined, title)];
    return own.map((one) => listing(one, one['id'], `${title} (${blank(one['reference']) ?? `#${one['id']}`})`));
  });
  return { items, next };
}

export async function listLevels(
  client: PrestaClient,
  config: PrestaConfig,
  cursor: string | null,
): Promise<Page<RemoteLevel>> {
  const { products, next } = await productsAfter(client, config, cursor);
  if (products.length === 0) return { items: [], next };
  return { items: await levelsOf(client, config, products), next };
}

/** What the shop does not have is missing from the answer. */
export async function readLevels(
  client: PrestaClient,
  config: PrestaConfig,
  cells: readonly CellKey[],
): Promise<RemoteLevel[]> {
  const ids = new Set(cells.flatMap(({ stockKey }) => productOf(stockKey) ?? []));
  if (ids.size === 0) return [];
  const wanted = new Set(cells.map(({ stockKey, location }) => `${stockKey} ${location}`));
  const levels = await levelsOf(client, config, await productsById(client, config, ids));
  return levels.filter(({ stockKey, location }) => wanted.has(`${stockKey} ${location}`));
}

async function levelsOf(
  client: PrestaClient,
  config: PrestaConfig,
  products: readonly Element[],
): Promise<RemoteLevel[]> {
  if (products.length === 0) return [];
  const readAt = new Date(client.now()).toISOString();
  const contents = new Set(products.filter((one) => packOf(one) === 'contents').map((one) => one['id']));
  const ids = products.map((product) => product['id']!);
  return (await stockOf(client, config, 'stock', ids)).flatMap((row): RemoteLevel[] => {
    const available = unitsIn(row);
    // One record that holds no number must not hide the others.
    if (available === undefined) return [];
    const tracked = !contents.has(row['id_product']);
    return [{ stockKey: keyOf(row), location: placeOf(row), available, tracked, readAt }];
  });
}
