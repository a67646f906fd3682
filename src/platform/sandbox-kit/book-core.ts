import { type Quantity, quantity } from '../../domain/quantity.ts';
import type { BookRow, SeedItem, ShownRow } from '../sandbox.ts';
import { ChangeLog } from './change-log.ts';
import { partOf } from './line-units.ts';
import { availableOf, type LevelChange, Shelves, type ShelvesOptions } from './shelves.ts';
import type {
  SellPolicy,
  StockCause,
  StockEvent,
  StockItem,
  StockLevel,
  StockLine,
  StockOrder,
} from './stock-types.ts';

export interface StockBookOptions extends ShelvesOptions {
  /** When the platform takes stock for an order. Shopify, Amazon: placed. WooCommerce, Square: paid. */
  takesAt: 'placed' | 'paid';
  /** Vendor ids of the seq-th order and line; default: the number as text. */
  orderId?: (seq: number) => string;
  lineId?: (seq: number) => string;
}

/** What all operations of a {@link StockBook} stand on: the shelves, the order lists, who listens, what was sold that was not there. */
export class BookCore {
  readonly shelves: Shelves;
  /** In order of placing. */
  readonly orders: StockOrder[] = [];
  /** In order of the last change. */
  readonly changedOrders = new ChangeLog<StockOrder>();
  protected readonly options: StockBookOptions;
  readonly #byId = new Map<string, StockOrder>();
  readonly #listeners: ((event: StockEvent) => void)[] = [];
  readonly #oversoldBySku = new Map<string, Quantity>();
  #pendingEvents: StockEvent[] = [];
  #lineSeq = 0;
  #documentSeq = 0;
  #oversold = 0;

  constructor(options: StockBookOptions) {
    this.options = options;
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

  protected enter(order: StockOrder): void {
    this.orders.push(order);
    this.#byId.set(order.id, order);
  }

  protected newLine(item: StockItem, units: Quantity): StockLine {
    this.#lineSeq += 1;
    const id = (this.options.lineId ?? String)(this.#lineSeq);
    return { id, item, quantity: units, dropped: 0, counted: false, parts: [] };
  }

  /** Number and time of a new fulfilment or refund. */
  protected document<T extends object>(members: T): T & { seq: number; atMs: number } {
    this.#documentSeq += 1;
    return { seq: this.#documentSeq, atMs: this.shelves.stamp(), ...members };
  }

  protected take(
    order: StockOrder,
    line: StockLine,
    takes: { location: string; units: Quantity }[],
    sell: SellPolicy,
  ): void {
    line.counted = line.item.tracked;
    for (const { location, units } of takes) {
      const part = partOf(line, location);
      part.committed = quantity(part.committed + units);
      if (!line.counted) continue;
      const level = this.shelves.level(line.item, location)!;
      const short = quantity(units - Math.max(0, Math.min(units, availableOf(level))));
      if (short > 0) {
        this.#oversold = quantity(this.#oversold + short);
        this.#oversoldBySku.set(line.item.sku, quantity(this.oversold(line.item.sku) + short));
      }
      if (sell.policy === 'racy') {
        level.recent ??= [];
        level.recent.push({ untilMs: this.shelves.nowMs() + sell.windowMs, units });
      }
      this.shift(level, { committed: units }, 'sale', order.id);
    }
  }

  /** Changes the numbers behind a line; a line sold without counting has none. */
  protected shiftLine(line: StockLine, location: string, by: LevelChange, cause: StockCause, order: StockOrder): void {
    const level = line.counted ? this.shelves.level(line.item, location) : undefined;
    if (level) this.shift(level, by, cause, order.id);
  }

  protected shift(level: StockLevel, by: LevelChange, cause: StockCause, reference: string | null): void {
    const before = availableOf(level);
    if (this.shelves.change(level, by, cause, reference))
      this.#pendingEvents.push({ kind: 'level', level, before, cause, reference });
  }

  protected changed(order: StockOrder, event: StockEvent): void {
    order.changedAtMs = this.shelves.stamp();
    order.version += 1;
    this.changedOrders.touch(order, order.changedAtMs);
    this.#pendingEvents.push(event);
    this.emit();
  }

  protected emit(): void {
    const events = this.#pendingEvents;
    this.#pendingEvents = [];
    for (const event of events) for (const listener of this.#listeners) listener(event);
  }
}
