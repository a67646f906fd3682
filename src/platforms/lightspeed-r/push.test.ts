import { describe, expect, it } from 'vitest';
import type { RemoteLevel, Target } from '../../platform/contract.ts';
import { jsonResponse } from '../../platform/http.ts';
import { Bench, PLACES, skuOf, UNTRACKED } from '../../platform/testing/bench.ts';
import { listLevels, listListings, listLocations, readLevels } from './catalogue.ts';
import { lightspeedR } from './index.ts';
import { pushLevels } from './push.ts';
import { refusal } from './sandbox/answers.ts';
import type { LightspeedSandbox } from './sandbox.ts';
import { type Asked, scripted, settings } from './testing/scripted.ts';

const config = settings();
const level = (stockKey: string, location: string, more: Partial<RemoteLevel> = {}): RemoteLevel => ({
  stockKey,
  location,
  available: 5,
  tracked: true,
  readAt: '2026-11-24T10:00:00.000Z',
  ...more,
});
const target = (
  stockKey: string,
  location: string,
  want: number,
  from: RemoteLevel | null = level(stockKey, location),
): Target => ({
  cell: { stockKey, location },
  want,
  expect: 5,
  ...(from && { from }),
  asOf: '2026-11-24T10:00:00.000Z',
  key: `${stockKey}-${location}`,
  why: 'sync',
});
const echo = ({ url, body }: Asked) => ({
  '@attributes': { count: '1' },
  Item: { itemID: /Item\/(\d+)/.exec(url.pathname)![1], ItemShops: body.ItemShops },
});
const words = (outcomes: Awaited<ReturnType<typeof pushLevels>>) =>
  outcomes
    .map(
      (one) =>
        `${one.cell.stockKey}@${one.cell.location} ${one.result === 'failed' ? `${one.failure.failure} ${one.failure.code}` : one.result}`,
    )
    .sort();

