import { describe, expect, it } from 'vitest';
import { gone } from '../../domain/documents.ts';
import { jsonResponse } from '../../platform/http.ts';
import { Bench, PLACES, skuOf } from '../../platform/testing/bench.ts';
import { bookDifferences } from '../../platform/testing/book.ts';
import { pollFeed } from './feed.ts';
import { lightspeedR } from './index.ts';
import { refusal } from './sandbox/answers.ts';
import type { LightspeedSandbox } from './sandbox.ts';
import { NOW, scripted, settings } from './testing/scripted.ts';

const config = settings();
const SINCE = '2026-11-24T09:00:00.000Z';
const SHOP = PLACES[1]!.id;
const dated = (body: unknown) => jsonResponse(200, body, { date: new Date(NOW).toUTCString() });
const open = async (items = 3) => {
  const bench = await Bench.open(lightspeedR as never, { items });
  return { bench, staff: (bench.sandbox as LightspeedSandbox).staff };
};

describe('the feeds', () => {
  it('ask for what changed, sorted by that, archived sales too', async () => {
    const { client, asked } = scripted(() => dated({ '@attributes': { next: '' } }));
    for (const feed of ['sales', 'reservations', 'levels']) await pollFeed(client, config, feed, null, SINCE);
    expect(
      asked.map(({ url }) => `${url.pathname} ${[...url.searchParams].map((pair) => pair.join('=')).join(' ')}`),
    ).toEqual([
      '/API/V3/Account/120645/Sale.json limit=100 sort=updatetime updatetime=>=,2026-11-24T09:00:00+00:00 archived=true load_relations=["SaleLines","SaleLines.InventorySales"]',
      '/API/V3/Account/120645/SaleLine.json limit=100 sort=timeStamp timeStamp=>=,2026-11-24T09:00:00+00:00 load_relations=["InventorySales"]',
      '/API/V3/Account/120645/ItemShop.json limit=100 sort=timeStamp timeStamp=>=,2026-11-24T09:00:00+00:00',
    ]);
    // The operator and its comma are encoded, as Lightspeed asks.
    expect(asked[0]!.request.url).toContain('updatetime=%3E%3D%2C2026-11-24T09%3A00%3A00%2B00%3A00');
    await expect(pollFeed(client, config, 'orders', null, SINCE)).rejects.toThrow('no feed');
  });

  it('begin again a little before the last walk did, and promise no more than is stamped', async () => {
    const { client } = scripted(() => dated({}));
    const page = await pollFeed(client, config, 'sales', null, SINCE);
    expect(page).toMatchObject({ signals: [], more: false, completeTo: '2026-11-24T09:59:59.000Z' });
    expect(JSON.parse(page.cursor).fromMs).toBe(NOW - 31_000);
  });

  it('follow the next page on our own host and this account only: the token goes nowhere else', async () => {
    const next = 'https://api.lightspeedapp.com/API/V3/Account/120645/Sale.json?sort=updatetime&limit=100&after=WzFd';
    const answers = [
      { '@attributes': { next }, Sale: { saleID: '1' } },
      {
        '@attributes': { next: 'https://evil.example/API/V3/Account/120645/Sale.json?after=x' },
        Sale: { saleID: '2' },
      },
      { '@attributes': { next: 'https://api.lightspeedapp.com/API/V3/Account/999/Sale.json' }, Sale: { saleID: '3' } },
    ];
    const { client, asked } = scripted(() => dated(answers.shift()));
    const own = settings({ apiUrl: 'https://lightspeed.example.com' });
    const first = await pollFeed(client, own, 'sales', null, SINCE);
    expect(first).toMatchObject({ more: true, completeTo: null });
    const second = await pollFeed(client, own, 'sales', first.cursor, SINCE);
    await pollFeed(client, own, 'sales', second.cursor, SINCE);
    expect(asked[1]!.request.url).toBe(
      'https://lightspeed.example.com/API/V3/Account/120645/Sale.json?sort=updatetime&limit=100&after=WzFd',
    );
    for (const { url } of asked) expect(url.origin).toBe('https://lightspeed.example.com');
    for (const { url } of asked) expect(url.pathname).toContain('/120645/');
  });

  it('a stored page that is too old begins the walk again; other failures go up', async () => {
    const cursor = JSON.stringify({
      fromMs: Date.parse(SINCE),
      next: '/API/V3/Account/120645/Sale.json?after=old',
      startedMs: 5,
      upToMs: null,
    });
    const old = scripted(() => refusal(400, 'Invalid after'));
    const page = await pollFeed(old.client, config, 'sales', cursor, SINCE);
    expect(page).toMatchObject({ more: true, completeTo: null });
    expect(JSON.parse(page.cursor)).toMatchObject({ next: null, startedMs: null, fromMs: Date.parse(SINCE) });
    await expect(pollFeed(old.client, config, 'sales', null, SINCE)).rejects.toMatchObject({ failure: 'rejected' });
    const down = scripted(() => refusal(503, 'Down'));
    await expect(pollFeed(down.client, config, 'sales', cursor, SINCE)).rejects.toMatchObject({ failure: 'transient' });
  });

  it('what cannot be read in the list is asked for alone, and hides nothing else', async () => {
    const rows = [
      { saleID: '1', completed: 'true', SaleLines: { SaleLine: { itemID: '4' } } },
      { saleID: '2', completed: 'true', SaleLines: { SaleLine: { saleLineID: '9', itemID: '4', unitQuantity: 'x' } } },
      { saleID: 'x' },
      null,
      { saleID: '3', completed: 'true' },
    ];
    const { client } = scripted(() => dated({ Sale: rows }));
    const { signals } = await pollFeed(client, config, 'sales', null, SINCE);
    expect(
      signals.map((one) =>
        one.kind === 'document' ? one.doc.doc : one.kind === 'document-changed' ? `${one.doc}?` : one.kind,
      ),
    ).toEqual(['sale:1?', 'sale:2?', 'sale:x', 'sale:3']);
    const lines = scripted(() =>
      dated({
        SaleLine: [
          { saleLineID: '5', isLayaway: 'true', saleID: '0', itemID: '4', InventorySales: { InventorySale: {} } },
        ],
      }),
    );
    expect((await pollFeed(lines.client, config, 'reservations', null, SINCE)).signals).toEqual([
      { kind: 'document-changed', account: '120645', doc: 'reservation:5' },
    ]);
    const levels = scripted(() =>
      dated({
        ItemShop: [
          { shopID: '0', itemID: '4', qoh: '9' },
          { shopID: '1', itemID: '4', qoh: '-2' },
          { shopID: '2', itemID: '4', qoh: 'x' },
          {},
        ],
      }),
    );
    expect((await pollFeed(levels.client, config, 'levels', null, SINCE)).signals).toMatchObject([
      { kind: 'level', level: { stockKey: '4', location: '1', available: -2 } },
    ]);
  });
});

