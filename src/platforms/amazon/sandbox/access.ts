import { bodyText, type HttpRequest, type HttpResponse, jsonResponse } from '../../../platform/http.ts';
import { hex, Refusal, type Stand } from './stand.ts';

/** Login with Amazon keeps an access token good for an hour, however fast the rest of this world runs. */
const LIFETIME_MS = 3_600_000;
const GRANTLESS_SCOPE = 'sellingpartnerapi::notifications';

/** Login with Amazon, and who may pass with which token. */
export class Access {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly refreshToken: string;
  readonly #stand: Stand;
  #revoked = false;
  readonly #tokens = new Map<string, { grantless: boolean; endsAtMs: number }>();

  constructor(stand: Stand) {
    const { random } = stand.options;
    this.#stand = stand;
    this.clientId = `amzn1.application-oa2-client.${hex(random, 32)}`;
    this.clientSecret = `amzn1.oa2-cs.v1.${hex(random, 64)}`;
    this.refreshToken = `Atzr|${hex(random, 64)}`;
  }

  /** The seller takes the app's authorization away (Manage Your Apps > Disable): what it was given is good for nothing. */
  revoke(): void {
    this.#tokens.clear();
    this.#revoked = true;
  }

  /** `POST /auth/o2/token`, form or JSON. */
  grant(request: HttpRequest): HttpResponse {
    const fields = this.#fields(request);
    const { random, clock } = this.#stand.options;
    if (fields['client_id'] !== this.clientId || fields['client_secret'] !== this.clientSecret)
      return jsonResponse(401, { error: 'invalid_client', error_description: 'Client authentication failed' });
    const grantless = fields['grant_type'] === 'client_credentials';
    if (!grantless && fields['grant_type'] !== 'refresh_token')
      return jsonResponse(400, {
        error: 'unsupported_grant_type',
        error_description: 'The authorization grant type is not supported by the authorization server',
      });
    if (grantless && fields['scope'] !== GRANTLESS_SCOPE)
      return jsonResponse(400, { error: 'invalid_scope', error_description: 'The requested scope is invalid' });
    if (!grantless && (this.#revoked || fields['refresh_token'] !== this.refreshToken))
      return jsonResponse(400, {
        error: 'invalid_grant',
        error_description:
          "The request has an invalid grant parameter : refresh_token. User may have revoked or didn't grant the permission.",
      });
    const token = `Atza|${hex(random, 64)}`;
    for (const [known, { endsAtMs }] of this.#tokens) if (endsAtMs < clock.now()) this.#tokens.delete(known);
    this.#tokens.set(token, { grantless, endsAtMs: clock.now() + LIFETIME_MS });
    return jsonResponse(200, {
      access_token: token,
      token_type: 'bearer',
      expires_in: LIFETIME_MS / 1000,
      ...(!grantless && { refresh_token: this.refreshToken }),
    });
  }

  /** @throws Refusal as Amazon's gateway words it. */
  demand(request: HttpRequest, grantless: boolean): void {
    const token = request.headers['x-amz-access-token'];
    const denied = (details: string) =>
      new Refusal(403, 'Unauthorized', 'Access to requested resource is denied.', details);
    if (!token) throw new Refusal(403, 'MissingAuthenticationToken', 'Missing Authentication Token');
    const known = this.#tokens.get(token);
    if (!known) throw denied('The access token you provided is revoked, malformed or invalid.');
    if (known.endsAtMs <= this.#stand.options.clock.now()) throw denied('The access token you provided has expired.');
    if (!request.headers['user-agent']) throw denied('User agent is missing in the request header.');
    if (known.grantless !== grantless) throw denied('');
  }

  #fields(request: HttpRequest): Record<string, unknown> {
    const body = bodyText(request);
    if (!(request.headers['content-type'] ?? '').includes('json')) return Object.fromEntries(new URLSearchParams(body));
    try {
      return JSON.parse(body) as Record<string, unknown>;
    } catch {
      return {};
    }
  }
}
