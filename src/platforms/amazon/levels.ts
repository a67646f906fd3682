import type { CellKey, Client, Page, RemoteLevel } from '../../platform/contract.ts';
import { Failure } from '../../platform/failure.ts';
import { bodyText } from '../../platform/http.ts';
import { readJson } from '../../platform/json.ts';
import { apiRequest, listingsPath } from './address.ts';
import { walkListings } from './catalogue.ts';
import type { AmazonConfig } from './config.ts';
import type { AmazonOp } from './facts.ts';
import { fbaPage, readFba } from './fba.ts';
import { levelsOf } from './listing.ts';
import { type Fields, list, record, text } from './shape.ts';

/** What is in force (`fulfillmentAvailability`), never what was last submitted (`attributes`): those differ for minutes. */
const LEVEL_DATA = ['summaries', 'fulfillmentAvailability'];

const FBA_CURSOR = 'fba:';

/** Every level: the merchant's, then (where it is a place of its own) Amazon's. */
export async function listLevels(
  client: Client<AmazonOp>,
  config: AmazonConfig,
  cursor: string | null,
): Promise<Page<RemoteLevel>> {
  if (cursor?.startsWith(FBA_CURSOR)) return listFba(client, config, cursor.slice(FBA_CURSOR.length));
  const readAt = new Date(client.now()).toISOString();
  const { items, next } = await walkListings(client, config, cursor, LEVEL_DATA);
  const levels = items.flatMap((item) => levelsOf(item, config, readAt));
  return { items: levels, next: next ?? (config.fbaLocation ? FBA_CURSOR : null) };
}

async function listFba(client: Client<AmazonOp>, config: AmazonConfig, token: string): Promise<Page<RemoteLevel>> {
  const marketplaceId = config.marketplaceIds[0]!;
  const page = await fbaPage(client, config, { marketplaceId, ...(token !== '' && { token }) });
  return { items: page.levels, next: page.token === null ? null : `${FBA_CURSOR}${page.token}` };
}

/** Up to twenty cells. Twenty SKUs cost one call; a SKU that Amazon does not know is missing from the answer. */
export async function readLevels(
  client: Client<AmazonOp>,
  config: AmazonConfig,
  cells: (CellKey & { extra?: Record<string, string> })[],
): Promise<RemoteLevel[]> {
  const readAt = new Date(client.now()).toISOString();
  const atAmazon = cells.filter((cell) => cell.location === config.fbaLocation);
  const own = cells.filter((cell) => cell.location !== config.fbaLocation);
  const levels: RemoteLevel[] = [];
  const items = await findItems(client, config, [...new Set(own.map((cell) => cell.stockKey))]);
  for (const [sku, item] of items) {
    const places = own.filter((cell) => cell.stockKey === sku).map((cell) => cell.location);
    levels.push(...levelsOf(item, config, readAt, places));
  }
  if (atAmazon.length > 0)
    levels.push(...(await readFba(client, config, [...new Set(atAmazon.map((cell) => cell.stockKey))])));
  return levels;
}

/**
 * Items by SKU, exactly as spelled. The search runs over an index: whoever is missing there is asked for by name before
 * anybody believes that it is gone (a cell that counts as gone is never written again).
 */
export async function findItems(
  client: Client<AmazonOp>,
  config: AmazonConfig,
  skus: string[],
): Promise<Map<string, Fields>> {
  const found = new Map<string, Fields>();
  // The list is joined by commas: a SKU with a comma in it would be searched for as two.
  const plain = skus.filter((sku) => !sku.includes(','));
  for (let start = 0; start < plain.length && plain.length > 1; start += 20) {
    const request = apiRequest(config, 'GET', listingsPath(config.account), {
      marketplaceIds: config.marketplaceIds,
      identifiers: plain.slice(start, start + 20),
      identifiersType: 'SKU',
      includedData: LEVEL_DATA,
      pageSize: '20',
    });
    const body = record(readJson(bodyText(await client.call('searchListingsItemsBySku', request))));
    for (const item of list(body['items']).map(record)) {
      const sku = text(item['sku']);
      if (sku !== undefined && skus.includes(sku)) found.set(sku, item);
    }
  }
  for (const sku of skus) {
    if (found.has(sku)) continue;
    const item = await findItem(client, config, sku);
    if (item) found.set(sku, item);
  }
  return found;
}

/** One item by its SKU; undefined when Amazon answers that there is none. */
export async function findItem(
  client: Client<AmazonOp>,
  config: AmazonConfig,
  sku: string,
): Promise<Fields | undefined> {
  const query = { marketplaceIds: config.marketplaceIds, includedData: LEVEL_DATA };
  try {
    const request = apiRequest(config, 'GET', listingsPath(config.account, sku), query);
    return record(readJson(bodyText(await client.call('getListingsItem', request))));
  } catch (error) {
    if (error instanceof Failure && error.failure === 'gone') return undefined;
    throw error;
  }
}
