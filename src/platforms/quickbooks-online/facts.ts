import type { Facts, Operation } from '../../platform/contract.ts';

export type QboOp =
  | 'token'
  | 'company'
  | 'account'
  | 'items'
  | 'readItems'
  | 'changes'
  | 'sales'
  | 'sale'
  | 'adjust'
  | 'adjustments';

const read = (priority: Operation['priority']): Operation => ({
  budgets: ['calls', 'underWay'],
  retry: 'safe',
  timeoutMs: 120_000,
  priority,
});

export const facts: Facts<QboOp> = {
  id: 'quickbooks-online',
  name: 'QuickBooks Online',
  apiVersion: 'v3, minorversion 75',
  sources: [
    'developer.intuit.com/app/developer/qbo/docs/workflows/manage-inventory/inventory-adjustment: QtyDiff, US companies on Plus and Advanced, the date cannot be edited',
    'developer.intuit.com/app/developer/qbo/docs/develop/webhooks and …/best-practices: entities, intuit-signature, 3 s to answer, retry times, daily sweep by CDC',
    'developer.intuit.com/app/developer/qbo/docs/learn/explore-the-quickbooks-online-api/change-data-capture: 30 days, 1,000 objects, status Deleted',
    'developer.intuit.com/app/developer/qbo/docs/learn/limits-and-throttles: 500 a minute per company, 10 a second, 120 s',
    'developer.intuit.com/app/developer/qbo/docs/develop/authentication-and-authorization/oauth-2.0: an hour, a refresh token that changes',
    'github.com/intuit/QuickBooks-V3-Java-SDK 79b5a3c Finance.xsd and WebhooksServiceTest: members, signature vector',
    'github.com/intuit/QuickBooks-V3-DotNET-SDK 859c320 WebhooksCloudEvent.cs: the CloudEvents form',
    'npm node-quickbooks 2.0.50: requestid, minorversion 75, query and CDC addresses; npm intuit-oauth 4.2.5: token call',
    'cdn.cdata.com/help/RNM/jp/ado/pg_table-inventoryadjustments.htm: adjustments are queried by MetaData.CreateTime',
    'help.shipstation.com "QuickBooks Commerce": that service, the former TradeGecko, closed by 31 August 2023',
  ],
  roles: ['sells', 'keeps'],
  trigger:
    'qbo.salesreceipt.created.v1 and qbo.invoice.created.v1 (ids only; updated, voided and deleted as well), then GET /v3/company/{realmId}/salesreceipt/{id}; QuickBooks lowers the quantity when they are saved',
  writeCall: 'POST /v3/company/{realmId}/inventoryadjustment?requestid=… with a line {ItemRef, QtyDiff} per item',
  hooks: {
    kind: 'webhook',
    signature:
      'intuit-signature: base64 HMAC-SHA256 of the raw body with the verifier token of the app; no time is signed',
    retries:
      'after 10, 20 and 30 s, 5 and 20 min, 2 and 4 h, then every 6 h; 3 s to answer; later events wait behind a blocked address',
    silentAfterMs: 6 * 3_600_000,
    perApp: true,
  },
  operations: {
    token: { budgets: ['tokenCalls'], retry: 'safe', timeoutMs: 30_000, priority: 'fetch' },
    company: read('audit'),
    account: read('audit'),
    items: read('audit'),
    readItems: read('fetch'),
    changes: read('fetch'),
    sales: read('fetch'),
    sale: read('fetch'),
    // The same requestid gives the first result again, so a lost answer may be asked for once more.
    adjust: read('decrease'),
    adjustments: read('fetch'),
  },
  budgets: {
    // 500 a minute and 10 a second per company and app; half of each second's, because they arrive in clumps.
    calls: { kind: 'tokens', perSecond: 5, burst: 5 },
    underWay: { kind: 'in-flight', max: 8 },
    tokenCalls: { kind: 'tokens', perSecond: 0.2, burst: 3 },
  },
  push: {
    mode: 'delta',
    readFirst: false,
    // Lines of one document; the vendor names no maximum.
    batchMax: 30,
    // How soon an adjustment can be found by a query is not documented; asked too early it would be sent twice.
    visibleAfterMs: 5_000,
    refusesBelowZero: 'no',
    decimals: 5,
    min: 0,
    max: 1_000_000_000,
  },
  read: { batchMax: 100 },
  feeds: {
    // Metered: 500,000 reads a month are free.
    sales: { everyMs: 300_000, everyMsAlone: 60_000, lagMs: 30_000, tells: 'orders' },
  },
  revision: 'integer',
  lowersItself: 'created',
  setup: {
    who: 'A company administrator of QuickBooks Online, and somebody with an Intuit developer account',
    minutes: 30,
    waitDays: 0,
    accounts: ['QuickBooks Online Plus or Advanced', 'Intuit Developer (free)'],
  },
  evidence: {
    rung: 'client',
    why: "npm node-quickbooks 2.0.50 (not the vendor's own) reads, queries, adjusts and follows changes over a socket, Intuit's own npm intuit-oauth 4.2.5 renews tokens there; Intuit's signature vector verifies; bodies are held against a schema restated from Intuit's XSD. Never run against a real company.",
    checkedAt: '2026-11-24',
  },
  notSupported: [
    'Writing where another program posts copies of sales into the books: those lower the quantities already',
    'Companies without InventoryAdjustment (other countries than the US, plans below Plus): read, never written. A sparse item write with QtyOnHand and InvStartDate would post a new starting value into the books',
    'Warehouses: QuickBooks Online keeps one quantity per company; its "locations" are accounting tags',
    'Adjustments, bills and vendor credits made in QuickBooks arrive as a changed quantity, not as movements',
    'Estimates, sales orders and purchase orders: they move no stock',
    'The sign-in of OAuth itself: the first refresh token is pasted from the OAuth Playground',
  ],
};
