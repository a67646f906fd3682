import { z } from 'zod';
import type { FeedPage, Signal } from '../../platform/contract.ts';
import { asUtc, localTime, plusSeconds } from '../../platform/local-time.ts';
import { record, shaped } from './answer.ts';
import { quoted, type SapClient, withQuery } from './api.ts';
import { readTogether } from './batch.ts';
import type { SapConfig } from './config.ts';
import { docOf, drawnUpon, reading } from './document-state.ts';
import { type DocSet, docName, SETS } from './documents.ts';
import { businessDocument, DOCUMENT_FIELDS, page } from './shapes.ts';

/** Documents per page, with their lines. */
const LIMIT = 100;
/** More are told again, which costs fetches and nothing else. */
const TOLD_MAX = 1_000;
/** A save stamps when it begins and is seen when it ends. */
const SAVE_SECONDS = 60;
/** The clock readings of an hour come twice in autumn; around then nothing may hide behind a later one. */
const CLOCK_BACK_SECONDS = 3_600;
const AROUND_MS = 75 * 60_000;

const time = z.string().regex(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);

/**
 * Where the feed stands in each set. All times are clock readings as SAP prints them: its own, never ours.
 *  - `newest`: the latest reading met; a round begins a little before it.
 *  - `place`: within the round, the last document told; null at its start. `done`: this set is at its end.
 *  - `told`, `telling`: the documents of the last round, and of this one. What they draw upon has no revision of its own
 *    for that, and would be fetched again in every round of a company where nobody works.
 *  - `startedMs`: SAP's clock when the round began: all that was saved by then is told when it ends.
 */
const setShape = z.object({
  newest: time,
  place: z.object({ time, entry: z.number().int() }).nullable(),
  done: z.boolean(),
  told: z.array(z.string()),
  telling: z.array(z.string()),
});
const cursorShape = z.object({ sets: z.record(z.enum(SETS), setShape), startedMs: z.number().nullable() });
type Cursor = z.infer<typeof cursorShape>;

/**
 * Documents by change date and time: one page of every set in one call. Orders are read first and told last. What was
 * delivered between the two reads is then told before anybody hears that it is no longer promised, and a page goes on by
 * time and number, so that documents that change meanwhile are met again at the end.
 */
export async function pollOrders(
  client: SapClient,
  config: SapConfig,
  cursor: string | null,
  since: string,
): Promise<FeedPage> {
  const now: Cursor = cursor === null ? firstCursor(since, config) : cursorShape.parse(JSON.parse(cursor));
  const overlap = overlapSeconds(client.now(), config);
  const open = [...SETS].reverse().filter((set) => !now.sets[set].done);
  const parts = open.map((set) => ({ path: pathOf(set, now.sets[set], overlap), pageSize: LIMIT }));
  const { answers, startedMs } = await readTogether(client, config, 'feed', parts);
  now.startedMs ??= startedMs;
  const told = new Map<DocSet, Signal[]>();
  for (const [index, set] of open.entries()) {
    const answer = answers[index] && shaped(answers[index], page(z.unknown()), `/${set}`);
    const rows = answer?.value ?? [];
    told.set(
      set,
      rows.flatMap((row) => signalsOf(set, row, config, now.sets[set].told)),
    );
    advance(now.sets[set], rows, Boolean(answer?.['@odata.nextLink']));
  }
  const signals = SETS.flatMap((set) => told.get(set) ?? []);
  if (SETS.some((set) => !now.sets[set].done))
    return { signals, cursor: JSON.stringify(now), completeTo: null, more: true };
  const completeTo = new Date(now.startedMs).toISOString();
  return { signals, cursor: JSON.stringify(nextRound(now, config)), completeTo, more: false };
}

/** `since` is told in UTC; whatever the zone of the settings, a day earlier is early enough even if it is wrong. */
function firstCursor(since: string, { timeZone }: SapConfig): Cursor {
  const newest = localTime(Date.parse(since) - 26 * 3_600_000, timeZone);
  return { sets: ofEach(() => ({ newest, place: null, done: false, told: [], telling: [] })), startedMs: null };
}

