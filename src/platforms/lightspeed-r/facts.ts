import type { Facts, Operation } from '../../platform/contract.ts';

export type LightspeedOp =
  | 'token'
  | 'account'
  | 'shops'
  | 'items'
  | 'itemsById'
  | 'levels'
  | 'sales'
  | 'sale'
  | 'lines'
  | 'line'
  | 'writeShop'
  | 'writeItem';

/** @param cost drips: 1, and for each relation that is a list 0.2, twice that where many are asked for */
const read = (cost: number, priority: Operation['priority'] = 'audit'): Operation => ({
  budgets: ['drips', 'burst'],
  cost,
  retry: 'safe',
  timeoutMs: 60_000,
  priority,
});

/**
 * An absolute number without a guard: sent twice it may bring back what was sold in between. Each shop costs half a drip;
 * what costs less waits less between the last look and the write.
 */
const write = (shops: number): Operation => ({
  budgets: ['drips', 'burst'],
  cost: 1.2 + shops / 2,
  retry: 'never',
  timeoutMs: 60_000,
  priority: 'decrease',
});

/** Shops per write at most. */
export const SHOPS_PER_WRITE = 4;

export const facts: Facts<LightspeedOp> = {
  id: 'lightspeed-r',
  name: 'Lightspeed Retail (R-Series)',
  apiVersion: 'V3',
  sources: [
    'developers.lightspeedhq.com/retail/endpoints: Sale, SaleLine, Sale-refund, Item, ItemShop, Shop, InventoryLog (April 2026)',
    'developers.lightspeedhq.com/retail/introduction: ratelimits (drips, bucket 90, 1 a second, burst), pagination, parameters, errors',
    'developers.lightspeedhq.com/retail/tutorials/inventory: "Adjusting ItemShops Directly", the PUT of a stock number',
    'developers.lightspeedhq.com/retail/tutorials/reservations: layaways, special orders, work orders',
    'developers.lightspeedhq.com/retail/authentication/refresh-token: rotating refresh tokens',
    'github.com/marketplacer/lightspeed_pos: recorded answers of 2015 and 2016 (shapes, errors, bucket header)',
  ],
  roles: ['sells'],
  trigger:
    'none to be told by: Sale.json is read by updatetime every few seconds (there is no "completedSale" event, and there are no webhooks)',
  writeCall:
    'PUT /API/V3/Account/{accountID}/Item/{itemID}.json with {"ItemShops": {"ItemShop": [{"shopID", "qoh"}]}} (there is no PATCH)',
  hooks: { kind: 'none', signature: null, retries: 'none: there are no webhooks', silentAfterMs: 3_600_000 },
  operations: {
    // The old refresh token works until the new access token is first used, so a lost answer may be asked for again.
    token: { budgets: ['tokenCalls'], retry: 'safe', timeoutMs: 20_000, priority: 'fetch' },
    account: read(1),
    shops: read(1),
    items: read(1.4),
    itemsById: read(1.4, 'fetch'),
    levels: read(1, 'fetch'),
    sales: read(1.8, 'fetch'),
    sale: read(1.4, 'fetch'),
    lines: read(1.4, 'fetch'),
    line: read(1.2, 'fetch'),
    writeShop: write(1),
    writeItem: write(SHOPS_PER_WRITE),
  },
  budgets: {
    // One register's; every answer tells what it really is (0.5 a second and 10 more for each further register).
    drips: { kind: 'cost', size: 90, perSecond: 1 },
    // The example of a limit per second is 20; never more than 16 within any one.
    burst: { kind: 'tokens', perSecond: 8, burst: 8 },
    tokenCalls: { kind: 'tokens', perSecond: 0.2, burst: 3 },
  },
  push: {
    mode: 'blind',
    readFirst: true,
    // One call per item, whatever its shops: few at a time, so that little is sold between reading and writing.
    batchMax: 4,
    visibleAfterMs: 0,
    // Tills sell what is in the hand.
    refusesBelowZero: 'no',
    decimals: 0,
    min: 0,
    max: 1_000_000,
  },
  read: { batchMax: 50 },
  feeds: {
    sales: { everyMs: 10_000, everyMsAlone: 10_000, lagMs: 30_000, tells: 'orders' },
    reservations: { everyMs: 60_000, everyMsAlone: 60_000, lagMs: 30_000, tells: 'orders' },
    levels: { everyMs: 60_000, everyMsAlone: 60_000, lagMs: 30_000, tells: 'levels' },
  },
  revision: 'time',
  lowersItself: 'paid',
  setup: {
    who: 'An administrator of the Lightspeed Retail account, and whoever registers the API client',
    minutes: 30,
    waitDays: 1,
    accounts: ['Lightspeed Retail (R-Series)', 'a Lightspeed API client (free)'],
  },
  evidence: {
    rung: 'contract',
    why: "What is sent, what is read and what the stand-in answers have the members, forms and costs of Lightspeed's reference pages; the shapes were read against recorded answers of a real account (2015–16). Lightspeed publishes no schema and no SDK, and it was never run against a real account.",
    checkedAt: '2026-11-24',
  },
  notSupported: [
    'Webhooks: this API has none, so a sale is known after 10 seconds at most',
    'Boxes, assemblies and serialized items: listed with that reason, never written',
    'Refunds of goods that do not go back on the shelf: Lightspeed puts every refunded unit back; staff adjust it',
    'Posting reductions as sales of their own (Lightspeed’s reports would count them as revenue)',
    'X-Series (Vend): another API, a platform of its own',
  ],
};
