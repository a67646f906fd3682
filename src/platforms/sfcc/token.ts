import { z } from 'zod';
import { Failure } from '../../platform/failure.ts';
import type { HttpRequest } from '../../platform/http.ts';
import { OCAPI_PATH, readAnswer, type SfccClient } from './api.ts';
import type { SfccConfig } from './config.ts';

const LOGIN = 'https://account.demandware.com';
const SCOPES = ['sfcc.orders', 'sfcc.products'];
const INVENTORY_SCOPES = ['sfcc.inventory.availability.rw'];

/** OCAPI and SCAPI have a token each; token calls prove themselves by the client’s own password. */
export function authorize(request: HttpRequest, config: SfccConfig): HttpRequest {
  const { pathname } = new URL(request.url);
  if (pathname.endsWith('/oauth2/access_token')) {
    const basic = Buffer.from(`${config.clientId}:${config.clientSecret}`).toString('base64');
    return { ...request, headers: { ...request.headers, authorization: `Basic ${basic}` } };
  }
  const ofOcapi = pathname.startsWith(OCAPI_PATH);
  const token = (ofOcapi ? config.ocapiToken : config.accessToken) ?? '';
  return {
    ...request,
    headers: {
      ...request.headers,
      authorization: `Bearer ${token}`,
      ...(ofOcapi && { 'x-dw-client-id': config.clientId }),
    },
  };
}

/** Half an hour or so; the first is fetched before the first call. */
export const expiresAt = (config: SfccConfig): number =>
  config.accessToken === undefined ? 0 : (config.accessTokenEndsAtMs ?? 0);

const answer = z.object({ access_token: z.string().min(1), expires_in: z.coerce.number().positive() });

export async function renew(client: SfccClient, config: SfccConfig): Promise<SfccConfig> {
  const askedAt = client.now();
  const tenant = `SALESFORCE_COMMERCE_API:${config.account.replace(/^f_ecom_/, '')}`;
  const scopes = [tenant, ...SCOPES, ...(config.stock === 'omnichannel' ? INVENTORY_SCOPES : [])];
  const scapi = await tokenOf(client, config, '/dwsso/oauth2/access_token', scopes.join(' '));
  const ocapi =
    config.stock === 'inventory-lists' ? await tokenOf(client, config, '/dw/oauth2/access_token') : undefined;
  const lastsS = Math.min(scapi.expires_in, ocapi?.expires_in ?? Number.POSITIVE_INFINITY);
  return {
    ...config,
    accessToken: scapi.access_token,
    accessTokenEndsAtMs: Math.floor(askedAt + lastsS * 1000),
    ...(ocapi && { ocapiToken: ocapi.access_token }),
  };
}

async function tokenOf(client: SfccClient, config: SfccConfig, path: string, scope?: string) {
  const form = new URLSearchParams({ grant_type: 'client_credentials', ...(scope && { scope }) });
  const response = await client.call('token', {
    method: 'POST',
    url: `${config.loginUrl ?? LOGIN}${path}`,
    headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
    body: form.toString(),
  });
  const parsed = answer.safeParse(readAnswer(response));
  if (parsed.success) return parsed.data;
  throw new Failure('auth', 'no-token', 'Account Manager answered the token request without a token. Try again later.');
}
