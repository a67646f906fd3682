import { availableOf, type Routed } from '../../../platform/sandbox-kit/index.ts';
import { csv, extraOf, invalid, MARKETPLACE, readCount, type Stand } from './stand.ts';

/** `GET /supplySources/2020-07-01/supplySources` */
export function getSupplySources(stand: Stand, { query }: Routed): unknown {
  const pageSize = readCount(query.get('pageSize'), 'pageSize', 10, 100);
  const places = stand.options.multiLocation ? stand.own : [];
  const offset = Number(query.get('nextPageToken') ?? 0);
  if (!Number.isInteger(offset) || offset < 0) throw invalid('Invalid nextPageToken.');
  const names = new Map(stand.options.locations.map((place) => [place.id, place.name]));
  return {
    supplySources: places.slice(offset, offset + pageSize).map((location) => ({
      supplySourceId: location,
      supplySourceCode: `code-${location}`,
      alias: names.get(location),
      address: {
        name: names.get(location),
        addressLine1: '1 Dock Road',
        stateOrRegion: 'WA',
        postalCode: '98101',
        countryCode: 'US',
      },
    })),
    ...(offset + pageSize < places.length && { nextPageToken: String(offset + pageSize) }),
  };
}

/** `GET /fba/inventory/v1/summaries`: what lies in Amazon's warehouses. */
export function getInventorySummaries(stand: Stand, { query }: Routed): unknown {
  if (query.get('granularityType') !== 'Marketplace' || query.get('granularityId') !== MARKETPLACE)
    throw invalid('Invalid granularity.');
  if (query.get('marketplaceIds') !== MARKETPLACE) throw invalid('Invalid marketplaceIds.');
  const skus = csv(query.get('sellerSkus'));
  if (skus.length > 50) throw invalid('At most 50 sellerSkus are allowed.');
  const one = query.get('sellerSku');
  const wanted = skus.length > 0 ? skus : one === null ? undefined : [one];
  const { fbaLocation } = stand.options;
  const held = (fbaLocation === undefined ? [] : stand.book.shelves.items).filter(
    (item) => extraOf(item).byAmazon && (!wanted || wanted.includes(item.sku)),
  );
  const offset = Number(query.get('nextToken') ?? 0);
  if (!Number.isInteger(offset) || offset < 0) throw invalid('Invalid nextToken.');
  const summaries = held.slice(offset, offset + 50).map((item) => {
    const level = stand.book.shelves.level(item, fbaLocation!)!;
    const ready = Math.max(0, availableOf(level));
    const reserved = level.committed;
    return {
      asin: `B0${String(item.seq).padStart(8, '0')}`,
      fnSku: `X00${String(item.seq).padStart(7, '0')}`,
      sellerSku: item.sku,
      condition: 'NewItem',
      productName: item.title,
      totalQuantity: level.onHand,
      ...(query.get('details') === 'true' && {
        inventoryDetails: {
          fulfillableQuantity: ready,
          inboundWorkingQuantity: 0,
          inboundShippedQuantity: 0,
          inboundReceivingQuantity: 0,
          reservedQuantity: {
            totalReservedQuantity: reserved,
            pendingCustomerOrderQuantity: reserved,
            pendingTransshipmentQuantity: 0,
            fcProcessingQuantity: 0,
          },
        },
      }),
    };
  });
  return {
    ...(offset + 50 < held.length && { pagination: { nextToken: String(offset + 50) } }),
    payload: {
      granularity: { granularityType: 'Marketplace', granularityId: MARKETPLACE },
      inventorySummaries: summaries,
    },
  };
}
