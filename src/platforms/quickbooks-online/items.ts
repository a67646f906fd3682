import { z } from 'zod';
import { type Quantity, readQuantity } from '../../domain/quantity.ts';
import {
  type CellKey,
  NO_LOCATION,
  type Page,
  type RemoteLevel,
  type RemoteListing,
  type RemoteLocation,
} from '../../platform/contract.ts';
import { type QboClient, query } from './api.ts';
import type { QboConfig } from './config.ts';
import type { QboOp } from './facts.ts';

const text = z.string().nullish();

const item = z.object({
  Id: z.string().min(1),
  Name: text,
  FullyQualifiedName: text,
  Sku: text,
  Type: text,
  TrackQtyOnHand: z.boolean().nullish(),
  QtyOnHand: z.union([z.number(), z.string()]).nullish(),
  MetaData: z.object({ LastUpdatedTime: text }).nullish(),
});
type Item = z.infer<typeof item>;

const PAGE = 500;
/** An item that is made inactive leaves the list, and all behind it move up by one: so many are read again. */
const OVERLAP = 20;

const read = (client: QboClient, config: QboConfig, op: QboOp, rest: string): Promise<Item[]> =>
  query(client, config, op, 'Item', `select * from Item ${rest}`, item);

/** One quantity per company. */
export async function listLocations(_client: QboClient, config: QboConfig): Promise<RemoteLocation[]> {
  return [{ location: NO_LOCATION, name: `QuickBooks company ${config.account}`, active: true }];
}

const cursorShape = z.object({ row: z.number().int().positive(), told: z.array(z.string()) });

/**
 * In order of creation, which does not change.
 * @param cursor the row to start at, and the last ones told before it
 */
async function page(client: QboClient, config: QboConfig, cursor: string | null): Promise<Page<Item>> {
  const { row, told } = cursor === null ? { row: 1, told: [] } : cursorShape.parse(JSON.parse(cursor));
  const rest = `orderby MetaData.CreateTime startposition ${row} maxresults ${PAGE}`;
  const items = await read(client, config, 'items', rest);
  const last = items.slice(-OVERLAP).map(({ Id }) => Id);
  return {
    items: items.filter(({ Id }) => !told.includes(Id)),
    next: items.length < PAGE ? null : JSON.stringify({ row: row + PAGE - OVERLAP, told: last }),
  };
}

/** Active items; categories are shelves of the catalogue, not things. */
export async function listListings(
  client: QboClient,
  config: QboConfig,
  cursor: string | null,
): Promise<Page<RemoteListing>> {
  const { items, next } = await page(client, config, cursor);
  return { items: items.filter(({ Type }) => Type !== 'Category').map(listingOf), next };
}

function listingOf(one: Item): RemoteListing {
  const bundle = one.Type === 'Group';
  return {
    listing: one.Id,
    stockKey: one.Id,
    sku: one.Sku?.trim() || null,
    title: one.FullyQualifiedName?.trim() || one.Name?.trim() || `Item ${one.Id}`,
    tracked: isTracked(one),
    ...(bundle && { unwritable: 'A bundle: QuickBooks keeps the stock of what is in it' }),
  };
}

const isTracked = ({ Type, TrackQtyOnHand }: Item): boolean => Type === 'Inventory' && TrackQtyOnHand !== false;

function levelOf(one: Item, readAt: string): RemoteLevel[] {
  const available = legible(one.QtyOnHand ?? 0);
  if (available === undefined) return [];
  const changed = Date.parse(one.MetaData?.LastUpdatedTime ?? '');
  return [
    {
      stockKey: one.Id,
      location: NO_LOCATION,
      available,
      tracked: isTracked(one),
      ...(!Number.isNaN(changed) && { changedAt: new Date(changed).toISOString() }),
      readAt,
    },
  ];
}

/** One absurd row is left out, so that it does not hide the others. */
function legible(value: unknown): Quantity | undefined {
  try {
    return readQuantity(value);
  } catch {
    return undefined;
  }
}

export async function listLevels(
  client: QboClient,
  config: QboConfig,
  cursor: string | null,
): Promise<Page<RemoteLevel>> {
  const readAt = new Date(client.now()).toISOString();
  const { items, next } = await page(client, config, cursor);
  return { items: items.flatMap((one) => levelOf(one, readAt)), next };
}

export async function readLevels(
  client: QboClient,
  config: QboConfig,
  cells: readonly CellKey[],
): Promise<RemoteLevel[]> {
  const here = cells.filter(({ location, stockKey }) => location === NO_LOCATION && /^\d{1,25}$/.test(stockKey));
  const ids = [...new Set(here.map(({ stockKey }) => stockKey))];
  if (ids.length === 0) return [];
  const readAt = new Date(client.now()).toISOString();
  const names = ids.map((one) => `'${one}'`).join(', ');
  const items = await read(client, config, 'readItems', `where Id in (${names}) maxresults 1000`);
  return items.flatMap((one) => levelOf(one, readAt));
}
