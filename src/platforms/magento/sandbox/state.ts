import type { SandboxOptions, SeedItem } from '../../../platform/sandbox.ts';
import { ChangeLog } from '../../../platform/sandbox-kit/change-log.ts';
import { StockBook, type StockItem, type StockLine, type StockOrder } from '../../../platform/sandbox-kit/index.ts';

/** What Magento knows of an order beside the book. */
export interface OrderWords {
  /** Moved by what saves the order itself; a partial shipment does not. */
  updatedMs: number;
}

/** A shipment or a credit memo. */
export interface Paper {
  id: number;
  order: StockOrder;
  atMs: number;
  lines: { line: StockLine; quantity: number }[];
}

/** Everything the stand-in's parts share: one shop, each place a source with a stock and a website of its own. */
export interface State {
  options: SandboxOptions;
  book: StockBook;
  keys: { consumerKey: string; consumerSecret: string; accessToken: string; accessTokenSecret: string };
  webhookSecret: string;
  hookUrl: string;
  revoked: boolean;
  mayWrite: boolean;
  bearerAllowed: boolean;
  /** false: the modules of Multi-Source Inventory were removed. */
  hasSources: boolean;
  /** "Input limiting"; null: off. */
  inputMax: number | null;
  orders: ChangeLog<StockOrder>;
  shipments: ChangeLog<Paper>;
  memos: ChangeLog<Paper>;
  /** Rows for SKUs that no product has: taken without a word. */
  orphans: Map<string, { sku: string; source_code: string; quantity: number; status: number }>;
  /** "Out of Stock" set by hand, by SKU and source. */
  switchedOff: Set<string>;
  /** A further source of the first stock, and what lies in it by SKU: a part of what the book has there. */
  further: { code: string; held: Map<string, number> } | null;
  /** Disabled products, and those no indexer has seen, by SKU. */
  hidden: Set<string>;
  nextPaper: () => number;
}

const FIRST_PRODUCT = 2_000;
/** Groups of variants stand behind all products. */
const FIRST_GROUP = 500_000;
const FIRST_ORDER = 500_000;
const FIRST_ROW = 900_000;

export function openState(options: SandboxOptions): State {
  const hex = (length: number) => Array.from({ length }, () => Math.floor(options.random() * 16).toString(16)).join('');
  let lastPaper = 300_000;
  return {
    options,
    book: new StockBook({
      clock: options.clock,
      locations: options.locations.map(({ id }) => id),
      takesAt: 'placed',
      itemId: (seq) => String(FIRST_PRODUCT + seq),
      orderId: (seq) => String(FIRST_ORDER + seq),
      lineId: (seq) => String(FIRST_ROW + seq * 2),
    }),
    keys: { consumerKey: hex(32), consumerSecret: hex(32), accessToken: hex(32), accessTokenSecret: hex(32) },
    webhookSecret: hex(40),
    hookUrl: '',
    revoked: false,
    mayWrite: true,
    bearerAllowed: false,
    hasSources: true,
    inputMax: null,
    orders: new ChangeLog(),
    shipments: new ChangeLog(),
    memos: new ChangeLog(),
    orphans: new Map(),
    switchedOff: new Set(),
    further: null,
    hidden: new Set(),
    nextPaper: () => ++lastPaper,
  };
}

export const stockShelves = (state: State, items: SeedItem[]): void => void state.book.seed(items);

/** Of every four products one is a variant of a configurable product: its orders have two rows of one SKU. */
export const groupOf = (item: StockItem): { id: number; sku: string } | undefined =>
  item.seq % 4 === 2 ? { id: FIRST_GROUP + item.seq, sku: `GROUP-${item.sku}` } : undefined;

export const wordsOf = (order: StockOrder): OrderWords => order.extra as unknown as OrderWords;

/** The place an order's website sells from. */
export const placeOf = (state: State, order: StockOrder): string => order.location ?? state.book.shelves.locations[0]!;

/** Source, website and store view of the place at this index. */
export const sourceCode = (index: number): string => (index === 0 ? 'default' : `source_${index + 1}`);
export const websiteCode = (index: number): string => (index === 0 ? 'base' : `site_${index + 1}`);
export const storeId = (state: State, place: string): number => state.book.shelves.locations.indexOf(place) + 1;
