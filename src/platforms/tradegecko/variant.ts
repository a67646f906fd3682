import { z } from 'zod';
import { type Quantity, quantity, readQuantity } from '../../domain/quantity.ts';
import type { RemoteListing } from '../../platform/contract.ts';
import { id } from './api.ts';

const text = z.string().nullish();
/** Quantities are texts; old answers have numbers in places. */
const number = z.union([z.string(), z.number()]).nullish();
const flag = z.union([z.boolean(), z.number()]).nullish();

export const variantShape = z.object({
  id,
  sku: text,
  upc: text,
  name: text,
  product_name: text,
  status: text,
  manage_stock: flag,
  composite: flag,
  moving_average_cost: number,
  last_cost_price: number,
  buy_price: number,
  locations: z
    .array(z.object({ location_id: id, stock_on_hand: number, committed: number, committed_stock: number }))
    .nullish(),
});
export type Variant = z.infer<typeof variantShape>;

/** Deleted things stay in lists, with another status. */
export const isKept = ({ status }: { status?: string | null }): boolean =>
  status !== 'archived' && status !== 'deleted';

export const isCounted = ({ manage_stock: managed }: Variant): boolean => managed === true || managed === 1;

/** A quantity as printed ("50.0", "-0.0", null); undefined when it is none. */
export function units(value: string | number | null | undefined): Quantity | undefined {
  if (value === null || value === undefined || value === '') return 0;
  try {
    return readQuantity(String(value)) + 0;
  } catch {
    return undefined;
  }
}

/** On hand less committed, at one place; a place without a row never had any. undefined: not legible. */
export function availableAt(variant: Variant, location: string): Quantity | undefined {
  const row = variant.locations?.find((one) => one.location_id === location);
  const onHand = units(row?.stock_on_hand);
  const committed = units(row?.committed ?? row?.committed_stock);
  return onHand === undefined || committed === undefined ? undefined : quantity(onHand - committed);
}

export function listingOf(variant: Variant): RemoteListing {
  const product = variant.product_name?.trim();
  const own = variant.name?.trim();
  const isOwn = own && own !== 'Default' && !product?.includes(own);
  const counted = isCounted(variant);
  // Every line of an adjustment needs a cost, else the average cost of what is there would change.
  const cost = variant.moving_average_cost ?? variant.last_cost_price ?? variant.buy_price;
  return {
    listing: variant.id,
    stockKey: variant.id,
    sku: variant.sku?.trim() || null,
    barcode: variant.upc?.trim() || null,
    title: (isOwn && product ? `${product}, ${own}` : product || own) || variant.id,
    tracked: counted,
    ...(variant.composite && { unwritable: 'A bundle: TradeGecko counts its components, not the bundle' }),
    extra: {
      ...(cost !== null && cost !== undefined && { cost: String(cost) }),
      ...(!counted && { untracked: 'yes' }),
    },
  };
}
