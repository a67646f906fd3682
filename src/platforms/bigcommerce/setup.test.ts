import { describe, expect, it } from 'vitest';
import { Bench, HOOK_URL, PLACES, skuOf } from '../../platform/testing/bench.ts';
import { listListings } from './catalogue.ts';
import { bigConfig } from './config.ts';
import { bigcommerce } from './index.ts';
import { readLevels } from './levels.ts';
import type { BigSandbox } from './sandbox.ts';
import { scripted, settings } from './testing/scripted.ts';

async function opened() {
  const bench = await Bench.open(bigcommerce as never, { items: 3 });
  const { staff } = bench.sandbox as BigSandbox;
  const problems = async (config = {}) => {
    bench.config = bigcommerce.config.parse({ ...bench.config, ...config });
    const checks = await bench.run((client, now) => bigcommerce.check(client as never, now as never));
    for (const one of checks.filter(({ ok }) => !ok)) expect(one.next, one.found).toBeTruthy();
    return checks.filter(({ ok }) => !ok).map(({ name }) => name);
  };
  return { bench, staff, problems };
}

describe('checks', () => {
  it('a token that may only read', async () => {
    const { bench, staff, problems } = await opened();
    staff.makeTokenReadOnly();
    expect(await problems()).toEqual(['write permission']);
    bench.close();
  });
  it('the place of online orders: none set is fine, an unknown or switched-off one is not', async () => {
    const { bench, staff, problems } = await opened();
    expect(await problems({ onlineLocation: undefined })).toEqual([]);
    expect(await problems({ onlineLocation: '99' })).toEqual(['location of online orders']);
    staff.disableLocation(PLACES[0]!.id);
    expect(await problems({ onlineLocation: PLACES[0]!.id })).toEqual(['location of online orders']);
    bench.close();
  });
  it('what the store does with its own number must be what the settings say', async () => {
    const { bench, staff, problems } = await opened();
    staff.settings.update_stock_behavior = 'order_completed_or_shipped';
    expect(await problems()).toEqual(['inventory settings']);
    expect(await problems({ stockTakenAt: 'shipped' })).toEqual([]);
    staff.settings.refund_order_stock_adjustment = false;
    expect(await problems()).toEqual(['inventory settings']);
    expect(await problems({ restocksRefunds: false })).toEqual([]);
    staff.settings.edit_order_stock_adjustment = false;
    expect(await problems()).toEqual(['inventory settings']);
    bench.close();
  });
  it('no client secret: said so', async () => {
    const { bench, problems } = await opened();
    expect(await problems({ webhookSecret: undefined })).toEqual(['webhook secret']);
    bench.close();
  });
});

describe('webhooks', () => {
  const run = (bench: Bench, what: 'subscribe' | 'unsubscribe' | 'checkSubscription') =>
    bench.run((client, config) => bigcommerce[what]!(client as never, config as never, HOOK_URL) as Promise<unknown>);

  it('registered once, switched on again, removed', async () => {
    const { bench, staff } = await opened();
    expect(staff.hooks()).toHaveLength(9);
    expect(await run(bench, 'subscribe')).toEqual({ did: [] });
    staff.switchHooksOff();
    expect(await run(bench, 'checkSubscription')).toMatchObject([{ ok: true }]);
    expect(staff.hooks().every(({ active }) => active)).toBe(true);
    expect(await run(bench, 'unsubscribe')).toMatchObject({
      did: expect.arrayContaining(['removed store/order/created']),
    });
    expect(staff.hooks()).toEqual([]);
    bench.close();
  });
  it('an address that BigCommerce cannot reach is told', async () => {
    const { client } = scripted(({ op }) => (op === 'hooks' ? { data: [] } : { data: {} }));
    const checks = await bigcommerce.checkSubscription!(client, settings(), 'https://shop.example:8443/hooks/1');
    expect(checks[0]).toMatchObject({ ok: false, next: expect.stringContaining('443') });
  });
  it('the key of unsigned hooks is given to the store', async () => {
    const { client, asked } = scripted(({ op }) => (op === 'hooks' ? { data: [] } : { data: {} }));
    await bigcommerce.subscribe!(client, settings({ hookKey: 'a-long-made-up-text' }), HOOK_URL);
    expect(asked[1]!.body).toMatchObject({ headers: { 'x-onhand-key': 'a-long-made-up-text' } });
  });
  it('two days of failures switch a hook off', async () => {
    const { bench, staff } = await opened();
    bench.config = { ...bench.config, webhookSecret: 'not-this-one' };
    bench.sandbox.shopper.buy({ lines: [{ sku: skuOf(0), quantity: 1 }], location: null });
    await bench.clock.advance(3 * 86_400_000);
    expect(
      staff
        .hooks()
        .filter(({ active }) => !active)
        .map(({ scope }) => scope),
    ).toContain('store/order/created');
    bench.close();
  });
});