describe('telling Lightspeed a stock number', () => {
  it('is one absolute write per item with up to four of its shops', async () => {
    const { client, asked } = scripted(echo);
    const shops = ['1', '2', '3', '4', '5'];
    const outcomes = await pushLevels(client, config, [
      ...shops.map((shop) => target('4', shop, Number(shop))),
      target('9', '1', 0),
    ]);
    expect(words(outcomes)).toEqual([...shops.map((shop) => `4@${shop} applied`), '9@1 applied']);
    expect(asked.map(({ request, url, body }) => [request.method, url.pathname, body])).toEqual([
      [
        'PUT',
        '/API/V3/Account/120645/Item/4.json',
        { ItemShops: { ItemShop: shops.slice(0, 4).map((shop) => ({ shopID: shop, qoh: shop })) } },
      ],
      ['PUT', '/API/V3/Account/120645/Item/4.json', { ItemShops: { ItemShop: [{ shopID: '5', qoh: '5' }] } }],
      ['PUT', '/API/V3/Account/120645/Item/9.json', { ItemShops: { ItemShop: [{ shopID: '1', qoh: '0' }] } }],
    ]);
  });

  it('one outcome each, whatever the answer', async () => {
    const { client, asked } = scripted((one) => {
      const id = /Item\/(\d+)/.exec(one.url.pathname)![1];
      if (id === '404') return refusal(404, 'Object of type Item not found');
      if (id === '500') return jsonResponse(502, '<html>');
      if (id === '200') return jsonResponse(200, { httpCode: '422', message: 'no' });
      if (id === '7') return { Item: { itemID: '7' } };
      // A list of one, and another number than was sent.
      if (id === '8') return { Item: { ItemShops: { ItemShop: { shopID: '1', qoh: '3' } } } };
      if (id === '6')
        return {
          Item: {
            ItemShops: {
              ItemShop: [
                { shopID: '0', qoh: '9' },
                { shopID: '1', qoh: 'many' },
              ],
            },
          },
        };
      if (id === '5') return jsonResponse(200, '[]');
      return echo(one);
    });
    const outcomes = await pushLevels(client, config, [
      target('1', '1', 9),
      ...['404', '500', '200', '7', '8', '6', '5'].map((id) => target(id, '1', 9)),
      target('2', '1', -1),
      target('2', '2', 1.5),
      target('3', '1', 9, level('3', '1', { tracked: false })),
    ]);
    expect(words(outcomes)).toEqual([
      '1@1 applied',
      '200@1 rejected refused',
      '2@1 rejected impossible-quantity',
      '2@2 rejected impossible-quantity',
      '3@1 rejected untracked-item',
      '404@1 gone not-found',
      '500@1 unknown-outcome server-error',
      '5@1 unknown-outcome not-json',
      '6@1 unknown-outcome odd-row',
      '7@1 unknown-outcome no-row',
      '8@1 unknown-outcome other-number',
    ]);
    for (const id of ['2', '3'])
      expect(
        asked.some(({ url }) => url.pathname.endsWith(`/${id}.json`)),
        `${id} was sent`,
      ).toBe(false);
  });

  it('is thrown when it holds for all, and only then', async () => {
    const busy = scripted(() => refusal(429, 'Slow down', { 'retry-after': '3' }));
    await expect(pushLevels(busy.client, config, [target('1', '1', 9), target('2', '1', 9)])).rejects.toMatchObject({
      failure: 'throttled',
      retryAfterMs: 3_000,
    });
    const half = scripted((one) => (one.url.pathname.endsWith('/1.json') ? echo(one) : refusal(429, 'Slow down')));
    expect(words(await pushLevels(half.client, config, [target('1', '1', 9), target('2', '1', 9)]))).toEqual([
      '1@1 applied',
      '2@1 throttled rate-limited',
    ]);
    const refused = scripted(() => refusal(403, 'No'));
    await expect(pushLevels(refused.client, config, [target('1', '1', 9)])).rejects.toMatchObject({
      failure: 'auth',
      code: 'scope-missing',
    });
    expect(await pushLevels(half.client, config, [])).toEqual([]);
  });

  it('where QOH still holds what is set aside, that is added', async () => {
    const { client, asked } = scripted(echo);
    const held = level('4', '1', { available: 5, written: 8 });
    const outcomes = await pushLevels(client, config, [target('4', '1', 2, held)]);
    expect(asked[0]!.body.ItemShops.ItemShop).toEqual([{ shopID: '1', qoh: '5' }]);
    expect(outcomes).toEqual([{ cell: { stockKey: '4', location: '1' }, result: 'applied', after: 2 }]);
  });

  it('a reading that has grown old is taken again: what was sold since is told, and not overwritten', async () => {
    const old = (item: string) => level(item, '1', { readAt: '2026-11-24T09:59:50.000Z' });
    const { client, asked } = scripted((one) => {
      if (one.op === 'writeShop') return echo(one);
      const id = /\d+/.exec(one.url.searchParams.get('itemID')!)![0];
      const shop = { shopID: '1', itemID: id, qoh: id === '4' ? '3' : '5' };
      return id === '9' ? {} : { Item: { itemID: id, ItemShops: { ItemShop: shop } } };
    });
    const outcomes = await pushLevels(
      client,
      config,
      ['4', '5', '9'].map((item) => target(item, '1', 2, old(item))),
    );
    expect(words(outcomes)).toEqual(['4@1 stale', '5@1 applied', '9@1 gone unknown-item']);
    expect(outcomes[0], 'no number: it is old by the time the batch is answered').toEqual({
      cell: { stockKey: '4', location: '1' },
      result: 'stale',
    });
    expect(asked.map(({ op }) => op)).toEqual(['itemsById', 'itemsById', 'writeShop', 'itemsById']);
  });

  it('looks first where nobody has: what is not counted, archived or unknown is not written', async () => {
    const bench = await Bench.open(lightspeedR as never, { items: 3 });
    const { staff } = bench.sandbox as LightspeedSandbox;
    await bench.allListings();
    const key = (sku: string) => [...bench.listings.values()].find((one) => one.sku === sku)!.stockKey;
    staff.archiveItem(skuOf(1));
    const shop = PLACES[0]!.id;
    const outcomes = await bench.run((client, own) =>
      pushLevels(
        client as never,
        own as never,
        [skuOf(0), skuOf(1), UNTRACKED].map((sku) => target(key(sku), shop, 4, null)),
      ),
    );
    expect(outcomes.map((one) => (one.result === 'failed' ? one.failure.code : one.result)).sort()).toEqual([
      'applied',
      'unknown-item',
      'untracked-item',
    ]);
    bench.close();
  });

  it('a shop that Lightspeed passes over is not called done', async () => {
    const bench = await Bench.open(lightspeedR as never, { items: 1 });
    const [first] = (await bench.allLevels()).items;
    const nowhere = level(first!.stockKey, '4711');
    const [outcome] = await bench.run((client, own) =>
      pushLevels(client as never, own as never, [target(first!.stockKey, '4711', 3, nowhere)]),
    );
    expect(outcome).toMatchObject({ result: 'failed', failure: { failure: 'unknown-outcome', code: 'no-row' } });
    bench.close();
  });
});

