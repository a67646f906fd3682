import { openOf, type StockLine, type StockOrder } from '../../../platform/sandbox-kit/index.ts';
import { stampOf } from '../shape.ts';
import { groupOf, placeOf, type State, storeId, wordsOf } from './state.ts';

const PRICE = 12.5;

const sum = (line: StockLine, of: (part: StockLine['parts'][number]) => number): number =>
  line.parts.reduce((total, part) => total + of(part), 0);

/** Of a line, as Magento counts it: what is cancelled after payment is refunded. */
function countsOf(line: StockLine, order: StockOrder) {
  const paid = order.paidAtMs !== null;
  const dropped = line.dropped + sum(line, (part) => part.released + part.writtenOff);
  return {
    qty_canceled: paid ? 0 : dropped,
    qty_invoiced: paid ? line.quantity : 0,
    qty_ordered: line.quantity,
    qty_refunded: sum(line, (part) => part.refunded) + (paid ? dropped : 0),
    qty_shipped: sum(line, (part) => part.fulfilled),
  };
}

function stateOf(order: StockOrder): { state: string; status: string } {
  const counts = order.lines.map((line) => countsOf(line, order));
  if (order.paidAtMs === null && order.cancelledAtMs !== null) return { state: 'canceled', status: 'canceled' };
  if (counts.every((one) => one.qty_refunded >= one.qty_ordered)) return { state: 'closed', status: 'closed' };
  if (order.paidAtMs === null && order.fulfilments.length === 0) return { state: 'new', status: 'pending' };
  const isDone = order.paidAtMs !== null && order.lines.every((line) => openOf(line, order) === 0);
  return isDone ? { state: 'complete', status: 'complete' } : { state: 'processing', status: 'processing' };
}

/** Members whose value concerns nobody here, as they stand in a recorded order. */
const row = (state: State, order: StockOrder, line: StockLine) => {
  const { item } = line;
  const times = { created_at: stampOf(order.placedAtMs), updated_at: stampOf(wordsOf(order).updatedMs) };
  const total = PRICE * line.quantity;
  const zeros = Object.fromEntries(
    [
      'amount_refunded',
      'base_amount_refunded',
      'base_discount_amount',
      'base_discount_invoiced',
      'base_discount_tax_compensation_amount',
      'base_row_invoiced',
      'base_tax_amount',
      'base_tax_invoiced',
      'discount_amount',
      'discount_invoiced',
      'discount_percent',
      'free_shipping',
      'discount_tax_compensation_amount',
      'is_qty_decimal',
      'is_virtual',
      'no_discount',
      'row_invoiced',
      'tax_amount',
      'tax_invoiced',
      'tax_percent',
    ].map((name) => [name, 0]),
  );
  return {
    ...zeros,
    base_original_price: PRICE,
    base_price: PRICE,
    base_price_incl_tax: PRICE,
    base_row_total: total,
    base_row_total_incl_tax: total,
    ...times,
    item_id: Number(line.id),
    name: item.title,
    order_id: Number(order.id),
    original_price: PRICE,
    price: PRICE,
    price_incl_tax: PRICE,
    product_id: Number(item.id),
    product_type: 'simple',
    ...countsOf(line, order),
    quote_item_id: Number(line.id) + 1,
    row_total: total,
    row_total_incl_tax: total,
    row_weight: line.quantity,
    sku: item.sku,
    store_id: storeId(state, placeOf(state, order)),
    weight: 1,
    extension_attributes: { itemized_taxes: [] },
  };
};

/** A variant of a configurable product is two rows; what happens to it is counted at the upper one. */
function rowsOf(state: State, order: StockOrder, line: StockLine): unknown[] {
  const group = groupOf(line.item);
  const simple = row(state, order, line);
  if (!group) return [simple];
  const below = {
    ...simple,
    item_id: Number(line.id) + 1,
    parent_item_id: Number(line.id),
    qty_canceled: 0,
    qty_refunded: 0,
    qty_shipped: 0,
  };
  const above = { ...simple, product_id: group.id, product_type: 'configurable' };
  return [above, { ...below, parent_item: above }];
}

