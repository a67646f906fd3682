import type { z } from 'zod';
import type { Client } from '../../platform/contract.ts';
import { Failure } from '../../platform/failure.ts';
import type { HttpRequest, HttpResponse } from '../../platform/http.ts';
import type { OdooConfig } from './config.ts';
import type { OdooOp } from './facts.ts';
import { encode, type OdooCall, readAnswer, rpc } from './wire.ts';

export type OdooClient = Client<OdooOp>;

/** JSON-2 takes the key from a header; the RPCs carry it in the body, where `encode` has put it. */
export const authorize = (request: HttpRequest, config: OdooConfig): HttpRequest =>
  new URL(request.url).pathname.includes('/json/2/')
    ? { ...request, headers: { ...request.headers, authorization: `bearer ${config.apiKey}` } }
    : request;

export interface Told<T> {
  data: T;
  /** Odoo's clock, not later than when it began to answer, milliseconds since 1970; ours where it does not say. */
  startedMs: number;
}

/**
 * Calls one method.
 * @throws Failure as the client does, and `unreadable-answer` when a good answer has another shape.
 */
export async function ask<T>(
  client: OdooClient,
  config: OdooConfig,
  op: OdooOp,
  call: OdooCall,
  shape: z.ZodType<T>,
): Promise<Told<T>> {
  const uid = config.protocol === 'json2' ? undefined : await userId(client, config);
  const before = client.now();
  const response = await client.call(op, encode(config, call, uid));
  const date = Date.parse(response.headers['date'] ?? '');
  const startedMs = Number.isNaN(date) ? before : date - Math.max(0, client.now() - before);
  return { data: read(response, shape, `${call.model}.${call.method}`), startedMs };
}

/** Rows by a domain; every row of the model's that fits, in pages by id if there may be many. */
export async function searchRead<T>(
  client: OdooClient,
  config: OdooConfig,
  op: OdooOp,
  query: { model: string; domain: unknown[]; fields: string[]; limit?: number; context?: Record<string, unknown> },
  shape: z.ZodType<T>,
): Promise<Told<T>> {
  const { model, domain, fields, limit, context } = query;
  const args = { domain, fields, order: 'id', ...(limit !== undefined && { limit }) };
  return ask(client, config, op, { model, method: 'search_read', args, ...(context && { context }) }, shape);
}

function read<T>(response: HttpResponse, shape: z.ZodType<T>, what: string): T {
  const answer = readAnswer(response);
  const parsed = answer.kind === 'value' ? shape.safeParse(answer.value) : undefined;
  if (parsed?.success) return parsed.data;
  throw new Failure('rejected', 'unreadable-answer', `Odoo answered ${what} in a shape that Onhand does not know.`, {
    status: response.status,
    cause: parsed?.error,
  });
}

/** Who we are, by client and key: asked once, because each asking costs Odoo a slow hash. */
const users = new WeakMap<object, Map<string, Promise<number>>>();

function userId(client: OdooClient, config: OdooConfig): Promise<number> {
  const known = users.get(client) ?? new Map<string, Promise<number>>();
  users.set(client, known);
  const key = JSON.stringify([config.url, config.database, config.login, config.apiKey]);
  const asked = known.get(key) ?? logIn(client, config);
  known.set(key, asked);
  // What failed is asked again.
  asked.catch(() => known.delete(key));
  return asked;
}

async function logIn(client: OdooClient, config: OdooConfig): Promise<number> {
  const args = [config.database, config.login ?? '', config.apiKey, {}];
  const answer = readAnswer(await client.call('login', rpc(config, 'common', 'authenticate', args)));
  const uid = answer.kind === 'value' ? answer.value : undefined;
  if (typeof uid === 'number' && uid > 0) return uid;
  // 200 and `false`: the one way in which Odoo says that a password is wrong.
  throw new Failure(
    'auth',
    'key-refused',
    `Odoo does not let ${config.login} in with this API key. Compare database, login and key with the settings.`,
  );
}
