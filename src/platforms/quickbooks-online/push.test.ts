import { describe, expect, it } from 'vitest';
import type { Target } from '../../platform/contract.ts';
import { Bench, skuOf } from '../../platform/testing/bench.ts';
import { push, targetsFor, visible, writableLevels } from '../../platform/testing/pushing.ts';
import { quickbooksOnline } from './index.ts';
import { findPush, pushLevels } from './push.ts';
import type { QboSandbox } from './sandbox.ts';
import { type Asked, fault, scripted, settings } from './testing/scripted.ts';

const target = (stockKey: string, expected: number, want: number, key = `key-${stockKey}`): Target => ({
  cell: { stockKey, location: '-' },
  want,
  expect: expected,
  asOf: '2026-11-24T09:59:00.000Z',
  key,
  why: 'sync',
});
const done = { InventoryAdjustment: { Id: '1001', SyncToken: '0' }, time: '' };
const many = Array.from({ length: 9 }, (_, index) => target(String(index + 1), 5, 4));
const codes = (outcomes: Awaited<ReturnType<typeof pushLevels>>) =>
  outcomes.map((one) => (one.result === 'failed' ? one.failure.code : one.result));

describe('what is booked', () => {
  it('one document, a difference per item, the keys in its note', async () => {
    const { client, asked } = scripted(() => done);
    const outcomes = await pushLevels(client, settings(), [target('19', 5, 3), target('20', 1, 1.5)]);
    expect(codes(outcomes)).toEqual(['applied', 'applied']);
    expect(asked).toHaveLength(1);
    expect(asked[0]!.url.pathname).toBe('/v3/company/9130000000000001/inventoryadjustment');
    expect(asked[0]!.body).toEqual({
      AdjustAccountRef: { value: '80' },
      PrivateNote: 'Onhand: key-19 key-20',
      Line: [
        { DetailType: 'ItemAdjustmentLineDetail', ItemAdjustmentLineDetail: { ItemRef: { value: '19' }, QtyDiff: -2 } },
        {
          DetailType: 'ItemAdjustmentLineDetail',
          ItemAdjustmentLineDetail: { ItemRef: { value: '20' }, QtyDiff: 0.5 },
        },
      ],
    });
  });
  it('the same changes have the same requestid, others another; at most 50 characters', async () => {
    const { client, asked } = scripted(() => done);
    await pushLevels(client, settings(), [target('19', 5, 3)]);
    await pushLevels(client, settings(), [target('19', 5, 3)]);
    await pushLevels(client, settings(), [target('19', 5, 3, 'other')]);
    const ids = asked.map(({ url }) => url.searchParams.get('requestid')!);
    expect(ids[0]).toBe(ids[1]);
    expect(ids[2]).not.toBe(ids[0]);
    expect(ids[0]!.length).toBeLessThanOrEqual(50);
  });
  it('nothing to change is not booked; impossible numbers and keys are refused before anything is sent', async () => {
    const { client, asked } = scripted(() => done);
    const outcomes = await pushLevels(client, settings(), [
      target('1', 5, 5),
      target('2', 5, -1),
      target('3', 5, 1.000001),
      target('four', 5, 1),
      { ...target('5', 5, 1), cell: { stockKey: '5', location: '7' } },
    ]);
    expect(codes(outcomes)).toEqual([
      'pending',
      'impossible-quantity',
      'impossible-quantity',
      'unknown-item',
      'unknown-item',
    ]);
    expect(asked).toEqual([]);
  });
  it('no account to book to: refused with the next step', async () => {
    const { client, asked } = scripted(() => done);
    const outcomes = await pushLevels(client, settings({ adjustmentAccount: undefined }), many);
    expect(new Set(codes(outcomes))).toEqual(new Set(['no-adjustment-account']));
    expect(asked).toEqual([]);
  });
  it('where another program posts copies of sales, nothing is booked: they lower the quantities already', async () => {
    const { client, asked } = scripted(() => done);
    const outcomes = await pushLevels(client, settings({ salesHere: 'ignore' }), many);
    expect(new Set(codes(outcomes))).toEqual(new Set(['copies-lower-it']));
    expect(asked).toEqual([]);
  });
  it('thirty targets fit into a note', () => {
    const { batchMax } = quickbooksOnline.facts.push;
    expect('Onhand:'.length + batchMax * (1 + 36)).toBeLessThan(4_000);
  });
});

