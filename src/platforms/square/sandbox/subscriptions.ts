import { type HttpResponse, jsonResponse } from '../../../platform/http.ts';
import { HookSender } from '../../../platform/sandbox-kit/index.ts';
import { hmac } from '../../../platform/signature.ts';
import { uuidFrom } from '../../../runtime/random.ts';
import { record } from '../api.ts';
import { EVENT_TYPES, SIGNATURE_HEADER } from '../webhook.ts';
import { invalid, iso, notFound } from './answers.ts';
import type { Seller } from './seller.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
/** Waits between the eleven retries of a day. */
const RETRIES_MS = [1, 2, 4, 8, 16, 32, 60]
  .map((minutes) => minutes * MINUTE_MS)
  .concat([2, 4, 8, 8].map((hours) => hours * HOUR_MS));
/** So long without one good answer, and Square switches a subscription off. */
const OFF_AFTER_MS = 21 * 24 * HOUR_MS;

interface Subscription {
  id: string;
  name: string;
  enabled: boolean;
  event_types: string[];
  notification_url: string;
  api_version: string;
  signature_key: string;
  created_at: string;
  updated_at: string;
}

/** The application's webhook subscriptions and the queue behind them. */
export class Subscriptions {
  readonly sender: HookSender;
  private readonly all = new Map<string, Subscription & { goodAtMs: number }>();
  private seq = 0;

  constructor(private readonly seller: Seller) {
    const { clock, random, factor, deliver } = seller.options;
    this.sender = new HookSender({
      clock,
      random,
      factor,
      plan: {
        // "Usually within 60 seconds"; in no order.
        delayMs: (draw) => 300 + draw() ** 3 * 20_000,
        retriesMs: RETRIES_MS,
        bodyFrom: 'event',
        coalesce: false,
        offAfter: null,
      },
      deliver: async (hook) => {
        const subscription = this.all.get(hook.headers['x-stand-in-subscription'] ?? '');
        const { 'x-stand-in-subscription': _, ...headers } = hook.headers;
        // Removed or switched off meanwhile: what still waits is dropped.
        if (!subscription?.enabled) return jsonResponse(200, '');
        try {
          const answer = await deliver({ ...hook, headers });
          if (answer.status >= 200 && answer.status < 300) subscription.goodAtMs = clock.now();
          return answer;
        } finally {
          if (clock.now() - subscription.goodAtMs > OFF_AFTER_MS / factor) subscription.enabled = false;
        }
      },
    });
  }

  /** An event for every subscription that wants it; its body is made now and repeated as it is. */
  send(type: string, data: { type: string; id: string; object: Record<string, unknown> }): void {
    for (const subscription of this.all.values()) {
      if (!subscription.enabled || !subscription.event_types.includes(type)) continue;
      const { clock, random } = this.seller.options;
      const body = JSON.stringify({
        merchant_id: this.seller.merchantId,
        type,
        event_id: uuidFrom(random),
        created_at: iso(clock.now()),
        data,
      });
      this.sender.send({
        subscription: subscription.id,
        key: data.id,
        build: () => ({
          method: 'POST',
          url: subscription.notification_url,
          headers: {
            'content-type': 'application/json',
            'user-agent': 'Square Connect v2',
            'square-environment': 'Production',
            [SIGNATURE_HEADER]: hmac(
              'sha256',
              subscription.signature_key,
              [subscription.notification_url, body],
              'base64',
            ),
            'x-stand-in-subscription': subscription.id,
          },
          body,
        }),
        attemptHeaders: ({ attempt, firstAtMs, lastFailure }) => ({
          'square-initial-delivery-timestamp': iso(firstAtMs),
          ...(attempt > 0 && {
            'square-retry-number': String(attempt),
            'square-retry-reason': lastFailure ?? 'other_error',
          }),
        }),
      });
    }
  }

  list(disabledToo: boolean): HttpResponse {
    const shown = [...this.all.values()].filter(({ enabled }) => enabled || disabledToo).map(nodeOf);
    return jsonResponse(200, shown.length > 0 ? { subscriptions: shown } : {});
  }

