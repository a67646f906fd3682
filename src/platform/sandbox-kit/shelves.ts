import { type Quantity, quantity } from '../../domain/quantity.ts';
import type { Clock } from '../../runtime/clock.ts';
import { ChangeLog } from './change-log.ts';
import type { JournalRow, StockCause, StockItem, StockLevel } from './stock-types.ts';

/** What shoppers can buy at this place; negative if more was sold than there was. */
export const availableOf = (level: StockLevel): Quantity => quantity(level.onHand - level.committed - level.safety);

export interface ShelvesOptions {
  clock: Clock;
  /** In the order in which online orders look for stock. At least one. */
  locations: string[];
  /** The vendor's id of the seq-th item (1, 2 …); default: the number as text. */
  itemId?: (seq: number) => string;
  /** How many journal rows are kept; older ones are dropped. Default 100,000. */
  journalRowsMax?: number;
}

/** A change of one level; the difference, never the new value. */
export interface LevelChange {
  onHand?: Quantity;
  committed?: Quantity;
  safety?: Quantity;
  out?: Quantity;
}

/** Items, their levels, and the journal of every change: the part of a stand-in's truth that knows no orders. */
export class Shelves {
  readonly locations: readonly string[];
  readonly items: StockItem[] = [];
  /** Levels in the order of their last change. */
  readonly changed = new ChangeLog<StockLevel>();
  readonly #clock: Clock;
  readonly #itemId: (seq: number) => string;
  readonly #bySku = new Map<string, StockItem>();
  readonly #byId = new Map<string, StockItem>();
  readonly #slotOfLocation: Map<string, number>;
  readonly #journalRowsMax: number;
  #journal: JournalRow[] = [];
  #journalSeq = 0;
  #stampMs = 0;

  constructor(options: ShelvesOptions) {
    if (options.locations.length === 0) throw new Error('A stand-in needs at least one location.');
    this.locations = [...options.locations];
    this.#slotOfLocation = new Map(options.locations.map((location, slot) => [location, slot]));
    this.#clock = options.clock;
    this.#itemId = options.itemId ?? String;
    this.#journalRowsMax = options.journalRowsMax ?? 100_000;
  }

  /**
   * The clock's time, but never twice the same: many changes within one millisecond stand 1/1024 ms apart. Cut to the
   * vendor's resolution when printed, two changes may well look equally old, as they do at the vendor.
   */
  stamp(): number {
    this.#stampMs = Math.max(this.#clock.now(), this.#stampMs + 1 / 1024);
    return this.#stampMs;
  }

  nowMs(): number {
    return this.#clock.now();
  }

  /** @throws Error when the SKU is there already: the world's SKUs are its own keys. */
  add(item: { sku: string; title: string; untracked?: boolean; stock: Record<string, Quantity> }): StockItem {
    if (this.#bySku.has(item.sku)) throw new Error(`The stand-in already has an item with SKU ${item.sku}.`);
    const seq = this.items.length + 1;
    const added: StockItem = {
      seq,
      id: this.#itemId(seq),
      sku: item.sku,
      title: item.title,
      tracked: !item.untracked,
      levels: [],
    };
    const changedAtMs = this.stamp();
    for (const location of this.locations) {
      const onHand = quantity(item.stock[location] ?? 0);
      const level = { item: added, location, onHand, committed: 0, safety: 0, out: 0, version: 1, changedAtMs };
      added.levels.push(level);
      this.#record(level, 'seed', null, onHand, 0, changedAtMs);
    }
    this.items.push(added);
    this.#bySku.set(added.sku, added);
    this.#byId.set(added.id, added);
    return added;
  }

  item(sku: string): StockItem | undefined {
    return this.#bySku.get(sku);
  }

  itemById(id: string): StockItem | undefined {
    return this.#byId.get(id);
  }

  level(item: StockItem, location: string): StockLevel | undefined {
    const slot = this.#slotOfLocation.get(location);
    return slot === undefined ? undefined : item.levels[slot];
  }

  /** Changes one level, stamps it and writes the journal. Does nothing, and answers false, when nothing differs. */
  change(level: StockLevel, by: LevelChange, cause: StockCause, reference: string | null): boolean {
    const { onHand = 0, committed = 0, safety = 0, out = 0 } = by;
    if (onHand === 0 && committed === 0 && safety === 0 && out === 0) return false;
    level.onHand = quantity(level.onHand + onHand);
    level.committed = quantity(level.committed + committed);
    level.safety = quantity(level.safety + safety);
    level.out = quantity(level.out + out);
    level.version += 1;
    level.changedAtMs = this.stamp();
    this.changed.touch(level, level.changedAtMs);
    this.#record(level, cause, reference, onHand, committed, level.changedAtMs);
    return true;
  }

  /** Rows after `afterSeq` (0: from the oldest kept), oldest first. */
  journal(afterSeq: number, limit: number): JournalRow[] {
    const oldest = this.#journal[0]?.seq ?? 1;
    const from = Math.max(0, afterSeq + 1 - oldest);
    return this.#journal.slice(from, from + limit);
  }

  #record(
    level: StockLevel,
    cause: StockCause,
    reference: string | null,
    onHandDelta: Quantity,
    committedDelta: Quantity,
    atMs: number,
  ) {
    if (this.#journalRowsMax === 0) return;
    this.#journalSeq += 1;
    this.#journal.push({
      seq: this.#journalSeq,
      atMs,
      level,
      cause,
      reference,
      onHandDelta,
      committedDelta,
      onHand: level.onHand,
      available: availableOf(level),
    });
    // Cut in large bites: a shift per row would copy the array each time.
    if (this.#journal.length >= this.#journalRowsMax * 2) this.#journal = this.#journal.slice(-this.#journalRowsMax);
  }
}
