import type { Facts } from '../../platform/contract.ts';
import { facts, type ShopifyOp } from './facts.ts';

/**
 * Tills on the account of a Shopify shop. Calls, limits, hooks and feeds are the shop's: one app is installed once, and its
 * bucket serves both.
 */
export const posFacts: Facts<ShopifyOp> = {
  ...facts,
  id: 'shopify-pos',
  name: 'Shopify POS',
  account: { platform: facts.id, source: 'pos' },
  sources: [
    ...facts.sources,
    'shopify.dev Order.sourceName, retailLocation, sourceIdentifier (2026-10): what a till writes into its orders',
    'help.shopify.com "Selling out of stock products": tills warn, and sell below zero',
  ],
  trigger:
    'orders/create with source_name "pos" or the till’s location_id, on the webhooks of the Shopify account (there is no pos_orders/create)',
  writeCall: 'inventorySetQuantities at the till’s location, by the Shopify account: both sell from the same number',
  push: { ...facts.push, refusesBelowZero: 'no' },
  setup: {
    who: 'Whoever connected the Shopify shop',
    minutes: 5,
    waitDays: 0,
    accounts: ['the Shopify shop, connected as platform shopify'],
  },
  evidence: {
    rung: 'contract',
    why: 'Till orders are read by the code of the Shopify account, whose documents and answers hold against the published Admin schema. Shopify publishes no sample of a till’s webhook; ours is made from the documented members.',
    checkedAt: '2026-11-24',
  },
  notSupported: [
    'A number of its own: a till and the online shop at one location sell from one number',
    'Custom sales (an amount typed in): they name no variant, so no stock',
    'Draft orders built at a till and paid in the admin name no till: they count as the online shop’s',
    ...facts.notSupported.filter((one) => !one.includes('POS')),
  ],
};
