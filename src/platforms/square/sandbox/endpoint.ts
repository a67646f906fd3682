import { type HttpRequest, type HttpResponse, jsonResponse } from '../../../platform/http.ts';
import { RateLimiter, type Routed, Router } from '../../../platform/sandbox-kit/index.ts';
import { record } from '../api.ts';
import { API_VERSION } from '../config.ts';
import { invalid, notFound, refusal } from './answers.ts';
import { listCatalog, retrieveObject, retrieveObjects, searchCatalog } from './catalogue.ts';
import { Inventory } from './inventory.ts';
import { retrieveOrder, retrieveOrders, retrievePayment, retrieveRefund, searchOrders } from './order-list.ts';
import type { Seller } from './seller.ts';
import type { Subscriptions } from './subscriptions.ts';
import type { Tokens } from './tokens.ts';

type Body = Record<string, unknown>;

/** Square publishes no number; this is what its stand-in allows one seller. */
const CALLS = { kind: 'bucket', size: 30, perSecond: 10 } as const;

/** Everything behind `connect.squareup.com`: token, limit, version, then the call. */
export class Endpoint {
  readonly limiter: RateLimiter;
  private readonly router: Router;

  constructor(
    private readonly seller: Seller,
    private readonly tokens: Tokens,
    hooks: Subscriptions,
  ) {
    const { clock, factor, unlimited } = seller.options;
    this.limiter = new RateLimiter({ clock, factor, unlimited, limits: { calls: CALLS } });
    this.router = new Router({
      notFound: () => notFound('Resource not found.'),
      wrongMethod: () => refusal(405, 'INVALID_REQUEST_ERROR', 'METHOD_NOT_ALLOWED', 'Method not allowed.'),
    });
    this.reads();
    this.inventory(new Inventory(seller));
    this.webhooks(hooks);
  }

  async handle(request: HttpRequest): Promise<HttpResponse> {
    const { pathname } = new URL(request.url);
    const version = request.headers['square-version'];
    if (version !== undefined && !/^20\d\d-\d\d-\d\d$/.test(version))
      return invalid('INVALID_SQUARE_VERSION_FORMAT', 'Square-Version must be a date.');
    if (pathname === '/oauth2/token' && request.method === 'POST') return this.tokens.renew(request);
    const of = pathname.startsWith('/v2/webhooks/') ? 'application' : 'seller';
    const refused = this.tokens.check(request.headers['authorization'], of);
    if (refused) return refused;
    if (!this.limiter.take('calls').ok) return THROTTLED;
    return this.router.handle(request);
  }

  private reads(): void {
    const { seller, tokens } = this;
    const location = ({ id, name, active }: Seller['locations'][0]) => ({
      id,
      name,
      status: active ? 'ACTIVE' : 'INACTIVE',
      merchant_id: seller.merchantId,
      currency: seller.currency,
      timezone: 'Etc/UTC',
      type: 'PHYSICAL',
      capabilities: ['CREDIT_CARD_PROCESSING'],
    });
    const merchant = () =>
      jsonResponse(200, {
        merchant: {
          id: seller.merchantId,
          business_name: seller.options.name,
          country: 'US',
          currency: seller.currency,
          status: 'ACTIVE',
        },
      });
    this.router
      .on('POST', '/oauth2/token/status', ({ headers }) => tokens.status(headers['authorization']))
      .on('GET', '/v2/merchants/{id}', ({ params }) =>
        ['me', seller.merchantId].includes(params['id']!) ? merchant() : notFound('Merchant not found.'),
      )
      .on('GET', '/v2/locations', () => jsonResponse(200, { locations: seller.locations.map(location) }))
      .on('GET', '/v2/locations/{id}', ({ params }) => {
        const found = seller.locations.find(({ id }) => id === params['id']);
        return found ? jsonResponse(200, { location: location(found) }) : notFound('Location not found.');
      })
      .on('GET', '/v2/catalog/list', ({ query }) =>
        listCatalog((query.get('types') ?? '').split(',').filter(Boolean), query.get('cursor'), seller),
      )
      .on(
        'POST',
        '/v2/catalog/search',
        withBody((body) => searchCatalog(body, seller)),
      )
      .on(
        'POST',
        '/v2/catalog/batch-retrieve',
        withBody((body) => retrieveObjects(body, seller)),
      )
      .on('GET', '/v2/catalog/object/{id}', ({ params }) => retrieveObject(params['id']!, seller))
      .on(
        'POST',
        '/v2/orders/search',
        withBody((body) => searchOrders(body, seller)),
      )
      .on(
        'POST',
        '/v2/orders/batch-retrieve',
        withBody((body) => retrieveOrders(body, seller)),
      )
      .on('GET', '/v2/orders/{id}', ({ params }) => retrieveOrder(params['id']!, seller))
      .on('GET', '/v2/payments/{id}', ({ params }) => retrievePayment(params['id']!, seller))
      .on('GET', '/v2/refunds/{id}', ({ params }) => retrieveRefund(params['id']!, seller));
  }

  private inventory(inventory: Inventory): void {
    this.router
      .on(
        'POST',
        '/v2/inventory/counts/batch-retrieve',
        withBody((body) => inventory.counts(body)),
      )
      .on(
        'POST',
        '/v2/inventory/changes/batch-retrieve',
        withBody((body, version) => inventory.changes(body, version)),
      )
      .on(
        'POST',
        '/v2/inventory/changes/batch-create',
        withBody((body, version) => inventory.write(body, version)),
      )
      .on('GET', '/v2/inventory/{id}', ({ params, query }) =>
        inventory.count(params['id']!, query.get('location_ids')?.split(',') ?? null),
      );
  }

  private webhooks(hooks: Subscriptions): void {
    const path = '/v2/webhooks/subscriptions';
    this.router
      .on('GET', path, ({ query }) => hooks.list(query.get('include_disabled') === 'true'))
      .on(
        'POST',
        path,
        withBody((body) => hooks.create(body)),
      )
      .on('GET', `${path}/{id}`, ({ params }) => hooks.retrieve(params['id']!))
      .on(
        'PUT',
        `${path}/{id}`,
        withBody((body, _, { params }) => hooks.update(params['id']!, body)),
      )
      .on('DELETE', `${path}/{id}`, ({ params }) => hooks.remove(params['id']!))
      .on('POST', `${path}/{id}/signature-key`, ({ params }) => hooks.rotate(params['id']!));
  }
}

/** The body as an object, and the version that is asked for. */
function withBody(
  work: (body: Body, version: string, routed: Routed) => HttpResponse,
): (routed: Routed) => HttpResponse {
  return (routed) => {
    let body: Body | undefined;
    try {
      body = record(routed.json());
    } catch {
      body = undefined;
    }
    if (!body) return invalid('EXPECTED_JSON_BODY', 'Expected a JSON body.');
    return work(body, routed.headers['square-version'] ?? API_VERSION, routed);
  };
}

export const THROTTLED = refusal(429, 'RATE_LIMIT_ERROR', 'RATE_LIMITED', 'Rate limit exceeded.');
export const UNAVAILABLE = refusal(503, 'API_ERROR', 'SERVICE_UNAVAILABLE', 'Service unavailable.');
