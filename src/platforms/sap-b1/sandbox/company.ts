import type { SandboxOptions } from '../../../platform/sandbox.ts';
import {
  StockBook,
  type StockFulfilment,
  type StockItem,
  type StockLevel,
  type StockOrder,
  type StockRefund,
} from '../../../platform/sandbox-kit/index.ts';
import type { DocSet } from '../documents.ts';

/** What a document is of; its lines are made from it when somebody asks. */
export type Source =
  | { of: 'order'; order: StockOrder }
  | { of: 'delivery'; delivery: StockFulfilment }
  | { of: 'return'; refund: StockRefund };

export interface BusinessDocument {
  set: DocSet;
  entry: number;
  source: Source;
  /** What it was made from. */
  base: BusinessDocument | null;
  createdMs: number;
  changedMs: number;
}

/** A goods issue, goods receipt or inventory posting, as it was sent. */
export interface StockDocument {
  set: 'InventoryGenExits' | 'InventoryGenEntries' | 'InventoryPostings' | 'PurchaseDeliveryNotes' | 'StockTransfers';
  entry: number;
  createdMs: number;
  sent: Record<string, unknown>;
}

/** What the vendor remembers of an item besides its stock. */
export interface ItemNotes {
  managedBy?: 'batch' | 'serial';
  frozen?: boolean;
  kit?: boolean;
}

export function itemNotes(item: StockItem): ItemNotes {
  item.extra ??= {};
  return item.extra as ItemNotes;
}

/** Sold over the counter: an invoice that takes the goods off the shelf by itself. */
export const isCounterSale = (order: StockOrder): boolean => order.extra?.['till'] === true;

/** The server's clock; on purpose another one than UTC. */
export const TIME_ZONE = 'Europe/Berlin';

/** One company: its book and its documents, numbered in each set. */
export class Company {
  readonly book: StockBook;
  readonly account: string;
  readonly warehouses: { code: string; name: string; active: boolean; bins: boolean }[];
  readonly documents = new Map<DocSet, Map<number, BusinessDocument>>();
  readonly stockDocuments: StockDocument[] = [];
  /** Administration > System Initialization > Company Details > Block Negative Inventory. */
  blocksNegative = true;
  readonly #ofOrder = new Map<StockOrder, BusinessDocument>();
  readonly #ofDelivery = new Map<StockOrder, BusinessDocument[]>();
  readonly #stop: () => void;

  constructor(readonly options: SandboxOptions) {
    this.account = `SBO_${options.name.toUpperCase().replaceAll('-', '_')}`;
    this.warehouses = options.locations.map(({ id, name }) => ({ code: id, name, active: true, bins: false }));
    this.book = new StockBook({
      clock: options.clock,
      locations: options.locations.map(({ id }) => id),
      takesAt: 'placed',
    });
    this.#stop = this.book.onChange((event) => {
      if (event.kind === 'order') this.#order(event);
      else if (event.cause === 'edit') this.#counted(event.level);
    });
  }

  close(): void {
    this.#stop();
  }

  of(set: DocSet): Map<number, BusinessDocument> {
    const found = this.documents.get(set) ?? new Map<number, BusinessDocument>();
    this.documents.set(set, found);
    return found;
  }

  /** A document that staff post by hand; the book is told apart. */
  post(set: StockDocument['set'], sent: Record<string, unknown>): StockDocument {
    const entry = this.stockDocuments.filter((one) => one.set === set).length + 1;
    const posted = { set, entry, createdMs: this.options.clock.now(), sent };
    this.stockDocuments.push(posted);
    return posted;
  }

  /** What staff set by hand is an inventory posting. */
  #counted({ item, location, onHand }: StockLevel): void {
    this.post('InventoryPostings', {
      InventoryPostingLines: [{ ItemCode: item.sku, WarehouseCode: location, CountedQuantity: onHand }],
    });
  }

  touch(document: BusinessDocument): void {
    document.changedMs = this.book.shelves.stamp();
  }

  #make(set: DocSet, source: Source, base: BusinessDocument | null): BusinessDocument {
    const nowMs = this.book.shelves.stamp();
    const entry = this.of(set).size + 1;
    const document: BusinessDocument = { set, entry, source, base, createdMs: nowMs, changedMs: nowMs };
    this.of(set).set(entry, document);
    return document;
  }

  #order({
    order,
    cause,
    fulfilments,
    refund,
  }: Extract<Parameters<Parameters<StockBook['onChange']>[0]>[0], { kind: 'order' }>): void {
    if (cause === 'placed') {
      this.#ofOrder.set(order, this.#make(isCounterSale(order) ? 'Invoices' : 'Orders', { of: 'order', order }, null));
      return;
    }
    const own = this.#ofOrder.get(order)!;
    if (cause === 'fulfilled' && !isCounterSale(order)) {
      for (const delivery of fulfilments ?? []) {
        const made = this.#make('DeliveryNotes', { of: 'delivery', delivery }, own);
        this.#ofDelivery.set(order, [...(this.#ofDelivery.get(order) ?? []), made]);
        // Billed by the hour, out of the delivery: it moves nothing.
        this.#make('Invoices', { of: 'delivery', delivery }, made);
      }
      // An order that a delivery draws upon keeps its own change time until it is delivered whole.
      if (order.lines.every((line) => line.parts.every((part) => part.committed === 0))) this.touch(own);
      return;
    }
    if (cause === 'fulfilled') return;
    if (cause === 'refunded' && refund) {
      const base = isCounterSale(order) ? own : (this.#ofDelivery.get(order)?.at(-1) ?? own);
      const isReturn = refund.restock && !isCounterSale(order);
      const made = this.#make(isReturn ? 'Returns' : 'CreditNotes', { of: 'return', refund }, base);
      // The money follows, out of the return: that moves nothing either.
      if (isReturn) this.#make('CreditNotes', { of: 'return', refund }, made);
      return;
    }
    this.touch(own);
  }
}
