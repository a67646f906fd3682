import { NO_LOCATION } from '../../../platform/contract.ts';
import type { SandboxOptions, SeedItem } from '../../../platform/sandbox.ts';
import {
  StockBook,
  type StockItem,
  type StockLine,
  type StockOrder,
  type StockRefund,
} from '../../../platform/sandbox-kit/index.ts';

/** A product that only groups variations; the things sold are the book's items. */
export interface Parent {
  id: number;
  name: string;
  variations: StockItem[];
  /** "Track stock quantity" is ticked at the product: its variation sells from the product's stock. */
  keeps: boolean;
}

export interface Webhook {
  id: number;
  name: string;
  topic: string;
  status: 'active' | 'paused' | 'disabled';
  deliveryUrl: string;
  secret: string;
  createdMs: number;
  changedMs: number | null;
}

/** What WooCommerce knows of an order beside the book. */
export interface OrderWords {
  status: string;
  via: string;
  completedAtMs: number | null;
  refunds: { id: number; refund: StockRefund; reason: string }[];
  /** Units that staff took off a line by editing it. */
  editedOff: Map<StockLine, number>;
  /** What the book writes down just now is no refund in WooCommerce. */
  editing: boolean;
  /** The status it had before it went to the trash. */
  before?: string;
}

/** Everything the stand-in's parts share: one WordPress site with WooCommerce. */
export interface Shop {
  options: SandboxOptions;
  book: StockBook;
  parents: Map<number, Parent>;
  parentOf: Map<StockItem, Parent>;
  webhooks: Webhook[];
  /** Read/Write or Read. */
  key: { consumerKey: string; consumerSecret: string; permission: 'read_write' | 'read'; revoked: boolean };
  webhookSecret: string;
  manageStock: boolean;
  batchMax: number;
  /** false: before 10.3, `/variations` does not exist. */
  hasVariationsRoute: boolean;
  nextId: () => number;
  gone: Set<StockOrder>;
  /** How many lists were asked for: ties come in another order each time. */
  lists: number;
}

const FIRST_ID = 1_000;
const FIRST_ORDER_ID = 700_000;
const FIRST_OTHER_ID = 900_000;

export function openShop(options: SandboxOptions): Shop {
  const hex = (length: number) => Array.from({ length }, () => Math.floor(options.random() * 16).toString(16)).join('');
  let lastId = FIRST_OTHER_ID;
  return {
    options,
    book: new StockBook({
      clock: options.clock,
      locations: [NO_LOCATION],
      itemId: (seq) => String(FIRST_ID + seq * 10),
      orderId: (seq) => String(FIRST_ORDER_ID + seq),
      takesAt: 'paid',
    }),
    parents: new Map(),
    parentOf: new Map(),
    webhooks: [],
    key: { consumerKey: `ck_${hex(40)}`, consumerSecret: `cs_${hex(40)}`, permission: 'read_write', revoked: false },
    webhookSecret: hex(40),
    manageStock: true,
    batchMax: 100,
    hasVariationsRoute: true,
    nextId: () => ++lastId,
    gone: new Set(),
    lists: 0,
  };
}

/**
 * Of every four items two are variations of one product; in every third four one is the only variation of a product that
 * keeps the stock itself. So all three ways of reading and writing are used.
 */
export function stockShelves(shop: Shop, items: SeedItem[]): void {
  const first = shop.options.locations[0]?.id ?? NO_LOCATION;
  const pooled = items.map((item) => ({
    ...item,
    stock: { [NO_LOCATION]: item.stock[first] ?? item.stock[NO_LOCATION] ?? 0 },
  }));
  for (const item of shop.book.seed(pooled)) {
    const row = item.seq % 4;
    const keeps = Math.floor(item.seq / 4) % 3 === 2;
    if (row < 2 || (keeps && row === 3)) continue;
    const id = FIRST_ID + (item.seq - row) * 10 + 5;
    const parent = shop.parents.get(id) ?? { id, name: `Group ${id}`, variations: [], keeps };
    parent.variations.push(item);
    shop.parents.set(id, parent);
    shop.parentOf.set(item, parent);
  }
}

/** The members WooCommerce adds to an order; made with the order. */
export const wordsOf = (order: StockOrder): OrderWords => order.extra as unknown as OrderWords;

export const newWords = (status: string, via: string): Record<string, unknown> =>
  ({ status, via, completedAtMs: null, refunds: [], editedOff: new Map(), editing: false }) satisfies OrderWords;

/** Something changed that the book does not know of. */
export function touch(shop: Shop, order: StockOrder): void {
  order.changedAtMs = shop.book.shelves.stamp();
  shop.book.changedOrders.touch(order, order.changedAtMs);
}

/** What the store has itself taken off for a line and not put back. */
export const reducedOf = (line: StockOrder['lines'][number]): number =>
  line.parts.reduce((sum, part) => sum + part.committed + part.fulfilled + part.writtenOff - part.restocked, 0);
