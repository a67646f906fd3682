import { afterEach, describe, expect, it } from 'vitest';
import { Bench, HOOK_URL, skuOf } from '../../platform/testing/bench.ts';
import { check } from './check.ts';
import { lightspeedXConfig } from './config.ts';
import { checkSubscription, subscribe, unsubscribe } from './hooks.ts';
import { lightspeedX } from './index.ts';
import type { LightspeedXSandbox } from './sandbox.ts';
import { scripted, settings } from './testing/scripted.ts';
import { expiresAt, renew } from './token.ts';

let bench: Bench;
afterEach(() => bench?.close());

async function open(options: { subscribe?: boolean } = {}) {
  bench = await Bench.open(lightspeedX as never, { items: 2, ...options });
  return bench.sandbox as LightspeedXSandbox;
}
// biome-ignore lint/suspicious/noExplicitAny: the bench's client carries every operation.
const run = <T>(work: (client: any, config: any) => Promise<T>) => bench.run(work);

describe('webhooks', () => {
  it('one per type at an address of its own, once, with reasons of our own', async () => {
    const { hooks } = await open();
    expect(hooks.all.map(({ type, url }) => [type, url])).toEqual(
      ['sale.update', 'product.update', 'inventory.update'].map((type) => [type, `${HOOK_URL}?type=${type}`]),
    );
    expect(bench.config).toMatchObject({ reasonOutId: expect.any(String), reasonInId: expect.any(String) });
    const again = await run((client, config) => subscribe(client, config, HOOK_URL));
    expect(again.did).toEqual([]);
    expect(hooks.all).toHaveLength(3);
  });

  it('switched off or doubled they are put right; in the end they are removed', async () => {
    const sandbox = await open();
    sandbox.staff.switchHooksOff();
    sandbox.hooks.all.push({ ...sandbox.hooks.all[0]!, id: 'double', url: `${HOOK_URL}?type=sale.update&key=old` });
    const [found] = await run((client, config) => checkSubscription(client, config, HOOK_URL));
    expect(found!.found).toContain('removed a second webhook for sale.update');
    expect(found!.found).toContain('corrected the webhook for inventory.update');
    expect(sandbox.hooks.all.map(({ active }) => active)).toEqual([true, true, true]);
    expect((await run((client, config) => checkSubscription(client, config, HOOK_URL)))[0]!.found).toContain('All');
    sandbox.hooks.all.push({ ...sandbox.hooks.all[0]!, id: 'other', url: 'https://else.test/hooks' });
    await run((client, config) => unsubscribe(client, config, HOOK_URL));
    expect(sandbox.hooks.all.map(({ id }) => id)).toEqual(['other']);
  });

  it('unsigned ones lead to a fetch of the sale', async () => {
    const sandbox = await open({ subscribe: false });
    sandbox.staff.stopSigning();
    bench.config = lightspeedXConfig.parse({ ...bench.config, webhookToken: 'a-long-word-of-our-own' });
    await bench.subscribe();
    sandbox.shopper.buy({ lines: [{ sku: skuOf(0), quantity: 1 }], location: null });
    await bench.settle();
    expect(bench.refusals).toEqual([]);
    expect(bench.listener.signals.map(({ kind }) => kind)).not.toContain('document');
    expect(bench.listener.docs.size).toBe(1);
  });
});

describe('check', () => {
  it('names the missing scope of each failed test', async () => {
    const sandbox = await open();
    sandbox.staff.revokeScope('inventory:write');
    sandbox.staff.revokeScope('sales:read');
    const checks = await run(check);
    const failed = checks.filter(({ ok }) => !ok);
    expect(failed.map(({ name }) => name)).toEqual(['sales', 'adjustments']);
    expect(failed[1]!.next).toContain('inventory:write');
  });

  it('without any way to know webhooks it says so', async () => {
    const { client } = scripted(({ op }) =>
      op === 'levels' ? [] : { data: op === 'reasonCreate' ? { id: 'R' } : [] },
    );
    const last = async (more: object) => (await check(client, settings(more))).at(-1);
    expect(await last({})).toMatchObject({ name: 'signing secret', ok: false, next: expect.any(String) });
    expect(await last({ webhookToken: 'a-long-word-of-our-own' })).toMatchObject({ ok: true });
  });
});

describe('tokens', () => {
  it('a personal token does not end and cannot be renewed', async () => {
    expect(expiresAt(settings())).toBeUndefined();
    await expect(renew(scripted(() => ({})).client, settings())).rejects.toMatchObject({ failure: 'auth' });
  });

  it('renewing gives two new tokens by our own clock, and the old ones end', async () => {
    const sandbox = await open();
    const before = bench.config;
    const after = await run(renew);
    expect(after.accessToken).toBe(sandbox.tokens.access.token);
    expect(after.refreshToken).not.toBe(before['refreshToken']);
    expect(after.accessTokenEndsAtMs! - bench.clock.now()).toBeGreaterThan(86_000_000);
    await expect(run(renew)).rejects.toMatchObject({ failure: 'auth' });
  });

  it('settings: a refresh token needs client ID and secret; the store by its first name only', () => {
    const good = { account: 'Mugs', accessToken: 't' };
    expect(lightspeedXConfig.parse(good).account).toBe('mugs');
    const missing = (more: object) =>
      lightspeedXConfig.safeParse({ ...good, ...more }).error?.issues.map(({ path }) => path);
    expect(missing({ refreshToken: 'r' })).toEqual([['clientId']]);
    expect(missing({ refreshToken: 'r', clientId: 'c' })).toEqual([['webhookSecret']]);
    expect(lightspeedXConfig.safeParse({ ...good, account: 'mugs.retail.lightspeed.app' }).success).toBe(false);
  });
});

it('a throttled store is left alone until its date', async () => {
  const sandbox = await open();
  for (let calls = 0; calls < 60; calls++)
    await sandbox.handle({
      method: 'GET',
      url: 'https://x.test/api/2026-07/outlets',
      headers: { authorization: `Bearer ${sandbox.tokens.access.token}` },
    });
  expect(sandbox.refusedCalls()).toBeGreaterThan(0);
  expect((await bench.allLevels()).items.length).toBeGreaterThan(0);
});
