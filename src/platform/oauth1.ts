import { hmac } from './signature.ts';

/** RFC 3986, as OAuth 1.0a asks: encodeURIComponent leaves !'()* alone. */
export const percentEncode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);

const METHODS = { 'HMAC-SHA1': 'sha1', 'HMAC-SHA256': 'sha256' } as const;
export type OAuth1Method = keyof typeof METHODS;

/**
 * Signs one request by OAuth 1.0a (RFC 5849, section 3.4). The body is not signed: it is JSON or XML, and OAuth 1.0a knows
 * form bodies only.
 * @param signing `parameters`: every pair that is signed, as name and value before encoding: those of the query and of the
 *   protocol, without `oauth_signature` and `realm`. `tokenSecret` is left out where there is no token: the key then ends
 *   with the bare ampersand.
 * @returns base64
 */
export function oauth1Signature(signing: {
  method: string;
  /** Query and fragment are ignored: the query's pairs are among the parameters. */
  url: URL;
  parameters: Iterable<readonly [string, string]>;
  by: OAuth1Method;
  consumerSecret: string;
  tokenSecret?: string;
}): string {
  const { method, url, parameters, by, consumerSecret, tokenSecret = '' } = signing;
  const pairs = [...parameters]
    .map(([name, value]) => [percentEncode(name), percentEncode(value)] as const)
    .sort(([a, x], [b, y]) => (a < b || (a === b && x < y) ? -1 : 1));
  const address = `${url.protocol}//${url.host}${url.pathname}`;
  const base = [method.toUpperCase(), address, pairs.map((pair) => pair.join('=')).join('&')]
    .map(percentEncode)
    .join('&');
  return hmac(METHODS[by], `${percentEncode(consumerSecret)}&${percentEncode(tokenSecret)}`, [base], 'base64');
}