describe('what is answered', () => {
  const badItem = (code: string) => (asked: Asked) =>
    JSON.stringify(asked.body).includes('"value":"5"') ? fault(code) : done;
  it.each([
    ['2500', 'unknown-item'],
    ['6000', 'refused-line'],
  ])('fault %s: the line is found by halving, and fails alone', async (code, ours) => {
    const { client, asked } = scripted(badItem(code));
    const outcomes = await pushLevels(client, settings(), many);
    expect(outcomes.filter(({ result }) => result === 'applied')).toHaveLength(8);
    expect(outcomes.find(({ result }) => result === 'failed')).toMatchObject({
      cell: { stockKey: '5' },
      failure: { code: ours },
    });
    expect(asked.length).toBeLessThan(10);
  });
  it.each([
    ['6210', 'closed-books'],
    ['5020', 'not-in-plan'],
  ])('fault %s holds for all: thrown, not halved', async (code, ours) => {
    const { client, asked } = scripted(() => fault(code));
    await expect(pushLevels(client, settings(), many)).rejects.toMatchObject({ code: ours });
    expect(asked).toHaveLength(1);
  });
  it('a good answer that names no adjustment leaves it open', async () => {
    const { client } = scripted(() => ({ time: 'x' }));
    await expect(pushLevels(client, settings(), many)).rejects.toMatchObject({ failure: 'unknown-outcome' });
  });
});

describe('was it booked?', () => {
  const note = (PrivateNote: string | null) => ({ Id: '1', PrivateNote });
  const asking = (rows: object[]) => scripted(() => ({ QueryResponse: { InventoryAdjustment: rows }, time: '' }));
  it('its key stands in a note of ours, whole', async () => {
    const found = asking([note(null), note('count'), note('Onhand: key-1 key-19')]);
    expect(await findPush(found.client, settings(), target('19', 5, 3))).toMatchObject({ result: 'applied' });
    expect(found.asked[0]!.query).toBe(
      "select * from InventoryAdjustment where MetaData.CreateTime >= '2026-11-24T09:54:00Z' startposition 1 maxresults 1000",
    );
    for (const text of ['Onhand: key-190', 'key-19', 'Copy of Onhand: key-19'])
      expect(await findPush(asking([note(text)]).client, settings(), target('19', 5, 3))).toBe('not-found');
    expect(await findPush(scripted(() => ({ QueryResponse: {} })).client, settings(), target('19', 5, 3))).toBe(
      'not-found',
    );
  });
});

describe('against the stand-in', () => {
  it('a repeated request books once', async () => {
    const bench = await Bench.open(quickbooksOnline as never, { items: 2 });
    const [level] = await writableLevels(bench);
    const targets = await targetsFor(bench, [{ level: level!, want: 12 }]);
    for (let time = 0; time < 3; time++) await push(bench, targets);
    await visible(bench);
    expect((await bench.readLevels([level!]))[0]!.available).toBe(12);
    expect((bench.sandbox as QboSandbox).staff.adjustments()).toHaveLength(1);
    bench.close();
  });
  it('a sale that was not heard of stays sold, below zero if it must be', async () => {
    const bench = await Bench.open(quickbooksOnline as never, { items: 2, stock: 3 });
    const level = (await writableLevels(bench)).find(({ stockKey }) => bench.listings.get(stockKey)?.sku === skuOf(0))!;
    const targets = await targetsFor(bench, [{ level, want: 1 }]);
    bench.sandbox.shopper.buy({ lines: [{ sku: skuOf(0), quantity: 2 }], location: null });
    await push(bench, targets);
    await visible(bench);
    expect((await bench.readLevels([level]))[0]!.available).toBe(-1);
    bench.close();
  });
  it('an inactive item, closed books, a plan without adjustments', async () => {
    const bench = await Bench.open(quickbooksOnline as never, { items: 3 });
    const { staff } = bench.sandbox as QboSandbox;
    const levels = await writableLevels(bench);
    const targets = await targetsFor(
      bench,
      levels.map((level) => ({ level, want: 9 })),
    );
    staff.makeInactive(skuOf(1));
    const outcomes = await push(bench, targets);
    expect(codes([...outcomes.values()]).sort()).toEqual(['applied', 'applied', 'unknown-item']);
    const again = () =>
      bench.run((client, config) =>
        quickbooksOnline.pushLevels(
          client as never,
          config as never,
          targets.map((one) => ({ ...one, key: `${one.key}-`, want: 3 })),
        ),
      );
    staff.closeBooks();
    await expect(again()).rejects.toMatchObject({ code: 'closed-books' });
    staff.withoutAdjustments();
    await expect(again()).rejects.toMatchObject({ code: 'not-in-plan' });
    bench.close();
  });
});
