import { describe, expect, it } from 'vitest';
import { secretPaths } from '../../platform/config.ts';
import type { Failure } from '../../platform/failure.ts';
import { bodyText, jsonResponse } from '../../platform/http.ts';
import { virtualClock } from '../../platform/testing/virtual-clock.ts';
import { SCOPES } from './check.ts';
import { shopifyConfig } from './config.ts';
import { TOPICS } from './hooks.ts';
import { shopify } from './index.ts';
import { type Bench, EAST, HAT, MUG, openBench, sent, WEST } from './testing/bench.ts';

const HOOK = 'https://onhand.test/hooks/1';

function open() {
  const bench = openBench(virtualClock());
  bench.sandbox.seed([MUG, HAT]);
  return bench;
}

const readName = (bench: Bench) => bench.run(shopify.listLocations(bench.client, bench.config()));

describe('settings', () => {
  const base = { account: 'mugs.myshopify.com' };
  it('take any of the three ways to a token, and tell what is missing', () => {
    expect(shopifyConfig.safeParse({ ...base, accessToken: 'shpat_x' }).success).toBe(true);
    expect(shopifyConfig.safeParse({ ...base, clientId: 'c', webhookSecret: 's' }).success).toBe(true);
    expect(shopifyConfig.safeParse({ ...base, clientId: 'c' }).error?.issues[0]?.message).toContain('client secret');
    expect(shopifyConfig.safeParse({ ...base, webhookSecret: 's' }).success).toBe(false);
  });

  it('name the shop in one spelling, and nothing but a shop of Shopify', () => {
    const shop = (account: string) => shopifyConfig.safeParse({ account, accessToken: 'x' });
    expect(shop(' Mugs.MyShopify.com ').data?.account).toBe('mugs.myshopify.com');
    for (const wrong of [
      'https://mugs.myshopify.com',
      'mugs.com',
      'mugs',
      'x.myshopify.com.evil.test',
      '.myshopify.com',
      '',
    ])
      expect(shop(wrong).success).toBe(false);
  });

  it('mark every secret', () => {
    expect(
      secretPaths(shopifyConfig)
        .map((path) => path.join('.'))
        .sort(),
    ).toEqual(['accessToken', 'refreshToken', 'webhookSecret']);
  });
});

describe('tokens', () => {
  it('by client credentials: fetched before the first call, renewed before it ends after 24 hours', async () => {
    const bench = open();
    await readName(bench);
    expect(sent(bench)).toEqual({ '/admin/oauth/access_token': 1, OnhandLocations: 1 });
    const first = bench.config();
    expect(first.accessTokenEndsAtMs).toBe(bench.clock.now() + 86_400_000);
    await bench.clock.advance(86_400_000 - 59_000);
    await readName(bench);
    expect(sent(bench)).toEqual({ '/admin/oauth/access_token': 2, OnhandLocations: 2 });
    expect(bench.config().accessToken).not.toBe(first.accessToken);
    for (const { response } of bench.exchanges) expect(response.status).toBe(200);
  });

  it('by refresh token: each works once, the next one is kept', async () => {
    const bench = open();
    bench.configure({ ...bench.config(), refreshToken: bench.sandbox.access.refreshToken });
    await readName(bench);
    const second = bench.config().refreshToken;
    expect(second).not.toBe(bench.sandbox.access.refreshToken);
    await bench.clock.advance(3_600_000);
    await readName(bench);
    expect(bench.config().refreshToken).not.toBe(second);
    expect(bench.exchanges.every(({ response }) => response.status === 200)).toBe(true);
  });

  it('a fixed token needs none of that; a dead one is said, with what to do', async () => {
    const bench = open();
    const { account, apiUrl } = bench.config();
    bench.configure({ account, apiUrl, accessToken: bench.sandbox.access.fixedToken });
    await readName(bench);
    expect(sent(bench)).toEqual({ OnhandLocations: 1 });
    bench.configure({ account, apiUrl, accessToken: 'shpat_dead' });
    const error = (await readName(bench).catch((thrown: unknown) => thrown)) as Failure;
    expect(error).toMatchObject({ failure: 'auth', code: 'cannot-renew' });
    expect(error.message).toContain('settings');
  });

  it('never sends the access token to the token desk, nor the client secret anywhere else', async () => {
    const bench = open();
    await readName(bench);
    const { accessToken, webhookSecret } = bench.config();
    for (const { request } of bench.exchanges) {
      const all = `${JSON.stringify(request.headers)} ${bodyText(request)}`;
      const desk = request.url.endsWith('/access_token');
      expect(all.includes(webhookSecret!)).toBe(desk);
      expect(all.includes(accessToken!)).toBe(!desk);
    }
  });
});

describe('the check of a channel', () => {
  const check = (bench: Bench) => bench.run(shopify.check(bench.client, bench.config()));
  const failing = async (bench: Bench) =>
    (await check(bench)).filter(({ ok }) => !ok).map(({ name, next }) => [name, Boolean(next)]);

  it('passes in a shop that is set up, and says that old orders are out of reach', async () => {
    const bench = open();
    const checks = await check(bench);
    expect(checks.filter(({ ok }) => !ok)).toEqual([]);
    expect(checks.find(({ name }) => name === 'older orders')?.found).toContain('60 days');
    expect(checks.find(({ name }) => name === 'locations')?.found).toContain('East, West');
  });

  it('names each missing scope, and says where scopes are given', async () => {
    for (const scope of SCOPES) {
      const bench = open();
      bench.sandbox.staff.revokeScope(scope);
      // `write_inventory` is what makes `read_inventory` true in the stand-in.
      if (scope === 'read_inventory') bench.sandbox.staff.revokeScope('write_inventory');
      const found = (await check(bench)).find(({ name }) => name === 'scopes')!;
      expect([found.ok, found.found.includes(scope), found.next?.includes('Access scopes')]).toEqual([
        false,
        true,
        true,
      ]);
    }
  });

  it('finds the wrong shop, the missing secret, closed locations', async () => {
    const bench = open();
    await readName(bench);
    const good = bench.config();
    bench.configure({ ...good, account: 'hats.myshopify.com' });
    expect(await failing(bench)).toEqual([['shop', true]]);
    bench.configure({ ...good, webhookSecret: undefined });
    expect(await failing(bench)).toEqual([['signing secret', true]]);
    bench.configure(good);
    bench.sandbox.staff.closeLocation(EAST);
    bench.sandbox.staff.closeLocation(WEST);
    expect(await failing(bench)).toEqual([['locations', true]]);
  });
});

