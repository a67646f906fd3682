import { z } from 'zod';
import type { FeedPage, Signal } from '../../platform/contract.ts';
import type { WooConfig } from './config.ts';
import { docOf, needsRefunds, orderShape, revOf, type WooOrder } from './order-doc.ts';
import { apiRequest, type WooClient } from './request.ts';
import { answer } from './shape.ts';

const PER_PAGE = 100;
const SECOND = 1_000;

/**
 * What was told lately is told again: the change time has whole seconds, it is set before the row is written, and what
 * WooCommerce took off stock is noted on the lines a moment after it, without a new time.
 */
const OVERLAP_MS = 20_000;

/** Ids in one address; beyond some thousand characters web servers refuse it. */
const EXCLUDED_MAX = 400;

/**
 * Where the feed stands.
 *  - `at`: the newest change time told (or where it starts), by the store's own stamps. Never our clock, nor the web
 *    server's, which behind a CDN is another machine's: an order stamped before the cursor would never be told.
 *  - `walking`: the last page was full. `told`: ids of the second `at` that are told already; `skip`: their number, where
 *    they are too many for an address.
 *  - `upTo`: the completeTo told last.
 */
const cursorShape = z.object({
  at: z.string(),
  walking: z.boolean(),
  told: z.array(z.string()),
  skip: z.number().int().nonnegative(),
  upTo: z.string().nullable(),
});
type Cursor = z.infer<typeof cursorShape>;

/**
 * Orders by change time. There are no deep pages: they shift while orders change, and then one is passed over. Each page
 * starts at the last second of the one before, leaving out what was told of it.
 * @param since where to start without a cursor
 */
export async function pollOrders(
  client: WooClient,
  config: WooConfig,
  cursor: string | null,
  since: string,
): Promise<FeedPage> {
  const start: Cursor = { at: since, walking: false, told: [], skip: 0, upTo: null };
  const now = cursor === null ? start : cursorShape.parse(JSON.parse(cursor));
  const atMs = Date.parse(now.at);
  const fromMs = now.walking ? atMs : atMs - OVERLAP_MS;
  const { orders, storeMs } = await ordersFrom(client, config, fromMs, {
    status: 'any',
    exclude: now.told.length > 0 ? now.told.join(',') : undefined,
    offset: now.skip > 0 ? now.skip : undefined,
  });
  const signals = orders.map((order) => signalOf(order, config));
  const newestMs = Math.max(now.walking ? atMs : 0, ...orders.map(changedMs));
  if (orders.length === PER_PAGE) {
    const next = { ...following(now, orders, newestMs), upTo: latest(now.upTo, newestMs - SECOND) };
    return { signals, cursor: JSON.stringify(next), completeTo: next.upTo, more: true };
  }
  signals.push(...(await trashed(client, config, fromMs)));
  // A stamp from the future (a clock that was set back since) must not hide what is stamped now.
  const at = iso(
    Math.min(Math.max(atMs, newestMs), storeMs === null ? Number.POSITIVE_INFINITY : Math.max(storeMs, 0)),
  );
  // All that existed when the store answered is told, whatever its stamps.
  const upTo = latest(now.upTo, (storeMs ?? newestMs) - SECOND);
  return { signals, cursor: JSON.stringify({ ...start, at, upTo } satisfies Cursor), completeTo: upTo, more: false };
}

/** After a full page: from its last second on, without what was told of that second. */
function following(now: Cursor, orders: readonly WooOrder[], newestMs: number): Omit<Cursor, 'upTo'> {
  const at = iso(newestMs);
  const same = orders.filter((order) => changedMs(order) >= newestMs).map(({ id }) => id);
  const goesOn = now.walking && Date.parse(now.at) === newestMs;
  if (goesOn && now.skip > 0) return { at, walking: true, told: [], skip: now.skip + orders.length - SKIP_BACK };
  const told = [...new Set([...(goesOn ? now.told : []), ...same])];
  if (told.length <= EXCLUDED_MAX) return { at, walking: true, told, skip: 0 };
  return { at, walking: true, told: [], skip: told.length - SKIP_BACK };
}

/** Rows may leave the second while it is walked by number: so many do no harm. */
const SKIP_BACK = 20;

/** "any" leaves out the trash, and orders put there send a webhook that may be lost. */
async function trashed(client: WooClient, config: WooConfig, fromMs: number): Promise<Signal[]> {
  const signals: Signal[] = [];
  for (let offset = 0; ; offset += PER_PAGE) {
    const { orders } = await ordersFrom(client, config, fromMs, { status: 'trash', offset: offset || undefined });
    signals.push(...orders.map((order) => signalOf(order, config)));
    if (orders.length < PER_PAGE) return signals;
  }
}

async function ordersFrom(
  client: WooClient,
  config: WooConfig,
  fromMs: number,
  query: Record<string, string | number | undefined>,
): Promise<{ orders: WooOrder[]; storeMs: number | null }> {
  const request = apiRequest(client, config, 'GET', '/orders', {
    // "After" leaves its own second out.
    modified_after: iso(Math.floor(fromMs / SECOND) * SECOND - SECOND).slice(0, 19),
    dates_are_gmt: 'true',
    orderby: 'modified',
    order: 'asc',
    per_page: PER_PAGE,
    ...query,
  });
  const response = await client.call('orderFeed', request);
  const storeMs = Date.parse(response.headers['date'] ?? '');
  return { orders: answer(response, z.array(orderShape)), storeMs: Number.isNaN(storeMs) ? null : storeMs };
}

function signalOf(order: WooOrder, config: WooConfig): Signal {
  if (!needsRefunds(order)) return { kind: 'document', doc: docOf(order, [], config) };
  const rev = revOf(order);
  return { kind: 'document-changed', account: config.account, doc: `order:${order.id}`, ...(rev && { rev }) };
}

const changedMs = (order: WooOrder): number => Date.parse(revOf(order) ?? '') || 0;
const iso = (ms: number): string => new Date(ms).toISOString();
const latest = (told: string | null, ms: number): string => iso(Math.max(told === null ? 0 : Date.parse(told), ms));
