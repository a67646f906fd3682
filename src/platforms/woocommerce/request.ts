import type { Client } from '../../platform/contract.ts';
import { type HttpRequest, jsonRequest } from '../../platform/http.ts';
import { percentEncode } from '../../platform/oauth1.ts';
import type { WooConfig } from './config.ts';
import type { WooOp } from './facts.ts';
import { signed } from './oauth.ts';

export type WooClient = Client<WooOp>;

/**
 * With plain permalinks there is no path `/wp-json`, and WooCommerce up to 11.0 looks at a key only where the address
 * holds `wp-json/wc/`, wherever that is: without this member every key is "not allowed". `index.php` is written out
 * because the bare `/` is signed without its slash by WordPress and with it by everybody else.
 */
const KEY_HINT = 'route=wp-json/wc/v3';

/**
 * One call of the REST API.
 * @param path behind `/wc/v3`, like `/products/batch`
 */
export function apiRequest(
  client: Pick<WooClient, 'uuid'>,
  config: Pick<WooConfig, 'url' | 'plainPermalinks'>,
  method: HttpRequest['method'],
  path: string,
  query: Record<string, string | number | undefined> = {},
  body?: unknown,
): HttpRequest {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${percentEncode(String(value))}`],
  );
  // Caching plugins serve an old answer to an address they have seen; an OAuth nonce is made of the address as well.
  pairs.push(`_=${client.uuid().replaceAll('-', '')}`);
  const base = config.plainPermalinks
    ? `${config.url}/index.php?rest_route=${percentEncode(`/wc/v3${path}`)}&${KEY_HINT}&`
    : `${config.url}/wp-json/wc/v3${path}?`;
  return jsonRequest(method, base + pairs.join('&'), body);
}

/**
 * Over https the key goes as name and password, or in the address where a host drops the header; over plain http every
 * request is signed instead, because WooCommerce takes nothing else there.
 */
export function authorize(request: HttpRequest, config: WooConfig, now: number): HttpRequest {
  const { consumerKey, consumerSecret } = config;
  if (request.url.startsWith('http://')) return signed(request, config, now);
  if (config.keyInQuery) {
    const join = request.url.includes('?') ? '&' : '?';
    const key = `consumer_key=${percentEncode(consumerKey)}&consumer_secret=${percentEncode(consumerSecret)}`;
    return { ...request, url: `${request.url}${join}${key}` };
  }
  const credentials = Buffer.from(`${consumerKey}:${consumerSecret}`).toString('base64');
  return { ...request, headers: { ...request.headers, authorization: `Basic ${credentials}` } };
}
