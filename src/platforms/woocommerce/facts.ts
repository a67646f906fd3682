import type { Facts, Operation } from '../../platform/contract.ts';

export type WooOp =
  | 'settings'
  | 'probe'
  | 'products'
  | 'variations'
  | 'productsById'
  | 'variationsById'
  | 'orderFeed'
  | 'order'
  | 'refunds'
  | 'writeProducts'
  | 'writeVariations'
  | 'hooks'
  | 'hookCreate'
  | 'hookUpdate'
  | 'hookDelete';

/** A shared host takes seconds for a page of a hundred orders. */
const READ_MS = 60_000;

const read = (priority: Operation['priority']): Operation => ({
  budgets: ['calls', 'underWay'],
  retry: 'safe',
  timeoutMs: READ_MS,
  priority,
});

/** An absolute number without a guard: sent twice it may bring back what was sold in between. */
const write: Operation = { budgets: ['calls', 'underWay'], retry: 'never', timeoutMs: 90_000, priority: 'decrease' };

export const facts: Facts<WooOp> = {
  id: 'woocommerce',
  name: 'WooCommerce',
  apiVersion: 'wc/v3',
  sources: [
    'github.com/woocommerce/woocommerce plugins/woocommerce/includes/class-wc-webhook.php, wc-webhook-functions.php: topics, signature, ping, five failures',
    'github.com/woocommerce/woocommerce plugins/woocommerce/includes/wc-stock-functions.php: when stock is taken and put back, _reduced_stock, _restock_refunded_items',
    'github.com/woocommerce/woocommerce plugins/woocommerce/includes/rest-api/Controllers/Version3: parameters, batch of 100, error codes',
    'recorded traffic and JSON schema of WooCommerce 11.0.1 on WordPress 7.1, November 2026',
  ],
  roles: ['sells'],
  trigger:
    'order.created and order.updated with status processing, on-hold or completed (stock is taken when the order is paid or reaches one of them, often days before "completed")',
  writeCall:
    'POST /wp-json/wc/v3/products/batch and /products/{parent}/variations/batch with {update: [{id, stock_quantity}]}',
  hooks: {
    kind: 'webhook',
    signature:
      'X-WC-Webhook-Signature: base64 HMAC-SHA256 of the raw body with the secret of the webhook; no time is signed',
    retries:
      'never; after more than 5 failures in a row WooCommerce disables the webhook and nothing turns it on again by itself',
    silentAfterMs: 3_600_000,
  },
  operations: {
    settings: read('audit'),
    probe: read('audit'),
    products: read('audit'),
    variations: read('audit'),
    productsById: read('fetch'),
    variationsById: read('fetch'),
    orderFeed: read('fetch'),
    order: read('fetch'),
    refunds: read('fetch'),
    writeProducts: write,
    writeVariations: write,
    hooks: read('audit'),
    hookCreate: { ...read('audit'), retry: 'never' },
    hookUpdate: read('audit'),
    hookDelete: read('audit'),
  },
  budgets: {
    // WooCommerce itself has no limit; its host has. Four at once is what the smallest PHP pools stand.
    calls: { kind: 'tokens', perSecond: 8, burst: 16 },
    underWay: { kind: 'in-flight', max: 4 },
  },
  push: {
    mode: 'blind',
    readFirst: true,
    batchMax: 100,
    visibleAfterMs: 0,
    // 8 parallel orders on a stock of 1, back orders off: 8 accepted, stock -7 (measured on 11.0.1).
    refusesBelowZero: 'racy',
    decimals: 0,
    min: 0,
    max: 1_000_000_000,
  },
  read: { batchMax: 100 },
  feeds: {
    // date_modified has whole seconds and is set before the row is written; item meta follow within the same request.
    orders: { everyMs: 60_000, everyMsAlone: 15_000, lagMs: 15_000, tells: 'orders' },
  },
  revision: 'time',
  lowersItself: 'paid',
  setup: {
    who: 'A shop manager or administrator of the WordPress site',
    minutes: 10,
    waitDays: 0,
    accounts: ['the WordPress site itself'],
  },
  evidence: {
    rung: 'server',
    why: 'The connector was run against WooCommerce 11.0.1 on WordPress 7.1 (PHP 8.2, MariaDB 10.11), signing by OAuth 1.0a, with orders kept as posts and in tables of their own (HPOS), each with webhooks and with the plugin of extension/ instead, and with plain permalinks: 259 comparisons of check, catalogue, variations, reads, writes (rise, fall, partly refused batches), the feed, orders through refunds, completing, cancelling, trash and deletion, refused keys, and webhooks that the shop made, signed and sent. Not run: older versions, Basic auth over TLS, shops with other plugins.',
    checkedAt: '2026-11-24',
  },
  notSupported: [
    'WooCommerce below 3.5, and the removed API /wc-api/v1 to v3',
    'Stock kept per location: WooCommerce has one pool; plugins that add locations keep numbers of their own',
    'Back orders: Onhand never tells a product to sell below zero',
    'Grouped and external products: they have no stock of their own',
    'Purchase orders: WooCommerce has none in its core',
  ],
};
