import { z } from 'zod';
import { Failure } from '../../platform/failure.ts';
import { bodyText, type HttpResponse } from '../../platform/http.ts';
import { readJson } from '../../platform/json.ts';

/** An id as text, whichever way it came; 0 is WordPress for "none". */
export const id = z
  .union([z.number().int().nonnegative().transform(String), z.string().regex(/^\d{1,20}$/)])
  .transform((value) => value.replace(/^0+(?=\d)/, ''));

/** Money, names and the like are read by nobody here; numbers may come as text where a plugin meddles. */
export const units = z.union([
  z.number(),
  z
    .string()
    .regex(/^\s*-?\d{1,12}(\.\d*)?\s*$/)
    .transform(Number),
]);

/** `date_modified_gmt` and its like have no zone: they are UTC. Empty and broken ones are null. */
export function utc(text: string | null | undefined): string | null {
  if (!text) return null;
  const zoned = /(Z|[+-]\d\d:?\d\d)$/i.test(text) ? text : `${text}Z`;
  const ms = Date.parse(zoned);
  return Number.isNaN(ms) ? null : new Date(ms).toISOString().replace('.000Z', 'Z');
}

/**
 * What PHP printed, as JSON: some sites let warnings or a byte order mark out in front of it.
 * @returns undefined when there is none
 */
export function jsonIn(text: string): unknown {
  const start = text.search(/[[{]/);
  if (start < 0) return undefined;
  try {
    return readJson(text.slice(start));
  } catch {
    return undefined;
  }
}

/**
 * A good answer in the shape it must have.
 * @throws Failure transient when it has another: a plugin or cache in between, not a state of the shop
 */
export function answer<Schema extends z.ZodType>(response: HttpResponse, shape: Schema): z.infer<Schema> {
  const parsed = shape.safeParse(jsonIn(bodyText(response)));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new Failure(
    'transient',
    'odd-answer',
    `The shop answered in a shape that WooCommerce does not have (${issue?.path.join('.') || 'body'}: ${issue?.message}). A plugin or a cache may change its API answers.`,
    { status: response.status },
  );
}
