import type { SandboxOptions } from '../../../platform/sandbox.ts';
import { ChangeLog } from '../../../platform/sandbox-kit/change-log.ts';
import { StockBook, type StockItem, type StockOrder, type StockRefund } from '../../../platform/sandbox-kit/index.ts';

/** What Lightspeed remembers of a sale besides its stock. */
export interface SaleNotes {
  voided?: boolean;
  archived?: boolean;
  /** Set aside for a customer: lines on no sale until they are rung up. */
  layaway?: boolean;
  reference?: { source: string; number: string };
}

export function saleNotes(order: StockOrder): SaleNotes {
  order.extra ??= {};
  return order.extra as SaleNotes;
}

export interface ItemNotes {
  itemType?: string;
  archived?: boolean;
}

export function itemNotes(item: StockItem): ItemNotes {
  item.extra ??= {};
  return item.extra as ItemNotes;
}

/** One row of the list of sales: a sale, or a refund, which is a sale of its own. */
export type SaleRow = { id: number; changedAtMs: number } & (
  | { kind: 'sale'; order: StockOrder }
  | { kind: 'refund'; order: StockOrder; refund: StockRefund }
);

/** One Lightspeed account: its shops, items, sales. */
export interface Account {
  options: SandboxOptions;
  accountId: string;
  book: StockBook;
  sales: ChangeLog<SaleRow>;
  saleOf: Map<number, SaleRow>;
  shops: { id: string; name: string; archived: boolean }[];
}

export const PRICE = 20;
/** Refunds and their lines are numbered apart. */
const REFUNDS_FROM = 900_000_000;
const REFUND_LINES_FROM = 950_000_000;

const refundSaleId = (refund: StockRefund): number => REFUNDS_FROM + refund.seq;
export const refundLineId = (refund: StockRefund, index: number): number =>
  REFUND_LINES_FROM + refund.seq * 100 + index;

export function openAccount(options: SandboxOptions): Account {
  return {
    options,
    accountId: String(
      100_000 + [...options.name].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 900_000, 7),
    ),
    book: new StockBook({
      clock: options.clock,
      locations: options.locations.map(({ id }) => id),
      takesAt: 'paid',
      itemId: String,
      orderId: (seq) => String(5_000 + seq),
      lineId: (seq) => String(7_000_000 + seq),
    }),
    sales: new ChangeLog(),
    saleOf: new Map(),
    shops: options.locations.map(({ id, name }) => ({ id, name, archived: false })),
  };
}

/** The sale's row moves to the end of the list. */
export function touchSale(account: Account, order: StockOrder): void {
  const id = Number(order.id);
  const row: SaleRow = account.saleOf.get(id) ?? { id, kind: 'sale', order, changedAtMs: 0 };
  row.changedAtMs = account.book.shelves.stamp();
  account.saleOf.set(id, row);
  account.sales.touch(row, row.changedAtMs);
}

/** A reservation that was given up is deleted, and nothing tells of it. */
export function dropSale(account: Account, order: StockOrder): void {
  const row = account.saleOf.get(Number(order.id));
  if (!row) return;
  account.sales.remove(row);
  account.saleOf.delete(row.id);
}

export function addRefund(account: Account, order: StockOrder, refund: StockRefund): void {
  const id = refundSaleId(refund);
  const row: SaleRow = { id, kind: 'refund', order, refund, changedAtMs: account.book.shelves.stamp() };
  account.saleOf.set(id, row);
  account.sales.touch(row, row.changedAtMs);
}