type Place = Cursor['sets'][DocSet];
const ofEach = (make: (set: DocSet) => Place): Cursor['sets'] =>
  Object.fromEntries(SETS.map((set): [DocSet, Place] => [set, make(set)])) as Cursor['sets'];

function overlapSeconds(nowMs: number, { timeZone }: SapConfig): number {
  const at = (ms: number) => asUtc(localTime(ms, timeZone));
  const isPutBack = at(nowMs + AROUND_MS) - at(nowMs - AROUND_MS) < 2 * AROUND_MS;
  return SAVE_SECONDS + (isPutBack ? CLOCK_BACK_SECONDS : 0);
}

function pathOf(set: DocSet, { newest, place }: Place, overlap: number): string {
  const [day, clock] = (place?.time ?? plusSeconds(newest, -overlap)).split(' ') as [string, string];
  const within = place
    ? `(UpdateTime gt ${quoted(clock)} or (UpdateTime eq ${quoted(clock)} and DocEntry gt ${place.entry}))`
    : `UpdateTime ge ${quoted(clock)}`;
  return withQuery(`/${set}`, {
    select: DOCUMENT_FIELDS,
    filter: `UpdateDate gt ${quoted(day)} or (UpdateDate eq ${quoted(day)} and ${within})`,
    orderby: 'UpdateDate,UpdateTime,DocEntry',
  });
}

function advance(at: Place, rows: unknown[], more: boolean): void {
  at.telling = [...at.telling, ...rows.map(stampOf)].slice(-TOLD_MAX);
  const last = record(rows.at(-1));
  const changed = reading(text(last?.['UpdateDate']), text(last?.['UpdateTime']));
  const entry = last?.['DocEntry'];
  if (changed && asUtc(changed) > asUtc(at.newest)) at.newest = changed;
  const next = more && changed && typeof entry === 'number' ? { time: changed, entry } : null;
  const moves = next !== null && (next.time !== at.place?.time || next.entry !== at.place.entry);
  at.place = moves ? next : null;
  at.done = !moves;
}

/** Number and change time. */
function stampOf(row: unknown): string {
  const { DocEntry, UpdateDate, UpdateTime } = record(row) ?? {};
  return `${DocEntry} ${reading(text(UpdateDate), text(UpdateTime))}`;
}

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

/** A stamp from the future must not hide what comes; nor may one from before the clocks were put back. */
function nextRound({ sets, startedMs }: Cursor, { timeZone }: SapConfig): Cursor {
  const began = localTime(startedMs ?? 0, timeZone);
  const next = ofEach((set) => {
    const { newest, telling } = sets[set];
    const from = asUtc(newest) < asUtc(began) ? newest : began;
    return { newest: from, place: null, done: false, told: telling, telling: [] };
  });
  return { sets: next, startedMs: null };
}

/** A document that cannot be read is asked for by itself: then it is shown, and the others go on. */
function signalsOf(set: DocSet, row: unknown, config: SapConfig, told: readonly string[]): Signal[] {
  const entry = record(row)?.['DocEntry'];
  if (typeof entry !== 'number') return [];
  const { account } = config;
  const changed = (doc: string): Signal => ({ kind: 'document-changed', account, doc });
  const document = businessDocument.safeParse(row);
  if (!document.success) return [changed(docName(set, entry))];
  try {
    const doc = docOf(set, document.data, config);
    const drawn = told.includes(stampOf(row)) ? [] : drawnUpon(set, document.data).map(changed);
    // The bill of a delivery, the credit memo of a return: nothing of it ever moves stock.
    const isPaper = doc.lines.length === 0 && set !== 'Orders';
    return isPaper ? drawn : [{ kind: 'document', doc }, ...drawn];
  } catch {
    return [changed(docName(set, entry))];
  }
}
