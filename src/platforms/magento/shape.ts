import { z } from 'zod';
import { Failure } from '../../platform/failure.ts';
import { bodyText, type HttpResponse } from '../../platform/http.ts';
import { readJson } from '../../platform/json.ts';

/** An id as text, whichever way it came. */
export const id = z.union([z.number().int().nonnegative().transform(String), z.string().regex(/^\d{1,20}$/)]);

/** Quantities are floats made of decimal(12,4); a module may print them as text. */
export const units = z.union([
  z.number(),
  z
    .string()
    .regex(/^\s*-?\d{1,12}(\.\d*)?\s*$/)
    .transform(Number),
]);

/** `2026-11-23 03:01:33`, UTC without a zone. Empty and broken ones are null. */
export function utc(text: string | null | undefined): string | null {
  const match = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(?:Z|\+00:?00)?$/.exec(text?.trim() ?? '');
  if (!match || Number.isNaN(Date.parse(`${match[1]}T${match[2]}Z`))) return null;
  return `${match[1]}T${match[2]}Z`;
}

/** How Magento prints and compares times: UTC, whole seconds. */
export const stampOf = (ms: number): string => new Date(ms).toISOString().slice(0, 19).replace('T', ' ');

/**
 * What PHP printed, as JSON: some shops let warnings or a byte order mark out in front of it.
 * @returns undefined when there is none
 */
export function jsonIn(text: string): unknown {
  for (const candidate of [text, text.slice(Math.max(0, text.search(/[[{]/)))])
    try {
      return readJson(candidate);
    } catch {
      // The next one may do.
    }
  return undefined;
}

/**
 * A good answer in the shape it must have.
 * @throws Failure transient when it has another: a module or cache in between, not a state of the shop
 */
export function answer<Schema extends z.ZodType>(response: HttpResponse, shape: Schema): z.infer<Schema> {
  const parsed = shape.safeParse(jsonIn(bodyText(response)));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new Failure(
    'transient',
    'odd-answer',
    `The shop answered in a shape that Magento does not have (${issue?.path.join('.') || 'body'}: ${issue?.message}). A module or a cache may change its API answers.`,
    { status: response.status },
  );
}

/** A list, as every search of Magento answers. `items` is null where nothing was found in some versions. */
export const listOf = <Row extends z.ZodType>(row: Row) =>
  z.object({
    items: z
      .array(row)
      .nullish()
      .transform((items) => items ?? []),
  });
