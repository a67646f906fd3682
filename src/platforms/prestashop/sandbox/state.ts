import type { SandboxOptions, SeedItem } from '../../../platform/sandbox.ts';
import { ChangeLog } from '../../../platform/sandbox-kit/change-log.ts';
import { StockBook, type StockItem, type StockOrder } from '../../../platform/sandbox-kit/index.ts';
import { wallTime } from '../shop-time.ts';

export interface Slip {
  id: string;
  order: StockOrder;
  atMs: number;
}

/** What PrestaShop knows of an order beside the book. */
export interface OrderWords {
  state: string;
  history: { id: string; state: string; atMs: number }[];
  /** Moved by what saves the order itself; a credit slip does not. */
  updatedMs: number;
}

/** A product: one item, or a group whose items are its combinations. */
export interface Product {
  id: string;
  items: StockItem[];
  combined: boolean;
}

/** Everything the stand-in's parts share: one installation, a shop per place. */
export interface State {
  options: SandboxOptions;
  zone: string;
  book: StockBook;
  products: Product[];
  productOf: Map<StockItem, Product>;
  key: string;
  revoked: boolean;
  /** `stock_availables PUT` and the like. */
  denied: Set<string>;
  /** The shop answers reads for writes, as behind a redirect. */
  redirects: boolean;
  serviceOn: boolean;
  webhookSecret: string;
  hookUrl: string;
  canceledState: string;
  /** Records whose number is computed from warehouses, by id. */
  computed: Set<string>;
  /** Records that lost their shop, because somebody wrote them back without it. */
  torn: Set<string>;
  orders: ChangeLog<StockOrder>;
  slips: ChangeLog<Slip>;
  nextId: () => string;
}

export const AWAITING = '1';
export const PAID = '2';
export const SHIPPED = '4';

const FIRST_PRODUCT = 1_000;
const FIRST_COMBINATION = 5_000;
const FIRST_ORDER = 700_000;
const FIRST_DETAIL = 800_000;

export function openState(options: SandboxOptions): State {
  const text = (length: number) =>
    Array.from({ length }, () => Math.floor(options.random() * 16).toString(16)).join('');
  let last = 300_000;
  return {
    options,
    zone: 'Europe/Paris',
    book: new StockBook({
      clock: options.clock,
      locations: options.locations.map(({ id }) => id),
      takesAt: 'placed',
      itemId: (seq) => String(FIRST_COMBINATION + seq),
      orderId: (seq) => String(FIRST_ORDER + seq),
      lineId: (seq) => String(FIRST_DETAIL + seq),
    }),
    products: [],
    productOf: new Map(),
    key: text(32).toUpperCase(),
    revoked: false,
    denied: new Set(),
    redirects: false,
    serviceOn: true,
    webhookSecret: text(40),
    hookUrl: '',
    canceledState: '6',
    computed: new Set(),
    torn: new Set(),
    orders: new ChangeLog(),
    slips: new ChangeLog(),
    nextId: () => String(++last),
  };
}

/** Of every four items two are combinations of one product. */
export function stockShelves(state: State, items: SeedItem[]): void {
  for (const item of state.book.seed(items)) {
    const row = item.seq % 4;
    // A pack has no combinations.
    const combined = row >= 2 && item.tracked;
    const id = String(FIRST_PRODUCT + (combined ? (item.seq - row) * 10 + 5 : item.seq * 10));
    const known = state.products.find((product) => product.id === id);
    const product = known ?? { id, items: [], combined };
    product.items.push(item);
    if (!known) state.products.push(product);
    state.productOf.set(item, product);
  }
  state.products.sort((a, b) => Number(a.id) - Number(b.id));
}

export const wordsOf = (order: StockOrder): OrderWords => order.extra as unknown as OrderWords;

export const wall = (state: State, ms: number): string => wallTime(ms, state.zone);

/** The shop that an order was made in. */
export const shopOf = (state: State, order: StockOrder): string => order.location ?? state.book.shelves.locations[0]!;
