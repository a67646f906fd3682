import { type HttpResponse, jsonResponse } from '../../../platform/http.ts';
import type { Store } from './store.ts';

/** Thrown where BigCommerce refuses. V3 prints `{status, title, type, errors}`, V2 a list with one `{status, message}`. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly title: string,
    readonly errors: Record<string, string> = {},
  ) {
    super(title);
  }

  response(store: Store, path: string): HttpResponse {
    if (/\/v2\//.test(path)) return answer(store, [{ status: this.status, message: this.title }], this.status);
    const type = 'https://developer.bigcommerce.com/api-docs/getting-started/api-status-codes';
    const body = { status: this.status, title: this.title, type, errors: this.errors };
    return answer(store, body, this.status, { 'content-type': 'application/problem+json' });
  }
}

export const answer = (store: Store, body: unknown, status = 200, headers: Record<string, string> = {}): HttpResponse =>
  jsonResponse(status, body, { date: new Date(store.options.clock.now()).toUTCString(), ...headers });

/** A V3 list with its pagination. */
export function listed<Row>(store: Store, rows: Row[], query: URLSearchParams, most: number): HttpResponse {
  const { limit, page } = pageOf(query, most);
  const some = rows.slice((page - 1) * limit, page * limit);
  const total_pages = Math.max(1, Math.ceil(rows.length / limit));
  const pagination = { total: rows.length, count: some.length, per_page: limit, current_page: page, total_pages };
  return answer(store, { data: some, meta: { pagination } });
}

export function pageOf(query: URLSearchParams, most: number): { limit: number; page: number } {
  const number = (name: string, fallback: number) => {
    const text = query.get(name);
    if (text === null) return fallback;
    if (!/^[1-9]\d*$/.test(text)) throw new Refusal(422, `The filter ${name} must be a positive integer.`);
    return Number(text);
  };
  return { limit: Math.min(most, number('limit', 50)), page: number('page', 1) };
}

/** A filter `…:in`; undefined where it is not asked for. */
export const listIn = (query: URLSearchParams, name: string): Set<string> | undefined =>
  query.has(name) ? new Set(query.get(name)!.split(',')) : undefined;
