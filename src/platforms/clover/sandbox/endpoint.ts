import { type HttpRequest, type HttpResponse, jsonResponse } from '../../../platform/http.ts';
import { RateLimiter, type Routed, Router, type StockOrder } from '../../../platform/sandbox-kit/index.ts';
import { record } from '../api.ts';
import type { Hooks } from './hooks.ts';
import { itemNotes, type Merchant, orderNotes, paymentId } from './merchant.ts';
import { itemNode, lineNodes, list, orderNode, paymentNode, stockNode } from './nodes.ts';
import { filterOf, pageOf } from './query.ts';
import type { Tokens } from './tokens.ts';

const MERCHANT = '/v3/merchants/{mId}';

/** Everything behind `api.clover.com` that stock needs: limits, token, user agent, then the call. */
export class Endpoint {
  readonly limiter: RateLimiter;
  private readonly router: Router;

  constructor(
    private readonly merchant: Merchant,
    private readonly tokens: Tokens,
    private readonly hooks: Hooks,
  ) {
    const { clock, factor, unlimited } = merchant.options;
    this.limiter = new RateLimiter({
      clock,
      factor,
      unlimited,
      limits: { calls: { kind: 'bucket', size: 16, perSecond: 16 }, underWay: { kind: 'in-flight', max: 5 } },
    });
    this.router = new Router({
      notFound: () => jsonResponse(404, { message: 'Not Found' }),
      wrongMethod: () => jsonResponse(405, { message: 'Method Not Allowed' }),
    });
    this.inventory();
    this.orders();
  }

  async handle(request: HttpRequest): Promise<HttpResponse> {
    if (!request.headers['user-agent']) return jsonResponse(400, { message: 'User-Agent header is required' });
    if (!this.limiter.take('calls').ok) return THROTTLED;
    const leave = this.limiter.enter('underWay');
    if (!leave)
      return jsonResponse(
        429,
        { message: '429 Too Many Requests' },
        { 'x-ratelimit-tokenconcurrentlimit': '5', 'retry-after': '1' },
      );
    try {
      if (new URL(request.url).pathname === '/oauth/v2/refresh' && request.method === 'POST')
        return this.tokens.refresh(request);
      return await this.router.handle(request);
    } finally {
      leave();
    }
  }

  private on(method: 'GET' | 'POST', path: string, permission: string, work: (routed: Routed) => HttpResponse): void {
    this.router.on(
      method,
      `${MERCHANT}${path}`,
      (routed) => this.tokens.check(routed.request, routed.params['mId']!, permission) ?? work(routed),
    );
  }

  private inventory(): void {
    const { merchant } = this;
    const { book, options } = merchant;
    this.on('GET', '', 'merchant', () => jsonResponse(200, { id: merchant.merchantId, name: options.name }));
    this.on('GET', '/properties', 'merchant', () =>
      jsonResponse(200, { ...merchant.properties, defaultCurrency: 'USD' }),
    );
    this.on('GET', '/items', 'inventory', ({ query, url }) => {
      const at = pageOf(query);
      if (!at) return BAD_PAGE;
      const items = book.shelves.items
        .filter((item) => !itemNotes(item).deleted)
        .slice(at.offset, at.offset + at.limit);
      return jsonResponse(
        200,
        list(
          items.map((item) => itemNode(item, expandOf(query))),
          url.href,
        ),
      );
    });
    this.on('GET', '/items/{id}', 'inventory', ({ params, query }) => {
      const item = this.itemOf(params['id']!);
      return item ? jsonResponse(200, itemNode(item, expandOf(query))) : NOT_FOUND;
    });
    this.on('GET', '/item_stocks/{id}', 'inventory', ({ params }) => {
      const item = this.itemOf(params['id']!);
      const stock = item && stockNode(item);
      return stock ? jsonResponse(200, stock) : NOT_FOUND;
    });
    this.on('POST', '/item_stocks/{id}', 'inventory', (routed) => this.writeStock(routed));
  }

