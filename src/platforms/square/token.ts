import { z } from 'zod';
import { Failure } from '../../platform/failure.ts';
import type { HttpRequest } from '../../platform/http.ts';
import { ask, type SquareClient } from './api.ts';
import type { SquareConfig } from './config.ts';

const TOKEN_PATH = '/oauth2/token';
const DAY_MS = 86_400_000;
/** Square asks for a renewal at least every seven days before the end. */
const AHEAD_MS = 7 * DAY_MS;
/** After a renewal ahead of time failed, the token that still works is kept this long before the next try. */
const PAUSE_MS = 3_600_000;

/** Bearer token and version, on every call but the token call, which proves itself by its body. */
export function authorize(request: HttpRequest, config: SquareConfig): HttpRequest {
  const { pathname } = new URL(request.url);
  const version = { 'square-version': config.apiVersion };
  if (pathname === TOKEN_PATH) return { ...request, headers: { ...request.headers, ...version } };
  // Subscriptions belong to the application, not to the seller.
  const ofApplication = pathname.startsWith('/v2/webhooks/');
  const token = (ofApplication && config.applicationToken) || config.accessToken;
  return { ...request, headers: { ...request.headers, ...version, authorization: `Bearer ${token}` } };
}

/** A personal access token does not end. One whose end nobody told is renewed at once, to learn it. */
export function expiresAt(config: SquareConfig): number | undefined {
  if (!config.refreshToken) return undefined;
  const endsAt = config.accessTokenEndsAtMs;
  if (endsAt === undefined) return 0;
  return Math.min(endsAt, config.renewAtMs ?? endsAt - AHEAD_MS);
}

const answer = z.object({
  access_token: z.string().min(1),
  expires_at: z.string().nullish(),
  merchant_id: z.string().nullish(),
  refresh_token: z.string().min(1).nullish(),
});

/**
 * A new access token. With PKCE the refresh token works once, so what comes back must be stored before it is used.
 * A renewal ahead of time that fails is put off while the old token still works: a wrong application secret must not stop
 * a seller a week before it has to.
 * @throws Failure `auth` when Square refuses and the old token is of no use, or when there is nothing to renew with.
 */
export async function renew(client: SquareClient, config: SquareConfig): Promise<SquareConfig> {
  if (!config.refreshToken || !config.applicationId)
    throw new Failure(
      'auth',
      'cannot-renew',
      'Square does not accept the access token. Put a new one into the settings, or connect with OAuth and give the refresh token.',
    );
  const askedAt = client.now();
  try {
    return await renewed(client, config, askedAt);
  } catch (error) {
    const { accessTokenEndsAtMs: endsAt } = config;
    const due = expiresAt(config);
    const ahead = endsAt !== undefined && due !== undefined && due > 0 && askedAt >= due - 60_000;
    if (!ahead || askedAt >= endsAt - PAUSE_MS) throw error;
    return { ...config, renewAtMs: Math.min(endsAt, askedAt + PAUSE_MS) };
  }
}

async function renewed(client: SquareClient, config: SquareConfig, askedAt: number): Promise<SquareConfig> {
  const body = {
    client_id: config.applicationId,
    ...(config.applicationSecret && { client_secret: config.applicationSecret }),
    grant_type: 'refresh_token',
    refresh_token: config.refreshToken,
  };
  const { data } = await ask(client, config, 'token', { method: 'POST', path: TOKEN_PATH, body }, answer);
  if (data.merchant_id && data.merchant_id !== config.account)
    throw new Failure(
      'auth',
      'other-seller',
      `The refresh token belongs to the seller ${data.merchant_id}, not to ${config.account}. Connect that seller as a channel of its own.`,
    );
  const told = Date.parse(data.expires_at ?? '');
  // 30 days where Square does not say; a short-lived one says so by ending sooner.
  const endsAt = Number.isNaN(told) ? askedAt + 30 * DAY_MS : told;
  const aheadMs = Math.min(AHEAD_MS, Math.max(0, endsAt - askedAt) / 4);
  return {
    ...config,
    accessToken: data.access_token,
    refreshToken: data.refresh_token ?? config.refreshToken,
    accessTokenEndsAtMs: Math.max(1, Math.floor(endsAt)),
    renewAtMs: Math.max(1, Math.floor(endsAt - aheadMs)),
  };
}
