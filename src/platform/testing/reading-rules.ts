import { expect } from 'vitest';
import type { z } from 'zod';
import { secretPaths } from '../config.ts';
import { Failure } from '../failure.ts';
import { type Bench, PLACES, skuOf, UNTRACKED } from './bench.ts';
import { isPool, levelDifferences } from './book.ts';
import type { Rules } from './rules.ts';

/** Set-up checks, catalogue and levels. */
export function readingRules(suite: Rules): void {
  suite.rule('check: a good account passes', 'reading', 'check-good', async ({ open, platform }) => {
    const bench = await open();
    const checks = await bench.run((client, config) => platform.check(client, config));
    expect(checks.length).toBeGreaterThan(0);
    expect(checks.filter(({ ok }) => !ok)).toEqual([]);
    expect(new Set(checks.map(({ name }) => name)).size).toBe(checks.length);
  });

  suite.rule(
    'check: a wrong secret is told with its next step',
    'reading',
    'check-wrong-secret',
    async ({ open, platform, cases }) => {
      const bench = await open({ subscribe: false });
      bench.config = platform.config.parse((cases.wrongConfig ?? wrongSecrets(platform))(bench.config));
      let problems: { found: string; next?: string }[];
      try {
        const checks = await bench.run((client, config) => platform.check(client, config));
        problems = checks.filter(({ ok }) => !ok);
      } catch (error) {
        // The same to a person: what is wrong and what to do.
        if (!(error instanceof Failure)) throw error;
        expect(error.failure).toBe('auth');
        problems = [{ found: error.message, next: error.message }];
      }
      expect(problems.length, 'nothing was wrong').toBeGreaterThan(0);
      for (const { found, next } of problems) expect(next, `${found} has no next step`).toBeTruthy();
    },
  );

  suite.rule(
    'locations: all of them, once, by the ids that levels carry',
    'reading',
    'locations',
    async ({ open, platform }) => {
      const bench = await open();
      const locations = await bench.run((client, config) => platform.listLocations(client, config));
      expect(new Set(locations.map(({ location }) => location)).size).toBe(locations.length);
      for (const { location, name } of locations)
        expect(`${typeof location} ${location} ${name}`).toMatch(/^string \S+ .+/);
      const { items } = await bench.allLevels();
      const known = locations.map(({ location }) => location);
      for (const level of items) expect(known).toContain(level.location);
      if (isPool(bench)) return;
      expect(locations.map(({ location, name }) => ({ id: location, name }))).toEqual(expect.arrayContaining(PLACES));
    },
  );

  suite.rule(
    'listings: one row per sellable thing, ids as text, the uncounted marked',
    'reading',
    'listings',
    async ({ open }) => {
      const bench = await open({ items: 6 });
      const listings = await bench.allListings();
      const ours = listings.filter(({ sku }) => sku?.startsWith('SKU-'));
      expect(ours.map(({ sku }) => sku).sort()).toEqual(Array.from({ length: 6 }, (_, index) => skuOf(index)));
      expect(new Set(listings.map(({ listing }) => listing)).size).toBe(listings.length);
      for (const { listing, stockKey, title, tracked } of ours) {
        for (const id of [listing, stockKey]) expect(`${typeof id} ${id}`).toMatch(/^string \S/);
        expect([title.length > 0, tracked]).toEqual([true, true]);
      }
      expect(listings.find(({ sku }) => sku === UNTRACKED)?.tracked, 'the uncounted item is listed as uncounted').toBe(
        false,
      );
    },
  );

  suite.rule(
    'levels: listed and read, they are what shoppers see, sales and staff included',
    'reading',
    'levels',
    async ({ open }) => {
      const bench = await open();
      await bench.allListings();
      const { items } = await bench.allLevels();
      expect(levelDifferences(bench, items)).toEqual([]);
      expect(bench.sandbox.shopper.buy({ lines: [{ sku: skuOf(0), quantity: 3 }], location: null }).ok).toBe(true);
      expect(bench.sandbox.shopper.edit(skuOf(1), bench.sandbox.shown()[0]!.location, 7)).toBe(true);
      await bench.settle();
      const now = await bench.readLevels(items.filter(({ tracked }) => tracked));
      expect(levelDifferences(bench, now)).toEqual([]);
      const readAt = Math.max(...now.map((level) => Date.parse(level.readAt)));
      expect(readAt, 'readAt is before the request').toBeLessThanOrEqual(bench.clock.now());
    },
  );

  suite.rule(
    'levels: what the platform does not know is missing from the answer, the rest is there',
    'reading',
    'levels-unknown',
    async ({ open, cases }) => {
      const bench = await open();
      const [known] = (await bench.allLevels()).items.filter(({ tracked }) => tracked);
      const unknown = { stockKey: (cases.unknownStockKey ?? unknownOf)(known!.stockKey), location: known!.location };
      const levels = await bench.readLevels([unknown, known!]);
      expect(levels.map(({ stockKey }) => stockKey)).toEqual([known!.stockKey]);
    },
  );

  suite.rule(
    'paging: everything once over several pages',
    'paging',
    'paging',
    async ({ open, cases, platform, note }) => {
      const bench = await open({ items: cases.pagingItems ?? 130 });
      const listed = await bench.pages((client, config, cursor) => platform.listListings(client, config, cursor));
      for (const listing of listed.items) bench.listings.set(listing.listing, listing);
      expect(new Set(listed.items.map(({ listing }) => listing)).size).toBe(listed.items.length);
      expect(listed.items.filter(({ sku }) => sku?.startsWith('SKU-')).length).toBe(cases.pagingItems ?? 130);
      const levels = await bench.allLevels();
      expect(levelDifferences(bench, levels.items)).toEqual([]);
      expect(Math.min(listed.pages, levels.pages), 'raise cases.pagingItems: one page held everything').toBeGreaterThan(
        1,
      );
      note(`${listed.pages} pages of listings, ${levels.pages} of levels`);
    },
  );

  suite.rule(
    'paging: nothing is missed while stock changes and items come',
    'paging',
    'paging-under-change',
    async ({ open, cases, platform }) => {
      const count = cases.pagingItems ?? 130;
      const bench = await open({ items: count });
      const listed = await bench.pages(
        (client, config, cursor) => platform.listListings(client, config, cursor),
        (page) => page === 1 && disturb(bench, count),
      );
      const skus = new Set(listed.items.map(({ sku }) => sku));
      for (let index = 0; index < count; index++) expect(skus).toContain(skuOf(index));
      for (const listing of listed.items) bench.listings.set(listing.listing, listing);
      const levels = await bench.pages(
        (client, config, cursor) => platform.listLevels(client, config, cursor),
        (page) => page === 1 && disturb(bench, count),
      );
      const seen = new Set(levels.items.map(({ stockKey, location }) => `${stockKey}@${location}`));
      for (const { stockKey } of bench.listings.values())
        expect(
          [...seen].some((cell) => cell.startsWith(`${stockKey}@`)),
          `${stockKey} was passed over`,
        ).toBe(true);
    },
  );
}

