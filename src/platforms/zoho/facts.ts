import type { Facts, Operation } from '../../platform/contract.ts';

export type ZohoOp =
  | 'token'
  | 'organizations'
  | 'locations'
  | 'items'
  | 'readItems'
  | 'orderFeed'
  | 'order'
  | 'returns'
  | 'return'
  | 'adjustments'
  | 'adjust';

const call = (priority: Operation['priority'] = 'audit'): Operation => ({
  budgets: ['minute', 'day'],
  retry: 'safe',
  timeoutMs: 30_000,
  priority,
});

export const facts: Facts<ZohoOp> = {
  id: 'zoho',
  name: 'Zoho Inventory',
  apiVersion: 'v1',
  sources: [
    'www.zoho.com/inventory/api/v1: OpenAPI documents per module, as kept by github.com/api-evangelist/zoho-inventory@b973d819',
    'www.zoho.com/inventory/api/v1/introduction: OAuth, 100 calls a minute, calls a day by plan, concurrency',
    'zoho.com/books/help/settings/automation/workflow-actions/webhooks.html: webhooks are made in the screens only',
    'github.com/codeyogi911/zoho-inventory-cli@fcf43b95 knowledge: sorting of lists, form of the header',
  ],
  roles: ['sells'],
  trigger:
    'workflow rule with a webhook on Sales Order (status confirmed and all later edits), then GET /salesorders/{id}; the list by last_modified_time as the net',
  writeCall: 'POST /inventory/v1/inventoryadjustments (adjustment_type quantity, quantity_adjusted ±)',
  hooks: {
    kind: 'webhook',
    signature: null,
    retries: 'not documented: none may be counted on',
    silentAfterMs: 3_600_000,
  },
  operations: {
    token: { budgets: ['tokens'], retry: 'safe', timeoutMs: 15_000, priority: 'fetch' },
    organizations: call(),
    locations: call('fetch'),
    items: call(),
    readItems: call('fetch'),
    orderFeed: call('fetch'),
    order: call('fetch'),
    returns: call('fetch'),
    return: call('fetch'),
    adjustments: call('fetch'),
    adjust: { ...call('decrease'), retry: 'never' },
  },
  budgets: {
    // 100 calls in any minute: what is filled up within one and the burst together stay below it.
    minute: { kind: 'tokens', perSecond: 1.5, burst: 8 },
    // Enterprise; Free has 1,000, Standard 2,500, Professional 5,000: declare that share, and the answers are obeyed anyway.
    day: { kind: 'quota', max: 10_000, perMs: 86_400_000 },
    // Ten access tokens in ten minutes: seven at once, three more within that time.
    tokens: { kind: 'tokens', perSecond: 0.005, burst: 7 },
  },
  push: {
    mode: 'delta',
    readFirst: false,
    batchMax: 40,
    visibleAfterMs: 10_000,
    // Sales orders are confirmed as back orders.
    refusesBelowZero: 'no',
    decimals: 2,
    min: 0,
    max: 1_000_000,
  },
  read: { batchMax: 100 },
  feeds: {
    // Two calls a round (orders, packages): 1,440 a day where nothing else tells.
    orders: { everyMs: 600_000, everyMsAlone: 120_000, lagMs: 60_000, tells: 'orders' },
    returns: { everyMs: 600_000, everyMsAlone: 600_000, lagMs: 60_000, tells: 'orders' },
    levels: { everyMs: 900_000, everyMsAlone: 300_000, lagMs: 60_000, tells: 'levels' },
  },
  revision: 'time',
  lowersItself: 'created',
  setup: {
    who: 'An administrator of the organization',
    minutes: 25,
    waitDays: 0,
    accounts: ['Zoho Inventory (webhooks need a paid plan)', 'Zoho API Console (free)'],
  },
  evidence: {
    rung: 'contract',
    why: 'Every request, and every answer of the stand-in, is held against the OpenAPI documents that Zoho offers for download; members that they leave out are named in the README. There is no client library of Zoho’s for Inventory, and no real organization was reached.',
    checkedAt: '2026-11-24',
  },
  notSupported: [
    'Composite items: kits are followed by their components; neither kits nor assemblies are written',
    'Items tracked by batch, serial number or bin: listed with that reason, never written',
    'Sales without a sales order (direct invoices, Zoho POS)',
    'Accounting stock: physical stock is what is read and adjusted',
    'Webhooks by API: Zoho has no documented call for them',
  ],
};
