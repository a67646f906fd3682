import type { Sandbox, SandboxOptions } from '../../platform/sandbox.ts';
import { shopperOf } from '../../platform/sandbox-kit/index.ts';
import { BUSY, UNAVAILABLE } from './sandbox/answers.ts';
import { Company, type ItemNotes, itemNotes, TIME_ZONE } from './sandbox/company.ts';
import { Endpoint } from './sandbox/endpoint.ts';
import { Sessions } from './sandbox/sessions.ts';

/** What the company's staff can do beyond what every sandbox's shopper does; for tests of this platform. */
export interface SapSandbox extends Sandbox {
  sessions: Sessions;
  refusedCalls(): number;
  staff: {
    /** Managed by batches or serial numbers, frozen, a sales bill of materials. */
    mark(sku: string, notes: ItemNotes): void;
    closeWarehouse(code: string): void;
    useBins(code: string): void;
    allowNegative(): void;
    /** Received from a vendor, or moved from one warehouse to another. */
    receive(sku: string, code: string, units: number): void;
    transfer(sku: string, from: string, to: string, units: number): void;
    /** Every session is gone. */
    restart(): void;
  };
}

/**
 * One company in SAP Business One: web orders that are refused when there is nothing left, invoices over the counter,
 * deliveries, returns and credit memos as documents of their own, sessions that end, six workers.
 */
export function sapSandbox(options: SandboxOptions): SapSandbox {
  const company = new Company(options);
  const sessions = new Sessions(options, company.account);
  const endpoint = new Endpoint(company, sessions);
  const { book } = company;
  const level = (sku: string, code: string) => book.shelves.level(book.shelves.item(sku)!, code)!;
  const warehouse = (code: string) => company.warehouses.find((one) => one.code === code)!;
  return {
    platform: 'sap-b1',
    account: company.account,
    config: ({ api }) => ({
      account: company.account,
      url: api,
      userName: sessions.userName,
      password: sessions.password,
      timeZone: TIME_ZONE,
    }),
    async handle(request) {
      const answer = await endpoint.handle(request);
      return { ...answer, headers: { ...answer.headers, date: new Date(options.clock.now()).toUTCString() } };
    },
    fault: (kind) => (kind === 'throttled' ? BUSY : UNAVAILABLE),
    seed(items) {
      book.seed(items);
    },
    shopper: shopperOf(book, {
      online: { policy: 'refuse' },
      till: { policy: 'below-zero' },
      extra: ({ location, paid }) => ({ till: location !== null && paid }),
    }),
    book: () => book.book(),
    shown: () => book.shown(),
    oversold: () => book.oversold(),
    quiet: () => true,
    close: () => company.close(),
    sessions,
    refusedCalls: () => endpoint.limiter.refused,
    staff: {
      mark: (sku, notes) => void Object.assign(itemNotes(book.shelves.item(sku)!), notes),
      closeWarehouse: (code) => {
        warehouse(code).active = false;
      },
      useBins: (code) => {
        warehouse(code).bins = true;
      },
      allowNegative: () => {
        company.blocksNegative = false;
      },
      receive(sku, code, units) {
        book.write(level(sku, code), { delta: units });
        const line = { LineNum: 0, ItemCode: sku, WarehouseCode: code, Quantity: units };
        company.post('PurchaseDeliveryNotes', { DocumentLines: [line] });
      },
      transfer(sku, from, to, units) {
        book.write(level(sku, from), { delta: -units });
        book.write(level(sku, to), { delta: units });
        const line = { LineNum: 0, ItemCode: sku, FromWarehouseCode: from, WarehouseCode: to, Quantity: units };
        company.post('StockTransfers', { StockTransferLines: [line] });
      },
      restart: () => sessions.end(),
    },
  };
}
