import { type HttpResponse, jsonResponse } from '../../../platform/http.ts';

export const invalid = (field: string, says: string): HttpResponse =>
  jsonResponse(422, { errors: { [field]: [says] } });

export const notFound = (): HttpResponse => jsonResponse(404, { type: 'Not Found', message: "Couldn't find it" });

/** The address's page of rows, and the header that every list carries. */
export function listAnswer(
  resource: string,
  page: { items: unknown[]; total: number; limit: number; offset: number },
  beside: Record<string, unknown[]> = {},
): HttpResponse {
  const { items, total, limit, offset } = page;
  const pages = Math.max(1, Math.ceil(total / limit));
  const pagination = {
    total_records: total,
    total_pages: pages,
    first_page: offset === 0,
    last_page: offset + limit >= total,
    out_of_bounds: offset > 0 && offset >= total,
    offset,
  };
  return jsonResponse(
    200,
    { ...beside, [resource]: items, meta: { total } },
    { 'x-pagination': JSON.stringify(pagination) },
  );
}

const LIMIT_MAX = 250;
const LIMIT_DEFAULT = 50;

/** `limit` and `page`, as the vendor reads them: too much is cut down, nonsense ignored. */
export function pageOf(query: URLSearchParams): { limit: number; offset: number } {
  const number = (name: string, otherwise: number) => {
    const text = query.get(name) ?? '';
    return /^\d{1,6}$/.test(text) && Number(text) > 0 ? Number(text) : otherwise;
  };
  const limit = Math.min(LIMIT_MAX, number('limit', LIMIT_DEFAULT));
  return { limit, offset: (number('page', 1) - 1) * limit };
}

/** `ids[]`, once per id or joined by commas; null: not asked for. */
export function idsOf(query: URLSearchParams): Set<string> | null {
  const given = [...query.getAll('ids[]'), ...query.getAll('ids')].flatMap((text) => text.split(','));
  return given.length > 0 ? new Set(given) : null;
}
