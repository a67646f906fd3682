import { quantity } from '../../domain/quantity.ts';
import type { Sandbox, SandboxOptions, Shopper } from '../../platform/sandbox.ts';
import { RateLimiter, type StockLevel, shopperOf } from '../../platform/sandbox-kit/index.ts';
import { Endpoint, page } from './sandbox/endpoint.ts';
import { Inventory } from './sandbox/inventory.ts';
import { Methods } from './sandbox/methods.ts';
import { isTill, type Office, openOffice } from './sandbox/office.ts';
import { Rules } from './sandbox/rules.ts';
import { Tables } from './sandbox/tables.ts';

/** What a few workers get through; Odoo itself has no limit, its host has. */
const HOST = { kind: 'bucket', size: 60, perSecond: 20 } as const;

export interface OdooSandbox extends Sandbox {
  /** What people in the office can do besides selling. */
  staff: {
    revokeKey(): void;
    /** Puts units of what is there on a shelf of its own, or gives them a lot. */
    setApart(sku: string, warehouse: string, kind: 'shelf' | 'lot', units: number): void;
    trackByLot(sku: string): void;
    /** Somebody moves goods after the next count was written down and before it is applied. */
    interrupt(work: () => void): void;
    archiveRules(): void;
    rules(): { model: string; url: string; active: boolean }[];
    labelOrder(order: string, members: { client_order_ref?: string; source_id?: [number, string] }): void;
  };
}

/** One Odoo 19 database with Sales, Inventory and Point of Sale. */
export function odooSandbox(options: SandboxOptions): OdooSandbox {
  const office = openOffice(options);
  const tables = new Tables(office);
  const rules = new Rules(office, tables);
  const inventory = new Inventory(office, tables);
  const endpoint = new Endpoint(office, new Methods(office, tables, inventory, rules));
  const limiter = new RateLimiter({
    clock: options.clock,
    factor: options.factor,
    unlimited: options.unlimited,
    limits: { host: HOST },
  });
  const { book } = office;
  const busy = (seconds: number) => page(429, 'Too Many Requests', { 'retry-after': String(seconds) });
  return {
    platform: 'odoo',
    account: `${options.name}.example`,
    config: ({ api }) => ({
      account: `${options.name}.example`,
      url: api,
      database: office.database,
      apiKey: office.apiKey,
      login: office.login,
      pointOfSale: true,
      // A world that has to come to rest shows 0 where nothing is left.
      hideOversold: true,
    }),
    handle: async (request) => {
      const taken = limiter.take('host');
      return taken.ok ? endpoint.handle(request) : busy(Math.ceil(taken.retryAfterMs / 1_000));
    },
    fault: (kind) => (kind === 'throttled' ? busy(1) : page(503, 'Service Temporarily Unavailable')),
    seed: (items) => void book.seed(items),
    shopper: shopperIn(office),
    book: () => book.book(),
    shown: () => book.shown(),
    oversold: () => book.oversold(),
    quiet: () => rules.quiet(),
    close: () => rules.close(),
    staff: staffOf(office, tables),
  };
}

/** Odoo confirms what it does not have. A till is always paid, and what comes back to it goes on the shelf. */
function shopperIn(office: Office): Shopper {
  const { book } = office;
  const shopper = shopperOf(book, { online: { policy: 'below-zero' }, till: { policy: 'below-zero' } });
  return {
    ...shopper,
    buy: (order) => shopper.buy(order.location === null ? order : { ...order, paid: true }),
    refund: (id, line, restock) => {
      const order = book.order(id);
      return order !== undefined && (restock || !isTill(order)) && shopper.refund(id, line, restock);
    },
  };
}

function staffOf(office: Office, tables: Tables): OdooSandbox['staff'] {
  const { book } = office;
  const levelOf = (sku: string, place: string): StockLevel => book.shelves.level(book.shelves.item(sku)!, place)!;
  return {
    revokeKey: () => {
      office.revoked = true;
    },
    setApart: (sku, warehouse, kind, units) => {
      const level = levelOf(sku, warehouse);
      const apart = office.shelved.get(level) ?? { shelf: 0, lot: 0 };
      office.shelved.set(level, { ...apart, [kind]: quantity(apart[kind] + units) });
    },
    trackByLot: (sku) => {
      const item = book.shelves.item(sku)!;
      item.extra = { ...item.extra, tracking: 'lot' };
    },
    interrupt: (work) => {
      office.between = work;
    },
    archiveRules: () => {
      for (const rule of office.automations.values()) rule.active = false;
    },
    rules: () =>
      tables.search('ir.actions.server', [], {}).map((action) => ({
        model: String(action['model_name']),
        url: String(action['webhook_url']),
        active: office.automations.get(Number((action['base_automation_id'] as unknown[])[0]))?.active ?? false,
      })),
    labelOrder: (id, members) => {
      const order = book.order(id)!;
      order.extra = { ...order.extra, ...members };
      book.touch(order);
    },
  };
}
