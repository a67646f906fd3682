import type { HttpRequest, HttpResponse } from '../../platform/http.ts';
import type { Sandbox, SandboxOptions, Shopper } from '../../platform/sandbox.ts';
import { goneOf, openOf, RateLimiter, Router, shopperOf } from '../../platform/sandbox-kit/index.ts';
import { answer, Refusal } from './sandbox/answers.ts';
import { HookQueue } from './sandbox/events.ts';
import { hookRoutes } from './sandbox/hook-routes.ts';
import { orderRoutes } from './sandbox/order-routes.ts';
import { stockRoutes } from './sandbox/stock-routes.ts';
import { newWords, openStore, type Store, stockShelves, wordsOf } from './sandbox/store.ts';

/** A checkout looks at stock before it takes it. */
const RACE_MS = 250;
/** Standard and Plus plans. */
const QUOTA = 150;
const WINDOW_MS = 30_000;

export interface BigSandbox extends Sandbox {
  /** What the store's people can do besides selling. */
  staff: {
    revokeToken(): void;
    makeTokenReadOnly(): void;
    safetyStock(sku: string, location: string, units: number): void;
    archive(order: string): void;
    disableLocation(location: string): void;
    settings: Store['settings'];
    hooks(): { scope: string; active: boolean }[];
    switchHooksOff(): void;
  };
}

/** One BigCommerce store: its REST API, its late adjustments, its signed thin webhooks. */
export function bigSandbox(options: SandboxOptions): BigSandbox {
  const store = openStore(options);
  const { book } = store;
  const hooks = new HookQueue(store);
  book.onChange((event) => hooks.hear(event));
  const limiter = new RateLimiter({
    clock: options.clock,
    factor: options.factor,
    unlimited: options.unlimited,
    limits: { quota: { kind: 'window', max: QUOTA, perMs: WINDOW_MS } },
  });
  const router = new Router({
    notFound: () => {
      throw new Refusal(404, 'The route is not found, check the URL');
    },
    wrongMethod: () => {
      throw new Refusal(405, 'Method not allowed');
    },
  });
  stockRoutes(store, router);
  orderRoutes(store, router);
  hookRoutes(store, hooks, router);
  return {
    platform: 'bigcommerce',
    account: store.hash,
    config: ({ api }) => ({
      account: store.hash,
      accessToken: store.token.value,
      webhookSecret: store.clientSecret,
      onlineLocation: options.locations[0]!.id,
      apiUrl: api,
    }),
    handle: async (request) => {
      const taken = limiter.take('quota');
      const windowMs = WINDOW_MS / options.factor;
      const limits = {
        'x-rate-limit-requests-left': String(Math.floor(taken.available)),
        'x-rate-limit-requests-quota': String(QUOTA),
        'x-rate-limit-time-window-ms': String(windowMs),
        'x-rate-limit-time-reset-ms': String(taken.ok ? windowMs : taken.retryAfterMs),
      };
      if (!taken.ok) return tooMany(store, limits);
      const response = await serve(store, router, request);
      return { ...response, headers: { ...response.headers, ...limits } };
    },
    fault: (kind) =>
      kind === 'throttled'
        ? tooMany(store, { 'x-rate-limit-time-reset-ms': String(Math.ceil(3_000 / options.factor)) })
        : { status: 503, headers: { 'content-type': 'text/plain' }, body: Buffer.from('Service unavailable') },
    seed: (items) => stockShelves(store, items),
    shopper: shopper(store),
    book: () => book.book(),
    shown: () => book.shown(),
    oversold: () => book.oversold(),
    quiet: () => hooks.quiet() && store.waiting.size === 0,
    close: () => {
      hooks.close();
      for (const cancel of store.waiting) cancel();
      store.waiting.clear();
    },
    staff: staff(store, hooks),
  };
}

function staff(store: Store, hooks: HookQueue): BigSandbox['staff'] {
  const { book, token, settings } = store;
  return {
    settings,
    revokeToken: () => {
      token.revoked = true;
    },
    makeTokenReadOnly: () => {
      token.readOnly = true;
    },
    safetyStock: (sku, location, units) => {
      book.setSafety(book.shelves.level(book.shelves.item(sku)!, location)!, units);
    },
    archive: (id) => {
      const order = book.order(id)!;
      wordsOf(order).archived = true;
      hooks.send('store/order/archived', { type: 'order', id: Number(id) });
    },
    disableLocation: (location) => {
      store.disabled.add(location);
    },
    hooks: () => store.hooks.map(({ scope, active }) => ({ scope, active })),
    switchHooksOff: () => {
      for (const hook of store.hooks) hook.active = false;
    },
  };
}

async function serve(store: Store, router: Router, request: HttpRequest): Promise<HttpResponse> {
  const { pathname } = new URL(request.url);
  try {
    admit(store, request);
    return await router.handle(request);
  } catch (error) {
    if (error instanceof Refusal) return error.response(store, pathname);
    if (error instanceof SyntaxError)
      return new Refusal(400, 'JSON data is missing or invalid').response(store, pathname);
    throw error;
  }
}

function admit({ token }: Store, { headers, method }: HttpRequest): void {
  if (token.revoked || headers['x-auth-token'] !== token.value)
    throw new Refusal(401, 'Unauthorized: the X-Auth-Token is missing or not valid');
  if (token.readOnly && method !== 'GET')
    throw new Refusal(403, 'You don’t have a required scope to access the endpoint');
}

const tooMany = (store: Store, headers: Record<string, string>): HttpResponse =>
  answer(store, { status: 429, title: 'Too many requests', type: '', errors: {} }, 429, headers);

/**
 * Orders to be shipped are taken from the first location alone, as a store without multi-location fulfilment does it; an
 * order with a place is picked up there. A refund in part puts nothing back, one of the whole order puts all back.
 */
function shopper(store: Store): Shopper {
  const { book, options } = store;
  const online = { policy: 'racy', windowMs: RACE_MS / options.factor } as const;
  const first = options.locations[0]!.id;
  const base = shopperOf(book, { online, till: { policy: 'refuse' }, extra: ({ paid }) => newWords(true, !paid) });
  return {
    ...base,
    buy: (wanted) => {
      if (wanted.location !== null) return base.buy(wanted);
      const lines = wanted.lines.map(({ sku, quantity }) => ({ item: book.shelves.item(sku)!, quantity }));
      if (lines.some(({ item }) => !item)) return { ok: false, why: 'there is no such item' };
      const { paid = true } = wanted;
      const placed = book.place({ lines, location: first, sell: online, paid, extra: newWords(false, !paid) });
      return placed.ok ? { ok: true, order: placed.order.id } : placed;
    },
    fulfil: (id, lines) => {
      const order = book.order(id);
      // What is picked up is picked up whole.
      if (!order || (wordsOf(order).pickup && lines)) return false;
      return base.fulfil(id, lines);
    },
    refund: (id, line, restock) => {
      const order = book.order(id);
      if (!order || order.lines.some((one) => openOf(one, order) > 0)) return false;
      const gone = order.lines.reduce((sum, one) => sum + goneOf(one), 0);
      const whole = gone === line.quantity && order.refunds.length === 0;
      if (whole !== restock || (!whole && gone <= line.quantity)) return false;
      return base.refund(id, line, restock);
    },
  };
}
