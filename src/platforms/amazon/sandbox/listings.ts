import { availableOf, type Routed, type StockItem } from '../../../platform/sandbox-kit/index.ts';
import { codeOf, csv, extraOf, invalid, MARKETPLACE, Refusal, readCount, readMoment, type Stand } from './stand.ts';

/** "The maximum number of items (SKUs) that can be returned and paged through is 1000." */
const PAGED_MAX = 1000;
const DATA = [
  'summaries',
  'attributes',
  'issues',
  'offers',
  'fulfillmentAvailability',
  'procurement',
  'relationships',
  'productTypes',
];

/** @throws Refusal for a foreign seller or an unknown marketplace. */
export function demandScope(stand: Stand, routed: Routed): void {
  if (routed.params['sellerId'] !== stand.sellerId)
    throw new Refusal(403, 'Unauthorized', 'Access to requested resource is denied.');
  const marketplaces = csv(routed.query.get('marketplaceIds'));
  if (marketplaces.length === 0) throw invalid('marketplaceIds is required.');
  if (marketplaces.some((one) => one !== MARKETPLACE)) throw invalid('Invalid marketplaceIds.');
}

function includedData(routed: Routed): Set<string> {
  const asked = csv(routed.query.get('includedData'));
  const odd = asked.find((name) => !DATA.includes(name));
  if (odd !== undefined) throw invalid(`Invalid includedData: ${odd}.`);
  return new Set(asked.length > 0 ? asked : ['summaries']);
}

function itemJson(stand: Stand, item: StockItem, data: Set<string>): Record<string, unknown> {
  const extra = extraOf(item);
  const shown = availability(stand, item);
  const buyable = shown.some((entry) => entry.quantity === undefined || entry.quantity > 0);
  const parts: Record<string, unknown> = {
    summaries: [
      {
        marketplaceId: MARKETPLACE,
        asin: `B0${String(item.seq).padStart(8, '0')}`,
        productType: extra.productType,
        conditionType: 'new_new',
        status: buyable ? ['BUYABLE', 'DISCOVERABLE'] : ['DISCOVERABLE'],
        itemName: item.title,
        createdDate: new Date(extra.createdMs).toISOString().replace('.000Z', 'Z'),
        lastUpdatedDate: new Date(extra.updatedMs).toISOString(),
      },
    ],
    attributes: { item_name: [{ value: item.title, marketplace_id: MARKETPLACE }], ...extra.submitted },
    fulfillmentAvailability: shown,
    productTypes: [{ marketplaceId: MARKETPLACE, productType: extra.productType }],
  };
  const empty = { issues: [], offers: [], procurement: [], relationships: [] };
  const all = { ...empty, ...parts };
  return { sku: item.sku, ...Object.fromEntries(Object.entries(all).filter(([name]) => data.has(name))) };
}

/** What is in force, by channel code. */
function availability(stand: Stand, item: StockItem): { fulfillmentChannelCode: string; quantity?: number }[] {
  const extra = extraOf(item);
  const { fbaLocation } = stand.options;
  return item.levels.flatMap((level) => {
    if (level.location === fbaLocation ? !extra.byAmazon : !extra.byMerchant) return [];
    if (level.location !== fbaLocation && !stand.own.includes(level.location)) return [];
    const quantity = Math.max(0, Math.floor(availableOf(level)));
    return [{ fulfillmentChannelCode: codeOf(stand, level.location), ...(item.tracked && { quantity }) }];
  });
}

export function getListingsItem(stand: Stand, routed: Routed): unknown {
  demandScope(stand, routed);
  const data = includedData(routed);
  const sku = routed.params['sku']!;
  const item = stand.book.shelves.item(sku);
  if (!item) throw new Refusal(404, 'NOT_FOUND', `SKU '${sku}' not found in marketplace ${MARKETPLACE}`);
  return itemJson(stand, item, data);
}

