import { describe, expect, it } from 'vitest';
import type { FeedPage } from '../../platform/contract.ts';
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
