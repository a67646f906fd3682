import { quantity } from '../../../domain/quantity.ts';
import { type HttpResponse, jsonResponse } from '../../../platform/http.ts';
import {
  openOf,
  type Routed,
  type StockLine,
  type StockOrder,
  type StockPart,
} from '../../../platform/sandbox-kit/index.ts';
import { iso, problem, type Realm } from './realm.ts';

const LIMIT = 100;
const LIMIT_MAX = 200;

/** Every line is a shipment of its own, so that staff can ship one after the other. */
const shipmentOf = (line: StockLine): string => `sh${line.id}`;

const isShipped = (line: StockLine, order: StockOrder): boolean => line.parts.length > 0 && openOf(line, order) === 0;

function statusOf(order: StockOrder): string {
  if (order.cancelledAtMs !== null) return order.paidAtMs === null ? 'failed' : 'cancelled';
  if (order.paidAtMs === null) return 'created';
  return order.lines.every((line) => isShipped(line, order)) ? 'completed' : 'new';
}

function orderNode(order: StockOrder, site: string): Record<string, unknown> {
  const cancelled = order.cancelledAtMs !== null;
  const shipped = order.lines.filter((line) => !cancelled && isShipped(line, order));
  const shippingStatus =
    shipped.length === 0 ? 'not_shipped' : shipped.length < order.lines.length ? 'part_shipped' : 'shipped';
  return {
    orderNo: order.id,
    siteId: site,
    status: statusOf(order),
    exportStatus: 'not_exported',
    confirmationStatus: 'not_confirmed',
    paymentStatus: order.paidAtMs === null ? 'not_paid' : 'paid',
    shippingStatus,
    channelType: order.location === null ? 'storefront' : 'store',
    creationDate: iso(order.placedAtMs),
    lastModified: iso(order.changedAtMs),
    productItems: order.lines.map((line, index) => ({
      itemId: line.id,
      productId: line.item.sku,
      productName: line.item.title,
      quantity: line.quantity,
      taxRate: 0.05,
      shipmentId: shipmentOf(line),
      inventoryId:
        line.parts.find((part: StockPart) => quantity(part.committed + part.fulfilled) > 0)?.location ??
        line.parts[0]?.location ??
        order.extra?.['list'],
      position: index + 1,
      bonusProductLineItem: false,
    })),
    shipments: order.lines.map((line) => ({
      shipmentId: shipmentOf(line),
      shipmentNo: `5${line.id.slice(2)}`,
      shippingStatus: shipped.includes(line) ? 'shipped' : 'not_shipped',
    })),
  };
}

/** SCAPI Orders of one site. */
export function addOrders(realm: Realm): void {
  const { router, book, organization, site } = realm;
  const base = `/checkout/orders/v1/organizations/${organization}/orders`;
  const strange = (routed: Routed): HttpResponse | undefined =>
    routed.query.get('siteId') === site ? undefined : problem(400, 'invalid-site', 'The site does not exist.');

  router
    .on('GET', base, (routed) => {
      const limit = Number(routed.query.get('limit') ?? LIMIT);
      const offset = Number(routed.query.get('offset') ?? 0);
      if (!Number.isInteger(limit) || limit < 1 || limit > LIMIT_MAX || !Number.isInteger(offset) || offset < 0)
        return problem(400, 'bad-request', `limit must be 1 to ${LIMIT_MAX}.`);
      const since = Date.parse(routed.query.get('lastModifiedDateFrom') ?? iso(0));
      if (Number.isNaN(since)) return problem(400, 'bad-request', 'lastModifiedDateFrom is no date.');
      const { items } = book.changedOrders.page({ sinceMs: since, offset, limit });
      return strange(routed) ?? jsonResponse(200, { data: items.map((order) => orderNode(order, site)) });
    })
    .on('GET', `${base}/{orderNo}`, (routed) => {
      const order = book.order(routed.params['orderNo']!);
      if (!order) return strange(routed) ?? problem(404, 'order-not-found', 'No order with this number was found.');
      return strange(routed) ?? jsonResponse(200, orderNode(order, site));
    });
}
