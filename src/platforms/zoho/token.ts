import { z } from 'zod';
import { Failure } from '../../platform/failure.ts';
import type { HttpRequest } from '../../platform/http.ts';
import { readAnswer, type ZohoClient } from './api.ts';
import { accountsUrl, type ZohoConfig } from './config.ts';

const TOKEN_PATH = '/oauth/v2/token';

/** What Zoho grants where it does not say how long. */
const LIFETIME_SECONDS = 3_600;

/** Not "Bearer": Zoho has a word of its own. The token call proves itself by its body. */
export const authorize = (request: HttpRequest, config: ZohoConfig): HttpRequest =>
  new URL(request.url).pathname === TOKEN_PATH
    ? request
    : { ...request, headers: { ...request.headers, authorization: `Zoho-oauthtoken ${config.accessToken ?? ''}` } };

/** Without a token the first call needs one at once. */
export const expiresAt = (config: ZohoConfig): number => (config.accessToken ? (config.accessTokenEndsAtMs ?? 0) : 0);

const answer = z.object({
  access_token: z.string().min(1),
  expires_in: z.number().positive().nullish(),
  api_domain: z.string().nullish(),
});

/** A fresh access token. The refresh token stays good; ten of its access tokens are allowed in ten minutes. */
export async function renew(client: ZohoClient, config: ZohoConfig): Promise<ZohoConfig> {
  const form = {
    grant_type: 'refresh_token',
    client_id: config.clientId,
    client_secret: config.clientSecret,
    refresh_token: config.refreshToken,
  };
  const response = await client.call('token', {
    method: 'POST',
    url: `${accountsUrl(config)}${TOKEN_PATH}`,
    headers: { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(form).toString(),
  });
  const parsed = answer.safeParse(readAnswer(response));
  if (!parsed.success) throw new Failure('auth', 'no-token', 'Zoho answered the token request without a token.');
  const { access_token: accessToken, expires_in: seconds } = parsed.data;
  return {
    ...config,
    accessToken,
    accessTokenEndsAtMs: Math.floor(client.now() + (seconds ?? LIFETIME_SECONDS) * 1_000),
  };
}
