import { type HttpResponse, jsonResponse } from '../../../platform/http.ts';

export const failed = (
  status: number,
  code: number,
  message: string,
  headers: Record<string, string> = {},
): HttpResponse => jsonResponse(status, { code, message }, headers);

/** Zoho's own "that is none of mine". */
export const notFound = (what: string): HttpResponse => failed(404, 1002, `${what} does not exist.`);

/** Every good answer says so. */
export const good = (members: Record<string, unknown>, status = 200, message = 'success'): HttpResponse =>
  jsonResponse(status, { code: 0, message, ...members });

/** A page of rows by `page` and `per_page`, at most 200. */
export function listed(name: string, rows: readonly unknown[], query: URLSearchParams): HttpResponse {
  const page = Math.max(1, Number(query.get('page') ?? 1) || 1);
  const perPage = Math.min(200, Number(query.get('per_page') ?? 200) || 200);
  const start = (page - 1) * perPage;
  const more = rows.length > start + perPage;
  return good({
    [name]: rows.slice(start, start + perPage),
    page_context: { page, per_page: perPage, has_more_page: more },
  });
}
