import { describe, expect, it } from 'vitest';
import type { Outcome, Target } from '../../platform/contract.ts';
import { bodyText, jsonResponse, TransportError } from '../../platform/http.ts';
import { failureOf } from '../../platform/testing/bench.ts';
import { zoho } from './index.ts';
import { type Bench, itemId, MAIN, openBench, SHOP } from './testing/bench.ts';

const push = (bench: Bench, targets: Target[]) =>
  bench.run((client, config) => zoho.pushLevels(client, config, targets));
const find = (bench: Bench, target: Target) => bench.run((client, config) => zoho.findPush!(client, config, target));
const code = (outcome: Outcome | undefined) =>
  outcome?.result === 'failed' ? [outcome.failure.failure, outcome.failure.code] : [outcome?.result];
const written = (bench: Bench) =>
  bench.exchanges
    .filter(({ request }) => request.method === 'POST' && request.url.includes('/inventoryadjustments'))
    .map(({ request }) => JSON.parse(bodyText(request)));

describe('stock is written as adjustments', () => {
  it('one for each place, differences, with a mark for each target', async () => {
    const bench = openBench();
    const targets = [bench.target('MUG', MAIN, 8), bench.target('HAT', MAIN, 12.5), bench.target('TEE', SHOP, 0)];
    expect((await push(bench, targets)).map(code)).toEqual([['applied'], ['applied'], ['applied']]);
    expect(written(bench)).toEqual([
      {
        date: '2026-11-24',
        reason: 'Onhand',
        description: expect.stringMatching(/^Onhand [0-9a-f]{10} [0-9a-f]{10}$/),
        reference_number: expect.stringMatching(/^onhand-[0-9a-f]{24}$/),
        adjustment_type: 'quantity',
        location_id: MAIN,
        line_items: [
          { item_id: itemId('MUG'), quantity_adjusted: -2, location_id: MAIN },
          { item_id: itemId('HAT'), quantity_adjusted: 2.5, location_id: MAIN },
        ],
      },
      expect.objectContaining({
        location_id: SHOP,
        line_items: [{ item_id: itemId('TEE'), quantity_adjusted: -10, location_id: SHOP }],
      }),
    ]);
    expect([bench.shown('MUG', MAIN), bench.shown('HAT', MAIN), bench.shown('TEE', SHOP)]).toEqual([8, 12.5, 0]);
  });

  it('a full batch fits into the description', async () => {
    const bench = openBench();
    const many = Array.from({ length: zoho.facts.push.batchMax }, (_, index) => ({
      ...bench.target('MUG', MAIN, 9),
      key: `k${index}`,
    }));
    await push(bench, many);
    expect(written(bench)[0].description.length).toBeLessThanOrEqual(500);
  });

  it('nothing to change, impossible, oversold: known without a call', async () => {
    const bench = openBench({}, { hideOversold: false });
    bench.sandbox.shopper.buy({ lines: [{ sku: 'TEE', quantity: 25 }], location: null });
    const targets = [bench.target('MUG', MAIN, 10), bench.target('HAT', MAIN, -1), bench.target('TEE', MAIN, 0)];
    expect((await push(bench, targets)).map(code)).toEqual([
      ['applied'],
      ['rejected', 'impossible-quantity'],
      ['rejected', 'promised-beyond-stock'],
    ]);
    expect(written(bench)).toEqual([]);
    bench.config = { ...bench.config, hideOversold: true };
    expect((await push(bench, [bench.target('TEE', MAIN, 0)])).map(code)).toEqual([['applied']]);
    expect(bench.shown('TEE', MAIN)).toBe(0);
  });

  it('all or nothing: the refused items are found by halving, the others are written', async () => {
    const bench = openBench();
    bench.sandbox.seed([{ sku: 'VOUCHER', title: 'Voucher', stock: {}, untracked: true }]);
    const made = (stockKey: string): Target => ({
      ...bench.target('MUG', MAIN, 3),
      expect: 0,
      key: stockKey,
      cell: { stockKey, location: MAIN },
    });
    const targets = [bench.target('MUG', MAIN, 3), made('4815000000044004'), bench.target('HAT', MAIN, 4), made('99')];
    const outcomes = await push(bench, targets);
    expect(outcomes.map((one) => [one.cell.stockKey, ...code(one)])).toEqual([
      [itemId('MUG'), 'applied'],
      ['4815000000044004', 'rejected', 'refused'],
      [itemId('HAT'), 'applied'],
      ['99', 'gone', 'not-found'],
    ]);
    expect([bench.shown('MUG', MAIN), bench.shown('HAT', MAIN)]).toEqual([3, 4]);
  });

  it('waits for an approval: pending, not applied, and shown once somebody approved', async () => {
    const bench = openBench({}, { approvesAdjustments: true });
    const several = [bench.target('MUG', MAIN, 12), bench.target('HAT', MAIN, 11)];
    bench.line = ({ method }, carry) => {
      // A sale takes the one that was added: the other item shows that it was.
      if (method === 'POST')
        return carry().finally(() =>
          bench.sandbox.shopper.buy({ lines: [{ sku: 'HAT', quantity: 1 }], location: null }),
        );
      return undefined;
    };
    expect((await push(bench, several)).map(code)).toEqual([['applied'], ['applied']]);
    bench.line = undefined;
    bench.sandbox.staff.requireApproval();
    expect((await push(bench, [bench.target('MUG', MAIN, 3)])).map(code)).toEqual([['pending']]);
    expect(bench.shown('MUG', MAIN)).toBe(12);
    bench.sandbox.staff.approveAll();
    expect(bench.shown('MUG', MAIN)).toBe(3);
  });

  it('an answer that names a state is believed', async () => {
    const bench = openBench();
    for (const [status, expected] of [
      ['adjusted', 'applied'],
      ['Pending_Approval', 'pending'],
    ] as const) {
      const inventory_adjustment = { inventory_adjustment_id: '5', status };
      bench.line = ({ url }, carry) =>
        url.includes('/inventoryadjustments')
          ? Promise.resolve(jsonResponse(201, { code: 0, inventory_adjustment }))
          : carry();
      expect((await push(bench, [bench.target('MUG', MAIN, 3)])).map(code)).toEqual([[expected]]);
    }
  });

  it('a sale in the same moment is not brought back', async () => {
    const bench = openBench();
    const target = bench.target('MUG', MAIN, 15);
    bench.sandbox.shopper.buy({ lines: [{ sku: 'MUG', quantity: 2 }], location: null });
    expect((await push(bench, [target])).map(code)).toEqual([['applied']]);
    expect(bench.shown('MUG', MAIN)).toBe(13);
  });

  it('throttled at the second place: the first is told, the second was not sent', async () => {
    const bench = openBench();
    let calls = 0;
    bench.line = ({ method, url }) =>
      method === 'POST' && url.includes('/inventoryadjustments') && calls++ > 0
        ? Promise.resolve(bench.sandbox.fault('throttled'))
        : undefined;
    const outcomes = await push(bench, [bench.target('MUG', MAIN, 1), bench.target('HAT', SHOP, 1)]);
    expect(outcomes.map(code)).toEqual([['applied'], ['throttled', 'rate-limited']]);
    expect(bench.shown('HAT', SHOP)).toBe(10);
  });
});

