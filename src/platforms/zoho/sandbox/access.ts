import type { HttpRequest, HttpResponse } from '../../../platform/http.ts';
import { bodyText, jsonResponse } from '../../../platform/http.ts';
import { RateLimiter } from '../../../platform/sandbox-kit/index.ts';
import { failed } from './answers.ts';
import type { Organization } from './organization.ts';

const HOUR_SECONDS = 3_600;

/** Tokens of one Self Client, and the limits of its organization. */
export class Access {
  readonly #limiter: RateLimiter;

  constructor(private readonly organization: Organization) {
    const { clock, factor, unlimited } = organization.options;
    this.#limiter = new RateLimiter({
      clock,
      factor,
      unlimited,
      limits: {
        minute: { kind: 'window', max: 100, perMs: 60_000 },
        day: { kind: 'window', max: 10_000, perMs: 86_400_000 },
        tokens: { kind: 'window', max: 10, perMs: 600_000 },
      },
    });
  }

  /** `POST /oauth/v2/token`: a refusal is told with 200, too. */
  token(request: HttpRequest): HttpResponse {
    const { client, tokens, options } = this.organization;
    const form = new URLSearchParams(bodyText(request));
    const given = (name: string) => form.get(name);
    if (given('client_id') !== client.id) return jsonResponse(200, { error: 'invalid_client' });
    if (given('client_secret') !== client.secret) return jsonResponse(200, { error: 'invalid_client_secret' });
    if (given('grant_type') !== 'refresh_token' || given('refresh_token') !== client.refreshToken || client.revoked)
      return jsonResponse(200, { error: 'invalid_code' });
    if (!this.#limiter.take('tokens').ok)
      return jsonResponse(400, {
        error: 'Access Denied',
        error_description: 'You have made too many requests continuously. Please try again after some time.',
        status: 'failure',
      });
    const token = `1000.${this.organization.random(32)}.${this.organization.random(32)}`;
    const seconds = HOUR_SECONDS / options.factor;
    tokens.set(token, options.clock.now() + seconds * 1_000);
    return jsonResponse(200, {
      access_token: token,
      api_domain: 'https://www.zohoapis.com',
      token_type: 'Bearer',
      expires_in: Math.max(1, Math.floor(seconds)),
    });
  }

  /** undefined: may go on. */
  refuse(request: HttpRequest, module: string): HttpResponse | undefined {
    const { organization } = this;
    const day = this.#limiter.take('day');
    if (!day.ok) return failed(429, 45, 'You have reached the API limit of the day.');
    const minute = this.#limiter.take('minute');
    if (!minute.ok) {
      const wait = { 'retry-after': String(Math.ceil(minute.retryAfterMs / 1_000)) };
      return failed(429, 44, 'For security reasons you have been blocked for some time.', wait);
    }
    const [, token] = /^Zoho-oauthtoken (.+)$/.exec(request.headers['authorization'] ?? '') ?? [];
    const endsAt = organization.tokens.get(token ?? '');
    if (organization.client.revoked || endsAt === undefined || endsAt <= organization.options.clock.now())
      return failed(401, 14, 'Invalid value passed for authtoken.');
    if (organization.missingScopes.has(module))
      return failed(401, 57, 'You are not authorized to perform this operation');
    const named = new URL(request.url).searchParams.get('organization_id');
    if (module !== 'organizations' && named !== organization.id)
      return failed(400, 6041, 'This user is not associated with the CompanyID/CompanyName:.');
    return undefined;
  }
}
