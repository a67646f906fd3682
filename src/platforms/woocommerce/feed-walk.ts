import { z } from 'zod';
import type { WooConfig } from './config.ts';
import { ORDER_FIELDS, orderShape, revOf, type WooOrder } from './order-doc.ts';
import { apiRequest, type WooClient } from './request.ts';
import { answer, id, utc } from './shape.ts';

const PER_PAGE = 100;
const SECOND = 1_000;
/** Ids in one address; beyond some thousand characters web servers refuse it. */
const EXCLUDED_MAX = 400;
/** How many rows are read again where a second is walked by number: so many may leave it meanwhile without harm. */
const OVERLAP = 10;

/**
 * Where a walk by change time stands.
 *  - by time: from the second `atMs` on, without the orders `told` of it. Always the first page: deep pages shift while
 *    orders change, and orders of one second have no order among themselves, so that two pages may both leave one out.
 *  - by number: all orders of the second `atMs`, which holds too many to be left out by name; `last` is the highest told.
 */
export const placeShape = z.union([
  z.object({ atMs: z.number(), told: z.array(z.string()) }),
  z.object({ atMs: z.number(), offset: z.number().int().nonnegative(), last: z.string() }),
]);
export type Place = z.infer<typeof placeShape>;

/** One row of a page; `order` is missing where its shape is not an order's. */
export interface FeedRow {
  id: string;
  changedMs: number;
  order?: WooOrder;
}

export interface Step {
  rows: FeedRow[];
  /** null: the walk is at its end. */
  next: Place | null;
  /** The store's clock, not later than it was when it looked; null where the answer names none. */
  storeMs: number | null;
}

/** One page of the orders with this status (`any` leaves out the trash). */
export async function step(client: WooClient, config: WooConfig, status: 'any' | 'trash', at: Place): Promise<Step> {
  if ('last' in at) return stepBySecond(client, config, status, at);
  const atMs = Math.floor(at.atMs / SECOND) * SECOND;
  const { rows, storeMs } = await ask(client, config, {
    status,
    modified_after: before(atMs),
    orderby: 'modified',
    exclude: at.told.length > 0 ? at.told.join(',') : undefined,
  });
  if (rows.length < PER_PAGE) return { rows, next: null, storeMs };
  const newestMs = Math.max(atMs, ...rows.map(({ changedMs }) => changedMs));
  const same = rows.filter(({ changedMs }) => changedMs >= newestMs).map((row) => row.id);
  const told = newestMs === atMs ? [...new Set([...at.told, ...same])] : same;
  const next = told.length > EXCLUDED_MAX ? { atMs: newestMs, offset: 0, last: '0' } : { atMs: newestMs, told };
  return { rows, next, storeMs };
}

async function stepBySecond(
  client: WooClient,
  config: WooConfig,
  status: string,
  at: Extract<Place, { last: string }>,
): Promise<Step> {
  for (let back = at.offset === 0 ? 0 : OVERLAP; ; back *= 4) {
    const offset = Math.max(0, at.offset - back);
    const { rows, storeMs } = await ask(client, config, {
      status,
      modified_after: before(at.atMs),
      modified_before: gmt(at.atMs + SECOND),
      orderby: 'id',
      offset,
    });
    const met = offset === 0 || (rows[0] !== undefined && !isHigher(rows[0].id, at.last));
    // Further back until a row told before is met; not so far that the walk stands still.
    if (!met && back < PER_PAGE / 2) continue;
    if (rows.length < PER_PAGE) return { rows, next: { atMs: at.atMs + SECOND, told: [] }, storeMs };
    return { rows, next: { atMs: at.atMs, offset: offset + rows.length, last: rows.at(-1)!.id }, storeMs };
  }
}

/** All that is needed to go on; what else an order must have is asked of each alone, so that an odd one stops nobody. */
const rowShape = z.looseObject({ id, date_modified_gmt: z.string().nullish() });

async function ask(client: WooClient, config: WooConfig, query: Record<string, string | number | undefined>) {
  const request = apiRequest(client, config, 'GET', '/orders', {
    dates_are_gmt: 'true',
    order: 'asc',
    per_page: PER_PAGE,
    _fields: ORDER_FIELDS,
    ...query,
  });
  const askedMs = client.now();
  const response = await client.call('orderFeed', request);
  // The answer is dated when it leaves; what was stored while it was made need not be in it.
  const storeMs = Date.parse(response.headers['date'] ?? '') - (client.now() - askedMs);
  const rows = answer(response, z.array(rowShape)).map((row): FeedRow => {
    const order = orderShape.safeParse(row);
    const changed = order.success ? revOf(order.data) : utc(row.date_modified_gmt);
    return { id: row.id, changedMs: Date.parse(changed ?? '') || 0, ...(order.success && { order: order.data }) };
  });
  return { rows, storeMs: Number.isNaN(storeMs) ? null : storeMs };
}

const gmt = (ms: number): string => new Date(ms).toISOString().slice(0, 19);
/** "After" leaves its own second out. */
const before = (atMs: number): string => gmt(atMs - SECOND);
const isHigher = (one: string, than: string): boolean => BigInt(one) > BigInt(than);
