import { z } from 'zod';
import { Failure } from '../../platform/failure.ts';
import type { HttpRequest } from '../../platform/http.ts';
import { ask, type LightspeedClient, unreadable } from './api.ts';
import { authHost, type LightspeedConfig } from './config.ts';

const TOKEN_PATH = '/auth/oauth/token';

/** Bearer token on every call but the token call, which proves itself by its body. */
export function authorize(request: HttpRequest, config: LightspeedConfig): HttpRequest {
  if (new URL(request.url).pathname === TOKEN_PATH) return request;
  return { ...request, headers: { ...request.headers, authorization: `Bearer ${config.accessToken}` } };
}

/** One of unknown end is renewed when it is refused. */
export const expiresAt = (config: LightspeedConfig): number | undefined =>
  config.refreshToken ? config.accessTokenEndsAtMs : undefined;

const answer = z.object({
  access_token: z.string().min(1),
  refresh_token: z.string().min(1).nullish(),
  expires_in: z.coerce.number().positive().nullish().catch(null),
});

/**
 * A new pair of tokens. The old refresh token dies when the new access token is first used, so what comes back must be
 * stored before.
 * @throws Failure `auth` when Lightspeed refuses, or when there is nothing to renew with.
 */
export async function renew(client: LightspeedClient, config: LightspeedConfig): Promise<LightspeedConfig> {
  if (!config.refreshToken || !config.clientId || !config.clientSecret)
    throw new Failure(
      'auth',
      'cannot-renew',
      'Lightspeed does not accept the access token, and without a refresh token it cannot be renewed. Connect the account again and give the refresh token, client ID and client secret.',
    );
  const body = {
    client_id: config.clientId,
    client_secret: config.clientSecret,
    grant_type: 'refresh_token',
    refresh_token: config.refreshToken,
  };
  const askedAt = client.now();
  const url = `${authHost(config)}${TOKEN_PATH}`;
  const { data } = await ask(client, 'token', { method: 'POST', url, body });
  const parsed = answer.safeParse(data);
  if (!parsed.success) throw unreadable(url, 200, parsed.error);
  const { access_token: accessToken, refresh_token: refreshToken, expires_in: seconds } = parsed.data;
  const { accessTokenEndsAtMs: _, ...rest } = config;
  return {
    ...rest,
    accessToken,
    refreshToken: refreshToken ?? config.refreshToken,
    ...(seconds && { accessTokenEndsAtMs: Math.floor(askedAt + seconds * 1000) }),
  };
}
