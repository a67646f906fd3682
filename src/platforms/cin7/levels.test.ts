import { describe, expect, it } from 'vitest';
import { jsonResponse } from '../../platform/http.ts';
import { PLACES as BENCH_PLACES, Bench, skuOf, UNTRACKED } from '../../platform/testing/bench.ts';
import { listListings } from './core/catalogue.ts';
import { listLevels, readLevels } from './core/levels.ts';
import { cin7 } from './index.ts';
import { listOmniListings } from './omni/catalogue.ts';
import { readOmniLevels } from './omni/levels.ts';
import type { Cin7Sandbox } from './sandbox.ts';
import { PLACES, scripted, settings } from './testing/scripted.ts';

const row = (ID: string, Location: string, OnHand: unknown, Available: unknown, more = {}) => ({
  ID,
  Location,
  OnHand,
  Available,
  ...more,
});

describe("Core's levels", () => {
  it('bins and batches are added up; what lies in neither can be written', async () => {
    const { client } = scripted(({ op }) => {
      if (op === 'locations') return PLACES;
      if (op === 'products')
        return { Products: [{ ID: 'P', Type: 'Stock' }, { ID: 'Q' }, { ID: 'R' }, { ID: 'S', Type: 'Service' }] };
      return {
        Total: 5,
        ProductAvailabilityList: [
          row('P', 'Main Warehouse', 5, 3),
          row('p', 'main warehouse', 10, 9.5, { Bin: 'A-1' }),
          row('P', 'Main Warehouse', 2, 2, { Batch: 'B1' }),
          row('Q', 'Main Warehouse', 'many', 1),
          row('P', 'Shop', 7, 7),
        ],
      };
    });
    const { items, next } = await listLevels(client, settings(), null);
    expect(items.map(({ stockKey, location, available, written }) => [stockKey, location, available, written])).toEqual(
      [
        ['P', 'main', 14.5, 5],
        // R has no row: nothing there. Q's row is absurd: nothing is said of it.
        ['R', 'main', 0, 0],
      ],
    );
    expect(next).toBe('1');
    expect((await listLevels(client, settings(), '1')).items[0]).toMatchObject({ location: 'shop', available: 7 });
    expect(await listLevels(client, settings(), '2')).toEqual({ items: [], next: null });
  });

  it('while the list moves, what is missing from it is not taken for zero', async () => {
    const many = Array.from({ length: 1_000 }, (_, index) => row(`P${index}`, 'Main Warehouse', 1, 1));
    let total = 1_100;
    const { client, asked } = scripted(({ op, query }) => {
      if (op === 'locations') return PLACES;
      if (op === 'products') return { Products: [{ ID: 'P1' }, { ID: 'LOST' }] };
      return { Total: total++, ProductAvailabilityList: query.get('Page') === '1' ? many : [] };
    });
    const { items } = await listLevels(client, settings(), null);
    expect(items.map(({ stockKey }) => stockKey)).toEqual(['P1']);
    expect(asked.filter(({ op }) => op === 'availability')).toHaveLength(6);
  });

  it('a few products are asked for one by one, many are walked, whatever is fewer calls', async () => {
    const full = Array.from({ length: 1_000 }, (_, index) => row(`X${index}`, 'Shop', 1, 1));
    const store = (total: number) =>
      scripted(({ op, query }) => {
        if (op === 'locations') return PLACES;
        const id = query.get('ID');
        if (id === 'GONE') return jsonResponse(404, [{ Exception: 'Product was not found' }]);
        if (op === 'product') return { Products: id === 'EMPTY' ? [{ ID: 'EMPTY', Type: 'Stock' }] : [] };
        // A filter that is passed over in silence answers with everything.
        if (id !== null)
          return {
            Total: 2,
            ProductAvailabilityList: [row(id, 'Shop', 4, 3), row('OTHER', 'Shop', 9, 9)].slice(id === 'EMPTY' ? 1 : 0),
          };
        const last = Number(query.get('Page')) * 1_000 >= total;
        return {
          Total: total,
          ProductAvailabilityList: last
            ? [...full.slice(0, 5).map((one, index) => ({ ...one, ID: `P${index}` }))]
            : full,
        };
      });
    const cell = (stockKey: string) => ({ stockKey, location: 'shop' });
    const few = store(50_000);
    const levels = await readLevels(few.client, settings(), ['A', 'EMPTY', 'GONE'].map(cell));
    expect(levels.map(({ stockKey, available, written }) => [stockKey, available, written])).toEqual([
      ['A', 3, 4],
      ['EMPTY', 0, 0],
    ]);
    const walked = store(1_005);
    const five = await readLevels(walked.client, settings(), ['P0', 'P1', 'P2', 'P3', 'P4'].map(cell));
    expect(five).toHaveLength(5);
    expect(walked.asked.filter(({ query }) => query.has('ID'))).toEqual([]);
  });

  it('a renamed warehouse is the same place', async () => {
    const bench = await Bench.open(cin7 as never, { items: 2 });
    const { staff } = bench.sandbox as Cin7Sandbox;
    const { items } = await bench.allLevels();
    staff.renameLocation(BENCH_PLACES[0]!.id, 'Old barn');
    await bench.allListings();
    const read = await bench.readLevels(items);
    expect(read.map(({ location, available }) => [location, available])).toEqual(
      items.map(({ location, available }) => [location, available]),
    );
    bench.close();
  });

  it('every counted product has a level everywhere, the uncounted none', async () => {
    const bench = await Bench.open(cin7 as never, { items: 30 });
    const { shopper, staff } = bench.sandbox as Cin7Sandbox;
    for (const { id } of BENCH_PLACES) shopper.edit(skuOf(3), id, 0);
    staff.makeFromParts(skuOf(4));
    const listings = await bench.allListings();
    expect(listings.find(({ sku }) => sku === skuOf(4))).toMatchObject({
      unwritable: expect.stringContaining('parts'),
    });
    expect(listings.find(({ sku }) => sku === UNTRACKED)).toMatchObject({ tracked: false, extra: { type: 'Service' } });
    const { items } = await bench.allLevels();
    expect(items).toHaveLength(30 * BENCH_PLACES.length);
    bench.close();
  });

  it('the catalogue: blank words, costs, page after page', async () => {
    const { client } = scripted(({ query }) => ({
      Products:
        query.get('Page') === '1'
          ? Array.from({ length: 500 }, (_, index) => ({ ID: `P${index}`, SKU: ' ', Name: '', AverageCost: index }))
          : [],
    }));
    const page = await listListings(client, settings(), null);
    expect(page.items[1]).toEqual({
      listing: 'P1',
      stockKey: 'P1',
      sku: null,
      barcode: null,
      title: 'P1',
      tracked: true,
      extra: { type: 'Stock', cost: '1' },
    });
    expect(page.next).toBe('2');
    expect((await listListings(client, settings(), '2')).next).toBeNull();
  });
});

