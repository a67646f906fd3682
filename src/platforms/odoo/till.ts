import { z } from 'zod';
import type { Doc, Line } from '../../domain/document.ts';
import { quantity } from '../../domain/quantity.ts';
import { type OdooClient, searchRead } from './ask.ts';
import type { OdooConfig } from './config.ts';
import { id, moment, numeric, reference, text, units } from './shape.ts';

export const tillOrderShape = z.object({
  id,
  state: text,
  date_order: moment,
  write_date: moment,
  session_id: reference,
  config_id: reference,
  picking_ids: z.array(id).nullish(),
});
export type TillOrder = z.infer<typeof tillOrderShape>;

export const TILL_FIELDS = Object.keys(tillOrderShape.shape).filter((name) => name !== 'id');

const lineShape = z.object({ id, order_id: reference, product_id: reference, qty: units });
const tillShape = z.object({ id, warehouse_id: reference });
const sessionShape = z.object({ id, state: text });

export async function readTillOrders(client: OdooClient, config: OdooConfig, ids: string[]): Promise<Doc[]> {
  const wanted = numeric(ids);
  if (wanted.length === 0) return [];
  const query = { model: 'pos.order', domain: [['id', 'in', wanted]], fields: TILL_FIELDS };
  const { data } = await searchRead(client, config, 'orders', query, z.array(tillOrderShape));
  return withTillLines(client, config, data);
}

/**
 * Till orders with their lines, and where the till stands. Goods leave at once; Odoo's own number falls with the picking,
 * which some tills make only when the session is closed.
 */
export async function withTillLines(client: OdooClient, config: OdooConfig, orders: TillOrder[]): Promise<Doc[]> {
  if (orders.length === 0) return [];
  const rows = async <T>(model: string, domain: unknown[], fields: string[], shape: z.ZodType<T>): Promise<T[]> =>
    (await searchRead(client, config, 'orders', { model, domain, fields }, z.array(shape))).data;
  const among = (ids: (string | null)[]) => numeric(new Set(ids.flatMap((one) => one ?? [])));
  const ids = numeric(orders.map((order) => order.id));
  const lines = await rows('pos.order.line', [['order_id', 'in', ids]], ['order_id', 'product_id', 'qty'], lineShape);
  const tills = await rows(
    'pos.config',
    [['id', 'in', among(orders.map((order) => order.config_id))]],
    ['warehouse_id'],
    tillShape,
  );
  const waiting = orders.filter((order) => (order.picking_ids ?? []).length === 0);
  const sessions =
    waiting.length === 0
      ? []
      : await rows(
          'pos.session',
          [['id', 'in', among(waiting.map((order) => order.session_id))]],
          ['state'],
          sessionShape,
        );
  const placeOf = new Map(tills.map((till) => [till.id, till.warehouse_id]));
  const closed = new Set(sessions.filter(({ state }) => state === 'closed').map((session) => session.id));
  return orders.map((order) => {
    const moved = (order.picking_ids ?? []).length > 0 || closed.has(order.session_id ?? '');
    const location = placeOf.get(order.config_id ?? '') ?? null;
    const own = lines.filter((line) => line.order_id === order.id);
    return docOf(order, own, location, moved, config);
  });
}

const SOLD = ['paid', 'done', 'invoiced'];

function docOf(
  order: TillOrder,
  rows: z.infer<typeof lineShape>[],
  location: string | null,
  moved: boolean,
  config: OdooConfig,
): Doc {
  const sold = SOLD.includes(order.state ?? '');
  const lines = rows.map((row): Line => {
    // A refund is an order of its own, below zero; its goods go back on the shelf.
    const out = sold ? row.qty : 0;
    const part = { location, committed: 0, out, returned: 0, taken: moved ? quantity(out) : 0 };
    return { line: row.id, listing: row.product_id, parts: [part] };
  });
  return {
    account: config.account,
    doc: `till:${order.id}`,
    rev: order.write_date,
    whole: true,
    source: 'Point of Sale',
    saleAt: order.date_order ?? order.write_date ?? '1970-01-01T00:00:00Z',
    ...(order.state && { state: order.state }),
    lines,
  };
}
