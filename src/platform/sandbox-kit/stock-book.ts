import { type Quantity, quantity } from '../../domain/quantity.ts';
import type { BookRow, SeedItem, ShownRow } from '../sandbox.ts';
import { planAllocation } from './allocation.ts';
import { ChangeLog } from './change-log.ts';
import { availableOf, type LevelChange, Shelves, type ShelvesOptions } from './shelves.ts';
import type {
  SellPolicy,
  StockCause,
  StockEvent,
  StockItem,
  StockLevel,
  StockLine,
  StockOrder,
  StockPart,
} from './stock-types.ts';

export interface StockBookOptions extends ShelvesOptions {
  /** When the platform takes stock for an order. Shopify, Amazon: placed. WooCommerce, Square: paid. */
  takesAt: 'placed' | 'paid';
  /** Vendor ids of the seq-th order and line; default: the number as text. */
  orderId?: (seq: number) => string;
  lineId?: (seq: number) => string;
}

/** Units of one line; without a list, all that is possible. */
export type LineUnits = { line: StockLine; quantity: Quantity }[];

const emptyPart = (location: string): StockPart => ({
  location,
  committed: 0,
  fulfilled: 0,
  released: 0,
  writtenOff: 0,
  refunded: 0,
  restocked: 0,
});

/** Promised and not gone: what can still be cancelled or shipped. */
export const openOf = (line: StockLine, order: StockOrder): Quantity =>
  order.taken
    ? quantity(line.parts.reduce((sum, part) => sum + part.committed, 0))
    : quantity(line.quantity - line.dropped);

/** Gone and not paid back: what can still be refunded. */
export const goneOf = (line: StockLine): Quantity =>
  quantity(line.parts.reduce((sum, part) => sum + part.fulfilled - part.refunded, 0));

/**
 * A stand-in's own truth about stock and orders, in no vendor's words: every sandbox keeps one and speaks its API over it.
 * All operations are synchronous and atomic; each costs O(lines of the order), whatever the size of the book. Listeners
 * hear of a change after the whole operation is done, level changes first, then the order.
 */
export class StockBook {
  readonly shelves: Shelves;
  /** In order of placing. */
  readonly orders: StockOrder[] = [];
  /** In order of the last change. */
  readonly changedOrders = new ChangeLog<StockOrder>();
  readonly #options: StockBookOptions;
  readonly #byId = new Map<string, StockOrder>();
  readonly #listeners: ((event: StockEvent) => void)[] = [];
  readonly #oversoldBySku = new Map<string, Quantity>();
  #pendingEvents: StockEvent[] = [];
  #lineSeq = 0;
  #documentSeq = 0;
  #oversold = 0;

  constructor(options: StockBookOptions) {
    this.#options = options;
    this.shelves = new Shelves(options);
  }

  /** Adds items; stock counts as the opening. No event. */
  seed(items: SeedItem[]): StockItem[] {
    return items.map((item) => this.shelves.add(item));
  }

  order(id: string): StockOrder | undefined {
    return this.#byId.get(id);
  }

  /** Hears every change from now on. The answer stops it. */
  onChange(listener: (event: StockEvent) => void): () => void {
    this.#listeners.push(listener);
    return () => this.#listeners.splice(this.#listeners.indexOf(listener), 1);
  }

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
      id: (this.#options.orderId ?? String)(seq),
      placedAtMs: nowMs,
      changedAtMs: nowMs,
      version: 0,
      paidAtMs: request.paid ? nowMs : null,
      cancelledAtMs: null,
      location: request.location,
      taken: false,
      lines: request.lines.map((line) => this.#newLine(line.item, quantity(line.quantity))),
      fulfilments: [],
      refunds: [],
      extra: request.extra,
    };
    this.orders.push(order);
    this.#byId.set(order.id, order);
    if (request.paid || this.#options.takesAt === 'placed') {
      order.taken = true;
      for (const [index, line] of order.lines.entries()) this.#take(order, line, plan.takes[index]!, request.sell);
    }
    this.#changed(order, { kind: 'order', order, cause: 'placed' });
    return { ok: true, order };
  }

