import { describe, expect, it } from 'vitest';
import { virtualClock } from '../../platform/testing/virtual-clock.ts';
import { listListings, listLocations } from './catalogue.ts';
import { amazon } from './index.ts';
import { listLevels, readLevels } from './levels.ts';
import { levelsOf, listingOf } from './listing.ts';
import { type Bench, openBench } from './testing/bench.ts';

const START = Date.UTC(2026, 2, 2, 8);
const ODD = ['A/B', 'a/b', '50% off', '#1', 'x y', ' lead', "ü~!*()'", 'one,two', 'plus+plus', 'q?a=b&c'];
const open = (more: object = {}) => openBench(virtualClock(START), more);
const at = (stockKey: string, location = 'DEFAULT') => ({ stockKey, location });

async function walk<T>(bench: Bench, list: (cursor: string | null) => Promise<{ items: T[]; next: string | null }>) {
  const items: T[] = [];
  let cursor: string | null = null;
  do {
    const page: { items: T[]; next: string | null } = await bench.run(list(cursor));
    items.push(...page.items);
    expect(page.next === null || page.next !== cursor).toBe(true);
    cursor = page.next;
  } while (cursor !== null);
  return items;
}

describe('walking the listings', () => {
  it('finds all of 2345 although a search shows only 1000', async () => {
    const bench = open({ unlimited: true });
    bench.sandbox.seed(
      Array.from({ length: 2345 }, (_, index) => ({ sku: `S${index}`, title: `T${index}`, stock: { W1: index % 7 } })),
    );
    const listings = await walk(bench, (cursor) => listListings(bench.client, bench.config(), cursor));
    expect(new Set(listings.map((one) => one.listing)).size).toBe(2345);
    // Slices meet at one listing each, so hardly anything is told twice.
    expect(listings.length).toBeLessThan(2355);
    const levels = await walk(bench, (cursor) => listLevels(bench.client, bench.config(), cursor));
    expect(new Map(levels.map((level) => [level.stockKey, level.available])).get('S13')).toBe(6);
  });

  it('stays within the published rate', async () => {
    const bench = open();
    bench.sandbox.seed(Array.from({ length: 400 }, (_, index) => ({ sku: `S${index}`, title: 'T', stock: { W1: 1 } })));
    await walk(bench, (cursor) => listListings(bench.client, bench.config(), cursor));
    expect(bench.exchanges.filter(({ response }) => response.status === 429)).toEqual([]);
    // 20 pages: 5 at once, 15 at 5 a second.
    expect(bench.clock.now() - START).toBeGreaterThanOrEqual(3_000);
  });

  it('gives up with a next step when a thousand share one instant', async () => {
    const bench = open({ unlimited: true });
    bench.sandbox.seed(
      Array.from({ length: 1100 }, (_, index) => ({ sku: `S${index}`, title: 'T', stock: { W1: 1 } })),
    );
    bench.line = async (_, carry) => {
      const answer = await carry();
      const text = Buffer.from(answer.body).toString();
      return {
        ...answer,
        body: Buffer.from(text.replace(/"createdDate":"[^"]*"/g, '"createdDate":"2024-01-01T00:00:00Z"')),
      };
    };
    await expect(walk(bench, (cursor) => listListings(bench.client, bench.config(), cursor))).rejects.toMatchObject({
      code: 'too-many-at-once',
    });
  });

  it('goes through every marketplace', async () => {
    const bench = open();
    bench.configure({ marketplaceIds: ['ATVPDKIKX0DER', 'A2EUQ1WTGCTBG2'] });
    bench.sandbox.seed([{ sku: 'MUG', title: 'Mug', stock: { W1: 1 } }]);
    const asked: string[] = [];
    bench.line = (request, carry) => {
      if (request.url.includes('/items/')) asked.push(new URL(request.url).searchParams.get('marketplaceIds')!);
      return (
        bench.sandbox.handle({ ...request, url: request.url.replace('A2EUQ1WTGCTBG2', 'ATVPDKIKX0DER') }) ?? carry()
      );
    };
    const listings = await walk(bench, (cursor) => listListings(bench.client, bench.config(), cursor));
    expect(asked).toEqual(['ATVPDKIKX0DER', 'A2EUQ1WTGCTBG2']);
    expect(listings).toMatchObject([{ listing: 'MUG', extra: { marketplaceId: 'ATVPDKIKX0DER' } }, { listing: 'MUG' }]);
  });
});

describe('one item', () => {
  const item = (more: object) => ({
    sku: 'MUG',
    summaries: [{ marketplaceId: 'M', itemName: 'Mug', productType: 'KITCHEN' }],
    ...more,
  });
  const shown = (...entries: [string, number?][]) => ({
    fulfillmentAvailability: entries.map(([fulfillmentChannelCode, quantity]) => ({
      fulfillmentChannelCode,
      quantity,
    })),
  });

  it('is a listing by SKU, with what a write needs', () => {
    expect(listingOf(item(shown(['DEFAULT', 3])), 'M')).toEqual({
      listing: 'MUG',
      stockKey: 'MUG',
      sku: 'MUG',
      title: 'Mug',
      tracked: true,
      extra: { productType: 'KITCHEN', marketplaceId: 'M' },
    });
  });

  it('in Amazon’s warehouses alone it cannot be written; in both it can', () => {
    expect(listingOf(item(shown(['AMAZON_NA', 3])), 'M')?.unwritable).toContain('Amazon');
    expect(listingOf(item(shown(['AMAZON_NA', 3], ['DEFAULT', 0])), 'M')?.unwritable).toBeUndefined();
    expect(listingOf(item({}), 'M')?.unwritable).toBeUndefined();
  });

  it('without any number it is not counted', () => {
    expect(listingOf(item(shown(['DEFAULT'])), 'M')?.tracked).toBe(false);
    expect(levelsOf(item(shown(['DEFAULT'])), { multiLocation: false }, 'now')[0]?.tracked).toBe(false);
  });

  it('a variation parent is no listing; a package of others is', () => {
    const relationships = (type?: string) => ({
      relationships: [{ marketplaceId: 'M', relationships: [{ childSkus: ['MUG-RED'], type }] }],
    });
    expect(listingOf(item(relationships('VARIATION')), 'M')).toBeUndefined();
    expect(listingOf(item(relationships()), 'M')).toBeUndefined();
    expect(listingOf(item(relationships('PACKAGE_HIERARCHY')), 'M')).toBeDefined();
  });

  it('a place without an entry holds nothing and can be written', () => {
    expect(
      levelsOf(item(shown(['ss-1', 4], ['DEFAULT', 9])), { multiLocation: true }, 'now', ['ss-1', 'ss-2']),
    ).toEqual([
      { stockKey: 'MUG', location: 'ss-1', available: 4, tracked: true, readAt: 'now' },
      { stockKey: 'MUG', location: 'ss-2', available: 0, tracked: true, readAt: 'now' },
    ]);
  });
});

describe('reading levels', () => {
  it('twenty SKUs cost one call', async () => {
    const bench = open();
    bench.sandbox.seed(
      Array.from({ length: 30 }, (_, index) => ({ sku: `S${index}`, title: 'T', stock: { W1: index } })),
    );
    await bench.run(readLevels(bench.client, bench.config(), [at('S1')]));
    const before = bench.exchanges.length;
    const cells = Array.from({ length: amazon.facts.read.batchMax }, (_, index) => at(`S${index}`));
    const levels = await bench.run(readLevels(bench.client, bench.config(), cells));
    expect(levels.map((level) => level.available)).toEqual(cells.map((_, index) => index));
    expect(bench.exchanges.length - before).toBe(1);
    expect(levels[0]!.readAt <= new Date(bench.clock.now()).toISOString()).toBe(true);
  });

  it('SKUs of every spelling, those with commas apart', async () => {
    const bench = open();
    bench.sandbox.seed(ODD.map((sku, index) => ({ sku, title: 'T', stock: { W1: index } })));
    const levels = await bench.run(
      readLevels(
        bench.client,
        bench.config(),
        ODD.map((sku) => at(sku)),
      ),
    );
    expect(new Map(levels.map((level) => [level.stockKey, level.available]))).toEqual(
      new Map(ODD.map((sku, index) => [sku, index])),
    );
  });

  it('an unknown SKU is missing, after it was asked for by name', async () => {
    const bench = open();
    bench.sandbox.seed([{ sku: 'MUG', title: 'Mug', stock: { W1: 1 } }]);
    const levels = await bench.run(readLevels(bench.client, bench.config(), [at('MUG'), at('mug'), at('NONE')]));
    expect(levels.map((level) => level.stockKey)).toEqual(['MUG']);
    expect(bench.exchanges.filter(({ response }) => response.status === 404)).toHaveLength(2);
  });

  it('an index that has not got a SKU yet does not make it gone', async () => {
    const bench = open();
    bench.sandbox.seed(['A', 'B'].map((sku) => ({ sku, title: sku, stock: { W1: 1 } })));
    bench.line = async (request, carry) => {
      const answer = await carry();
      return request.url.includes('identifiers=')
        ? { ...answer, body: Buffer.from('{"numberOfResults":0,"items":[]}') }
        : answer;
    };
    expect(await bench.run(readLevels(bench.client, bench.config(), [at('A'), at('B')]))).toHaveLength(2);
  });

  it('several places, and Amazon’s own', async () => {
    const bench = open({
      multiLocation: true,
      fbaLocation: 'AMAZON_NA',
      locations: [
        { id: 'ss-1', name: 'North' },
        { id: 'ss-2', name: 'South' },
        { id: 'AMAZON_NA', name: 'Amazon' },
      ],
    });
    bench.sandbox.seed([
      { sku: 'MUG', title: 'Mug', stock: { 'ss-1': 1, 'ss-2': 2, AMAZON_NA: 3 } },
      { sku: 'HAT', title: 'Hat', stock: { AMAZON_NA: 4 } },
      { sku: 'PEN', title: 'Pen', stock: { 'ss-1': 5 } },
    ]);
    expect(await bench.run(listLocations(bench.client, bench.config()))).toEqual([
      { location: 'ss-1', name: 'North', active: true },
      { location: 'ss-2', name: 'South', active: true },
      { location: 'AMAZON_NA', name: 'Fulfilled by Amazon (read only)', active: false },
    ]);
    const cells = ['MUG', 'HAT', 'PEN'].flatMap((sku) => [at(sku, 'ss-2'), at(sku, 'AMAZON_NA')]);
    const told = (levels: { stockKey: string; location: string; available: number }[]) =>
      levels.map((level) => `${level.stockKey}@${level.location}=${level.available}`).sort();
    expect(told(await bench.run(readLevels(bench.client, bench.config(), cells)))).toEqual([
      'HAT@AMAZON_NA=4',
      'HAT@ss-2=0',
      'MUG@AMAZON_NA=3',
      'MUG@ss-2=2',
      'PEN@ss-2=0',
    ]);
    expect(told(await walk(bench, (cursor) => listLevels(bench.client, bench.config(), cursor)))).toEqual([
      'HAT@AMAZON_NA=4',
      'MUG@AMAZON_NA=3',
      'MUG@ss-1=1',
      'MUG@ss-2=2',
      'PEN@ss-1=5',
      'PEN@ss-2=0',
    ]);
  });

  it('one pool has one place', async () => {
    const bench = open();
    expect(await bench.run(listLocations(bench.client, bench.config()))).toEqual([
      { location: 'DEFAULT', name: 'Fulfilled by merchant', active: true },
    ]);
  });
});
