import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Delivery } from '../../platform/contract.ts';
import { hmac } from '../../platform/signature.ts';
import { Bench, PLACES, skuOf } from '../../platform/testing/bench.ts';
import { vendorModule } from '../../platform/testing/outside.ts';
import { targetsFor, writableLevels } from '../../platform/testing/pushing.ts';
import { bigcommerce } from './index.ts';
import type { BigSandbox } from './sandbox.ts';
import { NOW, settings } from './testing/scripted.ts';
import { decode, KEY_HEADER, verify } from './webhook.ts';

const outside = vendorModule('standardwebhooks');
const SECRET = 'client-secret-of-the-api-account';
const SECOND = String(NOW / 1000);

const fixture = JSON.parse(readFileSync(new URL('./fixtures/events.json', import.meta.url), 'utf8'));
const [sku, order, product, archived] = fixture.events as { scope: string; data: object }[];

const delivery = (body: unknown, headers: Record<string, string> = {}): Delivery => ({
  method: 'POST',
  path: '/hooks/1',
  headers,
  body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
  receivedAt: new Date(NOW).toISOString(),
});

const signed = (body: unknown, more: { id?: string; second?: string; secret?: string } = {}): Delivery => {
  const { id = 'msg_1', second = SECOND, secret = SECRET } = more;
  const plain = delivery(body);
  const value = `v1,${hmac('sha256', secret, [`${id}.${second}.`, plain.body], 'base64')}`;
  return { ...plain, headers: { 'webhook-id': id, 'webhook-timestamp': second, 'webhook-signature': value } };
};
const why = (given: Delivery, config = settings(), now = NOW) => {
  const verdict = verify(given, config, now);
  return verdict.verdict === 'refused' ? verdict.why : verdict.verdict;
};

describe('signatures, on raw bytes', () => {
  it('good: names the scope and the delivery', () => {
    expect(verify(signed(order), settings(), NOW)).toEqual({
      verdict: 'ok',
      topic: 'store/order/updated',
      deliveryId: 'msg_1',
    });
  });
  it('one flipped byte, another secret, another id or time: refused', () => {
    const flipped = signed(order);
    flipped.body[3]! ^= 1;
    expect(why(flipped)).toBe('bad-signature');
    expect(why(signed(order, { secret: 'other' }))).toBe('bad-signature');
    const other = signed(order);
    expect(why({ ...other, headers: { ...other.headers, 'webhook-id': 'msg_2' } })).toBe('bad-signature');
    expect(why({ ...other, headers: { ...other.headers, 'webhook-timestamp': String(NOW / 1000 + 1) } })).toBe(
      'bad-signature',
    );
  });
  it('several signatures: any good one of this scheme will do', () => {
    const one = signed(order);
    const good = one.headers['webhook-signature']!;
    const several = (text: string) => why({ ...one, headers: { ...one.headers, 'webhook-signature': text } });
    expect(several(`v1a,AAAA ${good} v1,BBBB`)).toBe('ok');
    expect(several('v1,BBBB v1,CCCC')).toBe('bad-signature');
    expect(several(good.replace('v1,', 'v2,'))).toBe('no-signature');
    expect(several(good.slice(3))).toBe('no-signature');
  });
  it('older than the last repetition, or more than five minutes ahead, is stale', () => {
    const DAY_MS = 86_400_000;
    expect(why(signed(order), settings(), NOW + 2.5 * DAY_MS)).toBe('ok');
    expect(why(signed(order), settings(), NOW + 3.1 * DAY_MS)).toBe('stale');
    expect(why(signed(order), settings(), NOW - 299_000)).toBe('ok');
    expect(why(signed(order), settings(), NOW - 301_000)).toBe('stale');
    expect(why(signed(order, { second: 'now' }))).toBe('stale');
  });
  it('no secret refuses everything; an unsigned body needs the key that a person set', () => {
    expect(why(signed(order), settings({ webhookSecret: undefined }))).toBe('no-secret');
    expect(why(delivery(order))).toBe('no-signature');
    const keyed = settings({ hookKey: 'a-long-made-up-text' });
    expect(why(delivery(order, { [KEY_HEADER]: 'a-long-made-up-text' }), keyed)).toBe('ok');
    expect(why(delivery(order, { [KEY_HEADER]: 'a-long-made-up-tex' }), keyed)).toBe('no-signature');
    expect(why(delivery(order, { [KEY_HEADER]: '' }), settings())).toBe('no-signature');
    // A wrong signature is not made good by the key.
    const wrong = signed(order, { secret: 'other' });
    expect(why({ ...wrong, headers: { ...wrong.headers, [KEY_HEADER]: 'a-long-made-up-text' } }, keyed)).toBe(
      'bad-signature',
    );
  });
  it('signed, and no event: refused as malformed', () => {
    expect(why(signed('{}'))).toBe('malformed');
    expect(why(signed({ scope: '../../etc' }))).toBe('malformed');
  });

  it.skipIf(!outside)('npm standardwebhooks signs what we verify, and verifies what the stand-in signs', async () => {
    const key = (secret: string) => new outside.Webhook(Buffer.from(secret).toString('base64'));
    const body = JSON.stringify(order);
    const theirs = key(SECRET).sign('msg_7', new Date(NOW), body);
    const given = delivery(body, { 'webhook-id': 'msg_7', 'webhook-timestamp': SECOND, 'webhook-signature': theirs });
    expect(why(given)).toBe('ok');
    const bench = await Bench.open(bigcommerce as never, { items: 1 });
    bench.sandbox.shopper.buy({ lines: [{ sku: skuOf(0), quantity: 1 }], location: null });
    await bench.settle();
    expect(bench.deliveries.length).toBeGreaterThan(1);
    for (const { delivery: told } of bench.deliveries) {
      const text = Buffer.from(told.body).toString();
      // Its own clock is the real one: only the signature is asked.
      const expected = key(String(bench.config['webhookSecret'])).sign(
        told.headers['webhook-id'],
        new Date(Number(told.headers['webhook-timestamp']) * 1000),
        text,
      );
      expect(told.headers['webhook-signature']).toBe(expected);
    }
    bench.close();
  });
});

