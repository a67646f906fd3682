import type { Facts, Operation } from '../../platform/contract.ts';

export type CloverOp =
  | 'token'
  | 'merchant'
  | 'properties'
  | 'items'
  | 'item'
  | 'orderFeed'
  | 'order'
  | 'lineItems'
  | 'writeStock';

const read = (priority: Operation['priority'] = 'audit'): Operation => ({
  budgets: ['calls', 'underWay'],
  retry: 'safe',
  timeoutMs: 30_000,
  priority,
});

export const facts: Facts<CloverOp> = {
  id: 'clover',
  name: 'Clover',
  apiVersion: 'v3',
  sources: [
    'docs.clover.com/dev/docs/webhooks: message format, event keys, verification code, X-Clover-Auth',
    'docs.clover.com/dev/docs/upcoming-changes-to-inventory-webhooks: I is split into I, IS and IA (2026)',
    'docs.clover.com/docs/api-usage-rate-limits: 16 calls a second and 5 at once per token, 50 and 10 per app',
    'docs.clover.com/docs/querying-inventory: quantity, deprecated stockCount, POST item_stocks',
    'docs.clover.com/dev/docs/managing-item-availability: "Track stock", "Update item count after each sale"',
    'docs.clover.com/dev/docs/refresh-access-tokens: refresh tokens work once',
    'npm remote-pay-cloud-api 4.0.5 (Clover): members and types of Order, LineItem, Payment, Refund, Item, ItemStock',
    'github.com/clover/clover-android-sdk MerchantProperties: trackStock, updateStock',
  ],
  roles: ['sells'],
  trigger:
    'webhook O:<order> CREATE or UPDATE, then GET /v3/merchants/{mId}/orders/{orderId}; sold when paymentState says paid (there is no event called "payment.completed")',
  writeCall: 'POST /v3/merchants/{mId}/item_stocks/{itemId} with {"quantity": n}, absolute (the API has no PATCH)',
  hooks: {
    kind: 'webhook',
    // X-Clover-Auth is the same text in every message: whoever once saw it can write any body. So events are hints only.
    signature: null,
    retries: 'not documented; Clover does not promise that an event arrives, or when',
    silentAfterMs: 3_600_000,
    perApp: true,
  },
  operations: {
    // A refresh token works once: sent a second time it may end the access for good.
    token: { budgets: ['tokenCalls'], retry: 'never', timeoutMs: 20_000, priority: 'fetch' },
    merchant: read(),
    properties: read(),
    items: read(),
    item: read('fetch'),
    orderFeed: read('fetch'),
    order: read('fetch'),
    lineItems: read('fetch'),
    // An absolute number without a guard: sent twice it may bring back what was sold in between.
    writeStock: { budgets: ['calls', 'underWay'], retry: 'never', timeoutMs: 20_000, priority: 'decrease' },
  },
  budgets: {
    // 16 a second per token: never more than that within any one second, whatever Clover's window is.
    calls: { kind: 'tokens', perSecond: 12, burst: 4 },
    // 5 at once per token; one is left for an answer that is late.
    underWay: { kind: 'in-flight', max: 4 },
    tokenCalls: { kind: 'tokens', perSecond: 0.2, burst: 2 },
  },
  push: {
    mode: 'blind',
    readFirst: true,
    // One call each, and a look right before: few at a time, so that little is sold between reading and writing.
    batchMax: 8,
    visibleAfterMs: 0,
    refusesBelowZero: 'no',
    decimals: 3,
    min: 0,
    max: 1_000_000,
  },
  read: { batchMax: 8 },
  feeds: {
    orders: { everyMs: 60_000, everyMsAlone: 10_000, lagMs: 60_000, tells: 'orders' },
  },
  revision: 'integer',
  lowersItself: 'setting',
  setup: {
    who: 'The owner of the Clover account, and for webhooks whoever keeps its app in the Developer Dashboard',
    minutes: 30,
    waitDays: 0,
    accounts: ['the Clover merchant itself', 'Clover Developer (free; for webhooks and OAuth)'],
  },
  evidence: {
    rung: 'contract',
    why: "What is read and what the stand-in answers have the members and types of Clover's own model classes (remote-pay-cloud-api 4.0.5); events and stock answers are Clover's documented examples. Clover has no SDK for this API, and it was never run against a real merchant.",
    checkedAt: '2026-11-24',
  },
  notSupported: [
    'Where a refund went: Clover does not say whether goods are back on the shelf, so refunded units wait for the rule of the channel',
    'Registering the webhook: Clover takes the address in the Developer Dashboard only',
    'Modifiers and discounts: they have no stock',
    'Items whose stock is not tracked: listed, never written',
    'Test orders (testMode) and manual amounts without an item',
    'Recognizing orders that another app copied into Clover',
    'Purchase orders: not in the API',
  ],
};
