import { z } from 'zod';
import { readQuantity } from '../../domain/quantity.ts';
import type { Delivery, Signal, Verdict } from '../../platform/contract.ts';
import { bodyText } from '../../platform/http.ts';
import { readJson } from '../../platform/json.ts';
import { refused, verifyHmac } from '../../platform/signature.ts';
import { record } from './api.ts';
import type { SquareConfig } from './config.ts';

export const SIGNATURE_HEADER = 'x-square-hmacsha256-signature';

/** What we listen to; one subscription carries them all, for every seller of the application. */
export const EVENT_TYPES = [
  'payment.created',
  'payment.updated',
  'order.created',
  'order.updated',
  'order.fulfillment.updated',
  'refund.created',
  'refund.updated',
  'inventory.count.updated',
  'catalog.version.updated',
  'oauth.authorization.revoked',
] as const;

/** A topic for authentic bodies that name no event: kept, and shown as undecodable. */
const UNNAMED = 'unnamed';

/**
 * base64 HMAC-SHA256 over the notification URL as it was registered, then the raw body, with the subscription's signature
 * key. The address is taken from the settings, never from the request: a proxy in front of us sees another one. No time
 * is signed.
 */
export function verify(delivery: Delivery, config: SquareConfig): Verdict {
  const { headers, body } = delivery;
  const bad = verifyHmac(headers[SIGNATURE_HEADER], {
    algorithm: 'sha256',
    encoding: 'base64',
    secret: config.webhookSecret,
    parts: [config.notificationUrl ?? '', body],
    header: SIGNATURE_HEADER,
    secretFrom: 'Developer Console > your application > Webhooks > Subscriptions > Signature key',
  });
  if (!config.notificationUrl && bad?.why !== 'no-secret')
    return refused(
      'no-secret',
      'No notification URL is set, and Square signs it. Copy it from Developer Console > Webhooks > Subscriptions, letter for letter.',
    );
  if (bad) return bad;
  const event = eventOf(delivery);
  const topic = event?.['type'];
  const deliveryId = event?.['event_id'];
  return {
    verdict: 'ok',
    topic: typeof topic === 'string' && topic !== '' ? topic : UNNAMED,
    ...(typeof deliveryId === 'string' && { deliveryId }),
  };
}

/** Untrusted: the seller as the body says. One address serves every seller of an application. */
export function accountOf(delivery: Delivery): string | undefined {
  const account = eventOf(delivery)?.['merchant_id'];
  return typeof account === 'string' && account !== '' ? account : undefined;
}

function eventOf(delivery: Delivery): Record<string, unknown> | undefined {
  try {
    return record(readJson(bodyText(delivery)));
  } catch {
    return undefined;
  }
}

const id = z.string().min(1);
const envelope = z.object({ merchant_id: id, data: z.object({ object: z.record(z.string(), z.unknown()) }) });
const payment = z.object({ order_id: id.nullish(), status: z.string().nullish() });
const refund = z.object({ order_id: id.nullish() });
const orderChange = z.object({ order_id: id });
const count = z.object({
  catalog_object_id: id,
  catalog_object_type: z.string().nullish(),
  location_id: id,
  state: z.string(),
  quantity: z.string(),
  calculated_at: z.string().nullish(),
});

/** A payment in these states has moved no goods yet, or never will. */
const UNPAID = ['APPROVED', 'PENDING', 'FAILED'];

/**
 * Verified bytes to signals; each names the seller of the body, for the application's subscription carries them all.
 * Payments, refunds and orders are thin: none of them has lines.
 * @throws Error when the body is not what the topic promises.
 */
export function decode(delivery: Delivery, topic: string): Signal[] {
  if (topic === UNNAMED) throw new Error('the event names no type');
  if (!EVENT_TYPES.includes(topic as (typeof EVENT_TYPES)[number])) return [];
  const { merchant_id: account, data } = envelope.parse(readJson(bodyText(delivery)));
  const { object } = data;
  const changed = (order: string | null | undefined): Signal[] =>
    order ? [{ kind: 'document-changed', account, doc: `order:${order}` }] : [];
  switch (topic) {
    case 'payment.created':
    case 'payment.updated': {
      const { order_id, status } = payment.parse(object['payment']);
      return status && UNPAID.includes(status) ? [] : changed(order_id);
    }
    case 'refund.created':
    case 'refund.updated':
      // The order of a refund is the return, an order of its own; the sale it returns does not change by it.
      return changed(refund.parse(object['refund']).order_id);
    case 'order.created':
      return changed(orderChange.parse(object['order_created']).order_id);
    case 'order.updated':
      return changed(orderChange.parse(object['order_updated']).order_id);
    case 'order.fulfillment.updated':
      return changed(orderChange.parse(object['order_fulfillment_updated']).order_id);
    case 'inventory.count.updated':
      return levels(z.array(count).parse(object['inventory_counts']), account, delivery.receivedAt);
    case 'catalog.version.updated':
      // Square does not say which objects changed.
      return [{ kind: 'listing-changed', account, listing: '*' }];
    default:
      return [
        {
          kind: 'access-lost',
          account,
          why: 'The seller took the access away in Square. Ask them to authorize the application again.',
        },
      ];
  }
}

/** One event may carry a count for each state; only IN_STOCK can be sold. */
function levels(counts: z.infer<typeof count>[], account: string, readAt: string): Signal[] {
  return counts
    .filter(
      ({ state, catalog_object_type: type }) => state === 'IN_STOCK' && (type ?? 'ITEM_VARIATION') === 'ITEM_VARIATION',
    )
    .map(({ catalog_object_id, location_id, quantity, calculated_at }) => ({
      kind: 'level',
      account,
      level: {
        stockKey: catalog_object_id,
        location: location_id,
        available: readQuantity(quantity),
        tracked: true,
        readAt,
        ...(calculated_at && { changedAt: calculated_at }),
      },
    }));
}
