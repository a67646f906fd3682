import { type HttpResponse, jsonResponse } from '../../../platform/http.ts';

/** A refusal in Lightspeed's words. */
export const refusal = (status: number, error: string, message: string): HttpResponse =>
  jsonResponse(status, { error, message });

export const invalid = (message: string): HttpResponse => refusal(422, 'unprocessable_entity', message);

export const notFound = (what: string): HttpResponse => refusal(404, 'not_found', `${what} not found.`);

/** Behind every list: the lowest and highest version on it, nothing where it is empty. */
export function listAnswer(rows: { version: number; json: unknown }[]): HttpResponse {
  return jsonResponse(200, {
    data: rows.map(({ json }) => json),
    version: { min: rows[0]?.version ?? null, max: rows.at(-1)?.version ?? null },
  });
}

/** A whole number within bounds, or the default; undefined when it is something else. */
export function wholeOf(value: unknown, standard: number, max: number): number | undefined {
  if (value === undefined || value === null) return standard;
  const number = Number(value);
  return Number.isInteger(number) && number >= 0 && number <= max ? number : undefined;
}
