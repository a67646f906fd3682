import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { jsonResponse } from '../../platform/http.ts';
import { listListings } from './catalogue.ts';
import { check } from './check.ts';
import { listLevels, readLevels } from './levels.ts';
import { type Bench, EAST, openBench, WEST } from './testing/bench.ts';

const throughRestlet = { levelsBy: 'restlet', restletScript: 'customscript_onhand_levels' };
const all = async (bench: Bench) => {
  const levels = [];
  let cursor: string | null = null;
  do {
    const page = await bench.run((client, config) => listLevels(client, config, cursor));
    levels.push(...page.items);
    cursor = page.next;
  } while (cursor !== null);
  return levels;
};
const short = (levels: { stockKey: string; location: string; available: number }[]) =>
  levels.map(({ stockKey, location, available }) => `${stockKey}@${location} ${available}`);

describe.each([
  ['SuiteQL', {}],
  ['the RESTlet', throughRestlet],
])('levels by %s', (_, settings) => {
  it('every item that is counted at every place, over pages that change meanwhile', async () => {
    const bench = openBench(undefined, settings);
    const stock = { [EAST]: 5, [WEST]: 6 };
    bench.sandbox.seed(Array.from({ length: 700 }, (_, index) => ({ sku: `S${index}`, title: 'x', stock })));
    bench.sandbox.seed([{ sku: 'GIFT', title: 'Gift card', stock: {}, untracked: true }]);
    const first = await bench.run((client, config) => listLevels(client, config, null));
    bench.sandbox.shopper.edit('MUG', EAST, 1);
    bench.sandbox.shopper.edit('S699', WEST, 1);
    expect(first.next).not.toBeNull();
    const rest = await bench.run((client, config) => listLevels(client, config, first.next));
    const levels = [...first.items, ...rest.items];
    expect([levels.length, new Set(short(levels).map((one) => one.split(' ')[0])).size, rest.next]).toEqual([
      1406,
      1406,
      null,
    ]);
    expect(short(levels).at(-1)).toBe(`1203@${WEST} 1`);
  });

  it('reads what was asked for and no more', async () => {
    const bench = openBench(undefined, settings);
    bench.sandbox.shopper.buy({ lines: [{ sku: 'MUG', quantity: 3 }], location: null });
    const cells = [
      { stockKey: '501', location: EAST },
      { stockKey: '502', location: WEST },
      { stockKey: '999', location: EAST },
      { stockKey: '501 OR 1=1', location: EAST },
    ];
    const levels = await bench.run((client, config) => readLevels(client, config, cells));
    expect(short(levels)).toEqual([`501@${EAST} 7`, `502@${WEST} 10`]);
    expect(levels[0]).toMatchObject({ available: 7, written: 10 });
  });
});

it('where the table is hidden the check says which permission, and the RESTlet reads', async () => {
  const bench = openBench();
  bench.sandbox.staff.hideTable('aggregateitemlocation');
  const failed = (await bench.run((client, config) => check(client, config))).filter(({ ok }) => !ok);
  expect(failed).toMatchObject([{ name: 'levels', next: expect.stringContaining('RESTlet') }]);
  bench.config = { ...bench.config, ...throughRestlet, levelsBy: 'restlet', accessToken: undefined };
  expect(await all(bench)).toHaveLength(6);
  expect((await bench.run((client, config) => check(client, config))).filter(({ ok }) => !ok)).toEqual([]);
});

it('the check names what is missing: account, secret, the sign of sales', async () => {
  const bench = openBench(undefined, {
    adjustmentAccount: undefined,
    webhookSecret: undefined,
    salesQuantities: 'positive',
  });
  bench.sandbox.shopper.buy({ lines: [{ sku: 'MUG', quantity: 3 }], location: null });
  const failed = (await bench.run((client, config) => check(client, config))).filter(({ ok }) => !ok);
  expect(failed.map(({ name }) => name)).toEqual(['transactions', 'adjustment account', 'signing secret']);
  for (const { next } of failed) expect(next).toBeTruthy();
});

it('items with lots, serials, bins and kits are listed with the reason', async () => {
  const bench = openBench(undefined, { skuField: 'fullname' });
  bench.sandbox.seed([{ sku: 'SET', title: 'Set', stock: {} }]);
  bench.sandbox.staff.mark('MUG', { lot: true });
  bench.sandbox.staff.mark('HAT', { serial: true });
  bench.sandbox.staff.mark('CAP', { bins: true });
  bench.sandbox.staff.mark('SET', { kit: true });
  const { items } = await bench.run((client, config) => listListings(client, config, null));
  expect(items.map(({ sku, tracked, unwritable }) => [sku, tracked, unwritable?.split(':')[0]])).toEqual([
    ['MUG', true, 'lot numbered'],
    ['HAT', true, 'serialized'],
    ['CAP', true, 'uses bins'],
    ['SET', false, 'a kit has no stock of its own'],
  ]);
});

it('a documented answer reads as the stand-in’s own does; an absent number is none', async () => {
  const bench = openBench();
  const documented = readFileSync(new URL('./fixtures/suiteql-levels.json', import.meta.url), 'utf8');
  await all(bench);
  const own = JSON.parse(Buffer.from(bench.exchanges.at(-1)!.response.body).toString());
  const theirs = JSON.parse(documented);
  expect(Object.keys(own)).toEqual(Object.keys(theirs));
  expect(Object.keys(own.items[0])).toEqual(Object.keys(theirs.items[0]));
  bench.line = (request) =>
    request.url.includes('suiteql') ? Promise.resolve(jsonResponse(200, documented)) : undefined;
  expect(short(await all(bench))).toEqual(['501@2 9', '502@2 0']);
});
