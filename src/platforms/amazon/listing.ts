import { readQuantity } from '../../domain/quantity.ts';
import type { RemoteLevel, RemoteListing } from '../../platform/contract.ts';
import type { AmazonConfig } from './config.ts';
import { MERCHANT } from './order-state.ts';
import { type Fields, list, record, text } from './shape.ts';

/** Amazon's own warehouses: AMAZON_NA, AMAZON_EU, AMAZON_JP … */
export const isAmazons = (channelCode: string): boolean => channelCode.startsWith('AMAZON_');

/** Offer patches are taken under this type whatever the product is; used where the listing did not tell its own. */
export const ANY_PRODUCT_TYPE = 'PRODUCT';

/** channel code → quantity in force; undefined: Amazon shows none. */
function availability(item: Fields): Map<string, unknown> {
  return new Map(
    list(item['fulfillmentAvailability']).flatMap((entry) => {
      const code = text(record(entry)['fulfillmentChannelCode']);
      return code === undefined ? [] : [[code, record(entry)['quantity']] as const];
    }),
  );
}

/** The summary of one marketplace, or the only one there is. */
export function summaryOf(item: Fields, marketplaceId: string): Fields {
  const summaries = list(item['summaries']).map(record);
  return summaries.find((one) => one['marketplaceId'] === marketplaceId) ?? summaries[0] ?? {};
}

/**
 * One item of `searchListingsItems` as a listing. SKU is the key in orders, levels and writes alike.
 * @returns undefined for a variation parent: shoppers buy its children.
 */
export function listingOf(value: unknown, marketplaceId: string): RemoteListing | undefined {
  const item = record(value);
  const sku = text(item['sku']);
  if (!sku || isParent(item)) return undefined;
  const summary = summaryOf(item, marketplaceId);
  const channels = availability(item);
  const own = [...channels.keys()].filter((code) => !isAmazons(code));
  const byAmazonOnly = channels.size > 0 && own.length === 0;
  return {
    listing: sku,
    stockKey: sku,
    sku,
    title: text(summary['itemName']) ?? sku,
    // An offer of one's own without any number is one that Amazon does not count (some services and downloads).
    tracked: own.length === 0 || own.some((code) => channels.get(code) !== undefined),
    ...(byAmazonOnly && {
      // Writing a merchant quantity would not convert the offer but add a second one beside it.
      unwritable: 'fulfilled by Amazon: its stock lies in their warehouses',
    }),
    extra: { productType: text(summary['productType']) ?? ANY_PRODUCT_TYPE, marketplaceId },
  };
}

function isParent(item: Fields): boolean {
  return list(item['relationships'])
    .flatMap((one) => list(record(one)['relationships']))
    .some((one) => record(one)['type'] !== 'PACKAGE_HIERARCHY' && list(record(one)['childSkus']).length > 0);
}

/**
 * What the merchant's own places show for one item. A place that has no entry yet holds nothing, and can be written.
 * @param places which to tell of; undefined: those that the item names (and the one place of accounts with one).
 */
export function levelsOf(
  value: unknown,
  config: Pick<AmazonConfig, 'multiLocation'>,
  readAt: string,
  places?: readonly string[],
): RemoteLevel[] {
  const item = record(value);
  const stockKey = text(item['sku']);
  if (!stockKey) return [];
  const channels = availability(item);
  const named = config.multiLocation
    ? [...channels.keys()].filter((code) => !isAmazons(code) && code !== MERCHANT)
    : [MERCHANT];
  return (places ?? named).map((location) => {
    const shown = channels.get(location);
    const tracked = shown !== undefined || !channels.has(location);
    return { stockKey, location, available: shown === undefined ? 0 : readQuantity(shown), tracked, readAt };
  });
}
