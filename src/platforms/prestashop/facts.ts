import type { Facts, Operation } from '../../platform/contract.ts';

export type PrestaOp =
  | 'shops'
  | 'products'
  | 'combinations'
  | 'stock'
  | 'orders'
  | 'order'
  | 'details'
  | 'histories'
  | 'states'
  | 'slips'
  | 'configurations'
  | 'probe'
  | 'freshStock'
  | 'writeStock';

/** The webservice starts the whole shop for every call; a full page of orders takes seconds. */
const READ_MS = 60_000;

const read = (priority: Operation['priority']): Operation => ({
  budgets: ['calls', 'underWay'],
  retry: 'safe',
  timeoutMs: READ_MS,
  priority,
});

/** An absolute number without a guard: sent twice it may bring back what was sold in between. */
const write: Operation = { budgets: ['calls', 'underWay'], retry: 'never', timeoutMs: 60_000, priority: 'decrease' };

export const facts: Facts<PrestaOp> = {
  id: 'prestashop',
  name: 'PrestaShop',
  apiVersion: 'webservice',
  sources: [
    'github.com/PrestaShop/docs webservice/{getting-started,cheat-sheet}.md, webservice/resources, webservice/tutorials',
    'github.com/PrestaShop/PrestaShop classes/webservice/WebserviceRequest.php: saving, errors, filters, shops; classes/order/OrderHistory.php and classes/stock/StockAvailable.php: when stock moves',
    'recorded traffic of the webservice of PrestaShop 1.7.7.4, November 2026',
  ],
  roles: ['sells'],
  trigger:
    'an order by date_upd, in any state but Canceled and Payment error (stock is taken when the order is made); its lines by order_details: product_quantity less product_quantity_reinjected; order_slip besides',
  writeCall: 'PUT /api/stock_availables/{id} with the whole element as it was read just before, quantity changed',
  hooks: {
    kind: 'webhook',
    signature:
      "X-Onhand-Signature: hex HMAC-SHA256 of the raw body with the channel's secret, made by the module in extension/ (PrestaShop has no webhooks of its own); no time is signed, and an event only names what to fetch",
    retries: 'never; the shop must not wait for us, and what is lost is found by polling',
    silentAfterMs: 3_600_000,
  },
  operations: {
    shops: read('audit'),
    products: read('audit'),
    combinations: read('audit'),
    stock: read('fetch'),
    orders: read('fetch'),
    order: read('fetch'),
    details: read('fetch'),
    histories: read('fetch'),
    states: read('fetch'),
    slips: read('fetch'),
    configurations: read('audit'),
    probe: read('audit'),
    freshStock: read('fetch'),
    writeStock: write,
  },
  budgets: {
    // PrestaShop has no limit; its host has. A write took 140 ms on an idle machine.
    calls: { kind: 'tokens', perSecond: 6, burst: 12 },
    underWay: { kind: 'in-flight', max: 3 },
  },
  push: {
    mode: 'blind',
    readFirst: true,
    // One record per call; what a call has in common is the reading just before.
    batchMax: 20,
    visibleAfterMs: 0,
    // Looks at stock, then lowers it: nothing holds the row in between.
    refusesBelowZero: 'racy',
    decimals: 0,
    min: 0,
    max: 1_000_000_000,
  },
  read: { batchMax: 50 },
  feeds: {
    // date_upd is PHP's time when the object is saved; details and stock follow within the same request.
    orders: { everyMs: 60_000, everyMsAlone: 15_000, lagMs: 30_000, tells: 'orders' },
  },
  revision: 'time',
  lowersItself: 'created',
  setup: {
    who: 'An administrator of the PrestaShop back office',
    minutes: 15,
    waitDays: 0,
    accounts: ['the PrestaShop back office itself'],
  },
  evidence: {
    rung: 'contract',
    why: 'Every recorded answer of the webservice of PrestaShop 1.7.7.4 is read right, the stand-in answers in the recorded shapes, and every element written keeps the formats and required members of its recorded schema. There is no kept client library to hold the stand-in against; the connector was not run against a live shop, 8 and 9 were not recorded, and the module was linted and its signing checked, not installed.',
    checkedAt: '2026-11-24',
  },
  notSupported: [
    'PrestaShop below 1.7, and the Admin API of 9 (it has neither orders nor a way to write stock yet)',
    'Advanced stock management (depends_on_stock): its numbers are computed and cannot be written',
    'Packs that take their contents off stock: their own number means nothing, map them to a bundle',
    'Shipping an order in parts: PrestaShop keeps one state per order',
    'Back orders: Onhand never tells a product to sell below zero',
    'Purchase orders: supply orders were removed from PrestaShop',
  ],
};
