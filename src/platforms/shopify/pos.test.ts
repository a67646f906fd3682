import { describe, expect, it } from 'vitest';
import type { Doc } from '../../domain/document.ts';
import type { AnyPlatform } from '../../platform/contract.ts';
import { allRules } from '../../platform/testing/suite.ts';
import { virtualClock } from '../../platform/testing/virtual-clock.ts';
import { everyPlatform } from '../index.ts';
import { facts } from './facts.ts';
import { subscribe } from './hooks.ts';
import { shopify, shopifyPos } from './index.ts';
import { type Bench, EAST, HAT, MUG, openBench, WEST } from './testing/bench.ts';

const HOUR = 3_600_000;

async function open() {
  const clock = virtualClock();
  const bench = openBench(clock);
  bench.sandbox.seed([MUG, HAT]);
  await bench.run(subscribe(bench.client, bench.config(), 'https://onhand.test/hooks/1'));
  await clock.advance(60_000);
  bench.deliveries.length = 0;
  const doc = async (order: string): Promise<Doc> => {
    const found = await bench.run(shopify.fetchDocument(bench.client, bench.config(), `order:${order}`));
    if (found === 'gone') throw new Error('gone');
    return found;
  };
  return { bench, clock, doc };
}

/** What the webhooks of an order tell, in the order they came. */
async function told({ bench, clock }: Awaited<ReturnType<typeof open>>) {
  await clock.advance(60_000);
  return bench.deliveries.flatMap((delivery) => {
    const verdict = shopify.verify(delivery, bench.config(), clock.now());
    if (verdict.verdict !== 'ok') throw new Error(verdict.verdict);
    return shopify.decode(delivery, verdict.topic, bench.config());
  });
}

const sell = (bench: Bench, sku: string, quantity: number, location: string | null) => {
  const bought = bench.sandbox.shopper.buy({ lines: [{ sku, quantity }], location });
  if (!bought.ok) throw new Error(bought.why);
  return bought.order;
};
const said = ({ lines }: Doc) =>
  lines.flatMap(({ sku, parts }) => parts.map(({ location, committed, out }) => [sku, location, committed, out]));

describe('Shopify POS', () => {
  it('is a way of selling on a platform that is in the list, and differs in nothing but what is said of it', () => {
    expect(shopifyPos.facts.account).toEqual({ platform: shopify.facts.id, source: 'pos' });
    expect(everyPlatform.map((one) => one.facts.id)).toEqual(expect.arrayContaining(['shopify', 'shopify-pos']));
    const { facts: _, ...code } = shopifyPos;
    const { facts: __, ...same } = shopify;
    expect(code).toEqual(same);
    const { operations, budgets, feeds, hooks } = shopifyPos.facts;
    expect({ operations, budgets, feeds, hooks }).toEqual({
      operations: facts.operations,
      budgets: facts.budgets,
      feeds: facts.feeds,
      hooks: facts.hooks,
    });
    expect([shopifyPos.facts.push.refusesBelowZero, facts.push.refusesBelowZero]).toEqual(['no', 'atomic']);
  });

  it.each(['facts-consistent', 'facts-hooks', 'config-form'])('keeps the rule %s', async (rule) => {
    expect(await allRules().hold(rule, shopifyPos as AnyPlatform, {})).toEqual({ result: 'holds' });
  });
});