describe('with people in the shops', () => {
  it('a layaway is promised, rung up or given up, and the documents agree with the book all along', async () => {
    const { bench, staff } = await open();
    await bench.allListings();
    const agree = async (what: string) => {
      await bench.pollUntilComplete();
      expect(await bookDifferences(bench), what).toEqual([]);
    };
    const kept = staff.layaway(skuOf(0), SHOP, 3);
    const left = staff.layaway(skuOf(1), SHOP, 2);
    await agree('set aside');
    const committed = () =>
      [...bench.listener.docs.values()]
        .flatMap((one) => one.lines)
        .reduce((sum, one) => sum + one.parts[0]!.committed, 0);
    expect(committed()).toBe(5);
    await bench.clock.advance(120_000);
    expect(staff.collect(kept)).toBe(true);
    await agree('rung up');
    expect(committed()).toBe(2);
    expect(bench.listener.docs.get(`sale:${kept}`)).toMatchObject({ state: 'completed' });
    expect(staff.giveUp(left)).toBe(true);
    // Nothing tells of a deleted line: the engine asks again for what has been open for long, and takes its absence so.
    for (const [id, known] of bench.listener.docs) {
      const now = await bench.run((client, own) => lightspeedR.fetchDocument(client as never, own as never, id));
      bench.listener.docs.set(id, now === 'gone' ? gone(known) : now);
    }
    expect([...bench.listener.docs.values()].filter(({ state }) => state === 'gone')).toHaveLength(1);
    await agree('given up');
    expect(committed()).toBe(0);
    bench.close();
  });

  it('sold, voided, refunded, parked and thrown away, in two shops', async () => {
    const { bench } = await open(4);
    const { shopper } = bench.sandbox;
    const buy = (index: number, location: string | null, paid = true) => {
      const bought = shopper.buy({ lines: [{ sku: skuOf(index), quantity: 3 }], location, paid });
      if (!bought.ok) throw new Error(bought.why);
      return bought.order;
    };
    const voided = buy(0, SHOP);
    const refunded = buy(1, SHOP);
    const parked = buy(2, null, false);
    buy(3, null);
    await bench.pollUntilComplete();
    expect(shopper.cancel(voided)).toBe(true);
    expect(shopper.refund(refunded, { sku: skuOf(1), quantity: 2 }, true)).toBe(true);
    expect(shopper.refund(refunded, { sku: skuOf(1), quantity: 1 }, false), 'it always goes back').toBe(false);
    expect(shopper.cancel(parked)).toBe(true);
    expect(shopper.cancel(refunded), 'refunded sales are not voided').toBe(false);
    await bench.pollUntilComplete();
    expect(await bookDifferences(bench)).toEqual([]);
    const states = [...bench.listener.docs.values()].map(({ state }) => state).sort();
    expect(states).toEqual(['archived', 'completed', 'completed', 'completed', 'voided']);
    bench.close();
  });

  it('the reference of a copied sale is told', async () => {
    const { bench, staff } = await open();
    const bought = bench.sandbox.shopper.buy({ lines: [{ sku: skuOf(0), quantity: 1 }], location: null });
    if (!bought.ok) throw new Error(bought.why);
    staff.setReference(bought.order, 'shopify', '1001');
    await bench.pollUntilComplete();
    expect(bench.listener.docs.get(`sale:${bought.order}`)!.origin).toEqual({ source: 'shopify', id: '1001' });
    bench.close();
  });

  it('a hundred and fifty sales within one second lose none over the pages', async () => {
    const { bench } = await open(4);
    const orders = new Set<string>();
    for (let index = 0; index < 150; index++) {
      const bought = bench.sandbox.shopper.buy({ lines: [{ sku: skuOf(index % 4), quantity: 1 }], location: SHOP });
      if (bought.ok) orders.add(bought.order);
    }
    const first = await bench.pollPage('sales');
    expect(first.more).toBe(true);
    // One that was told changes in the same second; the walk is past it.
    bench.sandbox.shopper.cancel([...orders][0]!);
    await bench.pollUntilComplete();
    expect(bench.listener.docs.size).toBe(orders.size);
    expect(await bookDifferences(bench)).toEqual([]);
    bench.close();
  });

  it('levels are told as they change, whoever changed them', async () => {
    const { bench } = await open();
    await bench.allListings();
    // The second walk tells the last seconds before the first again.
    for (const _ of [1, 2]) {
      await bench.clock.advance(60_000);
      await bench.pollPage('levels');
    }
    bench.sandbox.shopper.edit(skuOf(0), SHOP, 4);
    bench.sandbox.shopper.buy({ lines: [{ sku: skuOf(1), quantity: 2 }], location: SHOP });
    await bench.clock.advance(2_000);
    const { signals } = await bench.pollPage('levels');
    expect(signals.map((one) => (one.kind === 'level' ? [one.level.location, one.level.available] : one.kind))).toEqual(
      [
        [SHOP, 4],
        [SHOP, 18],
      ],
    );
    bench.close();
  });
});
