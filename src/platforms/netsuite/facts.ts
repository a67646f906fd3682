import type { Facts, Operation } from '../../platform/contract.ts';

export type NetsuiteOp =
  | 'token'
  | 'probe'
  | 'locations'
  | 'items'
  | 'levels'
  | 'readLevels'
  | 'restletLevels'
  | 'feed'
  | 'document'
  | 'findAdjustment'
  | 'adjust';

const read = (priority: Operation['priority']): Operation => ({
  budgets: ['underWay'],
  retry: 'safe',
  timeoutMs: 60_000,
  priority,
});

export const facts: Facts<NetsuiteOp> = {
  id: 'netsuite',
  name: 'Oracle NetSuite',
  apiVersion: 'SuiteTalk REST record v1, SuiteQL v1, SuiteScript 2.1',
  sources: [
    'docs.oracle.com NetSuite help: chapter_161251386312 and subsect_1559222360 (REST), section_1512409310 (when user events run), section_4407992281 (afterSubmit), subsect_164494900632 (idempotency key), article_0625010817 (governance limits)',
    'github.com/oracle-samples/netsuite-suitecloud-samples: SuiteQL on transaction, transactionline and aggregateItemLocation',
    'github.com/wsjmnh/netsuite-record-rest-docs: fields of inventoryAdjustment and salesOrder (2026.1)',
    'npm @hitc/netsuite-types 2026.2.2: N/crypto, N/https, N/record, N/search; npm netsuite-rest 1.0.9: OAuth 1.0a header, Prefer: transient',
    'docs.jitterbit.com: concurrency of 5 (shared tier) or 15 and more, shared by SOAP, REST and RESTlets',
  ],
  roles: ['sells', 'keeps'],
  trigger:
    'SuiteScript user event afterSubmit on sales order, item fulfilment, cash sale, invoice, item receipt, credit memo and cash refund (a sales order only commits; on hand falls with the shipped fulfilment, the cash sale or the invoice of its own)',
  writeCall: 'POST /services/rest/record/v1/inventoryAdjustment, one line per item and location with adjustQtyBy',
  hooks: {
    kind: 'webhook',
    signature:
      'x-onhand-signature: sha256= and the hex HMAC-SHA256 of x-onhand-timestamp, a full stop and the raw body, made by the script with an API secret; five minutes',
    retries:
      'once at once, then every quarter of an hour out of a custom record; other user events and workflows raise none',
    silentAfterMs: 3_600_000,
    perApp: true,
  },
  operations: {
    token: read('fetch'),
    probe: read('audit'),
    locations: read('audit'),
    items: read('audit'),
    levels: read('audit'),
    readLevels: read('fetch'),
    restletLevels: read('fetch'),
    feed: read('fetch'),
    document: read('fetch'),
    findAdjustment: read('fetch'),
    // Relative: sent twice it counts twice, but for its external ID. Saving runs the customer's own scripts.
    adjust: { budgets: ['underWay'], retry: 'never', timeoutMs: 120_000, priority: 'decrease' },
  },
  budgets: {
    // The account has five at least, shared by everything that calls it.
    underWay: { kind: 'in-flight', max: 2 },
  },
  push: {
    mode: 'delta',
    readFirst: false,
    batchMax: 100,
    // A save cut off by us may still be running; asked for too early, it is not found and sent twice.
    visibleAfterMs: 15_000,
    // Sales orders are taken beyond stock and back-ordered; cash sales go below zero.
    refusesBelowZero: 'no',
    decimals: 5,
    min: 0,
    max: 1_000_000_000,
  },
  read: { batchMax: 100 },
  feeds: {
    // Stamped when a save begins, to be seen when it has ended.
    orders: { everyMs: 120_000, everyMsAlone: 30_000, lagMs: 60_000, tells: 'orders' },
  },
  revision: 'time',
  lowersItself: 'created',
  setup: {
    who: 'A NetSuite administrator',
    minutes: 60,
    waitDays: 0,
    accounts: ['the NetSuite account itself (REST web services, SuiteQL and server SuiteScript switched on)'],
  },
  evidence: {
    rung: 'client',
    why: 'npm netsuite-rest queries and writes to the stand-in over a socket with its own OAuth 1.0a; the scripts run against a fake of the N modules that is checked by @hitc/netsuite-types. NetSuite publishes no schema file outside an account, and nothing here was run against a real one.',
    checkedAt: '2026-11-24',
  },
  notSupported: [
    'Items with lot or serial numbers, or with bins: listed with that reason, never written (an adjustment would have to name each number or bin)',
    'Kits have no stock of their own: listed, to be mapped to their members',
    'Accounts without Multi-Location Inventory: every level and every line is read by its location',
    'Several subsidiaries on one channel: one adjustment belongs to one subsidiary',
    'Lines in other units than the stock unit of the item',
    'inventoryCount: it cannot be approved through REST',
    'SuiteTalk SOAP: its last version is 2025.2, it ends with 2028.2',
  ],
};
