import { type Quantity, quantity, readQuantity } from '../../domain/quantity.ts';
import type { SquareClient } from './api.ts';
import { type Adjustment, placeOf, readChanges } from './changes.ts';
import type { SquareConfig } from './config.ts';
import type { SquareOrder } from './order-shape.ts';
import { bringsBack, type Restocked, returnLines } from './orders.ts';

/**
 * How long after a return the till may be asked "back in stock?". Only what was answered by then is booked with the return.
 * The orders feed tells a return again in every walk of that time ({@link RETOLD_MS}), so what a document says of its units
 * is settled before the drift judge may explain a risen level by units that are still open.
 */
const RESTOCK_MS = 120_000;
/** How long returns are told again. */
export const RETOLD_MS = 180_000;
/** Till and server stamp the two halves of one return with their own clocks. */
const SKEW_MS = 60_000;

/**
 * Units of these returns that went back on the shelf, by one question; the answer is asked per order and throws a
 * QuantityError where the history has a quantity that is none.
 *
 * Square's history shows a return as two adjustments: SOLD to RETURNED_BY_CUSTOMER, which names its transaction, and, if the
 * clerk put the goods back, RETURNED_BY_CUSTOMER to IN_STOCK a moment later, which in real accounts names nothing
 * (developer.squareup.com/forums/t/15697) although the contract has `refund_id` and `transaction_id`. So a restock belongs
 * to the return that it names, else to the last return of that variation at that place before it that has units left: the
 * till asks right after the return. What remains open stays "came back, nobody said where to".
 */
export async function restockedBy(
  client: SquareClient,
  config: SquareConfig,
  orders: SquareOrder[],
): Promise<(order: SquareOrder) => Restocked> {
  const returns = orders.filter((order) => bringsBack(order) && !Number.isNaN(momentOf(order)));
  if (returns.length === 0) return () => new Map();
  const moments = returns.map(momentOf);
  const query = {
    stockKeys: [...new Set(returns.flatMap((order) => returnLines(order).map((line) => line.catalog_object_id!)))],
    locations: [...new Set(returns.map((order) => order.location_id))],
    types: ['ADJUSTMENT' as const],
    sinceMs: Math.min(...moments) - SKEW_MS,
  };
  // Oldest first: what happened after the last return's time is not looked at.
  const untilMs = Math.max(...moments) + RESTOCK_MS;
  const changes = await readChanges(client, config, query, (found) => timeOf(found.at(-1)?.adjustment) > untilMs);
  const adjustments = changes.flatMap(({ adjustment }) => (adjustment ? [adjustment] : []));
  return (order) => restocks(order, adjustments);
}

/** {@link RETOLD_MS}, and as long again between two walks as a slow day may bring. */
const YOUNG_MS = 600_000;

/** May the till still say something of all of these? Then one look into the history is a short one. */
export const areYoung = (orders: SquareOrder[], nowMs: number): boolean =>
  orders.every((order) => nowMs - momentOf(order) <= YOUNG_MS);

const momentOf = (order: SquareOrder): number => Date.parse(order.closed_at ?? order.created_at ?? '');

/** Pure part of {@link restockedBy}, for one return. @throws QuantityError on an adjustment of no quantity. */
export function restocks(order: SquareOrder, adjustments: Adjustment[]): Restocked {
  const found: Restocked = new Map();
  const near = adjustments.filter((one) => placeOf(one) === order.location_id && isNear(order, one));
  for (const listing of new Set(returnLines(order).map((line) => line.catalog_object_id!))) {
    const rows = near.filter((one) => one.catalog_object_id === listing).sort(inOrder);
    const named = rows.filter((one) => isRestock(one) && isNamed(one) && isOf(order, one));
    const units = named.reduce((sum, one) => sum + readQuantity(one.quantity), unnamedUnits(order, listing, rows));
    if (units > 0) found.set(listing, quantity(units));
  }
  return found;
}

/** Deals restocks that name nothing to the last return before them, as one empties a stack. */
function unnamedUnits(order: SquareOrder, listing: string, rows: Adjustment[]): Quantity {
  const stack: { ours: boolean; left: Quantity }[] = [];
  const exact = rows.some((one) => isReturn(one) && one.transaction_id === order.id);
  const isOurs = (one: Adjustment) => (exact ? one.transaction_id === order.id : isOf(order, one));
  // Tills upload their half late (in the account above by half an hour): then the order itself stands for it.
  if (!rows.some((one) => isReturn(one) && isOurs(one))) stack.push({ ours: true, left: unitsOf(order, listing) });
  let units = 0;
  for (const one of rows) {
    if (isReturn(one)) stack.push({ ours: isOurs(one), left: readQuantity(one.quantity) });
    if (!isRestock(one) || isNamed(one)) continue;
    let back = readQuantity(one.quantity);
    for (const entry of [...stack].reverse()) {
      const share = Math.min(back, entry.left);
      entry.left = quantity(entry.left - share);
      back = quantity(back - share);
      if (entry.ours) units = quantity(units + share);
    }
  }
  return units;
}

const unitsOf = (order: SquareOrder, listing: string): Quantity =>
  returnLines(order)
    .filter((line) => line.catalog_object_id === listing)
    .reduce((sum, line) => quantity(sum + readQuantity(line.quantity)), 0);

function isNear(order: SquareOrder, one: Adjustment): boolean {
  const apartMs = timeOf(one) - momentOf(order);
  return apartMs >= -SKEW_MS && apartMs <= RESTOCK_MS;
}

const timeOf = (one: Adjustment | null | undefined): number => Date.parse(one?.occurred_at ?? '');

const inOrder = (a: Adjustment, b: Adjustment): number =>
  timeOf(a) - timeOf(b) || Number(isRestock(a)) - Number(isRestock(b));

const isReturn = ({ to_state: to }: Adjustment): boolean => to === 'RETURNED_BY_CUSTOMER';

const isRestock = ({ from_state: from, to_state: to }: Adjustment): boolean =>
  to === 'IN_STOCK' && (from === 'RETURNED_BY_CUSTOMER' || from === 'UNLINKED_RETURN');

const isNamed = (one: Adjustment): boolean => Boolean(one.refund_id || one.transaction_id);

/** Does it name this order, one that it returns, or a refund of it (with or without the payment's id before it)? */
function isOf(order: SquareOrder, one: Adjustment): boolean {
  const sources = (order.returns ?? []).flatMap(({ source_order_id: source }) => (source ? [source] : []));
  if (one.transaction_id && [order.id, ...sources].includes(one.transaction_id)) return true;
  const refund = one.refund_id;
  if (!refund) return false;
  return (order.refunds ?? []).some(
    ({ id }) => id === refund || id.endsWith(`_${refund}`) || refund.endsWith(`_${id}`),
  );
}