describe('reading', () => {
  const item = (more: Record<string, unknown> = {}) => ({
    itemID: '4',
    systemSku: '210000000004',
    customSku: 'TEE',
    manufacturerSku: 'M-1',
    upc: '012345678905',
    ean: '',
    description: 'Tee',
    itemType: 'default',
    archived: 'false',
    ItemShops: {
      ItemShop: [
        {
          itemShopID: '41',
          shopID: '1',
          qoh: '-3',
          onLayaway: '2',
          onSpecialOrder: '0',
          onWorkorder: '1',
          timeStamp: '2026-11-24T09:00:00+00:00',
        },
        { itemShopID: '42', shopID: '0', qoh: '-3' },
      ],
    },
    ...more,
  });

  it('shop 0 is the sum and no place; below zero is told; a shop without a row shows 0', async () => {
    const { client, asked } = scripted(() => ({ Item: item() }));
    const cells = [
      { stockKey: '4', location: '1' },
      { stockKey: '4', location: '2' },
      { stockKey: '5', location: '1' },
      { stockKey: 'x', location: '1' },
    ];
    const levels = await readLevels(client, config, cells);
    expect(levels.map(({ stockKey, location, available }) => [stockKey, location, available])).toEqual([
      ['4', '1', -3],
      ['4', '2', 0],
    ]);
    expect(levels[0]!.changedAt).toBe('2026-11-24T09:00:00+00:00');
    expect(asked[0]!.url.searchParams.get('itemID')).toBe('IN,[4,5]');
    expect((await listLevels(client, config, null)).items).toHaveLength(1);
    expect(await readLevels(client, config, [{ stockKey: '../9', location: '1' }])).toEqual([]);
    expect(asked).toHaveLength(2);
  });

  it('where QOH still holds what is set aside, less is on sale than is written', async () => {
    const { client } = scripted(() => ({ Item: item() }));
    const [one] = await readLevels(client, settings({ reservedIsOut: false }), [{ stockKey: '4', location: '1' }]);
    expect(one).toMatchObject({ available: -6, written: -3 });
  });

  it('each kind of item, by the code that the settings name', async () => {
    const rows = [
      item(),
      item({ itemID: '5', customSku: ' ', itemType: 'box' }),
      item({ itemID: '6', itemType: 'serialized' }),
      item({ itemID: '7', itemType: 'non_inventory', description: '' }),
      item({ itemID: '8', archived: 'true' }),
      { description: 'no number' },
    ];
    const { client } = scripted(() => ({ Item: rows }));
    const { items } = await listListings(client, config, null);
    expect(
      items.map(({ listing, sku, tracked, unwritable, title }) => [listing, sku, tracked, Boolean(unwritable), title]),
    ).toEqual([
      ['4', 'TEE', true, false, 'Tee'],
      ['5', '210000000004', true, true, 'Tee'],
      ['6', 'TEE', true, true, 'Tee'],
      ['7', 'TEE', false, false, '7'],
    ]);
    const by = async (skuFrom: string) => (await listListings(client, settings({ skuFrom }), null)).items[0]!.sku;
    expect([await by('manufacturerSku'), await by('upc'), await by('ean')]).toEqual([
      'M-1',
      '012345678905',
      '210000000004',
    ]);
  });

  it('an archived shop is listed as closed', async () => {
    const { client } = scripted(() => ({
      Shop: [
        { shopID: '1', name: 'HQ', archived: 'false' },
        { shopID: '2', name: ' ', archived: 'true' },
      ],
    }));
    expect(await listLocations(client, config)).toEqual([
      { location: '1', name: 'HQ', active: true },
      { location: '2', name: '2', active: false },
    ]);
  });
});
