import { createHash } from 'node:crypto';
import type { HttpRequest } from '../../platform/http.ts';
import { hmac } from '../../platform/signature.ts';

/** RFC 3986, as OAuth 1.0a asks: encodeURIComponent leaves !'()* alone. */
export const encode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);

/**
 * What a one-legged OAuth 1.0a request signs: method, address without query, and every query parameter but the signature,
 * encoded and sorted. The body is not signed: it is JSON, and OAuth 1.0a knows form bodies only.
 */
function signatureBase(method: string, url: URL): string {
  // PHP keeps the last of two parameters with one name.
  const pairs = [...new Map(url.searchParams)]
    .filter(([name]) => name !== 'oauth_signature')
    .map(([name, value]) => [encode(name), encode(value)] as const)
    .sort(([a, x], [b, y]) => (a < b || (a === b && x < y) ? -1 : 1));
  const address = `${url.protocol}//${url.host}${url.pathname}`;
  return [method.toUpperCase(), address, pairs.map((pair) => pair.join('=')).join('&')].map(encode).join('&');
}

/** No token: the key ends with the bare ampersand. */
const oauthSignature = (method: string, url: URL, consumerSecret: string): string =>
  hmac('sha256', `${consumerSecret}&`, [signatureBase(method, url)], 'base64');

/**
 * Over plain http WooCommerce refuses Basic auth and wants this instead; it keeps the secret off the wire.
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
    `oauth_consumer_key=${encode(consumerKey)}`,
    `oauth_nonce=${nonce}`,
    'oauth_signature_method=HMAC-SHA256',
    `oauth_timestamp=${Math.floor(now / 1000)}`,
  ];
  // Appended, so that what was there leaves as it was written (see KEY_HINT in request.ts).
  const unsigned = `${request.url}${request.url.includes('?') ? '&' : '?'}${oauth.join('&')}`;
  const signature = oauthSignature(request.method, new URL(unsigned), consumerSecret);
  return { ...request, url: `${unsigned}&oauth_signature=${encode(signature)}` };
}
