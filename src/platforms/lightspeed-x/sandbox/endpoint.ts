import { type HttpRequest, type HttpResponse, jsonResponse } from '../../../platform/http.ts';
import { RateLimiter, Router } from '../../../platform/sandbox-kit/index.ts';
import { API_VERSION } from '../config.ts';
import { listAnswer, notFound, refusal, wholeOf } from './answers.ts';
import { apiSale } from './sale-json.ts';
import { stockRoutes } from './stock.ts';
import { productNotes, type ReturnSale, type Store, seconds } from './store.ts';
import type { Subscriptions } from './subscriptions.ts';
import type { Tokens } from './tokens.ts';

/**
 * 300 × registers + 50 calls in five minutes, with one register. A bucket that never lets more through in any five minutes
 * is stricter than a window that begins anew.
 */
const CALLS = { kind: 'bucket', size: 50, perSecond: 1 } as const;
const LIMIT = 350;
const BASE = `/api/${API_VERSION}`;

/** The scope of each path, reads and writes. */
const SCOPE_OF: [RegExp, read: string, write: string][] = [
  [/\/outlets/, 'outlets:read', 'outlets:write'],
  [/\/products/, 'products:read', 'products:write'],
  [/\/sales/, 'sales:read', 'sales:write'],
  [/\/webhooks/, 'webhooks', 'webhooks'],
  [/\/inventory/, 'inventory:read', 'inventory:read'],
  [/./, 'inventory:write', 'inventory:write'],
];

/** Everything behind `{prefix}.retail.lightspeed.app`: token, scope, limit, then the call. */
export class Endpoint {
  readonly limiter: RateLimiter;
  private readonly router = new Router({
    notFound: () => notFound('Resource'),
    wrongMethod: () => refusal(405, 'method_not_allowed', 'Method not allowed.'),
  });

  constructor(
    private readonly store: Store,
    private readonly tokens: Tokens,
    private readonly returns: ReturnSale[],
    hooks: Subscriptions,
  ) {
    const { clock, factor, unlimited } = store.options;
    this.limiter = new RateLimiter({ clock, factor, unlimited, limits: { calls: CALLS } });
    this.reads();
    stockRoutes(store, this.router, BASE);
    hooks.routes(this.router, BASE);
  }

  async handle(request: HttpRequest): Promise<HttpResponse> {
    const { clock, factor } = this.store.options;
    const { pathname } = new URL(request.url);
    const dated = (answer: HttpResponse, headers: Record<string, string> = {}): HttpResponse => ({
      ...answer,
      headers: { ...answer.headers, date: new Date(clock.now()).toUTCString(), ...headers },
    });
    if (pathname === '/api/1.0/token' && request.method === 'POST') return dated(this.tokens.renew(request));
    const [, read, write] = SCOPE_OF.find(([path]) => path.test(pathname))!;
    const refused = this.tokens.check(request.headers['authorization'], request.method === 'GET' ? read : write);
    if (refused) return dated(refused);
    const taken = this.limiter.take('calls');
    if (!taken.ok) return throttled(clock.now(), taken.retryAfterMs);
    const limits = {
      'x-ratelimit-limit': String(LIMIT * factor),
      'x-ratelimit-remaining': String(Math.floor(taken.available) + (LIMIT - CALLS.size) * factor),
    };
    try {
      return dated(await this.router.handle(request), limits);
    } catch (error) {
      if (error instanceof SyntaxError) return dated(refusal(400, 'bad_request', 'The body is not JSON.'), limits);
      throw error;
    }
  }

  private reads(): void {
    const { store, router } = this;
    router
      .on('GET', `${BASE}/outlets`, () =>
        listAnswer(
          store.outlets.map(({ id, name, deletedAtMs, version }) => ({
            version,
            json: { id, name, deleted_at: deletedAtMs === undefined ? null : seconds(deletedAtMs), version },
          })),
        ),
      )
      .on('GET', `${BASE}/products`, ({ query }) => this.products(query))
      .on('GET', `${BASE}/products/{id}`, ({ params }) => {
        const item = store.book.shelves.itemById(params['id']!);
        return item ? jsonResponse(200, { data: this.product(item, 0) }) : notFound('Product');
      })
      .on('GET', `${BASE}/sales`, ({ query }) => {
        const size = wholeOf(query.get('page_size'), 200, 10_000);
        const after = wholeOf(query.get('after'), 0, Number.MAX_SAFE_INTEGER);
        if (size === undefined || after === undefined) return refusal(400, 'bad_request', 'page_size or after.');
        const { items } = store.sales.page({ afterMs: after, limit: size });
        return listAnswer(items.map((row) => ({ version: row.version, json: apiSale(row, this.returns) })));
      })
      .on('GET', `${BASE}/sales/{id}`, ({ params }) => {
        const row = store.saleOf.get(params['id']!);
        return row ? jsonResponse(200, { data: apiSale(row, this.returns) }) : notFound('Sale');
      });
  }

  private products(query: URLSearchParams): HttpResponse {
    const size = wholeOf(query.get('page_size'), 100, 10_000);
    const after = wholeOf(query.get('after'), 0, Number.MAX_SAFE_INTEGER);
    if (size === undefined || after === undefined) return refusal(400, 'bad_request', 'page_size or after.');
    const { items } = this.store.products.page({ afterMs: after, limit: size });
    const deletedToo = query.get('deleted') === 'true';
    return listAnswer(
      items
        .filter(({ of }) => deletedToo || productNotes(of).deletedAtMs === undefined)
        .map(({ of, version }) => ({ version, json: this.product(of, version) })),
    );
  }

  private product(item: Parameters<typeof productNotes>[0], version: number) {
    const { composite = false, deletedAtMs } = productNotes(item);
    return {
      id: item.id,
      sku: item.sku,
      product_codes: [{ id: `${item.id}-code`, type: 'CUSTOM', code: item.sku }],
      name: item.title,
      variant_name: item.title,
      variant_parent_id: null,
      family_id: item.id,
      has_variants: false,
      is_composite: composite,
      has_inventory: item.tracked,
      active: true,
      deleted_at: deletedAtMs === undefined ? null : seconds(deletedAtMs),
      version,
    };
  }
}

/** `Retry-After` is a date, in whole seconds. */
export function throttled(nowMs: number, waitMs: number): HttpResponse {
  const answer = refusal(429, 'rate_limited', 'Too many requests.');
  const date = new Date(nowMs).toUTCString();
  const after = new Date(Math.ceil((nowMs + waitMs) / 1000) * 1000).toUTCString();
  return { ...answer, headers: { ...answer.headers, date, 'retry-after': after } };
}
