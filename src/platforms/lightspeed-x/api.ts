import type { z } from 'zod';
import type { Client } from '../../platform/contract.ts';
import { Failure } from '../../platform/failure.ts';
import { bodyText, type HttpRequest, type HttpResponse, jsonRequest } from '../../platform/http.ts';
import { readJson } from '../../platform/json.ts';
import { API_VERSION, type LightspeedXConfig } from './config.ts';
import type { LightspeedXOp } from './facts.ts';

export type LightspeedXClient = Client<LightspeedXOp>;

/** @param path with its query, from the slash after the version on */
const apiUrl = (config: LightspeedXConfig, path: string): string => `${storeUrl(config)}/api/${API_VERSION}${path}`;

export const storeUrl = (config: LightspeedXConfig): string =>
  config.apiUrl ?? `https://${config.account}.retail.lightspeed.app`;

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
  /** Our clock when the call was made. */
  askedMs: number;
  /**
   * Lightspeed's clock when it began to answer, by its `Date` header (whole seconds) less the time the call took; our
   * clock where the header is missing.
   */
  startedMs: number;
}

interface Call {
  method: HttpRequest['method'];
  path: string;
  body?: unknown;
}

/**
 * One call to the API.
 * @throws Failure as the client does, and `unreadable-answer` when a good answer has another shape: an expired API
 *   version is answered by another one without a word.
 */
export async function ask<T>(
  client: LightspeedXClient,
  config: LightspeedXConfig,
  op: LightspeedXOp,
  { method, path, body }: Call,
  shape: z.ZodType<T>,
): Promise<Answer<T>> {
  const askedMs = client.now();
  const response = await client.call(op, jsonRequest(method, apiUrl(config, path), body));
  const parsed = shape.safeParse(readAnswer(response));
  if (!parsed.success)
    throw new Failure(
      op === 'adjust' ? 'unknown-outcome' : 'rejected',
      'unreadable-answer',
      `Lightspeed answered ${path.split('?')[0]} in a shape that Onhand does not know; perhaps version ${API_VERSION} of its API has ended.`,
      { status: response.status, cause: parsed.error },
    );
  const date = Date.parse(response.headers['date'] ?? '');
  const startedMs = Number.isNaN(date) ? askedMs : date - Math.max(0, client.now() - askedMs);
  return { data: parsed.data, askedMs, startedMs };
}
