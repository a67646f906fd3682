import { z } from 'zod';
import type { Doc } from '../../domain/document.ts';
import { ask, type GeckoClient, id, listByIds } from './api.ts';
import type { GeckoConfig } from './config.ts';
import {
  fulfillmentShape,
  lineShape,
  type Move,
  moveLineShape,
  type Order,
  orderShape,
  returnShape,
} from './order-shape.ts';
import { docOf, type WholeOrder } from './orders.ts';

export async function fetchOrder(client: GeckoClient, config: GeckoConfig, order: string): Promise<Doc | 'gone'> {
  const call = { method: 'GET' as const, path: `/orders/${encodeURIComponent(order)}` };
  const { data } = await ask(client, config, 'order', call, z.object({ order: orderShape }));
  const [whole] = await complete(client, config, [data.order]);
  return docOf(whole!, config.account);
}

/** Orders by id, whole; those that are gone, or cannot be read, are missing. */
export async function readOrders(client: GeckoClient, config: GeckoConfig, ids: string[]): Promise<WholeOrder[]> {
  const { rows } = await listByIds(client, config, 'orderFeed', 'orders', ids);
  return complete(
    client,
    config,
    rows.flatMap((row) => orderShape.safeParse(row).data ?? []),
  );
}

/** Lines, shipments and returns of many orders at once: a handful of calls, whatever their number. */
export async function complete(client: GeckoClient, config: GeckoConfig, orders: Order[]): Promise<WholeOrder[]> {
  const idsOf = (name: 'order_line_item_ids' | 'fulfillment_ids' | 'fulfillment_return_ids') =>
    orders.flatMap((order) => order[name] ?? []);
  const { rows } = await listByIds(client, config, 'orderParts', 'order_line_items', idsOf('order_line_item_ids'));
  const lines = rows.map((row) => lineShape.parse(row));
  const fulfillments = await moves(client, config, FULFILLMENTS, idsOf('fulfillment_ids'));
  const returns = await moves(client, config, RETURNS, idsOf('fulfillment_return_ids'));
  return orders.map((order) => ({
    order,
    lines: lines.filter((line) => line.order_id === order.id),
    fulfillments: fulfillments.filter((move) => move.order === order.id),
    returns: returns.filter((move) => move.order === order.id),
  }));
}

interface Kind {
  resource: string;
  lines: string;
  read(row: unknown): Omit<Move, 'lines'> & { ids: string[] };
}

const FULFILLMENTS: Kind = {
  resource: 'fulfillments',
  lines: 'fulfillment_line_items',
  read(row) {
    const one = fulfillmentShape.parse(row);
    const { order_id: order, status, stock_location_id: location, fulfillment_line_item_ids: ids } = one;
    return { id: one.id, order, status: status ?? '', location: location ?? null, ids: ids ?? [] };
  },
};

const RETURNS: Kind = {
  resource: 'fulfillment_returns',
  lines: 'fulfillment_return_line_items',
  read(row) {
    const one = returnShape.parse(row);
    const { order_id: order, status, location_id: location, fulfillment_return_line_item_ids: ids } = one;
    return { id: one.id, order, status: status ?? '', location: location ?? null, ids: ids ?? [] };
  },
};

/** Recorded answers bring the lines along beside the rows; later documentation only names them. What is missing is read. */
async function moves(client: GeckoClient, config: GeckoConfig, kind: Kind, ids: string[]): Promise<Move[]> {
  if (ids.length === 0) return [];
  const { rows, beside } = await listByIds(client, config, 'orderParts', kind.resource, ids, [kind.lines]);
  const heads = rows.map(kind.read);
  const known = new Map(beside.map((row) => [z.object({ id }).parse(row).id, moveLineShape.parse(row)]));
  const missing = heads.flatMap((head) => head.ids.filter((one) => !known.has(one)));
  const more = await listByIds(client, config, 'orderParts', kind.lines, missing);
  for (const row of more.rows) {
    const line = moveLineShape.parse(row);
    known.set(line.id, line);
  }
  return heads.map(({ ids: own, ...head }) => ({
    ...head,
    lines: own.flatMap((one) => {
      const line = known.get(one);
      return line ? [{ line: line.order_line_item_id, quantity: line.quantity }] : [];
    }),
  }));
}
