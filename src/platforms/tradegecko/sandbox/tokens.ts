import { bodyText, type HttpRequest, type HttpResponse, jsonResponse } from '../../../platform/http.ts';
import { record } from '../api.ts';
import type { Stand } from './stand.ts';

const LIFE_S = 7_200;

/** OAuth of one application: tokens of two hours, and a refresh token that works once. */
export class Tokens {
  readonly applicationId: string;
  readonly secret: string;
  readonly redirectUri = 'https://onhand.test/oauth';
  refresh: string;
  first: { token: string; endsAtMs: number };
  private readonly endsAtMs = new Map<string, number>();
  private revoked = false;

  constructor(private readonly stand: Stand) {
    this.applicationId = this.word();
    this.secret = this.word();
    this.refresh = this.word();
    this.first = this.issue();
  }

  check(header: string | undefined): HttpResponse | undefined {
    const endsAt = this.endsAtMs.get(/^Bearer (\S+)$/.exec(header ?? '')?.[1] ?? '');
    if (endsAt !== undefined && !this.revoked && endsAt > this.stand.options.clock.now()) return undefined;
    return jsonResponse(401, { type: 'Unauthorized', message: 'The access token is invalid' });
  }

  renew(request: HttpRequest): HttpResponse {
    let body: Record<string, unknown> | undefined;
    try {
      body = record(JSON.parse(bodyText(request)));
    } catch {
      body = undefined;
    }
    const good =
      body?.['grant_type'] === 'refresh_token' &&
      body['client_id'] === this.applicationId &&
      body['client_secret'] === this.secret &&
      body['redirect_uri'] === this.redirectUri &&
      body['refresh_token'] === this.refresh &&
      !this.revoked;
    if (!good)
      return jsonResponse(401, {
        error: 'invalid_request',
        error_description:
          'The request is missing a required parameter, includes an unsupported parameter value, or is otherwise malformed.',
      });
    this.refresh = this.word();
    return jsonResponse(200, {
      access_token: this.issue().token,
      expires_in: Math.max(1, Math.floor(LIFE_S / this.stand.options.factor)),
      refresh_token: this.refresh,
      scope: 'public',
      token_type: 'bearer',
    });
  }

  revoke(): void {
    this.revoked = true;
  }

  private issue(): { token: string; endsAtMs: number } {
    const { clock, factor } = this.stand.options;
    const issued = { token: this.word(), endsAtMs: clock.now() + (LIFE_S * 1000) / factor };
    this.endsAtMs.set(issued.token, issued.endsAtMs);
    return issued;
  }

  private word(): string {
    const { random } = this.stand.options;
    return Array.from({ length: 64 }, () => Math.floor(random() * 16).toString(16)).join('');
  }
}
