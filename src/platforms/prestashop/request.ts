import type { Client } from '../../platform/contract.ts';
import type { HttpRequest } from '../../platform/http.ts';
import { percentEncode } from '../../platform/oauth1.ts';
import type { PrestaConfig } from './config.ts';
import type { PrestaOp } from './facts.ts';

export type PrestaClient = Client<PrestaOp>;

/**
 * One call of the webservice, answered in XML: the JSON form prints the same id as a number or as text, depending on PHP.
 * @param path behind `/api`, like `/stock_availables/67`
 */
export function apiRequest(
  config: Pick<PrestaConfig, 'url' | 'shop'>,
  method: HttpRequest['method'],
  path: string,
  query: Record<string, string | number | undefined> = {},
  body?: string,
): HttpRequest {
  const pairs = Object.entries({ ...query, id_shop: config.shop }).flatMap(([name, value]) =>
    value === undefined ? [] : [`${percentEncode(name)}=${percentEncode(String(value))}`],
  );
  const url = `${config.url}/api${path}${pairs.length > 0 ? `?${pairs.join('&')}` : ''}`;
  const headers = { accept: 'text/xml' };
  return body === undefined
    ? { method, url, headers }
    : { method, url, headers: { ...headers, 'content-type': 'text/xml; charset=utf-8' }, body };
}

/** `[1|2|3]`: one of these. */
export const among = (values: Iterable<string>): string => `[${[...new Set(values)].join('|')}]`;

/** The key is the name of the Basic pair, its password is empty. */
export function authorize(request: HttpRequest, config: PrestaConfig): HttpRequest {
  if (config.keyInQuery) {
    const join = request.url.includes('?') ? '&' : '?';
    return { ...request, url: `${request.url}${join}ws_key=${percentEncode(config.webserviceKey)}` };
  }
  const credentials = Buffer.from(`${config.webserviceKey}:`).toString('base64');
  return { ...request, headers: { ...request.headers, authorization: `Basic ${credentials}` } };
}
