import { describe, expect, it } from 'vitest';
import type { FeedPage } from '../../platform/contract.ts';
import { bodyText } from '../../platform/http.ts';
import { woocommerce } from './index.ts';
import { type Bench, openBench } from './testing/bench.ts';

const SINCE = '2026-11-23T00:00:00.000Z';
const poll = (bench: Bench, cursor: string | null): Promise<FeedPage> =>
  bench.run((client, config) => woocommerce.poll(client, config, 'orders', cursor, SINCE));

const idsIn = (page: FeedPage): string[] =>
  page.signals.flatMap((signal) =>
    signal.kind === 'document' ? [signal.doc.doc] : signal.kind === 'document-changed' ? [signal.doc] : [],
  );

/** Every page to the end, and what was told. */
async function all(bench: Bench, cursor: string | null = null) {
  const told = new Set<string>();
  for (let pages = 1; ; pages++) {
    const page = await poll(bench, cursor);
    for (const id of idsIn(page)) told.add(id);
    cursor = page.cursor;
    if (!page.more) return { told, pages, cursor, completeTo: page.completeTo };
    if (pages > 60) throw new Error('the feed never ends');
  }
}

function buy(bench: Bench, count: number): string[] {
  return Array.from({ length: count }, () => {
    bench.sandbox.shopper.edit('MUG', '-', 1_000);
    const bought = bench.sandbox.shopper.buy({ lines: [{ sku: 'MUG', quantity: 1 }], location: null });
    if (!bought.ok) throw new Error(bought.why);
    return `order:${bought.order}`;
  });
}

describe('the feed of orders', () => {
  for (const count of [99, 100, 101, 350, 1_150])
    it(`${count} orders of one second are all told, page after page`, async () => {
      const bench = openBench();
      const bought = buy(bench, count);
      await bench.advance(60_000);
      const { told, pages } = await all(bench);
      expect([...told].sort()).toEqual(bought.sort());
      expect(pages).toBeGreaterThanOrEqual(Math.floor(count / 100) + 1);
    });

  it('a second that is walked by number loses nobody while orders leave it', async () => {
    const bench = openBench();
    const bought = buy(bench, 700);
    await bench.advance(60_000);
    const told = new Set<string>();
    for (let cursor: string | null = null; ; ) {
      const page: FeedPage = await poll(bench, cursor);
      for (const one of idsIn(page)) told.add(one);
      if (!page.more) break;
      cursor = page.cursor;
      // 40 orders told by now are shipped, and stand in another second then.
      for (const doc of [...told].slice(0, 40)) bench.sandbox.shopper.fulfil(doc.slice(6));
      await bench.advance(1_000);
    }
    expect(bench.exchanges.some(({ request }) => request.url.includes('modified_before'))).toBe(true);
    expect(bought.filter((doc) => !told.has(doc))).toEqual([]);
  });

  it('250 orders thrown away at once are told, and completeTo waits for the last of them', async () => {
    const bench = openBench();
    const bought = buy(bench, 250);
    await bench.advance(60_000);
    const before = await all(bench);
    for (const doc of bought) bench.sandbox.staff.trash(doc.slice(6));
    await bench.advance(60_000);
    const told = new Map<string, string>();
    const upTo: (string | null)[] = [];
    for (let cursor = before.cursor, more = true; more; ) {
      const page: FeedPage = await poll(bench, cursor);
      for (const signal of page.signals)
        if (signal.kind === 'document') told.set(signal.doc.doc, signal.doc.state ?? '');
      upTo.push(page.completeTo);
      ({ cursor, more } = page);
    }
    expect(bought.map((doc) => told.get(doc))).toEqual(bought.map(() => 'trash'));
    expect(upTo).toEqual([before.completeTo, before.completeTo, expect.any(String)]);
    expect(Date.parse(upTo[2]!) - Date.parse(before.completeTo!)).toBeGreaterThanOrEqual(60_000);
  });

  it('an order that makes no sense stops nobody: it is asked for alone, and then shown', async () => {
    const bench = openBench();
    const [first, odd, cut, last] = buy(bench, 4) as [string, string, string, string];
    await bench.advance(60_000);
    const spoil = (order: { id: number; line_items?: { quantity: unknown }[] }) => {
      if (`order:${order.id}` === odd) order.line_items![0]!.quantity = 9e12;
      if (`order:${order.id}` === cut) delete order.line_items;
      return order;
    };
    bench.line = async (_, carry) => {
      const response = await carry();
      const body = JSON.parse(bodyText(response));
      return { ...response, body: Buffer.from(JSON.stringify(Array.isArray(body) ? body.map(spoil) : spoil(body))) };
    };
    const page = await poll(bench, null);
    const told = Object.fromEntries(idsIn(page).map((doc, index) => [doc, page.signals[index]!.kind]));
    expect(told).toEqual({
      [first]: 'document',
      [odd]: 'document-changed',
      [cut]: 'document-changed',
      [last]: 'document',
    });
    for (const doc of [odd, cut]) {
      const fetched = bench.run((client, config) => woocommerce.fetchDocument(client, config, doc));
      await expect(fetched).rejects.toMatchObject({ failure: 'rejected', code: 'odd-order' });
    }
  });

  it('starts again before the last change, by the stamps of the store, and completeTo goes on without orders', async () => {
    const bench = openBench();
    buy(bench, 1);
    await bench.advance(60_000);
    const first = await all(bench);
    await bench.advance(3_600_000);
    const second = await all(bench, first.cursor);
    expect(second.told).toEqual(first.told);
    expect(Date.parse(second.completeTo!) - Date.parse(first.completeTo!)).toBeGreaterThanOrEqual(3_600_000);
    const asked = new URL(bench.exchanges.at(-1)!.request.url).searchParams.get('modified_after');
    // The order's second, 20 s before it, and the second that "after" leaves out.
    expect(asked).toBe('2026-11-23T23:59:39');
  });

  it('a web server whose clock is an hour ahead loses no order', async () => {
    const bench = openBench();
    bench.line = async (_, carry) => {
      const response = await carry();
      const ahead = new Date(Date.parse(response.headers['date']!) + 3_600_000).toUTCString();
      return { ...response, headers: { ...response.headers, date: ahead } };
    };
    buy(bench, 1);
    const first = await all(bench);
    await bench.advance(60_000);
    const [late] = buy(bench, 1);
    await bench.advance(5_000);
    expect((await all(bench, first.cursor)).told).toContain(late);
  });

  it('an order with refunds is fetched, and knows of which line', async () => {
    const bench = openBench();
    const [doc] = buy(bench, 1);
    const order = doc!.slice(6);
    bench.sandbox.shopper.fulfil(order);
    bench.sandbox.shopper.refund(order, { sku: 'MUG', quantity: 1 }, false);
    const page = await poll(bench, null);
    expect(page.signals).toMatchObject([{ kind: 'document-changed', doc }]);
    const fetched = await bench.run((client, config) => woocommerce.fetchDocument(client, config, doc!));
    expect(fetched).toMatchObject({ state: 'refunded', lines: [{ parts: [{ committed: 0, out: 1, taken: 1 }] }] });
  });
});
