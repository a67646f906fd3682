import type { Doc, Line, Part } from '../../domain/document.ts';
import { type Quantity, QuantityError, quantity } from '../../domain/quantity.ts';
import type { Move, Order, OrderLine } from './order-shape.ts';
import { units } from './variant.ts';

/** An order with all that belongs to it. */
export interface WholeOrder {
  order: Order;
  lines: OrderLine[];
  fulfillments: Move[];
  returns: Move[];
}

/** Drafts are quotes, void and deleted orders gave their stock back; all others commit what has not been shipped. */
const PROMISES = ['active', 'finalized'];
/** `packed` is still on the shelf; documentation sets `shipped`, recorded answers print `fulfilled`. */
const SHIPPED = ['fulfilled', 'shipped'];
/** `returning` is announced only; the stock is back once it is received. */
const BACK = ['received'];

/**
 * One order as the state of its document.
 * @throws QuantityError on a quantity that no stock can have.
 */
export function docOf({ order, lines, fulfillments, returns }: WholeOrder, account: string): Doc {
  const promises = PROMISES.includes(order.status ?? '');
  const origin = originOf(order);
  return {
    account,
    doc: `order:${order.id}`,
    rev: order.updated_at ?? null,
    whole: true,
    ...(origin && { origin }),
    saleAt: order.created_at ?? order.updated_at ?? UNKNOWN_TIME,
    paid: order.payment_status === 'paid',
    ...(order.status && { state: order.status }),
    lines: lines.flatMap((line): Line[] => {
      if (!line.variant_id || line.freeform) return [];
      const home = order.stock_location_id ?? null;
      const shipped = spread(line, fulfillments, SHIPPED, home);
      const back = spread(line, returns, BACK, home);
      const open = quantity(sure(line.quantity) - sum(shipped));
      const committed = promises ? Math.max(0, open) : 0;
      return [{ line: line.id, listing: line.variant_id, parts: partsOf(home, committed, shipped, back) }];
    }),
  };
}

const UNKNOWN_TIME = '1970-01-01T00:00:00Z';

/** Orders that came from a web shop carry its address: copies of what that shop took. */
function originOf({ source_url: url, reference_number: reference, order_number: number, id }: Order): Doc['origin'] {
  if (!url) return undefined;
  const whole = /^https?:\/\//.test(url) ? url : `https://${url}`;
  if (!URL.canParse(whole)) return undefined;
  return { source: new URL(whole).hostname, id: reference?.trim() || number?.trim() || id };
}

function sure(value: string | number): Quantity {
  const read = units(value);
  if (read === undefined || read < 0) throw new QuantityError(String(value));
  return read;
}

/** Units of one line by place, of the moves that have happened. */
function spread(line: OrderLine, moves: Move[], happened: string[], home: string | null): Map<string | null, Quantity> {
  const by = new Map<string | null, Quantity>();
  for (const move of moves) {
    if (!happened.includes(move.status)) continue;
    const place = move.location ?? home;
    for (const one of move.lines)
      if (one.line === line.id) by.set(place, quantity((by.get(place) ?? 0) + sure(one.quantity)));
  }
  return by;
}

const sum = (by: Map<string | null, Quantity>): Quantity =>
  [...by.values()].reduce((total, one) => quantity(total + one), 0);

/** Available is on hand less committed: what is promised and what has gone are both off it, what came back is on it. */
function partsOf(
  home: string | null,
  committed: Quantity,
  shipped: Map<string | null, Quantity>,
  back: Map<string | null, Quantity>,
): Part[] {
  return [...new Set([home, ...shipped.keys(), ...back.keys()])].map((location) => {
    const out = quantity((shipped.get(location) ?? 0) - (back.get(location) ?? 0));
    const promised = location === home ? committed : 0;
    return { location, committed: promised, out, returned: 0, taken: quantity(promised + out) };
  });
}
