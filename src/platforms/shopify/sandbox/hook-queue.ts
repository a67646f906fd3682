import { HookSender } from '../../../platform/sandbox-kit/index.ts';
import { hmac } from '../../../platform/signature.ts';
import { uuidFrom } from '../../../runtime/random.ts';
import { API_VERSION } from '../facts.ts';
import { local, type Shop } from './shop.ts';

const minutes = (count: number): number => count * 60_000;

/** Eight retries spread over four hours; between them the waits double. */
const RETRIES_MS = [1, 2, 4, 8, 15, 30, 60, 120].map(minutes);

/**
 * Shopify's outgoing webhooks: late by a moment, in no order, repeated with the body of the first attempt. After eight
 * failures in a row the subscription is deleted without a word.
 */
export class HookQueue {
  readonly #shop: Shop;
  readonly #sender: HookSender;
  readonly #secret: string;

  constructor(shop: Shop, secret: string) {
    this.#shop = shop;
    this.#secret = secret;
    const { clock, random, factor, deliver } = shop.options;
    this.#sender = new HookSender({
      clock,
      random,
      factor,
      deliver,
      plan: {
        delayMs: (draw) => 100 + draw() * 1_400,
        retriesMs: RETRIES_MS,
        bodyFrom: 'event',
        coalesce: false,
        offAfter: 8,
        timeoutMs: 5_000,
      },
      onOff: (id) => {
        const at = shop.hooks.findIndex((hook) => hook.id === id);
        if (at >= 0) shop.hooks.splice(at, 1);
      },
    });
  }

  /** To every subscription of the topic; one event has one event id, however many hear of it. */
  send(topic: string, key: string, body: () => unknown): void {
    const listening = this.#shop.hooks.filter((hook) => hook.topic === topic);
    if (listening.length === 0) return;
    const text = JSON.stringify(body());
    const { random, clock } = this.#shop.options;
    const eventId = uuidFrom(random);
    const triggeredAt = new Date(clock.now()).toISOString();
    for (const hook of listening) {
      const headers = {
        'content-type': 'application/json',
        'user-agent': 'Shopify-Captain-Hook',
        'x-shopify-topic': topicPath(topic),
        'x-shopify-shop-domain': this.#shop.domain,
        'x-shopify-api-version': API_VERSION,
        'x-shopify-webhook-id': uuidFrom(random),
        'x-shopify-event-id': eventId,
        'x-shopify-triggered-at': triggeredAt,
        'x-shopify-hmac-sha256': hmac('sha256', this.#secret, [text], 'base64'),
      };
      this.#sender.send({
        subscription: hook.id,
        key: `${topic} ${key}`,
        build: () => ({ method: 'POST', url: hook.uri, headers, body: text }),
      });
    }
  }

  quiet(): boolean {
    return this.#sender.quiet();
  }

  close(): void {
    this.#sender.close();
  }
}

/** `ORDERS_CREATE` → `orders/create`, `INVENTORY_LEVELS_UPDATE` → `inventory_levels/update`. */
function topicPath(topic: string): string {
  const words = topic.toLowerCase();
  const special = /^(orders)_(partially_fulfilled)$/.exec(words);
  if (special) return `${special[1]}/${special[2]}`;
  const at = words.lastIndexOf('_');
  return `${words.slice(0, at)}/${words.slice(at + 1)}`;
}

/** What the thin topics carry. */
export const editedPayload = (orderId: string, atMs: number): Record<string, unknown> => ({
  order_edit: {
    id: Number(orderId) + 1,
    order_id: Number(orderId),
    app_id: null,
    created_at: local(atMs),
    committed_at: local(atMs),
    notify_customer: false,
    staff_note: '',
    user_id: null,
    line_items: { additions: [], removals: [] },
  },
});
