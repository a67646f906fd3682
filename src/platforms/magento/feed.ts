import { z } from 'zod';
import type { FeedPage, Signal } from '../../platform/contract.ts';
import type { MagentoConfig } from './config.ts';
import { type FeedRow, LISTS, type List, msOf, placeShape, step } from './feed-walk.ts';
import { docOf, orderShape, revOf } from './order-doc.ts';
import type { MagentoClient } from './request.ts';
import { type Shop, shopKnowing } from './shop.ts';

/**
 * What was told lately is told again: `updated_at` has whole seconds and is the moment of the statement, while the
 * transaction around it (payment included) commits later.
 */
const OVERLAP_MS = 60_000;
const SECOND = 1_000;
/** Shipments and credit memos of the overlap, so that their orders are not fetched in every round. */
const TOLD_MAX = 500;

/**
 * Where the feed stands: a round walks three lists.
 *  - `at`: by list, the newest change time told, by the store's own stamps; never our clock.
 *  - `list`, `place`: within the round. `storeMs`: the store's clock when the orders had been read.
 *  - `upTo`: the completeTo told last; it moves at the end of a round only.
 */
const cursorShape = z.object({
  at: z.object({ orders: z.number(), shipments: z.number(), creditMemos: z.number() }),
  list: z.number().int().min(0).max(2),
  place: placeShape.nullable(),
  storeMs: z.number().nullable(),
  upTo: z.string().nullable(),
  told: z.array(z.string()),
});
type Cursor = z.infer<typeof cursorShape>;

/** Orders by change time. @param since where to start without a cursor */
export async function pollOrders(
  client: MagentoClient,
  config: MagentoConfig,
  cursor: string | null,
  since: string,
): Promise<FeedPage> {
  const at = cursor === null ? startAt(Date.parse(since)) : cursorShape.parse(JSON.parse(cursor));
  const signals: Signal[] = [];
  for (;;) {
    const list = LISTS[at.list]!;
    const place = at.place ?? { fromMs: Math.max(0, at.at[list] - OVERLAP_MS), after: null };
    const page = await step(client, config, list, place);
    signals.push(...(await signalsOf(client, config, list, page.rows, at)));
    at.at[list] = Math.max(at.at[list], page.newestMs);
    at.place = page.next;
    if (page.next !== null) return { signals, cursor: JSON.stringify(at), completeTo: at.upTo, more: true };
    // All orders that existed when the store answered are told, whatever their stamps.
    if (list === 'orders') at.storeMs = page.storeMs;
    // A stamp from the future (a clock that was set back since) must not hide what is stamped now.
    if (page.storeMs !== null) at.at[list] = Math.min(at.at[list], Math.max(place.fromMs, page.storeMs));
    if (at.list === LISTS.length - 1) break;
    at.list += 1;
  }
  const upToMs = (at.storeMs ?? at.at.orders) - SECOND;
  const upTo = new Date(Math.max(at.upTo === null ? 0 : Date.parse(at.upTo), upToMs)).toISOString();
  const next: Cursor = { ...at, list: 0, storeMs: null, upTo, told: at.told.slice(-TOLD_MAX) };
  return { signals, cursor: JSON.stringify(next), completeTo: upTo, more: false };
}

const startAt = (ms: number): Cursor => ({
  at: { orders: ms, shipments: ms, creditMemos: ms },
  list: 0,
  place: null,
  storeMs: null,
  upTo: null,
  told: [],
});

async function signalsOf(
  client: MagentoClient,
  config: MagentoConfig,
  list: List,
  rows: readonly FeedRow[],
  at: Cursor,
): Promise<Signal[]> {
  const { account } = config;
  if (list === 'orders') {
    const orders = rows.map((row) => ({ row, order: orderShape.safeParse(row).data }));
    const stores = orders.map(({ order }) => order?.store_id);
    const shop = await shopKnowing(client, config, stores);
    return orders.map(({ row, order }) => signalOf(row, order, shop, config));
  }
  return rows.flatMap((row): Signal[] => {
    const name = `${list} ${row.entity_id} ${msOf(row)}`;
    if (!row.order_id || at.told.includes(name)) return [];
    at.told.push(name);
    // Without a revision: the order may carry the one it had before.
    const changed: Signal = { kind: 'document-changed', account, doc: `order:${row.order_id}` };
    if (list !== 'creditMemos') return [changed];
    // Whether refunded goods went back on the shelf is seen by what can be sold now, and nowhere else.
    const skus = new Set((row.items ?? []).flatMap(({ sku }) => sku ?? []));
    return [changed, ...[...skus].map((stockKey): Signal => ({ kind: 'dirty', account, stockKey, location: null }))];
  });
}

/** An order that cannot be made sense of here is asked for by itself: then it is shown, and the others go on. */
function signalOf(
  row: FeedRow,
  order: z.infer<typeof orderShape> | undefined,
  shop: Shop,
  config: MagentoConfig,
): Signal {
  const rev = revOf(row);
  const changed: Signal = {
    kind: 'document-changed',
    account: config.account,
    doc: `order:${row.entity_id}`,
    ...(rev && { rev }),
  };
  if (!order) return changed;
  try {
    return { kind: 'document', doc: docOf(order, shop, config) };
  } catch {
    return changed;
  }
}
