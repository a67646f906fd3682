import { z } from 'zod';
import { NO_LOCATION, type RemoteLevel, type RemoteListing } from '../../platform/contract.ts';
import { id, units, utc } from './shape.ts';

const word = z.string().nullish().catch(null);

/**
 * A product or a variation, as both endpoints print them. Only the id must be sound: one odd product must not hide the
 * hundred others of its page. A quantity that is none stays `odd`, because "no number" and "zero" are two things.
 */
export const productShape = z.object({
  id,
  name: word,
  type: word,
  sku: word,
  global_unique_id: word,
  parent_id: id.nullish().catch(null),
  /** `"parent"`: a variation that sells from its parent's stock. */
  manage_stock: z.union([z.boolean(), z.string()]).nullish().catch(null),
  stock_quantity: z.union([units.nullish(), z.unknown().transform(() => 'odd' as const)]),
  date_modified_gmt: word,
});

/** `_fields` of a request: a page of a hundred products is some kilobytes then, not a megabyte. */
export const PRODUCT_FIELDS = Object.keys(productShape.shape).join(',');

export type WooProduct = z.infer<typeof productShape>;

/** Has no stock and no order lines of its own. */
const NOT_SOLD = ['variable', 'variable-subscription', 'grouped', 'external'];

const parentOf = (product: { parent_id?: string | null; type?: string | null }): string | undefined =>
  product.parent_id && product.parent_id !== '0' && (product.type ?? 'variation').includes('variation')
    ? product.parent_id
    : undefined;

/** `140`, `141/142` for a variation with its own stock, `141` for one that sells from its parent's. */
export function stockKeyOf(product: {
  id: string;
  parent_id?: string | null;
  type?: string | null;
  manage_stock?: unknown;
}): string {
  const parent = parentOf(product);
  if (parent === undefined) return product.id;
  return product.manage_stock === 'parent' ? parent : `${parent}/${product.id}`;
}

export const isTracked = ({ manage_stock }: WooProduct): boolean => manage_stock === true || manage_stock === 'parent';

/** undefined: nothing that a shopper can buy as such. */
export function listingOf(product: WooProduct): RemoteListing | undefined {
  if (NOT_SOLD.includes(product.type ?? '')) return undefined;
  const blank = (text: string | null | undefined) => (text?.trim() ? text.trim() : null);
  return {
    listing: product.id,
    stockKey: stockKeyOf(product),
    sku: blank(product.sku),
    barcode: blank(product.global_unique_id),
    title: blank(product.name) ?? `#${product.id}`,
    tracked: isTracked(product),
    ...(product.stock_quantity === 'odd' && { unwritable: 'the shop tells no number of units for it' }),
  };
}

/** undefined: its stock is told by another row (its parent's), or it can have none. */
export function levelOf(product: WooProduct, readAt: string): RemoteLevel | undefined {
  if (product.manage_stock === 'parent') return undefined;
  // A variable product is a stock record only where its variations share it.
  if (NOT_SOLD.includes(product.type ?? '') && product.manage_stock !== true) return undefined;
  if (product.stock_quantity === 'odd') return undefined;
  const changedAt = utc(product.date_modified_gmt);
  return {
    stockKey: stockKeyOf(product),
    location: NO_LOCATION,
    available: product.stock_quantity ?? 0,
    tracked: isTracked(product),
    ...(changedAt && { changedAt }),
    readAt,
  };
}
