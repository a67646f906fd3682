import type { StockOrder, StockRefund } from '../../../platform/sandbox-kit/index.ts';
import type { Row } from './domain.ts';
import { isTill, type Office, productOf } from './office.ts';
import { moment } from './print.ts';

/** Till orders and their lines; money given back is an order of its own, below zero. */
export function tillRows(office: Office, order: StockOrder): { orders: Row[]; lines: Row[] } {
  const made: { orders: Row[]; lines: Row[] } = { orders: [], lines: [] };
  if (!isTill(order)) return made;
  const till = office.warehouses.findIndex((one) => one.spot === order.location);
  const add = (
    id: number,
    name: string,
    atMs: number,
    picking: number[],
    lines: { id: number; line: StockOrder['lines'][0]; qty: number }[],
  ) => {
    made.orders.push({
      id,
      name,
      state: 'paid',
      session_id: [till + 1, `POS/0000${till + 1}`],
      config_id: [till + 1, office.warehouses[till]!.name],
      picking_ids: picking,
      lines: lines.map((line) => line.id),
      date_order: moment(atMs),
      write_date: moment(atMs),
    });
    for (const line of lines)
      made.lines.push({
        id: line.id,
        order_id: [id, name],
        product_id: productOf(line.line.item),
        qty: line.qty,
        write_date: moment(atMs),
      });
  };
  add(
    Number(order.id),
    `Till ${order.id}`,
    order.placedAtMs,
    order.fulfilments.map((one) => office.idOf(one, 'picking')),
    order.lines.map((line) => ({ id: Number(line.id), line, qty: line.quantity })),
  );
  for (const refund of order.refunds)
    add(
      refundId(office, refund),
      `Till ${order.id} REFUND`,
      refund.atMs,
      [office.idOf(refund, 'picking')],
      refund.lines.map((part) => ({ id: office.idOf(part, 'tillLine'), line: part.line, qty: -part.quantity })),
    );
  return made;
}

const refundId = (office: Office, refund: StockRefund): number => office.idOf(refund, 'tillOrder');
