import { afterEach, describe, expect, it } from 'vitest';
import { bodyText, type HttpRequest, jsonResponse, TransportError } from '../platform/http.ts';
import { virtualClock } from '../platform/testing/virtual-clock.ts';
import { realClock } from '../runtime/clock.ts';
import { plainPlatform } from './plain-sandbox.ts';
import { createWorld, type World, type WorldOptions } from './world.ts';

let world: World | undefined;
afterEach(() => world?.close());

function open(options: Partial<WorldOptions> = {}) {
  const clock = virtualClock();
  const arrived: string[] = [];
  world = createWorld({
    platforms: [plainPlatform('many'), plainPlatform('one', true)],
    perPlatform: 2,
    items: 40,
    seed: 11,
    factor: 10,
    clock,
    deliverTo: async (hook: HttpRequest) => {
      arrived.push(bodyText(hook));
      return jsonResponse(200, '');
    },
    ...options,
  });
  return { world, clock, arrived };
}

describe('World', () => {
  it('gives every sandbox the whole catalogue: places their own stock, a pool the sum', () => {
    const { world } = open();
    expect(world.channels.map(({ name, places }) => [name, places.kind])).toEqual([
      ['many-1', 'places'],
      ['many-2', 'places'],
      ['one-1', 'pool'],
      ['one-2', 'pool'],
    ]);
    const opening = (sku: string) =>
      Object.values(world.items.find((item) => item.sku === sku)!.stock).reduce((sum, units) => sum + units, 0);
    for (const { sandbox } of world.channels) {
      const shown = new Map<string, number>();
      for (const row of sandbox.shown()) shown.set(row.sku, (shown.get(row.sku) ?? 0) + row.available);
      expect(shown.size).toBe(40);
      for (const [sku, units] of shown) expect(units).toBe(opening(sku));
    }
    expect(world.locations.map(({ id }) => id)).toEqual(['W1', 'W2', 'S1']);
    const ids = world.channels.flatMap(({ places }) =>
      places.kind === 'places' ? Object.values(places.idOf) : [places.id],
    );
    expect(new Set(ids).size).toBe(ids.length);
    expect(world.fronts().map(({ tills }) => tills.length)).toEqual([1, 1, 0, 0]);
  });

  it('opens no stand-in for a way of selling on an account that has one', () => {
    const shop = plainPlatform('shop');
    const tills = { ...shop, facts: { ...shop.facts, id: 'tills', account: { platform: 'shop', source: 'pos' } } };
    const { world } = open({ platforms: [tills, shop] });
    expect(world.channels.map(({ name }) => name)).toEqual(['shop-1', 'shop-2']);
  });

  it('the truth is opening less what all books say; a ledger that booked every sale has no error', async () => {
    const { world, clock, arrived } = open();
    await clock.run(world.shoppers.run(500, 50));
    await clock.runUntilIdle();
    expect(world.quiet()).toBe(true);
    expect(arrived.length).toBeGreaterThan(500);
    const ledger = world.truth().map(({ sku, opening, committed, out }) => ({ sku, onHand: opening - out, committed }));
    expect(world.ledgerErrorUnits(ledger)).toBe(0);
    const [first, ...others] = ledger;
    expect(world.ledgerErrorUnits([{ ...first!, onHand: first!.onHand + 2 }, ...others])).toBe(2);
    expect(world.truth().reduce((sum, row) => sum + row.committed + row.out, 0)).toBeGreaterThan(300);
    const tillSales = world.books().filter((row) => row.location === 'S1' && row.out > 0);
    expect(tillSales.length).toBeGreaterThan(0);
    expect(world.channelOversoldUnits()).toBe(world.channels.reduce((sum, { sandbox }) => sum + sandbox.oversold(), 0));
  });

  it('routes calls by host, over the line; an unknown host was never reached', async () => {
    const { world } = open({ faults: { callCutAfter: 1 } });
    const transport = world.transport();
    const ask = (url: string) => transport({ method: 'GET', url, headers: {} }, { timeoutMs: 1_000 });
    for (const { api, sandbox } of world.channels)
      expect(JSON.parse(bodyText(await ask(`${api}/orders/1`)))).toEqual({ shop: sandbox.account, path: '/orders/1' });
    await expect(ask('https://elsewhere.test/')).rejects.toMatchObject({ sent: false });
    world.faultsOn();
    await expect(ask(`${world.channels[0]!.api}/x`)).rejects.toMatchObject({ sent: true });
    world.faultsOff();
    expect((await ask(`${world.channels[0]!.api}/x`)).status).toBe(200);
    expect(world.networkCounts()).toMatchObject({ calls: 6, callsCutAfter: 1 });
  });

  it('a call that takes longer than its time-out, or is given up, may have been done', async () => {
    const { world, clock } = open({ latencyMs: [5_000, 5_000] });
    const request: HttpRequest = { method: 'GET', url: `${world.channels[0]!.api}/x`, headers: {} };
    const late = world
      .transport()(request, { timeoutMs: 1_000 })
      .catch((error: unknown) => error);
    await clock.advance(1_000);
    expect(await late).toMatchObject({ name: 'TransportError', sent: true });
    const stop = new AbortController();
    const given = world
      .transport()(request, { timeoutMs: 60_000, signal: stop.signal })
      .catch((error: unknown) => error);
    stop.abort();
    expect(await given).toBeInstanceOf(TransportError);
    await clock.runUntilIdle();
  });

  it('webhooks meet a closed door until somebody listens, and are lost in number as asked', async () => {
    const { world, clock, arrived } = open({ deliverTo: undefined, faults: { hookLost: 0.3 } });
    world.faultsOn();
    await clock.run(world.shoppers.run(100, 50));
    await clock.advance(300);
    expect(arrived).toEqual([]);
    world.deliverTo = async (hook) => {
      arrived.push(bodyText(hook));
      return jsonResponse(200, '');
    };
    await clock.run(world.shoppers.run(400, 50));
    await clock.runUntilIdle();
    const { hooks, hooksLost } = world.networkCounts();
    expect(hooksLost / hooks).toBeGreaterThan(0.2);
    expect(hooksLost / hooks).toBeLessThan(0.4);
    expect(arrived.length).toBeGreaterThan(400);
  });

  it('the same seed is the same world, another seed another', async () => {
    const story = async (seed: number) => {
      const { world, clock, arrived } = open({
        seed,
        faults: { hookLost: 0.1, hookDoubled: 0.1, hookReordered: 0.2, hookLate: 0.1 },
      });
      world.faultsOn();
      await clock.run(world.shoppers.run(300, 100));
      await clock.runUntilIdle();
      return { arrived, books: world.books(), counts: world.networkCounts(), shoppers: world.shoppers.counts };
    };
    const first = await story(5);
    expect(await story(5)).toEqual(first);
    expect((await story(6)).arrived).not.toEqual(first.arrived);
  });

  it('stands on loopback ports when asked, and is gone when closed', async () => {
    const { world } = open({ clock: realClock, faults: { callCutAfter: 1 } });
    await world.listen();
    const [first, second] = world.channels;
    expect(new URL(first!.api).hostname).toBe('127.0.0.1');
    expect(first!.api).not.toBe(second!.api);
    expect(world.configOf(first!, 'https://onhand.test/h')).toEqual({
      account: 'many-1',
      api: first!.api,
      hook: 'https://onhand.test/h',
    });
    expect(await (await fetch(`${second!.api}/a`)).json()).toEqual({ shop: 'many-2', path: '/a' });
    world.faultsOn();
    await expect(fetch(`${second!.api}/a`)).rejects.toThrow();
    await world.close();
    await expect(fetch(`${first!.api}/a`)).rejects.toThrow();
  });
});
