import { createHash } from 'node:crypto';
import { HookSender, type StockEvent } from '../../../platform/sandbox-kit/index.ts';
import { hmac } from '../../../platform/signature.ts';
import { statusOf } from './order-json.ts';
import { type Store, wordsOf } from './store.ts';

const SECOND = 1_000;
/** Of the vendor: 60 s … 24 h, about 48 h in all. */
const RETRIES_S = [60, 180, 300, 600, 900, 1_800, 3_600, 7_200, 21_600, 50_400, 86_400];

/** Outgoing webhooks: thin, signed afresh at every attempt, repeated for two days, then the hook is switched off. */
export class HookQueue {
  readonly #store: Store;
  readonly #sender: HookSender;
  #events = 0;

  constructor(store: Store) {
    this.#store = store;
    const { clock, random, factor, deliver } = store.options;
    this.#sender = new HookSender({
      clock,
      random,
      factor,
      deliver,
      plan: {
        delayMs: (draw) => 200 + draw() * 2_800,
        retriesMs: RETRIES_S.map((seconds) => seconds * SECOND),
        bodyFrom: 'event',
        coalesce: false,
        offAfter: 1,
        offCounts: 'deliveries',
      },
      onOff: (id) => {
        const hook = store.hooks.find((one) => String(one.id) === id);
        if (hook) hook.active = false;
      },
    });
  }

  send(scope: string, data: Record<string, unknown>): void {
    const { hash, clientSecret, options } = this.#store;
    this.#events += 1;
    const created_at = Math.floor(options.clock.now() / SECOND);
    const seed = `${scope} ${JSON.stringify(data)} ${this.#events}`;
    const event = {
      scope,
      store_id: '1000001',
      data,
      hash: createHash('sha1').update(seed).digest('hex'),
      created_at,
      producer: `stores/${hash}`,
    };
    const body = JSON.stringify(event);
    const id = `msg_${createHash('sha256').update(seed).digest('hex').slice(0, 24)}`;
    for (const hook of this.#store.hooks) {
      if (!hook.active || !covers(hook.scope, scope)) continue;
      this.#sender.send({
        subscription: String(hook.id),
        key: id,
        build: () => ({
          method: 'POST',
          url: hook.destination,
          headers: { 'content-type': 'application/json', ...hook.headers },
          body,
        }),
        attemptHeaders: () => {
          const second = String(Math.floor(options.clock.now() / SECOND));
          const signature = hmac('sha256', clientSecret, [`${id}.${second}.${body}`], 'base64');
          return { 'webhook-id': id, 'webhook-timestamp': second, 'webhook-signature': `v1,${signature}` };
        },
      });
    }
  }

  /** What a change of the book means in BigCommerce's words. */
  hear(event: StockEvent): void {
    if (event.kind === 'level') this.#hearLevel(event);
    else this.#hearOrder(event);
  }

  #hearOrder(event: Extract<StockEvent, { kind: 'order' }>): void {
    const { order, cause } = event;
    const words = wordsOf(order);
    const data = { type: 'order', id: Number(order.id) };
    if (cause === 'fulfilled') words.shippedMs = order.changedAtMs;
    if (cause === 'placed') this.send('store/order/created', data);
    const status = statusOf(order);
    if (status !== words.toldStatus) {
      const change = { previous_status_id: words.toldStatus, new_status_id: status };
      words.toldStatus = status;
      this.send('store/order/statusUpdated', { ...data, status: change });
    }
    if (cause === 'refunded')
      this.send('store/order/refund/created', { ...data, refund: { refund_id: event.refund!.seq } });
    if (cause !== 'placed') this.send('store/order/updated', data);
  }

  #hearLevel(event: Extract<StockEvent, { kind: 'level' }>): void {
    const { level, cause, before } = event;
    // Shipping changes no number that the store shows.
    if (cause === 'fulfil') return;
    const product = this.#store.productOf.get(level.item)!;
    const variant_id = Number(level.item.id);
    const byPeople = cause === 'write' || cause === 'edit' || cause === 'safety';
    const available = level.onHand - level.committed - level.safety;
    const inventory = {
      product_id: product.id,
      method: byPeople ? 'absolute' : 'relative',
      value: byPeople ? available : available - before,
    };
    const kind = byPeople ? 'updated' : 'order/updated';
    if (product.tracking === 'variant')
      this.send(`store/sku/inventory/${kind}`, {
        type: 'sku',
        id: variant_id,
        inventory: { ...inventory, variant_id },
      });
    else this.send(`store/product/inventory/${kind}`, { type: 'product', id: product.id, inventory });
    if (byPeople)
      this.send('store/channel/1/inventory/product/stock_changed', {
        variant_id,
        product_id: product.id,
        location_id: Number(level.location),
      });
  }

  switchOn(id: number): void {
    this.#sender.switchOn(String(id));
  }

  quiet(): boolean {
    return this.#sender.quiet();
  }

  close(): void {
    this.#sender.close();
  }
}

/** `store/order/*` covers all below it; a star in the middle one segment. */
function covers(pattern: string, scope: string): boolean {
  const [wanted, given] = [pattern.split('/'), scope.split('/')];
  if (wanted.at(-1) === '*') return wanted.slice(0, -1).every((piece, at) => piece === '*' || piece === given[at]);
  return wanted.length === given.length && wanted.every((piece, at) => piece === '*' || piece === given[at]);
}