describe('what the documented events tell', () => {
  const told = (event: { scope: string }, config = settings()) => decode(delivery(event), event.scope, config);
  it('orders: fetch them', () => {
    for (const event of [order!, archived!])
      expect(told(event)).toEqual([{ kind: 'document-changed', account: 'sftg45fsd', doc: 'order:250' }]);
    const scope = 'store/order/statusUpdated';
    const status = { type: 'order', id: '9007199254740993', status: { previous_status_id: 0, new_status_id: 11 } };
    expect(told({ scope, data: status } as never)).toMatchObject([{ doc: 'order:9007199254740993' }]);
  });
  it('stock: read it, never believe the number', () => {
    expect(told(sku!)).toEqual([
      { kind: 'dirty', account: 'sftg45fsd', stockKey: '509', location: null },
      { kind: 'dirty', account: 'sftg45fsd', stockKey: 'product/206', location: null },
    ]);
    expect(told(product!)).toEqual([{ kind: 'dirty', account: 'sftg45fsd', stockKey: 'product/167', location: null }]);
    const scope = 'store/channel/1/inventory/product/stock_changed';
    expect(told({ scope, data: { variant_id: 5, product_id: 6, location_id: 7 } } as never)).toMatchObject([
      { stockKey: '5', location: '7' },
      { stockKey: 'product/6', location: '7' },
    ]);
  });
  it('another store’s event is an error, one of something else says nothing', () => {
    expect(() => told({ ...order!, producer: 'stores/other' } as never)).toThrow(/other/);
    expect(told({ scope: 'store/customer/created', data: { id: 1 } } as never)).toEqual([]);
    expect(() => told({ scope: 'store/order/updated', data: {} } as never)).toThrow();
  });
});

describe('our own writes', () => {
  it('come back as a hint to read, at the written place', async () => {
    const bench = await Bench.open(bigcommerce as never, { items: 3 });
    const [level] = await writableLevels(bench);
    const targets = await targetsFor(bench, [{ level: level!, want: 13 }]);
    bench.listener.signals.length = 0;
    await bench.run((client, config) => bigcommerce.pushLevels(client as never, config as never, targets));
    await bench.settle();
    const dirty = bench.listener.signals.filter(({ kind }) => kind === 'dirty');
    expect(dirty).toContainEqual({ kind: 'dirty', account: 'contract', stockKey: level!.stockKey, location: null });
    expect((await bench.readLevels([level!]))[0]?.available).toBe(13);
    bench.close();
  });
  it('an archived order that was not shipped is given back', async () => {
    const bench = await Bench.open(bigcommerce as never, { items: 2 });
    const bought = bench.sandbox.shopper.buy({
      lines: [{ sku: skuOf(0), quantity: 2 }],
      location: PLACES[1]!.id,
      paid: false,
    });
    if (!bought.ok) throw new Error(bought.why);
    await bench.settle();
    const part = () => bench.listener.docs.get(`order:${bought.order}`)!.lines[0]!.parts[0];
    expect(part()).toMatchObject({ committed: 2, location: PLACES[1]!.id });
    (bench.sandbox as BigSandbox).staff.archive(bought.order);
    await bench.settle();
    expect(part()).toMatchObject({ committed: 0, out: 0 });
    bench.close();
  });
});
