import { bodyText, type HttpRequest, type HttpResponse, jsonResponse } from '../../../platform/http.ts';
import { SCOPES } from '../check.ts';
import { refusal } from './answers.ts';
import type { Store } from './store.ts';

const TOKEN_MS = 86_400_000;

/** The application's secret, and the tokens that the store gave it: one of each is good at a time. */
export class Tokens {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scopes = new Set(SCOPES.split(' '));
  access: { token: string; endsAtMs: number };
  refresh: string;
  private revoked = false;

  constructor(private readonly store: Store) {
    this.clientId = this.word(32);
    this.clientSecret = this.word(40);
    this.access = this.issue();
    this.refresh = this.word(40);
  }

  /** undefined: good. */
  check(header: string | undefined, scope: string): HttpResponse | undefined {
    const token = /^Bearer (\S+)$/.exec(header ?? '')?.[1];
    const { clock } = this.store.options;
    if (this.revoked || token !== this.access.token || this.access.endsAtMs <= clock.now())
      return refusal(401, 'unauthorized', 'The access token is invalid, expired or revoked.');
    if (!this.scopes.has(scope)) return refusal(403, 'forbidden', `This token does not have the scope ${scope}.`);
    return undefined;
  }

  /** `POST /api/1.0/token`: the old tokens end at once. */
  renew(request: HttpRequest): HttpResponse {
    const form = new URLSearchParams(bodyText(request));
    const good =
      form.get('grant_type') === 'refresh_token' &&
      form.get('client_id') === this.clientId &&
      form.get('client_secret') === this.clientSecret &&
      form.get('refresh_token') === this.refresh &&
      !this.revoked;
    if (!good) return refusal(400, 'invalid_grant', 'The refresh token is invalid.');
    this.access = this.issue();
    this.refresh = this.word(40);
    const { clock, name } = this.store.options;
    return jsonResponse(200, {
      access_token: this.access.token,
      token_type: 'Bearer',
      expires: Math.ceil(this.access.endsAtMs / 1000),
      expires_in: (this.access.endsAtMs - clock.now()) / 1000,
      refresh_token: this.refresh,
      domain_prefix: name,
      scope: SCOPES,
    });
  }

  revoke(): void {
    this.revoked = true;
  }

  private issue(): { token: string; endsAtMs: number } {
    const { clock, factor } = this.store.options;
    return { token: this.word(40), endsAtMs: clock.now() + TOKEN_MS / factor };
  }

  private word(length: number): string {
    const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
    const { random } = this.store.options;
    return Array.from({ length }, () => letters[Math.floor(random() * letters.length)]).join('');
  }
}
