import { z } from 'zod';
import type { Line } from '../../domain/document.ts';
import type { Signal } from '../../platform/contract.ts';
import { isPaid, originOf, restockOf, shipmentOf, sourceOf } from './order-words.ts';
import { type Placed, partsOf } from './units.ts';

/** An id as Shopify's webhooks write it: a number, which {@link readJson} hands on as text where it is too long for one. */
export const webhookId = z.union([z.string().min(1), z.number().int()]).transform(String);

const units = z.number().int().min(0).max(1_000_000_000);
/** A word or none. Written as a number by some apps (a SKU, an order number of theirs): that is no reason to lose a sale. */
const text = z
  .union([z.string(), z.number(), z.boolean()])
  .nullish()
  .transform((value) => (value === null || value === undefined ? value : String(value)));

const lineItem = z.object({
  id: webhookId,
  variant_id: webhookId.nullish(),
  sku: text,
  quantity: units,
  current_quantity: units.nullish(),
  fulfillable_quantity: units.nullish(),
  variant_inventory_management: text,
});

const fulfillment = z.object({
  status: text,
  location_id: webhookId.nullish(),
  line_items: z.array(z.object({ id: webhookId, quantity: units })),
});

const refund = z.object({
  return: z.unknown().optional(),
  refund_line_items: z.array(
    z.object({ line_item_id: webhookId, quantity: units, restock_type: z.string(), location_id: webhookId.nullish() }),
  ),
});

/** The members of an order webhook that say something about stock; a buyer's name and address are not even looked at. */
const order = z.object({
  id: webhookId,
  updated_at: z.string().min(1),
  created_at: z.string().min(1),
  processed_at: text,
  cancelled_at: text,
  confirmed: z.boolean().nullish(),
  financial_status: text,
  fulfillment_status: text,
  source_name: text,
  source_identifier: text,
  location_id: webhookId.nullish(),
  line_items: z.array(lineItem),
  fulfillments: z.array(fulfillment).optional(),
  refunds: z.array(refund).optional(),
  returns: z.array(z.unknown()).nullish(),
});

type OrderPayload = z.infer<typeof order>;

/**
 * An order webhook as a state. Units that have not been shipped have `location: null`: Shopify does not say in a webhook
 * which place will send them, so the engine fetches the order for that.
 *
 * Two kinds say too little and become "fetch it": subscriptions that leave out shipments or refunds (`includeFields`), and
 * orders with returns, whose parcels may be back on the shelf without any refund saying so.
 * @throws Error when the body is not an order.
 */
export function decodeOrder(body: unknown, account: string): Signal {
  const payload = order.parse(body);
  const doc = `order:${payload.id}`;
  const { fulfillments, refunds, returns } = payload;
  if (!fulfillments || !refunds || returns?.length || refunds.some((one) => one.return))
    return { kind: 'document-changed', account, doc };
  const till = payload.location_id ?? null;
  const origin = originOf(payload.source_name, payload.source_identifier, till);
  return {
    kind: 'document',
    doc: {
      account,
      doc,
      rev: payload.updated_at,
      whole: true,
      ...(origin && { origin }),
      source: sourceOf(payload.source_name, till),
      saleAt: payload.processed_at || payload.created_at,
      paid: isPaid(payload.financial_status),
      state: payload.cancelled_at ? 'CANCELLED' : (payload.fulfillment_status?.toUpperCase() ?? 'UNFULFILLED'),
      lines: payload.line_items.map((line) => lineOf(line, { ...payload, fulfillments, refunds }, till)),
    },
  };
}

type Complete = OrderPayload & Required<Pick<OrderPayload, 'fulfillments' | 'refunds'>>;

function lineOf(line: z.infer<typeof lineItem>, payload: Complete, till: string | null): Line {
  const shipped: Placed[] = [];
  const handedOver: Placed[] = [];
  for (const { status, location_id, line_items } of payload.fulfillments)
    for (const { id, quantity } of line_items) {
      if (id !== line.id || quantity === 0) continue;
      const fate = shipmentOf(status);
      if (fate === 'gone') shipped.push({ location: location_id ?? null, units: quantity });
      if (fate === 'handed-over') handedOver.push({ location: location_id ?? null, units: quantity });
    }
  const restocked: Placed[] = [];
  let notRestocked = 0;
  let refunded = 0;
  for (const one of payload.refunds)
    for (const { line_item_id, quantity, restock_type, location_id } of one.refund_line_items) {
      if (line_item_id !== line.id) continue;
      refunded += quantity;
      const fate = restockOf(restock_type, shipped.length > 0);
      if (fate === 'return') restocked.push({ location: location_id ?? null, units: quantity });
      if (fate === 'not') notRestocked += quantity;
    }
  const current = line.current_quantity ?? Math.max(0, line.quantity - refunded);
  const waiting = handedOver.reduce((sum, one) => sum + one.units, 0);
  return {
    line: line.id,
    listing: line.variant_id ?? null,
    sku: line.sku ?? null,
    parts: partsOf({
      current,
      unfulfilled: (line.fulfillable_quantity ?? current) + waiting,
      shipped,
      handedOver,
      assigned: [],
      planned: [],
      restocked,
      reshelved: [],
      notRestocked,
      cancelled: Boolean(payload.cancelled_at),
      // null: the shop does not count this variant. A variant deleted since was counted when it was sold.
      counted: payload.confirmed !== false && (!line.variant_id || line.variant_inventory_management !== null),
      otherwise: { open: null, gone: till },
    }),
  };
}
