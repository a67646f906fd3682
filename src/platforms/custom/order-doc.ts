import type { Doc, Line, Part } from '../../domain/document.ts';
import { quantity } from '../../domain/quantity.ts';
import type { CustomConfig } from './config.ts';
import type { OrderEvent, OrderMessage } from './message.ts';

/** What an event's name says beyond the order it carries. */
const WORD: Record<OrderEvent, string | undefined> = {
  'order.created': undefined,
  'order.paid': 'paid',
  'order.updated': undefined,
  'order.cancelled': 'cancelled',
  'order.fulfilled': 'fulfilled',
  'order.refunded': undefined,
  'order.deleted': 'deleted',
  'checkout.complete': 'paid',
};

/**
 * An order as a document. The message carries the whole order; the event's name only fills what the lines leave open:
 *  - cancelled, deleted: what has not gone will not go.
 *  - fulfilled: lines that do not say how much has gone have gone.
 *  - paid, checkout.complete: it is paid.
 * Orders of the feed have no event; their `status` says the same.
 */
export function docOf(
  order: OrderMessage,
  { account, lowersItself = 'created' }: Pick<CustomConfig, 'account' | 'lowersItself'>,
  event?: OrderEvent,
): Doc {
  const word = (event && WORD[event]) ?? order.status?.toLowerCase();
  const paid = word === 'paid' ? true : order.paid;
  return {
    account,
    doc: `order:${order.id}`,
    rev: order.version ?? microseconds(order.updatedAt!),
    whole: true,
    ...(order.copiedFrom && { origin: { source: order.copiedFrom.system, id: order.copiedFrom.id } }),
    ...(order.channel && { source: order.channel }),
    saleAt: order.createdAt,
    ...(paid !== undefined && { paid }),
    ...(word !== undefined && { state: word }),
    lines: order.lines.map((one): Line => {
      const closed = word === 'cancelled' || word === 'canceled' || word === 'deleted';
      const cancelled = one.cancelled ?? 0;
      const gone = one.fulfilled ?? (word === 'fulfilled' ? quantity(one.quantity - cancelled) : 0);
      const committed = closed ? 0 : quantity(one.quantity - cancelled - gone);
      // A receipt of more than went out is a return of an older sale: it still comes in.
      const out = quantity(gone - (one.restocked ?? 0));
      const part: Part = { location: one.location, committed, out, returned: 0, taken: 0 };
      part.taken = takenOf(part, lowersItself, paid !== false);
      return { line: one.id ?? `${one.sku}@${one.location ?? ''}`, listing: one.sku, sku: one.sku, parts: [part] };
    }),
  };
}

/** How far the other system's own number already reflects the line. */
function takenOf({ committed, out }: Part, lowers: NonNullable<CustomConfig['lowersItself']>, paid: boolean): number {
  if (lowers === 'never') return 0;
  if (lowers === 'fulfilled' || (lowers === 'paid' && !paid)) return out;
  return quantity(committed + out);
}

/** ISO 8601 with a zone to microseconds since 1970; digits beyond are cut, missing ones are zeros (Python leaves them out). */
function microseconds(time: string): string {
  const fraction = /[.,](\d+)/.exec(time)?.[1] ?? '';
  const seconds = Math.floor(Date.parse(time.replace(/[.,]\d+/, '')) / 1000);
  return String(BigInt(seconds) * 1_000_000n + BigInt(fraction.slice(0, 6).padEnd(6, '0')));
}
