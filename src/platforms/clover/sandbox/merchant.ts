import { NO_LOCATION } from '../../../platform/contract.ts';
import type { SandboxOptions } from '../../../platform/sandbox.ts';
import { ChangeLog } from '../../../platform/sandbox-kit/change-log.ts';
import { StockBook, type StockItem, type StockOrder } from '../../../platform/sandbox-kit/index.ts';

/** What Clover remembers of an order besides its stock. */
export interface OrderNotes {
  /** Taken back by its payment: open again, with that payment struck out. */
  voided?: boolean;
  deleted?: boolean;
  test?: boolean;
}

export function orderNotes(order: StockOrder): OrderNotes {
  order.extra ??= {};
  return order.extra as OrderNotes;
}

export interface ItemNotes {
  /** Sold by weight: a line carries its amount. */
  perUnit?: boolean;
  deleted?: boolean;
  /** A stock record that a write made for an item nobody counts. */
  strayCount?: number;
}

export function itemNotes(item: StockItem): ItemNotes {
  item.extra ??= {};
  return item.extra as ItemNotes;
}

/** One merchant at Clover: one place, its items, its orders. */
export interface Merchant {
  options: SandboxOptions;
  merchantId: string;
  appId: string;
  authCode: string;
  book: StockBook;
  /** Orders that have not been deleted, in the order of their last change. */
  orders: ChangeLog<StockOrder>;
  properties: { trackStock: boolean; updateStock: boolean };
  /** false: lists come in their own order, whatever is asked for. */
  sorts: boolean;
}

export const PRICE_CENTS = 1_200;

/** 13 letters and digits, as Clover's own. */
const id13 = (prefix: string, seq: number): string => `${prefix}${String(seq).padStart(13 - prefix.length, '0')}`;

export const paymentId = (order: StockOrder): string => id13('PAY', order.seq);
export const refundId = (seq: number): string => id13('REF', seq);

export function openMerchant(options: SandboxOptions): Merchant {
  const { random } = options;
  const hex = (length: number) => Array.from({ length }, () => Math.floor(random() * 16).toString(16)).join('');
  return {
    options,
    merchantId: `M${options.name.toUpperCase().replaceAll('-', '').padEnd(12, '0')}`,
    appId: id13('APP', Math.floor(random() * 1e9)),
    authCode: [8, 4, 4, 4, 12].map(hex).join('-'),
    book: new StockBook({
      clock: options.clock,
      locations: [NO_LOCATION],
      takesAt: 'paid',
      itemId: (seq) => id13('ITEM', seq),
      orderId: (seq) => id13('ORDER', seq),
      // Each unit is a line of its own: three more digits count them.
      lineId: (seq) => `L${String(seq).padStart(9, '0')}`,
    }),
    orders: new ChangeLog(),
    properties: { trackStock: true, updateStock: true },
    sorts: true,
  };
}
