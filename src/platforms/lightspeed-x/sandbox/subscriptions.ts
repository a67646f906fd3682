import { type HttpResponse, jsonResponse } from '../../../platform/http.ts';
import { HookSender, type Routed, type Router } from '../../../platform/sandbox-kit/index.ts';
import { hmac } from '../../../platform/signature.ts';
import { record } from '../api.ts';
import { invalid, notFound, refusal } from './answers.ts';
import { idOf, type Store } from './store.ts';
import type { Tokens } from './tokens.ts';

const TYPES = [
  'sale.update',
  'product.update',
  'customer.update',
  'inventory.update',
  'register_closure.create',
  'consignment.send',
  'consignment.receive',
];
/** Twenty within two days, ever further apart. */
const RETRIES_MS = Array.from({ length: 20 }, (_, index) => Math.min(14_400_000, 5_000 * 2 ** index));

interface Webhook {
  id: string;
  retailer_id: string;
  type: string;
  url: string;
  active: boolean;
}

/** Webhooks of the application, and the queue behind them. */
export class Subscriptions {
  readonly sender: HookSender;
  readonly all: Webhook[] = [];
  /** false: as hooks made by hand may come. */
  signs = true;
  private seq = 0;

  constructor(
    private readonly store: Store,
    private readonly tokens: Tokens,
  ) {
    const { clock, random, factor, deliver } = store.options;
    this.sender = new HookSender({
      clock,
      random,
      factor,
      plan: {
        delayMs: (draw) => 200 + draw() ** 2 * 5_000,
        retriesMs: RETRIES_MS,
        bodyFrom: 'event',
        coalesce: false,
        offAfter: null,
        // 3xx and 4xx are not repeated: the event is lost.
        isSuccess: (status) => status >= 200 && status < 500,
        timeoutMs: 5_000,
      },
      deliver,
    });
  }

  /** A form with JSON inside, made now and repeated as it is. */
  send(type: string, key: string, payload: unknown): void {
    for (const { id, url, active, type: wanted, retailer_id } of this.all) {
      if (!active || wanted !== type) continue;
      const body = new URLSearchParams({
        payload: JSON.stringify(payload),
        domain_prefix: this.store.options.name,
        environment: 'prod',
        retailer_id,
        type,
      }).toString();
      const signature = hmac('sha256', this.tokens.clientSecret, [body], 'hex');
      this.sender.send({
        subscription: id,
        key,
        build: () => ({
          method: 'POST',
          url,
          headers: {
            'content-type': 'application/x-www-form-urlencoded',
            'user-agent': 'Vend/1.0',
            ...(this.signs && { 'x-signature': `signature=${signature},algorithm=HMAC-SHA256` }),
          },
          body,
        }),
      });
    }
  }

  routes(router: Router, base: string): void {
    const path = `${base}/webhooks`;
    const find = ({ params }: Routed) => this.all.find(({ id }) => id === params['id']);
    router
      .on('GET', path, () => jsonResponse(200, { data: this.all }))
      .on('POST', path, (routed) => this.create(record(routed.json()) ?? {}))
      .on('GET', `${path}/{id}`, (routed) => {
        const found = find(routed);
        return found ? jsonResponse(200, { data: found }) : notFound('Webhook');
      })
      .on('PUT', `${path}/{id}`, (routed) => {
        const found = find(routed);
        const body = record(routed.json()) ?? {};
        if (!found) return notFound('Webhook');
        const bad = problemOf(body);
        if (bad) return bad;
        Object.assign(found, { active: body['active'], type: body['type'], url: body['url'] });
        return jsonResponse(200, { data: found });
      })
      .on('DELETE', `${path}/{id}`, (routed) => {
        const found = find(routed);
        if (!found) return notFound('Webhook');
        this.all.splice(this.all.indexOf(found), 1);
        return { status: 204, headers: {}, body: new Uint8Array() };
      });
  }

  private create(body: Record<string, unknown>): HttpResponse {
    const bad = problemOf(body);
    if (bad) return bad;
    const { type, url, active } = body as unknown as Webhook;
    if (this.all.some((one) => one.type === type && one.url === url))
      return refusal(409, 'conflict', 'A webhook with this type and URL already exists.');
    this.seq += 1;
    const made = { id: idOf('0af7b240-abc5-11e9-fbaa', this.seq), retailer_id: RETAILER, type, url, active };
    this.all.push(made);
    return jsonResponse(201, { data: made });
  }
}

const RETAILER = idOf('0af7b240-abc5-11e9-fb00', 1);

function problemOf({ type, url, active }: Record<string, unknown>): HttpResponse | undefined {
  if (typeof active !== 'boolean') return invalid('active is required.');
  if (!TYPES.includes(String(type))) return invalid('type is not a known webhook type.');
  if (typeof url !== 'string' || !URL.canParse(url)) return invalid('url is not valid.');
  return undefined;
}
