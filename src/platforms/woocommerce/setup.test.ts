import { describe, expect, it } from 'vitest';
import { wooConfig } from './config.ts';
import { TOPICS } from './hooks.ts';
import { woocommerce } from './index.ts';
import { type Bench, HOOK, openBench } from './testing/bench.ts';

const subscribe = (bench: Bench, url = HOOK) =>
  bench.run((client, config) => woocommerce.subscribe!(client, config, url));
const HOUR = 3_600_000;

describe('settings', () => {
  const good = openBench().config;
  it('one shop has one account, however its address is written', () => {
    for (const account of ['https://www.Shop.example/', 'shop.example', 'http://shop.example//'])
      expect(wooConfig.parse({ ...good, account }).account).toBe('shop.example');
    expect(wooConfig.parse({ ...good, account: 'shop.example/De/' }).account).toBe('shop.example/de');
  });
  it('keys in each other’s field, short secrets and plain http to the world are refused', () => {
    for (const wrong of [
      { consumerKey: 'cs_1' },
      { consumerSecret: 'ck_1' },
      { webhookSecret: 'short' },
      { url: 'http://shop.example.com' },
    ])
      expect(wooConfig.safeParse({ ...good, ...wrong }).success).toBe(false);
    expect(wooConfig.parse({ ...good, url: 'http://127.0.0.1:8080/shop/' }).url).toBe('http://127.0.0.1:8080/shop');
  });
  it('statuses are taken with and without wc-', () => {
    expect(wooConfig.parse({ ...good, soldStatuses: ['wc-Packed', 'waiting'] }).soldStatuses).toEqual([
      'packed',
      'waiting',
    ]);
  });
});

describe('webhooks', () => {
  it('are registered once, whatever happens twice, and a ping changes nothing', async () => {
    const bench = openBench();
    expect((await subscribe(bench)).did).toEqual(TOPICS.map((topic) => `registered ${topic}`));
    expect((await subscribe(bench)).did).toEqual([]);
    expect(bench.sandbox.staff.webhooks().map(({ topic }) => topic)).toEqual(TOPICS);
    expect(bench.deliveries.map(({ body }) => String(body).replace(/\d+/, 'n'))).toEqual(
      TOPICS.map(() => 'webhook_id=n'),
    );
    expect(bench.deliveries.map((one) => woocommerce.verify(one, bench.config, 0).verdict)).toEqual(
      TOPICS.map(() => 'handshake'),
    );
  });

  it('switched off by seven failures in a row (not by six), they are found and switched on again with our secret', async () => {
    const bench = openBench();
    await subscribe(bench);
    bench.hookStatus = 500;
    for (let order = 0; order < 7; order++) {
      const hooks = bench.sandbox.staff.webhooks();
      expect(hooks.find(({ topic }) => topic === 'order.created')!.status).toBe('active');
      expect(bench.sandbox.shopper.buy({ lines: [{ sku: 'MUG', quantity: 1 }], location: null }).ok).toBe(true);
      await bench.advance(120_000);
    }
    const off = bench.sandbox.staff.webhooks().filter(({ status }) => status === 'disabled');
    expect(off.map(({ topic }) => topic)).toContain('order.created');
    bench.hookStatus = 200;
    bench.deliveries.length = 0;
    bench.sandbox.shopper.buy({ lines: [{ sku: 'HAT', quantity: 1 }], location: null });
    await bench.advance(HOUR);
    expect(bench.deliveries, 'no failed delivery is ever sent again, and nothing else comes').toEqual([]);
    const checks = await bench.run((client, config) => woocommerce.checkSubscription!(client, config, HOOK));
    expect(checks.at(-1)!.found).toContain('order.created on again (it was disabled)');
    bench.sandbox.shopper.buy({ lines: [{ sku: 'HAT', quantity: 1 }], location: null });
    await bench.advance(120_000);
    expect(bench.deliveries.length).toBe(3);
    for (const one of bench.deliveries) expect(woocommerce.verify(one, bench.config, 0).verdict).toBe('ok');
  });

  it('a port that WordPress sends nothing to is told', async () => {
    const check = async (url: string) => {
      const bench = openBench();
      const checks = await bench.run((client, config) => woocommerce.checkSubscription!(client, config, url));
      return checks.filter(({ ok }) => !ok).map(({ name, found, next }) => [name, /8443/.test(found), Boolean(next)]);
    };
    expect(await check('https://onhand.example:8443/hooks/1')).toEqual([['webhook address', true, true]]);
    for (const url of ['https://onhand.example/h', 'http://onhand.example:8080/h', 'http://127.0.0.1:8443/h'])
      expect(await check(url)).toEqual([]);
  });

  it('removed are ours alone', async () => {
    const bench = openBench();
    await subscribe(bench);
    await subscribe(bench, 'https://other.test/hook');
    const { did } = await bench.run((client, config) => woocommerce.unsubscribe!(client, config, HOOK));
    expect(did).toHaveLength(TOPICS.length);
    expect(bench.sandbox.staff.webhooks()).toHaveLength(TOPICS.length);
  });
});

