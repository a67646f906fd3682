import { goneOf, openOf, type StockLine, type StockOrder } from '../../../platform/sandbox-kit/index.ts';
import { type Store, wordsOf } from './store.ts';

const PRICE = 10;
const money = (amount: number): string => amount.toFixed(4);
/** As V2 prints dates: RFC 2822, whole seconds. */
const rfc2822 = (ms: number): string => new Date(ms).toUTCString().replace('GMT', '+0000');

const STATUSES: Record<number, string> = {
  0: 'Incomplete',
  2: 'Shipped',
  3: 'Partially Shipped',
  4: 'Refunded',
  5: 'Cancelled',
  7: 'Awaiting Payment',
  8: 'Awaiting Pickup',
  10: 'Completed',
  11: 'Awaiting Fulfillment',
  14: 'Partially Refunded',
};

const sum = (lines: readonly StockLine[], of: (line: StockLine) => number): number =>
  lines.reduce((total, line) => total + of(line), 0);

const shippedOf = (line: StockLine): number => line.parts.reduce((total, part) => total + part.fulfilled, 0);
const refundedOf = (line: StockLine): number => line.parts.reduce((total, part) => total + part.refunded, 0);

/** What BigCommerce would have the order's status be. */
export function statusOf(order: StockOrder): number {
  const { lines } = order;
  if (order.cancelledAtMs !== null) return 5;
  const refunded = sum(lines, refundedOf);
  if (refunded > 0) return sum(lines, goneOf) + sum(lines, (line) => openOf(line, order)) === 0 ? 4 : 14;
  const { pickup } = wordsOf(order);
  if (sum(lines, shippedOf) > 0) {
    if (sum(lines, (line) => openOf(line, order)) > 0) return 3;
    return pickup ? 10 : 2;
  }
  if (order.paidAtMs === null) return 7;
  return pickup ? 8 : 11;
}

/** An order as `/v2/orders` prints it; `whole`: with its consignments and their lines. */
export function orderJson(store: Store, order: StockOrder, whole: boolean): Record<string, unknown> {
  const words = wordsOf(order);
  const status = statusOf(order);
  const total = money(PRICE * sum(order.lines, ({ quantity }) => quantity));
  const link = (name: string) => ({
    url: `https://api.bigcommerce.com/stores/${store.hash}/v2/orders/${order.id}/${name}`,
    resource: `/orders/${order.id}/${name}`,
  });
  return {
    id: Number(order.id),
    customer_id: 0,
    date_created: rfc2822(order.placedAtMs),
    date_modified: rfc2822(order.changedAtMs),
    date_shipped: words.shippedMs === null ? '' : rfc2822(words.shippedMs),
    status_id: status,
    status: STATUSES[status],
    custom_status: STATUSES[status],
    subtotal_ex_tax: total,
    subtotal_inc_tax: total,
    total_ex_tax: total,
    total_inc_tax: total,
    items_total: sum(order.lines, ({ quantity }) => quantity),
    items_shipped: sum(order.lines, shippedOf),
    payment_method: 'Cash',
    payment_status: order.paidAtMs === null ? '' : 'captured',
    refunded_amount: money(PRICE * sum(order.lines, refundedOf)),
    currency_code: 'USD',
    is_deleted: words.archived,
    channel_id: 1,
    order_source: words.manual ? 'manual' : 'www',
    external_source: null,
    external_id: null,
    external_order_id: '',
    cart_id: `cart-${order.id}`,
    products: link('products'),
    ...(whole && { consignments: consignmentsOf(store, order) }),
  };
}

function consignmentsOf(store: Store, order: StockOrder): Record<string, unknown> {
  const line_items = order.lines.map((line) => lineJson(store, order, line));
  const place = store.options.locations.find(({ id }) => id === order.location);
  const pickup = {
    id: Number(order.id) + 50_000,
    pickup_method_id: 1,
    pickup_method_display_name: 'Pick up in store',
    collection_instructions: '',
    collection_time_description: '',
    location: { id: Number(order.location), name: place?.name ?? '', code: `BC-${order.location}` },
    line_items,
  };
  const shipping = { id: Number(order.id) + 60_000, items_total: line_items.length, items_shipped: 0, line_items };
  return wordsOf(order).pickup
    ? { pickups: [pickup], shipping: [], downloads: [], email: { gift_certificates: [] } }
    : { pickups: [], shipping: [shipping], downloads: [], email: { gift_certificates: [] } };
}

export function lineJson(store: Store, order: StockOrder, line: StockLine): Record<string, unknown> {
  const product = store.productOf.get(line.item)!;
  const price = money(PRICE);
  const refunded = refundedOf(line);
  return {
    id: Number(line.id),
    order_id: Number(order.id),
    product_id: product.id,
    variant_id: wordsOf(order).manual && product.tracking === 'product' ? 0 : Number(line.item.id),
    order_address_id: 1,
    name: product.name,
    sku: line.item.sku,
    upc: '',
    type: 'physical',
    base_price: price,
    price_ex_tax: price,
    price_inc_tax: price,
    quantity: line.quantity,
    is_refunded: refunded >= line.quantity,
    quantity_refunded: refunded,
    refund_amount: money(PRICE * refunded),
    return_id: 0,
    quantity_shipped: shippedOf(line),
    is_bundled_product: false,
    parent_order_product_id: null,
  };
}
