import { describe, expect, it } from 'vitest';
import type { FeedPage } from '../../platform/contract.ts';
import { bodyText, jsonResponse } from '../../platform/http.ts';
import { zoho } from './index.ts';
import { type Bench, openBench } from './testing/bench.ts';

const SINCE = '2026-11-23T00:00:00Z';
const poll = (bench: Bench, cursor: string | null, feed = 'orders') =>
  bench.run((client, config) => zoho.poll(client, config, feed, cursor, SINCE));
const docs = ({ signals }: FeedPage) => signals.map((signal) => ('doc' in signal ? String(signal.doc) : signal.kind));

/** A list as a Zoho would give it that sorts or pages in its own way. */
function listing(bench: Bench, pages: Record<string, [id: string, time?: string][]>) {
  const asked: string[] = [];
  bench.line = ({ url }) => {
    const { pathname, searchParams } = new URL(url);
    if (!pathname.endsWith('/salesorders')) return undefined;
    const page = searchParams.get('page')!;
    asked.push(page);
    const rows = (pages[page] ?? []).map(([salesorder_id, last_modified_time]) => ({
      salesorder_id,
      last_modified_time,
    }));
    const page_context = { has_more_page: String(Number(page) + 1) in pages };
    return Promise.resolve(jsonResponse(200, { code: 0, message: 'success', salesorders: rows, page_context }));
  };
  return asked;
}

describe('orders changed since', () => {
  it('newest first, until what is older than last time; then the parcels', async () => {
    const bench = openBench();
    const asked = listing(bench, {
      1: [
        ['3', '2026-11-23T12:00:00+0000'],
        ['2', '2026-11-22T00:00:00+0000'],
      ],
      2: [['1', '2026-11-01T00:00:00+0000']],
    });
    const page = await poll(bench, null);
    expect(asked).toEqual(['1']);
    expect(page.signals).toEqual([
      { kind: 'document-changed', account: bench.config.account, doc: 'order:3', rev: '2026-11-23T12:00:00+00:00' },
    ]);
    expect(page.more).toBe(false);
    expect(bench.exchanges.map(({ request }) => new URL(request.url).pathname)).toContain('/inventory/v1/packages');
  });

  it('a list that ignores the sorting is walked to its end, and nothing is passed over', async () => {
    const bench = openBench();
    listing(bench, {
      1: [
        ['1', '2026-11-01T00:00:00+0000'],
        ['2', '2026-11-23T01:00:00+0000'],
        ['3', '2026-11-02T00:00:00+0000'],
      ],
      2: [['4'], ['5', '2026-11-23T02:00:00+0000']],
    });
    const told = new Set<string>();
    for (let cursor: string | null = null, more = true; more; ) {
      const page: FeedPage = await poll(bench, cursor);
      for (const doc of docs(page)) told.add(doc);
      ({ cursor, more } = page);
    }
    expect([...told].sort()).toEqual(['order:2', 'order:4', 'order:5']);
  });

  it('several pages are walked twice, because a deleted order moves another over the edge', async () => {
    const bench = openBench();
    const asked = listing(bench, { 1: [['2', '2026-11-23T02:00:00+0000']], 2: [['1', '2026-11-23T01:00:00+0000']] });
    let pages = 0;
    let cursor: string | null = null;
    for (let more = true; more; pages++) {
      const page: FeedPage = await poll(bench, cursor);
      if (page.more) expect(page.completeTo).toBeNull();
      ({ cursor, more } = page);
    }
    expect(asked).toEqual(['1', '2', '1', '2']);
    expect(pages).toBe(4);
  });

  it('a parcel tells of its order even where the order’s own time stays as it was', async () => {
    const bench = openBench();
    const bought = bench.sandbox.shopper.buy({ lines: [{ sku: 'MUG', quantity: 1 }], location: null });
    const order = bought.ok ? bought.order : '';
    const { cursor } = await poll(bench, null);
    await bench.advance(600_000);
    bench.sandbox.shopper.fulfil(order);
    bench.line = ({ url }, carry) =>
      url.includes('/salesorders?') ? Promise.resolve(jsonResponse(200, { code: 0, salesorders: [] })) : carry();
    const told = [{ kind: 'document-changed', account: bench.config.account, doc: `order:${order}` }];
    const second = await poll(bench, cursor);
    expect(second.signals).toEqual(told);
    // Its second was not over yet; after that a look a little later fetches nothing again.
    await bench.advance(10_000);
    const third = await poll(bench, second.cursor);
    expect(third.signals).toEqual(told);
    await bench.advance(10_000);
    expect((await poll(bench, third.cursor)).signals).toEqual([]);
  });

  it('begins two minutes before it ended, and is complete up to its beginning', async () => {
    const bench = openBench();
    const first = await poll(bench, null);
    await bench.advance(60_000);
    bench.sandbox.shopper.buy({ lines: [{ sku: 'MUG', quantity: 1 }], location: null });
    const second = await poll(bench, first.cursor);
    expect(docs(second)).toHaveLength(1);
    expect(docs(await poll(bench, second.cursor))).toHaveLength(1);
    expect(Date.parse(second.completeTo!)).toBeLessThanOrEqual(bench.now());
    expect(Date.parse(second.completeTo!)).toBeGreaterThan(bench.now() - 10_000);
  });
});

