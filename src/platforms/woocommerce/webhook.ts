import { z } from 'zod';
import type { Delivery, Signal, Verdict } from '../../platform/contract.ts';
import { bodyText } from '../../platform/http.ts';
import { readJson } from '../../platform/json.ts';
import { refused, verifyHmac } from '../../platform/signature.ts';
import type { WooConfig } from './config.ts';
import { docOf, needsRefunds, orderShape, revOf } from './order-doc.ts';
import { stockKeyOf } from './product.ts';
import { id } from './shape.ts';

/** `order.updated`, `action.woocommerce_order_status_completed`. */
const TOPIC = /^[a-z]+\.[\w-]{1,100}$/;

/**
 * Is this from the shop? The signature is over the raw body alone: topic and resource are headers that nobody signed, so
 * {@link decode} lets a body say only what it can say under any topic. Total.
 */
export function verify(delivery: Delivery, config: WooConfig): Verdict {
  const { headers, body } = delivery;
  if (isPing(delivery)) return { verdict: 'handshake', reply: { status: 200 } };
  const bad = verifyHmac(headers['x-wc-webhook-signature'], {
    algorithm: 'sha256',
    encoding: 'base64',
    secret: config.webhookSecret,
    parts: [body],
    header: 'X-WC-Webhook-Signature',
    secretFrom: 'WooCommerce > Settings > Advanced > Webhooks',
  });
  if (bad) return bad;
  const topic = headers['x-wc-webhook-topic']?.trim().toLowerCase();
  if (!topic || !TOPIC.test(topic))
    return refused(
      'malformed',
      'The header X-WC-Webhook-Topic is missing or names no topic: a proxy may have removed it.',
    );
  const deliveryId = headers['x-wc-webhook-delivery-id'];
  return { verdict: 'ok', topic, ...(deliveryId && { deliveryId }) };
}

/** Sent when a webhook is made or moved: a form with its number, unsigned. It says nothing, so anybody may say it. */
function isPing({ headers, body }: Delivery): boolean {
  if (headers['x-wc-webhook-signature'] !== undefined || body.length > 40) return false;
  return /^webhook_id=\d{1,20}$/.test(Buffer.from(body).toString('latin1'));
}

const thin = z.object({ id });
/** Strict, because the topic is not signed: a captured order body under the topic order.deleted must not delete anything. */
const deleted = z.strictObject({ id });
/**
 * The body is asked of the REST API when it is sent: what was deleted for good in between gives that API's refusal, signed and
 * without a number. Which one it was, the feed or the plugin tells.
 */
const refusal = z.strictObject({
  code: z.string(),
  message: z.string(),
  data: z.looseObject({ status: z.number().int().min(400) }),
});
const action = z.object({ action: z.string(), arg: z.unknown() });
const product = z.object({ id, parent_id: id.nullish(), type: z.string().nullish(), manage_stock: z.unknown() });

/**
 * Verified bytes to signals. WooCommerce builds the body when it sends, not when the event happened, so created, updated and
 * restored carry the same: the order as it was then.
 * @throws Error when the body is not what the topic promises.
 */
export function decode(delivery: Delivery, topic: string, config: WooConfig): Signal[] {
  const { account } = config;
  const [resource, event] = topic.split('.', 2);
  if (resource === 'action') return decodeAction(delivery, account);
  // Customers, coupons and what plugins add say nothing about stock.
  if (resource !== 'order' && resource !== 'product') return [];
  const body = readJson(bodyText(delivery));
  if (refusal.safeParse(body).success) return [];
  if (resource === 'order') {
    if (event === 'deleted') return [{ kind: 'document-gone', account, doc: `order:${deleted.parse(body).id}` }];
    return [decodeOrder(body, config)];
  }
  if (event === 'deleted') return [{ kind: 'listing-changed', account, listing: deleted.parse(body).id }];
  return decodeProduct(body, event ?? '', account);
}

function decodeOrder(body: unknown, config: WooConfig): Signal {
  const { account } = config;
  const parsed = orderShape.safeParse(body);
  // An order of a plugin that leaves members out is still an order that changed.
  if (!parsed.success) return { kind: 'document-changed', account, doc: `order:${thin.parse(body).id}` };
  const order = parsed.data;
  const rev = revOf(order);
  if (needsRefunds(order)) return { kind: 'document-changed', account, doc: `order:${order.id}`, ...(rev && { rev }) };
  return { kind: 'document', doc: docOf(order, [], config) };
}

/** The number may be hours old when it comes, and orders change it without a new date: so it is read, not believed. */
function decodeProduct(body: unknown, event: string, account: string): Signal[] {
  const parsed = product.parse(body);
  const stockKey = stockKeyOf(parsed);
  const dirty: Signal = { kind: 'dirty', account, stockKey, location: null };
  return event === 'updated' ? [dirty] : [{ kind: 'listing-changed', account, listing: parsed.id }, dirty];
}

/** Our extension's events, and any `action.<hook>` whose argument is an order's number. */
function decodeAction(delivery: Delivery, account: string): Signal[] {
  const { action: name, arg } = action.parse(readJson(bodyText(delivery)));
  const order = id.safeParse(arg);
  if (!/order/.test(name) || !order.success) return [];
  return [{ kind: 'document-changed', account, doc: `order:${order.data}` }];
}
