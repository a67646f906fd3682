import { type HttpRequest, type HttpResponse, jsonResponse } from '../../../platform/http.ts';
import { HookSender } from '../../../platform/sandbox-kit/index.ts';
import { hmac } from '../../../platform/signature.ts';
import { record } from '../api.ts';
import { DELIVERY_HEADER, SIGNATURE_HEADER } from '../webhook.ts';
import { invalid, listAnswer, notFound, pageOf } from './answers.ts';
import { iso } from './nodes.ts';
import type { Stand } from './stand.ts';

/** The published list, as far as stock goes. */
const PUBLISHED = [
  'order.create',
  'order.finalized',
  'order.fulfilled',
  'fulfillment.create',
  'fulfillment.fulfilled',
  'fulfillment_return.create',
  'product.create',
  'stock_adjustment.create',
  'variant.create',
  'variant.stock_level_update',
];

interface Hook {
  id: number;
  address: string;
  event: string;
  atMs: number;
}

const MINUTE = 60_000;

/** Subscriptions of the application, one event each, and the queue behind them. */
export class HookList {
  readonly sender: HookSender;
  private hooks: Hook[] = [];
  private sent = 0;

  constructor(
    private readonly stand: Stand,
    private readonly secret: string,
  ) {
    const { clock, random, factor, deliver } = stand.options;
    this.sender = new HookSender({
      clock,
      random,
      factor,
      deliver: async (request) => {
        const answer = await deliver(request);
        // "Gone" is taken at its word.
        if (answer.status === 410) this.hooks = this.hooks.filter(({ address }) => address !== request.url);
        return answer;
      },
      plan: {
        delayMs: (chance) => 500 + chance() * 2_500,
        // Doubling waits, short of the three days after which the webhook is deleted.
        retriesMs: Array.from({ length: 12 }, (_, attempt) => MINUTE * 2 ** attempt),
        bodyFrom: 'event',
        coalesce: false,
        offAfter: null,
        isSuccess: (status) => (status >= 200 && status < 400) || status === 410,
      },
    });
  }

  send(event: string, object: string | number, path: string): void {
    for (const hook of this.hooks) {
      if (hook.event !== event) continue;
      this.sent += 1;
      const delivery = `d${this.sent}`;
      const body = JSON.stringify({
        object_id: Number(object),
        event,
        timestamp: Math.floor(this.stand.options.clock.now() / 1000),
        resource_url: `https://api.tradegecko.com/${path}/${object}`,
      });
      this.sender.send({
        subscription: String(hook.id),
        key: delivery,
        build: () => this.request(hook, delivery, body),
      });
    }
  }

  private request({ address }: Hook, delivery: string, body: string): HttpRequest {
    return {
      method: 'POST',
      url: address,
      headers: {
        'content-type': 'application/json',
        [DELIVERY_HEADER]: delivery,
        [SIGNATURE_HEADER]: hmac('sha256', this.secret, [body], 'base64'),
      },
      body,
    };
  }

  list(query: URLSearchParams): HttpResponse {
    const { limit, offset } = pageOf(query);
    const items = this.hooks.slice(offset, offset + limit).map((hook) => this.node(hook));
    return listAnswer('webhooks', { items, total: this.hooks.length, limit, offset });
  }

  create(body: unknown): HttpResponse {
    const asked = record(record(body)?.['webhook']);
    const { address, event } = asked ?? {};
    if (typeof address !== 'string' || !URL.canParse(address)) return invalid('address', 'is invalid');
    if (typeof event !== 'string' || !PUBLISHED.includes(event)) return invalid('event', 'is not included in the list');
    const hook = { id: this.stand.nextId(), address, event, atMs: this.stand.options.clock.now() };
    this.hooks.push(hook);
    return jsonResponse(201, { webhook: this.node(hook) });
  }

  remove(id: string): HttpResponse {
    const before = this.hooks.length;
    this.hooks = this.hooks.filter((hook) => String(hook.id) !== id);
    return before === this.hooks.length ? notFound() : { status: 204, headers: {}, body: new Uint8Array() };
  }

  /** As after three days of failures. */
  drop(event: string): void {
    this.hooks = this.hooks.filter((hook) => hook.event !== event);
  }

  private node({ id, address, event, atMs }: Hook) {
    return { id, created_at: iso(atMs), updated_at: iso(atMs), event, address, oauth_application_id: 24 };
  }
}
