import type { Client } from '../../platform/contract.ts';
import { bodyText, type HttpRequest } from '../../platform/http.ts';
import { readJson } from '../../platform/json.ts';
import { tokenUrl } from './address.ts';
import type { AmazonConfig } from './config.ts';
import type { AmazonOp } from './facts.ts';
import { record, text } from './shape.ts';

/** What Login with Amazon grants where it does not say how long. */
const LIFETIME_SECONDS = 3600;

const tokenRequest = (config: AmazonConfig, grant: Record<string, string>): HttpRequest => ({
  method: 'POST',
  url: tokenUrl(config),
  headers: { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded;charset=UTF-8' },
  body: new URLSearchParams({ ...grant, client_id: config.clientId, client_secret: config.clientSecret }).toString(),
});

/** Without a token the first call needs one at once. */
export const expiresAt = (config: AmazonConfig): number | undefined =>
  config.accessToken ? (config.accessTokenEndsAtMs ?? 0) : 0;

/** A fresh access token for the seller. The refresh token stays good; should Amazon hand out another, that one is kept. */
export async function renew(client: Client<AmazonOp>, config: AmazonConfig): Promise<AmazonConfig> {
  const request = tokenRequest(config, { grant_type: 'refresh_token', refresh_token: config.refreshToken });
  const fields = record(readJson(bodyText(await client.call('token', request))));
  const seconds = Number(fields['expires_in']);
  return {
    ...config,
    accessToken: text(fields['access_token'])!,
    accessTokenEndsAtMs: client.now() + (seconds > 0 ? seconds : LIFETIME_SECONDS) * 1000,
    refreshToken: text(fields['refresh_token']) ?? config.refreshToken,
  };
}

/**
 * A token for the operations that belong to the app and not to a seller (destinations, deleting a subscription).
 * Used within seconds and thrown away, so it is not stored. @returns the header that carries it
 */
export async function grantless(client: Client<AmazonOp>, config: AmazonConfig): Promise<Record<string, string>> {
  const request = tokenRequest(config, { grant_type: 'client_credentials', scope: 'sellingpartnerapi::notifications' });
  const fields = record(readJson(bodyText(await client.call('token', request))));
  return { 'x-amz-access-token': text(fields['access_token'])! };
}
