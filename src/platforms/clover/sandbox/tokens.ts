import { bodyText, type HttpRequest, type HttpResponse, jsonResponse } from '../../../platform/http.ts';
import { readJson } from '../../../platform/json.ts';
import { record } from '../api.ts';
import type { Merchant } from './merchant.ts';

const HOUR_MS = 3_600_000;
const ACCESS_MS = 24 * HOUR_MS;
const REFRESH_MS = 90 * 24 * HOUR_MS;

interface Pair {
  access: string;
  accessEndsAtMs: number;
  refresh: string;
  refreshEndsAtMs: number;
}

/** The pairs of tokens that one merchant's OAuth gave. */
export class Tokens {
  readonly first: Pair;
  private readonly accessEndsAtMs = new Map<string, number>();
  /** The one refresh token that still works. */
  private refreshable: Pair;
  private removed = false;
  readonly permissions = new Set(['inventory', 'orders', 'payments', 'merchant']);

  constructor(private readonly merchant: Merchant) {
    this.first = this.issue();
    this.refreshable = this.first;
  }

  /** Clover answers 401 for a wrong token, an ended one, another merchant and a missing permission alike. */
  check(request: HttpRequest, merchantId: string, permission: string): HttpResponse | undefined {
    const token = /^Bearer (\S+)$/.exec(request.headers['authorization'] ?? '')?.[1] ?? '';
    const endsAt = this.accessEndsAtMs.get(token);
    const good =
      endsAt !== undefined &&
      endsAt > this.merchant.options.clock.now() &&
      !this.removed &&
      merchantId === this.merchant.merchantId &&
      this.permissions.has(permission);
    return good ? undefined : UNAUTHORIZED;
  }

  /** `POST /oauth/v2/refresh`: the old pair is used up. */
  refresh(request: HttpRequest): HttpResponse {
    let body: Record<string, unknown> | undefined;
    try {
      body = record(readJson(bodyText(request)));
    } catch {
      body = undefined;
    }
    if (!body) return jsonResponse(400, { message: 'Invalid JSON format' });
    const good =
      body['client_id'] === this.merchant.appId &&
      body['refresh_token'] === this.refreshable.refresh &&
      this.refreshable.refreshEndsAtMs > this.merchant.options.clock.now() &&
      !this.removed;
    if (!good) return jsonResponse(401, { message: 'Invalid refresh token.' });
    this.refreshable = this.issue();
    const { access, accessEndsAtMs, refresh, refreshEndsAtMs } = this.refreshable;
    return jsonResponse(200, {
      access_token: access,
      access_token_expiration: Math.floor(accessEndsAtMs / 1000),
      refresh_token: refresh,
      refresh_token_expiration: Math.floor(refreshEndsAtMs / 1000),
    });
  }

  /** The merchant uninstalls the app. */
  remove(): void {
    this.removed = true;
  }

  private issue(): Pair {
    const { clock, random, factor } = this.merchant.options;
    const word = (length: number) =>
      Array.from({ length }, () => 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789'[Math.floor(random() * 32)]).join('');
    const pair = {
      access: `eyJ${word(60)}`,
      accessEndsAtMs: clock.now() + ACCESS_MS / factor,
      refresh: `clvroar-${word(32)}`,
      refreshEndsAtMs: clock.now() + REFRESH_MS / factor,
    };
    this.accessEndsAtMs.set(pair.access, pair.accessEndsAtMs);
    return pair;
  }
}

const UNAUTHORIZED = jsonResponse(401, { message: '401 Unauthorized' });
