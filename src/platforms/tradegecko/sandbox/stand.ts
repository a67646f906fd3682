import { createHash } from 'node:crypto';
import type { SandboxOptions } from '../../../platform/sandbox.ts';
import { ChangeLog } from '../../../platform/sandbox-kit/change-log.ts';
import { StockBook, type StockItem, type StockLine, type StockOrder } from '../../../platform/sandbox-kit/index.ts';

/** A shipment or a return, with the lines it is made of: the two have the same shape there. */
export interface MoveRow {
  id: number;
  order: StockOrder;
  location: string;
  atMs: number;
  lines: { id: number; line: StockLine; quantity: number }[];
}

export interface AdjustmentRow {
  id: number;
  number: string;
  reason: string;
  notes: string | null;
  location: string;
  atMs: number;
  lines: { id: number; variant: string; quantity: number; price: string }[];
}

export interface ItemNotes {
  composite?: boolean;
  archived?: boolean;
}

export const itemNotes = (item: StockItem): ItemNotes => {
  item.extra ??= {};
  return item.extra as ItemNotes;
};

/** One account: its book, and the documents that the book does not keep. */
export interface Stand {
  options: SandboxOptions;
  account: string;
  book: StockBook;
  locations: { id: string; name: string; holdsStock: boolean }[];
  fulfillments: ChangeLog<MoveRow>;
  returns: ChangeLog<MoveRow>;
  movesOf: Map<StockOrder, { fulfillments: MoveRow[]; returns: MoveRow[] }>;
  adjustments: AdjustmentRow[];
  nextId(): number;
}

/** Numbers in the vendor's own ranges, so that no two kinds of thing share one. */
const ITEMS_FROM = 982_000;
const ORDERS_FROM = 537_000;
const LINES_FROM = 1_662_000;
const OTHERS_FROM = 4_000_000;

export function openStand(options: SandboxOptions): Stand {
  const book = new StockBook({
    clock: options.clock,
    locations: options.locations.map(({ id }) => id),
    // Committed as soon as the order is active; paying changes nothing.
    takesAt: 'placed',
    itemId: (seq) => String(ITEMS_FROM + seq),
    orderId: (seq) => String(ORDERS_FROM + seq),
    lineId: (seq) => String(LINES_FROM + seq),
  });
  let last = OTHERS_FROM;
  return {
    options,
    account: String(10_000 + (createHash('sha256').update(options.name).digest().readUInt32BE() % 90_000)),
    book,
    locations: options.locations.map(({ id, name }) => ({ id, name, holdsStock: true })),
    fulfillments: new ChangeLog(),
    returns: new ChangeLog(),
    movesOf: new Map(),
    adjustments: [],
    nextId: () => ++last,
  };
}
