import { z } from 'zod';
import type { Client } from '../../platform/contract.ts';
import { Failure } from '../../platform/failure.ts';
import { type HttpRequest, jsonRequest } from '../../platform/http.ts';
import { NONCE_HEADER } from './access.ts';
import { readAnswer } from './answer.ts';
import { apiBase, type NetsuiteConfig } from './config.ts';
import type { NetsuiteOp } from './facts.ts';

export type NetsuiteClient = Client<NetsuiteOp>;

/** SuiteQL prints everything as text; a column that is null is simply absent. Numbers are taken too. */
const cell = z.union([z.string(), z.number().transform(String)]);
const answer = z.object({
  hasMore: z.boolean().nullish(),
  items: z.array(z.record(z.string(), z.unknown())),
});

/** One row by its lower-case column names. */
export type Row = Readonly<Record<string, string | undefined>>;

export interface Rows {
  rows: Row[];
  more: boolean;
  /** NetSuite's clock when it began to look, by its `Date` header less the time the call took; ours without one. */
  startedMs: number;
}

/** The most rows one call gives. */
export const PAGE_MAX = 1000;

/**
 * One query. Pages are walked by key in the WHERE, never by offset: rows that come and go while it is read would move it,
 * and beyond 100,000 rows there is no offset.
 */
export async function suiteql(
  client: NetsuiteClient,
  config: NetsuiteConfig,
  op: NetsuiteOp,
  q: string,
  limit = PAGE_MAX,
): Promise<Rows> {
  const before = client.now();
  const url = `${apiBase(config)}/services/rest/query/v1/suiteql?limit=${limit}&offset=0`;
  const response = await client.call(op, withNonce(client, jsonRequest('POST', url, { q }), { prefer: 'transient' }));
  const parsed = answer.safeParse(readAnswer(response));
  if (!parsed.success) throw unreadable(response.status, 'a query', parsed.error);
  const date = Date.parse(response.headers['date'] ?? '');
  return {
    rows: parsed.data.items.map(rowOf),
    more: parsed.data.hasMore === true,
    startedMs: Number.isNaN(date) ? before : Math.min(date - Math.max(0, client.now() - before), before),
  };
}

function rowOf(item: Record<string, unknown>): Row {
  const row: Record<string, string | undefined> = {};
  for (const [name, value] of Object.entries(item)) {
    const read = cell.safeParse(value);
    if (read.success) row[name.toLowerCase()] = read.data;
  }
  return row;
}

export function withNonce(
  client: Pick<NetsuiteClient, 'uuid'>,
  request: HttpRequest,
  headers: Record<string, string> = {},
): HttpRequest {
  return { ...request, headers: { ...request.headers, ...headers, [NONCE_HEADER]: client.uuid() } };
}

export const unreadable = (status: number, what: string, cause: unknown): Failure =>
  new Failure('rejected', 'unreadable-answer', `NetSuite answered ${what} in a shape that Onhand does not know.`, {
    status,
    cause,
  });

/** A text as SuiteQL writes it. */
export const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** A column of internal IDs holds numbers: what is none is no ID, and must not become part of a query. */
export const isId = (text: string | undefined): text is string => text !== undefined && /^\d{1,20}$/.test(text);

/** The moment that a local clock reading means to SuiteQL. */
export const moment = (text: string): string => `TO_DATE(${quoted(text)}, 'YYYY-MM-DD HH24:MI:SS')`;
export const printed = (column: string): string => `TO_CHAR(${column}, 'YYYY-MM-DD HH24:MI:SS')`;
