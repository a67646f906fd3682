import { z } from 'zod';
import { Failure } from '../../platform/failure.ts';
import type { HttpRequest } from '../../platform/http.ts';
import { ask, type GeckoClient } from './api.ts';
import type { GeckoConfig } from './config.ts';

const TOKEN_PATH = '/oauth/token';
/** What the vendor's answers said, where one does not say. */
const LIFE_S = 7_200;

/** Bearer token on every call but the token call, which proves itself by its body. */
export function authorize(request: HttpRequest, config: GeckoConfig): HttpRequest {
  if (new URL(request.url).pathname.endsWith(TOKEN_PATH)) return request;
  return { ...request, headers: { ...request.headers, authorization: `Bearer ${config.accessToken}` } };
}

/** A privileged token does not end. One whose end nobody told is renewed at once, to learn it. */
export const expiresAt = (config: GeckoConfig): number | undefined =>
  config.refreshToken ? (config.accessTokenEndsAtMs ?? 0) : undefined;

const answer = z.object({
  access_token: z.string().min(1),
  refresh_token: z.string().min(1).nullish(),
  expires_in: z.number().positive().nullish(),
});

/**
 * A new access token and, each time, a new refresh token: the old one is worth nothing afterwards.
 * @throws Failure `auth` when it is refused, or when there is nothing to renew with.
 */
export async function renew(client: GeckoClient, config: GeckoConfig): Promise<GeckoConfig> {
  const { refreshToken, applicationId, webhookSecret, redirectUri } = config;
  if (!refreshToken || !applicationId || !webhookSecret)
    throw new Failure(
      'auth',
      'cannot-renew',
      'The access token is not accepted. Put a new one into the settings, or give refresh token, application ID and secret.',
    );
  const askedAt = client.now();
  const body = {
    client_id: applicationId,
    client_secret: webhookSecret,
    ...(redirectUri && { redirect_uri: redirectUri }),
    refresh_token: refreshToken,
    grant_type: 'refresh_token',
  };
  const { data } = await ask(client, config, 'token', { method: 'POST', path: TOKEN_PATH, body }, answer);
  return {
    ...config,
    accessToken: data.access_token,
    refreshToken: data.refresh_token ?? refreshToken,
    accessTokenEndsAtMs: Math.floor(askedAt + (data.expires_in ?? LIFE_S) * 1000),
  };
}
