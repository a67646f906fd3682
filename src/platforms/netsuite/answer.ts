import { bodyText, type HttpResponse } from '../../platform/http.ts';
import { readJson } from '../../platform/json.ts';

/** The body as JSON; undefined when it is none. */
export function readAnswer(response: HttpResponse): unknown {
  try {
    return readJson(bodyText(response));
  } catch {
    return undefined;
  }
}

/** An object; undefined for everything else. */
export const record = (value: unknown): Record<string, unknown> | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;
