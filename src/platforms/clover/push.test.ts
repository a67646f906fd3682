import { describe, expect, it } from 'vitest';
import { NO_LOCATION, type RemoteLevel, type Target } from '../../platform/contract.ts';
import { jsonResponse } from '../../platform/http.ts';
import { Bench, skuOf, UNTRACKED } from '../../platform/testing/bench.ts';
import { clover } from './index.ts';
import { pushLevels } from './push.ts';
import { type Asked, scripted, settings } from './testing/scripted.ts';

const config = settings();
const level = (stockKey: string, available: number, tracked = true): RemoteLevel => ({
  stockKey,
  location: NO_LOCATION,
  available,
  tracked,
  readAt: '2026-11-24T10:00:00.000Z',
});
const target = (stockKey: string, want: number, from: RemoteLevel | null = level(stockKey, 5)): Target => ({
  cell: { stockKey, location: NO_LOCATION },
  want,
  expect: 5,
  ...(from && { from }),
  asOf: '2026-11-24T10:00:00.000Z',
  key: `key-${stockKey}`,
  why: 'sync',
});
/** Every item shows 5, unless said otherwise; what is written is what it shows then. */
const shop =
  (answer: (key: string, op: string) => unknown = () => undefined) =>
  ({ op, url, body }: Asked) => {
    const key = url.pathname.split('/').at(-1)!;
    const special = answer(key, op);
    if (special !== undefined) return special;
    if (op === 'item') return { id: key, itemStock: { item: { id: key }, quantity: 5, stockCount: 5 } };
    return { item: { id: key }, ...(body as { quantity: number }), stockCount: 0 };
  };
const writes = (asked: Asked[]) => asked.filter(({ op }) => op === 'writeStock');