describe('webhooks are registered, watched and removed by the API', () => {
  const subscribe = (bench: Bench, url = HOOK) => bench.run(shopify.subscribe!(bench.client, bench.config(), url));
  const look = (bench: Bench) => bench.run(shopify.checkSubscription!(bench.client, bench.config(), HOOK));

  it('all topics once, however often it is repeated', async () => {
    const bench = open();
    expect((await subscribe(bench)).did).toHaveLength(TOPICS.length);
    expect((await subscribe(bench)).did).toEqual([]);
    expect(bench.sandbox.hookTopics().sort()).toEqual([...TOPICS].sort());
    expect((await look(bench)).map(({ ok }) => ok)).toEqual([true, true]);
  });

  it('removes its own and leaves others', async () => {
    const bench = open();
    await subscribe(bench, 'https://other.test/');
    await subscribe(bench);
    const { did } = await bench.run(shopify.unsubscribe!(bench.client, bench.config(), HOOK));
    expect(did).toHaveLength(TOPICS.length);
    expect(bench.sandbox.hookTopics()).toHaveLength(TOPICS.length);
  });

  it('a lost answer to a registration does no harm', async () => {
    const bench = open();
    let lost = 0;
    bench.line = async (request, carry) => {
      const answer = await carry();
      if (!bodyText(request).includes('OnhandHookCreate') || lost > 0) return answer;
      lost += 1;
      return jsonResponse(502, '');
    };
    await subscribe(bench);
    expect(lost).toBe(1);
    expect(bench.sandbox.hookTopics().sort()).toEqual([...TOPICS].sort());
  });

  it('eight failed deliveries in a row and Shopify deletes it silently: the check puts it back', async () => {
    const clock = virtualClock();
    let answers = 500;
    const bench = openBench(clock, { deliver: async () => jsonResponse(answers, '') });
    bench.sandbox.seed([MUG]);
    await subscribe(bench);
    for (let order = 0; order < 8; order += 1)
      bench.sandbox.shopper.buy({ lines: [{ sku: 'MUG', quantity: 1 }], location: null });
    await clock.advance(60_000);
    expect(bench.sandbox.hookTopics()).not.toContain('ORDERS_CREATE');
    answers = 200;
    const [webhooks] = await look(bench);
    expect(webhooks).toMatchObject({ ok: true });
    expect(webhooks!.found).toContain('registered ORDERS_CREATE');
    expect(bench.sandbox.hookTopics()).toContain('ORDERS_CREATE');
  });

  it('one that leaves out fields is replaced', async () => {
    const bench = open();
    const mutation = `mutation ($hook: WebhookSubscriptionInput!) {
      webhookSubscriptionCreate(topic: ORDERS_CREATE, webhookSubscription: $hook) { userErrors { message } }
    }`;
    const body = JSON.stringify({ query: mutation, variables: { hook: { uri: HOOK, includeFields: ['id'] } } });
    await bench.sandbox.handle({
      method: 'POST',
      url: 'https://shopify.test/admin/api/2026-10/graphql.json',
      headers: { 'x-shopify-access-token': bench.sandbox.access.fixedToken },
      body,
    });
    expect((await subscribe(bench)).did[0]).toContain('removed ORDERS_CREATE');
    expect(bench.sandbox.hookTopics().sort()).toEqual([...TOPICS].sort());
  });

  it('Shopify refuses the address: that is said', async () => {
    await expect(subscribe(open(), 'ftp://nowhere')).rejects.toMatchObject({
      failure: 'rejected',
      code: 'hook-refused',
    });
  });
});

describe('the catalogue', () => {
  it('variants carry what order lines name, stock what levels name; bundles and uncounted ones are marked', async () => {
    const bench = openBench(virtualClock());
    bench.sandbox.seed([
      MUG,
      { sku: ' ', title: 'No SKU', stock: {} },
      { sku: 'LOOSE', title: 'Loose', stock: {}, untracked: true },
    ]);
    bench.sandbox.staff.makeBundle('MUG');
    const { items } = await bench.run(shopify.listListings(bench.client, bench.config(), null));
    expect(items.map(({ sku, tracked, unwritable }) => [sku, tracked, unwritable?.slice(0, 13)])).toEqual([
      ['MUG', true, 'bundle parent'],
      [null, true, undefined],
      ['LOOSE', false, undefined],
    ]);
    for (const { listing, stockKey } of items)
      expect([/^\d+$/.test(listing), /^\d+$/.test(stockKey)]).toEqual([true, true]);
  });

  it('closed locations are listed as such and their levels left out', async () => {
    const bench = open();
    bench.sandbox.staff.closeLocation(WEST);
    expect(await readName(bench)).toEqual([
      { location: EAST, name: 'East', active: true },
      { location: WEST, name: 'West', active: false },
    ]);
    const { items, next } = await bench.run(shopify.listLevels(bench.client, bench.config(), null));
    expect([items.length, next]).toEqual([2, null]);
  });
});
