import { quantity } from '../../../domain/quantity.ts';
import { availableOf, type StockEvent, type StockLevel, type StockOrder } from '../../../platform/sandbox-kit/index.ts';
import { iso } from './answers.ts';
import { paymentNode, refundNode, stateOf } from './order-nodes.ts';
import { isTrackedAt, notesOf, type OrderRow, orderId, paymentId, type ReturnOrder, type Seller } from './seller.ts';
import type { Subscriptions } from './subscriptions.ts';

/** Till and website as the history names them. */
const sourceOf = (order: StockOrder | undefined) =>
  order && !notesOf(order).till
    ? { product: 'ONLINE_STORE', name: 'Square Online' }
    : { product: 'SQUARE_POS', name: 'Point of Sale' };

/** Turns what happens in the book into Square's order list, inventory history and events. The answer stops it. */
export function tellEvents(seller: Seller, hooks: Subscriptions): () => void {
  return seller.book.onChange((event) => {
    if (event.kind === 'level') levelChanged(event, seller, hooks);
    else orderChanged(event, seller, hooks);
  });
}

function levelChanged(event: Extract<StockEvent, { kind: 'level' }>, seller: Seller, hooks: Subscriptions): void {
  const { level, before, cause, reference } = event;
  const nowMs = seller.options.clock.now();
  const delta = quantity(availableOf(level) - before);
  const shared = { item: level.item, location: level.location, occurredMs: nowMs, createdMs: nowMs };
  if (cause === 'sale')
    seller.history.add({
      ...shared,
      type: 'ADJUSTMENT',
      fromState: 'IN_STOCK',
      toState: 'SOLD',
      quantity: -delta,
      ...(reference !== null && { transactionId: reference }),
      source: sourceOf(reference === null ? undefined : seller.book.order(reference)),
    });
  // What staff type into the Dashboard is a recount.
  if (cause === 'edit')
    seller.history.add({
      ...shared,
      type: 'PHYSICAL_COUNT',
      fromState: '',
      toState: 'IN_STOCK',
      quantity: availableOf(level),
      source: { product: 'DASHBOARD', name: 'Dashboard' },
    });
  if (delta !== 0 && isTrackedAt(level.item, level.location)) countUpdated(level, hooks);
}

function countUpdated(level: StockLevel, hooks: Subscriptions): void {
  hooks.send('inventory.count.updated', {
    type: 'inventory_counts',
    id: `${level.item.id}-${level.location}-${level.version}`,
    object: {
      inventory_counts: [
        {
          catalog_object_id: level.item.id,
          catalog_object_type: 'ITEM_VARIATION',
          location_id: level.location,
          state: 'IN_STOCK',
          quantity: String(availableOf(level)),
          calculated_at: iso(level.changedAtMs),
        },
      ],
    },
  });
}

function orderChanged(event: Extract<StockEvent, { kind: 'order' }>, seller: Seller, hooks: Subscriptions): void {
  const { order, cause, refund } = event;
  const row = touched(order, seller);
  if (!notesOf(order).till) orderUpdated(order, row, cause === 'placed', cause === 'fulfilled', hooks);
  const paidNow = cause === 'paid' || (cause === 'placed' && order.paidAtMs !== null);
  if (paidNow) {
    payment('payment.created', order, 'APPROVED', seller, hooks);
    payment('payment.updated', order, 'COMPLETED', seller, hooks);
  }
  if (!refund || order.paidAtMs === null) return;
  const made = takeBack(order, refund, seller);
  payment('payment.updated', order, 'COMPLETED', seller, hooks);
  for (const [type, status] of [
    ['refund.created', 'PENDING'],
    ['refund.updated', 'COMPLETED'],
  ] as const) {
    const node = refundNode(made, status, seller);
    hooks.send(type, { type: 'refund', id: String(node['id']), object: { refund: node } });
  }
}

/** Returns are numbered apart from sales. */
const RETURNS_FROM = 500_000_000_000;

/** The sale's row moves to the end of the list. */
function touched(order: StockOrder, seller: Seller): OrderRow {
  const known = seller.rowOf.get(order.id);
  const row: OrderRow = known ?? { kind: 'sale', order, updatedAtMs: 0, version: 0 };
  row.version += 1;
  row.updatedAtMs = seller.book.shelves.stamp();
  seller.rowOf.set(order.id, row);
  seller.rows.touch(row, row.updatedAtMs);
  return row;
}

/** A refund of goods is an order of its own; the history has its halves: what came back, and what went on the shelf. */
function takeBack(order: StockOrder, refund: StockOrder['refunds'][0], seller: Seller): ReturnOrder {
  seller.returns += 1;
  const made: ReturnOrder = {
    id: orderId(RETURNS_FROM + seller.returns),
    refundId: `REFUNDSQ${String(seller.returns).padStart(16, '0')}`,
    source: order,
    refund,
    atMs: seller.book.shelves.stamp(),
  };
  const row: OrderRow = { kind: 'return', made, updatedAtMs: made.atMs, version: 1 };
  seller.rowOf.set(made.id, row);
  seller.rows.touch(row, row.updatedAtMs);
  const nowMs = seller.options.clock.now();
  for (const { line, quantity: units, location } of refund.lines) {
    if (!line.counted) continue;
    const shared = {
      type: 'ADJUSTMENT' as const,
      item: line.item,
      location: location ?? order.location!,
      quantity: units,
      occurredMs: nowMs,
      createdMs: nowMs,
      source: sourceOf(order),
    };
    seller.history.add({ ...shared, fromState: 'SOLD', toState: 'RETURNED_BY_CUSTOMER', transactionId: made.id });
    // In real accounts this half names neither order nor refund.
    if (refund.restock) seller.history.add({ ...shared, fromState: 'RETURNED_BY_CUSTOMER', toState: 'IN_STOCK' });
  }
  return made;
}

function orderUpdated(
  order: StockOrder,
  row: OrderRow,
  created: boolean,
  fulfilled: boolean,
  hooks: Subscriptions,
): void {
  const what = {
    order_id: order.id,
    version: row.version,
    location_id: order.location!,
    state: stateOf(order),
    created_at: iso(order.placedAtMs),
  };
  if (created) hooks.send('order.created', { type: 'order_created', id: order.id, object: { order_created: what } });
  else
    hooks.send('order.updated', {
      type: 'order_updated',
      id: order.id,
      object: { order_updated: { ...what, updated_at: iso(row.updatedAtMs) } },
    });
  if (fulfilled)
    hooks.send('order.fulfillment.updated', {
      type: 'order_fulfillment_updated',
      id: order.id,
      object: {
        order_fulfillment_updated: {
          ...what,
          updated_at: iso(row.updatedAtMs),
          fulfillment_update: [{ fulfillment_uid: 'F0', old_state: 'RESERVED', new_state: 'COMPLETED' }],
        },
      },
    });
}

function payment(
  type: string,
  order: StockOrder,
  status: 'APPROVED' | 'COMPLETED',
  seller: Seller,
  hooks: Subscriptions,
): void {
  hooks.send(type, { type: 'payment', id: paymentId(order), object: { payment: paymentNode(order, status, seller) } });
}
