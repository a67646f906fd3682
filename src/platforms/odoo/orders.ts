import { z } from 'zod';
import type { Doc } from '../../domain/document.ts';
import { type OdooClient, searchRead } from './ask.ts';
import type { OdooConfig } from './config.ts';
import { linesOf, type Move, moveFields, moveShape, spotsIn } from './moves.ts';
import { readSpots } from './places.ts';
import { id, moment, numeric, reference, referenceName, text } from './shape.ts';

export const orderShape = z.object({
  id,
  state: text,
  date_order: moment,
  create_date: moment,
  write_date: moment,
  client_order_ref: text,
  source_id: referenceName.nullish(),
});
export type Order = z.infer<typeof orderShape>;

export const ORDER_FIELDS = Object.keys(orderShape.shape).filter((name) => name !== 'id');

const lineShape = z.object({ id, order_id: reference });

/** @returns what of these orders exists, as documents. */
export async function readOrders(client: OdooClient, config: OdooConfig, ids: string[]): Promise<Doc[]> {
  const wanted = numeric(ids);
  if (wanted.length === 0) return [];
  const query = { model: 'sale.order', domain: [['id', 'in', wanted]], fields: ORDER_FIELDS };
  const { data } = await searchRead(client, config, 'orders', query, z.array(orderShape));
  return withMoves(client, config, data);
}

/** Their deliveries, in one look: what moves with each other is then of one moment. */
export async function withMoves(client: OdooClient, config: OdooConfig, orders: Order[]): Promise<Doc[]> {
  const ids = numeric(orders.map((order) => order.id));
  if (ids.length === 0) return [];
  const lineQuery = { model: 'sale.order.line', domain: [['order_id', 'in', ids]], fields: ['order_id'] };
  const { data: lines } = await searchRead(client, config, 'orders', lineQuery, z.array(lineShape));
  const moves = await movesOf(client, config, lines);
  const spots = await readSpots(client, config, spotsIn(moves));
  const orderOf = new Map(lines.map((line) => [line.id, line.order_id]));
  return orders.map((order) => {
    const own = moves.filter((move) => orderOf.get(move.sale_line_id ?? '') === order.id);
    return docOf(order, own, linesOf(own, spots), config);
  });
}

async function movesOf(client: OdooClient, config: OdooConfig, lines: readonly { id: string }[]): Promise<Move[]> {
  if (lines.length === 0) return [];
  const domain = [['sale_line_id', 'in', numeric(lines.map((line) => line.id))]];
  const query = { model: 'stock.move', domain, fields: moveFields(config) };
  return (await searchRead(client, config, 'orders', query, z.array(moveShape))).data;
}

function docOf(order: Order, moves: readonly Move[], lines: Doc['lines'], config: OdooConfig): Doc {
  // A delivery changes the order without touching its row.
  const stamps = [order.write_date, ...moves.map((move) => move.write_date)].flatMap((one) => one ?? []);
  const source = order.source_id?.trim();
  const copied = order.client_order_ref?.trim();
  return {
    account: config.account,
    doc: `order:${order.id}`,
    rev: stamps.sort().at(-1) ?? null,
    whole: true,
    ...(source && copied && { origin: { source, id: copied } }),
    ...(source && { source }),
    saleAt: order.date_order ?? order.create_date ?? order.write_date ?? '1970-01-01T00:00:00Z',
    ...(order.state && { state: order.state }),
    lines,
  };
}
