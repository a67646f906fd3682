import { describe, expect, it } from 'vitest';
import { jsonResponse } from '../../platform/http.ts';
import { listListings, listLocations } from './catalogue.ts';
import { check } from './check.ts';
import { sapConfig } from './config.ts';
import { listLevels, readLevels } from './levels.ts';
import { authorize, renew } from './session.ts';
import { MAIN, openBench, SHOP } from './testing/bench.ts';

it('levels are what stands there and is promised to nobody, over pages that change meanwhile', async () => {
  const bench = openBench();
  bench.sandbox.seed(
    Array.from({ length: 150 }, (_, index) => ({ sku: `S'${index}`, title: 'x', stock: { [MAIN]: 5 } })),
  );
  bench.sandbox.seed([{ sku: 'GIFT', title: 'Gift card', stock: {}, untracked: true }]);
  bench.sandbox.shopper.buy({ lines: [{ sku: 'MUG', quantity: 3 }], location: null });
  const first = await bench.run((client, config) => listLevels(client, config, null));
  expect(first.next).not.toBeNull();
  bench.sandbox.seed([{ sku: 'AAA', title: 'comes in before', stock: {} }]);
  const rest = await bench.run((client, config) => listLevels(client, config, first.next));
  const levels = [...first.items, ...rest.items];
  expect([
    levels.length,
    new Set(levels.map(({ stockKey, location }) => `${stockKey} ${location}`)).size,
    rest.next,
  ]).toEqual([306, 306, null]);
  expect(levels.find(({ stockKey, location }) => stockKey === 'MUG' && location === MAIN)).toMatchObject({
    available: 7,
    written: 10,
  });
  const cells = [
    { stockKey: "S'7", location: MAIN },
    { stockKey: 'NONE', location: MAIN },
    { stockKey: 'GIFT', location: MAIN },
  ];
  expect(await bench.run((client, config) => readLevels(client, config, cells))).toMatchObject([
    { stockKey: "S'7", available: 5 },
  ]);
});

it('the catalogue says what cannot be written, and why', async () => {
  const bench = openBench();
  bench.sandbox.seed([{ sku: 'SET', title: 'Set', stock: {} }]);
  bench.sandbox.staff.mark('MUG', { managedBy: 'batch' });
  bench.sandbox.staff.mark('HAT', { managedBy: 'serial' });
  bench.sandbox.staff.mark('CAP', { frozen: true });
  bench.sandbox.staff.mark('SET', { kit: true });
  const { items } = await bench.run((client, config) => listListings(client, config, null));
  const of = (sku: string) => items.find((item) => item.sku === sku)!;
  expect(of('MUG')).toMatchObject({
    tracked: true,
    unwritable: expect.stringContaining('batches'),
    extra: { managedBy: 'batches' },
  });
  expect(of('HAT')).toMatchObject({
    unwritable: expect.stringContaining('serial numbers'),
    extra: { managedBy: 'serial numbers' },
  });
  expect(of('CAP').unwritable).toContain('inactive');
  expect(of('SET')).toMatchObject({ tracked: false, unwritable: expect.stringContaining('components') });
});

it('the check names warehouses with bins, and what is missing', async () => {
  const bench = openBench();
  bench.sandbox.staff.useBins(SHOP);
  const good = await bench.run((client, config) => check(client, config));
  expect(good.filter(({ ok }) => !ok)).toEqual([]);
  expect(good[0]!.found).toContain(`there: ${SHOP}`);
  expect(good.at(-1)!.found).toMatch(/2026-11-24 1(2:59|3:00)/);
  bench.sandbox.staff.closeWarehouse(MAIN);
  bench.sandbox.staff.closeWarehouse(SHOP);
  bench.line = (request) =>
    /DeliveryNotes|batch/.test(request.url)
      ? Promise.resolve(jsonResponse(403, { error: { code: '-1', message: 'no' } }))
      : undefined;
  const failed = (await bench.run((client, config) => check(client, config))).filter(({ ok }) => !ok);
  expect(failed.map(({ name }) => name)).toEqual(['warehouses', 'documents', 'stock documents']);
  for (const { next } of failed) expect(next).toContain('Authorizations');
  expect(await bench.run((client, config) => listLocations(client, config))).toMatchObject([
    { active: false },
    { active: false },
  ]);
});

describe('the session', () => {
  const config = sapConfig.parse({
    account: 'SBODEMOUS',
    url: 'https://sap.example.com:50000/',
    userName: 'u',
    password: 'p',
  });
  it.each([
    ['B1SESSION=a-1;HttpOnly;SameSite=None, ROUTEID=.node2; path=/b1s', 'B1SESSION=a-1; ROUTEID=.node2'],
    ['B1SESSION=a-1;HttpOnly', 'B1SESSION=a-1'],
    [undefined, 'B1SESSION=a-1'],
  ])('is kept with its route (%s)', async (cookies, expected) => {
    const bench = openBench();
    bench.line = () =>
      Promise.resolve(
        jsonResponse(200, { SessionId: 'a-1', SessionTimeout: 20 }, cookies ? { 'set-cookie': cookies } : {}),
      );
    const renewed = await bench.run((client) => renew(client, config));
    expect(renewed).toMatchObject({ session: expected, sessionEndsAtMs: bench.now() + 20 * 60_000 });
    expect(bench.exchanges.at(-1)!.request.url).toBe('https://sap.example.com:50000/b1s/v2/Login');
    const request = { method: 'GET', url: 'https://sap.example.com:50000/b1s/v2/Items', headers: {} } as const;
    expect(authorize(request, renewed).headers).toEqual({ cookie: expected });
    expect(authorize({ ...request, url: 'https://sap.example.com:50000/b1s/v2/Login' }, renewed).headers).toEqual({});
  });
});
