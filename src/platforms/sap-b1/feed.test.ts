import { describe, expect, it } from 'vitest';
import type { Signal } from '../../platform/contract.ts';
import { bodyText } from '../../platform/http.ts';
import { pollOrders } from './feed.ts';
import { pushLevels } from './push.ts';
import { pollStock } from './stock-feed.ts';
import { type Bench, MAIN, openBench, SHOP, target } from './testing/bench.ts';

class Feed {
  cursor: string | null = null;
  pages = 0;
  readonly since: string;
  constructor(readonly bench: Bench) {
    this.since = new Date(bench.now()).toISOString();
  }

  async poll(): Promise<Signal[]> {
    const signals: Signal[] = [];
    for (let more = true; more; ) {
      const page = await this.bench.run((client, config) => pollOrders(client, config, this.cursor, this.since));
      this.pages += 1;
      signals.push(...page.signals);
      this.cursor = page.cursor;
      more = page.more;
    }
    return signals;
  }
}

const names = (signals: Signal[]) =>
  signals.flatMap((signal) =>
    signal.kind === 'document' ? [signal.doc.doc] : signal.kind === 'document-changed' ? [`${signal.doc}?`] : [],
  );
const buy = (bench: Bench, quantity = 1, location: string | null = null) => {
  const bought = bench.sandbox.shopper.buy({ lines: [{ sku: 'MUG', quantity }], location });
  if (!bought.ok) throw new Error(bought.why);
  return bought.order;
};
const many = (bench: Bench) => bench.sandbox.seed([{ sku: 'PIN', title: 'Pin', stock: { [MAIN]: 100_000 } }]);
const buyPin = (bench: Bench) => {
  const bought = bench.sandbox.shopper.buy({ lines: [{ sku: 'PIN', quantity: 1 }], location: null });
  return bought.ok ? bought.order : '';
};

describe('the feed', () => {
  it('asks for all sets in one call, orders first, and tells them last', async () => {
    const bench = openBench();
    const feed = new Feed(bench);
    const order = buy(bench, 3);
    buy(bench, 1, SHOP);
    bench.sandbox.shopper.fulfil(order, [{ sku: 'MUG', quantity: 2 }]);
    bench.sandbox.shopper.refund(order, { sku: 'MUG', quantity: 1 }, true);
    const signals = await feed.poll();
    expect(names(signals)).toEqual(['delivery:1', 'order:1?', 'invoice:1', 'return:1', 'order:1']);
    const batches = bench.exchanges.filter(({ request }) => request.url.endsWith('$batch'));
    expect(batches).toHaveLength(1);
    const asked = [...bodyText(batches[0]!.request).matchAll(/GET \/b1s\/v2\/(\w+)/g)].map(([, set]) => set);
    expect(asked).toEqual(['Orders', 'CreditNotes', 'Returns', 'Invoices', 'DeliveryNotes']);
  });

  it('an order that is drawn upon is fetched, though its own time stands still', async () => {
    const bench = openBench();
    const feed = new Feed(bench);
    const order = buy(bench, 3);
    await feed.poll();
    await bench.advance(3_600_000);
    buy(bench, 1);
    await feed.poll();
    bench.sandbox.shopper.fulfil(order, [{ sku: 'MUG', quantity: 2 }]);
    expect(names(await feed.poll())).toEqual(['delivery:1', 'order:1?', 'order:2']);
  });

  it('in a company where nobody works nothing is fetched again', async () => {
    const bench = openBench();
    const feed = new Feed(bench);
    const order = buy(bench, 3);
    bench.sandbox.shopper.fulfil(order, [{ sku: 'MUG', quantity: 2 }]);
    expect(names(await feed.poll())).toContain('order:1?');
    await bench.advance(30_000);
    expect(names(await feed.poll())).toEqual(['delivery:1', 'order:1']);
    bench.sandbox.shopper.fulfil(order);
    expect(names(await feed.poll())).toEqual(['delivery:1', 'delivery:2', 'order:1?', 'order:1']);
  });

  it('many of one second over several pages, each once, while some change', async () => {
    const bench = openBench();
    many(bench);
    const orders = Array.from({ length: 330 }, () => buyPin(bench));
    const feed = new Feed(bench);
    const first = await bench.run((client, config) => pollOrders(client, config, null, feed.since));
    feed.cursor = first.cursor;
    expect(first.more).toBe(true);
    await bench.advance(1_500);
    for (const at of [0, 150, 329]) bench.sandbox.shopper.cancel(orders[at]!);
    const told = names([...first.signals, ...(await feed.poll())]);
    expect(feed.pages).toBe(3);
    expect(new Set(told).size).toBe(330);
    expect(told).toHaveLength(331);
  });

  it('the hour that autumn repeats hides nothing, whenever it is polled', async () => {
    // Berlin, 25 October 2026: 03:00 becomes 02:00 at 01:00 UTC.
    for (const everyMs of [4 * 60_000, 25 * 60_000]) {
      const bench = openBench(Date.UTC(2026, 9, 24, 23, 30));
      many(bench);
      const feed = new Feed(bench);
      const told = new Set<string>();
      const bought: string[] = [];
      while (bench.now() < Date.UTC(2026, 9, 25, 3, 30)) {
        bought.push(`order:${buyPin(bench)}`);
        await bench.advance(everyMs);
        for (const name of names(await feed.poll())) told.add(name);
      }
      expect(bought.filter((doc) => !told.has(doc))).toEqual([]);
      expect(bought.length).toBeGreaterThan(8);
    }
  });

  it('a document that cannot be read is asked for by itself, the others are told', async () => {
    const bench = openBench();
    buy(bench);
    buy(bench);
    bench.line = (request, carry) =>
      request.url.endsWith('$batch')
        ? carry().then((answer) => ({
            ...answer,
            body: Buffer.from(bodyText(answer).replace('"Quantity":1', '"Quantity":"one"')),
          }))
        : undefined;
    expect(names(await new Feed(bench).poll())).toEqual(['order:1?', 'order:2']);
  });

  it('a wrong zone in the settings loses nothing', async () => {
    for (const timeZone of ['Pacific/Auckland', 'America/Los_Angeles']) {
      const bench = openBench(undefined, { timeZone });
      const feed = new Feed(bench);
      buy(bench);
      expect(names(await feed.poll())).toEqual(['order:1']);
      await bench.advance(600_000);
      buy(bench);
      expect(names(await feed.poll())).toContain('order:2');
    }
  });
});

