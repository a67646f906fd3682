import type { Routed, StockOrder, StockPart } from '../../../platform/sandbox-kit/index.ts';
import {
  codeOf,
  csv,
  invalid,
  MARKETPLACE,
  Refusal,
  readCount,
  readMoment,
  type Stand,
  scaled,
  stampOf,
} from './stand.ts';

const DATA = [
  'BUYER',
  'RECIPIENT',
  'PROCEEDS',
  'EXPENSE',
  'PROMOTION',
  'CANCELLATION',
  'FULFILLMENT',
  'PACKAGES',
  'TAX',
  'PAYMENT',
  'FULFILLMENT_ORDERS',
];
const STATUSES = [
  'PENDING_AVAILABILITY',
  'PENDING',
  'UNSHIPPED',
  'PARTIALLY_SHIPPED',
  'SHIPPED',
  'CANCELLED',
  'UNFULFILLABLE',
];
/** Amazon answers up to two minutes ago. */
const CLOSED_MS = 120_000;

export type OrderStatus = 'PENDING' | 'UNSHIPPED' | 'PARTIALLY_SHIPPED' | 'SHIPPED' | 'CANCELLED';

export const byAmazon = (stand: Stand, order: StockOrder): boolean =>
  order.lines.some((line) => line.parts.some((part) => part.location === stand.options.fbaLocation));

export function statusOf(order: StockOrder): OrderStatus {
  if (order.cancelledAtMs !== null) return 'CANCELLED';
  if (order.paidAtMs === null) return 'PENDING';
  const parts = order.lines.flatMap((line) => line.parts);
  const open = parts.some((part) => part.committed > 0);
  const gone = parts.some((part) => part.fulfilled > 0);
  return open ? (gone ? 'PARTIALLY_SHIPPED' : 'UNSHIPPED') : 'SHIPPED';
}

export interface OrderItem {
  orderItemId: string;
  sku: string;
  title: string;
  /** A partial cancellation shows as fewer; a whole one leaves the number as it was. */
  ordered: number;
  shipped: number;
  open: number;
  cancelled: boolean;
  /** Where it is taken from, as channel code. */
  place: string;
}

/** One item per place: an item of an order is sent from one. */
export const itemsOf = (stand: Stand, order: StockOrder): OrderItem[] =>
  order.lines.flatMap((line) =>
    line.parts.map((part: StockPart, index) => {
      const left = part.committed + part.fulfilled;
      const cancelled = part.released + part.writtenOff;
      return {
        orderItemId: String(10_000_000_000_000 + Number(line.id) * 10 + index),
        sku: line.item.sku,
        title: line.item.title,
        ordered: order.cancelledAtMs === null && left > 0 ? left : left + cancelled,
        shipped: part.fulfilled,
        open: part.committed,
        cancelled: cancelled > 0 && part.committed === 0 && part.fulfilled === 0,
        place: codeOf(stand, part.location),
      };
    }),
  );

function orderJson(stand: Stand, order: StockOrder, data: Set<string>): Record<string, unknown> {
  const status = statusOf(order);
  return {
    orderId: order.id,
    createdTime: stampOf(stand, order.placedAtMs),
    lastUpdatedTime: stampOf(stand, order.changedAtMs),
    programs: [],
    associatedOrders: [],
    salesChannel: { channelName: 'AMAZON', marketplaceId: MARKETPLACE, marketplaceName: 'Amazon.com' },
    ...(data.has('FULFILLMENT') && {
      fulfillment: {
        fulfillmentStatus: status,
        fulfilledBy: byAmazon(stand, order) ? 'AMAZON' : 'MERCHANT',
        fulfillmentServiceLevel: 'STANDARD',
      },
    }),
    orderItems: itemsOf(stand, order).map((item) => ({
      orderItemId: item.orderItemId,
      quantityOrdered: item.ordered,
      product: { asin: 'B000000000', title: item.title, sellerSku: item.sku },
      ...(data.has('CANCELLATION') &&
        item.cancelled && { cancellation: { cancellationExecution: { cancelledBy: 'BUYER' } } }),
      ...(data.has('FULFILLMENT') && {
        fulfillment: { quantityFulfilled: item.shipped, quantityUnfulfilled: item.open },
      }),
    })),
  };
}

function includedData(routed: Routed): Set<string> {
  const data = csv(routed.query.get('includedData'));
  if (data.some((name) => !DATA.includes(name))) throw invalid('Invalid includedData.');
  return new Set(data);
}

export function getOrder(stand: Stand, routed: Routed): unknown {
  const order = stand.book.order(routed.params['orderId']!);
  if (!order) throw new Refusal(404, 'NotFound', 'The requested order was not found.');
  return { order: orderJson(stand, order, includedData(routed)) };
}

