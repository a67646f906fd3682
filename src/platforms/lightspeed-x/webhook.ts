import { z } from 'zod';
import type { Delivery, Signal, Verdict } from '../../platform/contract.ts';
import { bodyText } from '../../platform/http.ts';
import { readJson } from '../../platform/json.ts';
import { refused, sameSignature, verifyHmac } from '../../platform/signature.ts';
import type { LightspeedXConfig } from './config.ts';
import { saleOfHook } from './sale.ts';
import { docOf } from './sale-doc.ts';

export const SIGNATURE_HEADER = 'x-signature';

/** Each at an address of its own, because the form need not name its type. */
export const EVENT_TYPES = ['sale.update', 'product.update', 'inventory.update'] as const;

/** Whole, so that nothing before or behind it is passed over. */
const SIGNATURE = /^signature=([0-9a-f]{64}),\s*algorithm=HMAC-SHA256$/i;

/** A topic for authentic forms that name no event: kept, and shown as undecodable. */
const UNNAMED = 'unnamed';
/** Before topics whose delivery nobody signed. */
const HINT = 'hint/';

/**
 * `X-Signature: signature=<hex>,algorithm=HMAC-SHA256`, over the raw bytes of the form, with the client secret. A hook made
 * without an application has no secret to sign with: it is known by the word in its address, and only hints.
 */
export function verify(delivery: Delivery, config: LightspeedXConfig): Verdict {
  const header = delivery.headers[SIGNATURE_HEADER];
  if (header === undefined && config.webhookToken) {
    const given = queryOf(delivery).get('key') ?? undefined;
    if (!sameSignature(given, config.webhookToken))
      return refused(
        'no-signature',
        'The delivery is not signed, and the word in its address is not that of the settings.',
      );
    return { verdict: 'ok', topic: `${HINT}${topicOf(delivery)}` };
  }
  const bad = verifyHmac(SIGNATURE.exec(header ?? '')?.[1] ?? header, {
    algorithm: 'sha256',
    encoding: 'hex',
    secret: config.webhookSecret,
    parts: [delivery.body],
    header: 'X-Signature',
    secretFrom: 'the Lightspeed developer portal > your application > Client secret',
  });
  if (bad) return bad;
  return { verdict: 'ok', topic: topicOf(delivery) };
}

const formOf = (delivery: Delivery): URLSearchParams => new URLSearchParams(bodyText(delivery));

const queryOf = ({ path }: Delivery): URLSearchParams =>
  new URLSearchParams(path.includes('?') ? path.slice(path.indexOf('?') + 1) : '');

const topicOf = (delivery: Delivery): string =>
  formOf(delivery).get('type') || queryOf(delivery).get('type') || UNNAMED;

const id = z.string().min(1);
const named = z.object({ id });
const level = z.object({ product_id: id, outlet_id: id.nullish() });

/**
 * Verified bytes to signals. The payload is a text of JSON inside the form, in the shape of API 1.0.
 * @throws Error when the body is not what the topic promises.
 */
export function decode(delivery: Delivery, topic: string, config: LightspeedXConfig): Signal[] {
  const hint = topic.startsWith(HINT);
  const type = hint ? topic.slice(HINT.length) : topic;
  if (type === UNNAMED) throw new Error('the form names no type, and neither does the address');
  if (!EVENT_TYPES.includes(type as (typeof EVENT_TYPES)[number])) return [];
  const form = formOf(delivery);
  const text = form.get('payload');
  if (text === null) throw new Error('the form has no payload');
  const payload = readJson(text);
  // An application serves many stores with one secret: the form says whose sale it is.
  const account = (!hint && form.get('domain_prefix')?.toLowerCase()) || config.account;
  switch (type) {
    case 'sale.update': {
      if (hint) return [{ kind: 'document-changed', account, doc: `sale:${named.parse(payload).id}` }];
      return [{ kind: 'document', doc: docOf(saleOfHook(payload), config, account) }];
    }
    case 'product.update':
      return [{ kind: 'listing-changed', account, listing: named.parse(payload).id }];
    default: {
      // The shape of this one is not published: what it says of the level is not taken, only that it changed.
      const { product_id: stockKey, outlet_id } = level.parse(payload);
      return [{ kind: 'dirty', account, stockKey, location: outlet_id ?? null }];
    }
  }
}