describe('the feed of stock', () => {
  const poll = async (bench: Bench, from: string | null) => {
    const signals: Signal[] = [];
    let cursor = from;
    for (let more = true; more; ) {
      const page = await bench.run((client, config) => pollStock(client, config, cursor, '2026-11-24T12:00:00.000Z'));
      signals.push(...page.signals);
      ({ cursor, more } = page);
    }
    const cells = signals.map((signal) =>
      signal.kind === 'dirty' ? `${signal.stockKey} ${signal.location}` : signal.kind,
    );
    return { cells, cursor };
  };

  it('names the cells of what was received, moved, counted, and of our own documents; each once', async () => {
    const bench = openBench();
    expect((await poll(bench, null)).cells).toEqual([]);
    bench.sandbox.staff.receive('MUG', MAIN, 5);
    bench.sandbox.staff.transfer('HAT', MAIN, SHOP, 2);
    bench.sandbox.shopper.edit('CAP', SHOP, 4);
    await bench.run((client, config) =>
      pushLevels(client, config, [target('MUG', SHOP, 7, 10), target('CAP', MAIN, 12, 10)]),
    );
    const first = await poll(bench, null);
    expect(first.cells.sort()).toEqual([
      `CAP ${MAIN}`,
      `CAP ${SHOP}`,
      `HAT ${MAIN}`,
      `HAT ${SHOP}`,
      `MUG ${MAIN}`,
      `MUG ${SHOP}`,
    ]);
    expect((await poll(bench, first.cursor)).cells).toEqual([]);
    bench.sandbox.staff.receive('HAT', SHOP, 5);
    const second = await poll(bench, first.cursor);
    expect(second.cells).toEqual([`HAT ${SHOP}`]);
  });

  it('goes on over pages, in each set from its own last number', async () => {
    const bench = openBench();
    bench.sandbox.seed(Array.from({ length: 120 }, (_, index) => ({ sku: `S${index}`, title: 'x', stock: {} })));
    for (let index = 0; index < 120; index++) bench.sandbox.staff.receive(`S${index}`, MAIN, 1);
    bench.sandbox.shopper.edit('CAP', SHOP, 4);
    const { cells, cursor } = await poll(bench, null);
    expect(new Set(cells).size).toBe(121);
    expect(bench.exchanges.filter(({ request }) => request.url.endsWith('$batch'))).toHaveLength(3);
    expect((await poll(bench, cursor)).cells).toEqual([]);
  });
});
