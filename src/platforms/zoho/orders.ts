import { z } from 'zod';
import type { Doc, Line } from '../../domain/document.ts';
import { type Quantity, quantity } from '../../domain/quantity.ts';
import { NO_LOCATION } from '../../platform/contract.ts';
import { Failure } from '../../platform/failure.ts';
import { ask, type ZohoClient } from './api.ts';
import type { ZohoConfig } from './config.ts';
import { id, maybeId, maybeUnits, moment, text, units } from './shape.ts';

const place = { location_id: maybeId, warehouse_id: maybeId };

/** One component of a kit, which may itself be made of others. */
interface Component {
  item_id: string | null;
  line_item_id: string | null;
  quantity: Quantity;
  quantity_shipped?: Quantity | undefined;
  location_id: string | null;
  warehouse_id: string | null;
  mapped_items?: Component[] | null | undefined;
}

const component: z.ZodType<Component> = z.object({
  item_id: maybeId,
  line_item_id: maybeId,
  quantity: units,
  quantity_shipped: maybeUnits,
  ...place,
  mapped_items: z.lazy(() => z.array(component)).nullish(),
});

const orderLine = z.object({
  line_item_id: id,
  item_id: maybeId,
  sku: text,
  quantity: units,
  quantity_shipped: units,
  /** Not in the published contract; real answers have them. */
  quantity_cancelled: units,
  quantity_dropshipped: units,
  combo_type: text,
  mapped_items: z.array(component).nullish(),
  ...place,
});

export const orderShape = z.object({
  salesorder_id: id,
  status: text,
  reference_number: text,
  sales_channel: text,
  created_time: text,
  date: text,
  last_modified_time: text,
  line_items: z.array(orderLine),
  ...place,
});
export type ZohoOrder = z.infer<typeof orderShape>;

/** Nothing is promised in these. What an organization calls otherwise is its setting; an unknown word counts as sold. */
const NOT_SOLD = ['draft', 'pending_approval', 'approved', 'rejected', 'void', 'voided', 'cancelled', 'deleted'];
/** Over: what has not left by now will not. */
const OVER = ['closed', 'fulfilled'];

export async function fetchOrder(client: ZohoClient, config: ZohoConfig, order: string): Promise<Doc | 'gone'> {
  if (!/^\d{1,30}$/.test(order)) return 'gone';
  try {
    const call = { path: `/salesorders/${order}` };
    const { data } = await ask(client, config, 'order', call, z.object({ salesorder: orderShape }));
    return docOf(data.salesorder, config);
  } catch (error) {
    if (error instanceof Failure && error.failure === 'gone') return 'gone';
    throw error;
  }
}

/** Running totals on the lines say what has left; returns are documents of their own. */
export function docOf(order: ZohoOrder, config: ZohoConfig): Doc {
  const status = order.status?.trim().toLowerCase() ?? '';
  const open = ![...NOT_SOLD, ...OVER, ...config.notSoldStatuses].includes(status);
  const channel = order.sales_channel?.trim();
  const reference = order.reference_number?.trim();
  const copied = channel && channel !== 'direct_sales' && reference;
  return {
    account: config.account,
    doc: `order:${order.salesorder_id}`,
    rev: moment(order.last_modified_time) ?? null,
    whole: true,
    ...(copied && { origin: { source: channel, id: reference } }),
    ...(channel && { source: channel }),
    saleAt: moment(order.created_time) ?? moment(order.last_modified_time) ?? `${order.date ?? '1970-01-01'}T00:00:00Z`,
    ...(status && { state: status }),
    lines: order.line_items.flatMap((line) => linesOf(line, order, open)),
  };
}

type At = { location_id: string | null; warehouse_id: string | null };
const placeOf = (...all: At[]): string =>
  all.map((one) => one.location_id ?? one.warehouse_id).find((one) => one !== null) ?? NO_LOCATION;

function linesOf(line: ZohoOrder['line_items'][0], order: ZohoOrder, open: boolean): Line[] {
  // What the supplier sends to the buyer was never here.
  const ordered = Math.max(0, quantity(line.quantity - line.quantity_cancelled - line.quantity_dropshipped));
  const shipped = Math.max(0, line.quantity_shipped);
  if (line.combo_type === 'kit' && (line.mapped_items ?? []).length > 0)
    return componentsOf(line.mapped_items!).map((part, index): Line => {
      const share = line.quantity === 0 ? 0 : line.quantity_shipped / line.quantity;
      const gone = part.quantity_shipped ?? quantity(part.quantity * share);
      const name = `${line.line_item_id}/${part.line_item_id ?? part.item_id ?? index}`;
      return lineOf(name, part.item_id, placeOf(part, line, order), part.quantity, gone, open);
    });
  const made = lineOf(line.line_item_id, line.item_id, placeOf(line, order), ordered, shipped, open);
  return [{ ...made, ...(line.sku && { sku: line.sku }) }];
}

/** A kit within a kit is followed down to what has stock. */
const componentsOf = (parts: Component[]): Component[] =>
  parts.flatMap((part) => ((part.mapped_items ?? []).length > 0 ? componentsOf(part.mapped_items!) : [part]));

function lineOf(
  name: string,
  listing: string | null,
  location: string,
  ordered: Quantity,
  shipped: Quantity,
  open: boolean,
): Line {
  const committed = open ? Math.max(0, quantity(ordered - shipped)) : 0;
  const taken = quantity(committed + shipped);
  return { line: name, listing, parts: [{ location, committed, out: shipped, returned: 0, taken }] };
}
