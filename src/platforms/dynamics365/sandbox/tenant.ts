import { type HttpRequest, type HttpResponse, jsonResponse } from '../../../platform/http.ts';
import type { SandboxOptions } from '../../../platform/sandbox.ts';
import { type Limit, RateLimiter, Router, StockBook } from '../../../platform/sandbox-kit/index.ts';

/** A number as an id of Microsoft's; `kind` keeps those of several tables apart. */
export const guid = (kind: string, seq: number): string =>
  `${kind.padStart(8, '0')}-0000-4000-8000-${String(seq).padStart(12, '0')}`;

/** A number that is the same for the same name, for the ids of companies and organizations. */
export function numberOf(name: string): number {
  let sum = 7;
  for (const letter of name) sum = (sum * 31 + letter.charCodeAt(0)) % 1_000_000_007;
  return sum;
}

export const iso = (ms: number): string => new Date(Math.floor(ms)).toISOString();

const HOUR_MS = 3_600_000;

/** One service of Microsoft's as a customer has it: who may call, how often, and the book that its API speaks of. */
export class Tenant {
  readonly tenantId = '7f3c1a52-9b60-4c1e-8a7d-2e5b4d6c8f01';
  readonly clientId = '3d2b8e14-6a57-4f0c-9d31-5c7e9a1b2f64';
  readonly clientSecret: string;
  readonly limiter: RateLimiter;
  readonly router: Router;
  readonly book: StockBook;
  /** The app was removed: no token is given any more, and none is good. */
  removed = false;
  private readonly tokens = new Map<string, { endsAtMs: number; scope: string }>();
  private issued = 0;

  constructor(
    readonly options: SandboxOptions,
    setup: { limits: Record<string, Limit>; locations: string[]; itemKind: string; orderKind: string },
  ) {
    const { clock, factor, unlimited, name } = options;
    this.clientSecret = `Xq8Q~${name.replaceAll('-', '')}k2VbN7tRw5`;
    this.limiter = new RateLimiter({ clock, factor, unlimited, limits: setup.limits });
    this.book = new StockBook({
      clock,
      locations: setup.locations,
      takesAt: 'placed',
      itemId: (seq) => guid(setup.itemKind, seq),
      orderId: (seq) => guid(setup.orderKind, seq),
    });
    this.router = new Router({
      notFound: (_, url) => odataError(404, 'BadRequest_NotFound', `Bad request - ${url.pathname} not found.`),
      wrongMethod: () => odataError(405, 'BadRequest_MethodNotAllowed', 'The method is not allowed here.'),
    });
    this.router.on('POST', `/${this.tenantId}/oauth2/v2.0/token`, (routed) => this.entra(routed.form()));
  }

  /** Every answer carries the service's clock. */
  async handle(request: HttpRequest): Promise<HttpResponse> {
    const { pathname } = new URL(request.url);
    const answer = pathname.endsWith('/token') ? undefined : this.refusal(request);
    const given = answer ?? (await this.router.handle(request));
    return { ...given, headers: { ...given.headers, date: new Date(this.options.clock.now()).toUTCString() } };
  }

  private refusal(request: HttpRequest): HttpResponse | undefined {
    const taken = this.limiter.take('calls');
    if (!taken.ok) return throttled(Math.max(1, Math.ceil(taken.retryAfterMs / 1000)));
    const given = /^Bearer (.+)$/.exec(request.headers['authorization'] ?? '')?.[1] ?? '';
    if (this.isGood(given, this.scopeOf(request))) return undefined;
    return odataError(401, 'Authentication_InvalidCredentials', 'The server has rejected the client credentials.');
  }

  /** Which token this address wants. */
  scopeOf: (request: HttpRequest) => string = () => 'api';

  isGood(token: string, scope: string): boolean {
    const known = this.tokens.get(token);
    return !this.removed && known !== undefined && known.scope === scope && known.endsAtMs > this.options.clock.now();
  }

  issue(scope: string): HttpResponse {
    this.issued += 1;
    const token = `eyJ0eXAiOiJKV1Qi.${scope}.${this.options.name}${String(this.issued).padStart(6, '0')}abcdefgh`;
    const lastsMs = HOUR_MS / this.options.factor;
    this.tokens.set(token, { endsAtMs: this.options.clock.now() + lastsMs, scope });
    return jsonResponse(200, {
      token_type: 'Bearer',
      expires_in: Math.max(1, Math.floor(lastsMs / 1000)),
      access_token: token,
    });
  }

  private entra(form: URLSearchParams): HttpResponse {
    const refused = (error: string, error_description: string) => jsonResponse(401, { error, error_description });
    if (form.get('grant_type') !== 'client_credentials' || !form.get('scope')?.endsWith('/.default'))
      return jsonResponse(400, {
        error: 'invalid_request',
        error_description: 'AADSTS900144: The request is incomplete.',
      });
    if (this.removed || form.get('client_id') !== this.clientId)
      return refused('unauthorized_client', 'AADSTS700016: Application was not found in the directory.');
    if (form.get('client_secret') !== this.clientSecret)
      return refused('invalid_client', 'AADSTS7000215: Invalid client secret provided.');
    return this.issue(form.get('scope')!.startsWith('0cdb527f') ? 'assertion' : 'api');
  }

  /** As the settings of a channel name it. */
  settings(api: string): Record<string, unknown> {
    return {
      tenantId: this.tenantId,
      clientId: this.clientId,
      clientSecret: this.clientSecret,
      apiUrl: api,
      loginUrl: api,
    };
  }
}

export const odataError = (status: number, code: string, message: string): HttpResponse =>
  jsonResponse(status, { error: { code, message } });

export const throttled = (seconds: number): HttpResponse =>
  jsonResponse(
    429,
    {
      error: {
        code: 'Application_TooManyRequests',
        message: 'Too many requests reached. Actual (6001). Maximum (6000).',
      },
    },
    { 'retry-after': String(seconds) },
  );

export const UNAVAILABLE: HttpResponse = jsonResponse(503, {
  error: { code: 'Application_ServiceUnavailable', message: 'The service is temporarily unavailable.' },
});
