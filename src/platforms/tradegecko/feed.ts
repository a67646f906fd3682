import { z } from 'zod';
import type { FeedPage, Signal } from '../../platform/contract.ts';
import { Failure } from '../../platform/failure.ts';
import { type GeckoClient, id, list } from './api.ts';
import type { GeckoConfig } from './config.ts';
import { complete, readOrders } from './order-read.ts';
import { orderShape } from './order-shape.ts';
import { docOf, type WholeOrder } from './orders.ts';

/** Orders per page: with their lines and shipments they are four or five calls. */
const LIMIT = 50;
/** Each walk begins so long before the last one did: rows are stamped before they can be read. */
const RETOLD_MS = 120_000;

/**
 * Where the walk stands. `at`: rows changed at or after it are asked for; `page` counts on only while one moment holds
 * more rows than a page.
 */
const cursorShape = z.object({
  from: z.string(),
  walk: z.object({ startedMs: z.number(), at: z.string(), page: z.number() }).nullable(),
});

const row = z.object({ id, updated_at: z.string().nullish(), order_id: id.nullish() });

const RESOURCES: Record<string, string> = {
  orders: 'orders',
  fulfillments: 'fulfillments',
  returns: 'fulfillment_returns',
};

/**
 * Rows by change time; each page is told as whole orders. Nothing is skipped while they change: the next page is asked for
 * by time, not by number. Shipments and returns are walked too, because an order need not be stamped when they change.
 */
export async function poll(
  client: GeckoClient,
  config: GeckoConfig,
  feed: string,
  cursor: string | null,
  since: string,
): Promise<FeedPage> {
  const resource = RESOURCES[feed] ?? 'orders';
  const { from, walk } = cursor === null ? { from: since, walk: null } : cursorShape.parse(JSON.parse(cursor));
  const at = walk?.at ?? from;
  const page = walk?.page ?? 1;
  const { rows, last, startedMs } = await list(client, config, 'orderFeed', resource, {
    updated_at_min: at,
    order: 'updated_at ASC',
    limit: String(LIMIT),
    page: String(page),
  });
  const signals = await tell(client, config, resource, rows);
  const began = walk?.startedMs ?? startedMs;
  if (last) {
    const next = { from: new Date(began - RETOLD_MS).toISOString(), walk: null };
    return { signals, cursor: JSON.stringify(next), completeTo: new Date(began).toISOString(), more: false };
  }
  const next = { from, walk: { startedMs: began, ...following(at, page, rows.at(-1)) } };
  return { signals, cursor: JSON.stringify(next), completeTo: null, more: true };
}

/** A millisecond before the last row, whether `updated_at_min` takes its own moment or not; deeper while that leads nowhere. */
function following(at: string, page: number, lastRow: unknown): { at: string; page: number } {
  const lastMs = Date.parse(row.safeParse(lastRow).data?.updated_at ?? '') - 1;
  return lastMs > Date.parse(at) ? { at: new Date(lastMs).toISOString(), page: 1 } : { at, page: page + 1 };
}

async function tell(client: GeckoClient, config: GeckoConfig, resource: string, rows: unknown[]): Promise<Signal[]> {
  const heads = rows.flatMap((one) => row.safeParse(one).data ?? []);
  const ids = [...new Set(heads.flatMap((head) => (resource === 'orders' ? head.id : (head.order_id ?? []))))];
  if (ids.length === 0) return [];
  const whole = await wholeOrders(client, config, resource, rows, ids);
  return ids.map((order): Signal => {
    const found = whole.get(order);
    // What cannot be read is fetched alone: it must not hold up the others.
    const changed: Signal = { kind: 'document-changed', account: config.account, doc: `order:${order}` };
    try {
      return found ? { kind: 'document', doc: docOf(found, config.account) } : changed;
    } catch {
      return changed;
    }
  });
}

async function wholeOrders(
  client: GeckoClient,
  config: GeckoConfig,
  resource: string,
  rows: unknown[],
  ids: string[],
): Promise<Map<string, WholeOrder>> {
  try {
    const orders =
      resource === 'orders'
        ? await complete(
            client,
            config,
            rows.flatMap((one) => orderShape.safeParse(one).data ?? []),
          )
        : await readOrders(client, config, ids);
    return new Map(orders.map((one) => [one.order.id, one]));
  } catch (error) {
    // One illegible line among fifty orders; a failure of the line itself is the client's to say.
    if (error instanceof Failure && error.code !== 'unreadable-answer') throw error;
    return new Map();
  }
}
