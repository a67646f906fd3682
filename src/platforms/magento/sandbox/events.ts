import { HookSender, openOf, type StockEvent, type StockOrder } from '../../../platform/sandbox-kit/index.ts';
import { hmac } from '../../../platform/signature.ts';
import { type Paper, type State, wordsOf } from './state.ts';

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

function tell(state: State, module: HookSender, what: { orders?: string[]; skus?: string[] }): void {
  if (state.hookUrl === '') return;
  const body = JSON.stringify(what);
  const headers = {
    'content-type': 'application/json',
    'x-onhand-signature': hmac('sha256', state.webhookSecret, [body], 'hex'),
  };
  const request = { method: 'POST' as const, url: state.hookUrl, headers, body };
  module.send({ subscription: 'onhand', key: body, build: () => request });
}

/** What a change of the book means in Magento's words. */
export function hear(state: State, module: HookSender, event: StockEvent): void {
  if (event.kind === 'level') {
    const { item } = event.level;
    if (event.cause === 'write' || event.cause === 'edit') tell(state, module, { skus: [item.sku] });
    return;
  }
  const { order, cause, fulfilments, refund } = event;
  for (const fulfilment of fulfilments ?? [])
    file(state.shipments, { id: state.nextPaper(), order, atMs: order.changedAtMs, lines: fulfilment.lines });
  // A paid order cannot be cancelled: the money goes back by a credit memo.
  if (refund && order.paidAtMs !== null)
    file(state.memos, { id: state.nextPaper(), order, atMs: order.changedAtMs, lines: refund.lines });
  if (cause !== 'fulfilled' || isShipped(order)) {
    wordsOf(order).updatedMs = order.changedAtMs;
    state.orders.touch(order, order.changedAtMs);
  }
  const skus = refund && order.paidAtMs !== null ? refund.lines.map(({ line }) => line.item.sku) : [];
  tell(state, module, { orders: [order.id], ...(skus.length > 0 && { skus: [...new Set(skus)] }) });
}

const file = (log: State['memos'], paper: Paper): void => log.touch(paper, paper.atMs);

const isShipped = (order: StockOrder): boolean => order.lines.every((line) => openOf(line, order) === 0);
