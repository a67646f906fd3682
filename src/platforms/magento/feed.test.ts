import { describe, expect, it } from 'vitest';
import type { FeedPage } from '../../platform/contract.ts';
import { magento } from './index.ts';
import { type Bench, openBench } from './testing/bench.ts';

const SINCE = '2026-11-24T00:00:00Z';

async function poll(bench: Bench, cursor: string | null): Promise<FeedPage[]> {
  const pages: FeedPage[] = [];
  for (let more = true; more; ) {
    const page = await bench.run((client, config) => magento.poll(client, config, 'orders', cursor, SINCE));
    pages.push(page);
    ({ cursor, more } = page);
  }
  return pages;
}
const docs = (pages: FeedPage[]) =>
  pages.flatMap(({ signals }) =>
    signals.flatMap((signal) =>
      signal.kind === 'document' ? signal.doc.doc : signal.kind === 'document-changed' ? `changed ${signal.doc}` : [],
    ),
  );
function buy(bench: Bench, times: number): string[] {
  return Array.from({ length: times }, () => {
    const bought = bench.sandbox.shopper.buy({ lines: [{ sku: 'BULK', quantity: 1 }], location: null });
    return bought.ok ? bought.order : '';
  });
}
const stocked = () => {
  const bench = openBench();
  bench.sandbox.seed([{ sku: 'BULK', title: 'Bulk', stock: { 1: 100_000 } }]);
  return bench;
};

describe('orders by change time', () => {
  it('hundreds changed in one second are all told, page by page', async () => {
    const bench = stocked();
    const orders = buy(bench, 350);
    const pages = await poll(bench, null);
    expect(pages.length).toBeGreaterThan(3);
    expect(new Set(docs(pages))).toEqual(new Set(orders.map((order) => `order:${order}`)));
  });

  it('one that changes while pages are read is told by its new state', async () => {
    const bench = stocked();
    const orders = buy(bench, 250);
    await bench.clock.advance(5_000);
    const first = await bench.run((client, config) => magento.poll(client, config, 'orders', null, SINCE));
    expect(first).toMatchObject({ more: true, completeTo: null });
    bench.sandbox.shopper.cancel(orders[0]!);
    bench.sandbox.shopper.cancel(orders[249]!);
    await bench.clock.advance(2_000);
    const rest = await poll(bench, first.cursor);
    expect(new Set(docs([first, ...rest])).size).toBe(250 + 2);
    const last = rest.flatMap(({ signals }) => signals).filter((signal) => signal.kind === 'document');
    expect(last.filter(({ doc }) => doc.state === 'closed').map(({ doc }) => doc.doc)).toEqual(
      [orders[0], orders[249]].map((order) => `order:${order}`),
    );
  });

  it('a partial shipment, which leaves the change time of the order alone, is told once', async () => {
    const bench = openBench();
    const bought = bench.sandbox.shopper.buy({ lines: [{ sku: 'MUG', quantity: 3 }], location: null });
    const order = bought.ok ? bought.order : '';
    await bench.clock.advance(120_000);
    const before = await poll(bench, null);
    bench.sandbox.shopper.fulfil(order, [{ sku: 'MUG', quantity: 1 }]);
    await bench.clock.advance(1_000);
    const after = await poll(bench, before.at(-1)!.cursor);
    expect(docs(after)).toContain(`changed order:${order}`);
    const doc = await bench.run((client, config) => magento.fetchDocument(client, config, `order:${order}`));
    expect(doc).toMatchObject({ lines: [{ parts: [{ committed: 2, out: 1 }] }] });
    expect(docs(await poll(bench, after.at(-1)!.cursor))).not.toContain(`changed order:${order}`);
  });

  it('a refund lets the level be read: whether it went back on the shelf is seen there alone', async () => {
    const bench = openBench();
    const bought = bench.sandbox.shopper.buy({ lines: [{ sku: 'MUG', quantity: 2 }], location: null });
    const order = bought.ok ? bought.order : '';
    bench.sandbox.shopper.fulfil(order);
    bench.sandbox.shopper.refund(order, { sku: 'MUG', quantity: 1 }, true);
    await bench.clock.advance(1_000);
    const signals = (await poll(bench, null)).flatMap((page) => page.signals);
    expect(signals).toContainEqual({ kind: 'dirty', account: 'mugs.example', stockKey: 'MUG', location: null });
    const doc = await bench.run((client, config) => magento.fetchDocument(client, config, `order:${order}`));
    expect(doc).toMatchObject({ lines: [{ parts: [{ out: 2, returned: 1 }] }] });
    const told = bench.deliveries.map(({ body }) => JSON.parse(Buffer.from(body).toString()));
    expect(told).toContainEqual({ orders: [order], skus: ['MUG'] });
  });

  it('a stamp that was in doubt when it was read is read again; completeTo follows the store, not us', async () => {
    const bench = stocked();
    const [order] = buy(bench, 1);
    await bench.clock.advance(3_000);
    const [page] = await poll(bench, null);
    expect(Date.parse(page!.completeTo!)).toBeLessThan(bench.clock.now());
    expect(Date.parse(page!.completeTo!)).toBeGreaterThan(bench.clock.now() - 3_000);
    expect(docs(await poll(bench, page!.cursor))).toEqual([`order:${order}`]);
  });

  it('an order that is stored later than it is stamped is told all the same', async () => {
    const bench = stocked();
    const [late] = buy(bench, 1);
    await bench.clock.advance(10_000);
    const [other] = buy(bench, 1);
    bench.line = (request, carry) =>
      request.url.includes('/V1/orders?')
        ? carry().then((response) => {
            const body = JSON.parse(Buffer.from(response.body).toString());
            body.items = body.items.filter((row: { entity_id: number }) => String(row.entity_id) !== late);
            return { ...response, body: Buffer.from(JSON.stringify(body)) };
          })
        : undefined;
    const before = await poll(bench, null);
    expect(docs(before)).toEqual([`order:${other}`]);
    bench.line = undefined;
    await bench.clock.advance(15_000);
    expect(docs(await poll(bench, before.at(-1)!.cursor))).toContain(`order:${late}`);
  });

  it('an order that is none for us does not stop the others', async () => {
    const bench = stocked();
    const orders = buy(bench, 3);
    bench.line = (request, carry) =>
      request.url.includes('/V1/orders?')
        ? carry().then((response) => {
            const body = JSON.parse(Buffer.from(response.body).toString());
            body.items[1].items = 'none';
            return { ...response, body: Buffer.from(JSON.stringify(body)) };
          })
        : undefined;
    expect(docs(await poll(bench, null))).toEqual([
      `order:${orders[0]}`,
      `changed order:${orders[1]}`,
      `order:${orders[2]}`,
    ]);
  });

  it('asks for nothing that names a buyer', async () => {
    const bench = stocked();
    buy(bench, 1);
    await poll(bench, null);
    const texts = bench.exchanges.map(({ response }) => Buffer.from(response.body).toString()).join();
    expect(texts).not.toMatch(/example\.test|telephone|firstname/);
  });
});
