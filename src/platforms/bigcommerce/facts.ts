import type { Facts, Operation } from '../../platform/contract.ts';

export type BigOp =
  | 'settings'
  | 'locations'
  | 'products'
  | 'productsById'
  | 'levels'
  | 'readLevels'
  | 'orderFeed'
  | 'order'
  | 'probe'
  | 'adjust'
  | 'hooks'
  | 'hookCreate'
  | 'hookUpdate'
  | 'hookDelete';

const read = (priority: Operation['priority']): Operation => ({
  budgets: ['calls'],
  retry: 'safe',
  timeoutMs: 30_000,
  priority,
});

export const facts: Facts<BigOp> = {
  id: 'bigcommerce',
  name: 'BigCommerce',
  apiVersion: 'v3 (orders: v2)',
  sources: [
    'github.com/bigcommerce/docs 24f580c reference/inventory.v3.yml: absolute adjustments, 2,000 items, 422 answers, items of 1,000 a page',
    'github.com/bigcommerce/docs 24f580c docs/store-operations/catalog/inventory-adjustments.mdx: asynchronous, next request after the previous answer, available = on hand - safety stock',
    'github.com/bigcommerce/docs 24f580c reference/orders.v2.oas2.yml: filters, consignments, statuses, quantities',
    'github.com/bigcommerce/docs 24f580c reference/settings.v3.yml: update_stock_behavior, refund_order_stock_adjustment',
    'github.com/bigcommerce/docs 24f580c docs/integrations/webhooks: thin payloads, scopes, retries over 48 h, Standard Webhooks, 90 % in two minutes',
    'github.com/bigcommerce/docs 24f580c docs/api-docs/getting-started/api-rate-limits.mdx: 150 or 450 requests in 30 s per store, shared by all apps',
    'npm standardwebhooks 1.1.1: header names, signed text',
  ],
  roles: ['sells'],
  trigger:
    'store/order/created, store/order/statusUpdated, store/order/updated, store/order/refund/created (ids only), then GET /v2/orders/{id}; created fires before payment, for abandoned checkouts too',
  writeCall:
    'PUT /v3/inventory/adjustments/absolute with {items: [{location_id, variant_id or product_id, quantity}]}; quantity is stock on hand, safety stock included',
  hooks: {
    kind: 'webhook',
    signature:
      'webhook-signature: v1,base64 HMAC-SHA256 of "webhook-id.webhook-timestamp.raw body" with the client secret of the API account (Standard Webhooks)',
    retries:
      '11 times over 48 hours (60 s, 3 min, 5 min … 24 h), then the hook is switched off; under 90 % good answers the whole domain waits 3 minutes',
    silentAfterMs: 3_600_000,
  },
  operations: {
    settings: read('audit'),
    locations: read('audit'),
    products: read('audit'),
    productsById: read('fetch'),
    levels: read('audit'),
    readLevels: read('fetch'),
    orderFeed: read('fetch'),
    order: read('fetch'),
    probe: read('audit'),
    // Absolute and without a guard: sent twice it may bring back what was sold in between.
    adjust: { ...read('decrease'), retry: 'never', timeoutMs: 60_000 },
    hooks: read('audit'),
    hookCreate: { ...read('audit'), retry: 'never' },
    hookUpdate: read('audit'),
    hookDelete: read('audit'),
  },
  budgets: {
    // 150 requests in 30 s on Standard and Plus: at most 20 + 4 × 30 = 140 of them in any 30 s.
    calls: { kind: 'tokens', perSecond: 4, burst: 20 },
  },
  push: {
    mode: 'blind',
    readFirst: true,
    batchMax: 2_000,
    settleBy: 'reading',
    // "Asynchronous", without a number; read too early the old number would look like a refusal.
    visibleAfterMs: 5_000,
    // Nothing is promised for two checkouts at once.
    refusesBelowZero: 'racy',
    decimals: 0,
    min: 0,
    max: 1_000_000_000,
  },
  read: { batchMax: 200 },
  feeds: {
    orders: { everyMs: 60_000, everyMsAlone: 15_000, lagMs: 30_000, tells: 'orders' },
  },
  revision: 'time',
  lowersItself: 'setting',
  setup: {
    who: 'The store owner, or a user who may create API accounts',
    minutes: 10,
    waitDays: 0,
    accounts: ['the BigCommerce store itself'],
  },
  evidence: {
    rung: 'client',
    why: "Requests and answers are held against BigCommerce's published OpenAPI files; npm node-bigcommerce 4.1.0 (not the vendor's own) reads, writes and orders over a socket; npm standardwebhooks verifies the same deliveries. Never run against a real store.",
    checkedAt: '2026-11-24',
  },
  notSupported: [
    'Which place a shipping order takes stock from is not in the API: one place is set for all online orders, or none',
    'Sub-units: quantities are whole',
    'Gift certificates, and custom items of manual orders without a product: they have no stock',
    'Products whose tracking is off: listed, never written',
    'Refunds in part: the store puts nothing back and does not say whether the goods are; posted by the rule of the channel',
    'Purchase orders: not in BigCommerce',
  ],
};