/** The old API's order, as far as the place it is taken from. */
export function getOrderV0(stand: Stand, routed: Routed): unknown {
  const order = stand.book.order(routed.params['orderId']!);
  if (!order) throw new Refusal(404, 'NotFound', 'The requested order was not found.');
  const status = statusOf(order);
  const words = {
    PENDING: 'Pending',
    UNSHIPPED: 'Unshipped',
    PARTIALLY_SHIPPED: 'PartiallyShipped',
    SHIPPED: 'Shipped',
  };
  const place = itemsOf(stand, order)[0]?.place;
  return {
    payload: {
      AmazonOrderId: order.id,
      PurchaseDate: stampOf(stand, order.placedAtMs),
      LastUpdateDate: stampOf(stand, order.changedAtMs),
      OrderStatus: status === 'CANCELLED' ? 'Canceled' : words[status],
      FulfillmentChannel: byAmazon(stand, order) ? 'AFN' : 'MFN',
      ...(stand.options.multiLocation && place && { FulfillmentInstruction: { FulfillmentSupplySourceId: place } }),
    },
  };
}

export function searchOrders(stand: Stand, routed: Routed): unknown {
  const { query } = routed;
  const data = includedData(routed);
  const createdAfter = readMoment(query.get('createdAfter'), 'createdAfter');
  const updatedAfter = readMoment(query.get('lastUpdatedAfter'), 'lastUpdatedAfter');
  if ((createdAfter === undefined) === (updatedAfter === undefined))
    throw invalid('Exactly one of createdAfter and lastUpdatedAfter must be provided.');
  const by = createdAfter === undefined ? 'lastUpdatedBefore' : 'createdBefore';
  if (query.has(by === 'createdBefore' ? 'lastUpdatedBefore' : 'createdBefore'))
    throw invalid('These dates exclude each other.');
  const youngest = stand.options.clock.now() - scaled(stand, CLOSED_MS);
  const before = readMoment(query.get(by), by);
  const from = createdAfter ?? updatedAfter!;
  if (before !== undefined && (before > youngest || before < from))
    throw invalid(`${by} must not be before the beginning, and at least two minutes ago.`);
  const marketplaces = csv(query.get('marketplaceIds'));
  if (marketplaces.length > 50 || marketplaces.some((one) => one !== MARKETPLACE))
    throw invalid('Invalid marketplaceIds.');
  const statuses = csv(query.get('fulfillmentStatuses'));
  if (statuses.some((one) => !STATUSES.includes(one))) throw invalid('Invalid fulfillmentStatuses.');
  const shippers = csv(query.get('fulfilledBy'));
  if (shippers.some((one) => one !== 'MERCHANT' && one !== 'AMAZON')) throw invalid('Invalid fulfilledBy.');
  const limit = readCount(query.get('maxResultsPerPage'), 'maxResultsPerPage', 100, 100);
  const params = new URLSearchParams(query);
  for (const free of ['paginationToken', 'maxResultsPerPage', 'includedData']) params.delete(free);
  params.sort();
  const token = readToken(query.get('paginationToken'), params.toString(), stand);
  const until = token?.until ?? Math.floor(before ?? youngest);
  // Everything printed with a stamp up to `until` is in; the range ends behind the last change that prints so.
  const page = pageOf(stand, createdAfter === undefined, { from, until, after: token?.after, limit });
  const orders = page.orders.filter(
    (order) =>
      (statuses.length === 0 || statuses.includes(statusOf(order))) &&
      (shippers.length === 0 || shippers.includes(byAmazon(stand, order) ? 'AMAZON' : 'MERCHANT')),
  );
  const next =
    page.after !== undefined && JSON.stringify([page.after, until, params.toString(), stand.options.clock.now()]);
  return {
    orders: orders.map((order) => orderJson(stand, order, data)),
    ...(next && { pagination: { nextToken: Buffer.from(next).toString('base64url') } }),
    [by]: new Date(until).toISOString(),
  };
}

function pageOf(
  stand: Stand,
  byChange: boolean,
  range: { from: number; until: number; after?: number; limit: number },
): { orders: StockOrder[]; after?: number } {
  const { book } = stand;
  const { from, until, after, limit } = range;
  const time = (order: StockOrder) => (byChange ? order.changedAtMs : order.placedAtMs);
  const rest = byChange
    ? book.changedOrders.page({ sinceMs: from, afterMs: after, untilMs: until, limit: limit + 1 }).items
    : book.orders
        .filter((order) => time(order) >= from && time(order) < until && (after === undefined || time(order) > after))
        .slice(0, limit + 1);
  const orders = rest.slice(0, limit);
  return { orders, ...(rest.length > limit && { after: time(orders.at(-1)!) }) };
}

/** Good for 24 hours and for the same parameters, page size and data aside. */
function readToken(token: string | null, params: string, stand: Stand): { after: number; until: number } | undefined {
  if (token === null) return undefined;
  try {
    const [after, until, made, atMs] = JSON.parse(Buffer.from(token, 'base64url').toString()) as [
      number,
      number,
      string,
      number,
    ];
    if (made === params && stand.options.clock.now() - atMs < scaled(stand, 86_400_000)) return { after, until };
  } catch {
    // Not one of ours.
  }
  throw invalid('The paginationToken you have submitted is not valid. All parameters must match the original request.');
}
