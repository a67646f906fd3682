import type { Shopper } from '../../../platform/sandbox.ts';
import type { ChangeLog } from '../../../platform/sandbox-kit/change-log.ts';
import type { Router, StockOrder } from '../../../platform/sandbox-kit/index.ts';
import { stampOf } from '../shape.ts';
import { ok, Refusal } from './answers.ts';
import { orderJson } from './order-json.ts';
import { found, readSearch, sinceMs } from './search.ts';
import { type Paper, type State, wordsOf } from './state.ts';

const ALL = Number.MAX_SAFE_INTEGER;

const missing = (): Refusal =>
  new Refusal(404, "The entity that was requested doesn't exist. Verify the entity and try again.");

/** Rows changed since the search's own moment; the rest of the search is looked at row by row. */
const since = <Row extends object>(log: ChangeLog<Row>, ms: number | undefined): Row[] =>
  log.page({ ...(ms !== undefined && { sinceMs: ms }), limit: ALL }).items;

export function orderRoutes(state: State, shopper: Shopper, router: Router): void {
  const orderOf = (id: string): StockOrder => {
    const order = state.book.order(id);
    if (!order) throw missing();
    return order;
  };
  router.on('GET', '/V1/orders', ({ query }) => {
    const search = readSearch(query);
    const members = (order: StockOrder) => ({
      entity_id: Number(order.id),
      updated_at: stampOf(wordsOf(order).updatedMs),
      created_at: stampOf(order.placedAtMs),
    });
    const rows = since(state.orders, sinceMs(search));
    return ok(
      state,
      found(rows, search, members, (order) => orderJson(state, order)),
    );
  });
  router.on('GET', '/V1/orders/{id}', ({ params }) => ok(state, orderJson(state, orderOf(params['id']!))));
  router.on('POST', '/V1/orders/{id}/cancel', ({ params }) => {
    const order = orderOf(params['id']!);
    // An invoiced order cannot be cancelled; Magento says so with a plain false.
    return ok(state, order.paidAtMs === null && shopper.cancel(order.id));
  });
  for (const [path, log] of [
    ['/V1/shipments', state.shipments],
    ['/V1/creditmemos', state.memos],
  ] as const)
    router.on('GET', path, ({ query }) => {
      const search = readSearch(query);
      const members = (paper: Paper) => ({ entity_id: paper.id, updated_at: stampOf(paper.atMs) });
      return ok(state, found(since(log, sinceMs(search)), search, members, paperJson));
    });
}

/** Neither a shipment nor a credit memo tells whether goods went back on a shelf. */
const paperJson = (paper: Paper): Record<string, unknown> => ({
  created_at: stampOf(paper.atMs),
  updated_at: stampOf(paper.atMs),
  entity_id: paper.id,
  increment_id: String(paper.id).padStart(9, '0'),
  order_id: Number(paper.order.id),
  store_id: 1,
  items: paper.lines.map(({ line, quantity }, index) => ({
    entity_id: paper.id * 10 + index,
    parent_id: paper.id,
    order_item_id: Number(line.id),
    product_id: Number(line.item.id),
    sku: line.item.sku,
    name: line.item.title,
    qty: quantity,
  })),
});