describe('stock', () => {
  const item = (members: Record<string, unknown>) => ({
    item_id: '9',
    name: 'Mug',
    item_type: 'inventory',
    ...members,
  });
  const read = async (row: Record<string, unknown>) => {
    const bench = openBench();
    bench.line = ({ url }) =>
      url.includes('/items') ? Promise.resolve(jsonResponse(200, { code: 0, items: [row] })) : undefined;
    const { items } = await bench.run((client, config) => zoho.listLevels(client, config, null));
    const { items: listings } = await bench.run((client, config) => zoho.listListings(client, config, null));
    return [items.map(({ location, available, tracked }) => [location, available, tracked]), listings[0]!] as const;
  };

  it('stands as text per location, is empty where nothing was counted, and is called warehouse in old organizations', async () => {
    const locations = [
      { location_id: '1', location_actual_available_stock: '12.50' },
      { location_id: '2', location_actual_available_stock: '' },
      { location_id: '3', location_actual_available_stock: -3 },
    ];
    expect((await read(item({ locations })))[0]).toEqual([
      ['1', 12.5, true],
      ['2', 0, true],
      ['3', -3, true],
    ]);
    const warehouses = [{ warehouse_id: '7', warehouse_actual_available_stock: '4' }];
    expect((await read(item({ warehouses })))[0]).toEqual([['7', 4, true]]);
    expect((await read(item({ actual_available_stock: 6, available_stock: 8 })))[0]).toEqual([['-', 6, true]]);
  });

  it('what must not be written says why', async () => {
    expect((await read(item({ is_combo_product: true })))[1].unwritable).toMatch(/composite/);
    expect((await read(item({ track_serial_number: true })))[1].unwritable).toMatch(/serial/);
    expect((await read(item({ is_storage_location_enabled: true })))[1].unwritable).toMatch(/bins/);
    const [levels, service] = await read(item({ item_type: 'sales', sku: ' ', ean: 4006381333931 }));
    expect([levels, service.tracked, service.sku, service.barcode]).toEqual([[], false, null, '4006381333931']);
  });

  it('one unknown item that fails the whole call does not hide the others', async () => {
    const bench = openBench();
    const cells = ['4815000000044001', '1', '4815000000044003'].map((stockKey) => ({
      stockKey,
      location: '460000000038080',
    }));
    bench.line = ({ url }, carry) =>
      /item_ids=(.*%2C)?1(%2C|&|$)/.test(url)
        ? Promise.resolve(jsonResponse(404, { code: 1002, message: 'Item does not exist.' }))
        : carry();
    const levels = await bench.run((client, config) => zoho.readLevels(client, config, cells));
    expect(levels.map(({ stockKey }) => stockKey)).toEqual(['4815000000044001', '4815000000044003']);
  });

  it('the feed tells an item once for each way it stands, though rounds overlap', async () => {
    const bench = openBench();
    const first = await poll(bench, null, 'levels');
    expect(first.signals).toHaveLength(6);
    const second = await poll(bench, first.cursor, 'levels');
    expect(second.signals).toEqual([]);
    bench.sandbox.shopper.edit('MUG', '460000000038080', 4);
    const third = await poll(bench, second.cursor, 'levels');
    expect(third.signals.map((signal) => signal.kind === 'level' && signal.level.available)).toEqual([4, 10]);
  });

  it('locations switched off: one place, and nothing is asked about it when writing', async () => {
    const bench = openBench();
    bench.line = ({ url }) =>
      url.includes('/locations')
        ? Promise.resolve(jsonResponse(400, { code: 9999, message: 'Not enabled' }))
        : undefined;
    expect(await bench.run((client, config) => zoho.listLocations(client, config))).toEqual([
      { location: '-', name: 'All stock', active: true },
    ]);
    const target = { ...bench.target('MUG', '-', 7), expect: 10 };
    await bench.run((client, config) => zoho.pushLevels(client, config, [target]));
    const sent = bench.exchanges.find(
      ({ request }) => request.method === 'POST' && request.url.includes('adjustments'),
    )!;
    expect(bodyText(sent.request)).not.toContain('location_id');
  });
});
