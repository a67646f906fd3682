import { bodyText, type HttpResponse, jsonResponse } from '../../../platform/http.ts';
import type { Shop } from './shop.ts';

/** As PHP's json_encode prints it: a slash is escaped. */
export const phpJson = (value: unknown): string => JSON.stringify(value).replaceAll('/', '\\/');

/** What WordPress sends with every REST answer. */
export function ok(shop: Shop, body: unknown, status = 200, headers: Record<string, string> = {}): HttpResponse {
  return jsonResponse(status, phpJson(body), {
    'content-type': 'application/json; charset=UTF-8',
    date: new Date(shop.options.clock.now()).toUTCString(),
    'cache-control': 'no-cache, must-revalidate, max-age=0, no-store, private',
    ...headers,
  });
}

/** `_fields=id,sku`: WordPress leaves the other members of good answers out. */
export function onlyFields(response: HttpResponse, url: URL): HttpResponse {
  const wanted = url.searchParams.get('_fields')?.split(',');
  if (!wanted || response.status >= 300) return response;
  const body: unknown = JSON.parse(bodyText(response));
  const pick = (row: object) => Object.fromEntries(Object.entries(row).filter(([name]) => wanted.includes(name)));
  const kept = Array.isArray(body) ? body.map(pick) : pick(body as object);
  return { ...response, body: Buffer.from(phpJson(kept)) };
}

/** Thrown where WordPress answers with an error; its body is recorded traffic's. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly data: Record<string, unknown> = {},
  ) {
    super(message);
  }

  /** As it stands in a row of a batch, too. */
  body(): { code: string; message: string; data: Record<string, unknown> } {
    return { code: this.code, message: this.message, data: { status: this.status, ...this.data } };
  }
}

export const badParam = (name: string, type: string): Refusal =>
  new Refusal(400, 'rest_invalid_param', `Invalid parameter(s): ${name}`, {
    params: { [name]: `${name} is not of type ${type}.` },
    details: {
      [name]: { code: 'rest_invalid_type', message: `${name} is not of type ${type}.`, data: { param: name } },
    },
  });

/** A page of rows, with WordPress's totals. */
export function listed<Row>(
  shop: Shop,
  rows: readonly Row[],
  query: URLSearchParams,
  print: (row: Row) => unknown,
): HttpResponse {
  const { perPage, offset } = pageOf(query);
  return page(shop, rows.slice(offset, offset + perPage).map(print), rows.length, perPage);
}

export function page(shop: Shop, rows: unknown[], total: number, perPage: number): HttpResponse {
  return ok(shop, rows, 200, {
    'x-wp-total': String(total),
    'x-wp-totalpages': String(Math.ceil(total / perPage)),
  });
}

export function pageOf(query: URLSearchParams): { perPage: number; offset: number } {
  const number = (name: string, fallback: number, least: number, most: number) => {
    const text = query.get(name);
    if (text === null) return fallback;
    if (!/^\d+$/.test(text)) throw badParam(name, 'integer');
    if (Number(text) < least || Number(text) > most)
      throw new Refusal(400, 'rest_invalid_param', `Invalid parameter(s): ${name}`, {
        params: { [name]: `${name} must be between ${least} (inclusive) and ${most} (inclusive)` },
      });
    return Number(text);
  };
  const perPage = number('per_page', 10, 1, 100);
  const pageNumber = number('page', 1, 1, 1_000_000);
  return { perPage, offset: number('offset', (pageNumber - 1) * perPage, 0, 1_000_000_000) };
}

/** `1,2,3`; WordPress takes spaces as well. */
export const idList = (query: URLSearchParams, name: string): Set<number> | undefined => {
  const text = query.get(name);
  return text === null
    ? undefined
    : new Set(
        text
          .split(/[\s,]+/)
          .filter(Boolean)
          .map(Number),
      );
};
