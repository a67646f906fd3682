import { describe, expect, it } from 'vitest';
import type { FeedPage } from '../../platform/contract.ts';
import { prestashop } from './index.ts';
import { type Bench, openBench } from './testing/bench.ts';

async function poll(bench: Bench, cursor: string | null, since = '2026-10-24T00:00:00Z'): Promise<FeedPage[]> {
  const pages: FeedPage[] = [];
  for (let more = true; more; ) {
    const page = await bench.run((client, config) => prestashop.poll(client, config, 'orders', cursor, since));
    pages.push(page);
    ({ cursor, more } = page);
  }
  return pages;
}
const docs = (pages: FeedPage[]) =>
  pages.flatMap(({ signals }) =>
    signals.map((signal) =>
      signal.kind === 'document' ? signal.doc.doc : signal.kind === 'document-changed' ? `changed ${signal.doc}` : '',
    ),
  );
function buy(bench: Bench, times = 1): string[] {
  return Array.from({ length: times }, () => {
    const bought = bench.sandbox.shopper.buy({ lines: [{ sku: 'BULK', quantity: 1 }], location: null });
    return bought.ok ? bought.order : '';
  });
}
function stocked(startMs?: number): Bench {
  const bench = openBench(startMs === undefined ? {} : { startMs });
  bench.sandbox.seed([{ sku: 'BULK', title: 'Bulk', stock: { 1: 100_000 } }]);
  return bench;
}

describe('orders by change time', () => {
  it('many changed in one second are all told, page by page', async () => {
    const bench = stocked();
    const orders = buy(bench, 130);
    const pages = await poll(bench, null);
    expect(pages.length).toBeGreaterThan(2);
    expect(new Set(docs(pages))).toEqual(new Set(orders.map((order) => `order:${order}`)));
  });

  it('nothing is missed while the clock is put back: 02:50 is followed by 02:05', async () => {
    const bench = stocked(Date.UTC(2026, 9, 25, 0, 0));
    const told = new Set<string>();
    const orders: string[] = [];
    let cursor: string | null = null;
    let last = 0;
    // From 02:00 summer time to 03:30 winter time.
    for (let minute = 0; minute < 150; minute += 5) {
      orders.push(...buy(bench));
      await bench.clock.advance(5 * 60_000);
      const pages = await poll(bench, cursor, '2026-10-25T00:00:00Z');
      for (const doc of docs(pages)) told.add(doc);
      cursor = pages.at(-1)!.cursor;
      const upTo = Date.parse(pages.at(-1)!.completeTo!);
      expect(upTo).toBeGreaterThanOrEqual(last);
      expect(upTo).toBeLessThanOrEqual(bench.clock.now());
      last = upTo;
      expect(told.size, `after ${minute} minutes`).toBe(orders.length);
    }
  });

  it('an order that is stored later than it is stamped is told all the same', async () => {
    const bench = stocked();
    const [late] = buy(bench);
    await bench.clock.advance(10_000);
    const [other] = buy(bench);
    const element = new RegExp(`<order>\\s*<id><!\\[CDATA\\[${late}\\]\\]></id>[\\s\\S]*?</order>`);
    bench.line = (request, carry) =>
      request.url.includes('/api/orders?')
        ? carry().then((response) => ({
            ...response,
            body: Buffer.from(Buffer.from(response.body).toString().replace(element, '')),
          }))
        : undefined;
    const before = await poll(bench, null);
    expect(docs(before)).toEqual([`order:${other}`]);
    bench.line = undefined;
    await bench.clock.advance(15_000);
    expect(docs(await poll(bench, before.at(-1)!.cursor))).toContain(`order:${late}`);
  });

  it('a credit slip, which leaves the change time of the order alone, is told once', async () => {
    const bench = stocked();
    const [order] = buy(bench);
    bench.sandbox.shopper.fulfil(order!);
    await bench.clock.advance(300_000);
    const before = await poll(bench, null);
    bench.sandbox.shopper.refund(order!, { sku: 'BULK', quantity: 1 }, true);
    await bench.clock.advance(2_000);
    const after = await poll(bench, before.at(-1)!.cursor);
    expect(docs(after)).toEqual([`changed order:${order}`]);
    const doc = await bench.run((client, config) => prestashop.fetchDocument(client, config, `order:${order}`));
    expect(doc).toMatchObject({ lines: [{ parts: [{ committed: 0, out: 0, taken: 0 }] }] });
    expect(docs(await poll(bench, after.at(-1)!.cursor))).toEqual([]);
  });

  it('an order that is none for us does not stop the others', async () => {
    const bench = stocked();
    const orders = buy(bench, 3);
    bench.line = (request, carry) =>
      request.url.includes('/order_details')
        ? carry().then((response) => {
            const body = Buffer.from(response.body)
              .toString()
              .replace('<product_quantity><![CDATA[1]]>', '<product_quantity><![CDATA[many]]>');
            return { ...response, body: Buffer.from(body) };
          })
        : undefined;
    expect(docs(await poll(bench, null))).toEqual([
      `changed order:${orders[0]}`,
      `order:${orders[1]}`,
      `order:${orders[2]}`,
    ]);
  });

  it('asks for nothing that names a buyer', async () => {
    const bench = stocked();
    buy(bench);
    await poll(bench, null);
    for (const { request } of bench.exchanges)
      expect(new URL(request.url).searchParams.get('display')).not.toBe('full');
  });
});

describe('places and checks', () => {
  it('shops are places; without Multistore the settings name none', async () => {
    const bench = openBench();
    expect(await bench.run((client, config) => prestashop.listLocations(client, config))).toEqual([
      { location: '1', name: 'Main shop', active: true },
      { location: '2', name: 'Outlet', active: true },
    ]);
    const single = openBench({ locations: [{ id: '1', name: 'Main shop' }] });
    expect(single.config.shop).toBeUndefined();
    const { items } = await single.run((client, config) => prestashop.listLevels(client, config, null));
    expect(new Set(items.map(({ location }) => location))).toEqual(new Set(['1']));
  });

  it('every right that is missing is named', async () => {
    for (const [right, name] of [
      ['orders', 'orders'],
      ['order_details', 'order lines'],
      ['order_slip', 'credit slips'],
      ['stock_availables PUT', 'write permission'],
      ['shops', 'shops and states'],
    ] as const) {
      const bench = openBench();
      bench.sandbox.staff.deny(right);
      const checks = await bench.run((client, config) => prestashop.check(client, config));
      const failed = checks.filter(({ ok }) => !ok);
      expect(failed.map((one) => one.name)).toEqual([name]);
      expect(failed[0]!.found, right).toContain('lacks a right');
      expect(failed[0]!.next).toContain('Webservice');
    }
  });

  it('states that the shop has numbered otherwise are noticed, and the webservice switched off', async () => {
    const bench = openBench();
    bench.sandbox.staff.nameCanceled('17');
    const checks = await bench.run((client, config) => prestashop.check(client, config));
    expect(checks.find(({ ok }) => !ok)).toMatchObject({
      name: 'released states',
      next: expect.stringContaining('17, 8'),
    });
    const hidden = openBench();
    hidden.sandbox.staff.deny('configurations');
    const compared = await hidden.run((client, config) => prestashop.check(client, config));
    expect(compared.find(({ name }) => name === 'released states')).toMatchObject({ ok: true });
    const off = openBench();
    off.sandbox.staff.switchServiceOff();
    const all = await off.run((client, config) => prestashop.check(client, config));
    expect(all.filter(({ ok }) => ok).map(({ name }) => name)).toEqual(['webhook secret']);
  });
});
