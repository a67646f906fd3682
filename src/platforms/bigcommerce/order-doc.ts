import { z } from 'zod';
import type { Doc, Line } from '../../domain/document.ts';
import { quantity, readQuantity } from '../../domain/quantity.ts';
import { id } from './api.ts';
import type { BigConfig } from './config.ts';

const units = z.union([z.number(), z.string()]).nullish();
const text = z.string().nullish();

const orderLine = z.object({
  id,
  product_id: id.nullish(),
  variant_id: id.nullish(),
  sku: text,
  type: text,
  quantity: units,
  quantity_shipped: units,
  quantity_refunded: units,
});
type OrderLine = z.infer<typeof orderLine>;

/** Of downloads the vendor prints one line as an object in one of its samples. */
const goods = z.object({ line_items: z.union([z.array(orderLine), orderLine.transform((one) => [one])]) });

/** The parts of an order that concern stock: buyers' names and addresses are not even read. */
export const orderShape = z.object({
  id,
  status_id: z.number().int(),
  status: text,
  payment_status: text,
  date_created: text,
  date_modified: text,
  date_shipped: text,
  is_deleted: z.boolean().nullish(),
  external_source: text,
  external_order_id: text,
  order_source: text,
  consignments: z.object({
    shipping: z.array(goods).nullish(),
    pickups: z.array(goods.extend({ location: z.object({ id: id.nullish() }).nullish() })).nullish(),
    downloads: z.array(goods).nullish(),
  }),
});
export type BigOrder = z.infer<typeof orderShape>;

/** `include` and its structure: one call tells an order with its lines. */
export const ORDER_QUERY = { include: 'consignments.line_items', consignment_structure: 'object' } as const;

const STATUS = {
  incomplete: 0,
  pending: 1,
  shipped: 2,
  refunded: 4,
  cancelled: 5,
  declined: 6,
  completed: 10,
  disputed: 13,
  partlyRefunded: 14,
} as const;

const PAID = ['captured', 'paid', 'partially refunded', 'refunded', 'authorized', 'capture pending'];

/**
 * RFC 2822 as V2 prints it, to whole seconds of UTC; undefined where blank. Without fractions, so that two states of one
 * second are not taken for the same.
 */
export function secondOf(date: string | null | undefined): string | undefined {
  const ms = date ? Date.parse(date) : Number.NaN;
  return Number.isNaN(ms) ? undefined : new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
}

const named = (value: string | null | undefined): string | undefined => (value && value !== '0' ? value : undefined);

/** Products whose lines name no variant, as those of simple products in manual orders may: what was sold is looked up. */
export const withoutVariant = (order: BigOrder): string[] => [
  ...new Set(linesOf(order).flatMap((line) => (named(line.variant_id) ? [] : (named(line.product_id) ?? [])))),
];

/**
 * @param variants the one variant of each product of {@link withoutVariant} that has one
 * @throws QuantityError on a line whose number is no quantity
 */
export function docOf(order: BigOrder, config: BigConfig, variants: ReadonlyMap<string, string> = new Map()): Doc {
  const stage = stageOf(order, config);
  const { shipping, pickups, downloads } = order.consignments;
  const online = config.onlineLocation ?? null;
  const at = (lines: OrderLine[], location: string | null) =>
    lines
      .filter((line) => line.type !== 'giftcertificate')
      .map((line) => lineOf(line, listingOf(line, variants), location, stage, config));
  const rev = secondOf(order.date_modified);
  return {
    account: config.account,
    doc: `order:${order.id}`,
    rev: rev ?? null,
    whole: true,
    ...(order.external_source &&
      order.external_order_id && { origin: { source: order.external_source, id: order.external_order_id } }),
    ...(order.order_source && { source: order.order_source }),
    saleAt: secondOf(order.date_created) ?? rev ?? '1970-01-01T00:00:00Z',
    paid: PAID.includes((order.payment_status ?? '').toLowerCase()),
    state: order.status || String(order.status_id),
    lines: [
      ...(shipping ?? []).flatMap((one) => at(one.line_items, online)),
      ...(pickups ?? []).flatMap((one) => at(one.line_items, one.location?.id ?? online)),
      ...(downloads ?? []).flatMap((one) => at(one.line_items, online)),
    ],
  };
}

type Stage = 'none' | 'open' | 'gone' | 'paid-back';

/**
 *  - none: not sold, or given back: incomplete (a checkout nobody finished), declined, cancelled, archived while open.
 *  - open: units not shipped are promised.
 *  - gone: shipped or completed, whatever the lines say: staff may choose the status without making a shipment.
 *  - paid-back: refunded whole.
 */
function stageOf(order: BigOrder, config: BigConfig): Stage {
  const { status_id: status } = order;
  if (status === STATUS.incomplete || status === STATUS.cancelled || status === STATUS.declined) return 'none';
  if (status === STATUS.refunded) return 'paid-back';
  if (status === STATUS.shipped || status === STATUS.completed) return 'gone';
  // These two hide what came before; the day of shipping and the lines remember.
  const late: number[] = [STATUS.partlyRefunded, STATUS.disputed];
  if (late.includes(status) && order.date_shipped && !linesOf(order).some(isPartlyShipped)) return 'gone';
  if (order.is_deleted) return 'none';
  return status === STATUS.pending && !config.pendingCounts ? 'none' : 'open';
}

const linesOf = ({ consignments: { shipping, pickups, downloads } }: BigOrder): OrderLine[] =>
  [...(shipping ?? []), ...(pickups ?? []), ...(downloads ?? [])].flatMap((one) => one.line_items);

/** null: a custom item. A product of several variants that does not say which is kept, for a person to map. */
function listingOf(line: OrderLine, variants: ReadonlyMap<string, string>): string | null {
  const product = named(line.product_id);
  return named(line.variant_id) ?? (product ? (variants.get(product) ?? `product/${product}`) : null);
}

const isPartlyShipped = (line: OrderLine): boolean => read(line.quantity_shipped) > 0;

const read = (value: unknown): number => (value === null || value === undefined ? 0 : Math.max(0, readQuantity(value)));

/**
 * What a line asks of stock. A refund of some units puts nothing back in the store and does not say whether they were
 * shipped: they count as gone and come back, for the channel's rule to decide. A refund of the whole order puts all back
 * where the store's setting says so.
 */
function lineOf(
  line: OrderLine,
  listing: string | null,
  location: string | null,
  stage: Stage,
  config: BigConfig,
): Line {
  const ordered = read(line.quantity);
  const refunded = Math.min(ordered, read(line.quantity_refunded));
  const shipped = stage === 'gone' ? ordered : Math.min(ordered, read(line.quantity_shipped));
  const part = { location, committed: 0, out: 0, returned: 0, taken: 0 };
  if (stage === 'open' || stage === 'gone') {
    part.out = quantity(Math.min(ordered, shipped + Math.min(refunded, ordered - shipped)));
    part.committed = quantity(ordered - part.out);
    part.returned = refunded;
    part.taken = config.stockTakenAt === 'placed' ? ordered : shipped;
  } else if (stage === 'paid-back' && !config.restocksRefunds) {
    part.out = ordered;
    part.returned = ordered;
    part.taken = ordered;
  }
  return { line: line.id, listing, ...(line.sku && { sku: line.sku }), parts: [part] };
}
