import { NO_LOCATION } from '../../../platform/contract.ts';
import type { Shopper } from '../../../platform/sandbox.ts';
import { goneOf, type StockOrder } from '../../../platform/sandbox-kit/index.ts';
import { type Company, save, type Txn } from './company.ts';
import type { HookQueue } from './events.ts';

/**
 * What people do in QuickBooks: a paid sale is a sales receipt, an unpaid one an invoice. Saving takes the goods at once,
 * below zero if it must; nothing is shipped or cancelled, but voided, deleted and refunded by documents of their own.
 */
export class Clerk implements Shopper {
  constructor(
    private readonly company: Company,
    private readonly hooks: HookQueue,
  ) {}

  buy: Shopper['buy'] = ({ lines, location, paid = true }) => {
    if (location !== null && location !== NO_LOCATION) return { ok: false, why: 'the company has no places' };
    const { book } = this.company;
    const wanted = [];
    for (const { sku, quantity } of lines) {
      const item = book.shelves.item(sku);
      if (!item) return { ok: false, why: `there is no item ${sku}` };
      wanted.push({ item, quantity });
    }
    const placed = book.place({ lines: wanted, location: null, sell: { policy: 'below-zero' }, paid });
    if (!placed.ok) return placed;
    book.fulfil(placed.order);
    this.enter(paid ? 'SalesReceipt' : 'Invoice', placed.order.id, placed.order);
    return { ok: true, order: placed.order.id };
  };

  pay = (id: string): boolean => {
    const txn = this.good(id);
    if (!txn || !this.company.book.pay(txn.order)) return false;
    this.change(txn, 'updated');
    return true;
  };

  /** Voids it: the lines stay, their quantities are 0. */
  cancel = (id: string): boolean => this.undo(id, 'voided');

  remove = (id: string): boolean => this.undo(id, 'deleted');

  fulfil = (): boolean => false;

  refund: Shopper['refund'] = (id, { sku, quantity }, restock) => {
    const txn = this.good(id);
    const line = txn?.order.lines.find((one) => one.item.sku === sku && goneOf(one) >= quantity);
    if (!txn || !line || !this.company.book.refund(txn.order, [{ line, quantity }], { restock })) return false;
    const memo = txn.entity === 'Invoice' ? 'CreditMemo' : 'RefundReceipt';
    this.enter(memo, this.company.nextId(), txn.order, txn.order.refunds.at(-1));
    return true;
  };

  edit: Shopper['edit'] = (sku, _location, available) => {
    const item = this.company.book.shelves.item(sku);
    const level = item && this.company.book.shelves.level(item, NO_LOCATION);
    if (!level) return false;
    this.company.book.edit(level, available);
    return true;
  };

  private good(id: string): Txn | undefined {
    const txn = this.company.txns.get(id);
    return txn?.state === 'good' && !txn.refund ? txn : undefined;
  }

  private undo(id: string, state: 'voided' | 'deleted'): boolean {
    const txn = this.good(id);
    if (!txn || txn.order.refunds.length > 0) return false;
    const units = txn.order.lines.map((line) => ({ line, quantity: goneOf(line) }));
    this.company.book.refund(txn.order, units, { restock: true });
    txn.state = state;
    this.change(txn, state);
    return true;
  }

  private enter(entity: Txn['entity'], id: string, order: StockOrder, refund?: Txn['refund']): void {
    const nowMs = this.company.book.shelves.stamp();
    const txn: Txn = { id, entity, order, refund, syncToken: 0, createdMs: nowMs, changedMs: nowMs, state: 'good' };
    save(this.company, txn);
    this.hooks.tell(entity, id, 'created');
  }

  private change(txn: Txn, verb: 'updated' | 'voided' | 'deleted'): void {
    txn.syncToken += 1;
    save(this.company, txn);
    this.hooks.tell(txn.entity, txn.id, verb);
  }
}
