import { HookSender, type StockEvent } from '../../../platform/sandbox-kit/index.ts';
import { hmac } from '../../../platform/signature.ts';
import { PAID, SHIPPED, type State, wordsOf } from './state.ts';

/** What the module in extension/ sends when a request of the shop ends; never again when it fails. */
export function moduleOf(state: State): HookSender {
  const { clock, random, factor, deliver } = state.options;
  return new HookSender({
    clock,
    random,
    factor,
    deliver,
    plan: {
      delayMs: (draw) => 100 + draw() * 400,
      retriesMs: [],
      bodyFrom: 'event',
      coalesce: false,
      offAfter: null,
      timeoutMs: 5_000,
    },
  });
}

function tell(state: State, module: HookSender, what: { orders: string[] } | { stock: string[] }): void {
  if (state.hookUrl === '') return;
  const body = JSON.stringify(what);
  const headers = {
    'content-type': 'application/json',
    'x-onhand-signature': hmac('sha256', state.webhookSecret, [body], 'hex'),
  };
  const request = { method: 'POST' as const, url: state.hookUrl, headers, body };
  module.send({ subscription: 'onhand', key: body, build: () => request });
}

/** What a change of the book means in PrestaShop's words. */
export function hear(state: State, module: HookSender, event: StockEvent): void {
  if (event.kind === 'level') {
    const { item } = event.level;
    const product = state.productOf.get(item)!;
    // A request that changes an order tells of the order alone.
    if (event.cause === 'write' || event.cause === 'edit')
      tell(state, module, { stock: [`${product.id}/${product.combined ? item.id : '0'}`] });
    return;
  }
  const { order, cause } = event;
  const words = wordsOf(order);
  const to = (next: string) => {
    words.state = next;
    words.history.push({ id: state.nextId(), state: next, atMs: order.changedAtMs });
  };
  if (cause === 'placed') to(words.state);
  if (cause === 'paid') to(PAID);
  if (cause === 'cancelled') to(state.canceledState);
  if (cause === 'fulfilled') to(SHIPPED);
  if (cause === 'refunded')
    state.slips.touch({ id: state.nextId(), order, atMs: order.changedAtMs }, order.changedAtMs);
  else {
    words.updatedMs = order.changedAtMs;
    state.orders.touch(order, order.changedAtMs);
  }
  tell(state, module, { orders: [order.id] });
}
