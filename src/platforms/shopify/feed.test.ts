import { describe, expect, it } from 'vitest';
import type { FeedPage } from '../../platform/contract.ts';
import { bodyText } from '../../platform/http.ts';
import { virtualClock } from '../../platform/testing/virtual-clock.ts';
import { facts } from './facts.ts';
import { shopify } from './index.ts';
import { EAST, openBench } from './testing/bench.ts';

const MINUTE = 60_000;
const lagMs = facts.feeds['orders']!.lagMs;

function open() {
  const clock = virtualClock();
  const bench = openBench(clock);
  bench.sandbox.seed([{ sku: 'MUG', title: 'Mug', stock: { [EAST]: 100_000 } }]);
  const since = new Date(clock.now()).toISOString();
  let cursor: string | null = null;
  const place = () => {
    const bought = bench.sandbox.shopper.buy({ lines: [{ sku: 'MUG', quantity: 1 }], location: null });
    if (!bought.ok) throw new Error(bought.why);
    return bought.order;
  };
  const page = async (): Promise<FeedPage> => {
    const found: FeedPage = await bench.run(shopify.poll(bench.client, bench.config(), 'orders', cursor, since));
    cursor = found.cursor;
    return found;
  };
  /** Pages until there are no more. */
  const poll = async () => {
    const told: string[] = [];
    for (;;) {
      const found = await page();
      for (const signal of found.signals) {
        if (signal.kind !== 'document-changed') throw new Error(signal.kind);
        expect(signal.account).toBe('mugs.myshopify.com');
        told.push(signal.doc.replace('order:', ''));
      }
      if (!found.more) return { told, completeTo: found.completeTo };
    }
  };
  return { clock, bench, place, page, poll };
}

describe('the order feed', () => {
  it('tells each change, and once more only what may still have changed within its second', async () => {
    const { clock, place, poll, bench } = open();
    const first = place();
    const start = clock.now();
    expect(await poll()).toEqual({ told: [first], completeTo: new Date(start).toISOString() });
    // Told within seconds of its change, it might have changed again in the same one.
    await clock.advance(MINUTE / 2);
    expect((await poll()).told).toEqual([first]);
    await clock.advance(MINUTE / 2);
    expect((await poll()).told).toEqual([]);
    bench.sandbox.shopper.fulfil(first);
    const second = place();
    expect((await poll()).told).toEqual([first, second]);
    await clock.advance(10 * MINUTE);
    expect((await poll()).told).toEqual([first, second]);
    expect((await poll()).told).toEqual([]);
  });

  it('two changes in one second are both heard, whenever the poll falls between them', async () => {
    const { clock, place, poll, bench } = open();
    const order = place();
    expect((await poll()).told).toEqual([order]);
    await clock.advance(200);
    bench.sandbox.shopper.fulfil(order);
    expect((await poll()).told).toEqual([order]);
  });

  it('pages through orders of one second and of many, and the end is the beginning of the next poll', async () => {
    const { clock, place, page, poll } = open();
    const same = Array.from({ length: 250 }, place);
    await clock.advance(5_000);
    const later = [];
    for (let index = 0; index < 230; index += 1) {
      later.push(place());
      await clock.advance(1_000);
    }
    const pages: FeedPage[] = [];
    do pages.push(await page());
    while (pages.at(-1)!.more);
    const told = pages.flatMap(({ signals }) => signals.map((one) => ('doc' in one ? String(one.doc).slice(6) : '')));
    expect(new Set(told)).toEqual(new Set([...same, ...later]));
    // No page says more than what lies behind it.
    for (const { completeTo } of pages.slice(0, -1))
      if (completeTo !== null) expect(Date.parse(completeTo)).toBeLessThan(clock.now());
    expect(pages.length).toBeLessThan(9);
    expect((await poll()).told.length).toBeLessThanOrEqual(11);
  });

  it('orders that change while the walk goes on are neither skipped nor kept back', async () => {
    const { clock, place, page, bench } = open();
    const orders: string[] = [];
    for (let index = 0; index < 350; index += 1) {
      orders.push(place());
      await clock.advance(1_000);
    }
    const told = new Set<string>();
    let found: FeedPage;
    let turn = 0;
    do {
      found = await page();
      for (const signal of found.signals) if ('doc' in signal) told.add(String(signal.doc).slice(6));
      // What the walk has passed moves to the end, where an offset would lose as many as moved.
      for (const order of orders.slice(turn * 20, turn * 20 + 20)) bench.sandbox.shopper.fulfil(order);
      turn += 1;
      await clock.advance(2_000);
    } while (found.more);
    expect(told).toEqual(new Set(orders));
  });

  it('reads the last minute again, because the search runs behind', async () => {
    const { clock, bench, place, poll } = open();
    await clock.advance(5 * MINUTE);
    await poll();
    const hidden = place();
    // The index does not know the order yet: the answer comes without it.
    bench.line = async (_, carry) => {
      const answer = await carry();
      const body = JSON.parse(bodyText(answer));
      body.data.orders.nodes = [];
      return { ...answer, body: Buffer.from(JSON.stringify(body)) };
    };
    await clock.advance(20_000);
    expect((await poll()).told).toEqual([]);
    bench.line = undefined;
    await clock.advance(lagMs - 25_000);
    expect((await poll()).told).toEqual([hidden]);
  });

  it('goes by the slower clock when ours runs ahead of Shopify', async () => {
    const { clock, bench, place, poll } = open();
    const behind = 40_000;
    bench.line = async (_, carry) => {
      const answer = await carry();
      return { ...answer, headers: { ...answer.headers, date: new Date(clock.now() - behind).toUTCString() } };
    };
    place();
    const { completeTo } = await poll();
    const off = clock.now() - Date.parse(completeTo!);
    expect(off).toBeGreaterThanOrEqual(behind);
    expect(off).toBeLessThan(behind + 1_000);
    // A Date in the future is not followed: it would leave out orders.
    bench.line = async (_, carry) => {
      const answer = await carry();
      return { ...answer, headers: { ...answer.headers, date: new Date(clock.now() + 3_600_000).toUTCString() } };
    };
    expect(Date.parse((await poll()).completeTo!)).toBe(clock.now());
  });

  it('an old cursor that cannot be read is refused, not taken for the beginning', async () => {
    const { bench } = open();
    const poll = (cursor: string) => bench.run(shopify.poll(bench.client, bench.config(), 'orders', cursor, ''));
    await expect(poll('{"from":1}')).rejects.toThrow();
  });
});
