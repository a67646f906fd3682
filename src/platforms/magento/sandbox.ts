import type { HttpRequest, HttpResponse } from '../../platform/http.ts';
import type { Sandbox, SandboxOptions, Shopper } from '../../platform/sandbox.ts';
import { openOf, RateLimiter, Router, shopperOf } from '../../platform/sandbox-kit/index.ts';
import { Access } from './sandbox/access.ts';
import { noRoute, ok, onlyFields, page, Refusal } from './sandbox/answers.ts';
import { catalogueRoutes } from './sandbox/catalogue-routes.ts';
import { hear, moduleOf } from './sandbox/events.ts';
import { inventoryRoutes } from './sandbox/inventory-routes.ts';
import { orderRoutes } from './sandbox/order-routes.ts';
import { openState, type State, stockShelves } from './sandbox/state.ts';

/** What a middling host lets one visitor do before its firewall answers. Magento itself has no limit. */
const HOST = { kind: 'bucket', size: 100, perSecond: 25 } as const;

export interface MagentoSandbox extends Sandbox {
  /** What the shop's people and its host can do besides selling. */
  staff: {
    revoke(): void;
    makeReadOnly(): void;
    allowBearer(): void;
    removeSources(): void;
    limitInput(rows: number): void;
    switchOff(sku: string, source: string): void;
    /** A further source for the first stock; some of what lies there is moved to it. */
    openSource(code: string, moved: Record<string, number>): void;
    /** Disables a product, so that the index leaves it out. */
    disable(sku: string): void;
  };
}

/** One Magento Open Source 2.4 shop: a source, a stock and a website per place, and the Onhand module installed. */
export function magentoSandbox(options: SandboxOptions): MagentoSandbox {
  const state = openState(options);
  const { book, keys } = state;
  const module = moduleOf(state);
  const access = new Access(state);
  const limiter = new RateLimiter({
    clock: options.clock,
    factor: options.factor,
    unlimited: options.unlimited,
    limits: { host: HOST },
  });
  book.onChange((event) => hear(state, module, event));
  const people = shopper(state);
  const router = new Router({
    notFound: (_, url) => (url.pathname.startsWith('/V1/') ? refuse(state, noRoute()) : page(404, 'Page not found')),
    wrongMethod: () => refuse(state, noRoute()),
  });
  catalogueRoutes(state, router);
  inventoryRoutes(state, router);
  orderRoutes(state, people, router);
  return {
    platform: 'magento',
    account: `${options.name}.example`,
    config: ({ api, hook }) => {
      state.hookUrl = hook;
      return { account: `${options.name}.example`, url: api, ...keys, webhookSecret: state.webhookSecret };
    },
    handle: async (request) => {
      const taken = limiter.take('host');
      if (!taken.ok)
        return page(429, 'Too Many Requests', { 'retry-after': String(Math.ceil(taken.retryAfterMs / 1000)) });
      return answer(state, access, router, request);
    },
    fault: (kind) =>
      kind === 'throttled'
        ? page(429, 'Too Many Requests', { 'retry-after': '1' })
        : page(503, 'Service Temporarily Unavailable'),
    seed: (items) => stockShelves(state, items),
    shopper: people,
    book: () => book.book(),
    shown: () => book.shown(),
    oversold: () => book.oversold(),
    quiet: () => module.quiet(),
    close: () => module.close(),
    staff: {
      revoke: () => {
        state.revoked = true;
      },
      makeReadOnly: () => {
        state.mayWrite = false;
      },
      allowBearer: () => {
        state.bearerAllowed = true;
      },
      removeSources: () => {
        state.hasSources = false;
      },
      limitInput: (rows) => {
        state.inputMax = rows;
      },
      disable: (sku) => void state.hidden.add(sku),
      switchOff: (sku, source) => void state.switchedOff.add(`${sku} ${source}`),
      openSource: (code, moved) => {
        state.further = { code, held: new Map(Object.entries(moved)) };
      },
    },
  };
}

const refuse = (state: State, refusal: Refusal): HttpResponse => ok(state, refusal.body(), refusal.status);

async function answer(state: State, access: Access, router: Router, request: HttpRequest): Promise<HttpResponse> {
  const url = new URL(request.url);
  // The store view comes first, or is left out for the default one.
  const path = /\/rest(?:\/[a-z0-9_]+)?(\/V1\/.*)$/i.exec(url.pathname)?.[1];
  try {
    if (path === undefined) {
      if (!/\/rest\//.test(url.pathname)) return page(404, 'Page not found');
      throw noRoute();
    }
    access.admit(request, path);
    const inner = new URL(url);
    inner.pathname = path;
    return onlyFields(await router.handle({ ...request, url: inner.href }), url.searchParams.get('fields'));
  } catch (error) {
    if (error instanceof Refusal) return refuse(state, error);
    if (error instanceof SyntaxError) return refuse(state, new Refusal(400, 'Decoding error: Syntax error'));
    throw error;
  }
}

/** Each website sells from its own stock and refuses what it does not have; nothing is handed over at once. */
function shopper(state: State): Shopper {
  const { book } = state;
  const base = shopperOf(book, {
    online: { policy: 'refuse' },
    till: { policy: 'refuse' },
    tillFulfils: false,
    extra: () => ({ updatedMs: state.options.clock.now() }),
  });
  return {
    ...base,
    buy: (order) => base.buy({ ...order, location: order.location ?? book.shelves.locations[0]! }),
    fulfil(id, lines) {
      const order = book.order(id);
      // "Not all of your products are available in the requested quantity."
      const lacks = order?.lines.some((line) => {
        const asked = lines ? (lines.find(({ sku }) => sku === line.item.sku)?.quantity ?? 0) : openOf(line, order);
        const level = line.counted ? book.shelves.level(line.item, line.parts[0]?.location ?? '') : undefined;
        return level !== undefined && level.onHand < asked;
      });
      return !lacks && base.fulfil(id, lines);
    },
  };
}
