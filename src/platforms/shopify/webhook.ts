import { z } from 'zod';
import type { Delivery, Signal, Verdict } from '../../platform/contract.ts';
import { bodyText } from '../../platform/http.ts';
import { readJson } from '../../platform/json.ts';
import { refused, verifyHmac } from '../../platform/signature.ts';
import type { ShopifyConfig } from './config.ts';
import { record } from './graphql.ts';
import { decodeOrder, webhookId } from './payload.ts';

const TOPIC = /^[a-z_]+\/[a-z_]+$/;

/**
 * `X-Shopify-Hmac-Sha256` is base64 HMAC-SHA256 of the raw body with the app's client secret. No time is signed, so old
 * deliveries verify for ever; and no header is signed, so topic and shop are only as good as the body that fits them.
 */
export function verify(delivery: Delivery, config: ShopifyConfig): Verdict {
  const { headers, body } = delivery;
  const bad = verifyHmac(headers['x-shopify-hmac-sha256'], {
    algorithm: 'sha256',
    encoding: 'base64',
    secret: config.webhookSecret,
    parts: [body],
    header: 'X-Shopify-Hmac-Sha256',
    secretFrom: 'Dev Dashboard > your app > Settings > Client secret',
  });
  if (bad) return bad;
  const topic = headers['x-shopify-topic']?.trim().toLowerCase();
  if (!topic || !TOPIC.test(topic))
    return refused(
      'malformed',
      'The header X-Shopify-Topic is missing or names no topic: something on the way changed it.',
    );
  const deliveryId = headers['x-shopify-event-id'] ?? headers['x-shopify-webhook-id'];
  return { verdict: 'ok', topic, ...(deliveryId && { deliveryId }) };
}

const SHOP = /^[a-z0-9][a-z0-9-]*\.myshopify\.com$/;

/** Untrusted: the shop as the header says. */
export function accountOf(delivery: Delivery): string | undefined {
  const shop = delivery.headers['x-shopify-shop-domain']?.trim().toLowerCase();
  return shop && SHOP.test(shop) ? shop : undefined;
}

const orderId = z.object({ order_id: webhookId });
const deleted = z.strictObject({ id: webhookId, admin_graphql_api_id: z.string().optional() });
const level = z.object({
  inventory_item_id: webhookId,
  location_id: webhookId,
  available: z.number().int().nullish(),
  updated_at: z.string().nullish(),
});

/**
 * Verified bytes to signals. One app's secret signs for all its shops, so signals name the shop of the header: what belongs to
 * another shop than this channel's goes to that one, or nowhere.
 *
 * Refunds, edits and shipments become "fetch the order". A refund webhook could not be a partial state: it names a line, and
 * what it names replaces that line, but it knows neither where the line's other units were shipped from nor its earlier
 * refunds, and it carries the refund's time instead of the order's `updated_at`, so that nothing could tell whether it is
 * newer. The `orders/updated` that Shopify sends with each refund carries all of that and needs no fetch.
 * @throws Error when the body is not what the topic promises.
 */
export function decode(delivery: Delivery, topic: string, config: ShopifyConfig): Signal[] {
  const account = accountOf(delivery) ?? config.account;
  const body = readJson(bodyText(delivery));
  const changed = (id: string): Signal[] => [{ kind: 'document-changed', account, doc: `order:${id}` }];
  switch (topic) {
    case 'orders/create':
    case 'orders/updated':
    case 'orders/paid':
    case 'orders/cancelled':
    case 'orders/fulfilled':
    case 'orders/partially_fulfilled':
      return [decodeOrder(body, account)];
    case 'orders/edited':
      return changed(z.object({ order_edit: orderId }).parse(body).order_edit.order_id);
    case 'refunds/create':
    case 'fulfillments/create':
    case 'fulfillments/update':
      return changed(orderId.parse(body).order_id);
    case 'returns/close':
    case 'returns/reopen':
      return changed(z.object({ order: z.object({ id: webhookId }) }).parse(body).order.id);
    case 'orders/delete':
      // Strict, because the topic is not signed: a captured order body under this topic must not delete the order.
      return [{ kind: 'document-gone', account, doc: `order:${deleted.parse(body).id}` }];
    case 'inventory_levels/update':
    case 'inventory_levels/connect':
      return [levelSignal(level.parse(body), account, delivery.receivedAt)];
    case 'inventory_levels/disconnect': {
      const { inventory_item_id, location_id } = level.parse(body);
      return [{ kind: 'dirty', account, stockKey: inventory_item_id, location: location_id }];
    }
    case 'inventory_items/update':
      return [{ kind: 'dirty', account, stockKey: z.object({ id: webhookId }).parse(body).id, location: null }];
    case 'products/create':
    case 'products/update': {
      const { variants } = z.object({ variants: z.array(z.object({ id: webhookId })) }).parse(body);
      return variants.map(({ id }) => ({ kind: 'listing-changed', account, listing: id }));
    }
    case 'app/uninstalled':
      return [uninstalled(body, account)];
    default:
      // Other topics (a shop's own, the compulsory privacy ones) say nothing about stock.
      return [];
  }
}

function levelSignal(body: z.infer<typeof level>, account: string, receivedAt: string): Signal {
  const { inventory_item_id: stockKey, location_id: location, available, updated_at: changedAt } = body;
  // null: the item is not counted (any more), or was just connected: read it.
  if (available === null || available === undefined) return { kind: 'dirty', account, stockKey, location };
  return {
    kind: 'level',
    account,
    level: { stockKey, location, available, tracked: true, readAt: receivedAt, ...(changedAt && { changedAt }) },
  };
}

/** The body is the shop's own record: anything else under this topic did not come from Shopify that way. */
function uninstalled(body: unknown, account: string): Signal {
  const shop = record(body)?.['myshopify_domain'];
  if (typeof shop !== 'string' || shop.toLowerCase() !== account)
    throw new Error(`app/uninstalled does not name ${account}, but ${JSON.stringify(shop)}`);
  return {
    kind: 'access-lost',
    account,
    why: 'The app was uninstalled from the shop. Install it again and connect the channel anew.',
  };
}
