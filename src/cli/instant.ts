import { UserError } from '../engine/user-error.ts';

/** A date as somebody types it, as ISO 8601 text. */
export function instant(text: string): string {
  const ms = Date.parse(text);
  if (Number.isFinite(ms)) return new Date(ms).toISOString();
  const next = 'Write it as ISO 8601, like 2026-11-24T09:30:00Z.';
  throw new UserError('not-a-date', `"${text}" is not a date.`, next);
}
