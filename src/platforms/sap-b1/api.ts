import type { Client } from '../../platform/contract.ts';
import type { HttpRequest, HttpResponse } from '../../platform/http.ts';
import type { SapConfig } from './config.ts';
import type { SapOp } from './facts.ts';

export type SapClient = Client<SapOp>;

const ROOT = '/b1s/v2';

/** @param path with its query, `/Items…` */
export const apiUrl = (config: Pick<SapConfig, 'url'>, path: string): string => `${config.url}${ROOT}${path}`;

/** A text in a key or a filter. */
export const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** `$select`, `$filter` … behind a path. The dollar sign and the quotes stay legible, as SAP's own guide has them. */
export function withQuery(path: string, query: Record<string, string | number | undefined>): string {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : [`$${name}=${encodeURIComponent(String(value)).replaceAll('%2C', ',')}`],
  );
  return pairs.length > 0 ? `${path}?${pairs.join('&')}` : path;
}

export const keyed = (set: string, key: string | number): string =>
  `/${set}(${typeof key === 'number' ? key : encodeURIComponent(quoted(key))})`;

export function getRequest(config: SapConfig, path: string, pageSize?: number): HttpRequest {
  return {
    method: 'GET',
    url: apiUrl(config, path),
    headers: { accept: 'application/json', ...(pageSize && { prefer: `odata.maxpagesize=${pageSize}` }) },
  };
}

/** SAP's clock when it began to answer, by its `Date` header less the time the call took; ours without one. */
export function startedMs(client: SapClient, response: HttpResponse, before: number): number {
  const date = Date.parse(response.headers['date'] ?? '');
  return Number.isNaN(date) ? before : Math.min(before, date - Math.max(0, client.now() - before));
}
