import type { HttpResponse } from '../../../platform/http.ts';
import { type Routed, Router, type StockItem } from '../../../platform/sandbox-kit/index.ts';
import type { Access } from './access.ts';
import { adjust } from './adjusting.ts';
import { failed, good, listed, notFound } from './answers.ts';
import { type Organization, stamp } from './organization.ts';
import {
  adjustmentRow,
  itemDetails,
  itemRow,
  modifiedMs,
  orderRow,
  orderSummary,
  packageRow,
  returnRow,
  returnsOf,
} from './rows.ts';

const BASE = '/inventory/v1';

/** The part of Zoho Inventory's API v1 that Onhand speaks to. */
export function routes(organization: Organization, access: Access): Router {
  const { book, options } = organization;
  const router = new Router({
    notFound: () => failed(404, 5, 'Invalid URL Passed'),
    wrongMethod: () => failed(405, 5, 'Invalid HTTP method'),
  }).on('POST', '/oauth/v2/token', ({ request }) => access.token(request));
  const on = (method: 'GET' | 'POST', path: string, answer: (routed: Routed) => HttpResponse) =>
    router.on(method, `${BASE}${path}`, (routed) => {
      const refusal = access.refuse(routed.request, path.split('/')[1]!);
      const response = refusal ?? answer(routed);
      return { ...response, headers: { ...response.headers, date: new Date(options.clock.now()).toUTCString() } };
    });

  on('GET', '/organizations', () =>
    good({ organizations: [{ organization_id: organization.id, name: organization.name, plan_name: 'ENTERPRISE' }] }),
  );
  on('GET', '/locations', () =>
    good({
      locations: options.locations.map(({ id, name }, index) => ({
        location_id: id,
        location_name: name,
        type: 'general',
        is_primary: index === 0,
        status: 'active',
      })),
    }),
  );
  on('GET', '/items', ({ query }) => {
    const rows = itemsAsked(organization, query);
    return listed(
      'items',
      rows.map((item) => itemRow(organization, item)),
      query,
    );
  });
  on('GET', '/itemdetails', ({ query }) => {
    const ids = (query.get('item_ids') ?? '').split(',').filter(Boolean);
    const found = ids.flatMap((id) => book.shelves.itemById(id) ?? []);
    return good({ items: found.map((item) => itemDetails(organization, item)) });
  });
  // Newest change first, whatever else was asked for.
  on('GET', '/salesorders', ({ query }) => {
    const { perPage, offset } = pageOf(query);
    const { items, total } = book.changedOrders.page({ offset, limit: perPage, newestFirst: true });
    const page_context = { page: offset / perPage + 1, per_page: perPage, has_more_page: total > offset + perPage };
    return good({ salesorders: items.map(orderSummary), page_context });
  });
  on('GET', '/salesorders/{id}', ({ params }) => {
    const order = book.order(params['id']!);
    return order ? good({ salesorder: orderRow(organization, order) }) : notFound('Sales Order');
  });
  on('GET', '/packages', ({ query }) => {
    const all = book.orders.flatMap((order) => order.fulfilments.map((one) => ({ order, one })));
    all.sort((a, b) => b.one.atMs - a.one.atMs);
    return listed(
      'packages',
      all.map(({ order, one }) => packageRow(organization, order, one)),
      query,
    );
  });
  const returns = () => book.orders.flatMap((order) => returnsOf(order).map((refund) => ({ order, refund })));
  on('GET', '/salesreturns', ({ query }) =>
    listed(
      'salesreturns',
      returns().map(({ order, refund }) => returnRow(organization, order, refund, false)),
      query,
    ),
  );
  on('GET', '/salesreturns/{id}', ({ params }) => {
    const found = returns().find(({ refund }) => organization.idOf(refund) === params['id']);
    if (!found) return notFound('Sales Return');
    return good({ salesreturn: returnRow(organization, found.order, found.refund, true) });
  });
  on('GET', '/inventoryadjustments', ({ query }) =>
    listed('inventory_adjustments', organization.adjustments.map(adjustmentRow), query),
  );
  on('POST', '/inventoryadjustments', (routed) => {
    let body: unknown;
    try {
      body = routed.json();
    } catch {
      return failed(400, 4, 'Invalid JSON');
    }
    return adjust(organization, (body ?? {}) as Parameters<typeof adjust>[1]);
  });
  return router;
}

function pageOf(query: URLSearchParams): { perPage: number; offset: number } {
  const perPage = Math.min(200, Number(query.get('per_page') ?? 200) || 200);
  return { perPage, offset: (Math.max(1, Number(query.get('page') ?? 1) || 1) - 1) * perPage };
}

function itemsAsked({ book }: Organization, query: URLSearchParams): StockItem[] {
  const since = query.get('last_modified_time');
  const wanted = since ? Date.parse(since) : Number.NaN;
  if (since && Number.isNaN(wanted)) return [];
  const found = since
    ? book.shelves.items.filter((item) => Date.parse(stamp(modifiedMs(item)).replace('+0000', 'Z')) >= wanted)
    : [...book.shelves.items];
  if (query.get('sort_column') === 'last_modified_time') found.sort((a, b) => modifiedMs(b) - modifiedMs(a));
  return found;
}
