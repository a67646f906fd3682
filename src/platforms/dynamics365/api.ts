import type { z } from 'zod';
import type { Client } from '../../platform/contract.ts';
import { Failure } from '../../platform/failure.ts';
import { bodyText, type HttpRequest, type HttpResponse, jsonRequest } from '../../platform/http.ts';
import { readJson } from '../../platform/json.ts';
import type { DynamicsOp } from './facts.ts';

export type DynamicsClient = Client<DynamicsOp>;

/** An object; undefined for everything else. */
export const record = (value: unknown): Record<string, unknown> | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;

/** The body as JSON; undefined when it is none. */
export function readAnswer(response: Pick<HttpResponse, 'body'>): unknown {
  try {
    return readJson(bodyText(response));
  } catch {
    return undefined;
  }
}

export const iso = (ms: number): string => new Date(ms).toISOString();

export interface Answer<T> {
  data: T;
  /**
   * Their clock when they began to answer, milliseconds since 1970, by the `Date` header (whole seconds) less the time the
   * call took; our clock where the header is missing.
   */
  startedMs: number;
}

export interface Call {
  method: HttpRequest['method'];
  url: string;
  body?: unknown;
  headers?: Record<string, string>;
}

/**
 * One call whose answer is JSON of this shape.
 * @throws Failure as the client does, and `unreadable-answer` when a good answer has another shape: in doubt for a write.
 */
export async function ask<T>(
  client: DynamicsClient,
  op: DynamicsOp,
  { method, url, body, headers }: Call,
  shape: z.ZodType<T>,
): Promise<Answer<T>> {
  const before = client.now();
  const request = jsonRequest(method, url, body);
  const response = await client.call(op, { ...request, headers: { ...request.headers, ...headers } });
  const parsed = shape.safeParse(readAnswer(response));
  if (!parsed.success)
    throw new Failure(
      op === 'writeStock' ? 'unknown-outcome' : 'rejected',
      'unreadable-answer',
      `Dynamics answered ${new URL(url).pathname} in a shape that Onhand does not know.`,
      { status: response.status, cause: parsed.error },
    );
  const date = Date.parse(response.headers['date'] ?? '');
  const startedMs = Number.isNaN(date) ? before : date - Math.max(0, client.now() - before);
  return { data: parsed.data, startedMs };
}

/** Asks the server for pages of this size; it may give smaller ones. */
export const pageSize = (rows: number): Record<string, string> => ({ prefer: `odata.maxpagesize=${rows}` });

/** A text literal of OData. */
export const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** A query string that keeps `$` and spaces as OData services print them. */
export function odata(path: string, options: Record<string, string | undefined>): string {
  const query = Object.entries(options)
    .flatMap(([name, value]) => (value === undefined ? [] : [`$${name}=${encodeURIComponent(value)}`]))
    .join('&');
  return query === '' ? path : `${path}?${query}`;
}

/**
 * The address of the next page, which the service hands out whole. A link to anywhere else is not followed: the token goes
 * along with it.
 */
export function following(link: string | null | undefined, base: string): string | null {
  if (!link) return null;
  if (link.startsWith(base)) return link;
  throw new Failure('rejected', 'foreign-link', 'Dynamics pointed to a next page at another address than its own.');
}

export const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const NO_GUID = '00000000-0000-0000-0000-000000000000';

/** An id in one spelling; undefined where there is none. */
export const idOf = (text: string | null | undefined): string | undefined =>
  text && GUID.test(text) && text !== NO_GUID ? text.toLowerCase() : undefined;
