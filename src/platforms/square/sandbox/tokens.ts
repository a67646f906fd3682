import { bodyText, type HttpRequest, type HttpResponse, jsonResponse } from '../../../platform/http.ts';
import { record } from '../api.ts';
import { SCOPES } from '../check.ts';
import { iso, refusal } from './answers.ts';
import type { Seller } from './seller.ts';

const TOKEN_MS = 30 * 86_400_000;

/** The application's own token, and the tokens that one seller's OAuth gave. */
export class Tokens {
  readonly applicationId: string;
  readonly applicationSecret: string;
  readonly application: string;
  readonly refresh: string;
  readonly first: { token: string; endsAtMs: number };
  readonly scopes = new Set<string>(SCOPES);
  private readonly endsAtMs = new Map<string, number>();
  private revoked = false;

  constructor(private readonly seller: Seller) {
    this.applicationId = `sq0idp-${this.word(22)}`;
    this.applicationSecret = `sq0csp-${this.word(40)}`;
    this.application = `EAAAl${this.word(55)}`;
    this.refresh = `EQAAl${this.word(55)}`;
    this.first = this.issue();
  }

  /** undefined: good. `of` names whose token is asked for: subscriptions are the application's own. */
  check(header: string | undefined, of: 'seller' | 'application'): HttpResponse | undefined {
    const token = /^Bearer (\S+)$/.exec(header ?? '')?.[1];
    if (token === undefined)
      return unauthorized(
        'UNAUTHORIZED',
        'Your request did not include an `Authorization` http header with an access token.',
      );
    if (token === this.application) return undefined;
    const endsAt = this.endsAtMs.get(token);
    if (endsAt === undefined) return unauthorized('UNAUTHORIZED', 'This request could not be authorized.');
    if (this.revoked) return unauthorized('ACCESS_TOKEN_REVOKED', 'This access token was revoked.');
    if (endsAt <= this.seller.options.clock.now())
      return unauthorized('ACCESS_TOKEN_EXPIRED', 'This access token has expired.');
    if (of === 'application')
      return refusal(
        403,
        'AUTHENTICATION_ERROR',
        'FORBIDDEN',
        'Subscriptions are managed with the access token of the application.',
      );
    return undefined;
  }

  /** `POST /oauth2/token`. The refresh token of the code flow may be used again and again. */
  renew(request: HttpRequest): HttpResponse {
    let body: Record<string, unknown> | undefined;
    try {
      body = record(JSON.parse(bodyText(request)));
    } catch {
      body = undefined;
    }
    if (body?.['grant_type'] !== 'refresh_token')
      return refusal(
        400,
        'INVALID_REQUEST_ERROR',
        'BAD_REQUEST',
        'The stand-in only renews by refresh_token.',
        'grant_type',
      );
    const good =
      body['client_id'] === this.applicationId &&
      body['client_secret'] === this.applicationSecret &&
      body['refresh_token'] === this.refresh &&
      !this.revoked;
    if (!good) return unauthorized('UNAUTHORIZED', 'Not authorized.');
    const { token, endsAtMs } = this.issue();
    return jsonResponse(200, {
      access_token: token,
      token_type: 'bearer',
      expires_at: iso(endsAtMs),
      merchant_id: this.seller.merchantId,
      refresh_token: this.refresh,
      short_lived: false,
    });
  }

  status(header: string | undefined): HttpResponse {
    const token = header?.replace(/^Bearer /, '') ?? '';
    const endsAt = this.endsAtMs.get(token);
    return jsonResponse(200, {
      scopes: [...this.scopes],
      ...(endsAt !== undefined && { expires_at: iso(endsAt) }),
      client_id: this.applicationId,
      merchant_id: this.seller.merchantId,
    });
  }

  revoke(): void {
    this.revoked = true;
  }

  private issue(): { token: string; endsAtMs: number } {
    const token = `EAAAE${this.word(55)}`;
    const endsAtMs = this.seller.options.clock.now() + TOKEN_MS / this.seller.options.factor;
    this.endsAtMs.set(token, endsAtMs);
    return { token, endsAtMs };
  }

  private word(length: number): string {
    const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
    const { random } = this.seller.options;
    return Array.from({ length }, () => letters[Math.floor(random() * letters.length)]).join('');
  }
}

const unauthorized = (code: string, detail: string): HttpResponse => refusal(401, 'AUTHENTICATION_ERROR', code, detail);
