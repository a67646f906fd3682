import { z } from 'zod';
import type { Client } from '../../platform/contract.ts';
import { Failure } from '../../platform/failure.ts';
import { bodyText, type HttpRequest, type HttpResponse, jsonRequest } from '../../platform/http.ts';
import { readJson } from '../../platform/json.ts';
import type { QboConfig } from './config.ts';
import type { QboOp } from './facts.ts';

export type QboClient = Client<QboOp>;

const PRODUCTION = 'https://quickbooks.api.intuit.com';
/** Older ones are ignored since August 2025. */
const MINOR_VERSION = '75';
export const SECOND = 1_000;

/** One call below the company. @param path like `/query` */
export function companyRequest(
  config: Pick<QboConfig, 'account' | 'apiUrl'>,
  method: HttpRequest['method'],
  path: string,
  query: Record<string, string> = {},
  body?: unknown,
): HttpRequest {
  const pairs = Object.entries({ ...query, minorversion: MINOR_VERSION }).map(
    ([name, value]) => `${name}=${encodeURIComponent(value)}`,
  );
  return jsonRequest(
    method,
    `${config.apiUrl ?? PRODUCTION}/v3/company/${config.account}${path}?${pairs.join('&')}`,
    body,
  );
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
    `QuickBooks answered ${what} in a shape that Onhand does not know.`,
    { status: response.status, cause: parsed.error },
  );
}

/**
 * A query in QuickBooks' own language; no rows come without the member of the entity.
 * @param text like `select * from Item where Type = 'Inventory'`
 */
export async function query<T>(
  client: QboClient,
  config: QboConfig,
  op: QboOp,
  entity: string,
  text: string,
  row: z.ZodType<T>,
): Promise<T[]> {
  const response = await client.call(op, companyRequest(config, 'GET', '/query', { query: text }));
  const shape = z.object({ QueryResponse: z.looseObject({ [entity]: z.array(row).optional() }) });
  return (readAs(response, shape, `a query of ${entity}`).QueryResponse[entity] ?? []) as T[];
}

/** Intuit's clock when it answered: `time` in the body, else the `Date` header; less what the call took. */
export function startedMs(response: HttpResponse, before: number, after: number): number {
  const body = z.object({ time: z.string() }).safeParse(jsonIn(response));
  const told = [body.data?.time, response.headers['date']].map((text) => Date.parse(text ?? ''));
  const answered = told.find((ms) => !Number.isNaN(ms));
  return answered === undefined ? before : answered - Math.max(0, after - before);
}

/** A moment inside a query: whole seconds of UTC. */
export const moment = (ms: number): string => new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
