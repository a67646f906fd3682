import type { Facts, Operation } from '../../platform/contract.ts';

export type MagentoOp =
  | 'stocks'
  | 'sources'
  | 'links'
  | 'websites'
  | 'storeViews'
  | 'products'
  | 'salable'
  | 'sourceItems'
  | 'stockItem'
  | 'stockStatus'
  | 'orders'
  | 'order'
  | 'shipments'
  | 'creditMemos'
  | 'probe'
  | 'writeSources'
  | 'writeStockItem';

/** A page of a hundred orders, built in PHP, takes seconds on a small host. */
const READ_MS = 60_000;

const read = (priority: Operation['priority']): Operation => ({
  budgets: ['calls', 'underWay'],
  retry: 'safe',
  timeoutMs: READ_MS,
  priority,
});

/** An absolute number without a guard: sent twice it may bring back what was shipped in between. */
const write: Operation = { budgets: ['calls', 'underWay'], retry: 'never', timeoutMs: 90_000, priority: 'decrease' };

export const facts: Facts<MagentoOp> = {
  id: 'magento',
  name: 'Magento / Adobe Commerce',
  apiVersion: 'V1',
  sources: [
    'github.com/AdobeDocs/commerce-webapi src/openapi/admin-schema-2.4.9.yaml, src/pages/rest/inventory, src/pages/rest/use-rest',
    'github.com/magento/inventory: routes and ACL (webapi.xml), InventoryExportStock/Model/PreciseExportStockProcessor.php, InventorySales/Model/ReturnProcessor/ProcessRefundItems.php, SourceItem validators',
    'recorded traffic and Swagger of Magento Open Source 2.4.7-p3, November 2026',
  ],
  roles: ['sells'],
  trigger:
    'an order by updated_at, in any state but canceled (a placed order already reserves); its rows by qty_ordered, qty_canceled, qty_shipped, qty_refunded; shipments and credit memos by updated_at besides',
  writeCall:
    'POST /rest/all/V1/inventory/source-items with {sourceItems: [{sku, source_code, quantity, status}]}, quantity = source quantity + (wanted − salable); without MSI PUT /rest/all/V1/products/{sku}/stockItems/{itemId}',
  hooks: {
    kind: 'webhook',
    signature:
      "X-Onhand-Signature: hex HMAC-SHA256 of the raw body with the channel's secret, made by the module in extension/ (Magento Open Source has no webhooks of its own); no time is signed, and an event only names what to fetch",
    retries: 'never; the shop must not wait for us, and what is lost is found by polling',
    silentAfterMs: 3_600_000,
  },
  operations: {
    stocks: read('audit'),
    sources: read('audit'),
    links: read('audit'),
    websites: read('audit'),
    storeViews: read('audit'),
    products: read('audit'),
    salable: read('fetch'),
    sourceItems: read('fetch'),
    stockItem: read('fetch'),
    stockStatus: read('fetch'),
    orders: read('fetch'),
    order: read('fetch'),
    shipments: read('fetch'),
    creditMemos: read('fetch'),
    probe: read('audit'),
    writeSources: write,
    writeStockItem: write,
  },
  budgets: {
    // Magento itself has no limit on these routes; its host has. A call starts the whole of PHP: 60 to 75 ms measured.
    calls: { kind: 'tokens', perSecond: 8, burst: 16 },
    underWay: { kind: 'in-flight', max: 4 },
  },
  push: {
    mode: 'blind',
    readFirst: true,
    // No limit as it comes; where "input limiting" is on, 20 rows: then a batch is halved until it fits.
    batchMax: 100,
    visibleAfterMs: 0,
    // 6 orders at once on a salable quantity of 1: one was accepted (2.4.7-p3). Check and reservation are two statements.
    refusesBelowZero: 'racy',
    decimals: 0,
    min: 0,
    // decimal(12,4)
    max: 99_999_999,
  },
  read: { batchMax: 50 },
  feeds: {
    // updated_at has whole seconds and is the moment of the statement; placing an order commits it some seconds later.
    orders: { everyMs: 60_000, everyMsAlone: 15_000, lagMs: 30_000, tells: 'orders' },
  },
  revision: 'time',
  lowersItself: 'created',
  setup: {
    who: 'An administrator of the Magento back office; whoever deploys the shop for the module',
    minutes: 20,
    waitDays: 0,
    accounts: ['the Magento back office itself'],
  },
  evidence: {
    rung: 'server',
    why: 'The connector was run against Magento Open Source 2.4.7-p3 (PHP 8.2, MariaDB 10.11; the search engine stubbed), signing by OAuth 1.0a as an integration with the resources of the README, with the module of extension/ installed: 58 comparisons of check, catalogue, reads, writes (rise, fall, under reservations, partly refused batches, without MSI), the feed, guest orders through partial shipment, invoice, refund and cancelling, refused keys, and the messages that the module signed and sent. One website, one source and simple products only; other versions, Mage-OS and Adobe Commerce were not run.',
    checkedAt: '2026-11-24',
  },
  notSupported: [
    'Magento 1, and Magento 2 before 2.3',
    'Adobe Commerce as a Cloud Service (other host, IMS tokens), Adobe I/O Events and Adobe Commerce Webhooks',
    'Telling the sources of one stock apart: shoppers see their sum, so Onhand keeps the sum and writes to the fullest',
    'A source that several stocks share: only the first of them is written',
    'Whether a refund of shipped units went back on the shelf: Magento does not say, the rule of the channel decides',
    'Backorders: Onhand never tells a product to sell below zero',
    'Purchase orders: Magento Open Source has none',
  ],
};
