import { type HttpRequest, type HttpResponse, jsonResponse } from '../../../platform/http.ts';
import { RateLimiter, type Routed, Router } from '../../../platform/sandbox-kit/index.ts';
import { Adjustments } from './adjustments.ts';
import { notFound } from './answers.ts';
import type { HookList } from './hook-list.ts';
import type { Lists } from './lists.ts';
import type { Stand } from './stand.ts';
import type { Tokens } from './tokens.ts';

const LIMIT = 300;

/** Everything behind `api.tradegecko.com`: token, limit, then the call. */
export class Endpoint {
  readonly limiter: RateLimiter;
  private readonly router: Router;

  constructor(
    private readonly stand: Stand,
    private readonly tokens: Tokens,
    lists: Lists,
    hooks: HookList,
  ) {
    const { clock, factor, unlimited } = stand.options;
    const calls = { kind: 'window', max: LIMIT, perMs: 300_000 } as const;
    this.limiter = new RateLimiter({ clock, factor, unlimited, limits: { calls } });
    this.router = new Router({ notFound, wrongMethod: notFound });
    const adjustments = new Adjustments(stand);
    const account = { id: Number(stand.account), name: stand.options.name, country: 'SG', time_zone: 'Asia/Singapore' };
    this.router
      .on('GET', '/accounts/current', () => jsonResponse(200, { account }))
      .on('GET', '/locations', ({ query }) => lists.locations(query))
      .on('GET', '/variants', ({ query }) => lists.variants(query))
      .on('GET', '/orders', ({ query }) => lists.orders(query))
      .on('GET', '/orders/{id}', ({ params }) => lists.order(params['id']!))
      .on('GET', '/order_line_items', ({ query }) => lists.orderLines(query))
      .on('GET', '/fulfillments', ({ query }) => lists.fulfillments(query))
      .on('GET', '/fulfillment_line_items', ({ query }) => lists.moveLineItems('fulfillment_line_items', query))
      .on('GET', '/fulfillment_returns', ({ query }) => lists.returns(query))
      .on('GET', '/fulfillment_return_line_items', ({ query }) =>
        lists.moveLineItems('fulfillment_return_line_items', query),
      )
      .on('GET', '/stock_adjustments', ({ query }) => lists.adjustments(query))
      .on(
        'POST',
        '/stock_adjustments',
        withBody((body, { headers }) => adjustments.create(body, headers['idempotency-key'])),
      )
      .on('GET', '/webhooks', ({ query }) => hooks.list(query))
      .on(
        'POST',
        '/webhooks',
        withBody((body) => hooks.create(body)),
      )
      .on('DELETE', '/webhooks/{id}', ({ params }) => hooks.remove(params['id']!));
  }

  async handle(request: HttpRequest): Promise<HttpResponse> {
    if (new URL(request.url).pathname === '/oauth/token') return this.dated(this.tokens.renew(request));
    const refused = this.tokens.check(request.headers['authorization']);
    if (refused) return this.dated(refused);
    const taken = this.limiter.take('calls');
    if (!taken.ok) return this.throttled(taken.retryAfterMs);
    const answer = await this.router.handle(request);
    const headers = {
      'x-rate-limit-limit': String(LIMIT),
      'x-rate-limit-remaining': String(Math.floor(taken.available)),
    };
    return this.dated({ ...answer, headers: { ...answer.headers, ...headers } });
  }

  throttled(waitMs: number): HttpResponse {
    const reset = Math.floor((this.stand.options.clock.now() + waitMs) / 1000);
    return this.dated(
      jsonResponse(
        429,
        { type: 'Too Many Requests', message: 'API rate limit exceeded' },
        { 'x-rate-limit-limit': String(LIMIT), 'x-rate-limit-remaining': '0', 'x-rate-limit-reset': String(reset) },
      ),
    );
  }

  dated(answer: HttpResponse): HttpResponse {
    const date = new Date(this.stand.options.clock.now()).toUTCString();
    return { ...answer, headers: { ...answer.headers, date } };
  }
}

function withBody(work: (body: unknown, routed: Routed) => HttpResponse): (routed: Routed) => HttpResponse {
  return (routed) => {
    let body: unknown;
    try {
      body = routed.json();
    } catch {
      return jsonResponse(400, { type: 'Bad Request', message: 'The body is not JSON' });
    }
    return work(body, routed);
  };
}