export function searchListingsItems(stand: Stand, routed: Routed): unknown {
  demandScope(stand, routed);
  const { query } = routed;
  const data = includedData(routed);
  const pageSize = readCount(query.get('pageSize'), 'pageSize', 10, 20);
  const params = new URLSearchParams(query);
  params.delete('pageToken');
  params.sort();
  const offset = readToken(query.get('pageToken'), params.toString());
  const matching = matches(stand, routed);
  const reachable = Math.min(matching.length, PAGED_MAX);
  const page = matching.slice(offset, Math.min(offset + pageSize, reachable));
  const token = (at: number) => Buffer.from(JSON.stringify([at, params.toString()])).toString('base64url');
  const pagination = {
    ...(offset + pageSize < reachable && { nextToken: token(offset + pageSize) }),
    ...(offset > 0 && { previousToken: token(Math.max(0, offset - pageSize)) }),
  };
  return {
    numberOfResults: matching.length,
    ...(Object.keys(pagination).length > 0 && { pagination }),
    items: page.map((item) => itemJson(stand, item, data)),
  };
}

/** A token belongs to the very parameters that it was made for. */
function readToken(token: string | null, params: string): number {
  if (token === null) return 0;
  try {
    const [at, made] = JSON.parse(Buffer.from(token, 'base64url').toString()) as [number, string];
    if (made === params && Number.isInteger(at) && at >= 0) return at;
  } catch {
    // Not one of ours.
  }
  throw invalid('Invalid pageToken.');
}

function matches(stand: Stand, { query }: Routed): StockItem[] {
  const identifiers = csv(query.get('identifiers'));
  if (identifiers.length > 20) throw invalid('At most 20 identifiers are allowed.');
  if (identifiers.length > 0 && query.get('identifiersType') === null) throw invalid('identifiersType is required.');
  const { shelves } = stand.book;
  if (identifiers.length > 0) {
    if (query.get('identifiersType') !== 'SKU') return [];
    return [...new Set(identifiers)].flatMap((sku) => shelves.item(sku) ?? []);
  }
  const after = readMoment(query.get('createdAfter'), 'createdAfter');
  const before = readMoment(query.get('createdBefore'), 'createdBefore');
  const updatedAfter = readMoment(query.get('lastUpdatedAfter'), 'lastUpdatedAfter');
  const updatedBefore = readMoment(query.get('lastUpdatedBefore'), 'lastUpdatedBefore');
  const narrowed = ['createdBefore', 'lastUpdatedAfter', 'lastUpdatedBefore'].some((name) => query.has(name));
  if (!narrowed && query.get('sortBy') === 'createdDate' && query.get('sortOrder') === 'ASC')
    return shelves.items.slice(firstFrom(shelves.items, after ?? 0));
  const within = (ms: number, least: number | undefined, most: number | undefined) =>
    (least === undefined || ms >= least) && (most === undefined || ms <= most);
  const found = shelves.items.filter(
    (item) =>
      within(extraOf(item).createdMs, after, before) && within(extraOf(item).updatedMs, updatedAfter, updatedBefore),
  );
  const sortBy = query.get('sortBy') ?? 'lastUpdatedDate';
  const key = {
    sku: (item: StockItem) => item.sku,
    createdDate: (item: StockItem) => extraOf(item).createdMs,
    lastUpdatedDate: (item: StockItem) => extraOf(item).updatedMs,
  }[sortBy];
  if (!key) throw invalid('Invalid sortBy.');
  const sign = (query.get('sortOrder') ?? 'DESC') === 'ASC' ? 1 : -1;
  return found.sort((a, b) => (key(a) < key(b) ? -sign : key(a) > key(b) ? sign : (a.seq - b.seq) * sign));
}

/** Items stand in the order of their creation. */
function firstFrom(items: readonly StockItem[], createdMs: number): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (extraOf(items[middle]!).createdMs < createdMs) low = middle + 1;
    else high = middle;
  }
  return low;
}
