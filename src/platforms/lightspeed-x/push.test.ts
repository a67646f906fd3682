import { describe, expect, it } from 'vitest';
import type { Outcome, Target } from '../../platform/contract.ts';
import { jsonResponse } from '../../platform/http.ts';
import { Bench, PLACES, skuOf } from '../../platform/testing/bench.ts';
import { findPush } from './adjustments.ts';
import { lightspeedX } from './index.ts';
import { pushLevels } from './push.ts';
import type { LightspeedXSandbox } from './sandbox.ts';
import { NOW, scripted, settings } from './testing/scripted.ts';

const target = (stockKey: string, want: number, expect = 5, more: Partial<Target> = {}): Target => ({
  cell: { stockKey, location: 'O1' },
  want,
  expect,
  asOf: new Date(NOW).toISOString(),
  key: `key-${stockKey}`,
  why: 'sync',
  ...more,
});

// biome-ignore lint/suspicious/noExplicitAny: what was sent, printed back.
const echoed = (body: any) => jsonResponse(201, { data: body.stock_adjustments });
const results = (outcomes: Outcome[]) =>
  Object.fromEntries(
    outcomes.map((one) => [one.cell.stockKey, one.result === 'failed' ? one.failure.code : one.result]),
  );
const listed = (row: object) => ({
  product_id: 'A',
  outlet_id: 'O1',
  quantity: '-2.00000',
  reason: 'CUSTOM',
  custom_inventory_adjustment_reason_id: 'R-OUT',
  created_at: '2026-11-24T10:00:01Z',
  version: 7,
  ...row,
});

describe('what is sent', () => {
  it('differences as texts under the reason of their sign; nothing where nothing changes', async () => {
    const { client, asked } = scripted(({ body }) => echoed(body));
    const targets = [target('A', 3), target('B', 7.00001), target('C', 5), target('D', 5.125, 5.00001)];
    expect(results(await pushLevels(client, settings(), targets))).toEqual({
      A: 'applied',
      B: 'applied',
      C: 'applied',
      D: 'applied',
    });
    expect(asked).toHaveLength(1);
    expect(asked[0]!.body.stock_adjustments).toEqual([
      {
        product_id: 'A',
        outlet_id: 'O1',
        quantity: '-2',
        reason: 'CUSTOM',
        custom_inventory_adjustment_reason_id: 'R-OUT',
      },
      {
        product_id: 'B',
        outlet_id: 'O1',
        quantity: '2.00001',
        reason: 'CUSTOM',
        custom_inventory_adjustment_reason_id: 'R-IN',
      },
      {
        product_id: 'D',
        outlet_id: 'O1',
        quantity: '0.12499',
        reason: 'CUSTOM',
        custom_inventory_adjustment_reason_id: 'R-IN',
      },
    ]);
  });

  it('what cannot be written is told without asking', async () => {
    const { client, asked } = scripted(() => ({}));
    const outcomes = await pushLevels(client, settings(), [
      target('A', 3, 5, { extra: { untracked: 'yes' } }),
      target('B', 3, 5, { extra: { untracked: 'composite' } }),
      target('C', -1),
      target('D', 2e9),
    ]);
    expect(results(outcomes)).toEqual({
      A: 'untracked-item',
      B: 'composite',
      C: 'impossible-quantity',
      D: 'impossible-quantity',
    });
    expect(asked).toEqual([]);
  });

  it('an answer that lies confirms nothing', async () => {
    const config = settings();
    const lying = scripted(({ body }) =>
      jsonResponse(201, { data: [{ ...body.stock_adjustments[0], quantity: '-1' }, body.stock_adjustments[1]] }),
    );
    expect(results(await pushLevels(lying.client, config, [target('A', 3), target('B', 3)]))).toEqual({
      A: 'not-confirmed',
      B: 'applied',
    });
    const odd = scripted(() => jsonResponse(201, { rows: [] }));
    await expect(pushLevels(odd.client, config, [target('A', 3)])).rejects.toMatchObject({
      failure: 'unknown-outcome',
    });
    const refused = scripted(() => jsonResponse(200, { error: 'forbidden', message: 'no' }));
    await expect(pushLevels(refused.client, config, [target('A', 3)])).rejects.toMatchObject({ failure: 'rejected' });
  });
});

