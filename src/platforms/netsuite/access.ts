import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Client } from '../../platform/contract.ts';
import { Failure } from '../../platform/failure.ts';
import type { HttpRequest } from '../../platform/http.ts';
import { oauth1Signature, percentEncode } from '../../platform/oauth1.ts';
import { readAnswer } from './answer.ts';
import { clientAssertion } from './assertion.ts';
import { apiBase, type NetsuiteConfig } from './config.ts';
import type { NetsuiteOp } from './facts.ts';

const TOKEN_PATH = '/services/rest/auth/oauth2/v1/token';

/** Carries a fresh UUID from the one who makes a request to {@link authorize}, which is pure; never leaves the process. */
export const NONCE_HEADER = 'x-onhand-nonce';

/** A bearer token, or OAuth 1.0a with HMAC-SHA256; the token call proves itself by its body. */
export function authorize(request: HttpRequest, config: NetsuiteConfig, now: number): HttpRequest {
  const { [NONCE_HEADER]: fresh = '', ...headers } = request.headers;
  const url = new URL(request.url);
  if (url.pathname === TOKEN_PATH) return { ...request, headers };
  const authorization = config.clientId
    ? `Bearer ${config.accessToken ?? ''}`
    : oauth1Header(request.method, url, config, { now, fresh });
  return { ...request, headers: { ...headers, authorization } };
}

function oauth1Header(method: string, url: URL, config: NetsuiteConfig, at: { now: number; fresh: string }): string {
  const protocol: [string, string][] = [
    ['oauth_consumer_key', config.consumerKey ?? ''],
    ['oauth_token', config.tokenId ?? ''],
    ['oauth_signature_method', 'HMAC-SHA256'],
    ['oauth_timestamp', String(Math.floor(at.now / 1000))],
    // The same request sent again is another one: its time is part of it.
    ['oauth_nonce', createHash('sha256').update(`${at.fresh}\n${at.now}`).digest('hex').slice(0, 32)],
    ['oauth_version', '1.0'],
  ];
  const signature = oauth1Signature({
    method,
    url,
    parameters: [...url.searchParams, ...protocol],
    by: 'HMAC-SHA256',
    consumerSecret: config.consumerSecret ?? '',
    tokenSecret: config.tokenSecret ?? '',
  });
  // The realm is the account, and no part of what is signed.
  const pairs = [['realm', config.account], ...protocol, ['oauth_signature', signature]] as const;
  return `OAuth ${pairs.map(([name, value]) => `${name}="${percentEncode(value)}"`).join(', ')}`;
}

/** Tokens of token-based authentication do not end. Without a bearer token one is asked for at once. */
export function expiresAt(config: NetsuiteConfig): number | undefined {
  if (!config.clientId) return undefined;
  return config.accessToken ? (config.accessTokenEndsAtMs ?? 0) : 0;
}

const answer = z.object({
  access_token: z.string().min(1),
  // Documented as text.
  expires_in: z.union([
    z.number(),
    z
      .string()
      .regex(/^\d{1,9}$/)
      .transform(Number),
  ]),
});

/** A new bearer token: there is no refresh token, so the assertion is signed again. */
export async function renew(client: Client<NetsuiteOp>, config: NetsuiteConfig): Promise<NetsuiteConfig> {
  const { clientId, certificateId, privateKey } = config;
  if (!clientId || !certificateId || !privateKey)
    throw new Failure(
      'auth',
      'cannot-renew',
      'NetSuite does not accept the token. Make a new access token under Setup > Users/Roles > Access Tokens, and see Setup > Users/Roles > View Login Audit Trail for the reason.',
    );
  const url = `${apiBase(config)}${TOKEN_PATH}`;
  const askedAt = client.now();
  const assertion = clientAssertion({
    clientId,
    certificateId,
    privateKey,
    audience: url,
    scopes: config.levelsBy === 'restlet' ? ['rest_webservices', 'restlets'] : ['rest_webservices'],
    nowMs: askedAt,
  });
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: assertion,
  });
  const response = await client.call('token', {
    method: 'POST',
    url,
    headers: { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' },
    body: form.toString(),
  });
  const parsed = answer.safeParse(readAnswer(response));
  if (!parsed.success)
    throw new Failure('auth', 'no-token', 'NetSuite answered the token request without a token.', {
      status: response.status,
    });
  return {
    ...config,
    accessToken: parsed.data.access_token,
    accessTokenEndsAtMs: askedAt + parsed.data.expires_in * 1000,
  };
}
