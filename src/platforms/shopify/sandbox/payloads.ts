import {
  availableOf,
  type StockFulfilment,
  type StockItem,
  type StockLevel,
  type StockLine,
  type StockOrder,
  type StockRefund,
} from '../../../platform/sandbox-kit/index.ts';
import { gid } from './ids.ts';
import { financialStatus, fulfillmentStatus, openUnits, soldAtMs, sourceName, tillReceipt } from './order-state.ts';
import { restockType } from './refund-nodes.ts';
import { currentOf, local, notesOf, type Shop } from './shop.ts';

/** Webhook bodies: the REST shapes, snake case, ids as numbers. Members that nobody here reads are left out. */

/** An id as JSON prints it. Places of a test may have names instead of numbers. */
const number = (id: string): number | string => (/^\d{1,15}$/.test(id) ? Number(id) : id);

export function orderPayload(order: StockOrder, shop: Shop): Record<string, unknown> {
  const status = fulfillmentStatus(order);
  return {
    id: number(order.id),
    admin_graphql_api_id: gid('Order', order.id),
    name: `#${1000 + order.seq}`,
    order_number: 1000 + order.seq,
    created_at: local(order.placedAtMs),
    processed_at: local(soldAtMs(order)),
    updated_at: local(order.changedAtMs),
    cancelled_at: order.cancelledAtMs === null ? null : local(order.cancelledAtMs),
    cancel_reason: order.cancelledAtMs === null ? null : 'customer',
    confirmed: true,
    test: false,
    financial_status: financialStatus(order).toLowerCase(),
    fulfillment_status: status === 'UNFULFILLED' ? null : status === 'FULFILLED' ? 'fulfilled' : 'partial',
    source_name: sourceName(order),
    source_identifier: tillReceipt(order),
    app_id: 580111,
    location_id: order.location === null ? null : number(order.location),
    user_id: order.location === null ? null : 5002,
    device_id: order.location === null ? null : 9,
    line_items: order.lines.map((line) => lineItem(line, order, shop)),
    fulfillments: order.fulfilments.map((one) => fulfillmentPayload(one, order, shop)),
    refunds: order.refunds.map((one) => refundPayload(one, order, shop)),
    returns: order.refunds
      .filter(({ seq }) => shop.returns.has(seq))
      .map(({ seq }) => ({ id: number(shop.ids.document(seq)) })),
    line_item_groups: [],
  };
}

function lineItem(line: StockLine, order: StockOrder, shop: Shop): Record<string, unknown> {
  const open = openUnits(line, order);
  return {
    id: number(line.id),
    admin_graphql_api_id: gid('LineItem', line.id),
    product_id: number(shop.ids.product(line.item.seq)),
    variant_id: number(shop.ids.variant(line.item.seq)),
    sku: line.item.sku,
    title: line.item.title,
    name: line.item.title,
    quantity: line.quantity,
    current_quantity: currentOf(line),
    fulfillable_quantity: open,
    fulfillment_status: order.fulfilments.length === 0 ? null : open > 0 ? 'partial' : 'fulfilled',
    fulfillment_service: 'manual',
    variant_inventory_management: line.item.tracked ? 'shopify' : null,
    product_exists: true,
    requires_shipping: true,
    gift_card: false,
    sales_line_item_group_id: null,
    price: '10.00',
  };
}

export function fulfillmentPayload(one: StockFulfilment, order: StockOrder, shop: Shop): Record<string, unknown> {
  const id = shop.ids.document(one.seq);
  return {
    id: number(id),
    admin_graphql_api_id: gid('Fulfillment', id),
    order_id: number(order.id),
    status: 'success',
    created_at: local(one.atMs),
    updated_at: local(one.atMs),
    location_id: number(one.location),
    line_items: one.lines.map(({ line, quantity }) => ({ ...lineItem(line, order, shop), quantity })),
  };
}

export function refundPayload(refund: StockRefund, order: StockOrder, shop: Shop): Record<string, unknown> {
  const id = shop.ids.document(refund.seq);
  const parcel = shop.returns.get(refund.seq);
  return {
    id: number(id),
    admin_graphql_api_id: gid('Refund', id),
    order_id: number(order.id),
    created_at: local(refund.atMs),
    processed_at: local(refund.atMs),
    note: null,
    user_id: null,
    restock: refund.restock && !parcel,
    return: parcel ? { id: number(id), admin_graphql_api_id: gid('Return', id) } : null,
    refund_line_items: refund.lines.map(({ line, quantity, location }) => ({
      id: number(`${id}`.slice(0, 14)) as number,
      line_item_id: number(line.id),
      quantity,
      location_id: parcel || !refund.restock || location === null ? null : number(location),
      restock_type: parcel ? 'no_restock' : restockType(refund).toLowerCase(),
      subtotal: 10 * quantity,
      line_item: lineItem(line, order, shop),
    })),
    transactions: [],
    order_adjustments: [],
    refund_shipping_lines: [],
    duties: [],
  };
}

export function levelPayload(level: StockLevel): Record<string, unknown> {
  return {
    inventory_item_id: number(level.item.id),
    location_id: number(level.location),
    available: level.item.tracked ? Math.trunc(availableOf(level)) : null,
    updated_at: local(level.changedAtMs),
    admin_graphql_api_id: `${gid('InventoryLevel', level.location)}?inventory_item_id=${level.item.id}`,
  };
}

export function productPayload(item: StockItem, shop: Shop): Record<string, unknown> {
  return {
    id: number(shop.ids.product(item.seq)),
    title: item.title,
    status: 'active',
    variants: [
      {
        id: number(shop.ids.variant(item.seq)),
        inventory_item_id: number(item.id),
        sku: item.sku,
        requires_components: notesOf(item).isBundle ?? false,
      },
    ],
  };
}
