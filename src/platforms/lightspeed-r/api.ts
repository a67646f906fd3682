import { z } from 'zod';
import type { Client } from '../../platform/contract.ts';
import { Failure } from '../../platform/failure.ts';
import { bodyText, type HttpRequest, type HttpResponse, jsonRequest } from '../../platform/http.ts';
import { readJson } from '../../platform/json.ts';
import { apiHost, type LightspeedConfig } from './config.ts';
import type { LightspeedOp } from './facts.ts';

export type LightspeedClient = Client<LightspeedOp>;

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

/** Lightspeed prints a list of one as the one, and a list of none not at all. */
export const rowsOf = (value: unknown): unknown[] =>
  value === undefined || value === null || value === '' ? [] : Array.isArray(value) ? value : [value];

/** Every number and flag is a text here ("2", "true"); older answers have a few real ones. */
export const word = z.union([z.string(), z.number(), z.boolean()]).transform(String);

/** A reference to something; "0" is Lightspeed's word for nothing. */
export const idOf = (value: string | null | undefined): string | null => (!value || value === '0' ? null : value);

export const isTrue = (value: string | null | undefined): boolean => value === 'true' || value === '1';

/** @param path below the account, with its query: `/Item/4.json?…` */
export const accountUrl = (config: LightspeedConfig, path: string): string =>
  `${apiHost(config)}/API/V3/Account/${encodeURIComponent(config.account)}${path}`;

export interface Answer {
  data: Record<string, unknown>;
  /**
   * Lightspeed's clock when it began to answer, milliseconds since 1970, by its `Date` header (whole seconds) less the time
   * the call took; our clock where the header is missing.
   */
  startedMs: number;
}

/**
 * One call.
 * @throws Failure as the client does, and `rejected`/`unreadable-answer` when a good answer is no object.
 */
export async function ask(
  client: LightspeedClient,
  op: LightspeedOp,
  call: { method: HttpRequest['method']; url: string; body?: unknown },
): Promise<Answer> {
  const before = client.now();
  const response = await client.call(op, jsonRequest(call.method, call.url, call.body));
  const data = record(readAnswer(response));
  if (!data) throw unreadable(call.url, response.status);
  const date = Date.parse(response.headers['date'] ?? '');
  const startedMs = Number.isNaN(date) ? before : date - Math.max(0, client.now() - before);
  return { data, startedMs };
}

export const unreadable = (url: string, status: number, cause?: unknown): Failure =>
  new Failure(
    'rejected',
    'unreadable-answer',
    `Lightspeed answered ${new URL(url).pathname} in a shape that Onhand does not know.`,
    { status, cause },
  );

export interface Listed {
  rows: unknown[];
  /** Path and query of the next page; null at the end. */
  next: string | null;
  startedMs: number;
}

/**
 * One page of a list. Pages go on from the last row's own values, so that nothing slips when rows are added.
 * @param name the member that holds the rows: "Sale"
 * @param next as handed out by the last page
 */
export async function page(
  client: LightspeedClient,
  config: LightspeedConfig,
  op: LightspeedOp,
  list: { name: string; query: Record<string, string> },
  next: string | null,
): Promise<Listed> {
  const query = new URLSearchParams({ limit: '100', ...list.query });
  const url = next === null ? accountUrl(config, `/${list.name}.json?${query}`) : `${apiHost(config)}${next}`;
  const { data, startedMs } = await ask(client, op, { method: 'GET', url });
  return { rows: rowsOf(data[list.name]), next: followed(record(data['@attributes'])?.['next'], config), startedMs };
}

/** The next page's address is Lightspeed's own; the token goes to the host of the settings and to this account only. */
function followed(next: unknown, config: LightspeedConfig): string | null {
  if (typeof next !== 'string' || !URL.canParse(next)) return null;
  const { pathname, search } = new URL(next);
  return pathname.startsWith(`/API/V3/Account/${config.account}/`) ? `${pathname}${search}` : null;
}
