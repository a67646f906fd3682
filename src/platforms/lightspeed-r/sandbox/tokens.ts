import { bodyText, type HttpRequest, type HttpResponse, jsonResponse } from '../../../platform/http.ts';
import { readJson } from '../../../platform/json.ts';
import { record } from '../api.ts';
import type { Account } from './account.ts';
import { refusal } from './answers.ts';

const ACCESS_MS = 1_800_000;

interface Pair {
  access: string;
  endsAtMs: number;
  refresh: string;
}

/** The pairs of tokens that one account's OAuth gave. A refresh token lives until the access token it gave is first used. */
export class Tokens {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly first: Pair;
  readonly scopes = new Set(['employee:inventory', 'employee:register_read']);
  private readonly endsAtMs = new Map<string, number>();
  private readonly refreshable = new Set<string>();
  /** Access token → the refresh token that dies when it is used. */
  private readonly kills = new Map<string, string>();
  private revoked = false;

  constructor(private readonly account: Account) {
    this.clientId = this.word(40);
    this.clientSecret = this.word(40);
    this.first = this.issue();
  }

  check(request: HttpRequest, scope: string | null): HttpResponse | undefined {
    const token = /^Bearer (\S+)$/.exec(request.headers['authorization'] ?? '')?.[1] ?? '';
    const endsAt = this.endsAtMs.get(token);
    if (endsAt === undefined || endsAt <= this.account.options.clock.now() || this.revoked)
      return refusal(401, 'Invalid access token.', {}, 'BadAuthenticationRequestError');
    const dead = this.kills.get(token);
    if (dead !== undefined) this.refreshable.delete(dead);
    if (scope !== null && !this.scopes.has(scope)) return refusal(403, `The token lacks the scope ${scope}.`);
    return undefined;
  }

  /** `POST /auth/oauth/token` with `grant_type: refresh_token`. */
  renew(request: HttpRequest): HttpResponse {
    let body: Record<string, unknown> | undefined;
    try {
      body = record(readJson(bodyText(request)));
    } catch {
      body = undefined;
    }
    const { client_id, client_secret, grant_type, refresh_token } = body ?? {};
    if (grant_type !== 'refresh_token' || typeof refresh_token !== 'string')
      return jsonResponse(400, { error: 'invalid_request' });
    if (client_id !== this.clientId || client_secret !== this.clientSecret)
      return jsonResponse(401, { error: 'invalid_client' });
    if (!this.refreshable.has(refresh_token) || this.revoked) return jsonResponse(400, { error: 'invalid_grant' });
    const { access, refresh } = this.issue();
    this.kills.set(access, refresh_token);
    return jsonResponse(200, {
      token_type: 'Bearer',
      expires_in: Math.round(ACCESS_MS / 1000 / this.account.options.factor),
      access_token: access,
      refresh_token: refresh,
    });
  }

  /** The merchant takes the access away in Lightspeed. */
  revoke(): void {
    this.revoked = true;
  }

  private issue(): Pair {
    const { clock, factor } = this.account.options;
    const pair = {
      access: `eyJ${this.word(80)}`,
      endsAtMs: clock.now() + ACCESS_MS / factor,
      refresh: `def50${this.word(80)}`,
    };
    this.endsAtMs.set(pair.access, pair.endsAtMs);
    this.refreshable.add(pair.refresh);
    return pair;
  }

  private word(length: number): string {
    const { random } = this.account.options;
    return Array.from({ length }, () => Math.floor(random() * 16).toString(16)).join('');
  }
}
