import type { Doc, Line } from '../../domain/document.ts';
import { plainId } from './ids.ts';
import type { OrderSnapshot } from './order-shape.ts';
import { isPaid, originOf, restockOf, shipmentOf, sourceOf } from './order-words.ts';
import { type Placed, partsOf } from './units.ts';

/** A fetched order as the one state the ledger posts. Pure. */
export function docOf(snapshot: OrderSnapshot, account: string): Doc {
  const { order } = snapshot;
  const till = order.retailLocation ? plainId(order.retailLocation.id) : null;
  const origin = originOf(order.sourceName, order.sourceIdentifier, till);
  return {
    account,
    doc: `order:${plainId(order.id)}`,
    rev: order.updatedAt,
    whole: true,
    ...(origin && { origin }),
    source: sourceOf(order.sourceName, till),
    saleAt: order.processedAt,
    paid: isPaid(order.displayFinancialStatus),
    state: order.cancelledAt ? 'CANCELLED' : order.displayFulfillmentStatus,
    lines: snapshot.lines.map((line) => lineOf(line, snapshot, till)),
  };
}

type OrderLine = OrderSnapshot['lines'][0];

function lineOf(line: OrderLine, snapshot: OrderSnapshot, till: string | null): Line {
  const { shipped, handedOver } = shipmentsOf(line.id, snapshot);
  const { assigned, planned } = placesOf(line.id, snapshot, shipped);
  const wentOut = shipped.length > 0;
  const { restocked, notRestocked } = refundsOf(line.id, snapshot.refunds, wentOut);
  const sole = soleLocation(snapshot);
  return {
    line: plainId(line.id),
    listing: line.variant ? plainId(line.variant.id) : null,
    sku: line.sku,
    parts: partsOf({
      current: line.currentQuantity,
      // Fulfilment orders know it exactly; a line without any (a tip, a digital good) has only its own count.
      unfulfilled:
        planned.length > 0 ? sum(assigned) + sum(handedOver) : Math.min(line.unfulfilledQuantity, line.currentQuantity),
      shipped,
      handedOver,
      assigned,
      planned,
      restocked,
      reshelved: reshelvedOf(line.id, snapshot, wentOut),
      notRestocked,
      cancelled: order(snapshot).cancelledAt !== null,
      // A variant that was deleted since was counted when it was sold, as nearly all are.
      counted: order(snapshot).confirmed && (line.variant?.inventoryItem.tracked ?? true),
      otherwise: { open: till ?? sole, gone: till ?? sole },
    }),
  };
}

const order = (snapshot: OrderSnapshot) => snapshot.order;
const sum = (placed: Placed[]): number => placed.reduce((total, { units }) => total + units, 0);
const place = (id: string | null | undefined): string | null => (id ? plainId(id) : null);

/** Fulfilment orders that hold nothing for shipping any more. */
const ENDED = new Set(['CLOSED', 'CANCELLED', 'INCOMPLETE']);

/** Where the open units will go from, and where units were planned that neither left nor are open: lost or given up there. */
function placesOf(
  line: string,
  { places }: OrderSnapshot,
  shipped: Placed[],
): { assigned: Placed[]; planned: Placed[] } {
  const assigned: Placed[] = [];
  const planned: Placed[] = [];
  const left = new Map<string | null, number>();
  for (const { location, units } of shipped) left.set(location, (left.get(location) ?? 0) + units);
  for (const one of places)
    for (const { lineItem, remainingQuantity, totalQuantity } of one.lines) {
      if (lineItem.id !== line) continue;
      const location = place(one.location);
      const open = ENDED.has(one.status) ? 0 : remainingQuantity;
      const gone = Math.min(left.get(location) ?? 0, totalQuantity - open);
      left.set(location, (left.get(location) ?? 0) - gone);
      if (open > 0) assigned.push({ location, units: open });
      planned.push({ location, units: totalQuantity - open - gone });
    }
  return { assigned, planned };
}

function shipmentsOf(line: string, { shipments }: OrderSnapshot): { shipped: Placed[]; handedOver: Placed[] } {
  const shipped: Placed[] = [];
  const handedOver: Placed[] = [];
  for (const one of shipments)
    for (const { lineItem, quantity } of one.lines) {
      if (lineItem.id !== line || !quantity) continue;
      const fate = shipmentOf(one.status);
      if (fate === 'gone') shipped.push({ location: place(one.location), units: quantity });
      if (fate === 'handed-over') handedOver.push({ location: place(one.location), units: quantity });
    }
  return { shipped, handedOver };
}

function refundsOf(line: string, refunds: OrderSnapshot['refunds'], wentOut: boolean) {
  const restocked: Placed[] = [];
  let notRestocked = 0;
  for (const refund of refunds)
    for (const { lineItem, quantity, restockType, location } of refund.lines) {
      if (lineItem.id !== line) continue;
      const fate = restockOf(restockType, wentOut);
      if (fate === 'return') restocked.push({ location: place(location?.id), units: quantity });
      if (fate === 'not') notRestocked += quantity;
    }
  return { restocked, notRestocked };
}

/**
 * Returned units that staff put back on the shelf. A refund inside the same return with type `return` speaks of the same
 * units, so only what goes beyond it counts: a parcel may be shelved before, after or without the refund.
 */
function reshelvedOf(line: string, { returns, refunds }: OrderSnapshot, wentOut: boolean): Placed[] {
  return returns.flatMap((one) => {
    const inReturn = refunds.filter((refund) => one.refunds.includes(refund.id));
    let told = sum(refundsOf(line, inReturn, wentOut).restocked);
    const beyond: Placed[] = [];
    for (const { fulfillmentLineItem, dispositions } of one.lines) {
      if (fulfillmentLineItem?.lineItem.id !== line) continue;
      for (const { type, quantity, location } of dispositions) {
        if (type !== 'RESTOCKED') continue;
        const same = Math.min(told, quantity);
        told -= same;
        if (quantity > same) beyond.push({ location: place(location?.id), units: quantity - same });
      }
    }
    return beyond;
  });
}

/** The only place the order is served from, if there is only one. */
function soleLocation({ places }: OrderSnapshot): string | null {
  const known = new Set(places.map((one) => place(one.location)));
  return known.size === 1 ? [...known][0]! : null;
}
