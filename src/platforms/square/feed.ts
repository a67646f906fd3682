import { z } from 'zod';
import type { FeedPage, Signal } from '../../platform/contract.ts';
import { Failure } from '../../platform/failure.ts';
import { ask, following, record, type SquareClient } from './api.ts';
import type { SquareConfig } from './config.ts';
import { orderShape } from './order-shape.ts';
import { bringsBack, docOf } from './orders.ts';
import { readLocations } from './places.ts';
import { areYoung, RETOLD_MS, restockedBy } from './restock.ts';

/** Orders per page; Square gives up to 1,000, which with long orders is many megabytes. */
const LIMIT = 100;
/** Square takes so many locations per search. */
const LOCATIONS_MAX = 10;

/**
 * Where the walk through all locations stands; `from` is where the next one begins.
 *  - `startedMs`: Square's clock when the walk began. All that was stamped before it is told when it ends.
 *  - `from`, `at`: where each group begins, and the current one has come to: orders changed at or after it are asked for. `page`: Square's cursor, used only while one
 *    moment holds more orders than a page.
 */
const cursorShape = z.object({
  from: z.string(),
  walk: z
    .object({
      startedMs: z.number(),
      groups: z.array(z.array(z.string())),
      group: z.number(),
      from: z.string(),
      at: z.string(),
      page: z.string().nullable(),
    })
    .nullable(),
});
type Walk = NonNullable<z.infer<typeof cursorShape>['walk']>;

const answer = z.object({ orders: z.array(z.unknown()).nullish(), cursor: z.string().nullish() });

/**
 * Orders by change time, whole. Nothing is skipped while orders change under the walk: the next page is asked for by time
 * ("changed since the last one on this page"), not by counting on, and each walk begins {@link RETOLD_MS} before the last
 * one did.
 */
export async function pollOrders(
  client: SquareClient,
  config: SquareConfig,
  cursor: string | null,
  since: string,
): Promise<FeedPage> {
  const { from, walk } = cursor === null ? { from: since, walk: null } : cursorShape.parse(JSON.parse(cursor));
  const now = walk ?? (await begin(client, config, from));
  const locations = now.groups[now.group];
  if (!locations) return ended(now, []);
  const { orders, page } = await search(client, config, locations, now);
  const signals = await tell(client, config, orders, now.startedMs);
  const next = step(now, orders, page);
  if (next.group >= now.groups.length) return ended(now, signals);
  return { signals, cursor: JSON.stringify({ from, walk: next }), completeTo: null, more: true };
}

async function begin(client: SquareClient, config: SquareConfig, from: string): Promise<Walk> {
  const { data, startedMs } = await readLocations(client, config);
  const ids = data.map(({ location }) => location).sort();
  const groups = Array.from({ length: Math.ceil(ids.length / LOCATIONS_MAX) }, (_, index) =>
    ids.slice(index * LOCATIONS_MAX, (index + 1) * LOCATIONS_MAX),
  );
  return { startedMs, groups, group: 0, from, at: from, page: null };
}

function ended({ startedMs }: Walk, signals: Signal[]): FeedPage {
  const from = new Date(startedMs - RETOLD_MS).toISOString();
  return {
    signals,
    cursor: JSON.stringify({ from, walk: null }),
    completeTo: new Date(startedMs).toISOString(),
    more: false,
  };
}

async function search(
  client: SquareClient,
  config: SquareConfig,
  locations: string[],
  walk: Walk,
): Promise<{ orders: unknown[]; page: string | null }> {
  const body = {
    location_ids: locations,
    limit: LIMIT,
    return_entries: false,
    ...(walk.page !== null && { cursor: walk.page }),
    query: {
      filter: {
        date_time_filter: { updated_at: { start_at: walk.at } },
        state_filter: { states: ['OPEN', 'COMPLETED', 'CANCELED'] },
      },
      sort: { sort_field: 'UPDATED_AT', sort_order: 'ASC' },
    },
  };
  try {
    const { data } = await ask(
      client,
      config,
      'orderFeed',
      { method: 'POST', path: '/v2/orders/search', body },
      answer,
    );
    return { orders: data.orders ?? [], page: following(data.cursor, walk.page) };
  } catch (error) {
    // A stored page cursor may be too old for Square: the same moment is asked for from its beginning.
    if (walk.page === null || !(error instanceof Failure) || error.code !== 'cursor-refused') throw error;
    return search(client, config, locations, { ...walk, page: null });
  }
}

/** Where to go on: later in time, deeper into one moment, to the next group of locations. */
function step(walk: Walk, orders: unknown[], page: string | null): Walk {
  const last = record(orders.at(-1))?.['updated_at'];
  if (page === null) return { ...walk, group: walk.group + 1, at: walk.from, page: null };
  const later = typeof last === 'string' && Date.parse(last) > Date.parse(walk.at);
  return later ? { ...walk, at: last, page: null } : { ...walk, page };
}

/**
 * Young returns are told with what went back on the shelf by now, again and again for {@link RETOLD_MS}: a page costs one
 * look into the history, and a document that says nothing new costs nothing. Old ones are fetched one by one, as is an order
 * that cannot be read: it is set aside by itself then, and must not hold up the others.
 */
async function tell(client: SquareClient, config: SquareConfig, orders: unknown[], nowMs: number): Promise<Signal[]> {
  const read = orders.map((order) => orderShape.safeParse(order).data);
  const young = read.flatMap((order) => (order && bringsBack(order) && areYoung([order], nowMs) ? [order] : []));
  const together = areYoung(young, nowMs) ? young : [];
  const restocked = await restockedBy(client, config, together);
  return orders.flatMap((raw, index): Signal[] => {
    const order = read[index];
    const id = record(raw)?.['id'];
    if (typeof id !== 'string' || id === '') return [];
    const rev = record(raw)?.['updated_at'];
    const changed: Signal = {
      kind: 'document-changed',
      account: config.account,
      doc: `order:${id}`,
      ...(typeof rev === 'string' && { rev }),
    };
    if (!order || (bringsBack(order) && !together.includes(order))) return [changed];
    try {
      return [{ kind: 'document', doc: docOf(order, config.account, restocked(order)) }];
    } catch {
      return [changed];
    }
  });
}
