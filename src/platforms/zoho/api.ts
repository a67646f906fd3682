import type { z } from 'zod';
import type { Client } from '../../platform/contract.ts';
import { Failure } from '../../platform/failure.ts';
import { bodyText, type HttpRequest, type HttpResponse, jsonRequest } from '../../platform/http.ts';
import { readJson } from '../../platform/json.ts';
import { apiUrl, type ZohoConfig } from './config.ts';
import type { ZohoOp } from './facts.ts';

export type ZohoClient = Client<ZohoOp>;

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
  /** Zoho's clock, not later than when it began to answer, milliseconds since 1970; ours where it does not say. */
  startedMs: number;
}

/**
 * One call. Every one names the organization.
 * @param path below `/inventory/v1`
 * @throws Failure as the client does, and `unreadable-answer` when a good answer has another shape.
 */
export async function ask<T>(
  client: ZohoClient,
  config: ZohoConfig,
  op: ZohoOp,
  call: { method?: HttpRequest['method']; path: string; query?: Record<string, string | number>; body?: unknown },
  shape: z.ZodType<T>,
): Promise<Answer<T>> {
  const url = new URL(`${apiUrl(config)}/inventory/v1${call.path}`);
  url.searchParams.set('organization_id', config.account);
  for (const [name, value] of Object.entries(call.query ?? {})) url.searchParams.set(name, String(value));
  const before = client.now();
  const response = await client.call(op, jsonRequest(call.method ?? 'GET', url.toString(), call.body));
  const parsed = shape.safeParse(readAnswer(response));
  if (!parsed.success)
    throw new Failure(
      op === 'adjust' ? 'unknown-outcome' : 'rejected',
      'unreadable-answer',
      `Zoho answered ${call.path} in a shape that Onhand does not know.`,
      { status: response.status, cause: parsed.error },
    );
  const date = Date.parse(response.headers['date'] ?? '');
  const startedMs = Number.isNaN(date) ? before : date - Math.max(0, client.now() - before);
  return { data: parsed.data, startedMs };
}
