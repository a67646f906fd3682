import { z } from 'zod';
import type { FeedPage, Signal } from '../../platform/contract.ts';
import { companyRequest, moment, type QboClient, query, readAs, SECOND, startedMs } from './api.ts';
import type { QboConfig } from './config.ts';
import { docName, docOf, ENTITIES, type SaleEntity, saleShape } from './sale-doc.ts';

/** Intuit's own maximum, over all entities of one call; there is no second page. */
const CHANGES_MAX = 1_000;
/** It looks back 30 days; a day is kept for the clocks. */
const LOOK_BACK_MS = 29 * 86_400_000;
/** Change times have whole seconds, and a row may be seen later than it is stamped: so much is told again. */
const OVERLAP_MS = 120_000;
const PAGE = 500;
/** Rows of one crowded second that are read again on its next page: so many may leave it meanwhile without harm. */
const OVERLAP_ROWS = 50;

/**
 * Where the feed stands, by Intuit's clock.
 *  - `fromMs`: this round asks for everything changed since.
 *  - `apart`: the common answer was cut off, so that the kinds in `left` are asked for one by one.
 *  - `walk`: the first of them is read by query, from this moment and row on, because its own answer was cut off as well.
 *  - `startedMs`: when the round began; `upToMs`: the completeTo told last.
 */
const cursorShape = z.object({
  fromMs: z.number(),
  left: z.array(z.enum(ENTITIES)),
  apart: z.boolean(),
  walk: z.object({ atMs: z.number(), row: z.number().int().positive() }).nullable(),
  startedMs: z.number().nullable(),
  upToMs: z.number().nullable(),
});
type Cursor = z.infer<typeof cursorShape>;

/** Sales that changed, deleted ones too. @param since where to start without a cursor */
export async function pollSales(
  client: QboClient,
  config: QboConfig,
  cursor: string | null,
  since: string,
): Promise<FeedPage> {
  const at: Cursor =
    cursor === null ? begin(Date.parse(since) - OVERLAP_MS, null) : cursorShape.parse(JSON.parse(cursor));
  const signals = config.salesHere === 'count' ? undefined : [];
  const told = at.walk ? await walk(client, config, at, at.walk) : await changes(client, config, at);
  if (at.left.length > 0)
    return { signals: signals ?? told, cursor: JSON.stringify(at), completeTo: iso(at.upToMs), more: true };
  const upToMs = Math.max(at.upToMs ?? 0, at.startedMs! - SECOND);
  const next = begin(at.startedMs! - OVERLAP_MS, upToMs);
  return { signals: signals ?? told, cursor: JSON.stringify(next), completeTo: iso(upToMs), more: false };
}

const begin = (fromMs: number, upToMs: number | null): Cursor => ({
  fromMs: Math.floor(fromMs / SECOND) * SECOND,
  left: [],
  apart: false,
  walk: null,
  startedMs: null,
  upToMs,
});

const loose = z.looseObject({ Id: z.string().min(1), status: z.string().nullish() });
type Row = z.infer<typeof loose>;
const captured = z.object({
  CDCResponse: z.array(z.object({ QueryResponse: z.array(z.record(z.string(), z.unknown())).nullish() })),
});

/** One call of change data capture: of all kinds, or of the first that is left. Moves the cursor on. */
async function changes(client: QboClient, config: QboConfig, at: Cursor): Promise<Signal[]> {
  const entities = at.apart ? at.left.slice(0, 1) : ENTITIES;
  const before = client.now();
  const sinceMs = Math.max(at.fromMs, before - LOOK_BACK_MS);
  const request = companyRequest(config, 'GET', '/cdc', {
    entities: entities.join(','),
    changedSince: moment(sinceMs),
  });
  const response = await client.call('changes', request);
  at.startedMs ??= startedMs(response, before, client.now());
  const { CDCResponse: answers } = readAs(response, captured, '/cdc');
  const members = answers.flatMap(({ QueryResponse }) => QueryResponse ?? []);
  const rows = entities.flatMap((entity) =>
    members.flatMap((member) => z.array(loose).parse(member[entity] ?? [])).map((row) => ({ entity, row })),
  );
  const cut = rows.length >= CHANGES_MAX || sinceMs > at.fromMs;
  if (!at.apart) {
    at.apart = cut;
    at.left = cut ? [...ENTITIES] : [];
  } else if (cut) at.walk = { atMs: at.fromMs, row: 1 };
  else at.left = at.left.slice(1);
  return rows.map(({ entity, row }) => signalOf(entity, row, config));
}

/** One page of one kind, in order of change. */
async function walk(
  client: QboClient,
  config: QboConfig,
  at: Cursor,
  { atMs, row: start }: NonNullable<Cursor['walk']>,
): Promise<Signal[]> {
  const entity = at.left[0]!;
  const text = `select * from ${entity} where MetaData.LastUpdatedTime >= '${moment(atMs)}' orderby MetaData.LastUpdatedTime startposition ${start} maxresults ${PAGE}`;
  const rows = await query(client, config, 'sales', entity, text, loose);
  const newestMs = Math.max(atMs, ...rows.map(changedMs));
  if (rows.length < PAGE) {
    at.walk = null;
    at.left = at.left.slice(1);
  } else if (newestMs > atMs) at.walk = { atMs: newestMs, row: 1 };
  else at.walk = { atMs, row: start + PAGE - OVERLAP_ROWS };
  return rows.map((row) => signalOf(entity, row, config));
}

function changedMs(row: Row): number {
  const ms = Date.parse(saleShape.safeParse(row).data?.MetaData?.LastUpdatedTime ?? '');
  return Number.isNaN(ms) ? 0 : Math.floor(ms / SECOND) * SECOND;
}

/** A deleted one is fetched: that it is not there any more is what undoes it. An odd one is asked for by itself. */
function signalOf(entity: SaleEntity, row: Row, config: QboConfig): Signal {
  const changed: Signal = { kind: 'document-changed', account: config.account, doc: docName(entity, row.Id) };
  if (row.status === 'Deleted') return changed;
  try {
    return { kind: 'document', doc: docOf(entity, saleShape.parse(row), config) };
  } catch {
    return changed;
  }
}

function iso(ms: number): string;
function iso(ms: number | null): string | null;
function iso(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
