import type { StockEvent, StockLine } from '../../../platform/sandbox-kit/index.ts';
import { openOf } from '../../../platform/sandbox-kit/index.ts';
import type { HookQueue } from './hook-queue.ts';
import { orderJson } from './order-json.ts';
import { keeperJson } from './product-json.ts';
import { type OrderWords, type Shop, wordsOf } from './shop.ts';

const NO_ORDER = { code: 'woocommerce_rest_shop_order_invalid_id', message: 'Invalid ID.', data: { status: 404 } };

/** What a change of the book means in WooCommerce's words, and which webhooks it sets off. */
export function hear(shop: Shop, hooks: HookQueue, event: StockEvent): void {
  if (event.kind === 'level') {
    const { item } = event.level;
    // Shipping changes no number a shopper could see.
    if (event.cause !== 'fulfil') {
      const keeper = shop.parentOf.get(item);
      const id = keeper?.keeps ? String(keeper.id) : item.id;
      hooks.send('product.updated', id, () => keeperJson(shop, item));
    }
    return;
  }
  const { order, cause, refund } = event;
  const words = wordsOf(order);
  if (cause === 'paid') words.status = 'processing';
  if (cause === 'cancelled' && order.cancelledAtMs !== null) words.status = 'cancelled';
  else if (refund && !words.editing) words.refunds.push({ id: shop.nextId(), refund, reason: '' });
  if (cause === 'fulfilled' && order.lines.every((line) => openOf(line, order) === 0)) {
    words.status = 'completed';
    words.completedAtMs ??= order.changedAtMs;
  }
  // Paid back whole: WooCommerce moves it to refunded by itself.
  if (refund && !words.editing && words.status !== 'cancelled' && isPaidBack(words, order.lines))
    words.status = 'refunded';
  // The API is asked when the webhook is sent, and its refusal is what is sent for an order that is deleted by then.
  const body = () => (shop.gone.has(order) ? NO_ORDER : orderJson(shop, order));
  if (cause === 'placed') hooks.send('order.created', order.id, body);
  hooks.send('order.updated', order.id, body);
}

function isPaidBack(words: OrderWords, lines: readonly StockLine[]): boolean {
  const back = words.refunds.reduce(
    (sum, { refund }) => sum + refund.lines.reduce((units, line) => units + line.quantity, 0),
    0,
  );
  return back >= lines.reduce((sum, line) => sum + line.quantity - (words.editedOff.get(line) ?? 0), 0);
}
