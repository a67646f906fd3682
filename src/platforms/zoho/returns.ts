import { z } from 'zod';
import type { Doc, Line } from '../../domain/document.ts';
import { quantity } from '../../domain/quantity.ts';
import { type FeedPage, NO_LOCATION, type Signal } from '../../platform/contract.ts';
import { Failure } from '../../platform/failure.ts';
import { ask, type ZohoClient } from './api.ts';
import { hasMore } from './catalogue.ts';
import type { ZohoConfig } from './config.ts';
import { id, maybeId, moment, text, units } from './shape.ts';

const place = { location_id: maybeId, warehouse_id: maybeId };

const returnShape = z.object({
  salesreturn_id: id,
  date: text,
  salesreturn_status: text,
  receive_status: text,
  /** Neither is in the published contract. */
  created_time: text,
  last_modified_time: text,
  line_items: z.array(z.object({ line_item_id: id, item_id: maybeId, ...place })),
  salesreturnreceives: z
    .array(
      z.object({
        receive_id: maybeId,
        line_items: z.array(z.object({ line_item_id: maybeId, item_id: maybeId, quantity: units, ...place })).nullish(),
      }),
    )
    .nullish(),
  ...place,
});
type ZohoReturn = z.infer<typeof returnShape>;

export async function fetchReturn(client: ZohoClient, config: ZohoConfig, one: string): Promise<Doc | 'gone'> {
  if (!/^\d{1,30}$/.test(one)) return 'gone';
  try {
    const call = { path: `/salesreturns/${one}` };
    const { data } = await ask(client, config, 'return', call, z.object({ salesreturn: returnShape }));
    return returnDoc(data.salesreturn, config, client.now());
  } catch (error) {
    if (error instanceof Failure && error.failure === 'gone') return 'gone';
    throw error;
  }
}

/** Only what was received is on the shelf again; what is merely credited, or on its way, changes no stock. */
export function returnDoc(one: ZohoReturn, config: ZohoConfig, nowMs: number): Doc {
  const lines = one.line_items.map((line): Line => {
    const own = (one.salesreturnreceives ?? []).flatMap((receive) =>
      (receive.line_items ?? []).filter(
        (row) =>
          // A receive names the line in documents and the item alone in some answers.
          row.line_item_id === line.line_item_id || (row.item_id === line.item_id && !names(one, row.line_item_id)),
      ),
    );
    const back = own.reduce((sum, row) => quantity(sum + row.quantity), 0);
    const at = [...own, line, one].map((row) => row.location_id ?? row.warehouse_id).find((found) => found !== null);
    const out = quantity(-back);
    return {
      line: line.line_item_id,
      listing: line.item_id,
      parts: [{ location: at ?? NO_LOCATION, committed: 0, out, returned: 0, taken: out }],
    };
  });
  return {
    account: config.account,
    doc: `return:${one.salesreturn_id}`,
    rev: moment(one.last_modified_time) ?? null,
    whole: true,
    saleAt: moment(one.created_time) ?? endOfDay(one.date, nowMs),
    state: [one.salesreturn_status, one.receive_status].filter(Boolean).join(', '),
    lines,
  };
}

/**
 * Zoho dates a return by the day alone. Its beginning may lie before the moment from which on we count, and goods that came
 * back after it would never be counted; so it is the end, or now.
 */
function endOfDay(date: string | null | undefined, nowMs: number): string {
  const end = Date.parse(`${date ?? ''}T23:59:59Z`);
  return new Date(Number.isNaN(end) ? nowMs : Math.min(end, nowMs)).toISOString();
}

const names = (one: ZohoReturn, line: string | null): boolean =>
  line !== null && one.line_items.some(({ line_item_id }) => line_item_id === line);

const PER_PAGE = 200;
const listShape = z.object({
  salesreturns: z.array(
    z.object({ salesreturn_id: id, date: text, receive_status: text, salesreturn_status: text, quantity: units }),
  ),
  page_context: z.object({ has_more_page: z.boolean().nullish() }).nullish(),
});

/**
 * Where the walk through the list stands.
 *  - `seen`: how each return stood when it was told; the list has no change times. `next`: the same, of this round.
 */
const cursorShape = z.object({
  since: z.string(),
  page: z.number().int(),
  startedMs: z.number().nullable(),
  seen: z.record(z.string(), z.string()),
  next: z.record(z.string(), z.string()),
});

/** Goods seldom come back later than this after the return was written down; older ones are told by webhook only. */
const OPEN_DAYS = 180;
/** In the first round, returns written down so long before the start are taken for done. */
const DONE_DAYS = 30;
const DAY_MS = 86_400_000;

/** All returns of the last half year, round after round: told when they are new or stand otherwise than last time. */
export async function pollReturns(
  client: ZohoClient,
  config: ZohoConfig,
  cursor: string | null,
  since: string,
): Promise<FeedPage> {
  const at =
    cursor === null ? { since, page: 1, startedMs: null, seen: {}, next: {} } : cursorShape.parse(JSON.parse(cursor));
  const query = { page: at.page, per_page: PER_PAGE };
  const { data, startedMs } = await ask(client, config, 'returns', { path: '/salesreturns', query }, listShape);
  const began = at.startedMs ?? startedMs;
  const oldest = new Date(began - OPEN_DAYS * DAY_MS).toISOString().slice(0, 10);
  const signals: Signal[] = [];
  const seen: Record<string, string> = at.seen;
  const first = Object.keys(seen).length === 0;
  const done = new Date(Date.parse(at.since) - DONE_DAYS * DAY_MS).toISOString().slice(0, 10);
  const next: Record<string, string> = { ...at.next };
  for (const row of data.salesreturns) {
    if ((row.date ?? '9999') < oldest) continue;
    const stands = [row.salesreturn_status, row.receive_status, row.quantity].join(' ');
    next[row.salesreturn_id] = stands;
    if (first && (row.date ?? '9999') < done) continue;
    if (seen[row.salesreturn_id] !== stands || isHalfway(row.receive_status))
      signals.push({ kind: 'document-changed', account: config.account, doc: `return:${row.salesreturn_id}` });
  }
  if (hasMore(data.page_context, data.salesreturns.length))
    return {
      signals,
      cursor: JSON.stringify({ ...at, page: at.page + 1, startedMs: began, next }),
      completeTo: null,
      more: true,
    };
  return {
    signals,
    cursor: JSON.stringify({ since: at.since, page: 1, startedMs: null, seen: next, next: {} }),
    completeTo: new Date(Math.floor(began / 1_000) * 1_000).toISOString(),
    more: false,
  };
}

/** Partly received may be received some more without looking otherwise in the list. */
const isHalfway = (status: string | null | undefined): boolean => /partial/i.test(status ?? '');
