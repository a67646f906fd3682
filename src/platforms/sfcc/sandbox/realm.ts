import { type HttpRequest, type HttpResponse, jsonResponse } from '../../../platform/http.ts';
import type { SandboxOptions } from '../../../platform/sandbox.ts';
import { RateLimiter, Router, StockBook } from '../../../platform/sandbox-kit/index.ts';
import { OCAPI_PATH } from '../api.ts';

export const iso = (ms: number): string => new Date(Math.floor(ms)).toISOString();

/** OCAPI's way of refusing, then SCAPI's. */
export const fault = (status: number, type: string, message: string): HttpResponse =>
  jsonResponse(status, { _v: '25.6', fault: { type, message } });
export const problem = (status: number, type: string, detail: string): HttpResponse =>
  jsonResponse(status, {
    title: type,
    type: `https://api.commercecloud.salesforce.com/documentation/error/v1/errors/${type}`,
    detail,
  });

export const THROTTLED = jsonResponse(
  429,
  {
    title: 'Too Many Requests',
    type: 'https://api.commercecloud.salesforce.com/documentation/error/v1/errors/throttled',
    detail: 'Slow down.',
  },
  { 'retry-after': '3' },
);
export const UNAVAILABLE = jsonResponse(503, {
  title: 'Service Unavailable',
  type: 'https://api.commercecloud.salesforce.com/documentation/error/v1/errors/service-unavailable',
  detail: 'The service is not available.',
});

/** Four letters of a realm and three digits of an instance, the same for the same name. */
function organizationOf(name: string): string {
  let sum = 7;
  for (const letter of name) sum = (sum * 31 + letter.charCodeAt(0)) % 1_000_000_007;
  const letters = [sum % 26, Math.floor(sum / 26) % 26].map((place) => String.fromCharCode(97 + place)).join('');
  return `f_ecom_zz${letters}_${String(Math.floor(sum / 676) % 1_000).padStart(3, '0')}`;
}

const TOKEN_MS = 30 * 60_000;

type Kind = 'scapi' | 'ocapi';

/** One instance with its API client: who may call what, and the book that both families of APIs speak of. */
export class Realm {
  readonly organization: string;
  readonly tenantGroup = 'tg-0f1e2d3c';
  readonly clientId = '0a1b2c3d-1111-4222-8333-444455556666';
  readonly clientSecret: string;
  readonly site = 'RefArch';
  readonly router: Router;
  readonly limiter: RateLimiter;
  readonly book: StockBook;
  /** The API client is deleted in Account Manager. */
  removed = false;
  private readonly tokens = new Map<string, { kind: Kind; endsAtMs: number; scopes: string[] }>();
  private issued = 0;

  constructor(readonly options: SandboxOptions) {
    const { clock, factor, unlimited, name, locations } = options;
    this.organization = organizationOf(name);
    this.clientSecret = `Sfcc${name.replaceAll('-', '')}7Gh2Kp9Qw`;
    this.limiter = new RateLimiter({
      clock,
      factor,
      unlimited,
      limits: {
        ocapi: { kind: 'bucket', size: 20, perSecond: 10 },
        scapi: { kind: 'bucket', size: 20, perSecond: 10 },
        inventory: { kind: 'bucket', size: 25, perSecond: 12 },
      },
    });
    this.book = new StockBook({
      clock,
      locations: locations.map(({ id }) => id),
      takesAt: 'placed',
      orderId: (seq) => String(seq).padStart(8, '0'),
      lineId: (seq) => `li${String(seq).padStart(10, '0')}`,
    });
    this.router = new Router({
      notFound: (_, url) => problem(404, 'resource-not-found', `There is nothing at ${url.pathname}.`),
      wrongMethod: () => problem(405, 'method-not-allowed', 'Not with this method.'),
    });
    for (const path of ['/dwsso/oauth2/access_token', '/dw/oauth2/access_token'])
      this.router.on('POST', path, (routed) =>
        this.token(path.startsWith('/dwsso') ? 'scapi' : 'ocapi', routed.headers['authorization'], routed.form()),
      );
  }

