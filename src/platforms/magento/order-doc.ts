import { z } from 'zod';
import type { Doc, Line } from '../../domain/document.ts';
import { type Quantity, quantity, readQuantity } from '../../domain/quantity.ts';
import type { MagentoConfig } from './config.ts';
import { id, units, utc } from './shape.ts';
import { DEFAULT_STOCK, type Shop } from './shop.ts';

const count = units.nullish();

const rowShape = z.object({
  item_id: id,
  parent_item_id: id.nullish(),
  product_id: id.nullish(),
  product_type: z.string().nullish(),
  sku: z.string().nullish(),
  is_virtual: z.union([z.number(), z.string(), z.boolean()]).nullish(),
  qty_ordered: units,
  qty_canceled: count,
  qty_invoiced: count,
  qty_shipped: count,
  qty_refunded: count,
});

/** The parts of an order that concern stock. */
export const orderShape = z.object({
  entity_id: id,
  state: z.string().nullish(),
  status: z.string().nullish(),
  store_id: id.nullish(),
  created_at: z.string().nullish(),
  updated_at: z.string().nullish(),
  total_due: units.nullish(),
  items: z.array(rowShape),
});

/** `fields` of a request: Magento then sends these alone, so buyers' names and addresses never leave the shop. */
export const ORDER_FIELDS = [
  ...Object.keys(orderShape.shape).filter((name) => name !== 'items'),
  `items[${Object.keys(rowShape.shape).join(',')}]`,
].join(',');

type Row = z.infer<typeof rowShape>;
export type MagentoOrder = z.infer<typeof orderShape>;

/** Change time in UTC; whole seconds, so that two states may well carry the same. */
export const revOf = (order: { updated_at?: string | null }): string | null => utc(order.updated_at);

export function docOf(order: MagentoOrder, shop: Shop, config: MagentoConfig): Doc {
  const location =
    config.inventory === 'stock-item' ? DEFAULT_STOCK : (shop.stockOfStore.get(order.store_id ?? '') ?? null);
  // Complete as well: whatever did not leave was paid back, and Magento ships no more of it.
  const over = ['canceled', 'closed', 'complete'].includes(order.state ?? '');
  return {
    account: config.account,
    doc: `order:${order.entity_id}`,
    rev: revOf(order),
    whole: true,
    saleAt: utc(order.created_at) ?? revOf(order) ?? '1970-01-01T00:00:00Z',
    ...(order.total_due !== null && order.total_due !== undefined && { paid: order.total_due <= 0 }),
    state: order.status ?? order.state ?? 'unknown',
    lines: soldRows(order.items).map((sold) => lineOf(sold, location, over)),
  };
}

interface Sold {
  /** The row that is a line of ours. */
  row: Row;
  /** What was sold: for a configurable product the simple one below it. */
  product: Row;
  /** The row above a bundle's part. */
  bundle?: Row;
}

/** A configurable product is two rows of one SKU and one sale; a bundle is its parts. */
function soldRows(rows: readonly Row[]): Sold[] {
  const byId = new Map(rows.map((row) => [row.item_id, row]));
  const parentOf = (row: Row) => (row.parent_item_id ? byId.get(row.parent_item_id) : undefined);
  return rows.flatMap((row): Sold[] => {
    const parent = parentOf(row);
    if (parent?.product_type === 'bundle') return [{ row, product: row, bundle: parent }];
    if (parent || row.product_type === 'bundle') return [];
    const below = rows.find((one) => one.parent_item_id === row.item_id);
    return [{ row, product: below ?? row }];
  });
}

/**
 * What a row asks of stock. Magento ships at most `qty_ordered − max(qty_shipped, qty_refunded) − qty_canceled` more, so
 * what was paid back counts as shipped first. Shipped units that were paid back may lie on a shelf again or not: it does not
 * say. A virtual product goes when it is invoiced. A bundle shipped as one keeps the counts at the bundle.
 */
function lineOf({ row, product, bundle }: Sold, location: string | null, over: boolean): Line {
  const ordered = Math.max(0, readQuantity(row.qty_ordered));
  const of = (name: 'qty_canceled' | 'qty_invoiced' | 'qty_shipped' | 'qty_refunded'): Quantity => {
    // Magento counts at the row above, and for some product types at the row below as well.
    const below = product === row ? 0 : readQuantity(product[name] ?? 0);
    const ratio = bundle && bundle.qty_ordered > 0 ? ordered / readQuantity(bundle.qty_ordered) : 0;
    const above = bundle ? quantity(readQuantity(bundle[name] ?? 0) * ratio) : 0;
    return Math.min(ordered, Math.max(0, readQuantity(row[name] ?? 0), below, above));
  };
  const isVirtual = [1, '1', true].includes(row.is_virtual ?? 0) || product.product_type === 'downloadable';
  const refunded = of('qty_refunded');
  const out = of(isVirtual ? 'qty_invoiced' : 'qty_shipped');
  const open = Math.max(0, quantity(ordered - Math.max(out, refunded) - of('qty_canceled')));
  const committed = over ? 0 : open;
  // Once all is over, what never left accounts for what was paid back first.
  const back = over ? quantity(refunded - (ordered - out - of('qty_canceled'))) : refunded;
  return {
    line: row.item_id,
    listing: product.product_id ?? null,
    ...(product.sku && { sku: product.sku }),
    parts: [{ location, committed, out, returned: Math.min(Math.max(0, back), out), taken: quantity(committed + out) }],
  };
}
