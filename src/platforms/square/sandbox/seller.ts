import type { SandboxOptions } from '../../../platform/sandbox.ts';
import { ChangeLog } from '../../../platform/sandbox-kit/change-log.ts';
import { StockBook, type StockItem, type StockOrder } from '../../../platform/sandbox-kit/index.ts';
import { History } from './history.ts';

/** A return: an order of its own, made for a refund of a paid order. */
export interface ReturnOrder {
  id: string;
  refundId: string;
  source: StockOrder;
  refund: StockOrder['refunds'][0];
  atMs: number;
}

/** One row of the order list: a sale, or a return. */
export type OrderRow = { updatedAtMs: number; version: number } & (
  | { kind: 'sale'; order: StockOrder }
  | { kind: 'return'; made: ReturnOrder }
);

/** What the vendor remembers of a sale besides its stock. */
export interface SaleNotes {
  /** Taken over the counter: no version, no fulfilments, no order events. */
  till: boolean;
}

export const notesOf = (order: StockOrder): SaleNotes => order.extra as unknown as SaleNotes;

/** Where an item is counted although its variation is not, or the other way round. */
export interface ItemNotes {
  trackedAt?: Map<string, boolean>;
  /** Its units come from another variation. */
  convertedFrom?: string;
  deleted?: boolean;
}

export function itemNotes(item: StockItem): ItemNotes {
  item.extra ??= {};
  return item.extra as ItemNotes;
}

/** One Square account: its book, its orders, its inventory history. */
export interface Seller {
  options: SandboxOptions;
  merchantId: string;
  currency: string;
  book: StockBook;
  history: History;
  /** Sales and returns in the order of their last change. */
  rows: ChangeLog<OrderRow>;
  rowOf: Map<string, OrderRow>;
  /** Returns made so far. */
  returns: number;
  locations: { id: string; name: string; active: boolean }[];
  catalogVersion: number;
}

/** Everything costs the same here: stock does not depend on it. */
export const PRICE_CENTS = 1_200;

const padded = (prefix: string, seq: number, length: number): string => `${prefix}${String(seq).padStart(length, '0')}`;

export const orderId = (seq: number): string => padded('ORDERSQ', seq, 18);
export const paymentId = (order: StockOrder): string => padded('PAYMENTSQ', order.seq, 16);
/** An item and its one variation. */
export const itemIdOf = (item: StockItem): string => item.id.replace('VARIATION', 'ITEMPARENT');

export function openSeller(options: SandboxOptions): Seller {
  const book = new StockBook({
    clock: options.clock,
    locations: options.locations.map(({ id }) => id),
    takesAt: 'paid',
    itemId: (seq) => padded('VARIATION', seq, 15),
    orderId,
    lineId: (seq) => padded('LINE', seq, 18),
  });
  return {
    options,
    merchantId: `ML${options.name.toUpperCase().replaceAll('-', '').padEnd(11, '0')}`,
    currency: 'USD',
    book,
    history: new History(book),
    rows: new ChangeLog(),
    rowOf: new Map(),
    returns: 0,
    locations: options.locations.map(({ id, name }) => ({ id, name, active: true })),
    catalogVersion: Math.floor(options.clock.now()),
  };
}

/** The variation's own setting, or the location's. */
export const isTrackedAt = (item: StockItem, location: string): boolean =>
  itemNotes(item).trackedAt?.get(location) ?? item.tracked;
