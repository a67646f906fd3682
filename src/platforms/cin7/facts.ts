import type { Facts, Operation } from '../../platform/contract.ts';

export type Cin7Op =
  | 'me'
  | 'locations'
  | 'products'
  | 'product'
  | 'availability'
  | 'availabilityOf'
  | 'sales'
  | 'credits'
  | 'sale'
  | 'adjust'
  | 'hooks'
  | 'hookWrite'
  | 'omniBranches'
  | 'omniProducts'
  | 'omniStock'
  | 'omniStockOf'
  | 'omniOrders'
  | 'omniCredits'
  | 'omniOrder'
  | 'omniAdjust';

const core = (priority: Operation['priority'] = 'audit'): Operation => ({
  budgets: ['coreCalls'],
  retry: 'safe',
  timeoutMs: 60_000,
  priority,
});
const omni = (priority: Operation['priority'] = 'audit'): Operation => ({
  ...core(priority),
  budgets: ['omniCalls', 'omniDay'],
});

export const facts: Facts<Cin7Op> = {
  id: 'cin7',
  name: 'Cin7 (Core and Omni)',
  apiVersion: 'Core v2, Omni v1',
  sources: [
    'dearinventory.docs.apiary.io (Cin7 Core ExternalApi v2, April 2026): sale, saleList, saleCreditNoteList, productavailability, stockadjustment, webhooks, status codes, pagination',
    'github.com/FalconEyeSolutions/CIN7-DearInventory api/openapi.yaml: the same text with its samples (adjustment 601 to 600)',
    'api.cin7.com/api/Help: Omni v1 SalesOrders, CreditNotes, Stock, Adjustments, Branches, Products: members and their meaning',
    'help.omni.cin7.com: credit note quantities below zero; limits of 3 a second, 60 a minute, 5,000 a day',
  ],
  roles: ['sells', 'keeps'],
  trigger:
    'Core: Sale/OrderAuthorised (units are allocated), Sale/ShipmentAuthorised, Sale/CreditNoteAuthorised, Sale/Voided, then GET /sale. Omni: GET /SalesOrders and /CreditNotes by modifiedDate',
  writeCall: 'Core: POST /stockadjustment (new on-hand quantities, UpdateOnHand true). Omni: POST /api/v1/Adjustments',
  hooks: {
    kind: 'webhook',
    signature: null,
    retries:
      'Core: first after about a minute, then after 5, 10, 15, 20 and 25 minutes; after the sixth failure the webhook is switched off in silence. Omni has none',
    silentAfterMs: 3_600_000,
  },
  operations: {
    me: core(),
    locations: core('fetch'),
    products: core(),
    product: core('fetch'),
    availability: core(),
    availabilityOf: core('fetch'),
    sales: core('fetch'),
    credits: core('fetch'),
    sale: core('fetch'),
    // An absolute number without a guard: sent twice it may bring back what was shipped in between.
    adjust: { ...core('decrease'), retry: 'never', timeoutMs: 90_000 },
    hooks: core(),
    hookWrite: core(),
    omniBranches: omni(),
    omniProducts: omni(),
    omniStock: omni(),
    omniStockOf: omni('fetch'),
    omniOrders: omni('fetch'),
    omniCredits: omni('fetch'),
    omniOrder: omni('fetch'),
    // Its reference is unique there, so a repeat is refused; but a lost answer is looked into first.
    omniAdjust: { ...omni('decrease'), retry: 'never', timeoutMs: 90_000 },
  },
  budgets: {
    // 60 in any minute per application key.
    coreCalls: { kind: 'tokens', perSecond: 0.9, burst: 6 },
    // 3 a second and 60 in any minute.
    omniCalls: { kind: 'tokens', perSecond: 0.95, burst: 3 },
    // 5,000 a day: a refusal does not say which limit was hit, and must not cost the rest of the day.
    omniDay: { kind: 'tokens', perSecond: 0.046, burst: 1_000 },
  },
  push: {
    mode: 'blind',
    readFirst: true,
    // No maximum is published; a document of a hundred lines is one of a minute's sixty calls.
    batchMax: 100,
    visibleAfterMs: 2_000,
    // Orders beyond stock become back orders.
    refusesBelowZero: 'no',
    decimals: 2,
    min: 0,
    max: 100_000_000,
  },
  read: { batchMax: 100 },
  feeds: {
    orders: { everyMs: 60_000, everyMsAlone: 30_000, lagMs: 30_000, tells: 'orders' },
    returns: { everyMs: 300_000, everyMsAlone: 120_000, lagMs: 30_000, tells: 'orders' },
  },
  revision: 'time',
  lowersItself: 'created',
  setup: {
    who: 'An administrator of the Cin7 account',
    minutes: 20,
    waitDays: 0,
    accounts: ['the Cin7 account itself; webhooks of Core need its Automation module'],
  },
  evidence: {
    rung: 'contract',
    why: "Core: every request body and webhook is held against a transcription of the published text, and every member that the stand-in prints stands in the vendor's own samples, which are read too. Omni: held against the published member lists, partly by hand. The vendor keeps no SDK, and neither was run against a real account.",
    checkedAt: '2026-11-24',
  },
  notSupported: [
    'Omni has no webhooks and no stock movements: it is polled, and changes by hand are seen by reconciling',
    'Core: products made from parts (bill of materials with auto-assembly): listed, never written',
    'Core: stock in bins or batches is read and added up; what is written goes to the part that lies in neither',
    'Omni: products under batch or serial control: listed, never written',
    'Units of measure other than the base unit; kits of Omni (virtual stock)',
    'Purchase orders and transfers',
  ],
};
