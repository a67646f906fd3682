import type { z } from 'zod';
import type { Client } from '../../platform/contract.ts';
import { Failure } from '../../platform/failure.ts';
import { bodyText, type HttpRequest, type HttpResponse, jsonRequest } from '../../platform/http.ts';
import { readJson } from '../../platform/json.ts';
import type { SquareConfig } from './config.ts';
import type { SquareOp } from './facts.ts';

export type SquareClient = Client<SquareOp>;

const PRODUCTION = 'https://connect.squareup.com';

/** @param path with its query, `/v2/…` */
export const apiUrl = (config: SquareConfig, path: string): string => `${config.apiUrl ?? PRODUCTION}${path}`;

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
  /**
   * Square's clock when it began to answer, milliseconds since 1970, by its `Date` header (whole seconds) less the time
   * the call took; our clock where the header is missing.
   */
  startedMs: number;
}

/**
 * One call to the API.
 * @param path with its query, `/v2/…`
 * @throws Failure as the client does, and `rejected`/`unreadable-answer` when a good answer has another shape.
 */
export async function ask<T>(
  client: SquareClient,
  config: SquareConfig,
  op: SquareOp,
  call: { method: HttpRequest['method']; path: string; body?: unknown },
  shape: z.ZodType<T>,
): Promise<Answer<T>> {
  const before = client.now();
  const response = await client.call(op, jsonRequest(call.method, apiUrl(config, call.path), call.body));
  const parsed = shape.safeParse(readAnswer(response));
  if (!parsed.success)
    throw new Failure(
      'rejected',
      'unreadable-answer',
      `Square answered ${call.path} in a shape that Onhand does not know.`,
      {
        status: response.status,
        cause: parsed.error,
      },
    );
  const date = Date.parse(response.headers['date'] ?? '');
  const startedMs = Number.isNaN(date) ? before : date - Math.max(0, client.now() - before);
  return { data: parsed.data, startedMs };
}

/** Next page's cursor; null at the end, and for a cursor that leads back to the same page. */
export const following = (cursor: string | null | undefined, last: string | null): string | null =>
  cursor && cursor !== last ? cursor : null;
