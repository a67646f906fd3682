import { z } from 'zod';
import type { FeedPage, Signal } from '../../platform/contract.ts';
import { asUtc, localTime, plusSeconds, revisionOf } from '../../platform/local-time.ts';
import type { NetsuiteConfig } from './config.ts';
import { docOfTransaction, FEED_TYPES, MOVES } from './documents.ts';
import { isId, moment, type NetsuiteClient, printed, quoted, type Row, suiteql } from './suiteql.ts';

const PER_PAGE = 250;
/** More are told again, which costs readings and nothing else. */
const TOLD_MAX = 2_000;

/** A save stamps when it begins and is seen when it ends; the customer's scripts run in between. */
const SAVE_SECONDS = 300;
/** The clock readings of an hour come twice in autumn; around then nothing may hide behind a later one. */
const CLOCK_BACK_SECONDS = 3_600;
const AROUND_MS = 75 * 60_000;

const at = z.object({ time: z.string().regex(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/), id: z.string().regex(/^\d+$/) });

/**
 * Where the feed stands. All times are clock readings as NetSuite prints them: its own, never ours.
 *  - `newest`: the latest reading met; a round begins a little before it.
 *  - `place`: within the round, the last row told; null at its start.
 *  - `told`, `telling`: what moved without a customer and was told in the last round, and in this one. It has no revision
 *    that could be known, and its items would be read again in every round of an idle account.
 *  - `startedMs`: NetSuite's clock when the round began: all that was saved by then is told when it ends.
 */
const cursorShape = z.object({
  newest: at.shape.time,
  place: at.nullable(),
  told: z.array(z.string()),
  telling: z.array(z.string()),
  startedMs: z.number().nullable(),
});
type Cursor = z.infer<typeof cursorShape>;

const TYPES = [...FEED_TYPES, ...MOVES].map(quoted).join(', ');

/**
 * Transactions by change time, headers only: an order is fetched with its shipments, by one statement. Pages go on by time
 * and number, so rows that change meanwhile move to the end and are met again. Every round begins before the last one's
 * newest row, which costs headers and no fetches: a document known at that revision is left alone.
 */
export async function pollOrders(
  client: NetsuiteClient,
  config: NetsuiteConfig,
  cursor: string | null,
  since: string,
): Promise<FeedPage> {
  const now: Cursor = cursor === null ? firstCursor(since, config) : cursorShape.parse(JSON.parse(cursor));
  const from = plusSeconds(now.newest, -overlapSeconds(client.now(), config));
  const { rows, more, startedMs } = await suiteql(client, config, 'feed', pageQuery(from, now.place), PER_PAGE);
  const began = now.startedMs ?? startedMs;
  const movements = rows.filter((row) => isId(row['id']) && docOfRow(row) === undefined);
  const fresh = movements.filter((row) => !now.told.includes(stampOf(row)));
  const moves = await movedItems(client, config, fresh);
  const telling = [...now.telling, ...movements.map(stampOf)].slice(-TOLD_MAX);
  const signals = rows.flatMap((row) => signalsOf(row, moves, config));
  const last = rows.at(-1);
  const met = last?.['modified'];
  const newest = met && asUtc(met) > asUtc(now.newest) ? met : now.newest;
  if (more && met && isId(last?.['id'])) {
    const next: Cursor = { ...now, place: { time: met, id: last['id'] }, telling, startedMs: began };
    return { signals, cursor: JSON.stringify(next), completeTo: null, more: true };
  }
  // A stamp from the future must not hide what comes; nor may one from before the clocks were put back.
  const beganAt = localTime(began, config.timeZone);
  const next: Cursor = {
    newest: asUtc(newest) < asUtc(beganAt) ? newest : beganAt,
    place: null,
    told: telling,
    telling: [],
    startedMs: null,
  };
  return { signals, cursor: JSON.stringify(next), completeTo: new Date(began).toISOString(), more: false };
}

/** `since` is told in UTC; whatever the zone of the settings, a day earlier is early enough even if it is wrong. */
const firstCursor = (since: string, config: NetsuiteConfig): Cursor => ({
  newest: localTime(Date.parse(since) - 26 * 3_600_000, config.timeZone),
  place: null,
  told: [],
  telling: [],
  startedMs: null,
});

function overlapSeconds(nowMs: number, { timeZone }: NetsuiteConfig): number {
  const reading = (ms: number) => asUtc(localTime(ms, timeZone));
  const isPutBack = reading(nowMs + AROUND_MS) - reading(nowMs - AROUND_MS) < 2 * AROUND_MS;
  return SAVE_SECONDS + (isPutBack ? CLOCK_BACK_SECONDS : 0);
}

/** The order is by the printed second, as the place is: fractions of a second that are not printed must not matter. */
function pageQuery(from: string, place: Cursor['place']): string {
  const modified = printed('t.lastmodifieddate');
  const range =
    place === null
      ? `t.lastmodifieddate >= ${moment(from)}`
      : `t.lastmodifieddate >= ${moment(place.time)} AND (t.lastmodifieddate >= ${moment(plusSeconds(place.time, 1))} OR t.id > ${place.id})`;
  return `SELECT t.id, t.type, ${modified} AS modified, tl.createdfrom, o.type AS fromtype FROM transaction t JOIN transactionline tl ON tl.transaction = t.id LEFT JOIN transaction o ON o.id = tl.createdfrom WHERE tl.mainline = 'T' AND t.type IN (${TYPES}) AND ${range} ORDER BY ${modified}, t.id`;
}

const docOfRow = ({ id = '', type = '', createdfrom, fromtype }: Row): string | undefined =>
  docOfTransaction(type, id, { type: fromtype, id: createdfrom });

const stampOf = ({ id, modified }: Row): string => `${id} ${modified}`;

function signalsOf(row: Row, moves: Map<string, Set<string>>, { account, timeZone }: NetsuiteConfig): Signal[] {
  const { id, modified } = row;
  if (!isId(id)) return [];
  const doc = docOfRow(row);
  // The revision of an order is the latest among it and its shipments: fetched at this one or later, it has this row.
  const rev = revisionOf(modified ?? '', timeZone);
  if (doc) return [{ kind: 'document-changed', account, doc, ...(rev !== null && { rev }) }];
  return [...(moves.get(id) ?? [])].map((stockKey) => ({ kind: 'dirty', account, stockKey, location: null }));
}

/** Which items were moved, or committed, without a customer: adjusted, transferred, built, received from a vendor. */
async function movedItems(
  client: NetsuiteClient,
  config: NetsuiteConfig,
  rows: readonly Row[],
): Promise<Map<string, Set<string>>> {
  const ids = rows.flatMap(({ id }) => id ?? []);
  const items = new Map<string, Set<string>>();
  if (ids.length === 0) return items;
  for (let after = '0'; ; ) {
    const page = await suiteql(
      client,
      config,
      'feed',
      `SELECT tl.transaction, tl.uniquekey, tl.item FROM transactionline tl WHERE tl.transaction IN (${ids.join(', ')}) AND tl.item IS NOT NULL AND tl.uniquekey > ${after} ORDER BY tl.uniquekey`,
    );
    for (const { transaction, item } of page.rows)
      if (transaction && isId(item)) items.set(transaction, (items.get(transaction) ?? new Set()).add(item));
    const last = page.rows.at(-1)?.['uniquekey'];
    if (!page.more || !isId(last) || last === after) return items;
    after = last;
  }
}
