import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AnyPlatform, Delivery } from '../../platform/contract.ts';
import { hmac } from '../../platform/signature.ts';
import { Bench, skuOf } from '../../platform/testing/bench.ts';
import { tradegecko } from './index.ts';
import type { GeckoSandbox } from './sandbox.ts';
import { settings } from './testing/scripted.ts';
import { decode, verify } from './webhook.ts';

const SECRET = 'application-secret';
const config = settings({ webhookSecret: SECRET });
const BODY =
  '{ "object_id": 537098, "event": "order.finalized", "timestamp": 1412079541, "resource_url": "https://api.tradegecko.com/orders/537098" }';

const delivery = (body: string, headers: Record<string, string> = {}): Delivery => ({
  method: 'POST',
  path: '/hooks/x',
  headers: { 'x-gecko-signature': hmac('sha256', SECRET, [body], 'base64'), 'x-gecko-delivery': 'd-1', ...headers },
  body: Buffer.from(body),
  receivedAt: '2026-11-24T10:00:00.000Z',
});
const say = (one: Delivery, settingsOf = config) => {
  const verdict = verify(one, settingsOf);
  return verdict.verdict === 'refused' ? verdict.why : verdict.verdict;
};
const heard = (body: string) => {
  const verdict = verify(delivery(body), config);
  return verdict.verdict === 'ok' ? decode(delivery(body), verdict.topic, config) : verdict;
};

describe('signatures', () => {
  it('of the documented body pass; anything else is refused', () => {
    expect(verify(delivery(BODY), config)).toEqual({ verdict: 'ok', topic: 'order.finalized', deliveryId: 'd-1' });
    const flipped = delivery(BODY);
    flipped.body = Buffer.from(BODY.replace('537098,', '537099,'));
    expect(say(flipped)).toBe('bad-signature');
    expect(say(delivery(BODY, { 'x-gecko-signature': '' }))).toBe('no-signature');
    expect(say(delivery(BODY, { 'x-gecko-signature': hmac('sha256', SECRET, [BODY], 'hex') }))).toBe('bad-signature');
    expect(say(delivery(BODY), settings())).toBe('no-secret');
    // No time is signed: the same delivery passes for ever, and changes nothing the second time.
    expect(say(delivery(BODY))).toBe('ok');
  });

  it('never throw, whatever arrives', () => {
    const any = fc.record({
      body: fc.uint8Array({ maxLength: 80 }),
      signature: fc.string(),
      topic: fc.oneof(fc.string(), fc.constantFrom('order.create', 'variant.create', 'unnamed')),
    });
    fc.assert(
      fc.property(any, ({ body, signature, topic }) => {
        const one = { ...delivery('{}', { 'x-gecko-signature': signature }), body };
        expect(verify(one, config).verdict).toBe('refused');
        const signed = { ...one, headers: { 'x-gecko-signature': hmac('sha256', SECRET, [body], 'base64') } };
        expect(verify(signed, config).verdict).toBe('ok');
        try {
          expect(Array.isArray(decode(signed, topic, config))).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
        }
      }),
    );
  });
});

describe('events', () => {
  it('are thin: each names what to look at', () => {
    expect(heard(BODY)).toEqual([{ kind: 'document-changed', account: '7067', doc: 'order:537098' }]);
    expect(heard(BODY.replace('order.finalized', 'orders.create'))).toEqual(heard(BODY));
    expect(heard('{"object_id":12,"event":"variant.stock_level_update"}')).toEqual([
      { kind: 'dirty', account: '7067', stockKey: '12', location: null },
    ]);
    expect(heard('{"object_id":12,"event":"variant.create"}')).toEqual([
      { kind: 'listing-changed', account: '7067', listing: '12' },
    ]);
    // A shipment names only itself; others are none of our business.
    for (const event of ['fulfillment.create', 'fulfillment_return.create', 'company.update'])
      expect(heard(`{"object_id":12,"event":"${event}"}`)).toEqual([]);
  });

  it('keep ids beyond 2^53, and say when they name nothing', () => {
    expect(heard('{"object_id":9007199254740993,"event":"order.create"}')).toEqual([
      { kind: 'document-changed', account: '7067', doc: 'order:9007199254740993' },
    ]);
    expect(() => heard('{"object_id":12}')).toThrow('names no kind');
    expect(() => heard('[]')).toThrow('names no kind');
    expect(() => heard('{"object_id":-1.5,"event":"order.create"}')).toThrow();
  });

  it('leave a void to the feeds: the order’s stock is dirty at once, the order itself is told by polling', async () => {
    const bench = await Bench.open(tradegecko as AnyPlatform, { items: 2 });
    const bought = bench.sandbox.shopper.buy({ lines: [{ sku: skuOf(0), quantity: 2 }], location: null });
    await bench.settle();
    const committed = () => [...bench.listener.docs.values()][0]!.lines[0]!.parts[0]!.committed;
    expect(committed()).toBe(2);
    bench.listener.signals.length = 0;
    expect(bought.ok && bench.sandbox.shopper.cancel(bought.order)).toBe(true);
    await bench.settle();
    expect(bench.listener.signals.map(({ kind }) => kind)).toEqual(['dirty']);
    expect(committed()).toBe(2);
    await bench.pollUntilComplete();
    expect(committed()).toBe(0);
    bench.close();
  });

  it('that went missing are registered again', async () => {
    const bench = await Bench.open(tradegecko as AnyPlatform, { items: 2 });
    const sandbox = bench.sandbox as GeckoSandbox;
    const count = async () =>
      JSON.parse(
        Buffer.from(
          (
            await sandbox.handle({
              method: 'GET',
              url: 'https://x.test/webhooks',
              headers: { authorization: `Bearer ${bench.config['accessToken']}` },
            })
          ).body,
        ).toString(),
      ).webhooks.length;
    expect(await count()).toBe(5);
    sandbox.staff.dropHook('order.create');
    expect(await count()).toBe(4);
    const [first] = await bench.run((client, now) =>
      tradegecko.checkSubscription!(client as never, now as never, 'https://onhand.test/hooks/contract'),
    );
    expect(first!.found).toContain('registered order.create');
    expect(await count()).toBe(5);
    bench.close();
  });
});
