import { type Quantity, quantity } from '../../domain/quantity.ts';
import { planAllocation } from './allocation.ts';
import { BookCore } from './book-core.ts';
import { goneOf, type LineUnits, openOf, partOf, spread, unitsAsked } from './line-units.ts';
import { availableOf } from './shelves.ts';
import type { SellPolicy, StockItem, StockLevel, StockLine, StockOrder, StockPart } from './stock-types.ts';

const committedOf = (part: StockPart): Quantity => part.committed;
const goneFrom = (part: StockPart): Quantity => quantity(part.fulfilled - part.refunded);

/**
 * A stand-in's own truth about stock and orders, in no vendor's words: every sandbox keeps one and speaks its API over it.
 * All operations are synchronous and atomic; each costs O(lines of the order), whatever the size of the book. Listeners
 * hear of a change after the whole operation is done, level changes first, then the order.
 */
export class StockBook extends BookCore {
  /**
   * A shopper asks for goods.
   * @param request.location the till's place; null: the first place, in the book's order, that has all of a line, else
   *   spread over several. Nothing is taken for an order unless every line can be had under `sell`.
   * @param request.paid pays at once, as one change.
   */
  place(request: {
    lines: { item: StockItem; quantity: Quantity }[];
    location: string | null;
    sell: SellPolicy;
    paid?: boolean;
    extra?: Record<string, unknown>;
  }): { ok: true; order: StockOrder } | { ok: false; why: string } {
    if (request.lines.length === 0) return { ok: false, why: 'the basket is empty' };
    const odd = request.lines.find((line) => !(line.quantity > 0) || !Number.isFinite(line.quantity));
    if (odd) return { ok: false, why: `${odd.quantity} of ${odd.item.sku} is not a quantity` };
    if (request.location !== null && !this.shelves.locations.includes(request.location))
      return { ok: false, why: `there is no location ${request.location}` };
    const plan = planAllocation(this.shelves, request.lines, request.location, request.sell);
    if (!plan.ok) return plan;

    const nowMs = this.shelves.stamp();
    const seq = this.orders.length + 1;
    const order: StockOrder = {
      seq,
      id: (this.options.orderId ?? String)(seq),
      placedAtMs: nowMs,
      changedAtMs: nowMs,
      version: 0,
      paidAtMs: request.paid ? nowMs : null,
      cancelledAtMs: null,
      location: request.location,
      taken: false,
      lines: request.lines.map((line) => this.newLine(line.item, quantity(line.quantity))),
      fulfilments: [],
      refunds: [],
      extra: request.extra,
    };
    this.enter(order);
    if (request.paid || this.options.takesAt === 'placed') {
      order.taken = true;
      for (const [index, line] of order.lines.entries()) this.take(order, line, plan.takes[index]!, request.sell);
    }
    this.changed(order, { kind: 'order', order, cause: 'placed' });
    return { ok: true, order };
  }

  /** Takes stock now, below zero if it must, where the platform takes it when paid. false: paid or cancelled already. */
  pay(order: StockOrder): boolean {
    if (order.paidAtMs !== null || order.cancelledAtMs !== null) return false;
    order.paidAtMs = this.shelves.stamp();
    if (!order.taken) this.takeNow(order);
    this.changed(order, { kind: 'order', order, cause: 'paid' });
    return true;
  }

  /**
   * Gives up units that have not gone; without `units`, all of them.
   * @param options.restock false: they do not come back on sale and count as gone.
   * @param options.close the order becomes cancelled (default: when no units were named).
   * @returns false when there is nothing to cancel, or more was named than is open.
   */
  cancel(order: StockOrder, units?: LineUnits, options: { restock?: boolean; close?: boolean } = {}): boolean {
    const restock = options.restock ?? true;
    const wanted = unitsAsked(order, units, (line) => openOf(line, order));
    if (!wanted || (wanted.length === 0 && units)) return false;
    const close = options.close ?? units === undefined;
    if (wanted.length === 0 && (!close || order.cancelledAtMs !== null)) return false;
    const refund = this.document({ of: 'cancel' as const, restock, lines: [] as StockOrder['refunds'][0]['lines'] });
    for (const { line, quantity: asked } of wanted) {
      if (!order.taken) {
        line.dropped = quantity(line.dropped + asked);
        refund.lines.push({ line, quantity: asked, location: null });
        continue;
      }
      spread(line, asked, committedOf, (part, share) => {
        part.committed = quantity(part.committed - share);
        const kind = restock ? 'released' : 'writtenOff';
        part[kind] = quantity(part[kind] + share);
        this.shiftLine(
          line,
          part.location,
          restock ? { committed: -share } : { committed: -share, onHand: -share, out: share },
          'cancel',
          order,
        );
        refund.lines.push({ line, quantity: share, location: part.location });
      });
    }
    if (refund.lines.length > 0) order.refunds.push(refund);
    if (close) order.cancelledAtMs ??= this.shelves.stamp();
    this.changed(order, { kind: 'order', order, cause: 'cancelled', refund });
    return true;
  }

