import { z } from 'zod';
import { Failure } from '../../platform/failure.ts';
import type { HttpRequest } from '../../platform/http.ts';
import { type LightspeedXClient, readAnswer, storeUrl } from './api.ts';
import type { LightspeedXConfig } from './config.ts';

const TOKEN_PATH = '/api/1.0/token';
const DAY_MS = 86_400_000;
/** Lightspeed asks every application to name itself. */
const USER_AGENT = 'Onhand (stock sync)';

/** Bearer token on every call but the token call, which proves itself by its body. */
export function authorize(request: HttpRequest, config: LightspeedXConfig): HttpRequest {
  const headers = { ...request.headers, 'user-agent': USER_AGENT };
  if (new URL(request.url).pathname === TOKEN_PATH) return { ...request, headers };
  return { ...request, headers: { ...headers, authorization: `Bearer ${config.accessToken}` } };
}

/** A personal token does not end. One whose end nobody told is renewed at once, to learn it. */
export const expiresAt = (config: LightspeedXConfig): number | undefined =>
  config.refreshToken ? (config.accessTokenEndsAtMs ?? 0) : undefined;

const answer = z.object({
  access_token: z.string().min(1),
  refresh_token: z.string().min(1).nullish(),
  expires: z.number().positive().nullish(),
  expires_in: z.number().positive().nullish(),
});

/**
 * A new access token; the old one stops working at once, and the refresh token may be another one: both are stored before
 * they are used.
 */
export async function renew(client: LightspeedXClient, config: LightspeedXConfig): Promise<LightspeedXConfig> {
  const { refreshToken, clientId, webhookSecret } = config;
  if (!refreshToken || !clientId || !webhookSecret)
    throw new Failure(
      'auth',
      'cannot-renew',
      'Lightspeed does not accept the token. Make a new one in Setup > Personal Tokens, or connect with OAuth and give the refresh token.',
    );
  const askedMs = client.now();
  const form = new URLSearchParams({
    refresh_token: refreshToken,
    client_id: clientId,
    client_secret: webhookSecret,
    grant_type: 'refresh_token',
  });
  const response = await client.call('token', {
    method: 'POST',
    url: `${storeUrl(config)}${TOKEN_PATH}`,
    headers: { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' },
    body: form.toString(),
  });
  const told = answer.safeParse(readAnswer(response));
  if (!told.success) throw new Failure('auth', 'no-token', 'Lightspeed answered the token request without a token.');
  const { access_token, refresh_token, expires, expires_in } = told.data;
  // How long it lives, by our own clock: the moment they name is by theirs.
  const endsAt = expires_in ? askedMs + expires_in * 1000 : expires ? expires * 1000 : askedMs + DAY_MS;
  return {
    ...config,
    accessToken: access_token,
    refreshToken: refresh_token ?? refreshToken,
    accessTokenEndsAtMs: Math.max(1, Math.floor(endsAt)),
  };
}