describe('a lost answer', () => {
  it('is in doubt, and found again by its mark, or not', async () => {
    const bench = openBench();
    const [done, never] = [bench.target('MUG', MAIN, 3), bench.target('HAT', MAIN, 3)];
    bench.line = (request, carry) =>
      request.method === 'POST' && request.url.includes('/inventoryadjustments')
        ? carry().then(() => Promise.reject(new TransportError('lost', true)))
        : undefined;
    expect(await failureOf(push(bench, [done]))).toMatchObject({ failure: 'unknown-outcome' });
    bench.line = undefined;
    expect(await find(bench, done)).toEqual({ cell: done.cell, result: 'applied' });
    expect(await find(bench, never)).toBe('not-found');
  });

  it('beyond reach nobody says "not found": that would write it twice', async () => {
    const bench = openBench();
    let pages = 0;
    bench.line = ({ url }) => {
      if (!url.includes('/inventoryadjustments')) return undefined;
      pages++;
      const inventory_adjustments = [{ date: '2026-11-24', description: 'a clerk’s' }];
      return Promise.resolve(
        jsonResponse(200, { code: 0, inventory_adjustments, page_context: { has_more_page: true } }),
      );
    };
    expect(await failureOf(find(bench, bench.target('MUG', MAIN, 3)))).toMatchObject({ failure: 'unknown-outcome' });
    expect(pages).toBe(20);
  });
});
