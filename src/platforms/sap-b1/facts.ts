import type { Facts, Operation } from '../../platform/contract.ts';

export type SapOp =
  | 'login'
  | 'warehouses'
  | 'items'
  | 'levels'
  | 'readLevels'
  | 'feed'
  | 'stockFeed'
  | 'document'
  | 'findDocument'
  | 'issue'
  | 'receipt'
  | 'posting';

const read = (priority: Operation['priority']): Operation => ({
  budgets: ['underWay'],
  retry: 'safe',
  timeoutMs: 60_000,
  priority,
});

/** A document is made each time: sent twice it counts twice. */
const write = (priority: Operation['priority']): Operation => ({
  budgets: ['underWay'],
  retry: 'never',
  timeoutMs: 120_000,
  priority,
});

export const facts: Facts<SapOp> = {
  id: 'sap-b1',
  name: 'SAP Business One',
  apiVersion: 'Service Layer /b1s/v2 (OData V4)',
  sources: [
    'github.com/SAP-archive/SAP-Business-One-Service-Layer-SDK metadata.xml: SAP’s own $metadata, with the database column and a Writable flag of every property',
    'github.com/ballerina-platform/module-ballerinax-sap.businessone docs/spec (2026): OpenAPI generated from a newer $metadata',
    'help.sap.com "Working with SAP Business One Service Layer": Login, 30 minutes, Prefer: odata.maxpagesize, $batch, ETag',
    'github.com/bgmulinari/B1SLayer tests: framing of $batch answers, error shapes of V3 and V4',
    'public integrations on GitHub: UpdateDate gt or (UpdateDate eq and UpdateTime ge) in $filter',
  ],
  roles: ['sells', 'keeps'],
  trigger:
    'A/R invoice (13) not based on a delivery, delivery (15); sales order (17) and reserve invoice promise; return (16) and credit memo (14) bring back; found by change date and time',
  writeCall:
    'POST /b1s/v2/InventoryGenExits (goods issue) and /InventoryGenEntries (goods receipt) with lines of item, warehouse and quantity; POST /b1s/v2/InventoryPostings for counts',
  hooks: {
    kind: 'none',
    signature: null,
    retries: 'none: EventSubscriptions exist from release 10.0 FP 2601 on, and what they send is published nowhere',
    silentAfterMs: 3_600_000,
  },
  operations: {
    login: { budgets: ['logins'], retry: 'safe', timeoutMs: 30_000, priority: 'fetch' },
    warehouses: read('audit'),
    items: read('audit'),
    levels: read('audit'),
    readLevels: read('fetch'),
    feed: read('fetch'),
    stockFeed: read('audit'),
    document: read('fetch'),
    findDocument: read('fetch'),
    issue: write('decrease'),
    receipt: write('increase'),
    posting: write('increase'),
  },
  budgets: {
    // SAP publishes no limit: worker processes, licences and the database set it.
    underWay: { kind: 'in-flight', max: 3 },
    logins: { kind: 'tokens', perSecond: 0.2, burst: 3 },
  },
  push: {
    mode: 'delta',
    readFirst: false,
    batchMax: 100,
    // A document cut off by us may still be being posted; asked for too early, it is not found and posted twice.
    visibleAfterMs: 15_000,
    // Sales orders are taken beyond stock; only issues below zero are refused, where the company says so.
    refusesBelowZero: 'no',
    decimals: 5,
    min: 0,
    max: 1_000_000_000,
  },
  read: { batchMax: 50 },
  feeds: {
    // Stamped in whole seconds when it is saved, to be seen when the save has ended.
    orders: { everyMs: 30_000, everyMsAlone: 30_000, lagMs: 30_000, tells: 'orders' },
    stock: { everyMs: 120_000, everyMsAlone: 120_000, lagMs: 30_000, tells: 'levels' },
  },
  revision: 'time',
  lowersItself: 'created',
  setup: {
    who: 'The SAP partner or whoever runs the Service Layer, and a superuser of the company',
    minutes: 45,
    waitDays: 1,
    accounts: ['the company in SAP Business One, with an indirect-access or professional licence for the user'],
  },
  evidence: {
    rung: 'contract',
    why: 'Every request, document written and document read is held against the OpenAPI of the 2026 metadata and the Writable flags of SAP’s own. No SDK in JavaScript exists, and it was never run against a real Service Layer.',
    checkedAt: '2026-11-24',
  },
  notSupported: [
    'Items managed by batches or serial numbers: listed with that reason, never written (a document would have to name each)',
    'Warehouses with bin locations: read; a write is refused by SAP unless the warehouse allocates bins by itself',
    'DI API and a direct update of OITW: Windows only, and not writable',
    'Events (EventSubscriptions): their body, headers and handshake are not published; Onhand polls every 30 seconds',
    'Credit memos of reserve invoices that were never delivered: read as goods that came back',
  ],
};
