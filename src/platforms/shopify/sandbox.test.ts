import { describe, expect, it } from 'vitest';
import { bodyText, jsonResponse } from '../../platform/http.ts';
import type { SandboxOptions } from '../../platform/sandbox.ts';
import { virtualClock } from '../../platform/testing/virtual-clock.ts';
import { type Bench, EAST, HAT, MUG, openBench, WEST } from './testing/bench.ts';
import { ask, codeOf, send } from './testing/graphql.ts';

function open(more: Partial<SandboxOptions> = {}) {
  const bench = openBench(virtualClock(), more);
  bench.sandbox.seed([MUG, HAT]);
  return bench;
}

describe('the stand-in has the vendor’s limits', () => {
  const BIG = '{ productVariants(first: 250) { nodes { id product { id } inventoryItem { id } } } }';

  it('a bucket of 2,000 points, refilled with 100 a second; what was not used comes back', async () => {
    const bench = open();
    const buckets: number[] = [];
    for (let call = 0; call < 3; call += 1) {
      const { extensions } = await ask(bench, BIG);
      expect([extensions.cost.requestedQueryCost, extensions.cost.actualQueryCost]).toEqual([752, 7]);
      buckets.push(extensions.cost.throttleStatus.currentlyAvailable);
    }
    expect(buckets).toEqual([1993, 1986, 1979]);
    // Really used up: orders with nothing to give back.
    const many = Array.from({ length: 260 }, (_, index) => ({ sku: `S${index}`, title: 'x', stock: {} }));
    bench.sandbox.seed(many);
    expect(codeOf(await ask(bench, BIG))).toBeUndefined();
    expect(codeOf(await ask(bench, BIG))).toBeUndefined();
    const refused = await ask(bench, BIG);
    expect(codeOf(refused)).toBe('THROTTLED');
    expect(refused.data).toBeUndefined();
    await bench.clock.advance(8_000);
    expect(codeOf(await ask(bench, BIG))).toBeUndefined();
  });

  it('times the factor, or none at all', async () => {
    const status = async (bench: Bench) => (await ask(bench, '{ shop { name } }')).extensions.cost.throttleStatus;
    expect(await status(open({ factor: 50 }))).toMatchObject({ maximumAvailable: 100_000, restoreRate: 5_000 });
    const free = open({ unlimited: true });
    for (let call = 0; call < 20; call += 1) expect(codeOf(await ask(free, BIG))).toBeUndefined();
  });
});

