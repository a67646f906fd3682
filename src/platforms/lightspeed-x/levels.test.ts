import { describe, expect, it } from 'vitest';
import { jsonResponse } from '../../platform/http.ts';
import { Bench, PLACES, skuOf, UNTRACKED } from '../../platform/testing/bench.ts';
import { listListings } from './catalogue.ts';
import { lightspeedX } from './index.ts';
import { listLevels, pollLevels, readLevels } from './levels.ts';
import type { LightspeedXSandbox } from './sandbox.ts';
import { scripted, settings } from './testing/scripted.ts';

describe('levels', () => {
  it('nothing counted is missed while stock changes and products come; the uncounted has no level', async () => {
    const bench = await Bench.open(lightspeedX as never, { items: 600 });
    await bench.allListings();
    const levels = await bench.pages(
      (client, config, cursor) => lightspeedX.listLevels(client as never, config as never, cursor),
      (page) => {
        if (page !== 1) return;
        for (const index of [0, 1, 300, 598, 599]) {
          bench.sandbox.shopper.buy({ lines: [{ sku: skuOf(index), quantity: 1 }], location: null });
          bench.sandbox.shopper.edit(skuOf(index), PLACES[1]!.id, 11);
        }
      },
    );
    const seen = new Set(levels.items.map(({ stockKey, location }) => `${stockKey}@${location}`));
    const counted = [...bench.listings.values()].filter(({ tracked }) => tracked);
    expect(seen.size).toBe(counted.length * PLACES.length);
    const uncounted = [...bench.listings.values()].find(({ sku }) => sku === UNTRACKED)!;
    expect(uncounted).toMatchObject({ tracked: false, extra: { untracked: 'yes' } });
    bench.close();
  });

  it('a product that never had stock at an outlet shows 0; one that is gone is missing', async () => {
    const product = (id: string, more = {}) => jsonResponse(200, { data: { id, has_inventory: true, ...more } });
    const { client } = scripted(({ op, request }) => {
      if (op === 'readLevels') return [{ product_id: 'A', location_id: 'O1', current_inventory_level: -1.5 }];
      const id = request.url.split('/').at(-1)!;
      if (id === 'GONE') return jsonResponse(404, { error: 'not_found', message: 'x' });
      return product(id, id === 'C' ? { is_composite: true } : {});
    });
    const cells = ['A', 'B', 'C', 'GONE'].map((stockKey) => ({ stockKey, location: 'O1' }));
    const levels = await readLevels(client, settings(), cells);
    expect(levels.map(({ stockKey, available, tracked }) => [stockKey, available, tracked])).toEqual([
      ['A', -1.5, true],
      ['B', 0, true],
      ['C', 0, false],
    ]);
  });

  it('one absurd row hides no other; deleted ones are left out', async () => {
    const row = (
      product_id: string,
      current_inventory_level: unknown,
      version: number,
      deleted_at: string | null = null,
    ) => ({
      product_id,
      outlet_id: 'O1',
      current_inventory_level,
      version,
      deleted_at,
    });
    const { client } = scripted(() => [row('A', 'many', 1), row('B', 2, 2), row('C', 3, 3, '2026-01-01T00:00:00Z')]);
    const { items, next } = await listLevels(client, settings(), null);
    expect(items.map(({ stockKey }) => stockKey)).toEqual(['B']);
    expect(next).toBe('3');
    expect((await listLevels(client, settings(), '3')).next).toBeNull();
  });

  it('the feed starts at the newest and tells what changed, our own writes too', async () => {
    const bench = await Bench.open(lightspeedX as never, { items: 3 });
    const poll = (cursor: string | null) =>
      bench.run((client, config) => pollLevels(client as never, config as never, cursor));
    const start = await poll(null);
    expect(start).toMatchObject({ signals: [], more: false });
    bench.sandbox.shopper.edit(skuOf(1), PLACES[0]!.id, 7);
    const page = await poll(start.cursor);
    expect(page.signals).toMatchObject([{ kind: 'level', level: { location: PLACES[0]!.id, available: 7 } }]);
    expect(await poll(page.cursor)).toMatchObject({ signals: [], more: false });
    bench.close();
  });
});

describe('the catalogue', () => {
  it('composites, codes and blank names', async () => {
    const { client } = scripted(() => ({
      data: [
        {
          id: 'A',
          sku: ' MUG ',
          product_codes: [{ type: 'EAN', code: '4006381333931' }],
          name: 'Mug',
          variant_name: 'Mug / Red',
          version: 1,
        },
        { id: 'B', sku: '', product_codes: [{ type: 'CUSTOM', code: 'CUP' }], name: 'Cup', version: 2 },
        { id: 'C', name: 'Set', is_composite: true, has_inventory: true, version: 3 },
        { id: 'D', name: 'Gone', deleted_at: '2026-01-01T00:00:00Z', version: 4 },
      ],
      version: { min: 1, max: 4 },
    }));
    const { items, next } = await listListings(client, settings(), null);
    expect(items).toMatchObject([
      { listing: 'A', sku: 'MUG', barcode: '4006381333931', title: 'Mug / Red', tracked: true },
      { listing: 'B', sku: 'CUP', barcode: null, tracked: true },
      { listing: 'C', sku: null, tracked: false, unwritable: expect.stringContaining('composite') },
    ]);
    expect(next).toBe('4');
  });

  it('a composite is listed with its reason, and its stand-in refuses to be written', async () => {
    const bench = await Bench.open(lightspeedX as never, { items: 2 });
    const [level] = (await bench.allLevels()).items;
    (bench.sandbox as LightspeedXSandbox).staff.makeComposite(skuOf(0));
    const listing = (await bench.allListings()).find(({ sku }) => sku === skuOf(0))!;
    expect(listing).toMatchObject({ tracked: false, unwritable: expect.stringContaining('parts') });
    const target = { cell: level!, want: 1, expect: 20, asOf: '2026-03-02T08:00:00Z', key: 'k', why: 'sync' as const };
    const push = (extra?: Record<string, string>) =>
      bench.run((client, config) =>
        lightspeedX.pushLevels(client as never, config as never, [{ ...target, ...(extra && { extra }) }]),
      );
    expect(await push(listing.extra)).toMatchObject([{ failure: { code: 'composite' } }]);
    expect(await push()).toMatchObject([{ failure: { code: 'refused' } }]);
    bench.close();
  });

  it('a closed outlet is listed as such, and nothing is written there', async () => {
    const bench = await Bench.open(lightspeedX as never, { items: 1 });
    (bench.sandbox as LightspeedXSandbox).staff.closeOutlet(PLACES[1]!.id);
    const places = await bench.run((client, config) => lightspeedX.listLocations(client as never, config as never));
    expect(places.map(({ active }) => active)).toEqual([true, false]);
    const [level] = (await bench.allLevels()).items.filter(({ location }) => location === PLACES[1]!.id);
    const [outcome] = await bench.run((client, config) =>
      lightspeedX.pushLevels(client as never, config as never, [
        { cell: level!, want: 1, expect: 20, asOf: new Date(bench.clock.now()).toISOString(), key: 'k', why: 'sync' },
      ]),
    );
    expect(outcome).toMatchObject({ result: 'failed', failure: { failure: 'rejected' } });
    bench.close();
  });
});
