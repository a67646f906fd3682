import { z } from 'zod';
import type { Client } from '../../platform/contract.ts';
import { Failure } from '../../platform/failure.ts';
import { bodyText, type HttpRequest, type HttpResponse, jsonRequest } from '../../platform/http.ts';
import { readJson } from '../../platform/json.ts';
import type { GeckoConfig } from './config.ts';
import type { GeckoOp } from './facts.ts';

export type GeckoClient = Client<GeckoOp>;

/** The largest page; the default is 50. */
const LIMIT = 250;
/** Ids in one address: longer ones are cut by servers on the way. */
const IDS_MAX = 100;

/** Ids are integers of any length, told as text everywhere here. */
export const id = z.union([z.string().regex(/^\d+$/), z.number().int().nonnegative()]).transform(String);

/** An id as the API takes it, exact beyond 2^53 too. */
export const idOut = (text: string): number | string => (Number.isSafeInteger(Number(text)) ? Number(text) : text);

/** An object; undefined for everything else. */
export const record = (value: unknown): Record<string, unknown> | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;

/** The body as JSON; undefined when it is none. */
export function readAnswer(response: HttpResponse): unknown {
  try {
    return readJson(bodyText(response));
  } catch {
    return undefined;
  }
}

export interface Answer<T> {
  data: T;
  response: HttpResponse;
  /** The server's clock when it began to answer, by its `Date` header less the time the call took; else ours. */
  startedMs: number;
}

/**
 * One call.
 * @param path with its query, `/orders?…`
 * @throws Failure as the client does, and `rejected`/`unreadable-answer` when a good answer has another shape.
 */
export async function ask<T>(
  client: GeckoClient,
  config: GeckoConfig,
  op: GeckoOp,
  call: { method: HttpRequest['method']; path: string; body?: unknown; key?: string },
  shape: z.ZodType<T>,
): Promise<Answer<T>> {
  const before = client.now();
  const request = jsonRequest(call.method, `${config.apiUrl}${call.path}`, call.body);
  if (call.key !== undefined) request.headers['idempotency-key'] = call.key;
  const response = await client.call(op, request);
  const parsed = shape.safeParse(readAnswer(response) ?? {});
  if (!parsed.success)
    throw new Failure(
      'rejected',
      'unreadable-answer',
      `${call.path} was answered in a shape that Onhand does not know.`,
      {
        status: response.status,
        cause: parsed.error,
      },
    );
  const date = Date.parse(response.headers['date'] ?? '');
  const startedMs = Number.isNaN(date) ? before : date - Math.max(0, client.now() - before);
  return { data: parsed.data, response, startedMs };
}

/** Every list is an object with the rows under the resource's name, and maybe their children beside them. */
const listed = z.record(z.string(), z.unknown());
export type Listed = z.infer<typeof listed>;

const rowsOf = (data: Listed, resource: string): unknown[] =>
  Array.isArray(data[resource]) ? (data[resource] as unknown[]) : [];

export async function list(
  client: GeckoClient,
  config: GeckoConfig,
  op: GeckoOp,
  resource: string,
  query: Record<string, string>,
): Promise<Answer<Listed> & { rows: unknown[]; last: boolean }> {
  const path = `/${resource}?${new URLSearchParams({ limit: String(LIMIT), ...query })}`;
  const answer = await ask(client, config, op, { method: 'GET', path }, listed);
  const rows = rowsOf(answer.data, resource);
  return { ...answer, rows, last: isLast(answer.response, rows.length, Number(query['limit'] ?? LIMIT)) };
}

/** `X-Pagination` says it; without that header a short page does. */
function isLast(response: HttpResponse, count: number, limit: number): boolean {
  try {
    const told = record(JSON.parse(response.headers['x-pagination'] ?? ''));
    if (typeof told?.['last_page'] === 'boolean') return told['last_page'] || count === 0;
  } catch {
    // Not there, or not JSON.
  }
  return count < limit;
}

/** Rows by id, a hundred at a time; what is gone is missing. `children` are the lists that came beside them. */
export async function listByIds(
  client: GeckoClient,
  config: GeckoConfig,
  op: GeckoOp,
  resource: string,
  ids: string[],
  children: string[] = [],
): Promise<{ rows: unknown[]; beside: unknown[] }> {
  const rows: unknown[] = [];
  const beside: unknown[] = [];
  const all = [...new Set(ids)];
  for (let start = 0; start < all.length; start += IDS_MAX) {
    const some = all.slice(start, start + IDS_MAX);
    const query = new URLSearchParams({ limit: String(LIMIT) });
    for (const one of some) query.append('ids[]', one);
    const { data } = await ask(client, config, op, { method: 'GET', path: `/${resource}?${query}` }, listed);
    rows.push(...rowsOf(data, resource));
    for (const child of children) beside.push(...rowsOf(data, child));
  }
  return { rows, beside };
}