describe('catalogue', () => {
  it('variants that share the stock of their product share its key; blank SKUs are none', async () => {
    const row = (id: number, inventory_tracking: string, variants: object[]) => ({
      id,
      name: 'Tee',
      sku: 'TEE',
      inventory_tracking,
      variants,
    });
    const { client } = scripted(() => ({
      data: [
        row(1, 'product', [
          { id: 11, sku: ' ' },
          { id: 12, sku: 'B', option_values: [{ label: 'Red' }, { label: 'M' }] },
        ]),
        row(2, 'variant', [{ id: 21, sku: 'C', upc: '4006381333931' }]),
        row(3, 'none', [{ id: 31, sku: null }]),
      ],
    }));
    const { items, next } = await listListings(client, settings(), null);
    expect(next).toBeNull();
    expect(items.map(({ listing, stockKey, sku, title, tracked }) => [listing, stockKey, sku, title, tracked])).toEqual(
      [
        ['11', 'product/1', null, 'Tee', true],
        ['12', 'product/1', 'B', 'Tee, Red, M', true],
        ['21', '21', 'C', 'Tee', true],
        ['31', '31', 'TEE', 'Tee', false],
      ],
    );
  });
  it('a product that is tracked by variant since is not read as one', async () => {
    const item = (variant_id: number) => ({
      identity: { variant_id, product_id: 7 },
      locations: [{ location_id: 1, available_to_sell: 3, total_inventory_onhand: 3 }],
    });
    const { client } = scripted(() => ({ data: [item(1), item(2)] }));
    expect(await readLevels(client, settings(), [{ stockKey: 'product/7', location: '1' }])).toEqual([]);
  });
});

describe('settings', () => {
  it('the hash alone, in any case', () => {
    expect(bigConfig.parse({ account: ' SFTG45fsd ', accessToken: 'x' }).account).toBe('sftg45fsd');
    expect(bigConfig.safeParse({ account: 'https://api.bigcommerce.com/stores/x', accessToken: 'x' }).success).toBe(
      false,
    );
  });
});

describe('the quota', () => {
  it('151 calls in 30 seconds: the last is refused, and says until when', async () => {
    const { bench } = await opened();
    await bench.clock.advance(60_000);
    const ask = () =>
      bench.sandbox.handle({
        method: 'GET',
        url: 'https://platform.test/stores/contract/v3/settings/inventory',
        headers: { 'x-auth-token': String(bench.config['accessToken']) },
      });
    for (let call = 1; call <= 150; call++)
      expect(await ask()).toMatchObject({ status: 200, headers: { 'x-rate-limit-requests-left': String(150 - call) } });
    const refused = await ask();
    expect(refused.status).toBe(429);
    const failure = bigcommerce.classify(refused, 'settings');
    expect(failure).toMatchObject({ failure: 'throttled', retryAfterMs: 30_000 });
    await bench.clock.advance(30_000);
    expect((await ask()).status).toBe(200);
    bench.close();
  });
});