  async handle(request: HttpRequest): Promise<HttpResponse> {
    const { pathname } = new URL(request.url);
    const refusal = pathname.endsWith('/access_token') ? undefined : this.refusal(request, pathname);
    const answer = refusal ?? (await this.router.handle(request));
    return { ...answer, headers: { ...answer.headers, date: new Date(this.options.clock.now()).toUTCString() } };
  }

  private refusal(request: HttpRequest, pathname: string): HttpResponse | undefined {
    // Shoppers have tokens of their own, by the thousand.
    if (pathname.startsWith('/product/shopper-')) {
      if (/^Bearer \S/.test(request.headers['authorization'] ?? '')) return undefined;
      return problem(401, 'invalid-access-token', 'A shopper token is needed.');
    }
    const kind: Kind = pathname.startsWith(OCAPI_PATH) ? 'ocapi' : 'scapi';
    const budget = kind === 'ocapi' ? 'ocapi' : pathname.startsWith('/inventory/') ? 'inventory' : 'scapi';
    if (!this.limiter.take(budget).ok) return THROTTLED;
    const token = this.tokens.get(/^Bearer (.+)$/.exec(request.headers['authorization'] ?? '')?.[1] ?? '');
    const good = token && token.kind === kind && token.endsAtMs > this.options.clock.now() && !this.removed;
    if (kind === 'ocapi') {
      if (!good) return fault(401, 'InvalidAccessTokenException', 'Unauthorized request! The access token is invalid.');
      if (request.headers['x-dw-client-id'] === this.clientId) return undefined;
      return fault(400, 'UnknownClientIdException', 'Unknown client id.');
    }
    if (!good) return problem(401, 'invalid-access-token', 'The access token is invalid.');
    const wanted = scopeFor(pathname);
    if (wanted === undefined || token.scopes.includes(wanted)) return undefined;
    return problem(403, 'insufficient-scope', `The scope ${wanted} is missing.`);
  }

  private token(kind: Kind, basic: string | undefined, form: URLSearchParams): HttpResponse {
    const expected = `Basic ${Buffer.from(`${this.clientId}:${this.clientSecret}`).toString('base64')}`;
    if (this.removed || basic !== expected)
      return jsonResponse(401, { error: 'invalid_client', error_description: 'Client authentication failed' });
    if (form.get('grant_type') !== 'client_credentials')
      return jsonResponse(400, { error: 'unsupported_grant_type', error_description: 'Only client_credentials.' });
    const scopes = (form.get('scope') ?? '').split(' ').filter(Boolean);
    const tenant = `SALESFORCE_COMMERCE_API:${this.organization.replace('f_ecom_', '')}`;
    if (kind === 'scapi' && !scopes.includes(tenant))
      return jsonResponse(400, { error: 'invalid_scope', error_description: 'Unknown/invalid tenant scope' });
    this.issued += 1;
    const access_token = `${kind}Token${this.options.name.replaceAll('-', '')}${String(this.issued).padStart(8, '0')}`;
    const lastsMs = TOKEN_MS / this.options.factor;
    this.tokens.set(access_token, { kind, endsAtMs: this.options.clock.now() + lastsMs, scopes });
    return jsonResponse(200, {
      access_token,
      expires_in: Math.max(1, Math.floor(lastsMs / 1000)),
      token_type: 'Bearer',
    });
  }
}

function scopeFor(pathname: string): string | undefined {
  if (pathname.startsWith('/checkout/orders/')) return 'sfcc.orders';
  if (pathname.startsWith('/product/products/')) return 'sfcc.products';
  if (pathname.startsWith('/inventory/availability/')) return 'sfcc.inventory.availability.rw';
  return undefined;
}