describe('the stand-in’s webhooks', () => {
  const subscribe = (bench: Bench, topic: string, uri = 'https://onhand.test/hooks/1') =>
    ask(
      bench,
      `mutation ($topic: WebhookSubscriptionTopic!, $uri: String) {
        webhookSubscriptionCreate(topic: $topic, webhookSubscription: { uri: $uri }) { userErrors { message } }
      }`,
      { topic, uri },
    );

  it('a failed one is repeated eight times in four hours, each time with the body of the first', async () => {
    const bodies: string[] = [];
    const times: number[] = [];
    const clock = virtualClock();
    const bench = openBench(clock, {
      deliver: async (hook) => {
        bodies.push(bodyText(hook));
        times.push(clock.now());
        return jsonResponse(bodies.length < 8 ? 500 : 200, '');
      },
    });
    bench.sandbox.seed([MUG]);
    await subscribe(bench, 'ORDERS_CREATE');
    const bought = bench.sandbox.shopper.buy({ lines: [{ sku: 'MUG', quantity: 1 }], location: null });
    if (!bought.ok) throw new Error(bought.why);
    await clock.advance(60_000);
    bench.sandbox.shopper.fulfil(bought.order);
    await clock.advance(5 * 3_600_000);
    expect(bodies).toHaveLength(8);
    expect(new Set(bodies).size).toBe(1);
    expect(times.at(-1)! - times[0]!).toBeLessThan(4 * 3_600_000);
    expect(bench.sandbox.quiet()).toBe(true);
    expect(bench.sandbox.hookTopics()).toEqual(['ORDERS_CREATE']);
  });

  it('one event, one event id, however many listen; a webhook id for each', async () => {
    const bench = open();
    await subscribe(bench, 'ORDERS_CREATE');
    await subscribe(bench, 'ORDERS_CREATE', 'https://onhand.test/hooks/2');
    bench.sandbox.shopper.buy({ lines: [{ sku: 'MUG', quantity: 1 }], location: null });
    await bench.clock.advance(5_000);
    const ids = (name: string) => new Set(bench.deliveries.map(({ headers }) => headers[name]));
    expect([bench.deliveries.length, ids('x-shopify-event-id').size, ids('x-shopify-webhook-id').size]).toEqual([
      2, 1, 2,
    ]);
  });

  it('shipping moves nothing that shoppers see, and tells no level; our own write comes back as one', async () => {
    const bench = open();
    await subscribe(bench, 'INVENTORY_LEVELS_UPDATE');
    const bought = bench.sandbox.shopper.buy({ lines: [{ sku: 'MUG', quantity: 1 }], location: null });
    if (!bought.ok) throw new Error(bought.why);
    bench.sandbox.shopper.fulfil(bought.order);
    bench.sandbox.shopper.edit('HAT', WEST, 6);
    await bench.clock.advance(5_000);
    const told = bench.deliveries.map(({ body }) => JSON.parse(Buffer.from(body).toString()));
    expect(told.map(({ location_id, available }) => [location_id, available]).sort()).toEqual([
      [Number(EAST), 9],
      [Number(WEST), 6],
    ]);
  });

  it('the same seed and the same deeds give the same webhooks, byte for byte', async () => {
    const life = async () => {
      const bench = open();
      for (const topic of ['ORDERS_CREATE', 'ORDERS_UPDATED', 'REFUNDS_CREATE', 'INVENTORY_LEVELS_UPDATE'])
        await subscribe(bench, topic);
      for (let order = 0; order < 5; order += 1) {
        const bought = bench.sandbox.shopper.buy({
          lines: [{ sku: 'MUG', quantity: 1 + (order % 2) }],
          location: null,
        });
        if (bought.ok) bench.sandbox.shopper[order % 2 ? 'cancel' : 'fulfil'](bought.order);
        await bench.clock.advance(300);
      }
      await bench.clock.advance(10_000);
      return bench.deliveries.map(({ headers, body }) => [headers, Buffer.from(body).toString()]);
    };
    expect(await life()).toEqual(await life());
  });
});

describe('the stand-in’s shop', () => {
  it('online never sells what it has not got; a till sells what is in the hand, and that is counted', () => {
    const { sandbox } = open();
    const buy = (quantity: number, location: string | null) =>
      sandbox.shopper.buy({ lines: [{ sku: 'HAT', quantity }], location }).ok;
    expect([buy(4, null), buy(2, EAST), buy(2, null), buy(1, null), buy(1, null)]).toEqual([
      false,
      true,
      false,
      true,
      false,
    ]);
    expect([sandbox.oversold(), sandbox.shown().filter(({ available }) => available < 0)]).toEqual([0, []]);
    expect([buy(2, WEST), buy(1, null)]).toEqual([true, false]);
    expect([sandbox.oversold(), sandbox.shown().filter(({ available }) => available < 0)]).toEqual([
      2,
      [{ sku: 'HAT', location: WEST, available: -2 }],
    ]);
  });

  it('after uninstalling every token is dead, and the shop says so', async () => {
    const bench = open();
    const desk = (secret: string) =>
      bench.sandbox.handle({
        method: 'POST',
        url: 'https://x.test/admin/oauth/access_token',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: `client_id=${bench.config().clientId}&client_secret=${secret}&grant_type=client_credentials`,
      });
    expect((await desk('wrong')).status).toBe(400);
    const { access_token } = JSON.parse(bodyText(await desk(bench.config().webhookSecret!)));
    expect((await send(bench, { query: '{ shop { name } }' }, access_token)).status).toBe(200);
    bench.sandbox.staff.uninstall();
    expect((await send(bench, { query: '{ shop { name } }' }, access_token)).status).toBe(401);
    expect((await send(bench, { query: '{ shop { name } }' })).status).toBe(401);
  });
});
