import type { Facts, Operation } from '../../platform/contract.ts';

export type GeckoOp =
  | 'token'
  | 'account'
  | 'locations'
  | 'variants'
  | 'readVariants'
  | 'orderFeed'
  | 'order'
  | 'orderParts'
  | 'adjustments'
  | 'adjust'
  | 'hooks'
  | 'hookWrite';

const call = (priority: Operation['priority'] = 'audit'): Operation => ({
  budgets: ['calls'],
  retry: 'safe',
  timeoutMs: 30_000,
  priority,
});

/** What both names of the service share. */
const contract: Omit<Facts<GeckoOp>, 'id' | 'name' | 'closed'> = {
  apiVersion: 'as last published (2018–2020), unversioned',
  sources: [
    'github.com/tradegecko/gecko@a736a248 lib/gecko/record/*.rb, test/fixtures/vcr_cassettes/*.yml: shapes, paging header, recorded answers',
    'github.com/tradegecko/docs_old@0212bc4d: tokens, filters, stock adjustments, 300 requests in 300 seconds',
    'github.com/CoronaAPI/coronaAWS@bd44c48 docs/: webhooks, signature, Idempotency-Key, page size (copy of the 2018–2020 reference)',
    'support.tradegecko.com "Sales Orders Overview": stock is committed from "active" on and leaves when shipped',
  ],
  roles: ['sells'],
  trigger:
    'webhook order.create or order.finalized, then GET /orders/{id} (the wished-for order.fully_allocated never was)',
  writeCall: 'POST /stock_adjustments (relative, one document per location)',
  hooks: {
    kind: 'webhook',
    signature: 'X-Gecko-Signature: base64 HMAC-SHA256 of the raw body with the application’s secret; no time is signed',
    retries: 'with growing waits; deleted after three days of failures, at once by a 410',
    silentAfterMs: 3_600_000,
    untold: 'orders voided or edited, partial shipments, returns',
  },
  operations: {
    token: { budgets: ['tokenCalls'], retry: 'safe', timeoutMs: 15_000, priority: 'fetch' },
    account: call(),
    locations: call(),
    variants: call(),
    readVariants: call('fetch'),
    orderFeed: call('fetch'),
    order: call('fetch'),
    orderParts: call('fetch'),
    adjustments: call('fetch'),
    // The same Idempotency-Key gives the first answer again for 24 hours.
    adjust: call('decrease'),
    hooks: call(),
    hookWrite: call(),
  },
  budgets: {
    // 300 in 300 seconds for application and account together: a burst, and what is left spread evenly.
    calls: { kind: 'tokens', perSecond: 0.9, burst: 20 },
    tokenCalls: { kind: 'tokens', perSecond: 0.1, burst: 2 },
  },
  push: {
    mode: 'delta',
    readFirst: false,
    // Each line's key stands in the document's notes, to be found again.
    batchMax: 20,
    visibleAfterMs: 5_000,
    refusesBelowZero: 'no',
    decimals: 2,
    min: 0,
    max: 10_000_000,
  },
  read: { batchMax: 100 },
  feeds: {
    orders: { everyMs: 30_000, everyMsAlone: 15_000, lagMs: 30_000, tells: 'orders' },
    fulfillments: { everyMs: 60_000, everyMsAlone: 30_000, lagMs: 30_000, tells: 'orders' },
    returns: { everyMs: 60_000, everyMsAlone: 30_000, lagMs: 30_000, tells: 'orders' },
  },
  revision: 'time',
  lowersItself: 'created',
  setup: {
    who: 'Whoever runs what answers in its place',
    minutes: 15,
    waitDays: 0,
    accounts: ['an account there; the vendor gives none any more'],
  },
  evidence: {
    rung: 'modelled',
    why: 'The vendor never published a schema, and there is no server left to run against. Its recorded answers are read, the stand-in answers with their members, and every request is held against a schema transcribed from its documentation.',
    checkedAt: '2026-11-24',
  },
  notSupported: [
    'The service itself: closed by its vendor. Only a stand-in or an archive that answers in its words can be connected',
    'Bundles (composite variants): listed with that reason, never written; TradeGecko took their components itself',
    'Stock transfers, procurements and stock takes as movements of their own: they show as levels',
    'Purchase orders',
  ],
};

/** One contract under the two names it was sold by. */
export const factsOf = (id: string, name: string, closed: string): Facts<GeckoOp> => ({
  id,
  name,
  closed,
  ...contract,
});
