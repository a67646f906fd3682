import { z } from 'zod';
import type { MagentoConfig } from './config.ts';
import { ORDER_FIELDS } from './order-doc.ts';
import { apiRequest, criteria, type Filter, type MagentoClient } from './request.ts';
import { answer, id, listOf, stampOf, utc } from './shape.ts';

const SIZE = 100;
const SECOND = 1_000;

/** A partial shipment or a refund need not touch the order's own change time: they are lists of their own. */
export const LISTS = ['orders', 'shipments', 'creditMemos'] as const;
export type List = (typeof LISTS)[number];

const WAYS = {
  orders: { path: '/orders', fields: ORDER_FIELDS },
  shipments: { path: '/shipments', fields: 'entity_id,order_id,updated_at' },
  creditMemos: { path: '/creditmemos', fields: 'entity_id,order_id,updated_at,items[sku]' },
} as const;

/**
 * Where a walk by change time stands. Rows are ordered by time, then id, and each step starts behind the last one seen:
 * first the rest of its second by id, then all later seconds. So no page number is used, which would shift while rows change.
 */
export const placeShape = z.object({
  fromMs: z.number(),
  /** Only this second, behind this id. */
  after: z.string().nullable(),
});
export type Place = z.infer<typeof placeShape>;

const rowShape = z.looseObject({
  entity_id: id,
  order_id: id.nullish(),
  updated_at: z.string().nullish(),
  /** Of a credit memo; the rows of an order are looked at elsewhere. */
  items: z
    .array(z.looseObject({ sku: z.string().nullish() }))
    .nullish()
    .catch(null),
});
export type FeedRow = z.infer<typeof rowShape>;

export interface Step {
  rows: FeedRow[];
  newestMs: number;
  /** null: the walk is at its end. */
  next: Place | null;
  /** The web server's clock, not later than it was when it looked; null where the answer names none. */
  storeMs: number | null;
}

export async function step(client: MagentoClient, config: MagentoConfig, list: List, at: Place): Promise<Step> {
  const time = (condition: Filter['condition']): Filter[] => [
    { field: 'updated_at', condition, value: stampOf(at.fromMs) },
  ];
  const rest: Filter[] = [{ field: 'entity_id', condition: 'gt', value: at.after ?? '0' }];
  const { path, fields } = WAYS[list];
  const search = criteria({
    where: at.after === null ? [time('gteq')] : [time('eq'), rest],
    sort: ['updated_at', 'entity_id'],
    size: SIZE,
    fields: `items[${fields}],total_count`,
  });
  const askedMs = client.now();
  const response = await client.call(list, apiRequest(client, config, 'GET', path, search));
  // The answer is dated when it leaves; what was stored while it was made need not be in it.
  const storeMs = Date.parse(response.headers['date'] ?? '') - (client.now() - askedMs);
  const { items: rows } = answer(response, listOf(rowShape));
  const newestMs = Math.max(at.fromMs, ...rows.map(msOf));
  return { rows, newestMs, next: nextOf(at, rows), storeMs: Number.isNaN(storeMs) ? null : storeMs };
}

function nextOf(at: Place, rows: readonly FeedRow[]): Place | null {
  const last = rows.at(-1);
  if (rows.length >= SIZE && last) return { fromMs: msOf(last) || at.fromMs, after: last.entity_id };
  return at.after === null ? null : { fromMs: at.fromMs + SECOND, after: null };
}

export const msOf = (row: FeedRow): number => Date.parse(utc(row.updated_at) ?? '') || 0;
