import { type HttpRequest, jsonRequest } from '../../platform/http.ts';
import type { AmazonConfig } from './config.ts';

/** Amazon asks callers to name themselves; a call without a user agent is refused. */
export const USER_AGENT = 'Onhand/0.1 (Language=TypeScript; Platform=Node)';

/** The Selling Partner API of the account's region, without a slash at its end. */
export const apiBase = (config: Pick<AmazonConfig, 'region' | 'endpoint'>): string =>
  config.endpoint ?? `https://sellingpartnerapi-${config.region}.amazon.com`;

export const tokenUrl = (config: Pick<AmazonConfig, 'tokenEndpoint'>): string =>
  config.tokenEndpoint ?? 'https://api.amazon.com/auth/o2/token';

/**
 * Percent-encodes one path segment or query value. encodeURIComponent leaves !'()* alone; Amazon answers 403 or 404 to a
 * SKU that is not encoded whole (developer-docs, "URL encoding").
 */
export const encode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);

/** Lists are joined by commas, as the models' `collectionFormat: csv` has it; undefined members are left out. */
export type Query = Record<string, string | readonly string[] | undefined>;

export function apiRequest(
  config: AmazonConfig,
  method: HttpRequest['method'],
  path: string,
  query: Query = {},
  body?: unknown,
): HttpRequest {
  const pairs = Object.entries(query).flatMap(([name, value]) => {
    if (value === undefined) return [];
    return [`${name}=${typeof value === 'string' ? encode(value) : value.map(encode).join(',')}`];
  });
  return jsonRequest(method, `${apiBase(config)}${path}${pairs.length > 0 ? `?${pairs.join('&')}` : ''}`, body);
}

/** Path of one listing, or of all of a seller's. */
export const listingsPath = (sellerId: string, sku?: string): string =>
  `/listings/2021-08-01/items/${encode(sellerId)}${sku === undefined ? '' : `/${encode(sku)}`}`;
