import { z } from 'zod';
import { Failure } from '../../platform/failure.ts';
import { bodyText, type HttpRequest } from '../../platform/http.ts';
import { type DynamicsClient, readAnswer } from './api.ts';
import type { DynamicsConfig } from './config.ts';

const LOGIN = 'https://login.microsoftonline.com';
const SECURITY = 'https://securityservice.operations365.dynamics.com';
/** Inventory Visibility’s own application, the same for everybody. */
const INVENTORY_APP = '0cdb527f-a8d1-4bf8-9436-b352c68682b2';
const INVENTORY_SCOPE = 'https://inventoryservice.operations365.dynamics.com/.default';

const BUSINESS_CENTRAL = 'https://api.businesscentral.dynamics.com';

/** Whose API the token is for. A stand-in's address is not an audience, so Business Central keeps its own. */
const scopeOf = (config: DynamicsConfig): string =>
  `${config.flavour === 'business-central' ? BUSINESS_CENTRAL : (config.apiUrl ?? '')}/.default`;

/** Token calls prove themselves by their body; Inventory Visibility takes a token of its own. */
export function authorize(request: HttpRequest, config: DynamicsConfig): HttpRequest {
  const { pathname } = new URL(request.url);
  if (/\/(oauth2\/v2\.0\/)?token$/.test(pathname) && request.method === 'POST') return request;
  const ofInventory = config.inventoryUrl !== undefined && pathname.startsWith('/api/environment/');
  const token = (ofInventory ? config.inventoryToken : config.accessToken) ?? '';
  return { ...request, headers: { ...request.headers, authorization: `Bearer ${token}` } };
}

/** Tokens last about an hour; the first is fetched before the first call. */
export const expiresAt = (config: DynamicsConfig): number =>
  config.accessToken === undefined ? 0 : (config.accessTokenEndsAtMs ?? 0);

const answer = z.object({ access_token: z.string().min(1), expires_in: z.coerce.number().positive() });

/** Client credentials: there is no refresh token, the client secret is what renews. */
export async function renew(client: DynamicsClient, config: DynamicsConfig): Promise<DynamicsConfig> {
  const askedAt = client.now();
  const first = await entraToken(client, config, scopeOf(config));
  const renewed = {
    ...config,
    accessToken: first.access_token,
    accessTokenEndsAtMs: Math.floor(askedAt + first.expires_in * 1000),
  };
  if (config.flavour !== 'supply-chain') return renewed;
  const assertion = await entraToken(client, config, `${INVENTORY_APP}/.default`);
  const second = read(
    await client.call('inventoryToken', {
      method: 'POST',
      url: `${config.securityUrl ?? SECURITY}/token`,
      headers: { 'api-version': '1.0', 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify({
        grant_type: 'client_credentials',
        client_assertion_type: 'aad_app',
        client_assertion: assertion.access_token,
        scope: INVENTORY_SCOPE,
        context: config.environmentId,
        context_type: 'finops-env',
      }),
    }),
  );
  return {
    ...renewed,
    inventoryToken: second.access_token,
    accessTokenEndsAtMs: Math.floor(askedAt + Math.min(first.expires_in, second.expires_in) * 1000),
  };
}

async function entraToken(client: DynamicsClient, config: DynamicsConfig, scope: string) {
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: config.clientId,
    client_secret: config.clientSecret,
    scope,
  });
  return read(
    await client.call('token', {
      method: 'POST',
      url: `${config.loginUrl ?? LOGIN}/${config.tenantId}/oauth2/v2.0/token`,
      headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
      body: form.toString(),
    }),
  );
}

function read(response: Parameters<typeof bodyText>[0]): z.infer<typeof answer> {
  const parsed = answer.safeParse(readAnswer({ body: Buffer.from(bodyText(response)) }));
  if (parsed.success) return parsed.data;
  // The body is not told: it may hold half a token.
  throw new Failure('auth', 'no-token', 'Microsoft answered the token request without a token. Try again later.');
}
