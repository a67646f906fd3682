import type { z } from 'zod';
import type { Client } from '../../platform/contract.ts';
import { Failure } from '../../platform/failure.ts';
import { bodyText, type HttpRequest, type HttpResponse, jsonRequest } from '../../platform/http.ts';
import { readJson } from '../../platform/json.ts';
import type { SfccConfig } from './config.ts';
import type { SfccOp } from './facts.ts';

export type SfccClient = Client<SfccOp>;

export const OCAPI_PATH = '/s/-/dw/data/v25_6';

/** The legacy Data API of the instance. */
export const ocapiUrl = (config: SfccConfig, path: string): string => `${config.instanceUrl}${OCAPI_PATH}${path}`;

/** An Admin API; Omnichannel Inventory belongs to the tenant group instead of the organization. */
export const scapiUrl = (config: SfccConfig, api: string, path: string, organization = config.account): string =>
  `${config.apiUrl ?? `https://${config.shortCode}.api.commercecloud.salesforce.com`}/${api}/v1/organizations/${organization}${path}`;

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

/** @throws Failure as the client does, and `unreadable-answer` when a good answer has another shape. */
export async function ask<T>(
  client: SfccClient,
  op: SfccOp,
  call: { method: HttpRequest['method']; url: string; body?: unknown; headers?: Record<string, string> },
  shape: z.ZodType<T>,
): Promise<Answer<T>> {
  const before = client.now();
  const request = jsonRequest(call.method, call.url, call.body);
  const response = await client.call(op, { ...request, headers: { ...request.headers, ...call.headers } });
  const parsed = shape.safeParse(readAnswer(response));
  if (!parsed.success)
    throw new Failure(
      op === 'writeRecord' ? 'unknown-outcome' : 'rejected',
      'unreadable-answer',
      `Salesforce answered ${new URL(call.url).pathname} in a shape that Onhand does not know.`,
      { status: response.status, cause: parsed.error },
    );
  const date = Date.parse(response.headers['date'] ?? '');
  const startedMs = Number.isNaN(date) ? before : date - Math.max(0, client.now() - before);
  return { data: parsed.data, startedMs };
}
