import { describe, expect, it } from 'vitest';
import { Bench, PLACES, skuOf } from '../../platform/testing/bench.ts';
import { listListings } from './catalogue.ts';
import { square } from './index.ts';
import { listLevels, pollLevels, readLevels } from './levels.ts';
import type { SquareSandbox } from './sandbox.ts';
import { scripted, settings, squareErrors } from './testing/scripted.ts';

const [MAIN, SHOP] = PLACES.map(({ id }) => id) as [string, string];

const open = async (items: number) => {
  const bench = await Bench.open(square as never, { items });
  const { staff } = bench.sandbox as SquareSandbox;
  await bench.allListings();
  const key = (sku: string) => [...bench.listings.values()].find((one) => one.sku === sku)!.stockKey;
  return { bench, staff, key };
};

describe('levels', () => {
  it('nothing is missed over several pages while people sell, count and add (but what is not counted has no level)', async () => {
    const { bench, key } = await open(600);
    const levels = await bench.pages(
      (client, config, cursor) => listLevels(client as never, config as never, cursor),
      () => {
        for (const index of [0, 1, 300, 598, 599]) {
          bench.sandbox.shopper.buy({ lines: [{ sku: skuOf(index), quantity: 1 }], location: null });
          bench.sandbox.shopper.edit(skuOf(index), MAIN, 11);
        }
        bench.sandbox.seed([{ sku: `NEW-${bench.clock.now()}`, title: 'New', stock: { [MAIN]: 1 } }]);
      },
    );
    expect(levels.pages).toBe(2);
    const seen = new Set(levels.items.map((level) => `${level.stockKey}@${level.location}`));
    for (let index = 0; index < 600; index += 1)
      for (const { id } of PLACES) expect(seen).toContain(`${key(skuOf(index))}@${id}`);
    bench.close();
  });

  it('tracking may be off at one place only: read, told and written accordingly', async () => {
    const { bench, staff, key } = await open(2);
    staff.track(skuOf(0), SHOP, false);
    staff.track('UNTRACKED-1', SHOP, true);
    await bench.allListings();
    const listing = (sku: string) => [...bench.listings.values()].find((one) => one.sku === sku)!;
    expect(listing(skuOf(0))).toMatchObject({ tracked: true, extra: { untrackedAt: SHOP } });
    expect(listing('UNTRACKED-1')).toMatchObject({ tracked: true, extra: { untrackedAt: '*', trackedAt: SHOP } });
    expect(listing(skuOf(1)).extra).toBeUndefined();
    const cells = [skuOf(0), 'UNTRACKED-1'].flatMap((sku) =>
      PLACES.map(({ id }) => ({ stockKey: key(sku), location: id, extra: listing(sku).extra })),
    );
    const read = await bench.run((client, config) => readLevels(client as never, config as never, cells));
    expect(read.map(({ tracked }) => tracked)).toEqual([true, false, false, true]);
    const targets = cells.map((cell, index) => ({
      cell: { stockKey: cell.stockKey, location: cell.location },
      want: 5,
      expect: 4,
      asOf: new Date(bench.clock.now()).toISOString(),
      key: `k${index}`,
      why: 'sync' as const,
      extra: cell.extra,
    }));
    const outcomes = await bench.run((client, config) => square.pushLevels(client as never, config as never, targets));
    const failed = outcomes.filter(({ result }) => result === 'failed').map(({ cell }) => cell.location);
    expect(failed.sort()).toEqual([MAIN, SHOP].sort());
    bench.close();
  });

  it('conversion: neither the glass nor the bottle is written', async () => {
    const { bench, staff } = await open(2);
    staff.convert(skuOf(0), skuOf(1));
    await bench.allListings();
    expect([...bench.listings.values()].find(({ sku }) => sku === skuOf(0))?.unwritable).toMatch(/conversion/);
    const variation = (id: string, own: object) => ({ id, item_variation_data: { track_inventory: true, ...own } });
    const { client } = scripted(() => ({
      objects: [
        {
          id: 'I',
          item_data: {
            name: 'Wine',
            variations: [
              variation('bottle', { name: 'Bottle', sku: ' B ', upc: '' }),
              variation('glass', {
                name: 'Glass',
                sku: '',
                stockable: false,
                stockable_conversion: { stockable_item_variation_id: 'bottle' },
              }),
              { ...variation('gone', {}), is_deleted: true },
            ],
          },
        },
        { id: 'J', is_deleted: true, item_data: { variations: [variation('j', {})] } },
      ],
    }));
    const { items } = await listListings(client, settings(), null);
    expect(items).toMatchObject([
      {
        listing: 'bottle',
        title: 'Wine, Bottle',
        sku: 'B',
        barcode: null,
        unwritable: expect.stringMatching(/conversion/),
      },
      { listing: 'glass', title: 'Wine, Glass', sku: null, unwritable: expect.stringMatching(/conversion/) },
    ]);
    bench.close();
  });

  it('a tracked variation that nobody counted shows 0; one that is gone is missing; an absurd row hides no other', async () => {
    const count = (id: string, quantity: string) => ({
      catalog_object_id: id,
      location_id: 'L',
      state: 'IN_STOCK',
      quantity,
    });
    const { client, asked } = scripted(({ op }) =>
      op === 'catalogObjects'
        ? {
            objects: [
              { id: 'new', item_variation_data: { track_inventory: true } },
              { id: 'off', item_variation_data: { track_inventory: null } },
              { id: 'absurd', item_variation_data: { track_inventory: true } },
              { id: 'deleted', is_deleted: true },
            ],
          }
        : { counts: [count('good', '2.5'), count('absurd', '1e99'), { ...count('good', '9'), state: 'WASTE' }] },
    );
    const cells = ['good', 'new', 'off', 'deleted', 'unknown'].map((stockKey) => ({ stockKey, location: 'L' }));
    const levels = await readLevels(client, settings(), cells);
    expect(levels.map(({ stockKey, available, tracked }) => [stockKey, available, tracked])).toEqual([
      ['good', 2.5, true],
      ['new', 0, true],
      ['off', 0, false],
    ]);
    expect(asked[1]!.body.object_ids).toEqual(['new', 'off', 'deleted', 'unknown']);
  });
});

describe('the feed of levels', () => {
  it('tells what changed, our own writes too, and starts again where a page cursor is refused', async () => {
    const { bench, key } = await open(3);
    await bench.pollPage('levels');
    await bench.clock.advance(120_000);
    // The end of the last walk is told again.
    await bench.pollPage('levels');
    bench.listener.signals.length = 0;
    await bench.pollPage('levels');
    expect(bench.listener.signals).toEqual([]);
    bench.sandbox.shopper.edit(skuOf(1), SHOP, 3);
    const page = await bench.pollPage('levels');
    expect(page.signals).toMatchObject([
      { kind: 'level', level: { stockKey: key(skuOf(1)), location: SHOP, available: 3 } },
    ]);
    expect(page.completeTo).not.toBeNull();
    bench.close();

    const { client } = scripted(({ body }) =>
      body.cursor ? squareErrors(400, { code: 'INVALID_CURSOR' }) : { cursor: 'next' },
    );
    const first = await pollLevels(client, settings(), null, '2026-11-24T00:00:00Z');
    expect(first).toMatchObject({ more: true, completeTo: null });
    const second = await pollLevels(client, settings(), first.cursor, '2026-11-24T00:00:00Z');
    expect(JSON.parse(second.cursor)).toEqual({ from: '2026-11-24T00:00:00Z', walk: null });
    expect(second.more).toBe(true);
  });
});
