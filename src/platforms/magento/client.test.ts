import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bodyText } from '../../platform/http.ts';
import { hmac } from '../../platform/signature.ts';
import { vendorModule } from '../../platform/testing/outside.ts';
import { realClock } from '../../runtime/clock.ts';
import { listen } from '../../sandbox/listen.ts';
import { authorize, signedAddress } from './request.ts';
import { openBench } from './testing/bench.ts';

const published = vendorModule('magento-api-rest');
const Magento = published?.default ?? published;

describe.skipIf(!published)('magento-api-rest against the stand-in (skipped: test/vendor is not installed)', () => {
  const bench = openBench({ clock: realClock, factor: 100 });
  let server: Awaited<ReturnType<typeof listen>>;
  // biome-ignore lint/suspicious/noExplicitAny: the package's types are for its own build.
  let api: any;
  const keys = () => {
    const { consumerKey, consumerSecret, accessToken, accessTokenSecret } = bench.config;
    return { url: server.url, consumerKey, consumerSecret, accessToken, tokenSecret: accessTokenSecret, sha: 256 };
  };
  const refused = (work: Promise<unknown>) =>
    work.then(
      () => undefined,
      (error: { response: { status: number; data: unknown } }) => [error.response.status, error.response.data],
    );

  beforeAll(async () => {
    server = await listen(bench.sandbox);
    api = new Magento(keys());
  });
  afterAll(async () => {
    bench.sandbox.close();
    await server.close();
  });

  it('signs by OAuth: lists, writes and reads back', async () => {
    const { data } = await api.get('products', { filter_groups: [], pageSize: 2, currentPage: 2 });
    expect(data.total_count).toBe(5);
    const rows = [{ sku: 'MUG', source_code: 'default', quantity: 4, status: 1 }];
    expect((await api.post('inventory/source-items', { sourceItems: rows })).data).toEqual([]);
    const { data: items } = await api.get('inventory/source-items', {
      filter_groups: [{ filters: [{ field: 'sku', value: 'MUG', condition_type: 'eq' }] }],
    });
    expect(items.items[0]).toEqual(rows[0]);
    expect((await api.get('inventory/get-product-salable-quantity/MUG/1')).data).toBe(4);
  });

  it('finds and cancels an order', async () => {
    const bought = bench.sandbox.shopper.buy({ lines: [{ sku: 'TEE-M', quantity: 2 }], location: null, paid: false });
    const order = bought.ok ? bought.order : '';
    const { data } = await api.get(`orders/${order}`);
    expect(
      data.items.map((row: Record<string, unknown>) => [row['sku'], row['product_type'], row['qty_ordered']]),
    ).toEqual([
      ['TEE-M', 'configurable', 2],
      ['TEE-M', 'simple', 2],
    ]);
    expect((await api.post(`orders/${order}/cancel`)).data).toBe(true);
    expect((await api.get(`orders/${order}`)).data).toMatchObject({ state: 'canceled' });
  });

  it('a wrong secret, the older method and an unknown order are refused as Magento words it', async () => {
    const wrong = new Magento({ ...keys(), tokenSecret: 'wrong' });
    expect(await refused(wrong.get('orders/1'))).toEqual([
      401,
      { message: 'The signature is invalid. Verify and try again.' },
    ]);
    expect(await refused(new Magento({ ...keys(), sha: 1 }).get('orders/1'))).toMatchObject([400, {}]);
    expect(await refused(api.get('orders/1'))).toMatchObject([404, {}]);
  });

  it('its signature and ours of one request are the same', () => {
    const url =
      'https://mugs.example/rest/all/V1/orders?searchCriteria[pageSize]=2&fields=items%5Bsku%2Cqty%5D&a=x%20y%2A';
    const ours = authorize({ method: 'GET', url, headers: {} }, bench.config, Date.UTC(2026, 10, 24));
    const members = Object.fromEntries(
      [...ours.headers['authorization']!.matchAll(/(\w+)="([^"]*)"/g)].map(([, name, value]) => [
        name,
        decodeURIComponent(value!),
      ]),
    );
    const { oauth_signature: signature, ...given } = members;
    // The library inside the published client; it takes names of parameters undecoded.
    const OAuth = vendorModule('oauth-1.0a');
    const oauth = new OAuth({
      consumer: { key: bench.config.consumerKey, secret: bench.config.consumerSecret },
      signature_method: 'HMAC-SHA256',
      hash_function: (base: string, key: string) => hmac('sha256', key, [base], 'base64'),
    });
    expect(oauth.getSignature({ url, method: 'GET', data: {} }, bench.config.accessTokenSecret, given)).toBe(signature);
  });
});

describe('what is signed of an address', () => {
  // As laminas-uri, which Magento 2.4.7-p3 checks signatures with, answered for each.
  it.each([
    ['Odd%2C%20sku%2F1', 'Odd,%20sku/1'],
    ['T%C3%89E', 'T%C3%89E'],
    ['a%2Bb%3Ab%7Eb', 'a+b:b~b'],
    ['a%28b%29%27', 'a%28b%29%27'],
    ['a%25b', 'a%25b'],
    ['a%23b%3fb', 'a%23b%3Fb'],
  ])('%s is %s', (sent, signed) => {
    expect(signedAddress(`https://mugs.example/rest/all/V1/stockItems/${sent}?fields=a%2Cb`).href).toBe(
      `https://mugs.example/rest/all/V1/stockItems/${signed}?fields=a%2Cb`,
    );
  });
});

describe('who is let in', () => {
  it('the token alone only where the shop allows it; a nonce once; not with a clock that is off', async () => {
    const bench = openBench();
    const ask = async (headers: Record<string, string>) => {
      const url = 'https://mugs.example/rest/all/V1/store/websites';
      const response = await bench.sandbox.handle({ method: 'GET', url, headers });
      return [response.status, (JSON.parse(bodyText(response)) as { message?: string }).message];
    };
    const bearer = { authorization: `Bearer ${bench.config.accessToken}` };
    expect(await ask(bearer)).toMatchObject([401, "The consumer isn't authorized to access %resources."]);
    bench.sandbox.staff.allowBearer();
    expect(await ask(bearer)).toEqual([200, undefined]);
    const signed = (now: number) =>
      authorize(
        { method: 'GET', url: 'https://mugs.example/rest/all/V1/store/websites', headers: {} },
        bench.config,
        now,
      ).headers;
    expect(await ask(signed(bench.clock.now()))).toEqual([200, undefined]);
    expect(await ask(signed(bench.clock.now()))).toMatchObject([401, expect.stringContaining('nonce')]);
    expect(await ask(signed(bench.clock.now() - 700_000))).toMatchObject([401, expect.stringContaining('timestamp')]);
    expect(await ask({})).toMatchObject([401, expect.any(String)]);
  });
});
