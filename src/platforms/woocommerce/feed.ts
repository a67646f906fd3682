import { z } from 'zod';
import type { FeedPage, Signal } from '../../platform/contract.ts';
import type { WooConfig } from './config.ts';
import { type FeedRow, type Place, placeShape, step } from './feed-walk.ts';
import { docOf, needsRefunds, revOf } from './order-doc.ts';
import type { WooClient } from './request.ts';

/**
 * What was told lately is told again: the change time has whole seconds, it is set before the row is written, and what
 * WooCommerce took off stock is noted on the lines a moment after it, without a new time.
 */
const OVERLAP_MS = 20_000;
const SECOND = 1_000;

/**
 * Where the feed stands. A round reads the orders and then the trash ("any" leaves it out, and the webhook of an order put
 * there may be lost) from one moment on.
 *  - `at`: the newest change time told (or where it starts), by the store's own stamps. Never our clock, nor the web
 *    server's, which behind a CDN is another machine's: an order stamped before the cursor would never be told.
 *  - `place`: within the round; null at its start. `newestMs`: the newest change time it met.
 *  - `storeMs`: the store's clock when the round had read all orders.
 *  - `upTo`: the completeTo told last. It moves at the end of a round only.
 */
const cursorShape = z.object({
  at: z.string(),
  status: z.enum(['any', 'trash']),
  place: placeShape.nullable(),
  newestMs: z.number(),
  storeMs: z.number().nullable(),
  upTo: z.string().nullable(),
});
type Cursor = z.infer<typeof cursorShape>;

/**
 * Orders by change time.
 * @param since where to start without a cursor
 */
export async function pollOrders(
  client: WooClient,
  config: WooConfig,
  cursor: string | null,
  since: string,
): Promise<FeedPage> {
  const signals: Signal[] = [];
  const at: Cursor = cursor === null ? startAt(since, null) : cursorShape.parse(JSON.parse(cursor));
  const from: Place = { atMs: Date.parse(at.at) - OVERLAP_MS, told: [] };
  for (;;) {
    const page = await step(client, config, at.status, at.place ?? from);
    signals.push(...page.rows.map((row) => signalOf(row, config)));
    at.newestMs = Math.max(at.newestMs, ...page.rows.map(({ changedMs }) => changedMs));
    at.place = page.next;
    if (page.next !== null) return { signals, cursor: JSON.stringify(at), completeTo: at.upTo, more: true };
    if (at.status === 'trash') break;
    // All that existed when the store answered is told, whatever its stamps.
    at.storeMs = page.storeMs;
    at.status = 'trash';
  }
  const upToMs = (at.storeMs ?? at.newestMs) - SECOND;
  const upTo = iso(Math.max(at.upTo === null ? 0 : Date.parse(at.upTo), upToMs));
  // A stamp from the future (a clock that was set back since) must not hide what is stamped now.
  const newestMs = Math.min(Math.max(Date.parse(at.at), at.newestMs), at.storeMs ?? Number.POSITIVE_INFINITY);
  const next = startAt(iso(newestMs), upTo);
  return { signals, cursor: JSON.stringify(next), completeTo: upTo, more: false };
}

const startAt = (at: string, upTo: string | null): Cursor => ({
  at,
  status: 'any',
  place: null,
  newestMs: 0,
  storeMs: null,
  upTo,
});

/** An order that cannot be made sense of here is asked for by itself: then it is shown, and the others go on. */
function signalOf({ id, order }: FeedRow, config: WooConfig): Signal {
  const rev = order && revOf(order);
  const changed: Signal = {
    kind: 'document-changed',
    account: config.account,
    doc: `order:${id}`,
    ...(rev && { rev }),
  };
  if (!order || needsRefunds(order)) return changed;
  try {
    return { kind: 'document', doc: docOf(order, [], config) };
  } catch {
    return changed;
  }
}

const iso = (ms: number): string => new Date(ms).toISOString();