describe('the queue of the stand-in', () => {
  it('is late, sends created and updated alike, repeats delivery numbers, and tells the state of the sending', async () => {
    const bench = openBench();
    await subscribe(bench);
    bench.deliveries.length = 0;
    for (let order = 0; order < 3; order++)
      bench.sandbox.shopper.buy({ lines: [{ sku: 'MUG', quantity: 1 }], location: null });
    const bought = bench.sandbox.shopper.buy({ lines: [{ sku: 'HAT', quantity: 1 }], location: null });
    if (bought.ok) bench.sandbox.shopper.fulfil(bought.order);
    await bench.advance(70_000);
    const of = (topic: string) => bench.deliveries.filter(({ headers }) => headers['x-wc-webhook-topic'] === topic);
    expect([of('order.created').length, of('order.updated').length, of('product.updated').length]).toEqual([4, 4, 2]);
    const bodies = (topic: string) =>
      of(topic)
        .map(({ body }) => String(body))
        .sort();
    expect(bodies('order.created')).toEqual(bodies('order.updated'));
    expect(bodies('order.created').at(-1)).toContain('"status":"completed"');
    const numbers = bench.deliveries.map(({ headers }) => headers['x-wc-webhook-delivery-id']);
    expect(new Set(numbers).size).toBeLessThan(numbers.length);
  });

  it('trash and restore are told, deleting for good is not', async () => {
    const bench = openBench();
    await subscribe(bench);
    const bought = bench.sandbox.shopper.buy({ lines: [{ sku: 'MUG', quantity: 2 }], location: null });
    if (!bought.ok) throw new Error(bought.why);
    await bench.advance(120_000);
    const last = async () => {
      bench.deliveries.length = 0;
      await bench.advance(120_000);
      return bench.deliveries.map((one) => woocommerce.decode(one, one.headers['x-wc-webhook-topic']!, bench.config));
    };
    bench.sandbox.staff.trash(bought.order);
    expect(await last()).toMatchObject([[{ kind: 'document-gone', doc: `order:${bought.order}` }]]);
    const fetched = () =>
      bench.run((client, config) => woocommerce.fetchDocument(client, config, `order:${bought.order}`));
    expect(await fetched()).toMatchObject({ state: 'trash', lines: [{ parts: [{ committed: 0, taken: 2 }] }] });
    const poll = () =>
      bench.run((client, config) => woocommerce.poll(client, config, 'orders', null, '2026-11-23T00:00:00Z'));
    expect((await poll()).signals).toMatchObject([{ kind: 'document', doc: { state: 'trash' } }]);
    bench.sandbox.staff.restore(bought.order);
    expect(await last()).toMatchObject([[{ kind: 'document', doc: { state: 'processing' } }]]);
    const force = `https://mugs.example/wp-json/wc/v3/orders/${bought.order}?force=true`;
    const authorized = woocommerce.authorize({ method: 'DELETE', url: force, headers: {} }, bench.config, 0);
    expect((await bench.sandbox.handle(authorized)).status).toBe(200);
    expect(await last()).toEqual([]);
    expect(await fetched()).toBe('gone');
  });
});

describe('checks', () => {
  const failed = async (bench: Bench) =>
    (await bench.run((client, config) => woocommerce.check(client, config))).filter(({ ok }) => !ok);
  it('a key that may only read, stock management off, no secret: each by name, with a next step', async () => {
    const bench = openBench({}, { webhookSecret: undefined });
    bench.sandbox.staff.makeKeyReadOnly();
    bench.sandbox.staff.manageStock(false);
    const checks = await failed(bench);
    expect(checks.map(({ name }) => name)).toEqual(['write permission', 'stock management', 'webhook secret']);
    for (const { next } of checks) expect(next).toBeTruthy();
  });
  it('plain permalinks, and the key in the address', async () => {
    expect(await failed(openBench({}, { plainPermalinks: true }))).toEqual([]);
    const bench = openBench({}, { keyInQuery: true });
    expect(await failed(bench)).toEqual([]);
    expect(bench.exchanges.every(({ request }) => !request.headers['authorization'])).toBe(true);
  });
  it('WooCommerce before 10.3 lists variations one product at a time', async () => {
    const bench = openBench();
    const read = async () => {
      const skus: (string | null)[] = [];
      for (let cursor: string | null = null; ; ) {
        const page = await bench.run((client, config) => woocommerce.listListings(client, config, cursor));
        skus.push(...page.items.map(({ sku }) => sku));
        cursor = page.next;
        if (cursor === null) break;
      }
      const cells = ['1010', '1005/1020', '1005/1030', '77/1'].map((stockKey) => ({ stockKey, location: '-' }));
      return [
        skus.sort(),
        (await bench.run((client, config) => woocommerce.readLevels(client, config, cells)))
          .map(({ stockKey }) => stockKey)
          .sort(),
      ];
    };
    const now = await read();
    expect(now).toEqual([
      ['HAT', 'MUG', 'TEE-M', 'TEE-S'],
      ['1005/1020', '1005/1030', '1010'],
    ]);
    bench.sandbox.staff.withoutVariationsRoute();
    expect(await read()).toEqual(now);
  });
});
