import type { Delivery, Signal, Verdict } from '../../platform/contract.ts';
import { NO_LOCATION } from '../../platform/contract.ts';
import { bodyText } from '../../platform/http.ts';
import { readJson } from '../../platform/json.ts';
import { refused } from '../../platform/signature.ts';
import type { CustomConfig } from './config.ts';
import { readMessage } from './message.ts';
import { docOf } from './order-doc.ts';
import { refusal } from './signature.ts';

/** Untrusted: the name in the header only chooses whose secret to check with. */
export function accountOf({ headers }: Delivery): string | undefined {
  return headers['x-onhand-account']?.trim() || undefined;
}

/**
 * Authentic, fresh, and understood. The platforms' own webhooks are taken even when they cannot be read, because vendors
 * switch off what is refused; here a developer sits at the other end, and a mistake answered with 400 and its reason is
 * mended today.
 */
export function verify(delivery: Delivery, config: CustomConfig, now: number): Verdict {
  const bad = refusal(delivery, config.webhookSecret, now);
  if (bad) return bad;
  try {
    const body = readJson(bodyText(delivery));
    readMessage(body);
    return { verdict: 'ok', topic: (body as { type: string }).type, deliveryId: delivery.headers['webhook-id'] };
  } catch (error) {
    const why = error instanceof SyntaxError ? 'the body is not JSON' : (error as Error).message;
    return refused('malformed', `The signature is right, the message is not: ${why}`);
  }
}

/** @throws Error naming what is wrong. */
export function decode(delivery: Delivery, _topic: string, config: CustomConfig): Signal[] {
  const message = readMessage(readJson(bodyText(delivery)));
  if (!message) return [];
  if (message.type !== 'levels.updated') return [{ kind: 'document', doc: docOf(message.data, config, message.type) }];
  return message.data.levels.map(({ sku, location, available, at }) => ({
    kind: 'level',
    account: config.account,
    level: {
      stockKey: sku,
      location: location ?? NO_LOCATION,
      available,
      tracked: true,
      changedAt: at,
      readAt: delivery.receivedAt,
    },
  }));
}
