import { describe, expect, it } from 'vitest';
import type { AnyPlatform, Outcome, Target } from '../../platform/contract.ts';
import { jsonResponse } from '../../platform/http.ts';
import { Bench, PLACES, skuOf } from '../../platform/testing/bench.ts';
import { tradegecko } from './index.ts';
import { findPush, pushLevels } from './push.ts';
import type { GeckoSandbox } from './sandbox.ts';
import { type Asked, NOW, scripted, settings } from './testing/scripted.ts';

const target = (stockKey: string, delta: number, more: Partial<Target> = {}): Target => ({
  cell: { stockKey, location: '159' },
  want: 10 + delta,
  expect: 10,
  asOf: new Date(NOW).toISOString(),
  key: `key-${stockKey}`,
  why: 'sync',
  ...more,
});
const at = (location: string, stockKey: string) => ({ cell: { stockKey, location } });
const made = { stock_adjustment: { id: 1 } };
const brief = (outcomes: Outcome[]) =>
  Object.fromEntries(
    outcomes.map((one) => [one.cell.stockKey, one.result === 'failed' ? one.failure.failure : one.result]),
  );

describe('a write', () => {
  it('is one adjustment per place, a line per cell, each with its cost and its key in the notes', async () => {
    const { client, asked } = scripted(() => jsonResponse(201, made));
    const outcomes = await pushLevels(client, settings({ adjustmentReason: 'production' }), [
      target('7', -2, { extra: { cost: '18.745' } }),
      target('8', 0.5),
      target('9', 3, at('160', '9')),
      target('10', 0),
    ]);
    expect(brief(outcomes)).toEqual({ 7: 'applied', 8: 'applied', 9: 'applied', 10: 'applied' });
    expect(asked.map(({ body }) => body.stock_adjustment)).toEqual([
      {
        reason: 'production',
        stock_location_id: 159,
        notes: 'Onhand key-7 key-8',
        stock_adjustment_line_items: [
          { variant_id: 7, quantity: -2, price: '18.745' },
          { variant_id: 8, quantity: 0.5, price: '0' },
        ],
      },
      {
        reason: 'production',
        stock_location_id: 160,
        notes: 'Onhand key-9',
        stock_adjustment_line_items: [{ variant_id: 9, quantity: 3, price: '0' }],
      },
    ]);
  });

  it('has a key made of its lines’ keys: the same again whatever their order, another for another set', async () => {
    const { client, asked } = scripted(() => made);
    for (const some of [['7', '8'], ['8', '7'], ['7']])
      await pushLevels(
        client,
        settings(),
        some.map((one) => target(one, 1)),
      );
    const [first, second, third] = asked.map(({ request }) => request.headers['idempotency-key']);
    expect(first).toMatch(/^onhand-[0-9a-f]{64}$/);
    expect([second === first, third === first]).toEqual([true, false]);
  });

  it('never asks for what cannot be: uncounted items, absurd levels', async () => {
    const { client, asked } = scripted(() => made);
    const outcomes = await pushLevels(client, settings(), [
      target('7', 1, { extra: { untracked: 'yes' } }),
      target('8', 1, { want: 1e9 }),
      target('9', 1, { want: Number.NaN }),
    ]);
    expect(brief(outcomes)).toEqual({ 7: 'rejected', 8: 'rejected', 9: 'rejected' });
    expect(asked).toEqual([]);
  });

  it('ids beyond 2^53 keep all their digits', async () => {
    const { client, asked } = scripted(() => made);
    await pushLevels(client, settings(), [target('9007199254740993', 1)]);
    expect(asked[0]!.body.stock_adjustment.stock_adjustment_line_items[0].variant_id).toBe('9007199254740993');
  });

  it('that is refused is halved until the refused line is alone', async () => {
    const hasBad = ({ body }: Asked) =>
      body.stock_adjustment.stock_adjustment_line_items.some((line: { variant_id: number }) => line.variant_id === 3);
    const { client, asked } = scripted((one) =>
      hasBad(one) ? jsonResponse(422, { errors: { 'stock_adjustment_line_items.variant': ['must exist'] } }) : made,
    );
    const outcomes = await pushLevels(
      client,
      settings(),
      ['1', '2', '3', '4', '5'].map((one) => target(one, 1)),
    );
    expect(brief(outcomes)).toEqual({ 1: 'applied', 2: 'applied', 3: 'rejected', 4: 'applied', 5: 'applied' });
    const keys = asked.map(({ request }) => request.headers['idempotency-key']);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('cut off halfway is in doubt for the lines of that document alone', async () => {
    const { client } = scripted(({ body }) =>
      body.stock_adjustment.stock_location_id === 160 ? jsonResponse(502, '<html>') : made,
    );
    const outcomes = await pushLevels(client, settings(), [target('7', 1), target('8', 1, at('160', '8'))]);
    expect(brief(outcomes)).toEqual({ 7: 'applied', 8: 'unknown-outcome' });
  });

  it('is not done because somebody answered 200', async () => {
    const { client } = scripted(() => ({ message: 'welcome' }));
    expect(brief(await pushLevels(client, settings(), [target('7', 1)]))).toEqual({ 7: 'unknown-outcome' });
  });
});

describe('looking for a write', () => {
  it('reads the adjustments since then, page by page, for the key in their notes', async () => {
    const page = (last: boolean, notes: (string | null)[]) =>
      jsonResponse(
        200,
        { stock_adjustments: notes.map((text, id) => ({ id, notes: text })) },
        { 'x-pagination': JSON.stringify({ last_page: last }) },
      );
    const { client, asked } = scripted(({ url }) =>
      url.searchParams.get('page') === '1' ? page(false, [null, 'key-77']) : page(true, ['Onhand key-1 key-7']),
    );
    expect(await findPush(client, settings(), target('7', 1))).toMatchObject({ result: 'applied' });
    expect(await findPush(client, settings(), target('2', 1))).toBe('not-found');
    expect(asked[0]!.url.searchParams.get('updated_at_min')).toBe('2026-11-24T09:55:00.000Z');
    expect(asked[0]!.url.searchParams.get('stock_location_id')).toBe('159');
  });

  it('does not claim that it was not done when there is too much to look through', async () => {
    const { client } = scripted(() =>
      jsonResponse(200, { stock_adjustments: [{ id: 1 }] }, { 'x-pagination': '{"last_page":false}' }),
    );
    await expect(findPush(client, settings(), target('7', 1))).rejects.toMatchObject({ failure: 'unknown-outcome' });
  });
});

describe('against the stand-in', () => {
  it('the same document twice is one change; bundles, archived items and closed places are refused', async () => {
    const bench = await Bench.open(tradegecko as AnyPlatform, { items: 4 });
    const { staff } = bench.sandbox as GeckoSandbox;
    const listings = await bench.allListings();
    const idOf = (index: number) => listings.find(({ sku }) => sku === skuOf(index))!.stockKey;
    const [main, shop] = PLACES.map(({ id }) => id) as [string, string];
    const push = (...some: Target[]) =>
      bench.run((client, config) => pushLevels(client as never, config as never, some));
    const shown = (index: number, location = main) =>
      bench.sandbox.shown().find((row) => row.sku === skuOf(index) && row.location === location)!.available;
    const drop = target(idOf(0), -4, at(main, idOf(0)));
    await push(drop);
    await push(drop);
    expect(shown(0)).toBe(16);
    staff.bundle(skuOf(1));
    staff.archive(skuOf(2));
    staff.closeLocation(shop);
    const outcomes = await push(
      target(idOf(1), 1, at(main, idOf(1))),
      target(idOf(2), 1, at(main, idOf(2))),
      target(idOf(3), 1, at(shop, idOf(3))),
      target(idOf(3), 0.25, at(main, idOf(3))),
    );
    expect(outcomes.map(({ cell, result }) => [cell.stockKey, cell.location, result])).toEqual([
      [idOf(1), main, 'failed'],
      [idOf(2), main, 'failed'],
      [idOf(3), main, 'applied'],
      [idOf(3), shop, 'failed'],
    ]);
    expect([shown(1), shown(3), shown(3, shop)]).toEqual([20, 20.25, 20]);
    expect((await bench.allListings()).find(({ sku }) => sku === skuOf(1))!.unwritable).toBeDefined();
    expect(
      (await bench.run((client, config) => tradegecko.listLocations(client as never, config as never)))[1],
    ).toMatchObject({ active: false });
    bench.close();
  });
});
