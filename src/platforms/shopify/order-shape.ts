import { z } from 'zod';
import { connection, maybeId } from './graphql.ts';

const quantityOf = z.number().int();
const lineRef = z.object({ id: z.string() });

export const orderLine = z.object({
  id: z.string(),
  sku: z.string().nullable(),
  quantity: quantityOf,
  currentQuantity: quantityOf,
  unfulfilledQuantity: quantityOf,
  variant: z.object({ id: z.string(), inventoryItem: z.object({ tracked: z.boolean() }) }).nullable(),
});
const placeLine = z.object({ totalQuantity: quantityOf, remainingQuantity: quantityOf, lineItem: lineRef });
export const place = z.object({
  id: z.string(),
  status: z.string(),
  assignedLocation: z.object({ location: maybeId }),
  lineItems: connection(placeLine),
});
const shippedLine = z.object({ quantity: quantityOf.nullable(), lineItem: lineRef });
const refundLine = z.object({ quantity: quantityOf, restockType: z.string(), location: maybeId, lineItem: lineRef });
const returnLine = z.object({
  fulfillmentLineItem: z.object({ lineItem: lineRef }).nullable(),
  dispositions: z.array(z.object({ type: z.string(), quantity: quantityOf, location: maybeId })),
});
const shipment = z.object({ id: z.string(), status: z.string(), location: maybeId });

/** Shipments and refunds, without their lines. */
export const orderLists = { fulfillments: z.array(shipment), refunds: z.array(z.object({ id: z.string() })) };

export const order = z.object({
  id: z.string(),
  updatedAt: z.string(),
  processedAt: z.string(),
  cancelledAt: z.string().nullable(),
  confirmed: z.boolean(),
  sourceName: z.string().nullable(),
  sourceIdentifier: z.string().nullable(),
  displayFinancialStatus: z.string().nullable(),
  displayFulfillmentStatus: z.string(),
  returnStatus: z.string(),
  retailLocation: maybeId,
  lineItems: connection(orderLine),
  fulfillmentOrders: connection(place),
  ...orderLists,
});

/** The lines of one shipment, refund, fulfilment order or returned parcel, whichever it is. */
export const part = z.object({
  id: z.string(),
  fulfillmentLineItems: connection(shippedLine).optional(),
  refundLineItems: connection(refundLine).optional(),
  lineItems: connection(placeLine).optional(),
  returnLines: connection(returnLine).optional(),
});

/** Everything an order says about units, read to the last page, all of one moment. Ids are gids. */
export interface OrderSnapshot {
  order: Omit<z.infer<typeof order>, 'lineItems' | 'fulfillmentOrders' | 'fulfillments' | 'refunds'>;
  lines: z.infer<typeof orderLine>[];
  places: { status: string; location: string | null; lines: z.infer<typeof placeLine>[] }[];
  shipments: { status: string; location: string | null; lines: z.infer<typeof shippedLine>[] }[];
  refunds: { id: string; lines: z.infer<typeof refundLine>[] }[];
  returns: { refunds: string[]; lines: z.infer<typeof returnLine>[] }[];
}

export type OrderPart = z.infer<typeof part>;

export const returned = z.object({
  id: z.string(),
  refunds: connection(lineRef),
  reverseFulfillmentOrders: connection(lineRef),
});
