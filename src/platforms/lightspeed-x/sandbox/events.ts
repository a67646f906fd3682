import type { StockEvent, StockOrder, StockRefund } from '../../../platform/sandbox-kit/index.ts';
import { availableOf, goneOf } from '../../../platform/sandbox-kit/index.ts';
import { hookSale } from './sale-json.ts';
import { idOf, notesOf, type ReturnSale, type SaleRow, type Store } from './store.ts';
import type { Subscriptions } from './subscriptions.ts';

/** Turns what happens in the book into versions, rows of the list, and webhooks. The answer stops it. */
export function tellEvents(store: Store, returns: ReturnSale[], hooks: Subscriptions): () => void {
  const sendSale = (row: SaleRow, id: string) => hooks.send('sale.update', id, hookSale(row, returns));
  const touchOrder = (order: StockOrder) =>
    sendSale(
      store.touchSale(() => ({ kind: 'sale', order }) as never, order.id),
      order.id,
    );
  const takeBack = (order: StockOrder, refund: StockRefund) => {
    const made = returnOf(store, order, refund);
    returns.push(made);
    const row = () => store.touchSale(() => ({ kind: 'return', made }) as never, made.id);
    // As recorded: opened with all that could come back, then closed with what did.
    const back = made.lines;
    made.lines = order.lines
      .filter((line) => goneOf(line) > 0 || back.some((one) => one.line === line))
      .map((line, index) => ({ id: `${made.id.slice(0, -3)}${900 + index}`, line, quantity: line.quantity }));
    sendSale(row(), made.id);
    made.state = 'closed';
    made.lines = made.lines.flatMap((opened) => {
      const units = back.filter((one) => one.line === opened.line).reduce((sum, one) => sum + one.quantity, 0);
      return units > 0 ? [{ ...opened, quantity: units }] : [];
    });
    sendSale(row(), made.id);
  };
  return store.book.onChange((event: StockEvent) => {
    if (event.kind === 'level') {
      const { level } = event;
      store.touchLevel(level);
      if (availableOf(level) === event.before || !level.item.tracked) return;
      hooks.send('inventory.update', `${level.item.id}-${level.location}`, {
        id: `${level.item.id}-${level.location}`,
        outlet_id: level.location,
        product_id: level.item.id,
        count: availableOf(level).toFixed(5),
        attributed_cost: '10.00000',
        reorder_point: null,
        restock_level: null,
      });
      return;
    }
    const { order, refund, cause } = event;
    if (cause === 'refunded' && refund && !notesOf(order).voided) takeBack(order, refund);
    else touchOrder(order);
  });
}

function returnOf(store: Store, of: StockOrder, refund: StockRefund): ReturnSale {
  store.returns += 1;
  const id = idOf('5687606e-dbc9-b0a6-11eb', store.returns);
  return {
    id,
    of,
    refund,
    atMs: store.options.clock.now(),
    state: 'parked',
    lines: refund.lines.map(({ line, quantity }, index) => ({ id: `${id}-${index}`, line, quantity })),
  };
}
