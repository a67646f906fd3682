import { describe, expect, it } from 'vitest';
import type { RemoteLevel, Target } from '../../platform/contract.ts';
import { jsonResponse } from '../../platform/http.ts';
import { Bench, PLACES, skuOf } from '../../platform/testing/bench.ts';
import { push, targetsFor, visible, writableLevels } from '../../platform/testing/pushing.ts';
import { bigcommerce } from './index.ts';
import { pushLevels } from './push.ts';
import type { BigSandbox } from './sandbox.ts';
import { type Asked, problem, scripted, settings } from './testing/scripted.ts';

const level = (stockKey: string, available: number, written = available): RemoteLevel => ({
  stockKey,
  location: '1',
  available,
  written,
  tracked: true,
  readAt: '2026-11-24T10:00:00.000Z',
});
const target = (stockKey: string, want: number, from: RemoteLevel | undefined = level(stockKey, 5)): Target => ({
  cell: { stockKey, location: '1' },
  want,
  expect: from?.available ?? 0,
  ...(from && { from }),
  asOf: '2026-11-24T10:00:00.000Z',
  key: 'k',
  why: 'sync',
});
const done = { transaction_id: 't' };

describe('what is sent', () => {
  it('stock on hand, the safety stock on top; variants and products by their own ids', async () => {
    const { client, asked } = scripted(() => done);
    const outcomes = await pushLevels(client, settings(), [
      target('512', 7, level('512', 20, 30)),
      target('product/77', 0),
    ]);
    expect(outcomes.map(({ result }) => result)).toEqual(['pending', 'pending']);
    expect(asked.map(({ body }) => body)).toEqual([
      {
        reason: 'Onhand',
        items: [
          { location_id: 1, variant_id: 512, quantity: 17 },
          { location_id: 1, product_id: 77, quantity: 0 },
        ],
      },
    ]);
  });
  it('ids beyond 2^53 keep their digits', async () => {
    const { client, asked } = scripted(() => done);
    await pushLevels(client, settings(), [target('9007199254740993', 7)]);
    expect(String(asked[0]!.request.body)).toContain('"variant_id":9007199254740993,');
  });
  it('a target that came without its level is read first; what has no stock there is not sent', async () => {
    const { client, asked } = scripted(({ op }) =>
      op === 'readLevels'
        ? {
            data: [
              {
                identity: { variant_id: 512, product_id: 9 },
                locations: [{ location_id: 1, available_to_sell: 3, total_inventory_onhand: 5 }],
              },
            ],
          }
        : done,
    );
    const outcomes = await pushLevels(client, settings(), [
      { ...target('512', 4), from: undefined },
      { ...target('513', 4), from: undefined },
    ]);
    expect(outcomes.map((one) => [one.cell.stockKey, one.result])).toEqual([
      ['513', 'failed'],
      ['512', 'pending'],
    ]);
    expect(asked.at(-1)!.body.items).toEqual([{ location_id: 1, variant_id: 512, quantity: 6 }]);
  });
  it('impossible numbers and keys are refused before anything is sent', async () => {
    const { client, asked } = scripted(() => done);
    const outcomes = await pushLevels(client, settings(), [
      target('1', 1.5),
      target('2', -1),
      target('3', 1_000_000_000, level('3', 0, 1_500_000_000)),
      target('four', 1),
    ]);
    expect(outcomes.map((one) => one.result === 'failed' && one.failure.code)).toEqual([
      'impossible-quantity',
      'impossible-quantity',
      'impossible-quantity',
      'unknown-item',
    ]);
    expect(asked).toEqual([]);
  });
});

describe('what is answered', () => {
  const badOne = (title: string) => (asked: Asked) =>
    asked.body.items.some((one: { variant_id: number }) => one.variant_id === 5) ? problem(422, title) : done;
  const many = Array.from({ length: 9 }, (_, index) => target(String(index + 1), 4));

  it('one refused item is found by halving, and fails alone', async () => {
    const { client, asked } = scripted(
      badOne('[Item with variant_id 5 is tracked by product, please update stock by product id]'),
    );
    const outcomes = await pushLevels(client, settings(), many);
    expect(outcomes.filter(({ result }) => result === 'pending')).toHaveLength(8);
    const failed = outcomes.find(({ result }) => result === 'failed');
    expect(failed).toMatchObject({ cell: { stockKey: '5' }, failure: { failure: 'rejected', code: 'other-tracking' } });
    expect(asked.length).toBeLessThan(10);
  });
  it('a refusal for all is thrown; after a first success it is told of the rest', async () => {
    const { client } = scripted(() => problem(403, 'scope'));
    await expect(pushLevels(client, settings(), many)).rejects.toMatchObject({ failure: 'auth' });
    let calls = 0;
    const later = scripted((asked) => {
      calls++;
      if (calls === 1) return problem(422, 'too long');
      return calls === 2 ? badOne('x')(asked) && done : jsonResponse(429, {}, { 'x-retry-after': '2' });
    });
    const outcomes = await pushLevels(later.client, settings(), many);
    expect(outcomes.map(({ result }) => result)).toEqual([...Array(5).fill('pending'), ...Array(4).fill('failed')]);
    expect(outcomes.at(-1)).toMatchObject({ failure: { failure: 'throttled', retryAfterMs: 2_000 } });
  });
  it('a page where JSON belongs leaves it open', async () => {
    const { client } = scripted(() => ({ status: 200, headers: {}, body: Buffer.from('<html>') }));
    await expect(pushLevels(client, settings(), many)).rejects.toMatchObject({ failure: 'unknown-outcome' });
  });
});

describe('against the stand-in', () => {
  it('safety stock is held back, whatever is written', async () => {
    const bench = await Bench.open(bigcommerce as never, { items: 3 });
    const { staff } = bench.sandbox as BigSandbox;
    for (const index of [0, 2]) staff.safetyStock(skuOf(index), PLACES[1]!.id, 6);
    await bench.settle();
    const levels = (await writableLevels(bench)).filter(({ location }) => location === PLACES[1]!.id);
    expect(levels.map(({ available, written }) => [available, written])).toEqual([
      [14, 20],
      [20, 20],
      [14, 20],
    ]);
    await push(
      bench,
      await targetsFor(
        bench,
        levels.map((one) => ({ level: one, want: 9 })),
      ),
    );
    await visible(bench);
    const shown = bench.sandbox.shown().filter(({ location }) => location === PLACES[1]!.id);
    expect(shown.map(({ available }) => available)).toEqual([9, 9, 9]);
    bench.close();
  });
  it('what was accepted is not there yet: read at once, the old number stands', async () => {
    const bench = await Bench.open(bigcommerce as never, { items: 1 });
    const [one] = await writableLevels(bench);
    const targets = await targetsFor(bench, [{ level: one!, want: 3 }]);
    await bench.run((client, config) => bigcommerce.pushLevels(client as never, config as never, targets));
    expect((await bench.readLevels([one!]))[0]!.available).toBe(20);
    expect(bench.sandbox.quiet()).toBe(false);
    await visible(bench);
    expect((await bench.readLevels([one!]))[0]!.available).toBe(3);
    bench.close();
  });
});
