import type { Client, Page, RemoteListing, RemoteLocation } from '../../platform/contract.ts';
import { Failure } from '../../platform/failure.ts';
import { bodyText } from '../../platform/http.ts';
import { readJson } from '../../platform/json.ts';
import { apiRequest, listingsPath } from './address.ts';
import type { AmazonConfig } from './config.ts';
import type { AmazonOp } from './facts.ts';
import { listingOf, summaryOf } from './listing.ts';
import { MERCHANT } from './order-state.ts';
import { type Fields, id, list, moment, record, text } from './shape.ts';

const PAGE_SIZE = 20;
/** "The maximum number of items (SKUs) that can be returned and paged through is 1000." */
const WINDOW_MAX = 1000;

/** Marketplace by marketplace, and within one by creation: where a thousand end, the next slice begins. */
interface Walk {
  market: number;
  /** Lower bound of the slice; null: from the beginning. */
  after: string | null;
  token: string | null;
  /** Items told since the slice began. */
  seen: number;
  /** The newest creation time told so far. */
  last: string | null;
}

const START: Walk = { market: 0, after: null, token: null, seen: 0, last: null };

/**
 * One page of all listings. Slices meet at one instant, so some are told twice; none is left out.
 * @throws Failure when more than a thousand were created in one instant: the API cannot tell them apart.
 */
export async function walkListings(
  client: Client<AmazonOp>,
  config: AmazonConfig,
  cursor: string | null,
  includedData: string[],
): Promise<{ items: Fields[]; marketplaceId: string; next: string | null }> {
  const walk: Walk = cursor === null ? START : { ...START, ...(JSON.parse(cursor) as Walk) };
  const marketplaceId = config.marketplaceIds[walk.market]!;
  const request = apiRequest(config, 'GET', listingsPath(config.account), {
    marketplaceIds: [marketplaceId],
    includedData,
    pageSize: String(PAGE_SIZE),
    sortBy: 'createdDate',
    sortOrder: 'ASC',
    createdAfter: walk.after ?? undefined,
    pageToken: walk.token ?? undefined,
  });
  const body = record(readJson(bodyText(await client.call('searchListingsItems', request))));
  const items = list(body['items']).map(record);
  const seen = walk.seen + items.length;
  const created = items.map((item) => moment(summaryOf(item, marketplaceId)['createdDate']));
  const last =
    [walk.last, ...created]
      .filter((time) => time != null)
      .sort(byTime)
      .at(-1) ?? null;
  const token = text(record(body['pagination'])['nextToken']) ?? null;
  const next = nextStep({ ...walk, seen, last }, token, Number(body['numberOfResults']), config.marketplaceIds.length);
  return { items, marketplaceId, next: next && JSON.stringify(next) };
}

function nextStep(walk: Walk, token: string | null, total: number, markets: number): Walk | null {
  if (token && walk.seen < WINDOW_MAX) return { ...walk, token };
  if (token || total > walk.seen) {
    if (walk.last === null || walk.last === walk.after)
      throw new Failure(
        'rejected',
        'too-many-at-once',
        'More than 1000 listings were created in one instant, and Amazon shows only 1000 of them. Ask Amazon for the report GET_MERCHANT_LISTINGS_ALL_DATA and map these by file.',
      );
    return { ...START, market: walk.market, after: walk.last, last: walk.last };
  }
  return walk.market + 1 < markets ? { ...START, market: walk.market + 1 } : null;
}

const byTime = (a: string, b: string): number => Date.parse(a) - Date.parse(b);

export async function listListings(
  client: Client<AmazonOp>,
  config: AmazonConfig,
  cursor: string | null,
): Promise<Page<RemoteListing>> {
  const data = ['summaries', 'fulfillmentAvailability', 'relationships'];
  const { items, marketplaceId, next } = await walkListings(client, config, cursor, data);
  return { items: items.flatMap((item) => listingOf(item, marketplaceId) ?? []), next };
}

/** The merchant's one pool, or its supply sources; and, where asked for, Amazon's warehouses, which nobody can write. */
export async function listLocations(client: Client<AmazonOp>, config: AmazonConfig): Promise<RemoteLocation[]> {
  const own = config.multiLocation
    ? await supplySources(client, config)
    : [{ location: MERCHANT, name: 'Fulfilled by merchant', active: true }];
  if (!config.fbaLocation) return own;
  return [...own, { location: config.fbaLocation, name: 'Fulfilled by Amazon (read only)', active: false }];
}

async function supplySources(client: Client<AmazonOp>, config: AmazonConfig): Promise<RemoteLocation[]> {
  const found: RemoteLocation[] = [];
  let token: string | undefined;
  do {
    const query = { pageSize: '100', nextPageToken: token };
    const request = apiRequest(config, 'GET', '/supplySources/2020-07-01/supplySources', query);
    const body = record(readJson(bodyText(await client.call('getSupplySources', request))));
    for (const source of list(body['supplySources']).map(record)) {
      const location = id(source['supplySourceId']);
      const name = text(source['alias']) ?? text(source['supplySourceCode']) ?? location;
      if (location && name) found.push({ location, name, active: source['status'] !== 'Archived' });
    }
    const next = text(body['nextPageToken']);
    if (next !== undefined && next === token) throw new Error('The list of supply sources did not move on.');
    token = next || undefined;
  } while (token !== undefined);
  return found;
}