  private itemOf(id: string) {
    const item = this.merchant.book.shelves.itemById(id);
    return item && !itemNotes(item).deleted ? item : undefined;
  }

  /** Absolute; below zero and fractions are taken. For an item that nobody counts it makes a record that no sale lowers. */
  private writeStock({ params, json }: Routed): HttpResponse {
    const item = this.itemOf(params['id']!);
    if (!item) return NOT_FOUND;
    let count: unknown;
    try {
      count = record(json())?.['quantity'];
    } catch {
      return jsonResponse(400, { message: 'Invalid JSON format' });
    }
    if (typeof count !== 'number' || !Number.isFinite(count))
      return jsonResponse(400, { message: 'quantity is required' });
    if (item.tracked) this.merchant.book.write(item.levels[0]!, { available: count });
    else itemNotes(item).strayCount = count;
    this.hooks.itemStock(item);
    return jsonResponse(200, stockNode(item));
  }

  private orders(): void {
    const { merchant } = this;
    const { book } = merchant;
    const base = `https://api.clover.com/v3/merchants/${merchant.merchantId}`;
    const orderOf = (id: string): StockOrder | undefined => {
      const order = book.order(id);
      return order && !orderNotes(order).deleted ? order : undefined;
    };
    this.on('GET', '/orders', 'orders', ({ query, url }) => {
      const at = pageOf(query);
      const range = filterOf(query, 'modifiedTime');
      if (!at) return BAD_PAGE;
      if (!range) return jsonResponse(400, { message: 'Invalid filter' });
      if (range.untilMs !== undefined && range.sinceMs !== undefined && range.untilMs - range.sinceMs > 90 * 86_400_000)
        return jsonResponse(400, { message: 'Time range must not exceed 90 days' });
      const orders = this.listOrders(range, at, query.get('orderBy'));
      const expand = expandOf(query);
      return jsonResponse(
        200,
        list(
          orders.map((order) => orderNode(order, expand, base)),
          url.href,
        ),
      );
    });
    this.on('GET', '/orders/{id}', 'orders', ({ params, query }) => {
      const order = orderOf(params['id']!);
      return order ? jsonResponse(200, orderNode(order, expandOf(query), base)) : NOT_FOUND;
    });
    this.on('GET', '/orders/{id}/line_items', 'orders', ({ params, query, url }) => {
      const order = orderOf(params['id']!);
      const at = pageOf(query);
      if (!order) return NOT_FOUND;
      if (!at) return BAD_PAGE;
      return jsonResponse(200, list(lineNodes(order).slice(at.offset, at.offset + at.limit), url.href));
    });
    this.on('GET', '/payments/{id}', 'payments', ({ params }) => {
      const order = book.orders.find((one) => one.paidAtMs !== null && paymentId(one) === params['id']);
      return order ? jsonResponse(200, paymentNode(order)) : NOT_FOUND;
    });
  }

  private listOrders(
    range: { sinceMs?: number; untilMs?: number },
    at: { offset: number; limit: number },
    orderBy: string | null,
  ): StockOrder[] {
    const { orders, sorts } = this.merchant;
    const bounds = { ...range, ...(range.untilMs !== undefined && { untilMs: range.untilMs + 1 }) };
    if (sorts && orderBy === 'modifiedTime ASC') return orders.page({ ...bounds, ...at }).items;
    // Newest first by creation, as a till shows them.
    const all = orders.page({ ...bounds, limit: Number.MAX_SAFE_INTEGER }).items.sort((a, b) => b.seq - a.seq);
    return all.slice(at.offset, at.offset + at.limit);
  }
}

const expandOf = (query: URLSearchParams): string[] => (query.get('expand') ?? '').split(',').filter(Boolean);

const NOT_FOUND = jsonResponse(404, { message: 'Not Found' });
const BAD_PAGE = jsonResponse(400, { message: 'Invalid limit or offset' });
export const THROTTLED = jsonResponse(429, { message: '429 Too Many Requests' }, { 'x-ratelimit-tokenlimit': '16' });
export const UNAVAILABLE = jsonResponse(503, { message: 'Service Unavailable' });
