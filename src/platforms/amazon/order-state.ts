import type { Line, Part } from '../../domain/document.ts';
import { type Quantity, quantity } from '../../domain/quantity.ts';
import type { AmazonConfig } from './config.ts';

/** The location id of the merchant's own stock, as Amazon's channel code has it. */
export const MERCHANT = 'DEFAULT';

/**
 * Amazon spells one status three ways: `PARTIALLY_SHIPPED` (REST), `PartiallyShipped` (notifications); `CANCELLED` and
 * `Canceled`. Compared without case and underscores, with one spelling of cancelled.
 */
const plain = (status: string): string => status.toLowerCase().replaceAll('_', '').replace('cancelled', 'canceled');

/** Nothing is promised any more: cancelled, or (Amazon-fulfilled orders only) given up. */
export const isOver = (status: string): boolean => ['canceled', 'unfulfillable'].includes(plain(status));

/** Payment is not authorised yet. The unit has left the offer all the same: a Pending order is a reservation. */
export const isUnpaid = (status: string): boolean => ['pending', 'pendingavailability'].includes(plain(status));

export const isShipped = (status: string): boolean => plain(status) === 'shipped';

/** Who ships decides which stock an order asks for; null: stock in Amazon's warehouses, which is not ours to count. */
export function placeOf(
  config: Pick<AmazonConfig, 'fbaLocation' | 'multiLocation'>,
  byAmazon: boolean,
  supplySource: string | null,
): { location: string | null } | null {
  if (byAmazon) return config.fbaLocation ? { location: config.fbaLocation } : null;
  // With several places and none named, the place is unknown, never the default one.
  return { location: config.multiLocation ? supplySource : MERCHANT };
}

export interface ItemUnits {
  orderItemId: string;
  sku: string | null;
  ordered: Quantity;
  shipped: Quantity;
  /** As told; undefined: what was ordered less what was shipped. */
  open?: Quantity;
  location: string | null;
}

/** One order item as a line. Amazon took the units when the order was placed, and has given back those it cancelled. */
export function lineOf(item: ItemUnits, over: boolean): Line {
  const open = over ? 0 : Math.max(0, quantity(item.open ?? item.ordered - item.shipped));
  const part: Part = {
    location: item.location,
    committed: open,
    out: item.shipped,
    returned: 0,
    taken: quantity(open + item.shipped),
  };
  return { line: item.orderItemId, listing: item.sku, sku: item.sku, parts: [part] };
}

/**
 * A change time as revision. Amazon cuts some to the second and prints `.000` after it: taken literally, a change later in
 * that second would count as older and be dropped. Without the zeros it means the whole second, and a tie is fetched.
 */
export const revisionOf = (time: string): string => time.replace(/\.0+(?=Z|[+-])/i, '');