describe('a refused row', () => {
  it('fails alone, in the stand-in', async () => {
    const bench = await Bench.open(lightspeedX as never, { items: 8 });
    const sandbox = bench.sandbox as LightspeedXSandbox;
    await bench.allListings();
    const { items } = await bench.allLevels();
    const mine = items.filter(({ location }) => location === PLACES[0]!.id);
    sandbox.staff.deleteProduct(skuOf(3));
    const targets = mine.map((level) => ({
      ...target(level.stockKey, 9, 20),
      cell: { stockKey: level.stockKey, location: level.location },
    }));
    const outcomes = await bench.run((client, config) => pushLevels(client as never, config as never, targets));
    expect(outcomes.filter(({ result }) => result === 'failed')).toMatchObject([
      { failure: { failure: 'rejected', code: 'refused' } },
    ]);
    const shown = sandbox.shown().filter(({ location }) => location === PLACES[0]!.id);
    expect(shown.map(({ available }) => available)).toEqual([9, 9, 9, 20, 9, 9, 9, 9]);
    bench.close();
  });

  it('rows that were done before the refusal are not done again', async () => {
    const { client, asked } = scripted(({ op, body }) => {
      if (op === 'adjust')
        return body.stock_adjustments.some((row: { product_id: string }) => row.product_id === 'BAD')
          ? jsonResponse(422, { error: 'unprocessable', message: 'no' })
          : echoed(body);
      if (op === 'levels') return [];
      if (op === 'adjustments') return { data: [listed({ product_id: 'A' })] };
      return {
        data: [
          { id: 'R-OUT', name: 'Onhand: sold elsewhere', type: 'NEGATIVE', enabled: true },
          { id: 'R-IN', name: 'Onhand: back in stock', type: 'POSITIVE', enabled: true },
        ],
      };
    });
    const outcomes = await pushLevels(client, settings(), [target('A', 3), target('BAD', 3), target('C', 3)]);
    expect(results(outcomes)).toEqual({ A: 'applied', BAD: 'refused', C: 'applied' });
    const sent = asked
      .filter(({ op }) => op === 'adjust')
      .map(({ body }) => body.stock_adjustments.map((row: { product_id: string }) => row.product_id));
    expect(sent).toEqual([['A', 'BAD', 'C'], ['BAD'], ['C']]);
  });

  it('our own reasons switched off or taken away are made again, and the call repeated', async () => {
    for (const harm of ['switchReasonsOff', 'forgetReasons'] as const) {
      const bench = await Bench.open(lightspeedX as never, { items: 2 });
      const sandbox = bench.sandbox as LightspeedXSandbox;
      const [level] = (await bench.allLevels()).items;
      sandbox.staff[harm]();
      const cell = { stockKey: level!.stockKey, location: level!.location };
      const push = () =>
        bench.run((client, config) =>
          pushLevels(client as never, config as never, [{ ...target('', 9, level!.available), cell }]),
        );
      const [outcome] = await push();
      // Switched on again it has the same id: that call was refused, the next one is not.
      const final = outcome!.result === 'applied' ? outcome : (await push())[0];
      expect(final).toMatchObject({ result: 'applied' });
      expect(sandbox.shown()[0]!.available).toBe(9);
      bench.close();
    }
  });
});

describe('was it done?', () => {
  it('by cell, difference, reason and time', async () => {
    const ask = (row: object) => {
      const { client } = scripted(({ op }) => (op === 'levels' ? [] : { data: [listed(row)] }));
      return findPush(client, settings(), target('A', 3));
    };
    expect(await ask({})).toMatchObject({ result: 'applied' });
    for (const other of [
      { product_id: 'B' },
      { outlet_id: 'O2' },
      { quantity: '2' },
      { quantity: 'two' },
      { custom_inventory_adjustment_reason_id: 'theirs' },
      { created_at: '2026-11-24T09:59:50Z' },
    ])
      expect(await ask(other), JSON.stringify(other)).toBe('not-found');
  });

  it('by the clock of Lightspeed, which may be another', async () => {
    const date = new Date(NOW + 600_000).toUTCString();
    const answer = (created_at: string) =>
      scripted(({ op }) => jsonResponse(200, op === 'levels' ? [] : { data: [listed({ created_at })] }, { date }));
    expect(await findPush(answer('2026-11-24T10:10:00Z').client, settings(), target('A', 3))).toMatchObject({
      result: 'applied',
    });
    expect(await findPush(answer('2026-11-24T10:05:00Z').client, settings(), target('A', 3))).toBe('not-found');
  });

  it.each(['rising', 'falling'])('walks a long list in its own order (%s)', async (order) => {
    const rows = Array.from({ length: 2_500 }, (_, index) =>
      listed({ version: index + 1, product_id: index === 1_250 ? 'A' : 'X', created_at: '2026-11-24T10:00:02Z' }),
    );
    if (order === 'falling') rows.reverse();
    const { client, asked } = scripted(({ op, request }) => {
      if (op === 'levels') return [{ product_id: 'A', outlet_id: 'O1', current_inventory_level: 1, version: 2_600 }];
      const { searchParams: query } = new URL(request.url);
      const after = Number(query.get('after') ?? 0);
      const before = Number(query.get('before') ?? 1e9);
      return { data: rows.filter(({ version }) => version > after && version < before).slice(0, 1_000) };
    });
    expect(await findPush(client, settings(), target('A', 3))).toMatchObject({ result: 'applied' });
    expect(asked.length).toBeLessThan(8);
  });
});
