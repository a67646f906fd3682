import { describe, expect, it } from 'vitest';
import { Bench, HOOK_URL, skuOf } from '../../platform/testing/bench.ts';
import { dynamicsConfig } from './config.ts';
import { dynamics365 } from './index.ts';
import type { CentralSandbox } from './sandbox/business-central.ts';
import type { DataverseSandbox } from './sandbox/dataverse.ts';
import { flavoured } from './testing/flavours.ts';
import { settings } from './testing/scripted.ts';

const DAY_MS = 86_400_000;
const check = (bench: Bench) =>
  bench.run((client, config) => dynamics365.checkSubscription!(client, config as never, HOOK_URL));

describe('Business Central', () => {
  it('registers four tables once, renews them before three days are over, and takes them away', async () => {
    const bench = await Bench.open(flavoured('business-central'));
    const { hooks } = bench.sandbox as CentralSandbox;
    expect(hooks.size).toBe(4);
    await bench.subscribe();
    expect(hooks.size, 'safe to repeat').toBe(4);
    expect((await check(bench))[0]?.found).toContain('All subscriptions are there');
    await bench.clock.advance(1.5 * DAY_MS);
    expect((await check(bench))[0]?.found).toContain('salesOrders renewed');
    await bench.clock.advance(2 * DAY_MS);
    bench.sandbox.shopper.buy({ lines: [{ sku: skuOf(0), quantity: 1 }], location: null });
    await bench.settle();
    expect(bench.deliveries.length, 'still told after three and a half days').toBeGreaterThan(0);
    await bench.run((client, config) => dynamics365.unsubscribe!(client, config as never, HOOK_URL));
    expect(hooks.size).toBe(0);
    bench.close();
  });

  it('an answer of ours like 401 deletes the subscription; looking after it registers it again', async () => {
    const bench = await Bench.open(flavoured('business-central'));
    const { hooks } = bench.sandbox as CentralSandbox;
    const { webhookSecret } = bench.config as { webhookSecret?: string };
    bench.config = { ...bench.config, webhookSecret: 'another' };
    bench.sandbox.shopper.buy({ lines: [{ sku: skuOf(0), quantity: 1 }], location: null });
    await bench.settle();
    expect(hooks.size).toBe(3);
    bench.config = { ...bench.config, webhookSecret };
    expect((await check(bench))[0]?.found).toContain('salesOrders registered again');
    expect(hooks.size).toBe(4);
    bench.close();
  });

  it('names the companies there are when the account is none of them', async () => {
    const bench = await Bench.open(flavoured('business-central'), { subscribe: false });
    bench.config = { ...bench.config, account: 'ffffffff-0000-4000-8000-000000000001' };
    const [company] = await bench.run((client, config) => dynamics365.check(client, config as never));
    expect(company).toMatchObject({ ok: false });
    expect(company?.next).toContain(bench.sandbox.account);
    bench.close();
  });
});

describe('Dataverse', () => {
  it('makes one service endpoint with its steps and images, puts switched-off steps right, and takes all away', async () => {
    const bench = await Bench.open(flavoured('dataverse'));
    const { steps } = bench.sandbox as DataverseSandbox;
    const counts = () =>
      ['serviceendpoints', 'sdkmessageprocessingsteps', 'sdkmessageprocessingstepimages'].map((one) =>
        steps.count(one),
      );
    expect(counts()).toEqual([1, 8, 3]);
    await bench.subscribe();
    expect(counts(), 'safe to repeat').toEqual([1, 8, 3]);
    steps.switchOff();
    expect((await check(bench))[0]?.found).toContain('switched on the step Onhand: Update of salesorder');
    expect((await check(bench))[0]?.found).toBe('Service endpoint and steps are there.');
    await bench.run((client, config) => dynamics365.unsubscribe!(client, config as never, HOOK_URL));
    expect(counts().slice(0, 2)).toEqual([0, 0]);
    expect((await check(bench))[0]).toMatchObject({ ok: false });
    bench.close();
  });
});

describe('Supply Chain Management', () => {
  it('shows the address that has to be entered by hand', async () => {
    const bench = await Bench.open(flavoured('supply-chain'), { subscribe: false });
    const { did } = await bench.run((client, config) => dynamics365.subscribe!(client, config as never, HOOK_URL));
    expect(did[0]).toContain(`${HOOK_URL}?code=`);
    expect((await check(bench))[0]).toMatchObject({ ok: true });
    bench.close();
  });
});

describe('settings', () => {
  const issues = (more: Record<string, unknown>) => {
    const { data, error } = dynamicsConfig.safeParse({ ...settings(), ...more });
    return data ? [] : error!.issues.map(({ path }) => path[0]);
  };
  it('asks each product for what it needs', () => {
    expect(issues({})).toEqual([]);
    expect(issues({ account: 'CRONUS International' })).toContain('account');
    expect(issues({ flavour: 'dataverse' })).toEqual(['apiUrl']);
    expect(issues({ flavour: 'supply-chain', account: 'usmf' })).toEqual(['apiUrl', 'inventoryUrl', 'environmentId']);
    expect(issues({ apiUrl: 'http://contoso.crm4.dynamics.com' })).toEqual(['apiUrl']);
  });
});
