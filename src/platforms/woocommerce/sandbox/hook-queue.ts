import { createHash } from 'node:crypto';
import { HookSender } from '../../../platform/sandbox-kit/index.ts';
import { hmac } from '../../../platform/signature.ts';
import { phpJson } from './answers.ts';
import type { Shop, Webhook } from './shop.ts';

/** Action Scheduler runs at most once in a minute, and WP-cron has to be woken by somebody. */
const RUN_EVERY_MS = 60_000;
/** A run works its jobs off one after the other; this is how long the last of a usual batch waits. */
const RUN_MS = 2_000;
/** The number of failures is looked at before it is raised: "more than 5 in a row" is the seventh. */
const OFF_AFTER = 7;
const AGENT = 'WooCommerce/11.0.1 Hookshot (WordPress/7.1)';

/**
 * WooCommerce's outgoing webhooks: late, because a queue sends them; built when sent; one pending job per webhook and
 * resource; never sent again; switched off for good at the seventh failure in a row.
 */
export class HookQueue {
  readonly #shop: Shop;
  readonly #sender: HookSender;
  #pings = 0;

  constructor(shop: Shop) {
    this.#shop = shop;
    const { clock, random, factor, deliver } = shop.options;
    const phaseMs = random() * RUN_EVERY_MS;
    this.#sender = new HookSender({
      clock,
      random,
      factor,
      deliver,
      plan: {
        delayMs: (draw, nowMs) => RUN_EVERY_MS - ((nowMs * factor + phaseMs) % RUN_EVERY_MS) + draw() * RUN_MS,
        retriesMs: [],
        bodyFrom: 'delivery',
        coalesce: true,
        offAfter: OFF_AFTER,
        isSuccess: (status) => status >= 200 && status < 303,
        timeoutMs: 60_000,
        parallelMax: 5,
      },
      onOff: (id) => {
        const hook = shop.webhooks.find((one) => String(one.id) === id);
        if (hook) hook.status = 'disabled';
      },
    });
  }

  /** To every active webhook of the topic. */
  send(topic: string, resourceId: string, body: () => unknown): void {
    for (const hook of this.#shop.webhooks) {
      if (hook.topic !== topic || hook.status !== 'active') continue;
      this.#sender.send({
        subscription: String(hook.id),
        key: resourceId,
        build: () => {
          const text = phpJson(body());
          return { method: 'POST', url: hook.deliveryUrl, headers: this.#headers(hook, text), body: text };
        },
      });
    }
  }

  #headers(hook: Webhook, text: string): Record<string, string> {
    const [resource, event] = hook.topic.split('.', 2);
    const second = Math.floor(this.#shop.options.clock.now() / 1000);
    return {
      'user-agent': AGENT,
      'content-type': 'application/json',
      'x-wc-webhook-source': `https://${this.#shop.options.name}.example/`,
      'x-wc-webhook-topic': hook.topic,
      'x-wc-webhook-resource': resource!,
      'x-wc-webhook-event': event!,
      'x-wc-webhook-signature': hmac('sha256', hook.secret, [text], 'base64'),
      'x-wc-webhook-id': String(hook.id),
      // Of the webhook and the second: two deliveries in one second carry the same.
      'x-wc-webhook-delivery-id': createHash('md5').update(`${hook.id} ${second}`).digest('hex'),
    };
  }

  /** Sent when a webhook is made or moved; nobody waits for its answer. */
  ping(hook: Webhook): void {
    this.#pings += 1;
    const headers = { 'user-agent': AGENT, 'content-type': 'application/x-www-form-urlencoded' };
    this.#shop.options
      .deliver({ method: 'POST', url: hook.deliveryUrl, headers, body: `webhook_id=${hook.id}` })
      .catch(() => undefined)
      .finally(() => {
        this.#pings -= 1;
      });
  }

  switchOn(hook: Webhook): void {
    this.#sender.switchOn(String(hook.id));
  }

  quiet(): boolean {
    return this.#sender.quiet() && this.#pings === 0;
  }

  close(): void {
    this.#sender.close();
  }
}
