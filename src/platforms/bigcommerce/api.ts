import { z } from 'zod';
import type { Client } from '../../platform/contract.ts';
import { Failure } from '../../platform/failure.ts';
import { bodyText, type HttpRequest, type HttpResponse, jsonRequest } from '../../platform/http.ts';
import { readJson } from '../../platform/json.ts';
import type { BigConfig } from './config.ts';
import type { BigOp } from './facts.ts';

export type BigClient = Client<BigOp>;

/** Vendor ids come as numbers and are texts everywhere here. */
export const id = z.union([z.number().int(), z.string().min(1)]).transform(String);

export function authorize(request: HttpRequest, config: BigConfig): HttpRequest {
  return { ...request, headers: { ...request.headers, 'x-auth-token': config.accessToken } };
}

export type Query = Record<string, string | number | undefined>;

/**
 * One call of the REST API.
 * @param path behind the store, like `/v3/hooks`
 */
export function apiRequest(
  config: Pick<BigConfig, 'account' | 'apiUrl'>,
  method: HttpRequest['method'],
  path: string,
  query: Query = {},
  body?: unknown,
): HttpRequest {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${encodeURIComponent(String(value)).replaceAll('%2C', ',')}`],
  );
  const base = `${config.apiUrl ?? 'https://api.bigcommerce.com'}/stores/${config.account}${path}`;
  return jsonRequest(method, pairs.length > 0 ? `${base}?${pairs.join('&')}` : base, body);
}

/** The body as JSON; undefined when it is none. */
export function jsonIn(response: Pick<HttpResponse, 'body'>): unknown {
  try {
    return readJson(bodyText(response));
  } catch {
    return undefined;
  }
}

/** @throws Failure `rejected`/`unreadable-answer` when a good answer has another shape. */
export function readAs<T>(response: HttpResponse, shape: z.ZodType<T>, what: string): T {
  const parsed = shape.safeParse(jsonIn(response));
  if (parsed.success) return parsed.data;
  throw new Failure(
    'rejected',
    'unreadable-answer',
    `BigCommerce answered ${what} in a shape that Onhand does not know.`,
    { status: response.status, cause: parsed.error },
  );
}

/** `{data: [...], meta: {pagination}}` of every V3 list. */
export const listOf = <T extends z.ZodType>(row: T) =>
  z.object({
    data: z.array(row),
    meta: z.object({ pagination: z.object({ current_page: z.number(), total_pages: z.number() }).nullish() }).nullish(),
  });

/** The page after this one; undefined at the end. */
export function nextPage(list: {
  meta?: { pagination?: { current_page: number; total_pages: number } | null } | null;
}): number | undefined {
  const pagination = list.meta?.pagination;
  return pagination && pagination.current_page < pagination.total_pages ? pagination.current_page + 1 : undefined;
}

/** All pages of a list that is short: places, hooks. */
export async function allPages<T>(
  client: BigClient,
  config: BigConfig,
  op: BigOp,
  path: string,
  query: Query,
  row: z.ZodType<T>,
): Promise<T[]> {
  const rows: T[] = [];
  for (let page: number | undefined = 1; page !== undefined; ) {
    const response: HttpResponse = await client.call(op, apiRequest(config, 'GET', path, { ...query, page }));
    const list = readAs(response, listOf(row), path) as { data: T[] } & Parameters<typeof nextPage>[0];
    rows.push(...list.data);
    page = nextPage(list);
  }
  return rows;
}

/** BigCommerce's clock when it began to answer, by its `Date` header (whole seconds) less the time the call took. */
export function startedMs(response: HttpResponse, before: number, after: number): number {
  const date = Date.parse(response.headers['date'] ?? '');
  return Number.isNaN(date) ? before : date - Math.max(0, after - before);
}
