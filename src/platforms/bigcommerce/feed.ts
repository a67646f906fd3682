import { z } from 'zod';
import type { FeedPage, Signal } from '../../platform/contract.ts';
import { apiRequest, type BigClient, id, readAs, startedMs } from './api.ts';
import type { BigConfig } from './config.ts';
import { docOf, ORDER_QUERY, orderShape, secondOf, withoutVariant } from './order-doc.ts';

/** BigCommerce's own maximum. */
const LIMIT = 250;
const SECOND = 1_000;
/** Change times have whole seconds, and a row may be seen later than it is stamped: so much is told again. */
const OVERLAP_MS = 60_000;

/**
 * Where the feed stands, by BigCommerce's own stamps.
 *  - `atMs`: this round reads on from here. Always the first page: page numbers shift while orders change.
 *  - `startedMs`: BigCommerce's clock when the round began; null between rounds. `newestMs`: the newest stamp met.
 *  - `afterId`: within one crowded moment (more orders than a page holds) the walk goes by id instead.
 *  - `upToMs`: the completeTo told last.
 */
const cursorShape = z.object({
  atMs: z.number(),
  startedMs: z.number().nullable(),
  newestMs: z.number(),
  afterId: z.string().nullable(),
  upToMs: z.number().nullable(),
});
type Cursor = z.infer<typeof cursorShape>;

const row = z.looseObject({ id, date_modified: z.string().nullish() });

/** Orders by change time. @param since where to start without a cursor */
export async function pollOrders(
  client: BigClient,
  config: BigConfig,
  cursor: string | null,
  since: string,
): Promise<FeedPage> {
  const at: Cursor =
    cursor === null ? begin(Date.parse(since) - OVERLAP_MS, null) : cursorShape.parse(JSON.parse(cursor));
  const crowd = at.afterId !== null;
  const before = client.now();
  const request = apiRequest(config, 'GET', '/v2/orders', {
    min_date_modified: iso(at.atMs - SECOND),
    ...(crowd && { max_date_modified: iso(at.atMs + SECOND), min_id: next(at.afterId!) }),
    sort: crowd ? 'id:asc' : 'date_modified:asc',
    limit: LIMIT,
    ...ORDER_QUERY,
  });
  const response = await client.call('orderFeed', request);
  const rows = response.status === 204 ? [] : readAs(response, z.array(row), '/v2/orders');
  at.startedMs ??= startedMs(response, before, client.now());
  const stamps = rows.map(({ date_modified: date }) => Date.parse(secondOf(date) ?? iso(at.atMs)));
  at.newestMs = Math.max(at.newestMs, ...stamps);
  const signals = rows.map((one) => signalOf(one, config));
  const full = rows.length >= LIMIT;
  if (crowd) {
    at.afterId = full ? rows.at(-1)!.id : null;
    if (!full) at.atMs += 2 * SECOND;
    return { signals, cursor: JSON.stringify(at), completeTo: iso(at.upToMs), more: true };
  }
  if (full) {
    const newestMs = Math.max(...stamps);
    if (newestMs > at.atMs) at.atMs = newestMs;
    else at.afterId = '0';
    return { signals, cursor: JSON.stringify(at), completeTo: iso(at.upToMs), more: true };
  }
  // All that was stamped when the round began is told.
  const upToMs = Math.max(at.upToMs ?? 0, at.startedMs - SECOND);
  // A stamp from the future must not hide what is stamped now.
  const fromMs = Math.min(Math.max(at.newestMs, at.atMs), at.startedMs) - OVERLAP_MS;
  return { signals, cursor: JSON.stringify(begin(fromMs, upToMs)), completeTo: iso(upToMs), more: false };
}

const begin = (atMs: number, upToMs: number | null): Cursor => ({
  atMs: Math.floor(atMs / SECOND) * SECOND,
  startedMs: null,
  newestMs: 0,
  afterId: null,
  upToMs,
});

/**
 * An order that cannot be made sense of is asked for by itself: then it is shown, and the others go on. So is one whose
 * lines name a product and no variant, which has to be looked up.
 */
function signalOf(raw: z.infer<typeof row>, config: BigConfig): Signal {
  try {
    const order = orderShape.parse(raw);
    if (withoutVariant(order).length === 0) return { kind: 'document', doc: docOf(order, config) };
  } catch {
    // Told below.
  }
  const rev = secondOf(raw.date_modified);
  return { kind: 'document-changed', account: config.account, doc: `order:${raw.id}`, ...(rev && { rev }) };
}

const next = (lastId: string): string => String(BigInt(lastId) + 1n);

function iso(ms: number): string;
function iso(ms: number | null): string | null;
function iso(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
