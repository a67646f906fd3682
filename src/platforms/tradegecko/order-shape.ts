import { z } from 'zod';
import { id } from './api.ts';

const text = z.string().nullish();
const ids = z.array(id).nullish();
const number = z.union([z.string(), z.number()]);

/** What lists and single reads tell of an order; its lines, shipments and returns are read by their ids. */
export const orderShape = z.object({
  id,
  order_number: text,
  reference_number: text,
  status: text,
  payment_status: text,
  stock_location_id: id.nullish(),
  source_url: text,
  created_at: text,
  updated_at: text,
  order_line_item_ids: ids,
  fulfillment_ids: ids,
  fulfillment_return_ids: ids,
});
export type Order = z.infer<typeof orderShape>;

export const lineShape = z.object({
  id,
  order_id: id,
  variant_id: id.nullish(),
  quantity: number,
  freeform: z.boolean().nullish(),
});
export type OrderLine = z.infer<typeof lineShape>;

/** A shipment, or a return: both name a place and units of order lines. */
export interface Move {
  id: string;
  order: string;
  status: string;
  location: string | null;
  lines: { line: string; quantity: string | number }[];
}

export const fulfillmentShape = z.object({
  id,
  order_id: id,
  status: text,
  stock_location_id: id.nullish(),
  fulfillment_line_item_ids: ids,
});
export const returnShape = z.object({
  id,
  order_id: id,
  status: text,
  location_id: id.nullish(),
  fulfillment_return_line_item_ids: ids,
});
export const moveLineShape = z.object({ id, order_line_item_id: id, quantity: number });
