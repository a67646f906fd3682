import type { SandboxOptions, SeedItem } from '../../../platform/sandbox.ts';
import { StockBook, type StockItem, type StockOrder } from '../../../platform/sandbox-kit/index.ts';

export interface SoldProduct {
  id: number;
  name: string;
  tracking: 'none' | 'product' | 'variant';
  /** Its variants are the book's items. */
  items: StockItem[];
}

export interface StoreHook {
  id: number;
  scope: string;
  destination: string;
  headers: Record<string, string> | null;
  active: boolean;
  createdMs: number;
}

/** What BigCommerce knows of an order beside the book. */
export interface OrderWords {
  /** Bought online and picked up at a place. */
  pickup: boolean;
  archived: boolean;
  /** Made by staff, for a simple product without naming its variant. */
  manual: boolean;
  shippedMs: number | null;
  /** As last told by a webhook. */
  toldStatus: number;
}

/** Everything the stand-in's parts share: one store. */
export interface Store {
  options: SandboxOptions;
  hash: string;
  book: StockBook;
  products: SoldProduct[];
  productOf: Map<StockItem, SoldProduct>;
  hooks: StoreHook[];
  token: { value: string; revoked: boolean; readOnly: boolean };
  clientSecret: string;
  /** Places that staff switched off. */
  disabled: Set<string>;
  settings: {
    update_stock_behavior: string;
    edit_order_stock_adjustment: boolean;
    refund_order_stock_adjustment: boolean;
    stock_level_display: string;
    default_out_of_stock_message: string;
    hide_in_product_filtering: boolean;
    show_pre_order_stock_levels: boolean;
    show_out_of_stock_message: boolean;
    product_out_of_stock_behavior: string;
    option_out_of_stock_behavior: string;
  };
  nextId: () => number;
  /** Accepted adjustments that are not done yet. */
  waiting: Set<() => void>;
}

const FIRST_VARIANT = 500;
const FIRST_PRODUCT = 10_000;
const FIRST_ORDER = 100;

export function openStore(options: SandboxOptions): Store {
  const text = (length: number) =>
    Array.from({ length }, () => Math.floor(options.random() * 36).toString(36)).join('');
  let lastId = 18_048_000;
  return {
    options,
    hash: options.name.toLowerCase().padEnd(3, '0').slice(0, 40),
    book: new StockBook({
      clock: options.clock,
      locations: options.locations.map(({ id }) => id),
      itemId: (seq) => String(FIRST_VARIANT + seq),
      orderId: (seq) => String(FIRST_ORDER + seq),
      lineId: (seq) => String(3_000 + seq),
      takesAt: 'placed',
    }),
    products: [],
    productOf: new Map(),
    hooks: [],
    token: { value: text(31), revoked: false, readOnly: false },
    clientSecret: text(64),
    disabled: new Set(),
    settings: {
      update_stock_behavior: 'order_placed',
      edit_order_stock_adjustment: true,
      refund_order_stock_adjustment: true,
      stock_level_display: 'dont_show',
      default_out_of_stock_message: 'Out of stock',
      hide_in_product_filtering: false,
      show_pre_order_stock_levels: false,
      show_out_of_stock_message: true,
      product_out_of_stock_behavior: 'do_nothing',
      option_out_of_stock_behavior: 'do_nothing',
    },
    nextId: () => ++lastId,
    waiting: new Set(),
  };
}

/** Of every three items two are variants of one product and counted so; the third is a product without variants. */
export function stockShelves(store: Store, items: SeedItem[]): void {
  for (const item of store.book.seed(items)) {
    const group = FIRST_PRODUCT + Math.floor((item.seq - 1) / 3) * 10;
    const row = (item.seq - 1) % 3;
    const id = group + (item.tracked ? (row === 2 ? 2 : 1) : 3 + row);
    let product = store.products.find((one) => one.id === id);
    if (!product) {
      const tracking = !item.tracked ? 'none' : row === 2 ? 'product' : 'variant';
      product = { id, name: row === 2 ? item.title : `Range ${id}`, tracking, items: [] };
      store.products.push(product);
    }
    product.items.push(item);
    store.productOf.set(item, product);
  }
  store.products.sort((a, b) => a.id - b.id);
}

export const wordsOf = (order: StockOrder): OrderWords => order.extra as unknown as OrderWords;

export const newWords = (pickup: boolean, manual: boolean): Record<string, unknown> =>
  ({ pickup, manual, archived: false, shippedMs: null, toldStatus: 0 }) satisfies OrderWords;