  /** Takes stock now, below zero if it must, where the platform takes it when paid. false: paid or cancelled already. */
  pay(order: StockOrder): boolean {
    if (order.paidAtMs !== null || order.cancelledAtMs !== null) return false;
    order.paidAtMs = this.shelves.stamp();
    if (!order.taken) this.takeNow(order);
    this.#changed(order, { kind: 'order', order, cause: 'paid' });
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
    const wanted = this.#units(order, units, (line) => openOf(line, order));
    if (!wanted || (wanted.length === 0 && units)) return false;
    const close = options.close ?? units === undefined;
    if (wanted.length === 0 && (!close || order.cancelledAtMs !== null)) return false;
    const refund = this.#document({ of: 'cancel' as const, restock, lines: [] as StockOrder['refunds'][0]['lines'] });
    for (const { line, quantity: asked } of wanted) {
      if (!order.taken) {
        line.dropped = quantity(line.dropped + asked);
        refund.lines.push({ line, quantity: asked, location: null });
        continue;
      }
      this.#spread(line, asked, 'committed', (part, share) => {
        part.committed = quantity(part.committed - share);
        const kind = restock ? 'released' : 'writtenOff';
        part[kind] = quantity(part[kind] + share);
        this.#shift(
          line.item,
          part.location,
          restock ? { committed: -share } : { committed: -share, onHand: -share, out: share },
          'cancel',
          order.id,
        );
        refund.lines.push({ line, quantity: share, location: part.location });
      });
    }
    if (refund.lines.length > 0) order.refunds.push(refund);
    if (close) order.cancelledAtMs ??= this.shelves.stamp();
    this.#changed(order, { kind: 'order', order, cause: 'cancelled', refund });
    return true;
  }

  /** Units leave for good; without `units`, all that is open. false when nothing is open, or more was named than is. */
  fulfil(order: StockOrder, units?: LineUnits): boolean {
    if (!order.taken) return false;
    const wanted = this.#units(order, units, (line) => openOf(line, order));
    if (!wanted || wanted.length === 0) return false;
    const byPlace = new Map<string, StockOrder['fulfilments'][0]>();
    for (const { line, quantity: asked } of wanted)
      this.#spread(line, asked, 'committed', (part, share) => {
        part.committed = quantity(part.committed - share);
        part.fulfilled = quantity(part.fulfilled + share);
        this.#shift(line.item, part.location, { committed: -share, onHand: -share, out: share }, 'fulfil', order.id);
        const known = byPlace.get(part.location);
        const fulfilment = known ?? this.#document({ location: part.location, lines: [] as LineUnits });
        if (!known) byPlace.set(part.location, fulfilment);
        fulfilment.lines.push({ line, quantity: share });
      });
    for (const fulfilment of byPlace.values()) order.fulfilments.push(fulfilment);
    const fulfilment = [...byPlace.values()].at(-1);
    this.#changed(order, { kind: 'order', order, cause: 'fulfilled', fulfilment });
    return true;
  }

  /**
   * Pays back units that have gone.
   * @param options.location where they are put on the shelf; default: where each went out from.
   * @returns false when more was named than has gone.
   */
  refund(order: StockOrder, units: LineUnits, options: { restock: boolean; location?: string }): boolean {
    const wanted = this.#units(order, units, goneOf);
    if (!wanted || wanted.length === 0) return false;
    const refund = this.#document({
      of: 'return' as const,
      restock: options.restock,
      lines: [] as StockOrder['refunds'][0]['lines'],
    });
    for (const { line, quantity: asked } of wanted) {
      const put = (part: StockPart, share: Quantity) => {
        part.refunded = quantity(part.refunded + share);
        if (options.restock) {
          const place = options.location ?? part.location;
          const shelf = this.#part(line, place);
          shelf.restocked = quantity(shelf.restocked + share);
          this.#shift(line.item, place, { onHand: share, out: -share }, 'refund', order.id);
        }
        refund.lines.push({
          line,
          quantity: share,
          location: options.restock ? (options.location ?? part.location) : null,
        });
      };
      this.#spread(line, asked, 'gone', put);
    }
    order.refunds.push(refund);
    this.#changed(order, { kind: 'order', order, cause: 'refunded', refund });
    return true;
  }

  /** Adds units to an open order, as a new line. Refused like a new order would be. */
  addLine(order: StockOrder, item: StockItem, units: Quantity, sell: SellPolicy): StockLine | undefined {
    if (order.cancelledAtMs !== null || !(units > 0)) return undefined;
    const plan = planAllocation(this.shelves, [{ item, quantity: units }], order.location, sell);
    if (!plan.ok) return undefined;
    const line = this.#newLine(item, quantity(units));
    order.lines.push(line);
    if (order.taken) this.#take(order, line, plan.takes[0]!, sell);
    this.#changed(order, { kind: 'order', order, cause: 'edited' });
    return line;
  }

  /** Open units will go from another place. */
  move(order: StockOrder, line: StockLine, from: string, to: string, units: Quantity): boolean {
    const source = line.parts.find((part) => part.location === from);
    if (!source || source.committed < units || !(units > 0) || !this.shelves.locations.includes(to)) return false;
    const target = this.#part(line, to);
    source.committed = quantity(source.committed - units);
    target.committed = quantity(target.committed + units);
    this.#shift(line.item, from, { committed: -units }, 'move', order.id);
    this.#shift(line.item, to, { committed: units }, 'move', order.id);
    this.#changed(order, { kind: 'order', order, cause: 'edited' });
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
      this.#take(order, line, plan.takes[index]!, { policy: 'below-zero' });
  }

  /** The order changed in something that is not stock (a note, an address): new change time and version. */
  touch(order: StockOrder): void {
    this.#changed(order, { kind: 'order', order, cause: 'edited' });
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
    this.#shift(level.item, level.location, { onHand: delta }, cause, options.reference ?? null, true);
    this.#emit();
    return { ok: true, before, after: availableOf(level) };
  }

  /** Holds units back from sale. */
  setSafety(level: StockLevel, units: Quantity): void {
    this.#shift(level.item, level.location, { safety: quantity(units - level.safety) }, 'safety', null, true);
    this.#emit();
  }

  book(): BookRow[] {
    return this.#tracked((level) => ({
      sku: level.item.sku,
      location: level.location,
      committed: level.committed,
      out: level.out,
    }));
  }

  shown(): ShownRow[] {
    return this.#tracked((level) => ({
      sku: level.item.sku,
      location: level.location,
      available: availableOf(level),
    }));
  }

  /** Units sold beyond what was there, all in all or of one SKU. A later cancellation does not undo it. */
  oversold(sku?: string): Quantity {
    return sku === undefined ? this.#oversold : (this.#oversoldBySku.get(sku) ?? 0);
  }

  #tracked<T>(row: (level: StockLevel) => T): T[] {
    return this.shelves.items.flatMap((item) => (item.tracked ? item.levels.map(row) : []));
  }

  #newLine(item: StockItem, units: Quantity): StockLine {
    this.#lineSeq += 1;
    return { id: (this.#options.lineId ?? String)(this.#lineSeq), item, quantity: units, dropped: 0, parts: [] };
  }

  #document<T extends object>(members: T): T & { seq: number; atMs: number } {
    this.#documentSeq += 1;
    return { seq: this.#documentSeq, atMs: this.shelves.stamp(), ...members };
  }

  #part(line: StockLine, location: string): StockPart {
    let part = line.parts.find((candidate) => candidate.location === location);
    if (!part) {
      part = emptyPart(location);
      line.parts.push(part);
    }
    return part;
  }

  #take(order: StockOrder, line: StockLine, takes: { location: string; units: Quantity }[], sell: SellPolicy): void {
    for (const { location, units } of takes) {
      const part = this.#part(line, location);
      part.committed = quantity(part.committed + units);
      if (!line.item.tracked) continue;
      const level = this.shelves.level(line.item, location)!;
      const short = quantity(units - Math.max(0, Math.min(units, availableOf(level))));
      if (short > 0) {
        this.#oversold = quantity(this.#oversold + short);
        this.#oversoldBySku.set(line.item.sku, quantity(this.oversold(line.item.sku) + short));
      }
      if (sell.policy === 'racy') {
        level.recent ??= [];
        level.recent.push({ untilMs: this.#options.clock.now() + sell.windowMs, units });
      }
      this.#shift(line.item, location, { committed: units }, 'sale', order.id);
    }
  }

  /** Untracked items have parts but no numbers. */
  #shift(
    item: StockItem,
    location: string,
    by: LevelChange,
    cause: StockCause,
    reference: string | null,
    evenUntracked = false,
  ): void {
    if (!item.tracked && !evenUntracked) return;
    const level = this.shelves.level(item, location);
    if (!level) return;
    const before = availableOf(level);
    if (this.shelves.change(level, by, cause, reference))
      this.#pendingEvents.push({ kind: 'level', level, before, cause, reference });
  }

  /** Walks a line's parts, first place first, until `asked` units are dealt with. */
  #spread(
    line: StockLine,
    asked: Quantity,
    from: 'committed' | 'gone',
    deal: (part: StockPart, share: Quantity) => void,
  ): void {
    let left = asked;
    for (const part of [...line.parts]) {
      if (left <= 0) return;
      const has = from === 'committed' ? part.committed : quantity(part.fulfilled - part.refunded);
      const share = quantity(Math.min(left, Math.max(0, has)));
      if (share <= 0) continue;
      deal(part, share);
      left = quantity(left - share);
    }
  }

  #units(order: StockOrder, units: LineUnits | undefined, most: (line: StockLine) => Quantity): LineUnits | undefined {
    if (!units)
      return order.lines.map((line) => ({ line, quantity: most(line) })).filter((entry) => entry.quantity > 0);
    const asked = new Map<StockLine, Quantity>();
    for (const unit of units) {
      if (!(unit.quantity > 0) || !order.lines.includes(unit.line)) return undefined;
      asked.set(unit.line, quantity((asked.get(unit.line) ?? 0) + unit.quantity));
    }
    for (const [line, sum] of asked) if (sum > most(line)) return undefined;
    return [...asked].map(([line, sum]) => ({ line, quantity: sum }));
  }

  #changed(order: StockOrder, event: StockEvent): void {
    order.changedAtMs = this.shelves.stamp();
    order.version += 1;
    this.changedOrders.touch(order, order.changedAtMs);
    this.#pendingEvents.push(event);
    this.#emit();
  }

  #emit(): void {
    const events = this.#pendingEvents;
    this.#pendingEvents = [];
    for (const event of events) for (const listener of this.#listeners) listener(event);
  }
}
