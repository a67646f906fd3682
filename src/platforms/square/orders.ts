import type { Doc, Line, Part } from '../../domain/document.ts';
import { type Quantity, QuantityError, quantity, readQuantity } from '../../domain/quantity.ts';
import type { Fulfilment, ReturnLine, SaleLine, SquareOrder, Tender } from './order-shape.ts';

/** Units of a return that went back on the shelf, by variation. See restock.ts for how it is known. */
export type Restocked = Map<string, Quantity>;

/** Does this order bring goods back? What of them went on the shelf is told elsewhere. */
export const bringsBack = (order: SquareOrder): boolean => returnLines(order).length > 0;

/** The lines that come back, with stock behind them. */
export const returnLines = (order: SquareOrder): ReturnLine[] =>
  (order.returns ?? []).flatMap(({ return_line_items: lines }) => (lines ?? []).filter(hasStock));

/**
 * Paid in full, which is when Square takes the units off. `COMPLETED` says so; while it is open, nothing more being due
 * does, unless there never was anything to pay: a cart that costs nothing yet is due nothing too.
 */
export function isPaid(order: SquareOrder): boolean {
  if (order.state === 'COMPLETED') return true;
  if (order.state === 'DRAFT') return false;
  if (order.state === 'CANCELED') return (order.tenders ?? []).some(isPayment);
  const due = order.net_amount_due_money?.amount;
  if (due === null || due === undefined || Number(due) !== 0) return false;
  // A card that is only authorized (captured later, or never) has paid nothing yet.
  const tenders = order.tenders ?? [];
  if (tenders.some((one) => PROMISED.includes(statusOf(one)))) return false;
  const begun = (order.fulfillments ?? []).some(({ state }) => state && BEGUN.includes(state));
  return Number(order.total_money?.amount ?? 0) > 0 || tenders.some(isPayment) || begun;
}

const PROMISED = ['AUTHORIZED', 'PENDING'];
const UNDONE = ['VOIDED', 'FAILED'];

const statusOf = (one: Tender): string =>
  (one.card_details ?? one.bank_account_details ?? one.buy_now_pay_later_details ?? one.square_account_details)
    ?.status ?? '';

const isPayment = (one: Tender): boolean => ![...PROMISED, ...UNDONE].includes(statusOf(one));

const BEGUN = ['RESERVED', 'PREPARED', 'COMPLETED'];

/**
 * One Square order as the state of its document. A return is an order of its own, an exchange is both in one; lines that
 * come back are `return:<uid>`.
 * @throws QuantityError on a line with a quantity that no stock can have.
 */
export function docOf(order: SquareOrder, account: string, restocked: Restocked = new Map()): Doc {
  const paid = isPaid(order);
  const source = order.source?.name?.trim();
  const reference = order.reference_id?.trim();
  return {
    account,
    doc: `order:${order.id}`,
    rev: order.updated_at ?? null,
    whole: true,
    ...(source && reference && { origin: { source, id: reference } }),
    ...(source && { source }),
    saleAt: boughtAt(order, paid),
    paid,
    ...(order.state && { state: order.state }),
    lines: [...saleLines(order, paid), ...linesBack(order, restocked)],
  };
}

/** The moment of the last payment, because that is when Square's own number fell; a cart may be hours older. */
function boughtAt(order: SquareOrder, paid: boolean): string {
  const payments = (order.tenders ?? []).filter(isPayment).flatMap(({ created_at: at }) => (at ? [at] : []));
  const last = payments.sort((a, b) => Date.parse(a) - Date.parse(b)).at(-1);
  return (paid ? last : undefined) ?? order.created_at ?? order.closed_at ?? order.updated_at ?? UNKNOWN_TIME;
}

const UNKNOWN_TIME = '1970-01-01T00:00:00Z';

/** Square has no lines below zero: what comes back is a return. One all the same would promise less than nothing. */
function unitsIn(text: string): Quantity {
  const units = readQuantity(text);
  if (units < 0) throw new QuantityError(text);
  return units;
}

/** Custom amounts, gift cards and lines typed by hand have no variation, so no stock. */
const hasStock = (line: SaleLine): boolean => Boolean(line.catalog_object_id) && (line.item_type ?? 'ITEM') === 'ITEM';

function saleLines(order: SquareOrder, paid: boolean): Line[] {
  return (order.line_items ?? []).filter(hasStock).map((line) => {
    const listing = line.catalog_object_id!;
    const units = paid ? unitsIn(line.quantity) : 0;
    const { committed, out } = progress(order, line, units);
    const part: Part = { location: order.location_id, committed, out, returned: 0, taken: units };
    return { line: line.uid || `${listing}@${order.location_id}`, listing, parts: [part] };
  });
}

/**
 * What of a paid line has gone. Sold over the counter: all of it. With fulfilments: what is in a completed one, and the
 * units of cancelled or failed ones too: Square still counts them as sold, and it is the return that brings them back.
 */
function progress(order: SquareOrder, line: SaleLine, units: Quantity): { committed: Quantity; out: Quantity } {
  const all = order.fulfillments ?? [];
  if (all.length === 0 || order.state === 'COMPLETED' || order.state === 'CANCELED')
    return { committed: 0, out: units };
  const named = all.filter(isList);
  const whole = all.filter((one) => !isList(one));
  const waiting = quantity(
    named.filter(isOpen).reduce((sum, one) => quantity(sum + entryUnits(one, line)), 0) +
      (whole.some(isOpen) ? units : 0),
  );
  const mentioned = whole.length > 0 || named.some((one) => entryUnits(one, line) !== 0);
  // Units that no fulfilment names are still to go: the order is open.
  const committed = mentioned ? Math.min(units, waiting + unnamed(whole, named, line, units)) : units;
  return { committed: quantity(committed), out: quantity(units - committed) };
}

function unnamed(whole: Fulfilment[], named: Fulfilment[], line: SaleLine, units: Quantity): Quantity {
  if (whole.length > 0) return 0;
  return Math.max(0, quantity(units - named.reduce((sum, one) => sum + entryUnits(one, line), 0)));
}

const isList = ({ line_item_application: application, entries }: Fulfilment): boolean =>
  application === 'ENTRY_LIST' || (application !== 'ALL' && (entries ?? []).length > 0);

const isOpen = ({ state }: Fulfilment): boolean => !['COMPLETED', 'CANCELED', 'FAILED'].includes(state ?? '');

const entryUnits = ({ entries }: Fulfilment, line: SaleLine): Quantity =>
  (entries ?? [])
    .filter((entry) => entry.line_item_uid === line.uid)
    .reduce((sum, entry) => quantity(sum + unitsIn(entry.quantity)), 0);

/** Known to be on the shelf again: off `out`, and off what Square has taken. Of the rest nobody has said anything. */
function linesBack(order: SquareOrder, restocked: Restocked): Line[] {
  // An exchange that is still being put together has brought nothing back yet.
  const over = order.state === 'COMPLETED' || isPaid(order);
  const left = new Map(restocked);
  return returnLines(order).map((line, index) => {
    const listing = line.catalog_object_id!;
    const units = over ? unitsIn(line.quantity) : 0;
    const back = Math.max(0, Math.min(units, left.get(listing) ?? 0));
    left.set(listing, quantity((left.get(listing) ?? 0) - back));
    const known = quantity(-back);
    const part: Part = {
      location: order.location_id,
      committed: 0,
      out: known,
      returned: quantity(units - back),
      taken: known,
    };
    return { line: `return:${line.uid || line.source_line_item_uid || index}`, listing, parts: [part] };
  });
}
