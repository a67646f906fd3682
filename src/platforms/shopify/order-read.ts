import { z } from 'zod';
import { Failure } from '../../platform/failure.ts';
import type { ShopifyConfig } from './config.ts';
import { ORDER, ORDER_LINES, ORDER_LISTS, ORDER_PLACES, ORDER_RETURNS } from './documents.ts';
import { ask, connection, following, type ShopifyClient } from './graphql.ts';
import { gid } from './ids.ts';
import { FurtherPages, Torn } from './order-pages.ts';
import { type OrderPart, type OrderSnapshot, order, orderLine, orderLists, place, returned } from './order-shape.ts';

/** Shopify's lists of an order's shipments and refunds have no second page: how many the short and the long way show. */
const LIST_SHORT = 25;
const LIST_MAX = 250;
const longest = (lists: { fulfillments: unknown[]; refunds: unknown[] }): number =>
  Math.max(lists.fulfillments.length, lists.refunds.length);

const FAILED_SHIPMENTS: ReadonlySet<string> = new Set(['CANCELLED', 'ERROR', 'FAILURE']);
/**
 * Reads an order whole. Most orders take one call; longer ones several, and then every further answer must still bear the
 * first one's `updatedAt`, else all is read again (three times, then `transient`).
 * @throws Failure `order-too-large` where Shopify has no way to list the rest.
 */
export async function readOrder(
  client: ShopifyClient,
  config: ShopifyConfig,
  id: string,
): Promise<OrderSnapshot | null> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await readOnce(client, config, gid('Order', id));
    } catch (error) {
      if (!(error instanceof Torn)) throw error;
      if (attempt === 3)
        throw new Failure('transient', 'order-moving', `Order ${id} changed each time while it was being read.`);
    }
  }
}

async function readOnce(client: ShopifyClient, config: ShopifyConfig, id: string): Promise<OrderSnapshot | null> {
  const first = await ask(client, config, 'order', ORDER, { id }, z.object({ order: order.nullable() }));
  if (!first.order) return null;
  const { lineItems, fulfillmentOrders, fulfillments: someShipments, refunds: someRefunds, ...head } = first.order;
  const further = new FurtherPages(client, config, id, head.updatedAt);
  let lists = { fulfillments: someShipments, refunds: someRefunds };
  if (longest(lists) >= LIST_SHORT) lists = await further.page('orderLists', ORDER_LISTS, undefined, orderLists);
  if (longest(lists) >= LIST_MAX) throw tooLarge(id);
  const { fulfillments, refunds } = lists;

  const lines = [...lineItems.nodes];
  for (let after = following(lineItems.pageInfo, null); after !== null; ) {
    const next = await further.page('orderLines', ORDER_LINES, after, { lineItems: connection(orderLine) });
    lines.push(...next.lineItems.nodes);
    after = following(next.lineItems.pageInfo, after);
  }
  const places = [...fulfillmentOrders.nodes];
  for (let after = following(fulfillmentOrders.pageInfo, null); after !== null; ) {
    const next = await further.page('orderPlaces', ORDER_PLACES, after, { fulfillmentOrders: connection(place) });
    places.push(...next.fulfillmentOrders.nodes);
    after = following(next.fulfillmentOrders.pageInfo, after);
  }
  const returns = head.returnStatus === 'NO_RETURN' ? [] : await readReturns(further, id);

  const long = places.filter((one) => one.lineItems.pageInfo.hasNextPage);
  const shipments = fulfillments.filter((one) => !FAILED_SHIPMENTS.has(one.status));
  const parts = await further.parts([
    ...shipments.map((one) => ({ id: one.id, after: null })),
    ...refunds.map((one) => ({ id: one.id, after: null })),
    ...returns.flatMap((one) => one.parcels.map((parcel) => ({ id: parcel, after: null }))),
    ...long.map((one) => ({ id: one.id, after: one.lineItems.pageInfo.endCursor })),
  ]);
  const of = (partId: string): OrderPart[] => parts.get(partId) ?? [];
  return {
    order: head,
    lines,
    places: places.map((one) => ({
      status: one.status,
      location: one.assignedLocation.location?.id ?? null,
      lines: [...one.lineItems.nodes, ...of(one.id).flatMap((more) => more.lineItems?.nodes ?? [])],
    })),
    shipments: shipments.map((one) => ({
      status: one.status,
      location: one.location?.id ?? null,
      lines: of(one.id).flatMap((more) => more.fulfillmentLineItems?.nodes ?? []),
    })),
    refunds: refunds.map((one) => ({
      id: one.id,
      lines: of(one.id).flatMap((more) => more.refundLineItems?.nodes ?? []),
    })),
    returns: returns.map((one) => ({
      refunds: one.refunds,
      lines: one.parcels.flatMap((parcel) => of(parcel).flatMap((more) => more.returnLines?.nodes ?? [])),
    })),
  };
}

async function readReturns(further: FurtherPages, id: string): Promise<{ refunds: string[]; parcels: string[] }[]> {
  const found: { refunds: string[]; parcels: string[] }[] = [];
  for (let after: string | null = null; ; ) {
    const { returns } = await further.page('orderReturns', ORDER_RETURNS, after, { returns: connection(returned) });
    for (const one of returns.nodes) {
      if (one.refunds.pageInfo.hasNextPage || one.reverseFulfillmentOrders.pageInfo.hasNextPage) throw tooLarge(id);
      found.push({
        refunds: one.refunds.nodes.map((refund) => refund.id),
        parcels: one.reverseFulfillmentOrders.nodes.map((parcel) => parcel.id),
      });
    }
    after = following(returns.pageInfo, after);
    if (after === null) return found;
  }
}

function tooLarge(id: string): Failure {
  return new Failure(
    'rejected',
    'order-too-large',
    `${id} has more shipments, refunds or returned parcels than Shopify lists. Correct its stock by hand.`,
  );
}
