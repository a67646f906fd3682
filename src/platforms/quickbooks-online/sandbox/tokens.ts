import { bodyText, type HttpRequest, type HttpResponse, jsonResponse } from '../../../platform/http.ts';
import type { Company } from './company.ts';

const ACCESS_S = 3_600;
const REFRESH_S = 100 * 86_400;
const DAY_MS = 86_400_000;

/** An access token lives an hour; the refresh token changes once a day, and the one before it stays good for another. */
export class Tokens {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly #endsAtMs = new Map<string, number>();
  #refresh: { token: string; sinceMs: number };
  #former: string | undefined;
  #revoked = false;

  constructor(private readonly company: Company) {
    this.clientId = this.#word(50);
    this.clientSecret = this.#word(40);
    this.#refresh = { token: `RT1-${this.#word(40)}`, sinceMs: company.options.clock.now() };
  }

  get refreshToken(): string {
    return this.#refresh.token;
  }

  isGood(header: string | undefined): boolean {
    const token = /^Bearer (\S+)$/.exec(header ?? '')?.[1];
    const endsAtMs = token === undefined ? undefined : this.#endsAtMs.get(token);
    return !this.#revoked && endsAtMs !== undefined && endsAtMs > this.company.options.clock.now();
  }

  revoke(): void {
    this.#revoked = true;
  }

  renew(request: HttpRequest): HttpResponse {
    const { clock, factor } = this.company.options;
    const expected = `Basic ${Buffer.from(`${this.clientId}:${this.clientSecret}`).toString('base64')}`;
    if (request.headers['authorization'] !== expected) return jsonResponse(401, { error: 'invalid_client' });
    const form = new URLSearchParams(bodyText(request));
    const given = form.get('refresh_token');
    const known = given === this.#refresh.token || (given !== null && given === this.#former);
    if (form.get('grant_type') !== 'refresh_token' || !known || this.#revoked)
      return jsonResponse(400, { error: 'invalid_grant', error_description: 'Incorrect or invalid refresh token' });
    if (clock.now() - this.#refresh.sinceMs >= DAY_MS / factor) {
      this.#former = this.#refresh.token;
      this.#refresh = { token: `RT1-${this.#word(40)}`, sinceMs: clock.now() };
    }
    return jsonResponse(200, {
      token_type: 'bearer',
      access_token: this.issue(),
      refresh_token: this.#refresh.token,
      expires_in: ACCESS_S / factor,
      x_refresh_token_expires_in: REFRESH_S / factor,
    });
  }

  issue(): string {
    const token = `eyJ${this.#word(120)}`;
    const { clock, factor } = this.company.options;
    this.#endsAtMs.set(token, clock.now() + (ACCESS_S * 1_000) / factor);
    return token;
  }

  #word(length: number): string {
    const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
    const { random } = this.company.options;
    return Array.from({ length }, () => letters[Math.floor(random() * letters.length)]).join('');
  }
}
