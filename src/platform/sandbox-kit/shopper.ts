import type { Quantity } from '../../domain/quantity.ts';
import type { BuyLine, Shopper } from '../sandbox.ts';
import { goneOf, type LineUnits, openOf } from './line-units.ts';
import type { StockBook } from './stock-book.ts';
import type { SellPolicy, StockLine, StockOrder } from './stock-types.ts';

/**
 * The shopper every sandbox needs, over its book. Webhooks, statuses and other vendor words are the sandbox's own: it
 * listens to the book.
 */
export function shopperOf(
  book: StockBook,
  options: {
    online: SellPolicy;
    /** Tills sell what is in the hand: `below-zero` unless the vendor refuses there too. */
    till: SellPolicy;
    /** Goods sold at a till leave at once. Default true. */
    tillFulfils?: boolean;
    /** Members a new order starts with (source name, status). */
    extra?: (order: { location: string | null; paid: boolean }) => Record<string, unknown>;
  },
): Shopper {
  const orderOf = (id: string): StockOrder | undefined => book.order(id);
  return {
    buy({ lines, location, paid = true }) {
      const items = [];
      for (const line of lines) {
        const item = book.shelves.item(line.sku);
        if (!item) return { ok: false, why: `there is no item ${line.sku}` };
        items.push({ item, quantity: line.quantity });
      }
      const sell = location === null ? options.online : options.till;
      const placed = book.place({ lines: items, location, sell, paid, extra: options.extra?.({ location, paid }) });
      if (!placed.ok) return placed;
      if (location !== null && paid && (options.tillFulfils ?? true)) book.fulfil(placed.order);
      return { ok: true, order: placed.order.id };
    },
    pay(id) {
      const order = orderOf(id);
      return order !== undefined && book.pay(order);
    },
    cancel(id) {
      const order = orderOf(id);
      if (!order || order.cancelledAtMs !== null || order.fulfilments.length > 0) return false;
      return book.cancel(order);
    },
    fulfil(id, lines) {
      const order = orderOf(id);
      if (!order) return false;
      if (!lines) return book.fulfil(order);
      const units = pick(order, lines, (line) => openOf(line, order));
      return units !== undefined && book.fulfil(order, units);
    },
    refund(id, line, restock) {
      const order = orderOf(id);
      const units = order && pick(order, [line], goneOf);
      return units !== undefined && book.refund(order!, units, { restock });
    },
    edit(sku, location, available) {
      const item = book.shelves.item(sku);
      const level = item && book.shelves.level(item, location);
      if (!level) return false;
      book.edit(level, available);
      return true;
    },
  };
}

/** Units by SKU as units by line; undefined when the order does not have so many. */
function pick(order: StockOrder, wanted: BuyLine[], most: (line: StockLine) => Quantity): LineUnits | undefined {
  const left = new Map(order.lines.map((line) => [line, most(line)]));
  const units: LineUnits = [];
  for (const { sku, quantity: asked } of wanted) {
    let missing = asked;
    for (const line of order.lines) {
      const share = line.item.sku === sku ? Math.min(missing, left.get(line)!) : 0;
      if (share <= 0) continue;
      units.push({ line, quantity: share });
      left.set(line, left.get(line)! - share);
      missing -= share;
    }
    if (missing > 0) return undefined;
  }
  return units;
}
