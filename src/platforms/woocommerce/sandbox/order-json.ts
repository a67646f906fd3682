import type { StockLine, StockOrder } from '../../../platform/sandbox-kit/index.ts';
import { links, local } from './product-json.ts';
import { reducedOf, type Shop, wordsOf } from './shop.ts';

const PRICE = 10;
const money = (amount: number): string => amount.toFixed(2);
const ADDRESS = [
  'first_name',
  'last_name',
  'company',
  'address_1',
  'address_2',
  'city',
  'state',
  'postcode',
  'country',
];
const blank = (...more: string[]) => Object.fromEntries([...ADDRESS, ...more].map((name) => [name, '']));

/** Statuses in which WooCommerce has put stock back and forgotten that it took it. */
const RESTORED = ['cancelled', 'pending', 'checkout-draft'];

/** An order as `/orders` and the webhooks print it; members and types as recorded from 11.0.1. */
export function orderJson(shop: Shop, order: StockOrder): Record<string, unknown> {
  const words = wordsOf(order);
  const total = order.lines.reduce((sum, line) => sum + orderedOf(order, line) * PRICE, 0);
  const date = (ms: number | null) => (ms === null ? null : local(ms));
  return {
    id: Number(order.id),
    parent_id: 0,
    status: words.status,
    currency: 'USD',
    version: '11.0.1',
    prices_include_tax: false,
    date_created: local(order.placedAtMs),
    date_modified: local(order.changedAtMs),
    discount_total: '0.00',
    discount_tax: '0.00',
    shipping_total: '0.00',
    shipping_tax: '0.00',
    cart_tax: '0.00',
    total: money(total),
    total_tax: '0.00',
    customer_id: 0,
    order_key: `wc_order_${order.id}`,
    billing: blank('email', 'phone'),
    shipping: blank('phone'),
    payment_method: '',
    payment_method_title: '',
    transaction_id: '',
    customer_ip_address: '',
    customer_user_agent: '',
    created_via: words.via,
    customer_note: '',
    date_completed: date(words.completedAtMs),
    date_paid: date(order.paidAtMs),
    cart_hash: '',
    number: order.id,
    meta_data: [],
    line_items: order.lines.filter((line) => orderedOf(order, line) > 0).map((line) => lineJson(shop, order, line)),
    tax_lines: [],
    shipping_lines: [],
    fee_lines: [],
    coupon_lines: [],
    refunds: words.refunds.map(({ id, refund, reason }) => ({
      id,
      reason,
      total: money(-PRICE * unitsOf(refund)),
      total_tax: '0.00',
    })),
    payment_url: `https://${shop.options.name}.example/checkout/order-pay/${order.id}/?pay_for_order=true&key=wc_order_${order.id}`,
    is_editable: words.status === 'pending' || words.status === 'on-hold',
    needs_payment: words.status === 'pending',
    needs_processing: true,
    date_created_gmt: local(order.placedAtMs),
    date_modified_gmt: local(order.changedAtMs),
    date_completed_gmt: date(words.completedAtMs),
    date_paid_gmt: date(order.paidAtMs),
    currency_symbol: '$',
    _links: {
      ...links(shop, `/orders/${order.id}`, '/orders'),
      email_templates: [
        {
          embeddable: true,
          href: `https://${shop.options.name}.example/wp-json/wc/v3/orders/${order.id}/actions/email_templates`,
        },
      ],
    },
  };
}

/** As the line stands after staff edited it. */
const orderedOf = (order: StockOrder, line: StockLine): number =>
  line.quantity - (wordsOf(order).editedOff.get(line) ?? 0);

type Refund = StockOrder['refunds'][number];

const unitsOf = (refund: Refund, line?: StockLine): number =>
  refund.lines.reduce((sum, one) => sum + (line && one.line !== line ? 0 : one.quantity), 0);

function lineJson(shop: Shop, order: StockOrder, line: StockLine): Record<string, unknown> {
  const words = wordsOf(order);
  const parent = shop.parentOf.get(line.item);
  const ordered = orderedOf(order, line);
  const total = money(ordered * PRICE);
  const meta: [string, number][] = [];
  const held = order.taken && line.counted && !RESTORED.includes(words.status);
  if (held) meta.push(['_reduced_stock', reducedOf(line)]);
  const restocked = words.refunds
    .filter(({ refund }) => refund.restock && line.counted)
    .reduce((sum, { refund }) => sum + unitsOf(refund, line), 0);
  if (restocked > 0) meta.push(['_restock_refunded_items', restocked]);
  return {
    id: Number(line.id),
    name: parent ? `${parent.name} - ${line.item.title}` : line.item.title,
    product_id: parent ? parent.id : Number(line.item.id),
    variation_id: parent ? Number(line.item.id) : 0,
    quantity: ordered,
    tax_class: '',
    subtotal: total,
    subtotal_tax: '0.00',
    total,
    total_tax: '0.00',
    taxes: [],
    meta_data: meta.map(([key, value], index) => ({
      id: Number(line.id) * 10 + index,
      key,
      value: String(value),
      display_key: key,
      display_value: String(value),
    })),
    sku: line.item.sku,
    global_unique_id: '',
    price: PRICE,
    // As recorded: the id of a missing picture is text on a product and a number on a variation.
    image: { id: parent ? 0 : '', src: '' },
    parent_name: parent ? parent.name : null,
  };
}

/** One refund as `/orders/{id}/refunds` prints it: quantities below zero, the refunded line named in a meta entry. */
export function refundJson(shop: Shop, order: StockOrder, index: number): Record<string, unknown> {
  const { id, refund, reason } = wordsOf(order).refunds[index]!;
  const path = `/orders/${order.id}/refunds`;
  const lines = [...new Set(refund.lines.map(({ line }) => line))];
  return {
    id,
    parent_id: Number(order.id),
    date_created: local(refund.atMs),
    date_created_gmt: local(refund.atMs),
    amount: money(PRICE * unitsOf(refund)),
    reason,
    refunded_by: 1,
    refunded_payment: false,
    meta_data: [],
    line_items: lines.map((line, at) => {
      const units = unitsOf(refund, line);
      const base = lineJson(shop, order, line);
      const total = money(-PRICE * units);
      return {
        ...base,
        id: id * 100 + at,
        quantity: -units,
        subtotal: total,
        total,
        meta_data: [
          {
            id: id * 100 + at,
            key: '_refunded_item_id',
            value: line.id,
            display_key: '_refunded_item_id',
            display_value: line.id,
          },
        ],
      };
    }),
    shipping_lines: [],
    tax_lines: [],
    fee_lines: [],
    _links: links(shop, `${path}/${id}`, path, `/orders/${order.id}`),
  };
}
