import { z } from 'zod';
import { readQuantity } from '../../domain/quantity.ts';

/** 16 to 19 digits, as text; readJson keeps long numbers as text too. */
export const id = z
  .union([z.string().regex(/^\d{1,30}$/), z.number().int().nonnegative()])
  .transform((value) => String(value));

/** Absent, empty or an id. */
export const maybeId = z
  .union([id, z.literal(''), z.null()])
  .optional()
  .transform((value) => (value ? value : null));

export const text = z.string().nullish();

/** A number, or one written as text; empty means zero. */
export const units = z
  .unknown()
  .optional()
  .transform((value, context) => {
    try {
      return value === '' || value === null || value === undefined ? 0 : readQuantity(value);
    } catch (error) {
      context.addIssue({ code: 'custom', message: (error as Error).message });
      return z.NEVER;
    }
  });

/** The same, where absent and zero mean different things. */
export const maybeUnits = z
  .unknown()
  .optional()
  .transform((value, context) => {
    if (value === '' || value === null || value === undefined) return undefined;
    try {
      return readQuantity(value);
    } catch (error) {
      context.addIssue({ code: 'custom', message: (error as Error).message });
      return z.NEVER;
    }
  });

/** "2026-03-02T14:06:02+0000" as ISO 8601 with a zone; undefined for anything else. */
export function moment(value: string | null | undefined): string | undefined {
  const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?)(Z|[+-]\d\d:?\d\d)$/.exec(value?.trim() ?? '');
  if (!match) return undefined;
  const [, time, zone] = match;
  const iso = `${time}${zone === 'Z' ? zone : `${zone!.slice(0, 3)}:${zone!.slice(-2)}`}`;
  return Number.isNaN(Date.parse(iso)) ? undefined : iso;
}
