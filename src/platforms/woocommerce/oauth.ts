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
  // PHP keeps the last of two parameters with one name; WooCommerce's own client sends its query twice.
  const pairs = [...new Map(url.searchParams)]
    .filter(([name]) => name !== 'oauth_signature')
    .map(([name, value]) => [encode(name), encode(value)] as const)
    .sort(([a, x], [b, y]) => (a < b || (a === b && x < y) ? -1 : 1));
  const address = `${url.protocol}//${url.host}${url.pathname}`;
  return [method.toUpperCase(), address, pairs.map((pair) => pair.join('=')).join('&')].map(encode).join('&');
}

/** No token: the key ends with the bare ampersand. */
export const oauthSignature = (method: string, url: URL, consumerSecret: string): string =>
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
  const url = new URL(request.url);
  const query = url.searchParams;
  query.set('oauth_consumer_key', consumerKey);
  query.set(
    'oauth_nonce',
    createHash('sha256').update(`${request.method} ${request.url} ${now}`).digest('hex').slice(0, 32),
  );
  query.set('oauth_signature_method', 'HMAC-SHA256');
  query.set('oauth_timestamp', String(Math.floor(now / 1000)));
  query.set('oauth_signature', oauthSignature(request.method, url, consumerSecret));
  const pairs = [...query].map(([name, value]) => `${encode(name)}=${encode(value)}`);
  return { ...request, url: `${url.origin}${url.pathname}?${pairs.join('&')}` };
}
