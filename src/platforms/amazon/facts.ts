import type { Budget, Facts, Operation } from '../../platform/contract.ts';

/** Requests per second and burst, as the models print them; one bucket per operation, application and seller. */
const RATES = {
  searchOrders: [0.0056, 20],
  getOrder: [0.5, 30],
  getOrderV0: [0.5, 30],
  searchListingsItems: [5, 5],
  getListingsItem: [5, 10],
  patchListingsItem: [5, 5],
  getInventorySummaries: [2, 2],
  getDestinations: [1, 5],
  createDestination: [1, 5],
  deleteDestination: [1, 5],
  getSubscription: [1, 5],
  createSubscription: [1, 5],
  deleteSubscriptionById: [1, 5],
  // Neither of these prints a rate; what we allow ourselves.
  getSupplySources: [1, 5],
  token: [1, 5],
  // SQS takes nearly any number; this is far more than ten messages a call will ever need.
  queue: [20, 40],
} as const satisfies Record<string, readonly [perSecond: number, burst: number]>;

type BudgetName = keyof typeof RATES;

const API_MS = 30_000;

const read = (budget: BudgetName, priority: Operation['priority']): Operation => ({
  budgets: [budget],
  retry: 'safe',
  timeoutMs: API_MS,
  priority,
});

const OPERATIONS = {
  token: read('token', 'fetch'),
  searchOrders: read('searchOrders', 'fetch'),
  getOrder: read('getOrder', 'fetch'),
  getOrderV0: read('getOrderV0', 'fetch'),
  searchListingsItems: read('searchListingsItems', 'audit'),
  /** The same call, just before a write. */
  searchListingsItemsBySku: read('searchListingsItems', 'fetch'),
  getListingsItem: read('getListingsItem', 'fetch'),
  /** An absolute number without a guard: sent twice it may bring back what was sold in between. */
  patchListingsItem: { ...read('patchListingsItem', 'decrease'), retry: 'never' },
  getInventorySummaries: read('getInventorySummaries', 'audit'),
  getSupplySources: read('getSupplySources', 'audit'),
  getDestinations: read('getDestinations', 'audit'),
  createDestination: { ...read('createDestination', 'audit'), retry: 'never' },
  deleteDestination: { ...read('deleteDestination', 'audit'), retry: 'never' },
  getSubscription: read('getSubscription', 'audit'),
  createSubscription: { ...read('createSubscription', 'audit'), retry: 'never' },
  deleteSubscriptionById: { ...read('deleteSubscriptionById', 'audit'), retry: 'never' },
  /** A lost answer only hides the messages until their visibility timeout. */
  receiveMessage: read('queue', 'fetch'),
  deleteMessageBatch: read('queue', 'fetch'),
} satisfies Record<string, Operation>;

export type AmazonOp = keyof typeof OPERATIONS;

export const amazonFacts: Facts<AmazonOp> = {
  id: 'amazon',
  name: 'Amazon Seller Central',
  apiVersion: 'Orders 2026-01-01, Listings Items 2021-08-01, Notifications v1',
  sources: [
    'github.com/amzn/selling-partner-api-models@34dc93fe models/orders-api-model/orders_2026-01-01.json',
    'github.com/amzn/selling-partner-api-models@34dc93fe models/listings-items-api-model/listingsItems_2021-08-01.json',
    'github.com/amzn/selling-partner-api-models@34dc93fe models/notifications-api-model/notifications.json',
    'github.com/amzn/selling-partner-api-models@34dc93fe schemas/notifications/OrderChangeNotification.json',
    'developer-docs.amazon.com/sp-api/docs/usage-plans-and-rate-limits',
    'docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference',
  ],
  roles: ['sells'],
  trigger: 'ORDER_CHANGE notification in your own Amazon SQS queue; searchOrders (lastUpdatedAfter) as the net',
  writeCall: 'PATCH /listings/2021-08-01/items/{sellerId}/{sku}, merge on /attributes/fulfillment_availability',
  hooks: {
    kind: 'queue',
    // IAM lets only Amazon's notification account send to the queue; nothing in the message itself proves anything.
    signature: null,
    retries:
      'A message stays in the queue until it is deleted: it shows up again after the visibility timeout, for as long as the queue keeps messages (at most 14 days).',
    silentAfterMs: 6 * 3_600_000,
  },
  operations: OPERATIONS,
  budgets: Object.fromEntries(
    Object.entries(RATES).map(([name, [perSecond, burst]]): [string, Budget] => [
      name,
      { kind: 'tokens', perSecond, burst },
    ]),
  ),
  push: {
    mode: 'blind',
    // One search by 20 SKUs costs one of 5 tokens a second from a bucket of its own, a write costs one of 5 from another:
    // the reading before a batch is paid five times over and keeps an unheard sale from being overwritten.
    readFirst: true,
    // One SKU per PATCH at 5 a second: more than a second's worth in one batch would make an urgent decrease wait.
    batchMax: 5,
    // Amazon says "minutes"; reports of hours exist, and those are settled by reading, see settle.ts.
    settleBy: 'reading',
    visibleAfterMs: 300_000,
    // Units leave the offer while the order is still Pending. No page promises that two buyers cannot get the last one.
    refusesBelowZero: 'racy',
    decimals: 0,
    min: 0,
    // No maximum is published; a whole number of nine digits is safe in every field of theirs.
    max: 999_999_999,
  },
  read: { batchMax: 20 },
  feeds: {
    orders: {
      // 0.0056 a second is one call in 179 s; beside it the burst of 20 must be able to fill up for days with many pages.
      everyMs: 240_000,
      everyMsAlone: 190_000,
      lagMs: 120_000,
      tells: 'orders',
    },
  },
  revision: 'time',
  lowersItself: 'created',
  setup: {
    who: 'The account holder of Seller Central (private app) and whoever runs your AWS account (queue)',
    minutes: 45,
    waitDays: 3,
    accounts: [
      'Professional selling plan',
      'Solution Provider Portal profile (approved by Amazon)',
      'AWS account for the queue',
    ],
  },
  evidence: {
    rung: 'client',
    why: 'The npm client amazon-sp-api 1.2.1 reads, lists and writes through our stand-in over a socket; requests, answers and notifications are held against the models and schemas that Amazon publishes. Nothing has been run against Amazon itself.',
    checkedAt: '2026-08-05',
  },
  notSupported: [
    'Returns: Amazon tells no notification and no order field; receive returned goods by hand.',
    'Stock in Amazon warehouses is read, never written.',
    'Creating orders or listings, prices, Vendor Central, EventBridge without SQS behind it.',
    'Nightly bulk writes by JSON_LISTINGS_FEED.',
    'More than 1000 listings created in the same instant.',
  ],
};
