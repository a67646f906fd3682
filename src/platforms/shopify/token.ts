import { z } from 'zod';
import { Failure } from '../../platform/failure.ts';
import type { HttpRequest } from '../../platform/http.ts';
import { jsonRequest } from '../../platform/http.ts';
import { type ShopifyConfig, shopUrl } from './config.ts';
import { readAnswer, type ShopifyClient } from './graphql.ts';

/** The token header, on API calls; the token call proves itself by its body. */
export function authorize(request: HttpRequest, config: ShopifyConfig): HttpRequest {
  if (!config.accessToken || request.url.endsWith(TOKEN_PATH)) return request;
  return { ...request, headers: { ...request.headers, 'x-shopify-access-token': config.accessToken } };
}

const TOKEN_PATH = '/admin/oauth/access_token';

/** A token fetched with the client secret ends after 24 h, one with a refresh token after an hour, `shpat_…` never. */
export function expiresAt(config: ShopifyConfig): number | undefined {
  if (!config.accessToken) return 0;
  return config.accessTokenEndsAtMs;
}

const answer = z.object({
  access_token: z.string().min(1),
  expires_in: z.number().positive().nullish(),
  refresh_token: z.string().min(1).nullish(),
});

/**
 * A new access token. A refresh token changes with each use, so what comes back must be stored before it is used.
 * @throws Failure `auth` when Shopify refuses, or when the settings hold nothing to renew with.
 */
export async function renew(client: ShopifyClient, config: ShopifyConfig): Promise<ShopifyConfig> {
  const { clientId, webhookSecret, refreshToken } = config;
  if (!clientId || !webhookSecret)
    throw new Failure(
      'auth',
      'cannot-renew',
      'The access token is not accepted any more, or lacks a scope. Put a new one, or client ID and client secret, into the settings.',
    );
  const body = {
    client_id: clientId,
    client_secret: webhookSecret,
    ...(refreshToken
      ? { grant_type: 'refresh_token', refresh_token: refreshToken }
      : { grant_type: 'client_credentials' }),
  };
  const response = await client.call('token', jsonRequest('POST', `${shopUrl(config)}${TOKEN_PATH}`, body));
  const parsed = answer.safeParse(readAnswer(response));
  if (!parsed.success) throw new Failure('auth', 'no-token', 'Shopify answered the token request without a token.');
  const { access_token: accessToken, expires_in: seconds, refresh_token: nextRefresh } = parsed.data;
  return {
    ...config,
    accessToken,
    accessTokenEndsAtMs: seconds ? client.now() + Math.floor(seconds * 1000) : undefined,
    refreshToken: nextRefresh ?? refreshToken,
  };
}
