import type { z } from 'zod';
import { Failure } from '../../platform/failure.ts';
import { bodyText, type HttpResponse } from '../../platform/http.ts';
import { readJson } from '../../platform/json.ts';

/** The body as JSON; undefined when it is none. */
export function readAnswer(response: Pick<HttpResponse, 'body'>): unknown {
  try {
    return readJson(bodyText(response));
  } catch {
    return undefined;
  }
}

/** An object; undefined for everything else. */
export const record = (value: unknown): Record<string, unknown> | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;

/** @throws Failure `rejected` when a good answer has another shape. */
export function shaped<T>(response: HttpResponse, shape: z.ZodType<T>, what: string): T {
  const parsed = shape.safeParse(readAnswer(response));
  if (parsed.success) return parsed.data;
  throw new Failure('rejected', 'unreadable-answer', `SAP answered ${what} in a shape that Onhand does not know.`, {
    status: response.status,
    cause: parsed.error,
  });
}
