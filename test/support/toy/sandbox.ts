import { bodyText, type HttpRequest, type HttpResponse, jsonResponse } from '../../../src/platform/http.ts';
import type { Sandbox, SandboxOptions } from '../../../src/platform/sandbox.ts';
import { availableOf, HookSender, RateLimiter, StockBook, shopperOf } from '../../../src/platform/sandbox-kit/index.ts';
import { hmac } from '../../../src/platform/signature.ts';
import { printOrder } from './orders.ts';

const PAGE = 100;

/** The stand-in of the toy: one book, signed webhooks (every third one thin), a limit, writes of three kinds. */
export function toySandbox(platform: string, options: SandboxOptions): Sandbox {
  const { clock, factor } = options;
  const account = `${platform}:${options.name}`;
  const secret = `secret of ${options.name}`;
  const book = new StockBook({ clock, locations: options.locations.map(({ id }) => id), takesAt: 'placed' });
  const hooks = new HookSender({
    ...options,
    plan: {
      delayMs: (random) => 200 + random() * 2_000,
      retriesMs: [2_000],
      bodyFrom: 'event',
      coalesce: false,
      offAfter: null,
    },
  });
  const limiter = new RateLimiter({
    clock,
    factor,
    ...(options.unlimited && { unlimited: true }),
    limits: { calls: { kind: 'bucket', size: 40, perSecond: 20 } },
  });
  const writes = new Map<string, { stockKey: string; location: string }>();
  let hookUrl = '';
  let told = 0;
  book.onChange((event) => {
    if (event.kind !== 'order') return;
    told += 1;
    const body = JSON.stringify(told % 3 === 0 ? { thin: event.order.id } : { order: printOrder(event.order) });
    hooks.send({
      subscription: 'orders',
      key: event.order.id,
      build: () => ({
        method: 'POST',
        url: hookUrl,
        headers: { 'content-type': 'application/json', 'x-toy-signature': hmac('sha256', secret, [body], 'hex') },
        body,
      }),
    });
  });
  const level = (stockKey: string, location: string) => {
    const item = book.shelves.items.find((one) => one.id === stockKey);
    return item && book.shelves.level(item, location);
  };
  const print = (stockKey: string, location: string, found: NonNullable<ReturnType<typeof level>>) => ({
    stockKey,
    location,
    available: availableOf(found),
    tracked: found.item.tracked,
  });

  function answer(request: HttpRequest): HttpResponse {
    const url = new URL(request.url);
    const body = request.body ? JSON.parse(bodyText(request)) : undefined;
    const after = url.searchParams.get('after') ?? '';
    switch (`${request.method} ${url.pathname.split('/').slice(0, 3).join('/')}`) {
      case 'POST /hook':
        hookUrl = body.url;
        return jsonResponse(200, {});
      case 'GET /locations':
        return jsonResponse(
          200,
          options.locations.map(({ id, name }) => ({ location: id, name, active: true })),
        );
      case 'GET /items': {
        const items = book.shelves.items.slice(Number(after), Number(after) + PAGE);
        const rows = items.map(({ id, sku, title, tracked }) => ({ listing: id, stockKey: id, sku, title, tracked }));
        return jsonResponse(200, { items: rows, next: items.length === PAGE ? String(Number(after) + PAGE) : null });
      }
      case 'GET /levels': {
        const items = book.shelves.items.slice(Number(after), Number(after) + PAGE);
        const rows = items.flatMap((item) => item.levels.map((one) => print(item.id, one.location, one)));
        return jsonResponse(200, { items: rows, next: items.length === PAGE ? String(Number(after) + PAGE) : null });
      }
      case 'POST /levels/read':
        return jsonResponse(
          200,
          body.flatMap(({ stockKey, location }: { stockKey: string; location: string }) => {
            const found = level(stockKey, location);
            return found ? [print(stockKey, location, found)] : [];
          }),
        );
      case 'POST /levels':
        return jsonResponse(200, body.rows.map(write));
      default:
        return orders(request, url, after);
    }
  }

  function write(row: {
    stockKey: string;
    location: string;
    key: string;
    value?: number;
    delta?: number;
    expect?: number;
  }) {
    const found = level(row.stockKey, row.location);
    if (!found) return { ok: false, error: 'unknown' };
    const change = row.delta !== undefined ? { delta: row.delta } : { available: row.value! };
    const made = book.write(found, change, 'write', row.expect === undefined ? {} : { expect: row.expect });
    if (!made.ok) return { ok: false, error: 'stale', now: made.now };
    writes.set(row.key, row);
    return { ok: true, now: made.after };
  }

  function orders(request: HttpRequest, url: URL, after: string): HttpResponse {
    const id = url.pathname.split('/')[2];
    if (url.pathname.startsWith('/writes/')) {
      const made = writes.get(id ?? '');
      const now = made && availableOf(level(made.stockKey, made.location)!);
      return jsonResponse(200, { found: made !== undefined, now });
    }
    if (request.method !== 'GET' || url.pathname.split('/')[1] !== 'orders') return jsonResponse(404, {});
    if (id) {
      const order = book.order(id);
      return order ? jsonResponse(200, printOrder(order)) : jsonResponse(404, {});
    }
    const changed = book.changedOrders.page({ afterMs: Number(after || 0), limit: PAGE }).items;
    const last = changed.at(-1);
    return jsonResponse(200, {
      orders: changed.map(printOrder),
      cursor: last ? String(last.changedAtMs) : after,
      completeTo: new Date(changed.length === PAGE ? last!.changedAtMs : clock.now()).toISOString(),
      more: changed.length === PAGE,
    });
  }

  return {
    platform,
    account,
    config: ({ api, hook }) => {
      hookUrl = hook;
      return { account, api, token: 'token', webhookSecret: secret };
    },
    handle: async (request) => {
      if (request.headers['authorization'] !== 'Bearer token') return jsonResponse(401, {});
      if (!limiter.take('calls').ok) return jsonResponse(429, {});
      return answer(request);
    },
    fault: (kind) => jsonResponse(kind === 'throttled' ? 429 : 503, {}),
    seed: (items) => void book.seed(items),
    shopper: shopperOf(book, { online: { policy: 'refuse' }, till: { policy: 'refuse' } }),
    book: () => book.book(),
    shown: () => book.shown(),
    oversold: () => book.oversold(),
    quiet: () => hooks.quiet(),
    close: () => hooks.close(),
  };
}
