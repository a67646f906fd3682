import { type HttpResponse, jsonResponse } from '../../../platform/http.ts';
import { record } from '../api.ts';

/** A refusal in Square's words. */
export function refusal(status: number, category: string, code: string, detail: string, field?: string): HttpResponse {
  return jsonResponse(status, { errors: [{ category, code, detail, ...(field !== undefined && { field }) }] });
}

export const invalid = (code: string, detail: string, field?: string): HttpResponse =>
  refusal(400, 'INVALID_REQUEST_ERROR', code, detail, field);

export const notFound = (detail: string): HttpResponse => refusal(404, 'INVALID_REQUEST_ERROR', 'NOT_FOUND', detail);

/** Milliseconds as Square prints them; fractions are cut off. */
export const iso = (ms: number): string => new Date(Math.floor(ms)).toISOString();

/** A page cursor, opaque, and bound to its query: Square refuses it with another one. */
export function pageCursor(query: unknown, position: Record<string, number>): string {
  return Buffer.from(JSON.stringify({ query: JSON.stringify(query), position })).toString('base64url');
}

/** @returns the position; null without a cursor; undefined when the cursor is not one of this query's. */
export function positionOf(cursor: unknown, query: unknown): Record<string, number> | null | undefined {
  if (cursor === undefined || cursor === null || cursor === '') return null;
  if (typeof cursor !== 'string') return undefined;
  try {
    const read = record(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')));
    if (read?.['query'] !== JSON.stringify(query)) return undefined;
    return record(read['position']) as Record<string, number> | undefined;
  } catch {
    return undefined;
  }
}

export const BAD_CURSOR = invalid('INVALID_CURSOR', 'Invalid cursor.', 'cursor');

/** Members of a request that must be lists of text; undefined when one is something else. */
export function textList(value: unknown): string[] | null | undefined {
  if (value === undefined || value === null) return null;
  if (!Array.isArray(value) || value.some((entry) => typeof entry !== 'string')) return undefined;
  return value as string[];
}

/** A whole number within bounds, or the default; undefined when it is something else. */
export function limitOf(value: unknown, standard: number, max: number): number | undefined {
  if (value === undefined || value === null) return standard;
  return typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= max ? value : undefined;
}