/** People at both ends of the list, so that whatever the pages are sorted by moves. */
function disturb(bench: Bench, count: number): void {
  const { shopper } = bench.sandbox;
  const { location } = bench.sandbox.shown()[0]!;
  for (const index of [0, 1, Math.floor(count / 2), count - 2, count - 1]) {
    shopper.buy({ lines: [{ sku: skuOf(index), quantity: 1 }], location: null });
    shopper.edit(skuOf(index), location, 11);
  }
}

/** Every secret replaced by another of its length and letters. */
export function wrongSecrets(platform: { config: z.ZodType }) {
  return (config: Record<string, unknown>): Record<string, unknown> => {
    const wrong = structuredClone(config);
    for (const [name] of secretPaths(platform.config)) {
      const value = name === undefined ? undefined : wrong[name];
      if (name !== undefined && typeof value === 'string') wrong[name] = flipped(value);
    }
    return wrong;
  };
}

export const flipped = (text: string): string =>
  text.replace(/[a-z0-9]/gi, (letter) =>
    /\d/.test(letter) ? String((Number(letter) + 1) % 10) : letter === letter.toLowerCase() ? 'x' : 'X',
  );

export const unknownOf = (known: string): string =>
  /^\d+$/.test(known) ? `${known.slice(0, -6)}999987`.replace(/^0+/, '9') : `${known.slice(0, -1)}Q`;
