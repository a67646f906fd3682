/** Reading what a vendor sends without trusting it: each answers undefined (or empty) for another type. */

export type Fields = Record<string, unknown>;

export const isRecord = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const record = (value: unknown): Fields => (isRecord(value) ? value : {});

export const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

export const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

/** An id: text, or a number that some encoder left unquoted. Blank is no id. */
export const id = (value: unknown): string | undefined => {
  const found = typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : text(value);
  return found === undefined || found === '' ? undefined : found;
};

/** A moment with a zone, as it was printed. */
export const moment = (value: unknown): string | undefined => {
  const found = text(value);
  return found !== undefined &&
    /^\d{4}-\d\d-\d\dT.*(Z|[+-]\d\d:?\d\d)$/i.test(found) &&
    !Number.isNaN(Date.parse(found))
    ? found
    : undefined;
};
