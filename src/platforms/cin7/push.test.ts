import { describe, expect, it } from 'vitest';
import type { Outcome, Target } from '../../platform/contract.ts';
import { jsonResponse } from '../../platform/http.ts';
import { PLACES as BENCH_PLACES, Bench, skuOf } from '../../platform/testing/bench.ts';
import { pushCore, referenceOf } from './core/push.ts';
import { cin7 } from './index.ts';
import { omniReference, pushOmni } from './omni/push.ts';
import type { Cin7Sandbox } from './sandbox.ts';
import { fixture, NOW, scripted, settings } from './testing/scripted.ts';

const target = (
  stockKey: string,
  want: number,
  from: { available: number; written?: number } | null,
  more: Partial<Target> = {},
): Target => ({
  cell: { stockKey, location: '3' },
  want,
  expect: from?.available ?? 5,
  ...(from && { from: { ...from, stockKey, location: '3', tracked: true, readAt: new Date(NOW).toISOString() } }),
  asOf: new Date(NOW).toISOString(),
  key: `key-${stockKey}`,
  why: 'sync',
  ...more,
});
const results = (outcomes: Outcome[]) =>
  Object.fromEntries(
    outcomes.map((one) => [one.cell.stockKey, one.result === 'failed' ? one.failure.code : one.result]),
  );
// biome-ignore lint/suspicious/noExplicitAny: what was sent, printed back as done.
const done = (body: any) => ({
  Status: 'COMPLETED',
  ExistingStockLines: body.Lines.map((line: { ProductID: string; LocationID: string; Quantity: number }) => ({
    ProductID: line.ProductID,
    LocationID: line.LocationID,
    QuantityOnHand: 8,
    Available: 5,
    Adjustment: line.Quantity,
  })),
});

describe('Core', () => {
  it('writes what is on hand: what open orders are promised stays in it', async () => {
    const { client, asked } = scripted(({ body }) => done(body));
    const outcomes = await pushCore(client, settings({ unitCost: 2 }), [
      target('A', 3, { available: 5, written: 8 }, { extra: { type: 'Stock', sku: 'Bread', cost: '4.5' } }),
      target('B', 7.25, { available: 5, written: 8 }),
    ]);
    expect(outcomes).toEqual([
      { cell: { stockKey: 'A', location: '3' }, result: 'applied', after: 3 },
      { cell: { stockKey: 'B', location: '3' }, result: 'applied', after: 7.25 },
    ]);
    expect(asked[0]!.body).toEqual({
      EffectiveDate: '2026-11-24T10:00:00.000',
      Status: 'COMPLETED',
      Reference: referenceOf(['key-B', 'key-A']),
      UpdateOnHand: true,
      Lines: [
        { ProductID: 'A', SKU: 'Bread', Quantity: 6, UnitCost: 4.5, LocationID: '3' },
        { ProductID: 'B', Quantity: 10.25, UnitCost: 2, LocationID: '3' },
      ],
    });
  });

  it("reads the vendor's own sample: 601 on hand, the line says 600", async () => {
    const sample = fixture('stockadjustment');
    const [line] = sample.ExistingStockLines;
    const one = {
      ...target(line.ProductID, 600, { available: 601, written: 601 }),
      cell: { stockKey: line.ProductID, location: line.LocationID },
    };
    expect(await pushCore(scripted(() => sample).client, settings(), [one])).toMatchObject([
      { result: 'applied', after: 600 },
    ]);
    // Were it a difference, the sample would not say so of one unit less.
    expect(await pushCore(scripted(() => sample).client, settings(), [{ ...one, want: 599 }])).toMatchObject([
      { failure: { failure: 'unknown-outcome', code: 'not-confirmed' } },
    ]);
  });

  it('what changed between reading and writing is not passed off as what was wanted', async () => {
    const { client } = scripted(({ body }) => done(body));
    const [outcome] = await pushCore(client, settings(), [target('A', 3, { available: 5, written: 9 })]);
    expect(outcome).toEqual({ cell: { stockKey: 'A', location: '3' }, result: 'applied' });
  });

  it('what cannot be written is told without asking', async () => {
    const { client, asked } = scripted(() => ({}));
    const read = { available: 5, written: 8 };
    const outcomes = await pushCore(client, settings(), [
      target('A', 3, read, { extra: { type: 'Service' } }),
      target('B', 3, read, { extra: { type: 'made' } }),
      target('C', -1, read),
      target('D', 1.234, read),
      target('E', 3, null),
      target('F', 1, { available: 20, written: 2 }),
    ]);
    expect(results(outcomes)).toEqual({
      A: 'untracked-item',
      B: 'made-from-parts',
      C: 'impossible-quantity',
      D: 'impossible-quantity',
      E: 'not-read',
      F: 'in-bins',
    });
    expect(asked).toEqual([]);
  });

  it('a draft changes nothing; a line that does not come back is in doubt', async () => {
    const draft = scripted(({ body }) => ({ ...done(body), Status: 'DRAFT' }));
    expect(results(await pushCore(draft.client, settings(), [target('A', 3, { available: 5, written: 8 })]))).toEqual({
      A: 'only-draft',
    });
    const silent = scripted(() => ({ Status: 'COMPLETED' }));
    expect(results(await pushCore(silent.client, settings(), [target('A', 3, { available: 5, written: 8 })]))).toEqual({
      A: 'not-confirmed',
    });
  });

  it('refused for one line, the document is halved until it is alone; a wall on the way does not unsay what was done', async () => {
    const bad = (body: { Lines: { ProductID: string }[] }, id: string) =>
      body.Lines.some((line) => line.ProductID === id);
    const { client } = scripted(({ body }) => {
      if (bad(body, 'BAD')) return jsonResponse(400, [{ ErrorCode: 400, Exception: 'Product was not found' }]);
      if (bad(body, 'D')) return jsonResponse(429, [{ Exception: 'limit' }]);
      return done(body);
    });
    const read = { available: 5, written: 8 };
    const targets = ['A', 'BAD', 'C', 'D'].map((id) => target(id, 3, read));
    expect(results(await pushCore(client, settings(), targets))).toEqual({
      A: 'applied',
      BAD: 'refused',
      C: 'rate-limited',
      D: 'rate-limited',
    });
  });

  it('units in a bin stay there: the rest is written, in the stand-in', async () => {
    const bench = await Bench.open(cin7 as never, { items: 2 });
    const { staff, shopper, shown } = bench.sandbox as Cin7Sandbox;
    const [place] = BENCH_PLACES;
    staff.putInBin(skuOf(0), place!.id, 15);
    shopper.buy({ lines: [{ sku: skuOf(0), quantity: 2 }], location: null });
    await bench.allListings();
    const listing = [...bench.listings.values()].find(({ sku }) => sku === skuOf(0))!;
    const cell = { stockKey: listing.stockKey, location: place!.id };
    const push = async (want: number) => {
      const [from] = await bench.readLevels([{ ...cell, extra: listing.extra! }]);
      expect(from).toMatchObject({ written: expect.any(Number) });
      const one = {
        ...target(cell.stockKey, want, null),
        cell,
        from: from!,
        expect: from!.available,
        extra: listing.extra!,
      };
      return (await bench.run((client, config) => pushCore(client as never, config as never, [one])))[0]!;
    };
    expect(await push(16)).toMatchObject({ result: 'applied' });
    expect(shown()[0]!.available).toBe(16);
    expect(await push(4)).toMatchObject({ result: 'failed', failure: { code: 'in-bins' } });
    bench.close();
  });
});

