import type { Sandbox, SandboxOptions } from '../../platform/sandbox.ts';
import { shopperOf } from '../../platform/sandbox-kit/index.ts';
import { Access } from './sandbox/access.ts';
import { THROTTLED, UNAVAILABLE } from './sandbox/answers.ts';
import { ADJUSTMENT_ACCOUNT, Company, type ItemNotes, itemNotes, SUBSIDIARY, TIME_ZONE } from './sandbox/company.ts';
import { Endpoint } from './sandbox/endpoint.ts';
import { Events } from './sandbox/events.ts';

/** What the company's staff can do beyond what every sandbox's shopper does; for tests of this platform. */
export interface NetsuiteSandbox extends Sandbox {
  access: Access;
  refusedCalls(): number;
  staff: {
    /** Lot numbered, serialized, in bins, a kit, inactive. */
    mark(sku: string, notes: ItemNotes): void;
    closeLocation(location: string): void;
    deleteOrder(order: string): void;
    hideTable(name: string): void;
  };
}

/**
 * One NetSuite account with our scripts in it: web orders that are refused when the shelf is empty, cash sales that go
 * below zero, shipments and returns as transactions of their own, a save for every call and five of them at once.
 */
export function netsuiteSandbox(options: SandboxOptions): NetsuiteSandbox {
  const company = new Company(options);
  const access = new Access(options, company.account);
  const events = new Events(company);
  const endpoint = new Endpoint(company, access, (made) => events.tell(made, 'create'));
  const { book } = company;
  return {
    platform: 'netsuite',
    account: company.account,
    config: ({ api, hook }) => {
      events.hookUrl = hook;
      return {
        account: company.account,
        clientId: access.clientId,
        certificateId: access.certificateId,
        privateKey: access.privateKey,
        webhookSecret: events.secret,
        adjustmentAccount: ADJUSTMENT_ACCOUNT,
        subsidiary: SUBSIDIARY,
        timeZone: TIME_ZONE,
        apiUrl: api,
      };
    },
    async handle(request) {
      const answer = await endpoint.handle(request);
      return { ...answer, headers: { ...answer.headers, date: new Date(options.clock.now()).toUTCString() } };
    },
    fault: (kind) => (kind === 'throttled' ? THROTTLED : UNAVAILABLE),
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
    quiet: () => events.sender.quiet(),
    close: () => events.close(),
    access,
    refusedCalls: () => endpoint.limiter.refused,
    staff: {
      mark: (sku, notes) => void Object.assign(itemNotes(book.shelves.item(sku)!), notes),
      closeLocation(location) {
        for (const place of company.locations) if (place.id === location) place.active = false;
      },
      deleteOrder(order) {
        const own = company.ofOrder(book.order(order)!);
        company.remove(own);
        events.tell(own, 'delete');
      },
      hideTable(name) {
        endpoint.hiddenTable = name;
      },
    },
  };
}