describe('a till sale', () => {
  it('is told apart from a web order by source, and stands at its till', async () => {
    const shop = await open();
    const till = sell(shop.bench, 'MUG', 2, WEST);
    const web = sell(shop.bench, 'MUG', 1, null);
    const docs = (await told(shop)).flatMap((signal) => (signal.kind === 'document' ? [signal.doc] : []));
    const sources = new Map(docs.map(({ doc, source }) => [doc, source]));
    expect(sources).toEqual(
      new Map([
        [`order:${till}`, 'pos'],
        [`order:${web}`, 'web'],
      ]),
    );
    expect(shopifyPos.facts.account!.source).toBe(sources.get(`order:${till}`));
    const last = docs.filter(({ doc }) => doc === `order:${till}`).at(-1)!;
    expect(said(last)).toEqual([['MUG', WEST, 0, 2]]);
    expect(said(await shop.doc(till))).toEqual([['MUG', WEST, 0, 2]]);
    expect((await shop.doc(till)).origin).toBeUndefined();
  });

  it('sends what the till cannot hand over from another place, and asks which one', async () => {
    const shop = await open();
    const order = shop.bench.sandbox.staff.shipToCustomer('MUG', 3, WEST, EAST);
    const first = (await told(shop)).find((signal) => signal.kind === 'document');
    expect(first?.kind === 'document' && said(first.doc)).toEqual([['MUG', null, 3, 0]]);
    expect(await shop.doc(order)).toMatchObject({ source: 'pos', doc: `order:${order}` });
    expect(said(await shop.doc(order))).toEqual([['MUG', EAST, 3, 0]]);
    shop.bench.sandbox.shopper.fulfil(order);
    expect(said(await shop.doc(order))).toEqual([['MUG', EAST, 0, 3]]);
  });

  it('comes back at another till, and is exchanged on the same order', async () => {
    const { bench, doc } = await open();
    const order = sell(bench, 'MUG', 2, WEST);
    expect(bench.sandbox.staff.refundAt(order, 'MUG', 1, EAST)).toBe(true);
    expect(bench.sandbox.staff.addToOrder(order, 'HAT', 1)).toBe(false);
    expect(said(await doc(order))).toEqual([
      ['MUG', WEST, 0, 2],
      ['MUG', EAST, 0, -1],
    ]);
    const other = sell(bench, 'MUG', 1, EAST);
    bench.sandbox.staff.refundAt(other, 'MUG', 1, EAST);
    expect(bench.sandbox.staff.addToOrder(other, 'HAT', 1)).toBe(true);
    bench.sandbox.shopper.fulfil(other);
    expect(said(await doc(other))).toEqual([['HAT', EAST, 0, 1]]);
    expect(bench.sandbox.book().filter(({ out }) => out !== 0)).toEqual([
      { sku: 'MUG', location: EAST, committed: 0, out: -1 },
      { sku: 'MUG', location: WEST, committed: 0, out: 2 },
      { sku: 'HAT', location: EAST, committed: 0, out: 1 },
    ]);
  });

  it('goes below zero where an online order would be refused', async () => {
    const { bench, clock } = await open();
    sell(bench, 'HAT', 2, WEST);
    expect(bench.sandbox.shopper.buy({ lines: [{ sku: 'HAT', quantity: 4 }], location: null }).ok).toBe(false);
    await clock.advance(60_000);
    const item = (await bench.run(shopify.listListings(bench.client, bench.config(), null))).items.find(
      ({ sku }) => sku === 'HAT',
    )!;
    const cell = { stockKey: item.stockKey, location: WEST };
    const [level] = await bench.run(shopify.readLevels(bench.client, bench.config(), [cell]));
    expect([level!.available, bench.sandbox.oversold()]).toEqual([-2, 2]);
    // And such a number can be written over, guarded like any other.
    const [outcome] = await bench.run(
      shopify.pushLevels(bench.client, bench.config(), [
        { cell, want: 0, expect: -2, asOf: new Date(clock.now()).toISOString(), key: bench.client.uuid(), why: 'sync' },
      ]),
    );
    expect(outcome).toMatchObject({ result: 'applied' });
    expect(bench.sandbox.shown().find(({ sku, location }) => sku === 'HAT' && location === WEST)!.available).toBe(0);
  });
});

describe('a sale made without a line', () => {
  it('is told hours later, as of the time it was made, by webhook and by the feed', async () => {
    const shop = await open();
    const { bench, clock } = shop;
    const cursor = async (from: string | null) =>
      bench.run(shopify.poll(bench.client, bench.config(), 'orders', from, new Date(clock.now()).toISOString()));
    let at = (await cursor(null)).cursor;
    const rungUpAt = clock.now();
    await clock.advance(5 * HOUR);
    at = (await cursor(at)).cursor;
    const order = bench.sandbox.staff.uploadOffline('MUG', 4, WEST, rungUpAt);
    const signals = await told(shop);
    const docs = signals.flatMap((signal) => (signal.kind === 'document' ? [signal.doc] : []));
    expect(docs.length).toBeGreaterThan(0);
    for (const doc of docs) {
      expect(Date.parse(doc.saleAt)).toBe(Math.floor(rungUpAt / 1000) * 1000);
      expect(Date.parse(doc.rev!)).toBeGreaterThanOrEqual(rungUpAt + 5 * HOUR - 1_000);
      expect(doc.source).toBe('pos');
    }
    expect(said(docs.at(-1)!)).toEqual([['MUG', WEST, 0, 4]]);
    await clock.advance(120_000);
    // The feed goes by change time: a sale from long before its cursor is not passed over.
    const page = await cursor(at);
    const heard = page.signals.flatMap((signal) =>
      signal.kind === 'document' ? [signal.doc.doc] : signal.kind === 'document-changed' ? [signal.doc] : [],
    );
    expect(heard).toEqual([`order:${order}`]);
    expect(Date.parse((await shop.doc(order)).saleAt)).toBe(Math.floor(rungUpAt / 1000) * 1000);
  });

  it('may have sold what the web shop sold meanwhile: both sales stand, and the number says so', async () => {
    const { bench, clock, doc } = await open();
    const rungUpAt = clock.now();
    await clock.advance(HOUR);
    const web = sell(bench, 'HAT', 3, null);
    const till = bench.sandbox.staff.uploadOffline('HAT', 1, EAST, rungUpAt);
    expect(said(await doc(web))).toEqual([['HAT', EAST, 3, 0]]);
    expect(said(await doc(till))).toEqual([['HAT', EAST, 0, 1]]);
    expect(bench.sandbox.shown().find(({ sku, location }) => sku === 'HAT' && location === EAST)!.available).toBe(-1);
  });
});