describe('telling Clover a count', () => {
  it('is one absolute write per item, of the documented shape', async () => {
    const { client, asked } = scripted(shop());
    const outcomes = await pushLevels(client, config, [target('A', 7), target('B', 0), target('C', 2.125)]);
    expect(outcomes.map((one) => [one.cell.stockKey, one.result, 'after' in one && one.after])).toEqual([
      ['A', 'applied', 7],
      ['B', 'applied', 0],
      ['C', 'applied', 2.125],
    ]);
    expect(writes(asked).map(({ request, url, body }) => [request.method, url.pathname, body])).toEqual([
      ['POST', `/v3/merchants/${config.account}/item_stocks/A`, { quantity: 7 }],
      ['POST', `/v3/merchants/${config.account}/item_stocks/B`, { quantity: 0 }],
      ['POST', `/v3/merchants/${config.account}/item_stocks/C`, { quantity: 2.125 }],
    ]);
  });

  it('one outcome each: unknown, uncounted, refused, unclear and impossible ones fail alone', async () => {
    const { client, asked } = scripted(
      shop((key, op) => {
        if (key === 'UNKNOWN') return jsonResponse(404, { message: 'Not Found' });
        if (op === 'item') return key === 'LOOSE' ? { id: key } : undefined;
        if (key === 'VANISHED') return jsonResponse(404, { message: 'Not Found' });
        if (key === 'ODD') return jsonResponse(200, { fine: true });
        if (key === 'OTHER') return { quantity: 3 };
        if (key === 'BAD') return jsonResponse(400, { message: 'no' });
        if (key === 'BROKEN') return jsonResponse(502, '<html>');
        return undefined;
      }),
    );
    const outcomes = await pushLevels(client, config, [
      target('GOOD', 9),
      target('UNKNOWN', 9),
      target('VANISHED', 9),
      target('LOOSE', 9, level('LOOSE', 0, false)),
      target('ODD', 9),
      target('OTHER', 9),
      target('BAD', 9),
      target('BROKEN', 9),
      target('MINUS', -1),
      target('FINE', 1.0005),
      { ...target('ELSEWHERE', 1), cell: { stockKey: 'ELSEWHERE', location: '2' } },
    ]);
    const told = outcomes.map((one) =>
      one.result === 'failed'
        ? `${one.cell.stockKey} ${one.failure.failure} ${one.failure.code}`
        : `${one.cell.stockKey} ${one.result}`,
    );
    expect(told).toEqual([
      'GOOD applied',
      'UNKNOWN gone unknown-item',
      'VANISHED gone not-found',
      'LOOSE rejected untracked-item',
      'ODD unknown-outcome unreadable-answer',
      'OTHER unknown-outcome other-number',
      'BAD rejected refused',
      'BROKEN unknown-outcome server-error',
      'MINUS rejected impossible-quantity',
      'FINE rejected impossible-quantity',
      'ELSEWHERE gone unknown-location',
    ]);
    for (const key of ['UNKNOWN', 'LOOSE', 'MINUS', 'FINE', 'ELSEWHERE'])
      expect(
        writes(asked).some(({ url }) => url.pathname.endsWith(key)),
        `${key} was sent`,
      ).toBe(false);
  });

  it('is thrown when it holds for all, and only then', async () => {
    const throttled = scripted(() => jsonResponse(429, {}, { 'retry-after': '2' }));
    await expect(pushLevels(throttled.client, config, [target('A', 1), target('B', 1)])).rejects.toMatchObject({
      failure: 'throttled',
      retryAfterMs: 2_000,
    });
    const refused = scripted(() => jsonResponse(401, {}));
    await expect(pushLevels(refused.client, config, [target('A', 1)])).rejects.toMatchObject({ failure: 'auth' });
    const half = scripted(shop((key) => (key === 'A' ? undefined : jsonResponse(429, {}))));
    const outcomes = await pushLevels(half.client, config, [target('A', 1), target('B', 1)]);
    expect(outcomes.map(({ result }) => result)).toEqual(['applied', 'failed']);
    expect(await pushLevels(half.client, config, [])).toEqual([]);
  });

  it('what was sold or put back since it was read is not overwritten: it is told, and nothing is sent', async () => {
    const { client, asked } = scripted(
      shop((key) => (key === 'SOLD' ? { id: key, itemStock: { quantity: 4 } } : undefined)),
    );
    const outcomes = await pushLevels(client, config, [target('SOLD', 9), target('SAME', 9)]);
    expect(outcomes.map(({ cell, ...rest }) => rest)).toEqual([{ result: 'stale' }, { result: 'applied', after: 9 }]);
    expect(writes(asked)).toHaveLength(1);
  });

  it('never makes a stock record for an item that nobody counts, asked before or not', async () => {
    const bench = await Bench.open(clover as never);
    await bench.allListings();
    const key = (sku: string) => [...bench.listings.values()].find((one) => one.sku === sku)!.stockKey;
    const outcomes = await bench.run((client, own) =>
      pushLevels(client as never, own as never, [
        target(key(UNTRACKED), 4, null),
        target(key(skuOf(0)), 4, null),
        target('ITEM999999999', 4, null),
      ]),
    );
    expect(outcomes.map((one) => (one.result === 'failed' ? one.failure.code : one.result))).toEqual([
      'untracked-item',
      'applied',
      'unknown-item',
    ]);
    expect((await bench.allListings()).find(({ sku }) => sku === UNTRACKED)!.tracked).toBe(false);
    bench.close();
  });

  it('negative counts and fractions are read as they are', async () => {
    const bench = await Bench.open(clover as never, { items: 2 });
    bench.sandbox.shopper.edit(skuOf(0), NO_LOCATION, -3);
    bench.sandbox.shopper.edit(skuOf(1), NO_LOCATION, 160.5);
    const { items } = await bench.allLevels();
    expect(items.filter(({ tracked }) => tracked).map(({ available }) => available)).toEqual([-3, 160.5]);
    const read = await bench.readLevels(items.slice(0, 2));
    expect(read.map(({ available }) => available)).toEqual([-3, 160.5]);
    expect(read.every(({ changedAt }) => changedAt !== undefined)).toBe(true);
    bench.close();
  });
});
