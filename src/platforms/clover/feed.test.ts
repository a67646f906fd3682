import { describe, expect, it } from 'vitest';
import { jsonResponse } from '../../platform/http.ts';
import { Bench, skuOf } from '../../platform/testing/bench.ts';
import { bookDifferences } from '../../platform/testing/book.ts';
import { listListings } from './catalogue.ts';
import { pollOrders } from './feed.ts';
import { clover } from './index.ts';
import type { CloverSandbox } from './sandbox.ts';
import { NOW, scripted, settings } from './testing/scripted.ts';

const config = settings();
const DAY_MS = 86_400_000;

const row = (index: number, modifiedTime: number) => ({
  id: `ORDER${index}`,
  paymentState: 'PAID',
  modifiedTime,
  lineItems: { elements: [{ id: `L${index}`, item: { id: 'ITEM1' } }] },
});

/** A list that somebody changes between two pages. */
function listOf(rows: ReturnType<typeof row>[], between: (page: number, rows: ReturnType<typeof row>[]) => void) {
  let pages = 0;
  return scripted(({ url }) => {
    if (pages > 0) between(pages, rows);
    pages += 1;
    const bounds = url.searchParams.getAll('filter').map((filter) => Number(/\d+$/.exec(filter)![0]));
    const inside = rows.filter((one) => one.modifiedTime >= bounds[0]! && one.modifiedTime <= bounds[1]!);
    const offset = Number(url.searchParams.get('offset'));
    const elements = inside.slice(offset, offset + Number(url.searchParams.get('limit')));
    return jsonResponse(200, { elements }, { date: new Date(NOW).toUTCString() });
  });
}

async function walk(client: ReturnType<typeof scripted>['client'], since: number) {
  const told = new Map<string, number>();
  const completeTo: (string | null)[] = [];
  let cursor: string | null = null;
  for (let more = true; more; ) {
    const page = await pollOrders(client, config, cursor, new Date(since).toISOString());
    ({ cursor, more } = page);
    completeTo.push(page.completeTo);
    for (const signal of page.signals) if (signal.kind === 'document') told.set(signal.doc.doc, Number(signal.doc.rev));
    if (completeTo.length > 200) throw new Error('the feed never ends');
  }
  return { told, completeTo, cursor: cursor! };
}

