import { z } from 'zod';
import { ask, type CloverClient, elements, merchantUrl, record } from './api.ts';
import type { CloverConfig } from './config.ts';
import type { CloverOp } from './facts.ts';

/** Where a walk through a list stands: how many rows are behind it, and the ids at the end of the last page. */
export const placeShape = z.object({ offset: z.number(), tail: z.array(z.string()) });
export type Place = z.infer<typeof placeShape>;

export const START: Place = { offset: 0, tail: [] };

/** Clover's own page size. More may be asked for (1,000), but a page cut shorter than asked would look like the last one. */
const LIMIT = 100;
/** Rows of the last page that are asked for again, to see that nothing slipped through between two pages. */
const OVERLAP = 10;

/**
 * One page of a list that Clover numbers by offset. Rows that leave the list while we walk (a changed order leaves its
 * window of time, a deleted item the catalogue) move all later ones up, so the next page would begin too late. So each page
 * begins {@link OVERLAP} rows back, and holds only when it still knows a row of the last one; if it knows none, we go back
 * further. It holds whatever the rows are sorted by, as long as that does not change.
 * @param query without limit and offset
 * @returns `next` null at the end
 */
export async function page(
  client: CloverClient,
  config: CloverConfig,
  op: CloverOp,
  list: { path: string; query: [string, string][] },
  place: Place,
): Promise<{ rows: Record<string, unknown>[]; next: Place | null; startedMs: number }> {
  for (let from = place; ; ) {
    const query = new URLSearchParams(list.query);
    query.set('limit', String(LIMIT));
    query.set('offset', String(from.offset));
    const url = merchantUrl(config, `${list.path}?${query}`);
    const { data, startedMs } = await ask(client, op, { method: 'GET', url }, elements);
    const rows = (data.elements ?? []).map((row) => record(row) ?? {});
    const ids = rows.map(idOf);
    const joins = from.offset === 0 || from.tail.some((id) => ids.includes(id));
    if (!joins) {
      from = { offset: Math.max(0, from.offset - LIMIT), tail: from.tail };
      continue;
    }
    const next = rows.length < LIMIT ? null : following(from.offset, ids);
    return { rows, next, startedMs };
  }
}

const following = (offset: number, ids: string[]): Place => ({
  offset: offset + ids.length - OVERLAP,
  tail: ids.slice(-OVERLAP),
});

const idOf = (row: Record<string, unknown>): string => (typeof row['id'] === 'string' ? row['id'] : '');
