import { NO_LOCATION } from '../../platform/contract.ts';
import type { HttpRequest, HttpResponse } from '../../platform/http.ts';
import type { Sandbox, SandboxOptions, Shopper } from '../../platform/sandbox.ts';
import { openOf, RateLimiter, Router, type StockOrder, shopperOf } from '../../platform/sandbox-kit/index.ts';
import { Access } from './sandbox/access.ts';
import { ok, onlyFields, Refusal } from './sandbox/answers.ts';
import { hear } from './sandbox/events.ts';
import { HookQueue } from './sandbox/hook-queue.ts';
import { bin, orderRoutes, unbin } from './sandbox/order-routes.ts';
import { productRoutes } from './sandbox/product-routes.ts';
import { newWords, openShop, type Shop, stockShelves } from './sandbox/shop.ts';
import { webhookRoutes } from './sandbox/webhook-routes.ts';

/** An order takes about this long; another one within that time sees the stock as it was. */
const RACE_MS = 250;
/** What a middling host lets one visitor do before its firewall answers. WooCommerce itself has no limit. */
const HOST = { kind: 'bucket', size: 100, perSecond: 25 } as const;

export interface WooSandbox extends Sandbox {
  /** What the shop's people and its host can do besides selling. */
  staff: {
    revokeKey(): void;
    makeKeyReadOnly(): void;
    manageStock(on: boolean): void;
    trash(order: string): void;
    restore(order: string): void;
    /** A host or filter that allows fewer rows per batch. */
    allowBatch(rows: number): void;
    /** WooCommerce before 10.3. */
    withoutVariationsRoute(): void;
    webhooks(): { id: number; topic: string; status: string }[];
    disableWebhooks(): void;
  };
}

/** One WordPress site with WooCommerce 11: its REST API, its late webhook queue, its racy stock. */
export function wooSandbox(options: SandboxOptions): WooSandbox {
  const shop = openShop(options);
  const { book, key } = shop;
  const hooks = new HookQueue(shop);
  const access = new Access(shop);
  const limiter = new RateLimiter({
    clock: options.clock,
    factor: options.factor,
    unlimited: options.unlimited,
    limits: { host: HOST },
  });
  book.onChange((event) => hear(shop, hooks, event));
  const router = routes(shop, hooks);
  const orderOf = (id: string): StockOrder => book.order(id)!;
  return {
    platform: 'woocommerce',
    account: `${options.name}.example`,
    config: ({ api }) => ({
      account: `${options.name}.example`,
      url: api,
      consumerKey: key.consumerKey,
      consumerSecret: key.consumerSecret,
      webhookSecret: shop.webhookSecret,
    }),
    handle: async (request) => {
      const taken = limiter.take('host');
      if (!taken.ok)
        return page(429, 'Too Many Requests', { 'retry-after': String(Math.ceil(taken.retryAfterMs / 1000)) });
      return answer(shop, access, router, request);
    },
    fault: (kind) =>
      kind === 'throttled'
        ? page(429, 'Too Many Requests', { 'retry-after': '1' })
        : page(503, 'Service Temporarily Unavailable'),
    seed: (items) => stockShelves(shop, items),
    shopper: shopper(shop),
    book: () => book.book(),
    shown: () => book.shown(),
    oversold: () => book.oversold(),
    quiet: () => hooks.quiet(),
    close: () => hooks.close(),
    staff: {
      revokeKey: () => {
        key.revoked = true;
      },
      makeKeyReadOnly: () => {
        key.permission = 'read';
      },
      manageStock: (on) => {
        shop.manageStock = on;
      },
      trash: (order) => bin(shop, hooks, orderOf(order)),
      restore: (order) => unbin(shop, hooks, orderOf(order)),
      allowBatch: (rows) => {
        shop.batchMax = rows;
      },
      withoutVariationsRoute: () => {
        shop.hasVariationsRoute = false;
      },
      webhooks: () => shop.webhooks.map(({ id, topic, status }) => ({ id, topic, status })),
      disableWebhooks: () => {
        for (const hook of shop.webhooks) hook.status = 'disabled';
      },
    },
  };
}

function routes(shop: Shop, hooks: HookQueue): Router {
  const noRoute = () => new Refusal(404, 'rest_no_route', 'No route was found matching the URL and request method.');
  const refuse = (refusal: Refusal) => ok(shop, refusal.body(), refusal.status);
  const router = new Router({
    notFound: (_, url) => (url.pathname.startsWith('/wp-json/') ? refuse(noRoute()) : page(404, 'Page not found')),
    wrongMethod: () => refuse(noRoute()),
  });
  productRoutes(shop, router);
  orderRoutes(shop, hooks, router);
  webhookRoutes(shop, hooks, router);
  router.on('GET', '/wp-json/wc/v3/settings/products/woocommerce_manage_stock', () =>
    ok(shop, {
      id: 'woocommerce_manage_stock',
      label: 'Manage stock',
      description: 'Enable stock management',
      type: 'checkbox',
      default: 'yes',
      value: shop.manageStock ? 'yes' : 'no',
    }),
  );
  return router;
}

async function answer(shop: Shop, access: Access, router: Router, request: HttpRequest): Promise<HttpResponse> {
  const url = new URL(request.url);
  try {
    access.admit(request, url);
    // Plain permalinks: the route is a parameter.
    const route = url.searchParams.get('rest_route');
    if (route !== null && !url.pathname.startsWith('/wp-json/')) {
      url.searchParams.delete('rest_route');
      url.pathname = `/wp-json${route}`;
      return onlyFields(await router.handle({ ...request, url: url.href }), url);
    }
    return onlyFields(await router.handle(request), url);
  } catch (error) {
    if (error instanceof Refusal) return ok(shop, error.body(), error.status);
    if (error instanceof SyntaxError)
      return ok(shop, new Refusal(400, 'rest_invalid_json', 'Invalid JSON body passed.').body(), 400);
    throw error;
  }
}

/** What a firewall or web server in front of WordPress says: a page. */
const page = (status: number, title: string, headers: Record<string, string> = {}): HttpResponse => ({
  status,
  headers: { 'content-type': 'text/html; charset=UTF-8', ...headers },
  body: Buffer.from(`<html><head><title>${status} ${title}</title></head><body><h1>${title}</h1></body></html>`),
});

/** Checkout looks at stock before it takes it; nothing ships in parts; there is one pool and no till. */
function shopper(shop: Shop): Shopper {
  const { book } = shop;
  const base = shopperOf(book, {
    online: { policy: 'racy', windowMs: RACE_MS / shop.options.factor },
    till: { policy: 'refuse' },
    extra: ({ paid }) => newWords(paid ? 'processing' : 'pending', 'checkout'),
  });
  return {
    ...base,
    buy: (order) => (order.location === null ? base.buy(order) : { ok: false, why: 'the shop sells online only' }),
    fulfil(id, lines) {
      const order = book.order(id);
      if (!order) return false;
      const open = order.lines.reduce((sum, line) => sum + openOf(line, order), 0);
      const asked = lines?.reduce((sum, line) => sum + line.quantity, 0) ?? open;
      return asked === open && base.fulfil(id);
    },
    edit: (sku, _location, available) => base.edit(sku, NO_LOCATION, available),
  };
}