  retrieve(id: string): HttpResponse {
    const found = this.all.get(id);
    return found ? jsonResponse(200, { subscription: nodeOf(found) }) : missing(id);
  }

  create(body: Record<string, unknown>): HttpResponse {
    const wanted = record(body['subscription']);
    const key = body['idempotency_key'];
    if (typeof key === 'string' && key.length > 45)
      return invalid('VALUE_TOO_LONG', 'At most 45 characters.', 'idempotency_key');
    if (!wanted) return invalid('MISSING_REQUIRED_PARAMETER', 'Missing required parameter.', 'subscription');
    const bad = problemOf(wanted);
    if (bad) return bad;
    const { clock } = this.seller.options;
    this.seq += 1;
    const now = iso(clock.now());
    const made = {
      id: `wbhk_${String(this.seq).padStart(32, '0')}`,
      name: typeof wanted['name'] === 'string' ? wanted['name'] : '',
      enabled: wanted['enabled'] !== false,
      event_types: wanted['event_types'] as string[],
      notification_url: wanted['notification_url'] as string,
      api_version: typeof wanted['api_version'] === 'string' ? wanted['api_version'] : '2026-05-20',
      signature_key: this.newKey(),
      created_at: now,
      updated_at: now,
    };
    this.all.set(made.id, { ...made, goodAtMs: clock.now() });
    return jsonResponse(200, { subscription: made });
  }

  update(id: string, body: Record<string, unknown>): HttpResponse {
    const found = this.all.get(id);
    if (!found) return missing(id);
    const wanted = record(body['subscription']) ?? {};
    const bad = problemOf({ ...found, ...wanted });
    if (bad) return bad;
    const { clock } = this.seller.options;
    if (wanted['enabled'] === true) found.goodAtMs = clock.now();
    for (const name of ['name', 'enabled', 'event_types', 'notification_url', 'api_version'] as const)
      if (wanted[name] !== undefined && wanted[name] !== null) Object.assign(found, { [name]: wanted[name] });
    found.updated_at = iso(clock.now());
    return jsonResponse(200, { subscription: nodeOf(found) });
  }

  rotate(id: string): HttpResponse {
    const found = this.all.get(id);
    if (!found) return missing(id);
    found.signature_key = this.newKey();
    return jsonResponse(200, { signature_key: found.signature_key });
  }

  remove(id: string): HttpResponse {
    return this.all.delete(id) ? jsonResponse(200, {}) : missing(id);
  }

  /** As Square does by itself, for tests. */
  switchOff(): void {
    for (const subscription of this.all.values()) subscription.enabled = false;
  }

  private newKey(): string {
    const { random } = this.seller.options;
    return Buffer.from(Uint8Array.from({ length: 16 }, () => Math.floor(random() * 256))).toString('base64');
  }
}

function problemOf(wanted: Record<string, unknown>): HttpResponse | undefined {
  const { event_types: types, notification_url: url, name } = wanted;
  if (typeof name === 'string' && name.length > 64)
    return invalid('VALUE_TOO_LONG', 'At most 64 characters.', 'subscription.name');
  if (!Array.isArray(types) || types.length === 0)
    return invalid('MISSING_REQUIRED_PARAMETER', 'Missing required parameter.', 'subscription.event_types');
  const known: readonly string[] = EVENT_TYPES;
  if (types.some((type) => !known.includes(type)))
    return invalid('INVALID_VALUE', 'An event type that the stand-in does not send.', 'subscription.event_types');
  if (typeof url !== 'string' || !URL.canParse(url))
    return invalid('INVALID_VALUE', 'Not an address.', 'subscription.notification_url');
  return undefined;
}

const nodeOf = ({ goodAtMs: _, ...shown }: Subscription & { goodAtMs: number }): Subscription => shown;

const missing = (id: string): HttpResponse => notFound(`Webhook subscription ${id} not found.`);
