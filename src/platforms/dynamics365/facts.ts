import type { Facts, Operation } from '../../platform/contract.ts';

export type DynamicsOp =
  | 'token'
  | 'inventoryToken'
  | 'identity'
  | 'places'
  | 'catalogue'
  | 'levels'
  | 'readLevels'
  | 'orderFeed'
  | 'order'
  | 'ledger'
  | 'writeStock'
  | 'hooks'
  | 'hookWrite';

const call = (priority: Operation['priority'] = 'audit'): Operation => ({
  budgets: ['calls', 'atOnce'],
  retry: 'safe',
  timeoutMs: 60_000,
  priority,
});
const token: Operation = { budgets: ['tokenCalls'], retry: 'safe', timeoutMs: 15_000, priority: 'fetch' };

/** One object for three products: where they differ, the tightest number stands here. */
export const facts: Facts<DynamicsOp> = {
  id: 'dynamics365',
  name: 'Microsoft Dynamics 365',
  apiVersion: 'Business Central API v2.0, Dataverse Web API v9.2, Inventory Visibility 1.0',
  sources: [
    'learn.microsoft.com/dynamics365/business-central/dev-itpro/api-reference/v2.0: items, salesOrders, salesInvoices, salesCreditMemos, itemLedgerEntries; If-Match required on PATCH',
    'learn.microsoft.com/dynamics365/business-central/dev-itpro/api-reference/v2.0/dynamics-subscriptions: handshake, clientState, three days, 36 hours of retries',
    'AL source of "APIV2 - Items": a PATCH of `inventory` posts an item journal line for the difference',
    'learn.microsoft.com/dynamics365/business-central/dev-itpro/administration/operational-limits-online: 6,000 requests in 5 minutes, 5 at once, 100 per $batch',
    'learn.microsoft.com/power-apps/developer/data-platform/api-limits: 6,000 requests in 5 minutes, 52 at once; use-webhooks: retries, 256 KB, keys',
    'learn.microsoft.com/dynamics365/supply-chain/inventory/inventory-visibility-api: setonhand, onhand, indexquery, tokens',
  ],
  roles: ['sells'],
  trigger:
    'Business Central: notification on salesOrders, salesInvoices, salesCreditMemos, then GET. Dataverse: service endpoint step on salesorder, then GET. Supply Chain: SalesOrderHeadersV2 and SalesOrderLines polled',
  writeCall:
    'Business Central: PATCH items({id}) {inventory} in $batch, which posts an item journal line. Dataverse: PATCH products({id}) {quantityonhand} with If-Match in $batch. Supply Chain: POST setonhand/{dataSource}/bulk of Inventory Visibility',
  hooks: {
    kind: 'webhook',
    signature: null,
    retries:
      'Business Central: for up to 36 hours after 408, 429 and 5xx, any other 4xx deletes the subscription. Dataverse: once more after 502, 503, 504',
    silentAfterMs: 3_600_000,
  },
  operations: {
    token,
    inventoryToken: token,
    identity: call(),
    places: call('fetch'),
    catalogue: call(),
    levels: call(),
    readLevels: call('fetch'),
    orderFeed: call('fetch'),
    order: call('fetch'),
    ledger: call('fetch'),
    writeStock: { ...call('decrease'), retry: 'never' },
    hooks: call(),
    hookWrite: call(),
  },
  budgets: {
    // 6,000 in five minutes, less a quarter for the customer's other integrations of the same user.
    calls: { kind: 'tokens', perSecond: 15, burst: 20 },
    // Business Central works on five requests of one user at once and lets the others wait.
    atOnce: { kind: 'in-flight', max: 5 },
    tokenCalls: { kind: 'tokens', perSecond: 0.5, burst: 5 },
  },
  push: {
    mode: 'blind',
    readFirst: true,
    // Business Central's $batch; Dataverse takes 1,000, Inventory Visibility 512.
    batchMax: 100,
    // Inventory Visibility shows a change after seconds.
    visibleAfterMs: 5_000,
    refusesBelowZero: 'no',
    // quantityonhand of Dataverse; the others take five.
    decimals: 2,
    min: 0,
    max: 1_000_000_000,
  },
  read: { batchMax: 50 },
  feeds: {
    orders: { everyMs: 120_000, everyMsAlone: 20_000, lagMs: 30_000, tells: 'orders' },
    levels: { everyMs: 300_000, everyMsAlone: 60_000, lagMs: 30_000, tells: 'levels' },
  },
  revision: 'time',
  lowersItself: 'fulfilled',
  setup: {
    who: 'An administrator of Microsoft Entra ID, and one of the Dynamics environment',
    minutes: 45,
    waitDays: 0,
    accounts: ['Microsoft Entra ID (app registration)', 'the Dynamics 365 environment'],
  },
  evidence: {
    rung: 'modelled',
    why: 'The Dataverse stand-in is driven over a socket by DynamicsWebApi 2.5.0; those of Business Central and Inventory Visibility follow the reference pages and the AL source, because Microsoft publishes no schema of either. Never run against a real environment.',
    checkedAt: '2026-11-24',
  },
  notSupported: [
    'Business Central: stock by location or variant (its standard API shows and writes one number per item)',
    'Business Central: lines in another unit of measure than the item’s base unit',
    'Business Central: invoices that were made by "Get Shipment Lines" from several orders',
    'Purchase orders',
  ],
};
