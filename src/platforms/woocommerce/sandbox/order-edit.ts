import { goneOf, openOf, type StockOrder } from '../../../platform/sandbox-kit/index.ts';
import { Refusal } from './answers.ts';
import { type Shop, wordsOf } from './shop.ts';

const SOLD = ['processing', 'on-hold', 'completed'];
const STATUSES = ['pending', ...SOLD, 'cancelled', 'refunded', 'failed', 'checkout-draft', 'trash'];

/** What staff can do in WooCommerce and this stand-in cannot: better refused than done wrongly. */
const notModelled = (what: string): Refusal =>
  new Refusal(501, 'onhand_sandbox_not_modelled', `This stand-in does not know how to ${what}.`);

/** What staff do with the status in the order screen. */
export function changeStatus(shop: Shop, order: StockOrder, status: string): void {
  if (!STATUSES.includes(status))
    throw new Refusal(400, 'rest_invalid_param', 'Invalid parameter(s): status', {
      params: { status: `status is not one of ${STATUSES.join(', ')}.` },
    });
  const words = wordsOf(order);
  if (words.status === status) return;
  const { book } = shop;
  if (order.taken && (status === 'pending' || status === 'checkout-draft'))
    throw notModelled('give stock back and take it again');
  if (SOLD.includes(status) && order.cancelledAtMs !== null) throw notModelled('sell a cancelled order again');
  if (SOLD.includes(status) && !order.taken) {
    if (status === 'on-hold') book.takeNow(order);
    else book.pay(order);
  }
  if (status === 'completed' && book.fulfil(order)) return;
  if (status === 'cancelled') {
    // Stock comes back whole, of a completed order as well, and no refund is written.
    const gone = order.lines.map((line) => ({ line, quantity: goneOf(line) })).filter(({ quantity }) => quantity > 0);
    if (gone.length > 0) silently(order, () => book.refund(order, gone, { restock: true }));
    if (book.cancel(order)) return;
  }
  // Chosen by hand it pays everything back in a refund without lines, and puts nothing on the shelf.
  if (status === 'refunded')
    words.refunds.push({
      id: shop.nextId(),
      refund: { seq: 0, atMs: shop.options.clock.now(), of: 'return', restock: false, lines: [] },
      reason: 'Order fully refunded.',
    });
  words.status = status;
  book.touch(order);
}

/** The book writes down what came back; WooCommerce calls it no refund. */
function silently(order: StockOrder, work: () => unknown): void {
  const words = wordsOf(order);
  words.editing = true;
  try {
    work();
  } finally {
    words.editing = false;
  }
}

export interface GivenLine {
  id?: number;
  product_id?: number;
  variation_id?: number;
  quantity?: number;
}

/** Lines added, lowered or removed (quantity 0): WooCommerce follows with its stock and with `_reduced_stock`. */
export function editLines(shop: Shop, order: StockOrder, given: readonly GivenLine[]): void {
  const words = wordsOf(order);
  for (const { id, product_id, variation_id, quantity = 1 } of given) {
    if (id === undefined) {
      const item = shop.book.shelves.itemById(String(variation_id || product_id));
      if (!item) throw new Refusal(400, 'woocommerce_rest_invalid_product_id', 'Product ID provided is invalid.');
      shop.book.addLine(order, item, quantity, { policy: 'below-zero' });
      continue;
    }
    const line = order.lines.find((one) => one.id === String(id));
    if (!line)
      throw new Refusal(
        400,
        'woocommerce_rest_invalid_item_id',
        'Order item ID provided is not associated with order.',
      );
    const before = words.editedOff.get(line) ?? 0;
    const fewer = line.quantity - before - quantity;
    if (fewer === 0) continue;
    if (fewer < 0 || fewer > openOf(line, order)) throw notModelled('raise a line, or lower it below what has left');
    words.editedOff.set(line, before + fewer);
    silently(order, () => shop.book.cancel(order, [{ line, quantity: fewer }], { restock: true, close: false }));
  }
}

export interface RefundBody {
  api_restock?: boolean;
  line_items?: { id: number; quantity?: number }[];
}

/** Units that have not left are given up, units that have come back; one refund is of one kind. */
export function refund(shop: Shop, order: StockOrder, body: RefundBody): void {
  const restock = body.api_restock ?? true;
  const units = (body.line_items ?? []).map(({ id, quantity = 0 }) => {
    const line = order.lines.find((one) => one.id === String(id));
    if (!line) throw new Refusal(400, 'woocommerce_rest_invalid_order_refund_item', 'Invalid item.');
    return { line, quantity };
  });
  const open = units.every(({ line, quantity }) => openOf(line, order) >= quantity);
  const done = open
    ? shop.book.cancel(order, units, { restock, close: false })
    : shop.book.refund(order, units, { restock });
  if (!done) throw new Refusal(400, 'woocommerce_rest_cannot_create_order_refund', 'Invalid refund amount.');
}
