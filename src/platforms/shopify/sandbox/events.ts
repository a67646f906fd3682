import type { StockEvent } from '../../../platform/sandbox-kit/index.ts';
import { editedPayload, type HookQueue } from './hook-queue.ts';
import { fulfillmentStatus } from './order-state.ts';
import { fulfillmentPayload, levelPayload, orderPayload, refundPayload } from './payloads.ts';
import { isStockedAt, type Shop } from './shop.ts';

/** Which webhooks a change of the shop's book sets off. The book tells levels before orders, as Shopify mostly does. */
export function tellHooks(shop: Shop, hooks: HookQueue): () => void {
  return shop.book.onChange((event) => {
    if (event.kind === 'level') tellLevel(event, hooks);
    else tellOrder(event, shop, hooks);
  });
}

function tellLevel(event: Extract<StockEvent, { kind: 'level' }>, hooks: HookQueue): void {
  const { level } = event;
  const payload = levelPayload(level);
  // Shipping moves committed and on hand only: nothing shoppers could see, and no webhook.
  if (payload['available'] === Math.trunc(event.before) || !isStockedAt(level.item, level.location)) return;
  hooks.send('INVENTORY_LEVELS_UPDATE', `${level.item.id}@${level.location}`, () => payload);
}

function tellOrder(event: Extract<StockEvent, { kind: 'order' }>, shop: Shop, hooks: HookQueue): void {
  const { order, cause } = event;
  const { refund } = event;
  if (refund && shop.takingBack !== null) shop.returns.set(refund.seq, { location: shop.takingBack });
  for (const one of [...order.fulfilments, ...order.refunds]) shop.documents.set(one.seq, order);
  const fat = () => orderPayload(order, shop);
  const send = (topic: string) => hooks.send(topic, order.id, fat);
  if (cause === 'placed') {
    send('ORDERS_CREATE');
    if (order.paidAtMs !== null) send('ORDERS_PAID');
  }
  if (cause === 'paid') send('ORDERS_PAID');
  if (cause === 'cancelled' && order.cancelledAtMs !== null) send('ORDERS_CANCELLED');
  if (cause === 'edited') hooks.send('ORDERS_EDITED', order.id, () => editedPayload(order.id, order.changedAtMs));
  if (cause === 'fulfilled') {
    for (const one of event.fulfilments ?? [])
      hooks.send('FULFILLMENTS_CREATE', order.id, () => fulfillmentPayload(one, order, shop));
    send(fulfillmentStatus(order) === 'FULFILLED' ? 'ORDERS_FULFILLED' : 'ORDERS_PARTIALLY_FULFILLED');
  }
  if (refund && refund.lines.length > 0)
    hooks.send('REFUNDS_CREATE', order.id, () => refundPayload(refund, order, shop));
  send('ORDERS_UPDATED');
}
