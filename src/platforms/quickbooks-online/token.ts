import { z } from 'zod';
import type { HttpRequest } from '../../platform/http.ts';
import { type QboClient, readAs } from './api.ts';
import type { QboConfig } from './config.ts';

const TOKEN_URL = 'https://oauth.platform.intuit.com';
const TOKEN_PATH = '/oauth2/v1/tokens/bearer';

/** Bearer token, but for the token call, which proves itself by the app's own name and secret. */
export function authorize(request: HttpRequest, config: QboConfig): HttpRequest {
  const isToken = new URL(request.url).pathname.endsWith(TOKEN_PATH);
  const credentials = Buffer.from(`${config.clientId}:${config.clientSecret}`).toString('base64');
  const authorization = isToken ? `Basic ${credentials}` : `Bearer ${config.accessToken ?? ''}`;
  return { ...request, headers: { ...request.headers, authorization } };
}

/** An hour; at once where there is none yet. */
export const expiresAt = (config: QboConfig): number =>
  config.accessToken === undefined ? 0 : (config.accessTokenEndsAtMs ?? 0);

const answer = z.object({
  access_token: z.string().min(1),
  refresh_token: z.string().min(1).nullish(),
  expires_in: z.number().positive(),
});

/** A new access token. The refresh token changes about once a day, and the old one ends a day after: the newest is kept. */
export async function renew(client: QboClient, config: QboConfig): Promise<QboConfig> {
  const askedAt = client.now();
  const body = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: config.refreshToken });
  const response = await client.call('token', {
    method: 'POST',
    url: `${config.tokenUrl ?? TOKEN_URL}${TOKEN_PATH}`,
    headers: { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' },
    body: body.toString(),
  });
  const told = readAs(response, answer, 'the renewal of a token');
  return {
    ...config,
    accessToken: told.access_token,
    refreshToken: told.refresh_token ?? config.refreshToken,
    accessTokenEndsAtMs: Math.max(1, Math.floor(askedAt + told.expires_in * 1000)),
  };
}
