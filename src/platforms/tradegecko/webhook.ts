import { z } from 'zod';
import type { Delivery, Signal, Verdict } from '../../platform/contract.ts';
import { bodyText } from '../../platform/http.ts';
import { readJson } from '../../platform/json.ts';
import { verifyHmac } from '../../platform/signature.ts';
import { id, record } from './api.ts';
import type { GeckoConfig } from './config.ts';

export const SIGNATURE_HEADER = 'x-gecko-signature';
export const DELIVERY_HEADER = 'x-gecko-delivery';

/**
 * What we listen to. Fulfilments and returns have events too, but those name only themselves: which order they belong to
 * is asked for by the feeds of that name.
 */
export const EVENTS = [
  'order.create',
  'order.finalized',
  'order.fulfilled',
  'variant.create',
  'variant.stock_level_update',
] as const;

/** A topic for authentic bodies that name no event: kept, and shown as undecodable. */
const UNNAMED = 'unnamed';

/** base64 HMAC-SHA256 of the raw body with the secret of the application. No time is signed. */
export function verify(delivery: Delivery, config: GeckoConfig): Verdict {
  const bad = verifyHmac(delivery.headers[SIGNATURE_HEADER], {
    algorithm: 'sha256',
    encoding: 'base64',
    secret: config.webhookSecret,
    parts: [delivery.body],
    header: 'X-Gecko-Signature',
    secretFrom: 'Apps & Integrations > your application > Secret',
  });
  if (bad) return bad;
  const deliveryId = delivery.headers[DELIVERY_HEADER];
  return { verdict: 'ok', topic: topicOf(delivery), ...(deliveryId && { deliveryId }) };
}

/** Documentation spells one event in the plural (`fulfillments.create`): both are taken. */
function topicOf(delivery: Delivery): string {
  let event: unknown;
  try {
    event = record(readJson(bodyText(delivery)))?.['event'];
  } catch {
    event = undefined;
  }
  return typeof event === 'string' && event !== '' ? event.replace(/s(?=\.)/, '') : UNNAMED;
}

const body = z.object({ object_id: id });

/**
 * Every event is thin: a kind and a number.
 * @throws Error when the body is not what the topic promises.
 */
export function decode(delivery: Delivery, topic: string, { account }: GeckoConfig): Signal[] {
  if (topic === UNNAMED) throw new Error('the event names no kind');
  if (!EVENTS.includes(topic as (typeof EVENTS)[number])) return [];
  const { object_id: object } = body.parse(readJson(bodyText(delivery)));
  switch (topic) {
    case 'variant.create':
      return [{ kind: 'listing-changed', account, listing: object }];
    case 'variant.stock_level_update':
      return [{ kind: 'dirty', account, stockKey: object, location: null }];
    default:
      return [{ kind: 'document-changed', account, doc: `order:${object}` }];
  }
}
