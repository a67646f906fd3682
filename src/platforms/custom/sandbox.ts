import { type HttpResponse, jsonResponse } from '../../platform/http.ts';
import { availableOf, HookSender, RateLimiter, StockBook, shopperOf } from '../../platform/index.ts';
import type { Sandbox, SandboxOptions } from '../../platform/sandbox.ts';
import { signedHeaders } from '../../platform/standard-webhooks.ts';
import { Answers } from './sandbox/answers.ts';
import { printOrder } from './sandbox/print.ts';
import { refusal } from './signature.ts';

const EVENTS = {
  placed: 'order.created',
  paid: 'order.paid',
  cancelled: 'order.cancelled',
  fulfilled: 'order.updated',
  refunded: 'order.refunded',
  edited: 'order.updated',
} as const;

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** A small shop that somebody wrote: it speaks the protocol of the guide, signs, verifies, and sells. */
export function customSandbox(options: SandboxOptions): Sandbox {
  const { clock, factor } = options;
  const secret = `whsec_${Buffer.from(`${options.name} `.repeat(32)).subarray(0, 32).toString('base64')}`;
  const book = new StockBook({
    clock,
    locations: options.locations.map(({ id }) => id),
    takesAt: 'placed',
    orderId: (seq) => String(7_000_000_000 + seq),
    lineId: (seq) => String(8_000_000_000 + seq),
  });
  const sender = new HookSender({
    ...options,
    plan: {
      delayMs: (random) => 100 + random() * 900,
      // The waits that Standard Webhooks proposes.
      retriesMs: [5_000, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR],
      bodyFrom: 'event',
      coalesce: false,
      offAfter: null,
    },
  });
  const limiter = new RateLimiter({
    clock,
    factor,
    ...(options.unlimited && { unlimited: true }),
    limits: { calls: { kind: 'bucket', size: 40, perSecond: 20 } },
  });
  const answers = new Answers(book, options);
  let hookUrl = '';
  let sent = 0;

  /** Each attempt is signed with its own time; the id stays. */
  function send(key: string, message: { type: string; data: unknown }): void {
    if (hookUrl === '') return;
    sent += 1;
    const id = `msg_${options.name}_${sent}`;
    const body = JSON.stringify(message);
    sender.send({
      subscription: 'onhand',
      key,
      build: () => ({
        method: 'POST',
        url: hookUrl,
        headers: { 'content-type': 'application/json', 'x-onhand-account': options.name },
        body,
      }),
      attemptHeaders: () => signedHeaders(secret, id, clock.now(), body),
    });
  }

  book.onChange((event) => {
    if (event.kind === 'order') {
      const { order, cause } = event;
      const type = cause === 'placed' && order.paidAtMs !== null ? 'checkout.complete' : EVENTS[cause];
      return send(order.id, { type, data: printOrder(order) });
    }
    const { item, location, changedAtMs } = event.level;
    if (!item.tracked) return;
    const level = {
      sku: item.sku,
      location,
      available: availableOf(event.level),
      at: new Date(changedAtMs).toISOString(),
    };
    send(`${item.sku} ${location}`, { type: 'levels.updated', data: { levels: [level] } });
  });

  const busy = (retryAfterMs: number): HttpResponse =>
    jsonResponse(429, { error: 'too many calls' }, { 'retry-after': String(Math.ceil(retryAfterMs / 1000)) });

  return {
    platform: 'custom',
    account: options.name,
    config: ({ api, hook }) => {
      hookUrl = hook;
      return { account: options.name, webhookSecret: secret, baseUrl: `${api}/onhand` };
    },
    handle: async (request) => {
      const body = Buffer.from(request.body ?? '');
      const bad = refusal({ headers: request.headers, body }, secret, clock.now());
      if (bad) return jsonResponse(401, { error: bad.say });
      const taken = limiter.take('calls');
      return taken.ok ? answers.handle(request) : busy(taken.retryAfterMs);
    },
    fault: (kind) => (kind === 'throttled' ? busy(2_000) : jsonResponse(503, { error: 'down for a moment' })),
    seed: (items) => void book.seed(items),
    shopper: shopperOf(book, { online: { policy: 'refuse' }, till: { policy: 'below-zero' } }),
    book: () => book.book(),
    shown: () => book.shown(),
    oversold: () => book.oversold(),
    quiet: () => sender.quiet(),
    close: () => sender.close(),
  };
}
