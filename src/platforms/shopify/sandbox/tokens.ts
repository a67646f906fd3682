import { bodyText, type HttpRequest, type HttpResponse, jsonResponse } from '../../../platform/http.ts';
import { readJson } from '../../../platform/json.ts';
import { uuidFrom } from '../../../runtime/random.ts';
import type { Shop } from './shop.ts';

const DAY_SECONDS = 86_400;
const HOUR_SECONDS = 3_600;

/** The shop's token desk: client credentials (24 h), expiring offline tokens with a refresh token that works once, `shpat_…`. */
export class Tokens {
  readonly clientId: string;
  readonly clientSecret: string;
  /** Of a custom app from before 2026: does not end. */
  readonly fixed: string;
  /** The first refresh token, as handed out when the app was installed. */
  readonly firstRefresh: string;
  readonly #shop: Shop;
  readonly #endsAtMs = new Map<string, number>();
  readonly #refresh = new Set<string>();
  #uninstalled = false;

  constructor(shop: Shop) {
    this.#shop = shop;
    const { random } = shop.options;
    const hex = () => uuidFrom(random).replaceAll('-', '');
    this.clientId = hex();
    this.clientSecret = `shpss_${hex()}`;
    this.fixed = `shpat_${hex()}`;
    this.firstRefresh = `shprt_${hex()}`;
    this.#refresh.add(this.firstRefresh);
  }

  isGood(token: string | undefined): boolean {
    if (token === this.fixed) return !this.#uninstalled;
    const endsAtMs = this.#endsAtMs.get(token ?? '');
    return endsAtMs !== undefined && this.#shop.options.clock.now() < endsAtMs;
  }

  /** Staff uninstall the app: every token is dead. */
  revokeAll(): void {
    this.#uninstalled = true;
    this.#endsAtMs.clear();
    this.#refresh.clear();
  }

  handle(request: HttpRequest): HttpResponse {
    const asked = readBody(request);
    if (this.#uninstalled) return refused('app_not_installed', 'The app is not installed on this shop');
    if (asked['client_id'] !== this.clientId || asked['client_secret'] !== this.clientSecret)
      return refused('invalid_client', 'Client authentication failed');
    const scope = [...this.#shop.scopes].join(',');
    if (asked['grant_type'] === 'client_credentials') {
      const { token, expires_in } = this.#issue(DAY_SECONDS);
      return jsonResponse(200, { access_token: token, scope, expires_in });
    }
    if (asked['grant_type'] !== 'refresh_token') return refused('invalid_request', 'Unsupported grant type');
    if (!this.#refresh.delete(String(asked['refresh_token'])))
      return refused('invalid_grant', 'This refresh token is spent');
    const { token, expires_in } = this.#issue(HOUR_SECONDS);
    const refresh = `shprt_${uuidFrom(this.#shop.options.random).replaceAll('-', '')}`;
    this.#refresh.add(refresh);
    return jsonResponse(200, {
      access_token: token,
      scope,
      expires_in,
      refresh_token: refresh,
      refresh_token_expires_in: 90 * DAY_SECONDS,
    });
  }

  #issue(seconds: number): { token: string; expires_in: number } {
    const { random, clock, factor } = this.#shop.options;
    const expires_in = Math.max(1, Math.floor(seconds / factor));
    const token = `shpat_${uuidFrom(random).replaceAll('-', '')}`;
    this.#endsAtMs.set(token, clock.now() + expires_in * 1000);
    return { token, expires_in };
  }
}

function readBody(request: HttpRequest): Record<string, unknown> {
  try {
    const text = bodyText(request);
    if (request.headers['content-type']?.includes('urlencoded')) return Object.fromEntries(new URLSearchParams(text));
    const body = readJson(text);
    return typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

const refused = (error: string, description: string): HttpResponse =>
  jsonResponse(400, { error, error_description: description });
