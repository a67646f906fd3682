import { z } from 'zod';
import type { FeedPage, Signal } from '../../platform/contract.ts';
import { Failure } from '../../platform/failure.ts';
import { idOf, type LightspeedClient, page, record, word } from './api.ts';
import { levelOf, readItemShop } from './catalogue.ts';
import type { LightspeedConfig } from './config.ts';
import type { LightspeedOp } from './facts.ts';
import { LINE_RELATIONS, SALE_RELATIONS } from './sale-read.ts';
import { lineShape, saleShape } from './sale-shape.ts';
import { docOfReservation, docOfSale, isReservation } from './sales.ts';

/** Stamps have whole seconds, and pages go on by stamp and number: what changes in a second that was told comes next time. */
const OVERLAP_MS = 30_000;
const SECOND = 1_000;

interface Feed {
  op: LightspeedOp;
  /** The member of the answer that holds the rows. */
  name: string;
  /** Sorted and filtered by this change time. */
  by: string;
  query: Record<string, string>;
  signals: (row: unknown, config: LightspeedConfig, readAt: string) => Signal[];
}

const FEEDS: Record<string, Feed> = {
  sales: {
    op: 'sales',
    name: 'Sale',
    by: 'updatetime',
    // Archived ones are left out unless asked for.
    query: { archived: 'true', load_relations: SALE_RELATIONS },
    signals: saleSignals,
  },
  reservations: {
    op: 'lines',
    name: 'SaleLine',
    by: 'timeStamp',
    query: { load_relations: LINE_RELATIONS },
    signals: lineSignals,
  },
  levels: { op: 'levels', name: 'ItemShop', by: 'timeStamp', query: {}, signals: levelSignals },
};

/**
 *  - `fromMs`: what changed from then on is still to be told. `next`: the next page of this walk.
 *  - `startedMs`: Lightspeed's clock when the walk began: all that was stamped before it is told when it ends.
 *  - `upToMs`: the completeTo told last.
 */
const cursorShape = z.object({
  fromMs: z.number(),
  next: z.string().nullable(),
  startedMs: z.number().nullable(),
  upToMs: z.number().nullable(),
});

export async function pollFeed(
  client: LightspeedClient,
  config: LightspeedConfig,
  name: string,
  cursor: string | null,
  since: string,
): Promise<FeedPage> {
  const feed = FEEDS[name];
  if (!feed) throw new Error(`There is no feed "${name}"`);
  const begin = { fromMs: Date.parse(since), next: null, startedMs: null, upToMs: null };
  const at = cursor === null ? begin : cursorShape.parse(JSON.parse(cursor));
  const readAt = new Date(client.now()).toISOString();
  const query = { sort: feed.by, [feed.by]: `>=,${stamp(at.fromMs)}`, ...feed.query };
  let listed: Awaited<ReturnType<typeof page>>;
  try {
    listed = await page(client, config, feed.op, { name: feed.name, query }, at.next);
  } catch (error) {
    // A stored page may be too old for Lightspeed: the walk begins again.
    const old = at.next !== null && error instanceof Failure && ['rejected', 'gone'].includes(error.failure);
    if (!old) throw error;
    return told([], { ...at, next: null, startedMs: null }, null, true);
  }
  const signals = listed.rows.flatMap((row) => feed.signals(row, config, readAt));
  const startedMs = at.startedMs ?? listed.startedMs;
  if (listed.next !== null) return told(signals, { ...at, next: listed.next, startedMs }, null, true);
  // More may still be stamped with the second in which the walk began.
  const upToMs = Math.max(at.upToMs ?? 0, Math.floor(startedMs / SECOND) * SECOND - SECOND);
  const fromMs = Math.max(at.fromMs, upToMs - OVERLAP_MS);
  return told(signals, { fromMs, next: null, startedMs: null, upToMs }, upToMs, false);
}

const told = (
  signals: Signal[],
  cursor: z.infer<typeof cursorShape>,
  upToMs: number | null,
  more: boolean,
): FeedPage => ({
  signals,
  cursor: JSON.stringify(cursor),
  completeTo: upToMs === null ? null : new Date(upToMs).toISOString(),
  more,
});

/** Whole seconds with an offset, as Lightspeed prints and takes them. */
const stamp = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}+00:00`;

/** The row's own number as a document to be fetched alone, where it cannot be told from the list. */
function alone(row: unknown, member: string, kind: string, account: string): Signal[] {
  const id = idOf(word.safeParse(record(row)?.[member]).data);
  return id === null || !/^\d+$/.test(id) ? [] : [{ kind: 'document-changed', account, doc: `${kind}:${id}` }];
}

function saleSignals(row: unknown, config: LightspeedConfig): Signal[] {
  try {
    return [{ kind: 'document', doc: docOfSale(saleShape.parse(row), config) }];
  } catch {
    return alone(row, 'saleID', 'sale', config.account);
  }
}

/**
 * Lines of ordinary sales are told with their sales. Units that were set aside and are rung up now are asked for with their
 * sale at once, so that they are not free for long between the two.
 */
function lineSignals(row: unknown, config: LightspeedConfig): Signal[] {
  try {
    const line = lineShape.parse(row);
    if (!isReservation(line)) return [];
    const sale = idOf(line.saleID);
    return [
      ...(sale === null ? [] : alone({ sale }, 'sale', 'sale', config.account)),
      { kind: 'document', doc: docOfReservation(line, config) },
    ];
  } catch {
    return alone(row, 'saleLineID', 'reservation', config.account);
  }
}

function levelSignals(row: unknown, config: LightspeedConfig, readAt: string): Signal[] {
  const shop = readItemShop(row);
  const level = shop && levelOf(shop, idOf(shop.itemID), true, config, readAt);
  return level ? [{ kind: 'level', account: config.account, level }] : [];
}
