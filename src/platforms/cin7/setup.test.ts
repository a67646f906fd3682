import { afterEach, describe, expect, it } from 'vitest';
import { Bench, HOOK_URL, PLACES, skuOf } from '../../platform/testing/bench.ts';
import { virtualClock } from '../../platform/testing/virtual-clock.ts';
import { seededRandom } from '../../runtime/random.ts';
import { check } from './check.ts';
import { cin7Config } from './config.ts';
import { checkHooks, subscribeCore, unsubscribeCore } from './core/hooks.ts';
import { cin7 } from './index.ts';
import { omniSandbox } from './sandbox.ts';
import { scripted, settings } from './testing/scripted.ts';
import { EVENT_TYPES } from './webhook.ts';

let bench: Bench | undefined;
afterEach(() => bench?.close());

async function open() {
  bench = await Bench.open(cin7 as never, { items: 2 });
  const sandbox = bench.sandbox as ReturnType<typeof cin7.sandbox> & {
    hooks: { all: { ID: string; Type: string; IsActive: boolean; ExternalURL: string }[]; hasAutomation: boolean };
  };
  // biome-ignore lint/suspicious/noExplicitAny: the bench's client carries every operation.
  const run = <T>(work: (client: any, config: any) => Promise<T>) => bench!.run(work);
  return { sandbox, run };
}

describe("Core's webhooks", () => {
  it('one per type, with a word of our own, once', async () => {
    const { sandbox, run } = await open();
    expect(sandbox.hooks.all.map(({ Type }) => Type)).toEqual([...EVENT_TYPES]);
    expect(String(bench!.config['webhookSecret']).length).toBeGreaterThanOrEqual(64);
    expect((await run((client, config) => subscribeCore(client, config, HOOK_URL))).did).toEqual([]);
  });

  it('after six failures one is off in silence, and is switched on again', async () => {
    const { sandbox, run } = await open();
    bench!.config = { ...bench!.config, webhookSecret: 'another-word-than-registered' };
    sandbox.shopper.buy({ lines: [{ sku: skuOf(0), quantity: 1 }], location: null });
    await bench!.clock.advance(3 * 3_600_000);
    const off = sandbox.hooks.all.filter(({ IsActive }) => !IsActive).map(({ Type }) => Type);
    expect(off).toContain('Sale/OrderAuthorised');
    expect(bench!.refusals.length).toBeGreaterThanOrEqual(6);
    const [found] = await run((client, config) => checkHooks(client, config, HOOK_URL));
    expect(found!.found).toContain('switched Sale/OrderAuthorised on again');
    expect(found!.found).toContain('corrected Product/Updated');
    sandbox.shopper.buy({ lines: [{ sku: skuOf(1), quantity: 1 }], location: null });
    await bench!.settle();
    expect(bench!.listener.docs.size).toBe(1);
  });

  it('doubles are removed, others are left alone', async () => {
    const { sandbox, run } = await open();
    sandbox.hooks.all.push(
      { ...sandbox.hooks.all[0]!, ID: 'double' },
      { ...sandbox.hooks.all[0]!, ID: 'theirs', ExternalURL: 'https://else.test/' },
    );
    expect((await run((client, config) => subscribeCore(client, config, HOOK_URL))).did).toEqual([
      'removed a second webhook for Sale/OrderAuthorised',
    ]);
    await run((client, config) => unsubscribeCore(client, config, HOOK_URL));
    expect(sandbox.hooks.all.map(({ ID }) => ID)).toEqual(['theirs']);
  });

  it('without the Automation module it says so', async () => {
    const { sandbox, run } = await open();
    sandbox.hooks.hasAutomation = false;
    await expect(run((client, config) => subscribeCore(client, config, HOOK_URL))).rejects.toMatchObject({
      failure: 'auth',
      code: 'no-automation',
      message: expect.stringContaining('Automation'),
    });
  });
});

describe('Omni', () => {
  const omni = () => {
    const clock = virtualClock(Date.UTC(2026, 10, 24, 10));
    const sandbox = omniSandbox({
      clock,
      random: seededRandom(3),
      name: 'mugs',
      locations: PLACES,
      factor: 1,
      deliver: async () => ({ status: 200, headers: {}, body: new Uint8Array() }),
    });
    return sandbox;
  };

  it('has no webhooks to register', async () => {
    const { client, asked } = scripted(() => ({}));
    const config = settings({ product: 'omni' });
    expect(await cin7.subscribe!(client, config, HOOK_URL)).toEqual({ did: [] });
    expect(await cin7.unsubscribe!(client, config, HOOK_URL)).toEqual({ did: [] });
    expect(await cin7.checkSubscription!(client, config, HOOK_URL)).toEqual([]);
    expect(asked).toEqual([]);
  });

  it('an API connection is allowed module by module: each that is missing is named', async () => {
    const sandbox = omni();
    sandbox.modules.delete('CreditNotes');
    bench = await Bench.open(
      {
        ...cin7,
        facts: { ...cin7.facts, hooks: { ...cin7.facts.hooks, kind: 'none' } },
        sandbox: () => sandbox,
      } as never,
      { items: 1, subscribe: false },
    );
    const checks = await bench.run((client, config) => check(client as never, config as never));
    expect(checks.filter(({ ok }) => !ok)).toMatchObject([
      { name: 'credit notes', next: expect.stringContaining('credit notes') },
    ]);
    expect(checks.find(({ name }) => name === 'meaning of a quantity')!.found).toContain('difference');
  });

  it('an account that counts instead of adding gets the counted number', async () => {
    const counted = {
      ...cin7,
      sandbox: (options: Parameters<typeof omniSandbox>[0]) => omniSandbox(options, 'counted'),
    };
    bench = await Bench.open(counted as never, { items: 2, subscribe: false });
    bench.sandbox.shopper.buy({ lines: [{ sku: skuOf(0), quantity: 3 }], location: null });
    await bench.allListings();
    const [level] = (await bench.allLevels()).items;
    const target = {
      cell: level!,
      want: 11,
      expect: level!.available,
      from: level!,
      asOf: new Date(bench.clock.now()).toISOString(),
      key: 'k',
      why: 'sync' as const,
    };
    const outcomes = await bench.run((client, config) => cin7.pushLevels(client as never, config as never, [target]));
    expect(outcomes).toMatchObject([{ result: 'applied' }]);
    expect(bench.sandbox.shown()[0]!.available).toBe(11);
  });
});

it('settings', () => {
  expect(cin7Config.parse({ account: 'A', apiKey: 'k' })).toMatchObject({
    product: 'core',
    goneWhen: 'shipped',
    unitCost: 0,
  });
  expect(cin7Config.safeParse({ account: 'A', apiKey: 'k', webhookSecret: 'short' }).success).toBe(false);
  expect(cin7Config.safeParse({ account: 'A', apiKey: 'k', product: 'dear' }).success).toBe(false);
});
