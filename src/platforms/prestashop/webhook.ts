import { z } from 'zod';
import type { Delivery, Signal, Verdict } from '../../platform/contract.ts';
import { bodyText } from '../../platform/http.ts';
import { readJson } from '../../platform/json.ts';
import { verifyHmac } from '../../platform/signature.ts';
import type { PrestaConfig } from './config.ts';

/** Sent by the module in extension/: PrestaShop has no webhooks. */
export const TOPIC = 'onhand.changed';

/** Is this from the module in the shop? Total. */
export function verify(delivery: Delivery, config: PrestaConfig): Verdict {
  const bad = verifyHmac(delivery.headers['x-onhand-signature'], {
    algorithm: 'sha256',
    encoding: 'hex',
    secret: config.webhookSecret,
    parts: [delivery.body],
    header: 'X-Onhand-Signature',
    secretFrom: 'Modules > Module Manager > Onhand events > Configure',
  });
  return bad ?? { verdict: 'ok', topic: TOPIC };
}

const number = z.union([z.number().int().positive().transform(String), z.string().regex(/^\d{1,20}$/)]);
/** Lists, because one request of the shop may change many. `27/44` names a product and its combination. */
const body = z.object({
  orders: z.array(number).max(10_000).default([]),
  stock: z
    .array(z.string().regex(/^\d{1,20}\/\d{1,20}$/))
    .max(10_000)
    .default([]),
});

/**
 * Names what changed and tells nothing of it: so an old event said again does no harm, and no buyer's data travel.
 * @throws Error when the body is not what the topic promises.
 */
export function decode(delivery: Delivery, topic: string, config: PrestaConfig): Signal[] {
  if (topic !== TOPIC) return [];
  const { account } = config;
  const { orders, stock } = body.parse(readJson(bodyText(delivery)));
  return [
    ...orders.map((order): Signal => ({ kind: 'document-changed', account, doc: `order:${order}` })),
    ...stock.map((stockKey): Signal => ({ kind: 'dirty', account, stockKey, location: null })),
  ];
}
