import { z } from 'zod';
import { type Quantity, readQuantity } from '../../../domain/quantity.ts';
import {
  type CellKey,
  NO_LOCATION,
  type Page,
  type RemoteLevel,
  type RemoteListing,
} from '../../../platform/contract.ts';
import { ask, type DynamicsClient, following, GUID, iso, odata, pageSize } from '../api.ts';
import type { DynamicsConfig } from '../config.ts';
import type { DynamicsOp } from '../facts.ts';
import { baseUrl } from './address.ts';

const PAGE = 100;
const SELECT = 'productid,productnumber,name,statecode,productstructure,isstockitem,quantityonhand';

const product = z.object({
  '@odata.etag': z.string().nullish(),
  productid: z.string().min(1),
  productnumber: z.string().nullish(),
  name: z.string().nullish(),
  statecode: z.number().nullish(),
  productstructure: z.number().nullish(),
  isstockitem: z.boolean().nullish(),
  quantityonhand: z.unknown().optional(),
});
type Product = z.infer<typeof product>;
const products = z.object({ value: z.array(product), '@odata.nextLink': z.string().nullish() });

/** Families only group; bundles are sold as what is in them. */
const FAMILY = 2;
const BUNDLE = 3;
const RETIRED = 1;

async function page(client: DynamicsClient, config: DynamicsConfig, op: DynamicsOp, cursor: string | null) {
  const url = cursor ?? odata(`${baseUrl(config)}/products`, { select: SELECT, orderby: 'productid' });
  const { data } = await ask(client, op, { method: 'GET', url, headers: pageSize(PAGE) }, products);
  return {
    found: data.value.filter(({ productstructure }) => productstructure !== FAMILY),
    next: following(data['@odata.nextLink'], baseUrl(config)),
  };
}

export async function listListings(
  client: DynamicsClient,
  config: DynamicsConfig,
  cursor: string | null,
): Promise<Page<RemoteListing>> {
  const { found, next } = await page(client, config, 'catalogue', cursor);
  return { items: found.map(listingOf), next };
}

function listingOf(one: Product): RemoteListing {
  const id = one.productid.toLowerCase();
  const unwritable =
    one.productstructure === BUNDLE
      ? 'a bundle'
      : one.statecode === RETIRED
        ? 'retired in Dynamics 365 Sales'
        : undefined;
  return {
    listing: id,
    stockKey: id,
    sku: one.productnumber || null,
    title: one.name || one.productnumber || id,
    tracked: isCounted(one),
    ...(unwritable && { unwritable }),
  };
}

/** "Stock item" of the product form; where nobody chose, it counts. */
const isCounted = ({ isstockitem }: Product): boolean => isstockitem !== false;

export async function listLevels(
  client: DynamicsClient,
  config: DynamicsConfig,
  cursor: string | null,
): Promise<Page<RemoteLevel>> {
  const readAt = iso(client.now());
  const { found, next } = await page(client, config, 'levels', cursor);
  return { items: found.flatMap((one) => levelOf(one, readAt)), next };
}

export async function readLevels(
  client: DynamicsClient,
  config: DynamicsConfig,
  cells: readonly CellKey[],
): Promise<RemoteLevel[]> {
  const readAt = iso(client.now());
  const ids = [...new Set(cells.map(({ stockKey }) => stockKey))].filter((id) => GUID.test(id));
  if (ids.length === 0) return [];
  const filter = ids.map((id) => `productid eq ${id}`).join(' or ');
  const url = odata(`${baseUrl(config)}/products`, { select: SELECT, filter });
  const { data } = await ask(client, 'readLevels', { method: 'GET', url, headers: pageSize(PAGE) }, products);
  return data.value.flatMap((one) => levelOf(one, readAt));
}

/** Sales never lowers `quantityonhand` itself: it is a mirror. One absurd row hides no others. */
function levelOf(one: Product, readAt: string): RemoteLevel[] {
  let available: Quantity;
  try {
    available = readQuantity(one.quantityonhand ?? 0);
  } catch {
    return [];
  }
  const version = one['@odata.etag'];
  return [
    {
      stockKey: one.productid.toLowerCase(),
      location: NO_LOCATION,
      available,
      tracked: isCounted(one),
      ...(version && { version }),
      readAt,
    },
  ];
}
