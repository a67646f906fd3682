import type { Routed, Router, StockOrder } from '../../../platform/sandbox-kit/index.ts';
import { listed, ok, page, pageOf, Refusal } from './answers.ts';
import type { HookQueue } from './hook-queue.ts';
import { changeStatus, editLines, type GivenLine, type RefundBody, refund } from './order-edit.ts';
import { orderJson, refundJson } from './order-json.ts';
import { newWords, type Shop, touch, wordsOf } from './shop.ts';

/** Orders and their refunds. */
export function orderRoutes(shop: Shop, hooks: HookQueue, router: Router): void {
  const base = '/wp-json/wc/v3/orders';
  const print = (order: StockOrder) => ok(shop, orderJson(shop, order));
  router.on('GET', base, ({ query }) => list(shop, query));
  router.on('POST', base, (routed) => ok(shop, orderJson(shop, create(shop, routed)), 201));
  router.on('GET', `${base}/{id}`, ({ params }) => print(orderOf(shop, params['id']!)));
  for (const method of ['PUT', 'POST', 'PATCH'] as const)
    router.on(method, `${base}/{id}`, (routed) => {
      const order = orderOf(shop, routed.params['id']!, 400);
      const { status, line_items } = routed.json() as { status?: string; line_items?: GivenLine[] };
      if (line_items) editLines(shop, order, line_items);
      if (status !== undefined) changeStatus(shop, order, status);
      return print(order);
    });
  router.on('DELETE', `${base}/{id}`, ({ params, query }) => {
    const order = orderOf(shop, params['id']!);
    const body = orderJson(shop, order);
    if (query.get('force') === 'true') {
      // Nothing is sent, and stock stays where it was: the topic hooks the trash.
      shop.gone.add(order);
      shop.book.changedOrders.remove(order);
    } else bin(shop, hooks, order);
    return ok(shop, body);
  });
  router.on('GET', `${base}/{id}/refunds`, ({ params, query }) => {
    const order = orderOf(shop, params['id']!);
    return listed(
      shop,
      wordsOf(order).refunds.map((_, index) => index),
      query,
      (index) => refundJson(shop, order, index),
    );
  });
  router.on('POST', `${base}/{id}/refunds`, (routed) => {
    const order = orderOf(shop, routed.params['id']!);
    refund(shop, order, routed.json() as RefundBody);
    return ok(shop, refundJson(shop, order, wordsOf(order).refunds.length - 1), 201);
  });
}

function orderOf(shop: Shop, id: string, status = 404): StockOrder {
  const order = /^\d+$/.test(id) ? shop.book.order(String(Number(id))) : undefined;
  if (!order || shop.gone.has(order))
    throw new Refusal(status, 'woocommerce_rest_shop_order_invalid_id', 'Invalid ID.');
  return order;
}

function list(shop: Shop, query: URLSearchParams) {
  const { perPage, offset } = pageOf(query);
  const status = query.get('status') ?? 'any';
  const after = query.get('modified_after');
  const exclude = new Set((query.get('exclude') ?? '').split(',').filter(Boolean));
  const wanted = (order: StockOrder) => {
    const { status: is } = wordsOf(order);
    return !exclude.has(order.id) && (status === 'any' ? is !== 'trash' : is === status);
  };
  const before = query.get('modified_before');
  // Both strictly, in whole seconds.
  const sinceMs = after === null ? undefined : Date.parse(`${after}Z`) + 1_000;
  const untilMs = before === null ? undefined : Date.parse(`${before}Z`);
  const newestFirst = query.get('order') !== 'asc';
  const byId = (query.get('orderby') ?? 'date') !== 'modified';
  const found: StockOrder[] = [];
  const isEnough = () =>
    found.length > offset + perPage && secondOf(found.at(-1)!) !== secondOf(found[offset + perPage - 1]!);
  for (let skip = 0; byId || !isEnough(); skip += 500) {
    const { items } = shop.book.changedOrders.page({ sinceMs, untilMs, offset: skip, limit: 500, newestFirst });
    found.push(...items.filter(wanted));
    if (items.length < 500) break;
  }
  shop.lists += 1;
  const sign = newestFirst ? -1 : 1;
  found.sort((a, b) =>
    byId ? sign * (a.seq - b.seq) : sign * (secondOf(a) - secondOf(b)) || mixed(a, shop.lists) - mixed(b, shop.lists),
  );
  const rows = found.slice(offset, offset + perPage);
  return page(
    shop,
    rows.map((order) => orderJson(shop, order)),
    found.length,
    perPage,
  );
}

const secondOf = (order: StockOrder): number => Math.floor(order.changedAtMs / 1_000);

/** Among orders of one second MySQL keeps no order, and not the same one twice. */
const mixed = (order: StockOrder, turn: number): number => Math.imul(order.seq + turn * 7_919, 0x9e3779b1) >>> 0;

interface NewOrder {
  status?: string;
  set_paid?: boolean;
  line_items?: GivenLine[];
}

/** By API an order is taken whatever stock there is: 8 of 8 on a stock of 1. */
function create(shop: Shop, routed: Routed): StockOrder {
  const body = routed.json() as NewOrder;
  const lines = (body.line_items ?? []).map(({ product_id, variation_id, quantity = 1 }) => {
    const item = shop.book.shelves.itemById(String(variation_id || product_id));
    if (!item) throw new Refusal(400, 'woocommerce_rest_invalid_product_id', 'Product ID provided is invalid.');
    return { item, quantity };
  });
  const status = body.status ?? (body.set_paid ? 'processing' : 'pending');
  const paid = body.set_paid === true || status === 'processing' || status === 'completed';
  const placed = shop.book.place({
    lines,
    location: null,
    sell: { policy: 'below-zero' },
    paid,
    extra: newWords(paid ? 'processing' : 'pending', 'rest-api'),
  });
  if (!placed.ok) throw new Refusal(400, 'woocommerce_rest_cannot_create_order', placed.why);
  if (wordsOf(placed.order).status !== status) changeStatus(shop, placed.order, status);
  return placed.order;
}

/** Into the trash; what was taken off stays taken off. */
export function bin(shop: Shop, hooks: HookQueue, order: StockOrder): void {
  const words = wordsOf(order);
  words.before = words.status;
  words.status = 'trash';
  touch(shop, order);
  hooks.send('order.deleted', order.id, () => ({ id: Number(order.id) }));
}

export function unbin(shop: Shop, hooks: HookQueue, order: StockOrder): void {
  const words = wordsOf(order);
  words.status = words.before ?? 'pending';
  touch(shop, order);
  hooks.send('order.restored', order.id, () => orderJson(shop, order));
}