describe('Omni', () => {
  const omni = settings({ product: 'omni' });

  it('one adjustment a level, each with a reference of its own', async () => {
    const { client, asked } = scripted(({ body }) =>
      body.map((_: unknown, index: number) => ({ index, success: true, id: 1, errors: [] })),
    );
    const outcomes = await pushOmni(client, omni, [
      target('991', 3, { available: 5, written: 8 }),
      target('992', 7, { available: 5, written: 8 }, { why: 'count' }),
      target('993', 5, { available: 5, written: 8 }),
    ]);
    expect(results(outcomes)).toEqual({ 991: 'applied', 992: 'applied', 993: 'applied' });
    expect(asked[0]!.body).toMatchObject([
      {
        reference: omniReference('key-991'),
        branchId: 3,
        isApproved: true,
        lineItems: [{ productOptionId: 991, qty: -2 }],
      },
      { adjustmentReason: 'Counted in Onhand', lineItems: [{ productOptionId: 992, qty: 2 }] },
    ]);
    expect(asked[0]!.body).toHaveLength(2);
    expect(omniReference('x').length).toBeLessThanOrEqual(20);
  });

  it('or the counted number, where the account takes it so', async () => {
    const { client, asked } = scripted(() => [{ success: true }]);
    await pushOmni(client, settings({ product: 'omni', omniQuantity: 'counted' }), [
      target('991', 3, { available: 5, written: 8 }),
    ]);
    expect(asked[0]!.body[0].lineItems).toEqual([{ productOptionId: 991, qty: 6 }]);
  });

  it('each row says what became of it; a reference used before says that it was done', async () => {
    const { client } = scripted(() => [
      { index: 1, success: false, errors: ['Reference OH1 already exists.'] },
      { index: 0, success: false, errors: ['Branch not found.'] },
      { index: 2, success: false, errors: 'The period is locked.' },
      { index: 3 },
    ]);
    const targets = ['991', '992', '993', '994', '995'].map((id) => target(id, 3, { available: 5, written: 8 }));
    expect(results(await pushOmni(client, omni, targets))).toEqual({
      991: 'unknown-item',
      992: 'applied',
      993: 'refused',
      994: 'not-confirmed',
      995: 'not-confirmed',
    });
    expect(results(await pushOmni(client, omni, [target('P', 3, { available: 5, written: 8 })]))).toEqual({
      P: 'unknown-item',
    });
  });
});