  /** Units leave for good; without `units`, all that is open. false when nothing is open, or more was named than is. */
  fulfil(order: StockOrder, units?: LineUnits): boolean {
    if (!order.taken) return false;
    const wanted = unitsAsked(order, units, (line) => openOf(line, order));
    if (!wanted || wanted.length === 0) return false;
    const byPlace = new Map<string, StockOrder['fulfilments'][0]>();
    for (const { line, quantity: asked } of wanted)
      spread(line, asked, committedOf, (part, share) => {
        part.committed = quantity(part.committed - share);
        part.fulfilled = quantity(part.fulfilled + share);
        this.shiftLine(line, part.location, { committed: -share, onHand: -share, out: share }, 'fulfil', order);
        const known = byPlace.get(part.location);
        const fulfilment = known ?? this.document({ location: part.location, lines: [] as LineUnits });
        if (!known) byPlace.set(part.location, fulfilment);
        fulfilment.lines.push({ line, quantity: share });
      });
    for (const fulfilment of byPlace.values()) order.fulfilments.push(fulfilment);
    this.changed(order, { kind: 'order', order, cause: 'fulfilled', fulfilments: [...byPlace.values()] });
    return true;
  }

  /**
   * Pays back units that have gone.
   * @param options.location where they are put on the shelf; default: where each went out from.
   * @returns false when more was named than has gone, or the place is none of ours.
   */
  refund(order: StockOrder, units: LineUnits, options: { restock: boolean; location?: string }): boolean {
    if (options.location !== undefined && !this.shelves.locations.includes(options.location)) return false;
    const wanted = unitsAsked(order, units, goneOf);
    if (!wanted || wanted.length === 0) return false;
    const refund = this.document({
      of: 'return' as const,
      restock: options.restock,
      lines: [] as StockOrder['refunds'][0]['lines'],
    });
    for (const { line, quantity: asked } of wanted) {
      const put = (part: StockPart, share: Quantity) => {
        part.refunded = quantity(part.refunded + share);
        if (options.restock) {
          const place = options.location ?? part.location;
          const shelf = partOf(line, place);
          shelf.restocked = quantity(shelf.restocked + share);
          this.shiftLine(line, place, { onHand: share, out: -share }, 'refund', order);
        }
        refund.lines.push({
          line,
          quantity: share,
          location: options.restock ? (options.location ?? part.location) : null,
        });
      };
      spread(line, asked, goneFrom, put);
    }
    order.refunds.push(refund);
    this.changed(order, { kind: 'order', order, cause: 'refunded', refund });
    return true;
  }

  /** Adds units to an open order, as a new line. Refused like a new order would be. */
  addLine(order: StockOrder, item: StockItem, units: Quantity, sell: SellPolicy): StockLine | undefined {
    if (order.cancelledAtMs !== null || !(units > 0)) return undefined;
    const plan = planAllocation(this.shelves, [{ item, quantity: units }], order.location, sell);
    if (!plan.ok) return undefined;
    const line = this.newLine(item, quantity(units));
    order.lines.push(line);
    if (order.taken) this.take(order, line, plan.takes[0]!, sell);
    this.changed(order, { kind: 'order', order, cause: 'edited' });
    return line;
  }

  /** Open units will go from another place. */
  move(order: StockOrder, line: StockLine, from: string, to: string, units: Quantity): boolean {
    const source = line.parts.find((part) => part.location === from);
    if (!source || source.committed < units || !(units > 0) || !this.shelves.locations.includes(to)) return false;
    const target = partOf(line, to);
    source.committed = quantity(source.committed - units);
    target.committed = quantity(target.committed + units);
    this.shiftLine(line, from, { committed: -units }, 'move', order);
    this.shiftLine(line, to, { committed: units }, 'move', order);
    this.changed(order, { kind: 'order', order, cause: 'edited' });
    return true;
  }

  /** Takes stock for an order that has none yet, below zero if it must (WooCommerce's on-hold needs no payment). */
  takeNow(order: StockOrder): void {
    if (order.taken) return;
    const lines = order.lines.map((line) => ({ item: line.item, quantity: quantity(line.quantity - line.dropped) }));
    const plan = planAllocation(this.shelves, lines, order.location, { policy: 'below-zero' });
    order.taken = true;
    if (!plan.ok) return;
    for (const [index, line] of order.lines.entries())
      this.take(order, line, plan.takes[index]!, { policy: 'below-zero' });
  }

  /** The order changed in something that is not stock (a note, an address): new change time and version. */
  touch(order: StockOrder): void {
    this.changed(order, { kind: 'order', order, cause: 'edited' });
  }

  /** Staff type what shoppers should be able to buy. The physical number follows. */
  edit(level: StockLevel, available: Quantity): void {
    this.write(level, { available }, 'edit');
  }

  /**
   * A write through the API.
   * @param change exactly one of: `available` or `onHand` absolute, `delta` relative (both numbers move alike).
   * @param options.expect compare-and-set: refused unless this is available (or on hand, where `onHand` is written) now.
   */
  write(
    level: StockLevel,
    change: { available: Quantity } | { onHand: Quantity } | { delta: Quantity },
    cause: 'write' | 'edit' = 'write',
    options: { expect?: Quantity; reference?: string | null } = {},
  ): { ok: true; before: Quantity; after: Quantity } | { ok: false; now: Quantity } {
    const before = availableOf(level);
    const now = 'onHand' in change ? level.onHand : before;
    if (options.expect !== undefined && options.expect !== now) return { ok: false, now };
    const delta =
      'delta' in change ? change.delta : quantity(('onHand' in change ? change.onHand : change.available) - now);
    this.shift(level, { onHand: delta }, cause, options.reference ?? null);
    this.emit();
    return { ok: true, before, after: availableOf(level) };
  }

  /** Holds units back from sale. */
  setSafety(level: StockLevel, units: Quantity): void {
    this.shift(level, { safety: quantity(units - level.safety) }, 'safety', null);
    this.emit();
  }
}