/** Names and addresses of made-up buyers. */
const ADDRESS = {
  city: 'LA',
  country_id: 'US',
  email: 'a@example.test',
  entity_id: 16,
  firstname: 'A',
  lastname: 'B',
  parent_id: 8,
  postcode: '90001',
  region: 'California',
  region_code: 'CA',
  region_id: 12,
  street: ['1 A st'],
  telephone: '5551234',
};

export function orderJson(state: State, order: StockOrder): Record<string, unknown> {
  const units = order.lines.reduce((total, line) => total + line.quantity, 0);
  const [subtotal, shipping] = [PRICE * units, 5];
  const total = subtotal + shipping;
  const due = order.paidAtMs === null ? total : 0;
  const ship = {
    base_shipping_amount: shipping,
    base_shipping_discount_amount: 0,
    base_shipping_discount_tax_compensation_amnt: 0,
    base_shipping_incl_tax: shipping,
    base_shipping_tax_amount: 0,
    shipping_amount: shipping,
    shipping_discount_amount: 0,
    shipping_discount_tax_compensation_amount: 0,
    shipping_incl_tax: shipping,
    shipping_tax_amount: 0,
  };
  const items = order.lines.flatMap((line) => rowsOf(state, order, line));
  return {
    base_currency_code: 'USD',
    base_discount_amount: 0,
    base_grand_total: total,
    base_discount_tax_compensation_amount: 0,
    ...ship,
    base_subtotal: subtotal,
    base_subtotal_incl_tax: subtotal,
    base_tax_amount: 0,
    base_total_due: due,
    base_to_global_rate: 1,
    base_to_order_rate: 1,
    billing_address_id: 16,
    created_at: stampOf(order.placedAtMs),
    customer_email: 'a@example.test',
    customer_firstname: 'A',
    customer_group_id: 0,
    customer_is_guest: 1,
    customer_lastname: 'B',
    customer_note_notify: 1,
    discount_amount: 0,
    entity_id: Number(order.id),
    global_currency_code: 'USD',
    grand_total: total,
    discount_tax_compensation_amount: 0,
    increment_id: order.id.padStart(9, '0'),
    is_virtual: 0,
    order_currency_code: 'USD',
    protect_code: order.id.padStart(32, '0'),
    quote_id: Number(order.id),
    remote_ip: '127.0.0.1',
    shipping_description: 'Flat Rate - Fixed',
    ...stateOf(order),
    store_currency_code: 'USD',
    store_id: storeId(state, placeOf(state, order)),
    store_name: 'Main Website\nMain Website Store\nDefault Store View',
    store_to_base_rate: 0,
    store_to_order_rate: 0,
    subtotal,
    subtotal_incl_tax: subtotal,
    tax_amount: 0,
    total_due: due,
    total_item_count: order.lines.length,
    total_qty_ordered: units,
    updated_at: stampOf(wordsOf(order).updatedMs),
    weight: units,
    items,
    billing_address: { address_type: 'billing', ...ADDRESS },
    payment: {
      account_status: null,
      additional_information: ['Check / Money order'],
      amount_ordered: total,
      base_amount_ordered: total,
      base_shipping_amount: shipping,
      cc_last4: null,
      entity_id: 8,
      method: 'checkmo',
      parent_id: Number(order.id),
      shipping_amount: shipping,
    },
    status_histories: [],
    extension_attributes: {
      shipping_assignments: [
        {
          shipping: { address: { address_type: 'shipping', ...ADDRESS }, method: 'flatrate_flatrate', total: ship },
          items,
        },
      ],
      payment_additional_info: [{ key: 'method_title', value: 'Check / Money order' }],
      applied_taxes: [],
      item_applied_taxes: [],
      converting_from_quote: false,
      taxes: [],
      additional_itemized_taxes: [],
    },
  };
}
