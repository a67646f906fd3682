import { z } from 'zod';
import type { Doc } from '../../domain/document.ts';
import type { FeedPage, Signal } from '../../platform/contract.ts';
import type { CloverClient } from './api.ts';
import type { CloverConfig } from './config.ts';
import { EXPAND } from './order-read.ts';
import { isCut, orderShape } from './order-shape.ts';
import { docOf, isDeleted } from './orders.ts';
import { page, placeShape, START } from './walk.ts';

/** Told again and again: an order may get into the list after the time it is stamped with. */
const OVERLAP_MS = 120_000;
/** Clover refuses more than 90 days at once. */
const WINDOW_MS = 30 * 86_400_000;

/**
 *  - `fromMs`: orders changed from then on are still to be told.
 *  - `toMs`: where the stretch of time that is being walked ends, by Clover's clock when it gave the first page; null before.
 *    It is closed, so that what changes meanwhile only leaves it, and is told with the next one.
 *  - `upToMs`: the completeTo told last.
 */
const cursorShape = z.object({
  fromMs: z.number(),
  toMs: z.number().nullable(),
  last: z.boolean(),
  place: placeShape,
  upToMs: z.number().nullable(),
});
type Cursor = z.infer<typeof cursorShape>;

/** Orders by change time, whole. */
export async function pollOrders(
  client: CloverClient,
  config: CloverConfig,
  cursor: string | null,
  since: string,
): Promise<FeedPage> {
  const at: Cursor = cursor === null ? begin(Date.parse(since), null) : cursorShape.parse(JSON.parse(cursor));
  const furthestMs = at.fromMs + WINDOW_MS;
  const query: [string, string][] = [
    ['filter', `modifiedTime>=${at.fromMs}`],
    ['filter', `modifiedTime<=${at.toMs ?? furthestMs}`],
    ['expand', EXPAND],
    ['orderBy', 'modifiedTime ASC'],
  ];
  const { rows, next, startedMs } = await page(client, config, 'orderFeed', { path: '/orders', query }, at.place);
  const signals = rows.flatMap((row) => signalOf(row, config));
  const last = at.toMs === null ? startedMs <= furthestMs : at.last;
  const toMs = at.toMs ?? Math.max(at.fromMs, Math.min(startedMs, furthestMs));
  if (next) return answer(signals, { ...at, toMs, last, place: next }, null, true);
  const upToMs = Math.max(at.upToMs ?? toMs, toMs);
  return answer(signals, begin(last ? toMs - OVERLAP_MS : toMs, upToMs), upToMs, !last);
}

const begin = (fromMs: number, upToMs: number | null): Cursor => ({
  fromMs,
  toMs: null,
  last: false,
  place: START,
  upToMs,
});

const answer = (signals: Signal[], cursor: Cursor, upToMs: number | null, more: boolean): FeedPage => ({
  signals,
  cursor: JSON.stringify(cursor),
  completeTo: upToMs === null ? null : new Date(upToMs).toISOString(),
  more,
});

/** An order that cannot be told from here is asked for by itself: it may have more lines, or be set aside alone. */
function signalOf(row: Record<string, unknown>, config: CloverConfig): Signal[] {
  const { id, modifiedTime } = row;
  if (typeof id !== 'string' || id === '') return [];
  const { account } = config;
  const changed: Signal = {
    kind: 'document-changed',
    account,
    doc: `order:${id}`,
    ...(typeof modifiedTime === 'number' && { rev: String(modifiedTime) }),
  };
  const order = orderShape.safeParse(row).data;
  // Without its lines (the list did not expand them) an order would look as if it had none.
  if (!order?.lineItems || isCut(order) || isDeleted(order)) return [changed];
  try {
    const doc = docOf(order, config);
    return [{ kind: 'document', doc }, ...countsToLookAt(doc)];
  } catch {
    return [changed];
  }
}

/**
 * Goods that came back may be on the shelf again, and no event says so: only the count does. It is looked at as long as the
 * order is told again.
 */
function countsToLookAt({ account, lines }: Doc): Signal[] {
  const back = lines.filter(({ parts }) => parts.some(({ returned }) => returned > 0));
  const keys = new Set(back.flatMap(({ listing }) => listing ?? []));
  return [...keys].map((stockKey) => ({ kind: 'dirty', account, stockKey, location: null }));
}
