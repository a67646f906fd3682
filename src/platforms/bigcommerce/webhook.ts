import { z } from 'zod';
import type { Delivery, Signal, Verdict } from '../../platform/contract.ts';
import { bodyText } from '../../platform/http.ts';
import { readJson } from '../../platform/json.ts';
import { type HmacRule, refused, sameSignature, verifyHmac } from '../../platform/signature.ts';
import { id } from './api.ts';
import type { BigConfig } from './config.ts';

/** The header that carries {@link BigConfig.hookKey}. */
export const KEY_HEADER = 'x-onhand-key';
/** As the reference implementation of Standard Webhooks has it. */
const AHEAD_MS = 5 * 60_000;
/**
 * Whether a repeated delivery is signed with its own time or with the first one's is not documented, and the last one comes
 * after two days. Refusing those would switch the hook off; heard again they do no harm, because each only makes us look.
 */
const BEHIND_MS = 3 * 86_400_000;
const SCOPE = /^store\/[a-z*]+(\/[\w*]+){0,6}$/i;

const topicShape = z.object({ scope: z.string().regex(SCOPE) });

/**
 * Standard Webhooks: the signature is over id, time and the raw body, under the client secret as it is printed. Several
 * signatures may stand there, separated by spaces. Total.
 */
export function verify(delivery: Delivery, config: BigConfig, now: number): Verdict {
  const bad =
    delivery.headers['webhook-signature'] === undefined ? unsigned(delivery, config) : signed(delivery, config, now);
  if (bad) return bad;
  const topic = scopeOf(delivery);
  if (topic === undefined) return refused('malformed', 'The body names no scope: this is no event of BigCommerce.');
  const deliveryId = delivery.headers['webhook-id'];
  return { verdict: 'ok', topic, ...(deliveryId && { deliveryId }) };
}

function signed({ headers, body }: Delivery, config: BigConfig, now: number) {
  const [messageId = '', second = ''] = [headers['webhook-id'], headers['webhook-timestamp']];
  const given = (headers['webhook-signature'] ?? '').slice(0, 4_000).split(' ');
  const rule = {
    algorithm: 'sha256',
    encoding: 'base64',
    secret: config.webhookSecret,
    parts: [`${messageId}.${second}.`, body],
    header: 'webhook-signature',
    secretFrom: 'the API account (Settings > Store-level API accounts): the client secret',
  } satisfies HmacRule;
  const texts = given.flatMap((one) => (one.startsWith('v1,') ? [one.slice(3)] : []));
  // Every one is looked at, so that the time taken says nothing.
  const bad = (texts.length > 0 ? texts : ['']).map((text) => verifyHmac(text, rule));
  if (!bad.includes(undefined)) return bad[0];
  const sentMs = /^\d{1,12}$/.test(second) ? Number(second) * 1000 : Number.NaN;
  if (sentMs <= now + AHEAD_MS && sentMs >= now - BEHIND_MS) return undefined;
  return refused(
    'stale',
    'The delivery was signed more than three days ago, or in the future: check the clock of this machine.',
  );
}

/** Hooks of old accounts may come unsigned: then our own header has to be there, if a person set one. */
function unsigned({ headers }: Delivery, config: BigConfig) {
  if (config.hookKey && sameSignature(headers[KEY_HEADER], config.hookKey)) return undefined;
  if (!config.webhookSecret)
    return refused('no-secret', 'No client secret is set. Copy it from the API account into this channel’s settings.');
  return refused('no-signature', 'The header webhook-signature is missing: this did not come from BigCommerce itself.');
}

function scopeOf(delivery: Delivery): string | undefined {
  try {
    return topicShape.parse(readJson(bodyText(delivery))).scope;
  } catch {
    return undefined;
  }
}

const order = z.object({ id });
const stock = z.object({
  type: z.string().nullish(),
  id: id.nullish(),
  inventory: z.object({ product_id: id.nullish(), variant_id: id.nullish() }).nullish(),
  variant_id: id.nullish(),
  product_id: id.nullish(),
  location_id: id.nullish(),
});
const event = z.object({ producer: z.string().nullish(), data: z.unknown() });

/**
 * Verified bytes to signals. Everything is thin: ids alone. Our own writes come back here as well, so a number is read and
 * never believed.
 * @throws Error when the body is not what the scope promises, or is another store's.
 */
export function decode(delivery: Delivery, topic: string, config: BigConfig): Signal[] {
  const { account } = config;
  const { producer, data } = event.parse(readJson(bodyText(delivery)));
  const store = /^stores\/(.+)$/.exec(producer ?? '')?.[1];
  if (store !== undefined && store.toLowerCase() !== account)
    throw new Error(`The event is of store ${store}, and this channel is ${account}.`);
  if (/^store\/order(\/|$)/.test(topic))
    return [{ kind: 'document-changed', account, doc: `order:${order.parse(data).id}` }];
  if (/^store\/(sku|product)\/inventory(\/|$)|\/inventory\/product\//.test(topic)) {
    const row = stock.parse(data);
    const variantId = row.inventory?.variant_id ?? row.variant_id;
    const productId = row.inventory?.product_id ?? row.product_id ?? (row.type === 'product' ? row.id : null);
    const location = row.location_id ?? null;
    const keys = [variantId, productId && `product/${productId}`].filter((key): key is string => Boolean(key));
    // Which of the two counts depends on the product's tracking; the other one is no cell of ours.
    return keys.map((stockKey) => ({ kind: 'dirty', account, stockKey, location }));
  }
  if (/^store\/(product|sku)\/(created|deleted)$/.test(topic))
    return [{ kind: 'listing-changed', account, listing: order.parse(data).id }];
  return [];
}
