import type { Doc } from '../../../src/domain/document.ts';
import type { StockOrder } from '../../../src/platform/sandbox-kit/index.ts';

/** An order as the toy's API prints it. */
export interface ToyOrder {
  id: string;
  version: number;
  placedAt: string;
  paid: boolean;
  lines: {
    id: string;
    item: string;
    sku: string;
    counted: boolean;
    parts: { place: string; open: number; gone: number; back: number }[];
  }[];
}

export function printOrder(order: StockOrder): ToyOrder {
  return {
    id: order.id,
    version: order.version,
    placedAt: new Date(order.placedAtMs).toISOString(),
    paid: order.paidAtMs !== null,
    lines: order.lines.map((line) => ({
      id: line.id,
      item: line.item.id,
      sku: line.item.sku,
      counted: line.counted,
      parts: line.parts.map((part) => ({
        place: part.location,
        open: part.committed,
        gone: part.fulfilled + part.writtenOff,
        back: part.restocked,
      })),
    })),
  };
}

export const toyDoc = (order: ToyOrder, account: string): Doc => ({
  account,
  doc: `order:${order.id}`,
  rev: String(order.version),
  whole: true,
  saleAt: order.placedAt,
  paid: order.paid,
  lines: order.lines
    .filter((line) => line.counted)
    .map((line) => ({
      line: line.id,
      listing: line.item,
      sku: line.sku,
      parts: line.parts.map((part) => ({
        location: part.place,
        committed: part.open,
        out: part.gone - part.back,
        returned: 0,
        taken: part.open + part.gone - part.back,
      })),
    })),
});