describe("Omni's catalogue and stock", () => {
  const omni = settings({ product: 'omni' });

  it('one row per option that is sold; serial numbers cannot be written, services are not counted', async () => {
    const option = (id: number, more = {}) => ({ id, code: `C${id}`, status: 'Primary', ...more });
    const { client } = scripted(() => [
      {
        id: 1,
        name: 'Shirt',
        stockControl: 'FIFO',
        productOptions: [option(11, { option1: 'Red', size: 'M' }), option(12, { status: 'Disabled' })],
      },
      { id: 2, name: 'Camera', stockControl: 'Serial', productOptions: [option(21)] },
      { id: 3, name: 'Repair', stockControl: 'Undefined', productOptions: [option(31, { code: ' ' })] },
    ]);
    expect((await listOmniListings(client, omni, null)).items).toMatchObject([
      { listing: '11', sku: 'C11', title: 'Shirt, Red / M', tracked: true },
      { listing: '21', unwritable: expect.stringContaining('Serial') },
      { listing: '31', sku: null, tracked: false },
    ]);
  });

  it('what has no row has nothing, if the catalogue knows it', async () => {
    const { client, asked } = scripted(() => [
      { productOptionId: 11, branchId: 3, available: 4, stockOnHand: 6, modifiedDate: '2026-11-24T09:00:00Z' },
      { productOptionId: 11, branchId: 4, available: 'many', stockOnHand: 6 },
    ]);
    const cell = (stockKey: string, extra?: Record<string, string>) => ({
      stockKey,
      location: '3',
      ...(extra && { extra }),
    });
    const levels = await readOmniLevels(client, omni, [
      cell('11'),
      cell('12', { type: 'Stock' }),
      cell('13'),
      cell('x'),
    ]);
    expect(levels).toMatchObject([
      { stockKey: '11', available: 4, written: 6, changedAt: '2026-11-24T09:00:00Z' },
      { stockKey: '12', available: 0, written: 0 },
    ]);
    expect(asked[0]!.query.get('where')).toBe('productOptionId=11 OR productOptionId=12 OR productOptionId=13');
  });
});
