import type { SandboxOptions } from '../../../platform/sandbox.ts';
import { ChangeLog } from '../../../platform/sandbox-kit/change-log.ts';
import {
  StockBook,
  type StockFulfilment,
  type StockItem,
  type StockOrder,
  type StockRefund,
} from '../../../platform/sandbox-kit/index.ts';

/** What a transaction is of; its lines are made from it when somebody asks. */
export type Source =
  | { of: 'order'; order: StockOrder }
  | { of: 'shipment'; shipment: StockFulfilment }
  | { of: 'return'; refund: StockRefund }
  | { of: 'adjustment'; lines: { item: StockItem; location: string; delta: number; memo: string | null }[] };

export interface Transaction {
  id: number;
  /** As SuiteQL names it. */
  type: string;
  source: Source;
  createdFrom: Transaction | null;
  externalId: string | null;
  createdMs: number;
  changedMs: number;
}

/** What the vendor remembers of an item besides its stock. */
export interface ItemNotes {
  lot?: boolean;
  serial?: boolean;
  bins?: boolean;
  kit?: boolean;
  inactive?: boolean;
}

export function itemNotes(item: StockItem): ItemNotes {
  item.extra ??= {};
  return item.extra as ItemNotes;
}

/** Sold over the counter: a cash sale, which takes the goods off the shelf by itself. */
export const isCashSale = (order: StockOrder): boolean => order.extra?.['till'] === true;

export const ADJUSTMENT_ACCOUNT = '154';
export const SUBSIDIARY = '1';
/** Kept by the integration user; on purpose another one than UTC. */
export const TIME_ZONE = 'America/New_York';

/** Orders have numbers of their own, so that the book can give them; everything else is numbered as it comes. */
const ORDERS_FROM = 500_000;
const OTHERS_FROM = 4_000_000;

/** One company: its book, and every transaction in the order of its last change. */
export class Company {
  readonly book: StockBook;
  readonly account: string;
  readonly locations: { id: string; name: string; active: boolean }[];
  readonly byId = new Map<number, Transaction>();
  readonly byChange = new ChangeLog<Transaction>();
  readonly madeFrom = new Map<number, Transaction[]>();
  readonly byExternalId = new Map<string, Transaction>();
  #next = OTHERS_FROM;

  constructor(readonly options: SandboxOptions) {
    this.account = `TSTDRV${options.name.toUpperCase().replaceAll('-', '').slice(0, 20)}_SB1`;
    this.locations = options.locations.map(({ id, name }) => ({ id, name, active: true }));
    this.book = new StockBook({
      clock: options.clock,
      locations: options.locations.map(({ id }) => id),
      takesAt: 'paid',
      itemId: (seq) => String(500 + seq),
      orderId: (seq) => String(ORDERS_FROM + seq),
    });
  }

  /** The transaction of an order, made when it is first asked for. */
  ofOrder(order: StockOrder): Transaction {
    const known = this.byId.get(Number(order.id));
    if (known) return known;
    const type = isCashSale(order) ? 'CashSale' : 'SalesOrd';
    return this.#enter({
      id: Number(order.id),
      type,
      source: { of: 'order', order },
      createdFrom: null,
      externalId: null,
    });
  }

  make(members: Pick<Transaction, 'type' | 'source'> & Partial<Transaction>): Transaction {
    this.#next += 1;
    return this.#enter({ createdFrom: null, externalId: null, ...members, id: this.#next });
  }

  touch(transaction: Transaction): void {
    transaction.changedMs = this.book.shelves.stamp();
    this.byChange.touch(transaction, transaction.changedMs);
  }

  remove(transaction: Transaction): void {
    this.byId.delete(transaction.id);
    this.byChange.remove(transaction);
  }

  #enter(members: Omit<Transaction, 'createdMs' | 'changedMs'>): Transaction {
    const nowMs = this.book.shelves.stamp();
    const transaction = { ...members, createdMs: nowMs, changedMs: nowMs };
    this.byId.set(transaction.id, transaction);
    this.byChange.touch(transaction, nowMs);
    const { createdFrom, externalId } = transaction;
    if (createdFrom) this.madeFrom.set(createdFrom.id, [...(this.madeFrom.get(createdFrom.id) ?? []), transaction]);
    if (externalId) this.byExternalId.set(externalId, transaction);
    return transaction;
  }
}