describe('orders page by page', () => {
  it('none slips through when told ones change and leave the window, few or many between two pages', async () => {
    for (const leaving of [1, 9, 10, 60, 100]) {
      const rows = Array.from({ length: 350 }, (_, index) => row(index, NOW - 3_600_000 + index * 1_000));
      const { client } = listOf(rows, (page, all) => {
        if (page > 2) return;
        // The first ones of the list change, so all later ones move up by as many places.
        for (const one of all.filter(({ modifiedTime }) => modifiedTime < NOW).slice(0, leaving))
          one.modifiedTime = NOW + 60_000 + page;
      });
      const { told } = await walk(client, NOW - 2 * 3_600_000);
      const stayed = rows.filter(({ modifiedTime }) => modifiedTime < NOW);
      for (const one of stayed) expect([...told.keys()], `${leaving} leaving: ${one.id}`).toContain(`order:${one.id}`);
      expect(stayed.length).toBe(350 - 2 * leaving);
    }
  });

  it('a stand-in that sorts as it likes, newest first, loses nothing either', async () => {
    const bench = await Bench.open(clover as never, { items: 4, stock: 500, hooks: false });
    (bench.sandbox as CloverSandbox).staff.stopSorting();
    const orders: string[] = [];
    for (let index = 0; index < 260; index++) {
      const bought = bench.sandbox.shopper.buy({ lines: [{ sku: skuOf(index % 4), quantity: 1 }], location: null });
      if (bought.ok) orders.push(bought.order);
      if (index % 20 === 0) await bench.clock.advance(1_000);
    }
    for (let more = true, page = 0; more; page++) {
      more = (await bench.pollPage('orders')).more;
      if (page < 2) {
        for (const order of orders.slice(page * 12, page * 12 + 12)) bench.sandbox.shopper.cancel(order);
        await bench.clock.advance(1_500);
      }
    }
    await bench.pollUntilComplete();
    expect(bench.listener.docs.size).toBe(orders.length);
    expect(await bookDifferences(bench)).toEqual([]);
    bench.close();
  });

  it('a year is asked for in windows of less than 90 days, and is complete when the last is', async () => {
    const rows = Array.from({ length: 12 }, (_, month) => row(month, NOW - (month + 0.5) * 30 * DAY_MS));
    const { client, asked } = listOf(rows, () => {});
    const { told, completeTo, cursor } = await walk(client, NOW - 365 * DAY_MS);
    expect(told.size).toBe(12);
    for (const { url } of asked) {
      const [from, to] = url.searchParams.getAll('filter').map((filter) => Number(/\d+$/.exec(filter)![0]));
      expect(to! - from!).toBeLessThan(90 * DAY_MS);
    }
    const times = completeTo.filter((one) => one !== null).map((one) => Date.parse(one));
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(times.at(-1)).toBe(NOW);
    expect(JSON.parse(cursor).fromMs, 'goes on a little before').toBe(NOW - 120_000);
  });

  it('completeTo does not move back with a clock that does', async () => {
    let nowMs = NOW;
    const { client } = scripted(() => jsonResponse(200, { elements: [] }, { date: new Date(nowMs).toUTCString() }));
    const first = await pollOrders(client, config, null, new Date(NOW - DAY_MS).toISOString());
    nowMs -= 90_000;
    const second = await pollOrders(client, config, first.cursor, '');
    expect(Date.parse(second.completeTo!)).toBeGreaterThanOrEqual(Date.parse(first.completeTo!));
  });

  it('what cannot be told from the list is asked for by itself', async () => {
    const odd = [
      { id: 'A', modifiedTime: 5, paymentState: 'PAID' },
      { id: 'B', modifiedTime: 5, paymentState: 7, lineItems: { elements: [] } },
      { id: 'C', modifiedTime: 5, lineItems: { elements: Array.from({ length: 100 }, (_, n) => ({ id: `L${n}` })) } },
      {
        id: 'D',
        modifiedTime: 5,
        paymentState: 'PAID',
        lineItems: { elements: [{ id: 'L', item: { id: 'I' }, unitQty: -1 }] },
      },
      { id: 'E', deletedTimestamp: 4, lineItems: { elements: [] } },
      { nothing: true },
      null,
    ];
    const { client } = scripted(() => ({ elements: odd }));
    const { signals } = await pollOrders(client, config, null, new Date(NOW).toISOString());
    expect(signals).toEqual([
      ...['A', 'B', 'C', 'D'].map((id) => ({
        kind: 'document-changed',
        account: config.account,
        doc: `order:${id}`,
        rev: '5',
      })),
      { kind: 'document-changed', account: config.account, doc: 'order:E' },
    ]);
  });
});

describe('goods that came back', () => {
  it('are told with a look at their count, once per item: nothing else says whether they are on the shelf', async () => {
    const lines = [1, 2, 3].map((n) => ({ id: `L${n}`, item: { id: n === 3 ? 'OTHER' : 'ITEM' }, refunded: n < 3 }));
    const row = { id: 'A', modifiedTime: 5, paymentState: 'PARTIALLY_REFUNDED', lineItems: { elements: lines } };
    const { client } = scripted(() => ({ elements: [row] }));
    const { signals } = await pollOrders(client, config, null, new Date(NOW).toISOString());
    expect(signals.map(({ kind }) => kind)).toEqual(['document', 'dirty']);
    expect(signals[1]).toEqual({ kind: 'dirty', account: config.account, stockKey: 'ITEM', location: null });
  });
});

describe('the catalogue page by page', () => {
  it('none slips through when items of earlier pages are deleted, and the deleted and the odd are left out', async () => {
    const bench = await Bench.open(clover as never, { items: 330 });
    const { staff } = bench.sandbox as CloverSandbox;
    let deleted = 0;
    const listed = await bench.pages(
      (client, own, cursor) => listListings(client as never, own as never, cursor),
      () => {
        for (let index = 0; index < 40; index++) staff.deleteItem(skuOf(deleted++));
      },
    );
    const skus = new Set(listed.items.map(({ sku }) => sku));
    for (let index = deleted; index < 330; index++) expect(skus, skuOf(index)).toContain(skuOf(index));
    const again = await bench.allListings();
    expect(again.some(({ sku }) => sku === skuOf(0))).toBe(false);
    const { client } = scripted(() => ({
      elements: [
        { id: 'GONE', deletedTime: 5 },
        { name: 'no id' },
        null,
        { id: 'BARE' },
        { id: 'OLD', itemStock: { stockCount: 4 } },
      ],
    }));
    const { items } = await listListings(client, config, null);
    expect(items).toEqual([
      { listing: 'BARE', stockKey: 'BARE', sku: null, barcode: null, title: 'BARE', tracked: false },
      { listing: 'OLD', stockKey: 'OLD', sku: null, barcode: null, title: 'OLD', tracked: true },
    ]);
    bench.close();
  });
});
