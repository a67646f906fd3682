import { quantity } from '../../../domain/quantity.ts';
import { availableOf, type StockLevel, type StockOrder } from '../../../platform/index.ts';

/** Rows per page of the small shop. */
export const PAGE = 50;

/** An order in the words of the protocol. Units written off count as gone; goods that are not counted are left out. */
export function printOrder(order: StockOrder): Record<string, unknown> {
  return {
    id: Number(order.id),
    version: order.version,
    createdAt: new Date(order.placedAtMs).toISOString(),
    updatedAt: new Date(order.changedAtMs).toISOString(),
    paid: order.paidAtMs !== null,
    ...(order.cancelledAtMs !== null && { status: 'cancelled' }),
    channel: order.location === null ? 'web' : 'till',
    lines: order.lines
      .filter((line) => line.counted)
      .flatMap((line) =>
        line.parts.map((part) => ({
          id: line.id,
          sku: line.item.sku,
          quantity: quantity(part.committed + part.fulfilled + part.writtenOff + part.released),
          fulfilled: quantity(part.fulfilled + part.writtenOff),
          cancelled: part.released,
          restocked: part.restocked,
          location: part.location,
        })),
      ),
  };
}

export const printLevel = (level: StockLevel): Record<string, unknown> => ({
  sku: level.item.sku,
  location: level.location,
  available: availableOf(level),
  tracked: level.item.tracked,
});
