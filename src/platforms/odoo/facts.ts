import type { Facts, Operation } from '../../platform/contract.ts';

export type OdooOp =
  | 'login'
  | 'version'
  | 'places'
  | 'products'
  | 'quants'
  | 'readLevels'
  | 'orders'
  | 'orderFeed'
  | 'count'
  | 'clearCount'
  | 'applyCount'
  | 'rules'
  | 'ruleWrite';

const call = (priority: Operation['priority'] = 'audit'): Operation => ({
  budgets: ['calls'],
  retry: 'safe',
  timeoutMs: 60_000,
  priority,
});

/** A worker ends a transaction after this long (limit_time_real); until then it may commit what it stamped at its start. */
export const TRANSACTION_MS = 120_000;

export const facts: Facts<OdooOp> = {
  id: 'odoo',
  name: 'Odoo',
  apiVersion: '17 to 19: JSON-2 (19), JSON-RPC, XML-RPC',
  sources: [
    'odoo/documentation content/developer/reference/external_api.rst, external_rpc_api.rst, external_json2_api.rst',
    'odoo/odoo 17.0 to 19.0: addons/stock stock_quant.py and stock_move.py, addons/base_automation, base ir_actions.py',
    'fixtures/: 20 calls of Odoo 19.0 community, recorded on 2026-11-23, and webhooks of 2026-11-24',
  ],
  roles: ['sells'],
  trigger:
    'automation rule "Send Webhook Notification" on sale.order, sale.order.line, stock.picking, pos.order and stock.quant; then the record is read',
  writeCall:
    'stock.quant create with inventory_quantity in inventory mode, then action_apply_inventory (POST /json/2/stock.quant/…)',
  hooks: {
    kind: 'webhook',
    signature: null,
    retries: 'never; the sender waits one second and only logs what failed',
    silentAfterMs: 3_600_000,
  },
  operations: {
    login: call('fetch'),
    version: call(),
    places: call('fetch'),
    products: call(),
    quants: call('fetch'),
    readLevels: call('fetch'),
    orders: call('fetch'),
    orderFeed: call('fetch'),
    // Writes down a count and moves nothing, so it may be said twice.
    count: call('fetch'),
    clearCount: call('fetch'),
    applyCount: { ...call('decrease'), retry: 'never' },
    rules: call(),
    ruleWrite: { ...call(), retry: 'never' },
  },
  budgets: {
    // Odoo states no limit: it is a share of the server's workers that people use too. One worker reads 94 and sets 17 a second.
    calls: { kind: 'tokens', perSecond: 10, burst: 4 },
  },
  push: {
    // What is written is the difference on what is on hand; units promised meanwhile stay promised.
    mode: 'delta',
    readFirst: true,
    batchMax: 50,
    visibleAfterMs: 0,
    refusesBelowZero: 'no',
    decimals: 2,
    min: 0,
    max: 1_000_000,
  },
  read: { batchMax: 100 },
  feeds: {
    orders: { everyMs: 60_000, everyMsAlone: 10_000, lagMs: TRANSACTION_MS, tells: 'orders' },
    levels: { everyMs: 300_000, everyMsAlone: 60_000, lagMs: TRANSACTION_MS, tells: 'levels' },
  },
  revision: 'time',
  lowersItself: 'paid',
  setup: {
    who: 'An administrator of the database',
    minutes: 20,
    waitDays: 0,
    accounts: ['Odoo; on Odoo Online the Custom plan, because the others have no external API'],
  },
  evidence: {
    rung: 'server',
    why: 'The connector was run against Odoo 19.0 community (PostgreSQL 15) by JSON-2, JSON-RPC and XML-RPC: 63 comparisons each of check, lists, reads, writes (rise, fall, stale, partly refused batches), both feeds, orders through confirming, editing, partial delivery, return and cancelling, one and three steps, and automation rules whose webhooks came, verified and decoded; 18 more for tills that move goods at once and at closing. Odoo 17 and 18, Enterprise and Odoo Online were not run.',
    checkedAt: '2026-11-24',
  },
  notSupported: [
    'Products tracked by lot or serial number: listed with that reason, never written',
    'Kits (phantom bills of materials): their components are followed, the kit itself is never written',
    'Odoo 16 and older: no webhooks, other field names',
    'Units in packages or of other owners: counted, never changed',
    'Posting our movements as receipts or deliveries',
  ],
};
