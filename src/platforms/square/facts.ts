import type { Facts, Operation } from '../../platform/contract.ts';
import { API_VERSION } from './config.ts';

export type SquareOp =
  | 'token'
  | 'tokenStatus'
  | 'merchant'
  | 'locations'
  | 'catalog'
  | 'catalogObjects'
  | 'counts'
  | 'readCounts'
  | 'orderFeed'
  | 'order'
  | 'changes'
  | 'changeInventory'
  | 'hooks'
  | 'hookWrite';

const call = (priority: Operation['priority'] = 'audit'): Operation => ({
  budgets: ['calls'],
  retry: 'safe',
  timeoutMs: 30_000,
  priority,
});

export const facts: Facts<SquareOp> = {
  id: 'square',
  name: 'Square',
  apiVersion: API_VERSION,
  sources: [
    'github.com/square/connect-api-specification api.json (2025-08-20): schemas, errors, page sizes, official payloads',
    'npm square 46.0.0 and 44.2.1: adjustments before and after 2026-07-15, webhook signature',
    'developer.squareup.com/docs/inventory-api/how-it-works: order of changes, counts against adjustments',
    'developer.squareup.com/docs/app-marketplace/requirements/inventory-api: SOLD for sales elsewhere; stock falls when fully paid',
    'developer.squareup.com/docs/webhooks: 10 s to answer, 11 retries in 24 h, signature over address and body',
    'developer.squareup.com/docs/orders-api/order-returns-exchanges: a return is an order of its own',
  ],
  roles: ['sells'],
  trigger:
    'payment.updated with status COMPLETED, then GET /v2/orders/{id}; stock falls when the order is paid in full',
  writeCall:
    'POST /v2/inventory/changes/batch-create (ADJUSTMENT IN_STOCK to SOLD, NONE to IN_STOCK; PHYSICAL_COUNT for counts)',
  hooks: {
    kind: 'webhook',
    signature:
      'x-square-hmacsha256-signature: base64 HMAC-SHA256 of the notification URL and the raw body with the subscription’s signature key; no time is signed',
    retries:
      '11 times in 24 hours with the original body; after three weeks without a 2xx the subscription is disabled',
    silentAfterMs: 3_600_000,
    perApp: true,
  },
  operations: {
    token: { budgets: ['tokenCalls'], retry: 'safe', timeoutMs: 15_000, priority: 'fetch' },
    tokenStatus: call(),
    merchant: call(),
    locations: call('fetch'),
    catalog: call(),
    catalogObjects: call('fetch'),
    counts: call(),
    readCounts: call('fetch'),
    orderFeed: call('fetch'),
    order: call('fetch'),
    changes: call('fetch'),
    // The same key gives the same answer for ever, so a lost answer may be asked for again.
    changeInventory: call('decrease'),
    hooks: call(),
    hookWrite: call(),
  },
  budgets: {
    // Square publishes no number; its staff say "back off on 429". Ten a second per seller is our own choice.
    calls: { kind: 'tokens', perSecond: 10, burst: 5 },
    tokenCalls: { kind: 'tokens', perSecond: 0.2, burst: 3 },
  },
  push: {
    mode: 'delta',
    readFirst: false,
    batchMax: 100,
    // How soon a change can be found by its reference is not documented; asked too early, "not found" would send it twice.
    visibleAfterMs: 5_000,
    // Tills sell what is in the hand.
    refusesBelowZero: 'no',
    decimals: 5,
    min: 0,
    max: 1_000_000_000,
  },
  read: { batchMax: 100 },
  feeds: {
    orders: { everyMs: 60_000, everyMsAlone: 10_000, lagMs: 30_000, tells: 'orders' },
    levels: { everyMs: 300_000, everyMsAlone: 60_000, lagMs: 30_000, tells: 'levels' },
  },
  revision: 'time',
  lowersItself: 'paid',
  setup: {
    who: 'The owner of the Square account',
    minutes: 15,
    waitDays: 0,
    accounts: ['Square Developer (free)', 'the Square account itself'],
  },
  evidence: {
    rung: 'client',
    why: 'Square’s own SDK (46.0.0) reads, writes and verifies against the stand-in over a socket; every request and payload is held against its published contract. Never run against a real account.',
    checkedAt: '2026-11-24',
  },
  notSupported: [
    'Variations sold by conversion (a glass from a bottle): listed with that reason, never written',
    'Items whose tracking is off at a location: listed, never written there',
    'Units in other states than IN_STOCK (reserved, in transit, ordered from a vendor)',
    'Modifiers with stock of their own',
    'Purchase orders: not in the API',
  ],
};
