import { quantity } from '../../../domain/quantity.ts';
import { availableOf, type StockItem, type StockLine, type StockOrder } from '../../../platform/sandbox-kit/index.ts';
import { itemNotes, orderNotes, PRICE_CENTS, paymentId, refundId } from './merchant.ts';

type Node = Record<string, unknown>;

const ms = (stamp: number): number => Math.floor(stamp);

export const list = (elements: unknown[], href: string): Node => ({ elements, href });

/** An item; `itemStock` only where it is asked for and somebody counts. */
export function itemNode(item: StockItem, expand: string[]): Node {
  const { perUnit, deleted } = itemNotes(item);
  const stock = expand.includes('itemStock') ? stockNode(item) : undefined;
  return {
    id: item.id,
    hidden: false,
    name: item.title,
    sku: item.sku,
    price: PRICE_CENTS,
    priceType: perUnit ? 'PER_UNIT' : 'FIXED',
    ...(perUnit && { unitName: 'kg' }),
    defaultTaxRates: true,
    isRevenue: true,
    modifiedTime: ms(item.levels[0]!.changedAtMs),
    ...(deleted && { deletedTime: ms(item.levels[0]!.changedAtMs) }),
    ...(stock && { itemStock: stock }),
  };
}

/** undefined: no such record. `stockCount` is the rounded, deprecated twin. */
export function stockNode(item: StockItem): Node | undefined {
  const level = item.levels[0]!;
  const count = item.tracked ? availableOf(level) : itemNotes(item).strayCount;
  if (count === undefined) return undefined;
  return {
    item: { id: item.id },
    stockCount: Math.round(count),
    quantity: count,
    modifiedTime: ms(level.changedAtMs),
  };
}

function paymentState(order: StockOrder): string {
  if (order.paidAtMs === null || orderNotes(order).voided) return 'OPEN';
  const sold = order.lines.reduce((sum, line) => sum + line.quantity, 0);
  const back = order.lines.reduce((sum, line) => sum + refundedUnits(line), 0);
  if (back === 0) return 'PAID';
  return quantity(back) >= quantity(sold) ? 'REFUNDED' : 'PARTIALLY_REFUNDED';
}

const refundedUnits = (line: StockLine): number => line.parts.reduce((sum, part) => sum + part.refunded, 0);

export function orderNode(order: StockOrder, expand: string[], base: string): Node {
  const { voided, test } = orderNotes(order);
  const paid = order.paidAtMs !== null;
  const lines = lineNodes(order);
  return {
    href: `${base}/orders/${order.id}`,
    id: order.id,
    currency: 'USD',
    total: Math.round(order.lines.reduce((sum, line) => sum + line.quantity * PRICE_CENTS, 0)),
    state: paid && !voided ? 'locked' : 'open',
    paymentState: paymentState(order),
    testMode: test === true,
    manualTransaction: false,
    groupLineItems: true,
    taxRemoved: false,
    isVat: false,
    createdTime: ms(order.placedAtMs),
    clientCreatedTime: ms(order.placedAtMs),
    modifiedTime: ms(order.changedAtMs),
    // Nested lists end after a hundred rows, without a word.
    ...(expand.includes('lineItems') && { lineItems: { elements: lines.slice(0, 100) } }),
    ...(expand.includes('payments') && paid && { payments: { elements: [paymentNode(order)] } }),
    ...(expand.includes('refunds') &&
      order.refunds.length > 0 &&
      !voided && { refunds: { elements: refundNodes(order) } }),
  };
}

export function paymentNode(order: StockOrder): Node {
  return {
    id: paymentId(order),
    order: { id: order.id },
    amount: Math.round(order.lines.reduce((sum, line) => sum + line.quantity * PRICE_CENTS, 0)),
    result: orderNotes(order).voided ? 'VOIDED' : 'SUCCESS',
    createdTime: ms(order.paidAtMs ?? order.changedAtMs),
    clientCreatedTime: ms(order.paidAtMs ?? order.changedAtMs),
    modifiedTime: ms(order.changedAtMs),
  };
}

/** One line per unit sold; the first ones of a line are those that were paid back. */
export function lineNodes(order: StockOrder): Node[] {
  return order.lines.flatMap((line) => {
    const shared = {
      item: { id: line.item.id },
      name: line.item.title,
      price: PRICE_CENTS,
      createdTime: ms(order.placedAtMs),
      exchanged: false,
      isRevenue: true,
      printed: false,
    };
    const voided = orderNotes(order).voided === true;
    const back = voided ? 0 : refundedUnits(line);
    const kept = quantity(line.quantity - line.dropped);
    if (itemNotes(line.item).perUnit)
      return kept > 0
        ? [{ id: `${line.id}000`, ...shared, refunded: back > 0, unitQty: Math.round(kept * 1000), unitName: 'kg' }]
        : [];
    return Array.from({ length: kept }, (_, unit) => ({
      id: unitId(line, unit),
      ...shared,
      refunded: unit < back,
    }));
  });
}

const unitId = (line: StockLine, unit: number): string => `${line.id}${String(unit).padStart(3, '0')}`;

function refundNodes(order: StockOrder): Node[] {
  const told = new Map<StockLine, number>();
  return order.refunds.map((refund) => {
    const lineItems = refund.lines.flatMap(({ line, quantity: units }) => {
      if (itemNotes(line.item).perUnit) return [{ id: `${line.id}000` }];
      const from = told.get(line) ?? 0;
      told.set(line, from + units);
      return Array.from({ length: units }, (_, unit) => ({ id: unitId(line, from + unit) }));
    });
    return {
      id: refundId(refund.seq),
      orderRef: { id: order.id },
      payment: { id: paymentId(order) },
      amount: Math.round(refund.lines.reduce((sum, line) => sum + line.quantity * PRICE_CENTS, 0)),
      createdTime: ms(refund.atMs),
      lineItems: { elements: lineItems },
    };
  });
}
