import type { Facts, Operation } from '../../platform/contract.ts';
import { API_VERSION } from './config.ts';

export type LightspeedXOp =
  | 'token'
  | 'outlets'
  | 'products'
  | 'product'
  | 'levels'
  | 'readLevels'
  | 'saleFeed'
  | 'sale'
  | 'adjust'
  | 'adjustments'
  | 'reasons'
  | 'reasonCreate'
  | 'hooks'
  | 'hookWrite';

const call = (priority: Operation['priority'] = 'audit'): Operation => ({
  budgets: ['calls'],
  retry: 'safe',
  timeoutMs: 30_000,
  priority,
});

export const facts: Facts<LightspeedXOp> = {
  id: 'lightspeed-x',
  name: 'Lightspeed Retail (X-Series)',
  apiVersion: API_VERSION,
  sources: [
    'x-series-api.lightspeedhq.com OpenAPI 2026-07, tags Inventory, Products, Sales, Webhooks: calls, members, maxima, "Total inventory available to sell"',
    'x-series-api.lightspeedhq.com/docs/sales_states_and_attributes: legacy status against state and attributes',
    'x-series-api.lightspeedhq.com/docs/webhooks: form body, API 1.0 payload, 5 s, 20 retries in 48 h, X-Signature',
    'x-series-api.lightspeedhq.com/docs/authorization: scopes, token call; /docs/rate_limiting: 300 × registers + 50 in 5 minutes',
    'recorded webhooks of sales and returns (2019) in public repositories: members and their types',
  ],
  roles: ['sells'],
  trigger:
    'sale.update: closed, on account, layby, awaiting dispatch or pickup (sent on every save of a sale; the newest state counts)',
  writeCall: `POST /api/${API_VERSION}/stock_adjustments (signed differences under Onhand's own adjustment reasons, up to 1,000 a call)`,
  hooks: {
    kind: 'webhook',
    signature:
      'X-Signature: signature=<hex>,algorithm=HMAC-SHA256 over the raw form body with the client secret of the application; no time is signed',
    retries:
      '20 times in 48 hours on 5xx and silence, never on 3xx and 4xx; 95 % failures in an hour with 1,000 waiting erase the backlog and stop it for a day',
    silentAfterMs: 3_600_000,
  },
  operations: {
    token: { budgets: ['tokenCalls'], retry: 'safe', timeoutMs: 15_000, priority: 'fetch' },
    outlets: call(),
    products: call(),
    product: call('fetch'),
    levels: call(),
    readLevels: call('fetch'),
    saleFeed: call('fetch'),
    sale: call('fetch'),
    // A difference without a key: sent twice it is done twice.
    adjust: { budgets: ['calls'], retry: 'never', timeoutMs: 60_000, priority: 'decrease' },
    adjustments: call('fetch'),
    reasons: call(),
    // Names and addresses are unique there: the second time is refused as a conflict.
    reasonCreate: call(),
    hooks: call(),
    hookWrite: call(),
  },
  budgets: {
    // 350 in any five minutes with one register. Every answer tells the store's own limit; see readBudget.
    calls: { kind: 'tokens', perSecond: 1, burst: 50 },
    tokenCalls: { kind: 'tokens', perSecond: 0.2, burst: 3 },
  },
  push: {
    mode: 'delta',
    readFirst: false,
    batchMax: 1_000,
    // How soon an adjustment stands in the list is not documented; asked too early, it would be sent twice.
    visibleAfterMs: 5_000,
    // Tills sell what is in the hand; levels below zero are legal.
    refusesBelowZero: 'no',
    decimals: 5,
    min: 0,
    max: 1_000_000_000,
  },
  read: { batchMax: 500 },
  feeds: {
    sales: { everyMs: 20_000, everyMsAlone: 15_000, lagMs: 10_000, tells: 'orders' },
    levels: { everyMs: 300_000, everyMsAlone: 60_000, lagMs: 10_000, tells: 'levels' },
  },
  revision: 'integer',
  lowersItself: 'created',
  setup: {
    who: 'The owner or an admin of the store',
    minutes: 15,
    waitDays: 0,
    accounts: ['the store itself', 'a Lightspeed developer account (free), for signed webhooks'],
  },
  evidence: {
    rung: 'contract',
    why: 'Every request, and every good answer of the stand-in, is held against the schemas of the 2026-07 contract as transcribed from its published parts; webhooks have the members of recorded ones. The vendor has no SDK and no runnable server.',
    checkedAt: '2026-11-24',
  },
  notSupported: [
    'Composite products: listed with that reason, never written; connect their parts',
    'Products that do not track inventory: listed, never written',
    'Fulfilment of single lines: a sale is dispatched or picked up as a whole, as its status says',
    'Lines fulfilled from another outlet, where the webhook does not name it',
    'Purchase orders and transfers (consignments): what they change shows in the level feed',
  ],
};
