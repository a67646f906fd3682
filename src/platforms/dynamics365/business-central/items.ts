import { z } from 'zod';
import { type Quantity, readQuantity } from '../../../domain/quantity.ts';
import {
  type CellKey,
  NO_LOCATION,
  type Page,
  type RemoteLevel,
  type RemoteListing,
} from '../../../platform/contract.ts';
import { ask, type DynamicsClient, following, GUID, iso, odata, pageSize, quoted } from '../api.ts';
import type { DynamicsConfig } from '../config.ts';
import type { DynamicsOp } from '../facts.ts';
import { baseUrl, companyUrl } from './address.ts';

const PAGE = 100;

const item = z.object({
  '@odata.etag': z.string().nullish(),
  id: z.string().min(1),
  number: z.string(),
  displayName: z.string().nullish(),
  type: z.string().nullish(),
  blocked: z.boolean().nullish(),
  gtin: z.string().nullish(),
  inventory: z.unknown().optional(),
});
type Item = z.infer<typeof item>;
const items = z.object({ value: z.array(item), '@odata.nextLink': z.string().nullish() });

const SELECT = 'id,number,displayName,type,blocked,gtin,inventory';

/** Sorted by number, the key of the table: a page's link names the last number, so that nothing shifts under it. */
async function page(client: DynamicsClient, config: DynamicsConfig, op: DynamicsOp, cursor: string | null) {
  const url = cursor ?? odata(`${companyUrl(config)}/items`, { select: SELECT, orderby: 'number' });
  const { data } = await ask(client, op, { method: 'GET', url, headers: pageSize(PAGE) }, items);
  return { found: data.value, next: following(data['@odata.nextLink'], baseUrl(config)) };
}

const isCounted = ({ type }: Item): boolean => (type ?? 'Inventory') === 'Inventory';

export async function listListings(
  client: DynamicsClient,
  config: DynamicsConfig,
  cursor: string | null,
): Promise<Page<RemoteListing>> {
  const { found, next } = await page(client, config, 'catalogue', cursor);
  return { items: found.map(listingOf), next };
}

const listingOf = (one: Item): RemoteListing => ({
  listing: one.id.toLowerCase(),
  stockKey: one.id.toLowerCase(),
  sku: one.number || null,
  barcode: one.gtin || null,
  title: one.displayName || one.number,
  tracked: isCounted(one),
  ...(one.blocked && { unwritable: 'blocked in Business Central' }),
});

export async function listLevels(
  client: DynamicsClient,
  config: DynamicsConfig,
  cursor: string | null,
): Promise<Page<RemoteLevel>> {
  const readAt = iso(client.now());
  const { found, next } = await page(client, config, 'levels', cursor);
  return { items: found.flatMap((one) => levelOf(one, readAt)), next };
}

/** `inventory` is what lies there, over all locations; open orders are not taken off it. One absurd row hides no others. */
function levelOf(one: Item, readAt: string): RemoteLevel[] {
  let available: Quantity;
  try {
    available = readQuantity(one.inventory ?? 0);
  } catch {
    return [];
  }
  const version = one['@odata.etag'];
  return [
    {
      stockKey: one.id.toLowerCase(),
      location: NO_LOCATION,
      available,
      tracked: isCounted(one),
      ...(version && { version }),
      readAt,
    },
  ];
}

export async function readLevels(
  client: DynamicsClient,
  config: DynamicsConfig,
  cells: readonly CellKey[],
): Promise<RemoteLevel[]> {
  const ids = [...new Set(cells.map(({ stockKey }) => stockKey))].filter((id) => GUID.test(id));
  return where(
    client,
    config,
    ids.map((id) => `id eq ${id}`),
  );
}

/** By item number, as ledger entries name them. */
export const levelsByNumber = (
  client: DynamicsClient,
  config: DynamicsConfig,
  numbers: readonly string[],
): Promise<RemoteLevel[]> =>
  where(
    client,
    config,
    numbers.map((number) => `number eq ${quoted(number)}`),
  );

/** Conditions per call: the address must not grow beyond what proxies take. */
const CONDITIONS = 50;

async function where(client: DynamicsClient, config: DynamicsConfig, conditions: string[]): Promise<RemoteLevel[]> {
  const readAt = iso(client.now());
  const levels: RemoteLevel[] = [];
  for (let start = 0; start < conditions.length; start += CONDITIONS) {
    const filter = conditions.slice(start, start + CONDITIONS).join(' or ');
    const url = odata(`${companyUrl(config)}/items`, { select: SELECT, filter });
    const { data } = await ask(client, 'readLevels', { method: 'GET', url, headers: pageSize(PAGE) }, items);
    levels.push(...data.value.flatMap((one) => levelOf(one, readAt)));
  }
  return levels;
}
