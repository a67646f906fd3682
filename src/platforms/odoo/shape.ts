import { z } from 'zod';
import { readQuantity } from '../../domain/quantity.ts';

/** Ids are numbers in Odoo and texts here. */
export const id = z
  .union([z.number().int().nonnegative(), z.string().regex(/^\d{1,30}$/)])
  .transform((value) => String(value));

/** `[7, "WH/Stock"]`, in webhooks of Odoo 18 and newer the bare id; false where nothing is chosen. */
export const reference = z
  .union([z.literal(false), z.null(), z.tuple([id]).rest(z.unknown()), id])
  .transform((value) => (typeof value === 'string' ? value : Array.isArray(value) ? (value[0] as string) : null));

/** The name in `[7, "WH/Stock"]`. */
export const referenceName = z
  .union([z.literal(false), z.null(), z.array(z.unknown()), id])
  .transform((value) => (Array.isArray(value) && typeof value[1] === 'string' ? value[1] : null));

/** Text; an empty field is `false`. */
export const text = z.union([z.literal(false), z.null(), z.string()]).transform((value) => value || null);

export const units = z.unknown().transform((value, context) => {
  try {
    return readQuantity(value);
  } catch (error) {
    context.addIssue({ code: 'custom', message: (error as Error).message });
    return z.NEVER;
  }
});

export const flag = z.union([z.boolean(), z.null()]).transform(Boolean);

/** "2026-03-02 14:05:31" in UTC, possibly with fractions, as ISO 8601. */
export const moment = text.transform((value) => (value ? `${value.replace(' ', 'T')}Z` : null));

/** As domains take it: whole seconds of UTC. */
export const stamp = (ms: number): string => new Date(ms).toISOString().slice(0, 19).replace('T', ' ');

/** As ids travel: numbers. What no id can be is left out. */
export const numeric = (ids: Iterable<string>): number[] =>
  [...ids].flatMap((one) => (/^\d{1,15}$/.test(one) ? [Number(one)] : []));
