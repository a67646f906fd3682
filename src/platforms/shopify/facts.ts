import type { Facts, Operation } from '../../platform/contract.ts';

export const API_VERSION = '2026-10';

export type ShopifyOp =
  | 'token'
  | 'installation'
  | 'locations'
  | 'listings'
  | 'levels'
  | 'readLevels'
  | 'orderFeed'
  | 'order'
  | 'orderLines'
  | 'orderPlaces'
  | 'orderReturns'
  | 'orderLists'
  | 'orderParts'
  | 'setQuantities'
  | 'hooks'
  | 'hookCreate'
  | 'hookDelete';

/** `cost`: the points Shopify asks for before it runs the document; what was not used comes back with the answer. */
const read = (cost: number, priority: Operation['priority'] = 'audit'): Operation => ({
  budgets: ['points'],
  cost,
  retry: 'safe',
  timeoutMs: 30_000,
  priority,
});

export const facts: Facts<ShopifyOp> = {
  id: 'shopify',
  name: 'Shopify',
  apiVersion: API_VERSION,
  sources: [
    'npm @shopify/dev-mcp 1.16.0, dist/data/admin_2026-10.json.gz: schema, error codes, topics',
    'shopify.dev/docs/api/usage/limits: cost bucket, 1,000 points per query, 250 array entries',
    'shopify.dev/docs/apps/build/webhooks: 5 s to answer, 8 retries in 4 h, signature',
    'shopify.dev/changelog: changeFromQuantity and @idempotent compulsory from 2026-04',
    'npm @shopify/shopify-api 13.1.0: token calls, webhook validation',
  ],
  roles: ['sells'],
  trigger:
    'orders/create (stock moves from available to committed at that moment); orders/updated for all that follows',
  writeCall: 'inventorySetQuantities (name "available", changeFromQuantity, @idempotent)',
  hooks: {
    kind: 'webhook',
    signature:
      'X-Shopify-Hmac-Sha256: base64 HMAC-SHA256 of the raw body with the app client secret; no time is signed',
    retries:
      '8 times in 4 hours with the original body; after 8 failures in a row a subscription made by API is deleted',
    silentAfterMs: 3_600_000,
  },
  operations: {
    token: { budgets: ['tokenCalls'], retry: 'safe', timeoutMs: 15_000, priority: 'fetch' },
    installation: read(4),
    locations: read(102),
    listings: read(202),
    levels: read(303),
    readLevels: read(301, 'fetch'),
    orderFeed: read(102, 'fetch'),
    order: read(243, 'fetch'),
    orderLines: read(78, 'fetch'),
    orderPlaces: read(90, 'fetch'),
    orderReturns: read(503, 'fetch'),
    orderLists: read(751, 'fetch'),
    orderParts: read(613, 'fetch'),
    // A lost answer is read back: with a guard on the number itself that is always right, whatever became of the key.
    setQuantities: { budgets: ['points'], cost: 10, retry: 'never', timeoutMs: 20_000, priority: 'decrease' },
    hooks: read(202),
    hookCreate: { budgets: ['points'], cost: 10, retry: 'safe', timeoutMs: 30_000, priority: 'audit' },
    hookDelete: { budgets: ['points'], cost: 10, retry: 'safe', timeoutMs: 30_000, priority: 'audit' },
  },
  budgets: {
    // The Standard plan's; each answer says the shop's own (Advanced 200, Plus 1,000, Enterprise 2,000 a second).
    points: { kind: 'cost', size: 2_000, perSecond: 100 },
    // Shopify publishes no limit for token calls; one is needed an hour or a day.
    tokenCalls: { kind: 'tokens', perSecond: 0.2, burst: 3 },
  },
  push: {
    mode: 'cas',
    readFirst: false,
    batchMax: 250,
    visibleAfterMs: 0,
    // The online checkout reserves stock; tills sell what is in the hand (that is the Shopify POS channel).
    refusesBelowZero: 'atomic',
    decimals: 0,
    min: 0,
    max: 1_000_000_000,
  },
  read: { batchMax: 100 },
  feeds: {
    // The order search answers from an index that runs a little behind the orders themselves.
    orders: { everyMs: 60_000, everyMsAlone: 10_000, lagMs: 60_000, tells: 'orders' },
  },
  revision: 'time',
  lowersItself: 'created',
  setup: {
    who: 'The shop owner, or staff with the permission to develop apps',
    minutes: 15,
    waitDays: 0,
    accounts: ['Shopify Dev Dashboard (free)', 'the shop itself'],
  },
  evidence: {
    rung: 'client',
    why: "Every document, its variables and every answer of the stand-in hold against Shopify's published Admin schema; @shopify/admin-api-client 2.0 and @shopify/shopify-api 13.1 list, read, write, fetch tokens and find the webhooks authentic over a socket; Shopify's sample payloads decode. Not run against a real shop.",
    checkedAt: '2026-11-24',
  },
  notSupported: [
    'Orders older than 60 days without the scope read_all_orders',
    'Bundle parents: Shopify computes their stock from the components, which are written instead',
    'Purchase orders: Shopify has none in its API',
    'Shopify POS has its own channel kind on the same account',
    'Webhooks made by hand under Settings > Notifications: they are signed with another secret',
  ],
};
