import { openOf, type StockEvent } from '../../../platform/sandbox-kit/index.ts';
import type { HookList } from './hook-list.ts';
import type { Lists } from './lists.ts';
import type { MoveRow, Stand } from './stand.ts';

/** Turns what happens in the book into shipments, returns and events. The answer stops it. */
export function tellEvents(stand: Stand, lists: Lists, hooks: HookList): () => void {
  return stand.book.onChange((event) => {
    if (event.kind === 'order') orderChanged(event, stand, lists, hooks);
    else if (event.cause !== 'seed') hooks.send('variant.stock_level_update', event.level.item.id, 'variants');
  });
}

type OrderEvent = Extract<StockEvent, { kind: 'order' }>;

/** Nothing is sent for a void, an edit, or a return that was only paid back. */
function orderChanged(event: OrderEvent, stand: Stand, lists: Lists, hooks: HookList): void {
  const { order, cause, fulfilments = [], refund } = event;
  const moves = stand.movesOf.get(order) ?? { fulfillments: [], returns: [] };
  stand.movesOf.set(order, moves);
  if (cause === 'placed') hooks.send('order.create', order.id, 'orders');
  if (cause === 'paid' || (cause === 'placed' && order.paidAtMs !== null))
    hooks.send('order.finalized', order.id, 'orders');
  for (const { location, lines } of fulfilments) {
    const row = moveRow(stand, order, location, lines);
    moves.fulfillments.push(row);
    stand.fulfillments.touch(row, row.atMs);
    lists.note(row, 'fulfillment_id');
    for (const name of ['fulfillment.create', 'fulfillment.fulfilled']) hooks.send(name, row.id, 'fulfillments');
  }
  if (cause === 'fulfilled' && order.lines.every((line) => openOf(line, order) === 0))
    hooks.send('order.fulfilled', order.id, 'orders');
  if (cause !== 'refunded' || !refund?.restock) return;
  for (const place of new Set(refund.lines.map(({ location }) => location))) {
    const lines = refund.lines.filter(({ location }) => location === place);
    const row = moveRow(stand, order, place ?? order.location!, lines);
    moves.returns.push(row);
    stand.returns.touch(row, row.atMs);
    lists.note(row, 'fulfillment_return_id');
    hooks.send('fulfillment_return.create', row.id, 'fulfillment_returns');
  }
}

function moveRow(
  stand: Stand,
  order: MoveRow['order'],
  location: string,
  lines: { line: MoveRow['lines'][0]['line']; quantity: number }[],
): MoveRow {
  return {
    id: stand.nextId(),
    order,
    location,
    atMs: stand.book.shelves.stamp(),
    lines: lines.map(({ line, quantity }) => ({ id: stand.nextId(), line, quantity })),
  };
}
