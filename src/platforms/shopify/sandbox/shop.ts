import type { SandboxOptions } from '../../../platform/sandbox.ts';
import { StockBook, type StockItem, type StockOrder } from '../../../platform/sandbox-kit/index.ts';
import { makeIds, type ShopIds } from './ids.ts';

/** A place of the shop, as staff set it up. */
export interface ShopLocation {
  id: string;
  name: string;
  isActive: boolean;
  isFulfillmentService: boolean;
}

export interface HookSubscription {
  id: string;
  /** `ORDERS_CREATE`. */
  topic: string;
  uri: string;
  format: string;
  includeFields: string[];
  filter: string | null;
  createdAtMs: number;
}

/** What every part of the stand-in works on: the shop's stock and orders, and what the vendor keeps beside them. */
export interface Shop {
  readonly options: SandboxOptions;
  /** `name.myshopify.com`. */
  readonly domain: string;
  readonly ids: ShopIds;
  readonly book: StockBook;
  readonly locations: ShopLocation[];
  readonly hooks: HookSubscription[];
  readonly counters: { hooks: number };
  readonly scopes: Set<string>;
  /** Refunds that were paid back through a return: the goods' way back is in the return, not in the refund. */
  readonly returns: Map<number, ShopReturn>;
  /** Set while staff take goods back through a return: the refund that the book makes just then belongs to it. */
  takingBack: string | null;
  /** Shipments and refunds by their number: the order they belong to. */
  readonly documents: Map<number, StockOrder>;
  /** Orders deleted by staff. */
  readonly deleted: Set<string>;
}

export interface ShopReturn {
  /** Where the parcel's goods were put on the shelf. */
  location: string;
}

/** What staff can change about a variant beyond its number. */
export interface VariantNotes {
  /** Sold as a bundle: its number cannot be written. */
  isBundle?: boolean;
  /** Places where it is not stocked. */
  notAt?: Set<string>;
}

export const notesOf = (item: StockItem): VariantNotes => {
  item.extra ??= {};
  return item.extra as VariantNotes;
};

export const isStockedAt = (item: StockItem, location: string): boolean => !notesOf(item).notAt?.has(location);

const ALL_SCOPES = [
  'read_orders',
  'read_products',
  'write_inventory',
  'read_locations',
  'read_returns',
  'read_merchant_managed_fulfillment_orders',
];

export function openShop(options: SandboxOptions): Shop {
  const ids = makeIds(options.name);
  return {
    options,
    ids,
    domain: `${options.name}.myshopify.com`,
    book: new StockBook({
      clock: options.clock,
      locations: options.locations.map(({ id }) => id),
      itemId: (seq) => ids.inventoryItem(seq),
      orderId: (seq) => ids.order(seq),
      lineId: (seq) => ids.line(seq),
      takesAt: 'placed',
    }),
    locations: options.locations.map(({ id, name }) => ({ id, name, isActive: true, isFulfillmentService: false })),
    hooks: [],
    counters: { hooks: 0 },
    scopes: new Set(ALL_SCOPES),
    returns: new Map(),
    takingBack: null,
    documents: new Map(),
    deleted: new Set(),
  };
}

/** What remains of a line, as Shopify counts it: less refunded and removed. */
export function currentOf(line: StockOrder['lines'][0]): number {
  return line.parts.reduce(
    (left, part) => left - part.released - part.writtenOff - part.refunded,
    line.quantity - line.dropped,
  );
}

/** UTC, whole seconds: what GraphQL prints. */
export const utc = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;

/** The shop's own zone, five hours behind UTC: what webhooks print. */
export const local = (ms: number): string => `${new Date(ms - 5 * 3_600_000).toISOString().slice(0, 19)}-05:00`;
