import { z } from 'zod';
import type { FeedPage, Signal } from '../../platform/contract.ts';
import { ask, type DynamicsClient, following, iso, pageSize, record } from './api.ts';

/** A transaction stamps its rows before others can see them: what changed just before the last round is told again. */
const RETOLD_MS = 60_000;

/** One table by change time. */
export interface ChangedList {
  url: (at: string) => string;
  /** The column of the change time. */
  changed: string;
  signals: (row: unknown) => Signal[];
}

/** What is there now, by id: what was there after the last round and no longer is has ended without a trace. */
export interface PresentList {
  url: string;
  pageSize: number;
  id: (row: unknown) => string | undefined;
  gone: (id: string) => Signal;
  /** Where an id says more than that something is there: what a new one means. */
  fresh?: (id: string) => Signal;
}

export interface Walk {
  /** Where their links to the next page must lead. */
  base: string;
  pageSize: number;
  lists: ChangedList[];
  /** Comes last, so that what ended meanwhile has been told by the other lists. */
  present?: PresentList;
}

/**
 * `startedMs`: their clock when the round began; all stamped before is told when it ends. `at`: changed at or after it is
 * asked for. `next`: their link, used only while one moment holds more than a page. `there` and `seen`: what was present when
 * the last round ended, and what is now.
 */
const cursorShape = z.object({
  from: z.string(),
  there: z.array(z.string()),
  round: z
    .object({
      startedMs: z.number(),
      list: z.number(),
      at: z.string(),
      next: z.string().nullable(),
      seen: z.array(z.string()),
    })
    .nullable(),
});
type Cursor = z.infer<typeof cursorShape>;
type Round = NonNullable<Cursor['round']>;

const rows = z.object({ value: z.array(z.unknown()), '@odata.nextLink': z.string().nullish() });

/**
 * All lists once, in one call unless one of them has more than a page. Nothing is skipped while rows change under the walk:
 * the next page is asked for by time, not by counting on.
 */
export async function pollLists(
  client: DynamicsClient,
  walk: Walk,
  cursor: string | null,
  since: string,
): Promise<FeedPage> {
  const now: Cursor = cursor === null ? { from: since, there: [], round: null } : cursorShape.parse(JSON.parse(cursor));
  const signals: Signal[] = [];
  for (let round = now.round; ; ) {
    const list = walk.lists[round?.list ?? 0];
    if (!list && round && !walk.present) return ended(walk, now, round, signals);
    const url = round?.next ?? (list ? list.url(round?.at ?? now.from) : walk.present!.url);
    const headers = pageSize(list ? walk.pageSize : walk.present!.pageSize);
    const { data, startedMs } = await ask(client, 'orderFeed', { method: 'GET', url, headers }, rows);
    round ??= { startedMs, list: 0, at: now.from, next: null, seen: [] };
    const next = following(data['@odata.nextLink'], walk.base);
    if (list) {
      signals.push(...data.value.flatMap(list.signals));
      round = step(now, round, list, data.value, next);
    } else {
      const ids = data.value.flatMap((row) => walk.present!.id(row) ?? []);
      round = { ...round, next, seen: [...round.seen, ...ids] };
      if (next === null) return ended(walk, now, round, signals);
    }
    if (next !== null) return { signals, cursor: JSON.stringify({ ...now, round }), completeTo: null, more: true };
  }
}

/** Later in time, deeper into one moment, to the next list. */
function step(now: Cursor, round: Round, list: ChangedList, found: unknown[], next: string | null): Round {
  if (next === null) return { ...round, list: round.list + 1, at: now.from, next: null };
  const last = record(found.at(-1))?.[list.changed];
  const later = typeof last === 'string' && Date.parse(last) > Date.parse(round.at);
  return later ? { ...round, at: last, next: null } : { ...round, next };
}

function ended({ present }: Walk, now: Cursor, round: Round, signals: Signal[]): FeedPage {
  const still = new Set(round.seen);
  const before = new Set(now.there);
  const gone = present ? now.there.filter((id) => !still.has(id)).map((id) => present.gone(id)) : [];
  const fresh = present?.fresh ? round.seen.filter((id) => !before.has(id)).map(present.fresh) : [];
  const cursor: Cursor = { from: iso(round.startedMs - RETOLD_MS), there: round.seen, round: null };
  return {
    signals: [...signals, ...gone, ...fresh],
    cursor: JSON.stringify(cursor),
    completeTo: iso(round.startedMs),
    more: false,
  };
}
