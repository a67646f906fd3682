import { z } from 'zod';
import type { Delivery, Signal, Verdict } from '../../platform/contract.ts';
import { bodyText } from '../../platform/http.ts';
import { readJson } from '../../platform/json.ts';
import { verifyHmac } from '../../platform/signature.ts';
import type { MagentoConfig } from './config.ts';
import { id } from './shape.ts';

/** Sent by the module in extension/: Magento Open Source has no webhooks. */
export const TOPIC = 'onhand.changed';

/** Is this from the module in the shop? Total. */
export function verify(delivery: Delivery, config: MagentoConfig): Verdict {
  const bad = verifyHmac(delivery.headers['x-onhand-signature'], {
    algorithm: 'sha256',
    encoding: 'hex',
    secret: config.webhookSecret,
    parts: [delivery.body],
    header: 'X-Onhand-Signature',
    secretFrom: 'Stores > Configuration > Services > Onhand',
  });
  return bad ?? { verdict: 'ok', topic: TOPIC };
}

/** An order's number or a SKU, in lists because one request of the shop may change many. */
const body = z.object({
  orders: z.array(id).max(10_000).default([]),
  skus: z.array(z.string()).max(10_000).default([]),
});

/**
 * Names what changed and tells nothing of it: so an old event said again does no harm, and no buyer's data travel.
 * @throws Error when the body is not what the topic promises.
 */
export function decode(delivery: Delivery, topic: string, config: MagentoConfig): Signal[] {
  if (topic !== TOPIC) return [];
  const { account } = config;
  const { orders, skus } = body.parse(readJson(bodyText(delivery)));
  return [
    ...orders.map((order): Signal => ({ kind: 'document-changed', account, doc: `order:${order}` })),
    ...skus.map((stockKey): Signal => ({ kind: 'dirty', account, stockKey, location: null })),
  ];
}
