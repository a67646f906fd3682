import type { z } from 'zod';
import type { Client } from '../../platform/contract.ts';
import { Failure } from '../../platform/failure.ts';
import { bodyText, type HttpRequest, type HttpResponse, jsonRequest } from '../../platform/http.ts';
import { readJson } from '../../platform/json.ts';
import type { Cin7Config } from './config.ts';
import type { Cin7Op } from './facts.ts';

export type Cin7Client = Client<Cin7Op>;

const HOMES = {
  core: 'https://inventory.dearsystems.com/ExternalApi/v2',
  omni: 'https://api.cin7.com/api/v1',
} as const;

/** Core proves itself by two headers, Omni by Basic. */
export function authorize(request: HttpRequest, config: Cin7Config): HttpRequest {
  const { product, account, apiKey } = config;
  const proof: Record<string, string> =
    product === 'omni'
      ? { authorization: `Basic ${Buffer.from(`${account}:${apiKey}`).toString('base64')}` }
      : { 'api-auth-accountid': account, 'api-auth-applicationkey': apiKey };
  return { ...request, headers: { ...request.headers, ...proof } };
}

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
  /** Cin7's clock when it began to answer; where it names none, ours less what two clocks may differ by. */
  startedMs: number;
}

/** Without a `Date` in the answer, so much later could a stamp of theirs be than our clock. */
const SKEW_MS = 120_000;

interface Call {
  method?: HttpRequest['method'];
  /** With its query, from the slash after the version on. */
  path: string;
  body?: unknown;
}

/** One call. @throws Failure as the client does, and `unreadable-answer` when a good answer has another shape. */
export async function ask<T>(
  client: Cin7Client,
  config: Cin7Config,
  op: Cin7Op,
  { method = 'GET', path, body }: Call,
  shape: z.ZodType<T>,
): Promise<Answer<T>> {
  const askedMs = client.now();
  const url = `${config.apiUrl ?? HOMES[config.product]}${path}`;
  const response = await client.call(op, jsonRequest(method, url, body));
  const parsed = shape.safeParse(readAnswer(response));
  if (!parsed.success)
    throw new Failure(
      isWrite(op) ? 'unknown-outcome' : 'rejected',
      'unreadable-answer',
      `Cin7 answered ${path.split('?')[0]} in a shape that Onhand does not know.`,
      { status: response.status, cause: parsed.error },
    );
  const date = Date.parse(response.headers['date'] ?? '');
  const startedMs = Number.isNaN(date) ? askedMs - SKEW_MS : date - Math.max(0, client.now() - askedMs);
  return { data: parsed.data, askedMs, startedMs };
}

export const isWrite = (op: Cin7Op): boolean => op === 'adjust' || op === 'omniAdjust';

/** A query without the names that have no value. */
export function query(values: Record<string, string | number | undefined>): string {
  const given = Object.entries(values).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${encodeURIComponent(value)}`],
  );
  return given.length > 0 ? `?${given.join('&')}` : '';
}

/** UTC, whether or not the text says so; null for what is no moment. */
export function utcOf(told: string | null | undefined): string | null {
  const match = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)\s*(Z|[+-]\d\d:?\d\d)?)?$/.exec(
    told?.trim() ?? '',
  );
  const moment = match && `${match[1]}T${match[2] ?? '00:00:00'}${match[3] ?? 'Z'}`;
  return moment && !Number.isNaN(Date.parse(moment)) ? moment : null;
}
