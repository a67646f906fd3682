import { NO_LOCATION } from '../../../platform/contract.ts';
import type { SandboxOptions, SeedItem } from '../../../platform/sandbox.ts';
import { ChangeLog, StockBook, type StockOrder, type StockRefund } from '../../../platform/sandbox-kit/index.ts';
import type { SaleEntity } from '../sale-doc.ts';

/** A document in the books. */
export interface Txn {
  id: string;
  entity: SaleEntity;
  order: StockOrder;
  /** Of refund receipts and credit memos. */
  refund?: StockRefund;
  syncToken: number;
  createdMs: number;
  changedMs: number;
  state: 'good' | 'voided' | 'deleted';
}

export interface Adjustment {
  id: string;
  createdMs: number;
  body: Record<string, unknown>;
}

/** Everything the stand-in's parts share: one company, and the app that is connected to it. */
export interface Company {
  options: SandboxOptions;
  realmId: string;
  book: StockBook;
  txns: Map<string, Txn>;
  changed: ChangeLog<Txn>;
  adjustments: Adjustment[];
  /** First answers by requestid. */
  answered: Map<string, { status: number; body: unknown }>;
  hookUrl: string;
  verifierToken: string;
  legacyHooks: boolean;
  /** Made inactive: not listed, not adjustable. */
  inactive: Set<string>;
  hasAdjustments: boolean;
  booksClosed: boolean;
  /** Gone through by the last change: stamps never repeat. */
  nextId: () => string;
}

export const SHRINKAGE = '80';
const FIRST_ITEM = 10;
const FIRST_TXN = 1_000;

export function openCompany(options: SandboxOptions): Company {
  const word = (length: number) =>
    Array.from({ length }, () => Math.floor(options.random() * 36).toString(36)).join('');
  let lastId = FIRST_TXN;
  return {
    options,
    // Sixteen digits, as Intuit's; the same name is the same company.
    realmId: `9130${[...options.name]
      .reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 1e12, 7)
      .toString()
      .padStart(12, '0')}`,
    book: new StockBook({
      clock: options.clock,
      locations: [NO_LOCATION],
      itemId: (seq) => String(FIRST_ITEM + seq),
      orderId: () => String(++lastId),
      takesAt: 'placed',
    }),
    txns: new Map(),
    changed: new ChangeLog(),
    adjustments: [],
    answered: new Map(),
    hookUrl: '',
    verifierToken: word(36),
    legacyHooks: false,
    inactive: new Set(),
    hasAdjustments: true,
    booksClosed: false,
    nextId: () => String(++lastId),
  };
}

export function stockShelves(company: Company, items: SeedItem[]): void {
  const first = company.options.locations[0]?.id ?? NO_LOCATION;
  company.book.seed(
    items.map((item) => ({ ...item, stock: { [NO_LOCATION]: item.stock[first] ?? item.stock[NO_LOCATION] ?? 0 } })),
  );
}

/** Saves a document: new, or changed, with the next version. */
export function save(company: Company, txn: Txn): void {
  txn.changedMs = company.book.shelves.stamp();
  company.txns.set(txn.id, txn);
  company.changed.touch(txn, txn.changedMs);
}

/** As the API prints times: whole seconds, with the zone of Intuit's machines. */
export const stamp = (ms: number): string =>
  new Date(Math.floor(ms / 1000) * 1000 - 8 * 3_600_000).toISOString().replace('.000Z', '-08:00');
