import { createHash } from 'node:crypto';
import type { HttpRequest } from '../../platform/http.ts';
import { oauth1Signature, percentEncode } from '../../platform/oauth1.ts';

/**
 * One-legged OAuth 1.0a: no token. Over plain http WooCommerce refuses Basic auth and wants this instead; it keeps the secret off the wire.
 * @param now milliseconds since 1970; WooCommerce refuses more than 15 minutes of difference. Each nonce is taken once, so
 *   two requests of one millisecond must differ in their address (see `_` in request.ts).
 */
export function signed(
  request: HttpRequest,
  { consumerKey, consumerSecret }: { consumerKey: string; consumerSecret: string },
  now: number,
): HttpRequest {
  const nonce = createHash('sha256').update(`${request.method} ${request.url} ${now}`).digest('hex').slice(0, 32);
  const oauth = [
    `oauth_consumer_key=${percentEncode(consumerKey)}`,
    `oauth_nonce=${nonce}`,
    'oauth_signature_method=HMAC-SHA256',
    `oauth_timestamp=${Math.floor(now / 1000)}`,
  ];
  // Appended, so that what was there leaves as it was written (see KEY_HINT in request.ts).
  const unsigned = `${request.url}${request.url.includes('?') ? '&' : '?'}${oauth.join('&')}`;
  const url = new URL(unsigned);
  // PHP keeps the last of two parameters with one name.
  const parameters = new Map(url.searchParams);
  const signature = oauth1Signature({ method: request.method, url, parameters, by: 'HMAC-SHA256', consumerSecret });
  return { ...request, url: `${unsigned}&oauth_signature=${percentEncode(signature)}` };
}
