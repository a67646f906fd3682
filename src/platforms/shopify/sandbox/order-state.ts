import { openOf, type StockLine, type StockOrder } from '../../../platform/sandbox-kit/index.ts';
import { currentOf } from './shop.ts';

/** What Shopify calls the states of an order, in the spelling of GraphQL. */
export function financialStatus(order: StockOrder): string {
  if (order.paidAtMs === null) return order.cancelledAtMs === null ? 'PENDING' : 'VOIDED';
  if (order.refunds.length === 0) return 'PAID';
  return order.lines.every((line) => currentOf(line) === 0) ? 'REFUNDED' : 'PARTIALLY_REFUNDED';
}

export function fulfillmentStatus(order: StockOrder): string {
  const open = order.lines.reduce((sum, line) => sum + openUnits(line, order), 0);
  if (order.fulfilments.length === 0) return 'UNFULFILLED';
  return open > 0 ? 'PARTIALLY_FULFILLED' : 'FULFILLED';
}

export const openUnits = (line: StockLine, order: StockOrder): number => openOf(line, order);

/** When the buyer bought: a till without a line uploads its sales later, and says then when they were. */
export const soldAtMs = (order: StockOrder): number =>
  (order.extra?.['rungUpAtMs'] as number | undefined) ?? order.placedAtMs;

/** Who took it: the page, a till, or whatever an app wrote. */
export const sourceName = (order: StockOrder): string =>
  (order.extra?.['sourceName'] as string | undefined) ?? (order.location === null ? 'web' : 'pos');

/** A till's receipt number, or the number of the system an app copied the order from. */
export const tillReceipt = (order: StockOrder): string | null =>
  (order.extra?.['sourceIdentifier'] as string | undefined) ??
  (order.location === null ? null : `${order.location}-1-${1000 + order.seq}`);
