import type { Facts, Operation } from '../../platform/contract.ts';

export type SfccOp =
  | 'token'
  | 'lists'
  | 'records'
  | 'record'
  | 'writeRecord'
  | 'products'
  | 'orders'
  | 'order'
  | 'availability'
  | 'readAvailability'
  | 'writeAvailability';

const call = (budget: 'ocapi' | 'scapi' | 'inventory', priority: Operation['priority'] = 'audit'): Operation => ({
  budgets: [budget],
  retry: 'safe',
  timeoutMs: 60_000,
  priority,
});

export const facts: Facts<SfccOp> = {
  id: 'sfcc',
  name: 'Salesforce B2C Commerce',
  apiVersion: 'OCAPI Data v25_6, SCAPI Orders v1, Products v1, Inventory Availability v1',
  sources: [
    'github.com/SalesforceCommerceCloud/commerce-sdk apis/orders-oas-1.5.2, products-oas-1.2.0 (2026-07-29)',
    'github.com/SalesforceCommerceCloud/b2c-developer-tooling data-api.json v25_6, order hook lifecycle, script API (2026-08-21)',
    'github.com/SalesforceCommerceCloud/commerce-sdk testIntegration/stagingApis/inventory (RAML 1.1.14): 100 records, idempotence id, effectiveDate',
    'developer.salesforce.com/docs/commerce: throttle rates, timeouts, authorization for Admin APIs',
  ],
  roles: ['sells'],
  trigger:
    'SCAPI orders polled by lastModified; the cartridge int_onhand tells of an order when it is placed, and its job of every changed one',
  writeCall:
    'PATCH /inventory_lists/{list}/product_inventory_records/{product} with allocation and reset_date; Omnichannel: POST availability-records/actions/batch-update',
  hooks: {
    kind: 'webhook',
    signature:
      'x-onhand-signature: hex HMAC-SHA256 of x-onhand-timestamp, a dot and the raw body, made by our cartridge; five minutes',
    retries: 'none for an order just placed; the job of the cartridge tells again until it was heard',
    silentAfterMs: 3_600_000,
  },
  operations: {
    token: { budgets: ['tokenCalls'], retry: 'safe', timeoutMs: 15_000, priority: 'fetch' },
    lists: call('ocapi', 'fetch'),
    records: call('ocapi'),
    record: call('ocapi', 'fetch'),
    writeRecord: { ...call('ocapi', 'decrease'), retry: 'never' },
    products: call('scapi'),
    orders: call('scapi', 'fetch'),
    order: call('scapi', 'fetch'),
    availability: call('inventory'),
    readAvailability: call('inventory', 'fetch'),
    // The same id does the same thing once.
    writeAvailability: call('inventory', 'decrease'),
  },
  budgets: {
    // OCAPI works on the tier that serves shoppers, and publishes no number: a few calls a second are our own choice.
    ocapi: { kind: 'tokens', perSecond: 8, burst: 8 },
    // Admin APIs shed load instead of counting; again our own choice.
    scapi: { kind: 'tokens', perSecond: 8, burst: 8 },
    inventory: { kind: 'tokens', perSecond: 10, burst: 10 },
    tokenCalls: { kind: 'tokens', perSecond: 0.5, burst: 5 },
  },
  push: {
    mode: 'as-of',
    readFirst: true,
    // One call each in inventory lists; Omnichannel would take 100.
    batchMax: 10,
    visibleAfterMs: 2_000,
    refusesBelowZero: 'atomic',
    decimals: 3,
    min: 0,
    max: 1_000_000_000,
  },
  // Records are read one by one; Omnichannel would take 100.
  read: { batchMax: 5 },
  feeds: {
    orders: { everyMs: 60_000, everyMsAlone: 15_000, lagMs: 60_000, tells: 'orders' },
  },
  revision: 'time',
  lowersItself: 'created',
  setup: {
    who: 'An administrator of Account Manager and Business Manager; a developer to upload the cartridge',
    minutes: 60,
    waitDays: 0,
    accounts: ['Salesforce Account Manager (API client)', 'Business Manager of the instance'],
  },
  evidence: {
    rung: 'contract',
    why: 'Requests and answers are held against the published contracts of OCAPI v25_6, SCAPI Orders and Products, and the transcribed one of Omnichannel Inventory; what we wrote is read back by Salesforce’s own shopper SDK (5.6.0), which has no Admin inventory API; the cartridge runs against stand-ins of the script API. Never run against a real instance.',
    checkedAt: '2026-11-24',
  },
  notSupported: [
    'Perpetual inventory: listed, never written',
    'Returns: not in the order API, an order management system or ERP does them',
    'Option products with inventory of their own',
    'The eventing framework with webhook connectors (a pilot without a published payload)',
    'Groups of Omnichannel Inventory',
  ],
};
