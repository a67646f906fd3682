import { type HttpResponse, jsonResponse } from '../../../platform/http.ts';
import { type Routed, Router } from '../../../platform/sandbox-kit/index.ts';
import type { Access } from './access.ts';
import { getListingsItem, searchListingsItems } from './listings.ts';
import type { Notifications } from './notifications.ts';
import { getOrder, getOrderV0, searchOrders } from './orders.ts';
import { getInventorySummaries, getSupplySources } from './places.ts';
import type { SqsQueue } from './sqs.ts';
import { hex, Refusal, type Stand } from './stand.ts';
import type { Submissions } from './submissions.ts';

interface Parts {
  access: Access;
  queue: SqsQueue;
  notifications: Notifications;
  submissions: Submissions;
}

/** Which call leads where, past the token and the operation's own bucket. */
export function routes(stand: Stand, { access, queue, notifications, submissions }: Parts): Router {
  const nowhere = () => new Refusal(403, 'Unauthorized', 'Access to requested resource is denied.').answer();
  const router = new Router({ notFound: nowhere, wrongMethod: nowhere });
  const api =
    (budget: string, work: (routed: Routed) => unknown, grantless = false) =>
    (routed: Routed) =>
      answer(stand, budget, () => {
        access.demand(routed.request, grantless);
        const taken = stand.limiter.take(budget);
        if (!taken.ok) throw new Refusal(429, 'QuotaExceeded', 'You exceeded your quota for the requested resource.');
        return work(routed);
      });
  const item = '/listings/2021-08-01/items/{sellerId}/{sku}';
  const type = '/notifications/v1/subscriptions/{notificationType}';
  return router
    .on('POST', '/auth/o2/token', (routed) => access.grant(routed.request))
    .on('POST', '/', (routed) => queue.handle(routed.request))
    .on(
      'GET',
      '/orders/2026-01-01/orders',
      api('searchOrders', (routed) => searchOrders(stand, routed)),
    )
    .on(
      'GET',
      '/orders/2026-01-01/orders/{orderId}',
      api('getOrder', (routed) => getOrder(stand, routed)),
    )
    .on(
      'GET',
      '/orders/v0/orders/{orderId}',
      api('getOrderV0', (routed) => getOrderV0(stand, routed)),
    )
    .on(
      'GET',
      '/listings/2021-08-01/items/{sellerId}',
      api('searchListingsItems', (routed) => searchListingsItems(stand, routed)),
    )
    .on(
      'GET',
      item,
      api('getListingsItem', (routed) => getListingsItem(stand, routed)),
    )
    .on(
      'PATCH',
      item,
      api('patchListingsItem', (routed) => submissions.patch(routed)),
    )
    .on(
      'GET',
      '/supplySources/2020-07-01/supplySources',
      api('getSupplySources', (routed) => getSupplySources(stand, routed)),
    )
    .on(
      'GET',
      '/fba/inventory/v1/summaries',
      api('getInventorySummaries', (routed) => getInventorySummaries(stand, routed)),
    )
    .on(
      'GET',
      '/notifications/v1/destinations',
      api('getDestinations', () => notifications.getDestinations(), true),
    )
    .on(
      'POST',
      '/notifications/v1/destinations',
      api('createDestination', (routed) => notifications.createDestination(routed), true),
    )
    .on(
      'DELETE',
      '/notifications/v1/destinations/{destinationId}',
      api('deleteDestination', (routed) => notifications.deleteDestination(routed), true),
    )
    .on(
      'GET',
      type,
      api('getSubscription', (routed) => notifications.getSubscription(routed)),
    )
    .on(
      'POST',
      type,
      api('createSubscription', (routed) => notifications.createSubscription(routed)),
    )
    .on(
      'DELETE',
      `${type}/{subscriptionId}`,
      api('deleteSubscriptionById', (routed) => notifications.deleteSubscription(routed), true),
    );
}

/** The rate is printed on good answers and on 400 and 404, never on a 403 or 429. */
function answer(stand: Stand, budget: string, work: () => unknown): HttpResponse {
  const headers = { 'x-amzn-requestid': hex(stand.options.random, 32) };
  const rate = { 'x-amzn-ratelimit-limit': String(stand.limiter.state(budget).perSecond) };
  try {
    return jsonResponse(200, work(), { ...headers, ...rate });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const refused = error.answer();
    const told = [400, 404].includes(error.status) ? rate : {};
    return { ...refused, headers: { ...refused.headers, ...headers, ...told } };
  }
}
