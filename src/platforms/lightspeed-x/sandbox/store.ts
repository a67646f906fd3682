import type { SandboxOptions } from '../../../platform/sandbox.ts';
import { ChangeLog } from '../../../platform/sandbox-kit/change-log.ts';
import {
  StockBook,
  type StockItem,
  type StockLevel,
  type StockLine,
  type StockOrder,
  type StockRefund,
} from '../../../platform/sandbox-kit/index.ts';

/** What the store remembers of a sale besides its stock. */
export interface SaleNotes {
  kind: 'till' | 'web' | 'layby' | 'onaccount';
  /** Voided after the goods had gone. */
  voided?: boolean;
}

export const notesOf = (order: StockOrder): SaleNotes => order.extra as unknown as SaleNotes;

/** What it remembers of a product. */
export interface ProductNotes {
  composite?: boolean;
  deletedAtMs?: number;
}

export function productNotes(item: StockItem): ProductNotes {
  item.extra ??= {};
  return item.extra as ProductNotes;
}

/** Goods that come back: a sale of its own. First saved with all that could come back, then closed with what did. */
export interface ReturnSale {
  id: string;
  of: StockOrder;
  refund: StockRefund;
  atMs: number;
  state: 'parked' | 'closed';
  lines: { id: string; line: StockLine; quantity: number }[];
}

/** One row of the list of sales. */
export type SaleRow = { version: number; changedMs: number } & (
  | { kind: 'sale'; order: StockOrder }
  | { kind: 'return'; made: ReturnSale }
);

/** Anything that has a version, in the order of its last change. */
export interface Versioned<T extends object> {
  of: T;
  version: number;
}

export interface AdjustmentRow {
  id: string;
  version: number;
  level: StockLevel;
  quantity: string;
  reason: string;
  customReason?: string;
  atMs: number;
}

export interface ReasonRow {
  id: string;
  version: number;
  name: string;
  enabled: boolean;
  type: 'POSITIVE' | 'NEGATIVE';
}

/** One X-Series store: its book, and what has a version. One counter numbers every change of anything. */
export class Store {
  readonly book: StockBook;
  readonly outlets: { id: string; name: string; deletedAtMs?: number; version: number }[];
  readonly sales = new ChangeLog<SaleRow>();
  readonly saleOf = new Map<string, SaleRow>();
  readonly levels = new ChangeLog<Versioned<StockLevel>>();
  readonly products = new ChangeLog<Versioned<StockItem>>();
  readonly adjustments: AdjustmentRow[] = [];
  readonly reasons: ReasonRow[] = [];
  returns = 0;
  private version = 11_423_830_533;
  private readonly levelOf = new Map<StockLevel, Versioned<StockLevel>>();
  private readonly productOf = new Map<StockItem, Versioned<StockItem>>();

  constructor(readonly options: SandboxOptions) {
    this.book = new StockBook({
      clock: options.clock,
      locations: options.locations.map(({ id }) => id),
      takesAt: 'paid',
      itemId: (seq) => idOf('0af7b240-abf0-11e9-fb5b', seq),
      orderId: (seq) => idOf('5687606e-dbc9-b0a6-11e9', seq),
      lineId: (seq) => idOf('5687606e-dbc9-b0a6-11ea', seq),
    });
    this.outlets = options.locations.map((place) => ({ ...place, version: this.next() }));
  }

  next(): number {
    this.version += 1;
    return this.version;
  }

  touchSale(make: () => Omit<SaleRow, 'version' | 'changedMs'>, id: string): SaleRow {
    const row = this.saleOf.get(id) ?? ({ ...make(), version: 0, changedMs: 0 } as SaleRow);
    row.version = this.next();
    row.changedMs = this.options.clock.now();
    this.saleOf.set(id, row);
    this.sales.touch(row, row.version);
    return row;
  }

  touchLevel(level: StockLevel): Versioned<StockLevel> {
    return this.touch(this.levels, this.levelOf, level);
  }

  touchProduct(item: StockItem): Versioned<StockItem> {
    return this.touch(this.products, this.productOf, item);
  }

  private touch<T extends object>(log: ChangeLog<Versioned<T>>, known: Map<T, Versioned<T>>, of: T): Versioned<T> {
    const entry = known.get(of) ?? { of, version: 0 };
    known.set(of, entry);
    entry.version = this.next();
    log.touch(entry, entry.version);
    return entry;
  }
}

/** Like UUIDs, with version and variant letters that no standard knows: as the vendor's are. */
export const idOf = (prefix: string, seq: number): string => `${prefix}-${String(seq).padStart(12, '0')}`;

/** Everything costs the same here: stock does not depend on it. */
export const PRICE = '19.90000';

export const seconds = (ms: number): string =>
  new Date(Math.floor(ms / 1000) * 1000).toISOString().replace('.000Z', 'Z');
