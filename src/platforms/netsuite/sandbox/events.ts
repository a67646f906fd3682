import { quantity } from '../../../domain/quantity.ts';
import { availableOf, HookSender, type StockEvent, type StockItem } from '../../../platform/sandbox-kit/index.ts';
import { hmac } from '../../../platform/signature.ts';
import { SIGNATURE_HEADER, TIMESTAMP_HEADER } from '../webhook.ts';
import { type Company, isCashSale, type Transaction } from './company.ts';

const QUARTER_MS = 15 * 60_000;

/** The names that `N/record` has for what SuiteQL calls by another. */
const RECORD_TYPES: Record<string, string> = {
  SalesOrd: 'salesorder',
  ItemShip: 'itemfulfillment',
  CashSale: 'cashsale',
  RtnAuth: 'returnauthorization',
  ItemRcpt: 'itemreceipt',
  CashRfnd: 'cashrefund',
  InvAdjst: 'inventoryadjustment',
};

/**
 * Turns what happens in the book into transactions, and tells of them as our own scripts would: sent at once, a second time
 * when that fails, then every quarter of an hour; signed anew each time.
 */
export class Events {
  readonly sender: HookSender;
  /** Where the script was told to send to; nothing is sent before that. */
  hookUrl: string | undefined;
  secret = 'netsuite-api-secret-of-the-stand-in';
  readonly #company: Company;
  readonly #stop: () => void;

  constructor(company: Company) {
    this.#company = company;
    const { clock, random, factor, deliver } = company.options;
    this.sender = new HookSender({
      clock,
      random,
      factor,
      deliver,
      plan: {
        delayMs: (chance) => 150 + chance() * 400,
        retriesMs: [500, ...Array.from({ length: 20 }, () => QUARTER_MS)],
        bodyFrom: 'attempt',
        coalesce: false,
        offAfter: null,
      },
    });
    this.#stop = company.book.onChange((event) => {
      if (event.kind === 'order') this.#order(event);
      else if (event.cause === 'edit') this.#edit(event);
    });
  }

  close(): void {
    this.#stop();
    this.sender.close();
  }

  #order({ order, cause, fulfilments, refund }: Extract<StockEvent, { kind: 'order' }>): void {
    const company = this.#company;
    const own = company.ofOrder(order);
    company.touch(own);
    if (cause === 'fulfilled' && !isCashSale(order))
      for (const shipment of fulfilments ?? [])
        this.tell(company.make({ type: 'ItemShip', source: { of: 'shipment', shipment }, createdFrom: own }), 'create');
    else if (cause === 'refunded' && refund) {
      const source = { of: 'return' as const, refund };
      if (isCashSale(order)) this.tell(company.make({ type: 'CashRfnd', source, createdFrom: own }), 'create');
      else {
        const empty = { of: 'adjustment' as const, lines: [] };
        const authorization = company.make({ type: 'RtnAuth', source: empty, createdFrom: own });
        this.tell(authorization, 'create');
        this.tell(company.make({ type: 'ItemRcpt', source, createdFrom: authorization }), 'create');
      }
    } else if (cause !== 'fulfilled')
      this.tell(
        own,
        cause === 'placed' ? 'create' : cause === 'cancelled' ? 'cancel' : cause === 'paid' ? 'approve' : 'edit',
      );
  }

  /** What staff type is an adjustment as well. */
  #edit({ level, before }: Extract<StockEvent, { kind: 'level' }>): void {
    const delta = quantity(availableOf(level) - before);
    const lines = [{ item: level.item, location: level.location, delta, memo: null }];
    this.tell(this.#company.make({ type: 'InvAdjst', source: { of: 'adjustment', lines } }), 'create');
  }

  /** What the user event sends: which record it was, and of what moves stock without a customer, which items. */
  tell(transaction: Transaction, eventType: string): void {
    const { id, type, createdFrom, source } = transaction;
    const url = this.hookUrl;
    if (!url) return;
    const { clock } = this.#company.options;
    const recordType = RECORD_TYPES[type]!;
    const eventId = `${recordType}:${id}:${eventType}:${Math.floor(transaction.changedMs)}`;
    const items: StockItem[] = source.of === 'adjustment' ? source.lines.map(({ item }) => item) : [];
    const body = JSON.stringify({
      eventId,
      account: this.#company.account,
      recordType,
      recordId: id,
      eventType,
      createdFrom: createdFrom?.id ?? null,
      createdFromType: createdFrom ? RECORD_TYPES[createdFrom.type] : null,
      items: items.map((item) => Number(item.id)),
    });
    this.sender.send({
      subscription: 'script',
      key: eventId,
      build: () => {
        const timestamp = String(Math.floor(clock.now() / 1000));
        return {
          method: 'POST',
          url,
          headers: {
            'content-type': 'application/json',
            'x-onhand-event': eventId,
            [TIMESTAMP_HEADER]: timestamp,
            [SIGNATURE_HEADER]: `sha256=${hmac('sha256', this.secret, [`${timestamp}.`, body], 'hex')}`,
          },
          body,
        };
      },
    });
  }
}
