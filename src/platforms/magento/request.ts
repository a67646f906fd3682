import { createHash } from 'node:crypto';
import type { Client } from '../../platform/contract.ts';
import { type HttpRequest, jsonRequest } from '../../platform/http.ts';
import { oauth1Signature, percentEncode } from '../../platform/oauth1.ts';
import type { MagentoConfig } from './config.ts';
import type { MagentoOp } from './facts.ts';

export type MagentoClient = Client<MagentoOp>;

/** Makes each call another one: an OAuth nonce is taken once, and `authorize` knows nothing but the request and the time. */
const CALL_ID = 'x-request-id';

/**
 * One call of the REST API, in the scope of all store views: the default store's would hide what other websites sell.
 * @param path behind `/V1`, encoded
 */
export function apiRequest(
  client: Pick<MagentoClient, 'uuid'>,
  config: Pick<MagentoConfig, 'url'>,
  method: HttpRequest['method'],
  path: string,
  query: readonly (readonly [string, string | number])[] = [],
  body?: unknown,
): HttpRequest {
  const pairs = query.map(([name, value]) => `${percentEncode(name)}=${percentEncode(String(value))}`);
  const request = jsonRequest(
    method,
    `${config.url}/rest/all/V1${path}${pairs.length > 0 ? `?${pairs.join('&')}` : ''}`,
    body,
  );
  return { ...request, headers: { ...request.headers, [CALL_ID]: client.uuid() } };
}

export interface Filter {
  field: string;
  condition: 'eq' | 'gt' | 'gteq' | 'lteq' | 'in' | 'nin';
  value: string | number;
}

/**
 * Search criteria as parameters.
 * @param search.where groups: all must hold, of each group one filter. Never more than the first page: a page past the end
 *   repeats the last one, and pages shift while rows change.
 */
export function criteria(search: {
  where: readonly (readonly Filter[])[];
  sort: readonly string[];
  size: number;
  fields?: string;
}): [string, string | number][] {
  const pairs: [string, string | number][] = [];
  for (const [group, filters] of search.where.entries())
    for (const [at, { field, condition, value }] of filters.entries()) {
      const name = `searchCriteria[filterGroups][${group}][filters][${at}]`;
      pairs.push([`${name}[field]`, field], [`${name}[value]`, value], [`${name}[conditionType]`, condition]);
    }
  for (const [at, field] of search.sort.entries()) {
    pairs.push([`searchCriteria[sortOrders][${at}][field]`, field]);
    pairs.push([`searchCriteria[sortOrders][${at}][direction]`, 'ASC']);
  }
  pairs.push(['searchCriteria[pageSize]', search.size], ['searchCriteria[currentPage]', 1]);
  if (search.fields) pairs.push(['fields', search.fields]);
  return pairs;
}

/** `field` is one of these. A list is parted by commas, so a text with one in it gets a filter of its own. */
export function among(field: string, values: readonly string[]): Filter[] {
  const plain = values.filter((value) => !value.includes(','));
  const odd = values.filter((value) => value.includes(','));
  return [
    ...(plain.length > 0 ? [{ field, condition: 'in' as const, value: plain.join(',') }] : []),
    ...odd.map((value) => ({ field, condition: 'eq' as const, value })),
  ];
}

/**
 * Signed by OAuth 1.0a with HMAC-SHA256, the only method that 2.4 takes; or the token alone, where the shop allows it.
 * @param now milliseconds since 1970; Magento refuses more than ten minutes of difference.
 */
export function authorize(request: HttpRequest, config: MagentoConfig, now: number): HttpRequest {
  const authorization = config.bearer ? `Bearer ${config.accessToken}` : signed(request, config, now);
  return { ...request, headers: { ...request.headers, authorization } };
}

/**
 * The address as Magento (laminas-uri) tidies it before it checks a signature: what need not be encoded is not, the slash and
 * comma of a SKU included. A path of letters and digits stays as it is.
 */
export function signedAddress(address: string): URL {
  const url = new URL(address);
  url.pathname = url.pathname
    .replace(/%[\dA-Fa-f]{2}/g, (code) => {
      const sign = String.fromCharCode(Number.parseInt(code.slice(1), 16));
      return /[\w\-.~:@&=+$,/;%]/.test(sign) ? sign : code.toUpperCase();
    })
    .replace(/%(?![\dA-Fa-f]{2})/g, '%25');
  return url;
}

function signed(request: HttpRequest, config: MagentoConfig, now: number): string {
  const url = signedAddress(request.url);
  const nonce = createHash('sha256').update(
    `${request.method} ${request.url} ${request.headers[CALL_ID] ?? ''} ${now}`,
  );
  const oauth: [string, string][] = [
    ['oauth_consumer_key', config.consumerKey],
    ['oauth_nonce', nonce.digest('hex').slice(0, 32)],
    ['oauth_signature_method', 'HMAC-SHA256'],
    ['oauth_timestamp', String(Math.floor(now / 1000))],
    ['oauth_token', config.accessToken],
    ['oauth_version', '1.0'],
  ];
  const signature = oauth1Signature({
    method: request.method,
    url,
    parameters: [...url.searchParams, ...oauth],
    by: 'HMAC-SHA256',
    consumerSecret: config.consumerSecret,
    tokenSecret: config.accessTokenSecret,
  });
  const members = [...oauth, ['oauth_signature', signature] as const].map(
    ([name, value]) => `${name}="${percentEncode(value)}"`,
  );
  return `OAuth ${members.join(', ')}`;
}
