import { describe, expect, it } from 'vitest';
import type { Signal } from '../../platform/contract.ts';
import { bodyText } from '../../platform/http.ts';
import { pollOrders } from './feed.ts';
import { pushLevels } from './push.ts';
import { type Bench, EAST, openBench, target, WEST } from './testing/bench.ts';

class Feed {
  cursor: string | null = null;
  completeTo: string | null = null;
  constructor(
    readonly bench: Bench,
    readonly since = new Date(bench.now()).toISOString(),
  ) {}

  async poll(): Promise<Signal[]> {
    const signals: Signal[] = [];
    for (let more = true; more; ) {
      const page = await this.bench.run((client, config) => pollOrders(client, config, this.cursor, this.since));
      signals.push(...page.signals);
      this.cursor = page.cursor;
      this.completeTo = page.completeTo;
      more = page.more;
    }
    return signals;
  }
}

const docs = (signals: Signal[]) => [
  ...new Set(signals.flatMap((signal) => (signal.kind === 'document-changed' ? [signal.doc] : []))),
];
const buy = (bench: Bench, location: string | null = null) => {
  const bought = bench.sandbox.shopper.buy({ lines: [{ sku: 'MUG', quantity: 1 }], location });
  if (!bought.ok) throw new Error(bought.why);
  return bought.order;
};

describe('the feed', () => {
  it('tells orders with their shipments, sales and returns, and what else moved as items to read', async () => {
    const bench = openBench();
    const feed = new Feed(bench);
    const order = buy(bench);
    const sale = buy(bench, WEST);
    expect(docs(await feed.poll())).toEqual([`order:${order}`, `sale:${sale}`]);
    await bench.advance(3_600_000);
    await feed.poll();
    bench.sandbox.shopper.fulfil(order);
    bench.sandbox.shopper.refund(order, { sku: 'MUG', quantity: 1 }, true);
    bench.sandbox.shopper.edit('HAT', EAST, 4);
    await bench.run((client, config) => pushLevels(client, config, [target('503', EAST, 3, 10)]));
    const signals = await feed.poll();
    expect(docs(signals)).toEqual([`sale:${sale}`, `order:${order}`, expect.stringMatching(/^return:\d+$/)]);
    expect(signals.flatMap((signal) => (signal.kind === 'dirty' ? [signal.stockKey] : []))).toEqual(['502', '503']);
  });

  it('tells again what is five minutes older than the newest, then no more', async () => {
    const bench = openBench();
    const feed = new Feed(bench);
    const first = buy(bench);
    await feed.poll();
    await bench.advance(240_000);
    const second = buy(bench);
    expect(docs(await feed.poll())).toEqual([`order:${first}`, `order:${second}`]);
    await bench.advance(240_000);
    const third = buy(bench);
    expect(docs(await feed.poll())).toEqual([`order:${first}`, `order:${second}`, `order:${third}`]);
    expect(docs(await feed.poll())).toEqual([`order:${second}`, `order:${third}`]);
  });

  it('in an account where nobody works nothing is read again', async () => {
    const bench = openBench();
    const feed = new Feed(bench);
    bench.sandbox.shopper.edit('HAT', EAST, 4);
    const dirty = async () =>
      (await feed.poll()).flatMap((signal) => (signal.kind === 'dirty' ? [signal.stockKey] : []));
    expect(await dirty()).toEqual(['502']);
    await bench.advance(30_000);
    expect(await dirty()).toEqual([]);
    bench.sandbox.shopper.edit('CAP', EAST, 4);
    expect(await dirty()).toEqual(['503']);
  });

  it('many of one second over several pages, each once', async () => {
    const bench = openBench();
    bench.sandbox.seed([{ sku: 'PIN', title: 'Pin', stock: { [EAST]: 10_000 } }]);
    const orders = Array.from({ length: 600 }, () => {
      const bought = bench.sandbox.shopper.buy({ lines: [{ sku: 'PIN', quantity: 1 }], location: null });
      return bought.ok ? `order:${bought.order}` : '';
    });
    const feed = new Feed(bench);
    const told = (await feed.poll()).flatMap((signal) => (signal.kind === 'document-changed' ? [signal.doc] : []));
    expect(told.sort()).toEqual(orders.sort());
  });

  it('the hour that autumn repeats hides nothing, whenever it is polled', async () => {
    // New York, 1 November 2026: 02:00 becomes 01:00 at 06:00 UTC.
    for (const everyMs of [4 * 60_000, 25 * 60_000]) {
      const bench = openBench(Date.UTC(2026, 10, 1, 4, 30));
      bench.sandbox.seed([{ sku: 'PIN', title: 'Pin', stock: { [EAST]: 10_000 } }]);
      const feed = new Feed(bench);
      const told = new Set<string>();
      const bought: string[] = [];
      while (bench.now() < Date.UTC(2026, 10, 1, 8, 30)) {
        const order = bench.sandbox.shopper.buy({ lines: [{ sku: 'PIN', quantity: 1 }], location: null });
        if (order.ok) bought.push(`order:${order.order}`);
        await bench.advance(everyMs);
        for (const doc of docs(await feed.poll())) told.add(doc);
      }
      expect(bought.filter((doc) => !told.has(doc))).toEqual([]);
      expect(bought.length).toBeGreaterThan(8);
    }
  });

  it('says how far it is by NetSuite’s clock, and starts a day early in case the zone is set wrong', async () => {
    const bench = openBench();
    bench.config = { ...bench.config, timeZone: 'Asia/Tokyo' };
    const order = buy(bench);
    const feed = new Feed(bench);
    expect(docs(await feed.poll())).toEqual([`order:${order}`]);
    expect(Date.parse(feed.completeTo!)).toBeLessThanOrEqual(bench.now());
    const later = buy(bench);
    expect(docs(await feed.poll())).toContain(`order:${later}`);
    const [, first] = /TO_DATE\('([^']+)'/.exec(
      bodyText(bench.exchanges.find(({ request }) => bodyText(request).includes('fromtype'))!.request),
    )!;
    expect(first! < '2026-11-24').toBe(true);
  });
});
