import { describe, expect, it } from 'vitest';
import type { Outcome, Target } from '../../platform/contract.ts';
import { bodyText, jsonResponse } from '../../platform/http.ts';
import { odoo } from './index.ts';
import { type Bench, MAIN, openBench, SHOP } from './testing/bench.ts';

const push = (bench: Bench, targets: Target[]) =>
  bench.run((client, config) => odoo.pushLevels(client, config, targets));
const code = (outcome: Outcome | undefined) =>
  outcome?.result === 'failed' ? [outcome.failure.failure, outcome.failure.code] : [outcome?.result];
const calls = (bench: Bench, method: string) =>
  bench.exchanges
    .filter(({ request }) => request.url.endsWith(method))
    .map(({ request }) => JSON.parse(bodyText(request)));

describe('stock is written as an inventory count', () => {
  it('in inventory mode, absolute, on hand: units promised stay promised', async () => {
    const bench = openBench();
    bench.sandbox.shopper.buy({ lines: [{ sku: 'MUG', quantity: 4 }], location: null });
    expect(await push(bench, [await bench.target('MUG', MAIN, 9)])).toMatchObject([{ result: 'applied' }]);
    expect(calls(bench, 'stock.quant/create')).toEqual([
      {
        context: { inventory_mode: true },
        vals_list: [{ product_id: 41, location_id: 21, inventory_quantity: 13 }],
      },
    ]);
    expect(bench.shown('MUG', MAIN)).toBe(9);
  });

  it('goods that left between our reading and our count: nothing is written, and no count is left lying about', async () => {
    const bench = openBench();
    const bought = bench.sandbox.shopper.buy({ lines: [{ sku: 'MUG', quantity: 2 }], location: null });
    const target = await bench.target('MUG', MAIN, 20);
    if (bought.ok) bench.sandbox.shopper.fulfil(bought.order);
    expect(await push(bench, [target])).toMatchObject([{ result: 'stale' }]);
    expect(bench.shown('MUG', MAIN)).toBe(8);
    expect(calls(bench, 'stock.quant/create')).toEqual([]);
  });

  it('a till sale that brings the very number that was wanted has not done our change', async () => {
    const bench = openBench();
    const target = await bench.target('MUG', MAIN, 9);
    bench.sandbox.shopper.buy({ lines: [{ sku: 'MUG', quantity: 1 }], location: MAIN });
    expect(await push(bench, [target])).toMatchObject([{ result: 'stale' }]);
  });

  it('goods that left after the count was written down: Odoo asks a person, and only the others are applied', async () => {
    const bench = openBench();
    const bought = bench.sandbox.shopper.buy({ lines: [{ sku: 'MUG', quantity: 2 }], location: null });
    const targets = [await bench.target('MUG', MAIN, 20), await bench.target('HAT', SHOP, 5)];
    bench.sandbox.staff.interrupt(() => bought.ok && bench.sandbox.shopper.fulfil(bought.order));
    const outcomes = await push(bench, targets);
    expect(outcomes.map(({ cell, result }) => [cell.stockKey, result])).toEqual([
      ['41', 'stale'],
      ['42', 'applied'],
    ]);
    expect([bench.shown('MUG', MAIN), bench.shown('HAT', SHOP)]).toEqual([8, 5]);
    expect(calls(bench, 'action_clear_inventory_quantity')).toHaveLength(1);
  });

  it('an app that answers with a form of its own has applied nothing', async () => {
    const bench = openBench();
    const target = await bench.target('MUG', MAIN, 20);
    bench.line = (request) =>
      request.url.endsWith('action_apply_inventory')
        ? Promise.resolve(jsonResponse(200, { type: 'ir.actions.act_window', res_model: 'adjustment.reason.wizard' }))
        : undefined;
    expect(await push(bench, [target])).toMatchObject([{ result: 'stale' }]);
    expect(bench.shown('MUG', MAIN)).toBe(10);
  });

  it('shelves are emptied after the stock location; lots are left alone', async () => {
    const bench = openBench();
    const { staff } = bench.sandbox;
    staff.setApart('MUG', MAIN, 'shelf', 6);
    staff.setApart('HAT', MAIN, 'lot', 7);
    const targets = [
      await bench.target('MUG', MAIN, 3),
      await bench.target('HAT', MAIN, 8),
      await bench.target('HAT', SHOP, 1),
    ];
    expect((await push(bench, targets)).map(code)).toEqual([['applied'], ['applied'], ['applied']]);
    expect(calls(bench, 'stock.quant/create')[0].vals_list).toEqual([
      { product_id: 41, location_id: 21, inventory_quantity: 0 },
      { product_id: 41, location_id: 22, inventory_quantity: 3 },
      { product_id: 42, location_id: 21, inventory_quantity: 1 },
      { product_id: 42, location_id: 31, inventory_quantity: 1 },
    ]);
    expect([bench.shown('MUG', MAIN), bench.shown('HAT', MAIN)]).toEqual([3, 8]);
    const below = await bench.target('HAT', MAIN, 2);
    expect((await push(bench, [below])).map(code)).toEqual([['rejected', 'not-plain']]);
    expect(bench.shown('HAT', MAIN)).toBe(8);
  });

  it('what cannot be written is refused before Odoo is asked to, and says why', async () => {
    const bench = openBench();
    bench.sandbox.seed([{ sku: 'VOUCHER', title: 'Voucher', stock: {}, untracked: true }]);
    bench.sandbox.staff.trackByLot('TEE');
    const from = (await bench.target('MUG', MAIN, 1)).from!;
    const made = (stockKey: string, location: string, want = 1): Target => ({
      cell: { stockKey, location },
      want,
      expect: 0,
      from: { ...from, stockKey, location },
      asOf: '',
      key: 'k',
      why: 'sync',
    });
    const targets = [made('44', MAIN), made('43', MAIN), made('999', MAIN), made('41', '77'), made('41', MAIN, 2e9)];
    const { from: _, ...unread } = made('42', MAIN);
    expect((await push(bench, [...targets, unread])).map(code)).toEqual([
      ['rejected', 'untracked-item'],
      ['rejected', 'lots'],
      ['gone', 'unknown-item'],
      ['gone', 'unknown-location'],
      ['rejected', 'impossible-quantity'],
      ['conflict', 'not-read'],
    ]);
    expect(calls(bench, 'stock.quant/create')).toEqual([]);
  });

  it('Odoo confirms 100 of 10: ninety below zero, and no ninety are invented to hide it unless a person says so', async () => {
    const bench = openBench({}, { hideOversold: false });
    bench.sandbox.shopper.buy({ lines: [{ sku: 'MUG', quantity: 100 }], location: null });
    const { from } = await bench.target('MUG', MAIN, 0);
    expect(from).toMatchObject({ available: -90, written: 10 });
    expect(bench.sandbox.oversold()).toBe(90);
    const zero = await bench.target('MUG', MAIN, 0);
    expect((await push(bench, [zero])).map(code)).toEqual([['rejected', 'promised-beyond-stock']]);
    // Ninety-five came in.
    expect((await push(bench, [await bench.target('MUG', MAIN, 5)])).map(code)).toEqual([['applied']]);
    expect(bench.shown('MUG', MAIN)).toBe(5);
    bench.sandbox.shopper.buy({ lines: [{ sku: 'HAT', quantity: 12 }], location: MAIN });
    bench.config = { ...bench.config, hideOversold: true };
    expect((await push(bench, [await bench.target('HAT', MAIN, 0)])).map(code)).toEqual([['applied']]);
    expect(bench.shown('HAT', MAIN)).toBe(0);
  });

  it('the feed of changed quants tells a product once for each change, though rounds overlap', async () => {
    const bench = openBench();
    const poll = (cursor: string | null) =>
      bench.run((client, config) => odoo.poll(client, config, 'levels', cursor, '2026-11-23T00:00:00Z'));
    const told = ({ signals }: Awaited<ReturnType<typeof poll>>) =>
      signals.map((signal) => signal.kind === 'dirty' && signal.stockKey);
    const first = await poll(null);
    expect(told(first)).toEqual(['41', '42', '43']);
    const second = await poll(first.cursor);
    expect(told(second)).toEqual([]);
    await push(bench, [await bench.target('HAT', SHOP, 2)]);
    expect(told(await poll(second.cursor))).toEqual(['42']);
  });

  it('a row that Odoo refuses does not keep the others from being written', async () => {
    const bench = openBench();
    const targets = [await bench.target('MUG', MAIN, 1), await bench.target('HAT', MAIN, 2)];
    bench.line = (request) => {
      const refused = request.url.endsWith('stock.quant/create') && bodyText(request).includes('"product_id":41');
      const error = {
        name: 'odoo.exceptions.UserError',
        message: 'Not this one.\nTraceback',
        arguments: [],
        context: {},
        debug: 'x',
      };
      return refused ? Promise.resolve(jsonResponse(422, error)) : undefined;
    };
    const outcomes = await push(bench, targets);
    expect(outcomes.map(code)).toEqual([['rejected', 'refused'], ['applied']]);
    expect(JSON.stringify(outcomes)).not.toContain('Traceback');
    expect([bench.shown('MUG', MAIN), bench.shown('HAT', MAIN)]).toEqual([10, 2]);
  });
});
