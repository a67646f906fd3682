import { z } from 'zod';
import type { Doc, Line } from '../../domain/document.ts';
import { type Quantity, quantity, readQuantity } from '../../domain/quantity.ts';
import { NO_LOCATION } from '../../platform/contract.ts';
import { SOLD_STATUSES, type WooConfig } from './config.ts';
import { id, units, utc } from './shape.ts';

const meta = z.object({ key: z.string(), value: z.unknown() });

const orderLine = z.object({
  id,
  product_id: id.nullish(),
  variation_id: id.nullish(),
  quantity: units,
  sku: z.string().nullish(),
  meta_data: z.array(meta).nullish(),
});

/** The parts of an order that concern stock. */
export const orderShape = z.object({
  id,
  status: z.string().min(1),
  date_created_gmt: z.string().nullish(),
  date_modified_gmt: z.string().nullish(),
  date_paid_gmt: z.string().nullish(),
  date_completed_gmt: z.string().nullish(),
  created_via: z.string().nullish(),
  line_items: z.array(orderLine),
  refunds: z.array(z.object({ id })).nullish(),
});

/** `_fields` of a request: WordPress then sends these alone, so buyers' names and addresses never leave the shop. */
export const ORDER_FIELDS = Object.keys(orderShape.shape).join(',');

export type WooOrder = z.infer<typeof orderShape>;

export const refundShape = z.object({
  id,
  line_items: z.array(
    z.object({
      product_id: id.nullish(),
      variation_id: id.nullish(),
      quantity: units,
      meta_data: z.array(meta).nullish(),
    }),
  ),
});

export const REFUND_FIELDS = Object.keys(refundShape.shape).join(',');

export type WooRefund = z.infer<typeof refundShape>;

/** The order says that there are refunds and not of which lines: they have to be fetched. */
export const needsRefunds = (order: WooOrder): boolean => (order.refunds?.length ?? 0) > 0;

/** Change time in UTC; whole seconds, so that two states may well carry the same. */
export const revOf = (order: WooOrder): string | null => utc(order.date_modified_gmt);

/** What order lines and listings are called by: the variation where there is one. */
function listingOf(line: { product_id?: string | null; variation_id?: string | null }): string | null {
  const named = [line.variation_id, line.product_id].find((value) => value && value !== '0');
  return named ?? null;
}

/** @param refunds all of the order's, as fetched; empty where it has none */
export function docOf(order: WooOrder, refunds: readonly WooRefund[], config: WooConfig): Doc {
  const paidBack = refundedByLine(refunds);
  const stage = stageOf(order, config);
  return {
    account: config.account,
    doc: `order:${order.id}`,
    rev: revOf(order),
    whole: true,
    ...(order.created_via && { source: order.created_via }),
    saleAt: utc(order.date_created_gmt) ?? revOf(order) ?? '1970-01-01T00:00:00Z',
    paid: order.date_paid_gmt !== null && order.date_paid_gmt !== undefined,
    state: order.status,
    lines: order.line_items.map((line) => lineOf(line, stage, paidBack.get(line.id) ?? 0)),
  };
}

type Stage = 'open' | 'gone' | 'over';

/**
 * open: sold and here · gone: completed · over: not sold (any more). A status that only comes after the goods have left
 * (refunded, trash of a completed order) leaves them gone: WooCommerce keeps the day of completion.
 */
function stageOf(order: WooOrder, config: WooConfig): Stage {
  const { status } = order;
  if (status === 'completed' || config.shippedStatuses.includes(status)) return 'gone';
  if (SOLD_STATUSES.includes(status) || config.soldStatuses.includes(status)) return 'open';
  const shipped = Boolean(order.date_completed_gmt);
  return shipped && (status === 'refunded' || status === 'trash') ? 'gone' : 'over';
}

/**
 * What a line asks of stock.
 *  - `_reduced_stock`: units the store has itself taken off and not put back; absent where it never counted them, and again
 *    when an order is cancelled. A restocking refund lowers it and leaves `quantity` as it was.
 *  - `_restock_refunded_items`: units that refunds have put back on the shelf.
 */
function lineOf(line: z.infer<typeof orderLine>, stage: Stage, paidBack: Quantity): Line {
  const ordered = Math.max(0, readQuantity(line.quantity));
  const reduced = metaUnits(line, '_reduced_stock');
  const restocked = Math.min(ordered, metaUnits(line, '_restock_refunded_items') ?? 0);
  const refunded = Math.min(ordered, Math.max(paidBack, restocked));
  const part = { location: NO_LOCATION, committed: 0, out: 0, returned: 0, taken: reduced ?? 0 };
  const counted = reduced !== undefined;
  if (stage === 'open') {
    part.committed = quantity(ordered - refunded);
    // Paid back and not put back before they left: written off, and the store counts them so as well.
    if (counted) part.out = quantity(refunded - restocked);
  } else if (stage === 'gone') {
    part.out = quantity(ordered - restocked);
    // Of what the store does not count it says nothing.
    if (!counted) part.returned = quantity(refunded - restocked);
  } else if (counted && refunded > restocked) {
    // Refunded whole without putting it back: gone as far as the store's own number goes.
    part.out = quantity(Math.min(reduced, refunded - restocked));
  }
  return { line: line.id, listing: listingOf(line), ...(line.sku && { sku: line.sku }), parts: [part] };
}

function metaUnits(line: { meta_data?: { key: string; value?: unknown }[] | null }, key: string): Quantity | undefined {
  const found = line.meta_data?.find((one) => one.key === key)?.value;
  if (found === undefined || found === null || found === '') return undefined;
  return Math.max(0, readQuantity(found));
}

/** Refund lines are negative and name the line they refund in a meta entry. */
function refundedByLine(refunds: readonly WooRefund[]): Map<string, Quantity> {
  const sums = new Map<string, Quantity>();
  for (const refund of refunds)
    for (const line of refund.line_items) {
      const of = line.meta_data?.find(({ key }) => key === '_refunded_item_id')?.value;
      if (of === undefined || of === null) continue;
      const name = String(of);
      sums.set(name, quantity((sums.get(name) ?? 0) + Math.abs(readQuantity(line.quantity))));
    }
  return sums;
}
