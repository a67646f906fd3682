import { z } from 'zod';
import type { Client } from '../../platform/contract.ts';
import { Failure } from '../../platform/failure.ts';
import { bodyText, type HttpRequest, type HttpResponse, jsonRequest } from '../../platform/http.ts';
import { readJson } from '../../platform/json.ts';
import { apiHost, type CloverConfig } from './config.ts';
import type { CloverOp } from './facts.ts';

export type CloverClient = Client<CloverOp>;

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

/** @param path below the merchant, with its query: `/items?limit=…` */
export const merchantUrl = (config: CloverConfig, path: string): string =>
  `${apiHost(config)}/v3/merchants/${encodeURIComponent(config.account)}${path}`;

export interface Answer<T> {
  data: T;
  /**
   * Clover's clock when it began to answer, milliseconds since 1970, by its `Date` header (whole seconds) less the time
   * the call took; our clock where the header is missing.
   */
  startedMs: number;
}

/**
 * One call to the API of the merchant.
 * @throws Failure as the client does, and `rejected`/`unreadable-answer` when a good answer has another shape.
 */
export async function ask<T>(
  client: CloverClient,
  op: CloverOp,
  call: { method: HttpRequest['method']; url: string; body?: unknown },
  shape: z.ZodType<T>,
): Promise<Answer<T>> {
  const before = client.now();
  const response = await client.call(op, jsonRequest(call.method, call.url, call.body));
  const parsed = shape.safeParse(readAnswer(response));
  if (!parsed.success)
    throw new Failure(
      'rejected',
      'unreadable-answer',
      `Clover answered ${new URL(call.url).pathname} in a shape that Onhand does not know.`,
      { status: response.status, cause: parsed.error },
    );
  const date = Date.parse(response.headers['date'] ?? '');
  const startedMs = Number.isNaN(date) ? before : date - Math.max(0, client.now() - before);
  return { data: parsed.data, startedMs };
}

/** Every list of Clover's: `{elements: […], href}`. Rows are read one by one, so that one odd row hides no other. */
export const elements = z.object({ elements: z.array(z.unknown()).nullish() });
