import type { Doc, Line, Part } from '../../domain/document.ts';
import { QuantityError, quantity } from '../../domain/quantity.ts';
import { NO_LOCATION } from '../../platform/contract.ts';
import type { CloverConfig } from './config.ts';
import { type CloverLine, type CloverOrder, linesOf } from './order-shape.ts';

/** Sold and, at a till, gone. `CREDITED` and `REFUNDED`: and come back since. */
const SOLD = ['PAID', 'PARTIALLY_REFUNDED', 'REFUNDED', 'CREDITED'];
const ALL_BACK = ['REFUNDED', 'CREDITED'];

/**
 *  - sold: paid in full.
 *  - part-paid: somebody has given money, so the units are theirs; Clover takes them off when the rest is paid.
 *  - voided: was paid, and the payment was taken back.
 *  - open: tills leave abandoned carts behind, so nothing is promised yet.
 */
type Standing = 'sold' | 'part-paid' | 'voided' | 'open';

function standingOf(order: CloverOrder): Standing {
  const state = order.paymentState ?? '';
  if (SOLD.includes(state)) return 'sold';
  if (state === 'PARTIALLY_PAID') return 'part-paid';
  const voided =
    (order.voids?.elements ?? []).length > 0 ||
    (order.payments?.elements ?? []).some(({ result }) => result === 'VOIDED' || result === 'VOIDING');
  return voided ? 'voided' : 'open';
}

/** Deleted orders are gone, whether Clover still shows them or not. */
export const isDeleted = (order: CloverOrder): boolean => Boolean(order.deletedTimestamp || order.deletedTime);

/**
 * One Clover order as the state of its document. A till hands over what it sells, so what is paid is gone. What was
 * refunded, exchanged or voided came back, and Clover does not say where to.
 * @throws QuantityError on a line with an amount that no stock can have.
 */
export function docOf(order: CloverOrder, config: CloverConfig): Doc {
  const standing = standingOf(order);
  const state = order.paymentState ?? order.state;
  const lines = order.testMode ? [] : linesOf(order).filter(hasStock);
  const back = refundedLines(order);
  return {
    account: config.account,
    doc: `order:${order.id}`,
    rev: order.modifiedTime ? String(order.modifiedTime) : null,
    whole: true,
    saleAt: boughtAt(order),
    paid: standing === 'sold' || standing === 'voided',
    ...(state && { state: order.testMode ? `${state}, test` : state }),
    lines: lines.map((line) => lineOf(line, { standing, order, config, back })),
  };
}

/** Amounts typed by hand have no item; fees have no stock. */
const hasStock = (line: CloverLine): boolean => Boolean(line.item?.id) && line.isOrderFee !== true;

function lineOf(
  line: CloverLine,
  of: { standing: Standing; order: CloverOrder; config: CloverConfig; back: Set<string> },
): Line {
  const { standing, order, config, back } = of;
  const units = unitsOf(line);
  const sold = standing === 'sold' || standing === 'voided';
  const allBack = standing === 'voided' || ALL_BACK.includes(order.paymentState ?? '');
  const came = sold && (allBack || line.refunded === true || line.exchanged === true || back.has(line.id));
  const part: Part = {
    location: NO_LOCATION,
    committed: standing === 'part-paid' ? units : 0,
    out: sold ? units : 0,
    returned: came ? units : 0,
    taken: sold && config.updatesStock ? units : 0,
  };
  return { line: line.id, listing: line.item!.id!, parts: [part] };
}

/** One; for items sold by weight or length the amount in thousandths. */
function unitsOf(line: CloverLine): number {
  if (line.unitQty === null || line.unitQty === undefined || line.unitQty === 0) return 1;
  if (!Number.isFinite(line.unitQty) || line.unitQty < 0 || line.unitQty > 1e12) throw new QuantityError(line.unitQty);
  return quantity(line.unitQty / 1000);
}

/** Refunds name lines as well; some tills set only one of the two marks. */
function refundedLines(order: CloverOrder): Set<string> {
  const refunds = (order.refunds?.elements ?? []).filter(({ voided }) => voided !== true);
  const ids = refunds.flatMap(({ lineItems }) => (lineItems?.elements ?? []).map(({ id }) => id ?? ''));
  return new Set(ids.filter(Boolean));
}

/** The moment of the last payment, because that is when Clover's own count falls; a cart may be hours older. */
function boughtAt(order: CloverOrder): string {
  const paid = (order.payments?.elements ?? [])
    .filter(({ result }) => result === 'SUCCESS' || result === 'AUTH_COMPLETED')
    .flatMap(({ createdTime }) => createdTime ?? []);
  const last = paid.length > 0 ? Math.max(...paid) : undefined;
  const ms = last ?? order.createdTime ?? order.clientCreatedTime ?? order.modifiedTime ?? 0;
  return new Date(Number.isFinite(ms) && Math.abs(ms) < 8.64e15 ? ms : 0).toISOString();
}
