import type { Router, StockOrder } from '../../../platform/sandbox-kit/index.ts';
import { answer, pageOf, Refusal } from './answers.ts';
import { lineJson, orderJson } from './order-json.ts';
import { type Store, wordsOf } from './store.ts';

const SECOND = 1_000;
const LIMIT_MAX = 250;

/** Orders V2: bare lists, and 204 instead of an empty one. */
export function orderRoutes(store: Store, router: Router): void {
  const base = `/stores/${store.hash}/v2/orders`;
  const find = (id: string): StockOrder => {
    const order = store.book.order(id);
    if (!order) throw new Refusal(404, 'The requested resource was not found.');
    return order;
  };
  const isWhole = (query: URLSearchParams) =>
    query.get('consignment_structure') === 'object' &&
    (query.get('include')?.split(',').includes('consignments.line_items') ?? false);
  router.on('GET', base, ({ query }) => {
    const rows = ordersOf(store, query);
    if (rows.length === 0) return { ...answer(store, ''), status: 204, body: new Uint8Array() };
    return answer(
      store,
      rows.map((order) => orderJson(store, order, isWhole(query))),
    );
  });
  router.on('GET', `${base}/{id}`, ({ params, query }) =>
    answer(store, orderJson(store, find(params['id']!), isWhole(query))),
  );
  router.on('GET', `${base}/{id}/products`, ({ params }) => {
    const order = find(params['id']!);
    return answer(
      store,
      order.lines.map((line) => lineJson(store, order, line)),
    );
  });
}

/** Stamps have whole seconds; both ends of a window are in it. */
function ordersOf(store: Store, query: URLSearchParams): StockOrder[] {
  const { limit, page } = pageOf(query, LIMIT_MAX);
  const time = (name: string) => {
    const text = query.get(name);
    if (text === null) return undefined;
    const ms = Date.parse(text);
    if (Number.isNaN(ms)) throw new Refusal(400, `The field '${name}' is invalid.`);
    return Math.floor(ms / SECOND) * SECOND;
  };
  const sinceMs = time('min_date_modified');
  const untilMs = time('max_date_modified');
  const window = {
    ...(sinceMs !== undefined && { sinceMs }),
    ...(untilMs !== undefined && { untilMs: untilMs + SECOND }),
  };
  const [by = 'id', way = 'asc'] = (query.get('sort') ?? 'id:asc').split(':');
  const ids = [BigInt(query.get('min_id') ?? 0), BigInt(query.get('max_id') ?? 10n ** 18n)] as const;
  const offset = (page - 1) * limit;
  if (by === 'date_modified' && !query.has('min_id') && !query.has('max_id')) {
    // Archived ones are rare enough to be looked for one by one.
    const { items } = store.book.changedOrders.page({ ...window, offset, limit, newestFirst: way === 'desc' });
    return items.filter((order) => !wordsOf(order).archived);
  }
  const { items } = store.book.changedOrders.page({ ...window, limit: 1_000_000 });
  const rows = items
    .filter((order) => !wordsOf(order).archived && BigInt(order.id) >= ids[0] && BigInt(order.id) <= ids[1])
    .sort((a, b) => (way === 'asc' ? a.seq - b.seq : b.seq - a.seq));
  return rows.slice(offset, offset + limit);
}
