import { z } from 'zod';
import type { FeedPage, Signal } from '../../platform/contract.ts';
import type { ShopifyConfig } from './config.ts';
import { ORDER_FEED } from './documents.ts';
import { facts } from './facts.ts';
import { askDated, connection, following, type ShopifyClient } from './graphql.ts';
import { plainId } from './ids.ts';

/**
 * Where the feed stands.
 *  - `from`: orders changed at or after this moment are asked for.
 *  - `after`: Shopify's page cursor, only while one moment holds more orders than a page.
 *  - `told`: order id → `updatedAt` that was told already, for the part of the window that is read again.
 */
const cursorShape = z.object({
  from: z.string(),
  after: z.string().nullable(),
  told: z.record(z.string(), z.string()),
});

const answerShape = z.object({ orders: connection(z.object({ id: z.string(), updatedAt: z.string() })) });

/**
 * `updated_at` has whole seconds: an order told within this time of its change may change again in the same second, and is
 * told again by the next poll. The rest of the time is for Shopify's clock and ours disagreeing about "now".
 */
const SETTLED_MS = 10_000;

/**
 * Orders by change time, as "fetch it" signals: a page of whole orders would cost far more points than it may, and an online
 * order must be fetched anyway to learn its place.
 *
 * Nothing is skipped while orders change under the walk: the next page is asked for by time ("changed since the last one on
 * this page"), not by counting on, and the window of `lagMs` before the last poll is read again each time, because Shopify's
 * order search runs behind its orders. Orders of that window whose change was told already are not told again.
 */
export async function pollOrders(
  client: ShopifyClient,
  config: ShopifyConfig,
  cursor: string | null,
  since: string,
): Promise<FeedPage> {
  const at = cursor === null ? { from: seconds(Date.parse(since)), after: null, told: {} } : readCursor(cursor);
  const variables = { query: `updated_at:>='${at.from}'`, after: at.after };
  const { data, startedMs } = await askDated(client, config, 'orderFeed', ORDER_FEED, variables, answerShape);
  const { orders } = data;

  const told: Record<string, string> = { ...at.told };
  const signals: Signal[] = [];
  for (const { id, updatedAt } of orders.nodes) {
    const doc = plainId(id);
    if (told[doc] === updatedAt) continue;
    signals.push({ kind: 'document-changed', account: config.account, doc: `order:${doc}`, rev: updatedAt });
    if (Date.parse(updatedAt) < startedMs - SETTLED_MS) told[doc] = updatedAt;
  }

  const last = orders.nodes.at(-1)?.updatedAt;
  const after = following(orders.pageInfo, at.after);
  if (after !== null && last !== undefined) {
    const next = seconds(Date.parse(last));
    // A page that ends in the second it began in can only be left by Shopify's own cursor.
    const moved = next > at.from;
    return {
      signals,
      cursor: JSON.stringify({ from: moved ? next : at.from, after: moved ? null : after, told }),
      completeTo: moved ? seconds(Date.parse(last) - 1_000) : null,
      more: true,
    };
  }
  const from = seconds(startedMs - facts.feeds['orders']!.lagMs - SETTLED_MS);
  return {
    signals,
    cursor: JSON.stringify({ from, after: null, told: stillNeeded(told, from) }),
    completeTo: new Date(startedMs).toISOString(),
    more: false,
  };
}

function readCursor(cursor: string): z.infer<typeof cursorShape> {
  return cursorShape.parse(JSON.parse(cursor));
}

function stillNeeded(told: Record<string, string>, from: string): Record<string, string> {
  return Object.fromEntries(Object.entries(told).filter(([, updatedAt]) => Date.parse(updatedAt) >= Date.parse(from)));
}

/** Shopify's own spelling: whole seconds, UTC. */
const seconds = (ms: number): string => `${new Date(Math.floor(ms / 1000) * 1000).toISOString().slice(0, 19)}Z`;
