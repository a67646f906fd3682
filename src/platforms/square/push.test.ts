import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readQuantity } from '../../domain/quantity.ts';
import type { Target } from '../../platform/contract.ts';
import { Failure } from '../../platform/failure.ts';
import { jsonResponse } from '../../platform/http.ts';
import { Bench, PLACES } from '../../platform/testing/bench.ts';
import { writableLevels } from '../../platform/testing/pushing.ts';
import { findPush } from './find-push.ts';
import { square } from './index.ts';
import { pushLevels } from './push.ts';
import { decimals, writeBody } from './push-request.ts';
import { type Asked, NOW, scripted, settings, squareErrors } from './testing/scripted.ts';

const target = (key: string, want: number, expected: number, more: Partial<Target> = {}): Target => ({
  cell: { stockKey: `V-${key}`, location: 'L1' },
  want,
  expect: expected,
  asOf: new Date(NOW).toISOString(),
  key,
  why: 'sync',
  ...more,
});

const options = { apiVersion: '2026-05-20', nowMs: NOW };
// biome-ignore lint/suspicious/noExplicitAny: rows of two kinds.
const rowsOf = (body: any): any[] => body.changes.map((row: any) => row.adjustment ?? row.physical_count);

/** An answer that does what it was asked. */
const done = ({ body }: Asked) => ({
  counts: rowsOf(body).map((row) => ({
    catalog_object_id: row.catalog_object_id,
    location_id: 'L1',
    state: 'IN_STOCK',
    quantity: '5',
  })),
  changes: body.changes,
});

describe('the request', () => {
  it('a fall is a sale elsewhere, a rise is stock received, a count is a count', () => {
    const body = writeBody([target('a', 3, 5), target('b', 7, 5), target('c', 5, 5, { why: 'count' })], options);
    expect(body).toEqual({
      idempotency_key: expect.stringMatching(/^onhand-[0-9a-f]{64}$/),
      ignore_unchanged_counts: false,
      changes: [
        {
          type: 'ADJUSTMENT',
          adjustment: {
            catalog_object_id: 'V-a',
            from_state: 'IN_STOCK',
            to_state: 'SOLD',
            location_id: 'L1',
            quantity: '2',
            occurred_at: '2026-11-24T09:59:59.000Z',
            reference_id: 'a',
          },
        },
        {
          type: 'ADJUSTMENT',
          adjustment: expect.objectContaining({ from_state: 'NONE', to_state: 'IN_STOCK', quantity: '2' }),
        },
        {
          type: 'PHYSICAL_COUNT',
          physical_count: {
            catalog_object_id: 'V-c',
            state: 'IN_STOCK',
            location_id: 'L1',
            quantity: '5',
            occurred_at: '2026-11-24T09:59:59.000Z',
            reference_id: 'c',
          },
        },
      ],
    });
  });

  it('from 2026-07-15 on names the place twice in adjustments, once in counts', () => {
    const rows = rowsOf(
      writeBody([target('a', 3, 5), target('b', 3, 5, { why: 'count' })], { ...options, apiVersion: '2026-07-15' }),
    );
    expect(rows[0]).toMatchObject({ from_location_id: 'L1', to_location_id: 'L1' });
    expect(rows[0]).not.toHaveProperty('location_id');
    expect(rows[1]).toMatchObject({ location_id: 'L1' });
  });

  it('the same targets in any order, a while later, are the same bytes; other targets are another key', () => {
    const targets = [target('b', 1, 2), target('a', 1, 2)];
    const first = JSON.stringify(writeBody(targets, options));
    const later = { ...options, nowMs: NOW + 600_000 };
    expect(JSON.stringify(writeBody([...targets].reverse(), later))).toBe(first);
    const keys = [targets, [targets[0]!], [targets[1]!], [target('ab', 1, 2)]].map(
      (some) => writeBody(some, options)['idempotency_key'],
    );
    expect(new Set(keys).size).toBe(4);
  });

  it('a stamp is never in the future and never older than a day, whatever the clocks say', () => {
    const stamp = (asOf: string, nowMs = NOW) =>
      Date.parse(rowsOf(writeBody([target('a', 1, 2, { asOf })], { ...options, nowMs }))[0].occurred_at);
    fc.assert(
      fc.property(fc.integer({ min: -10 * 86_400_000, max: 10 * 86_400_000 }), (apartMs) => {
        const at = stamp(new Date(NOW + apartMs).toISOString());
        expect(at).toBeLessThan(NOW);
        expect(at).toBeGreaterThan(NOW - 86_400_000);
      }),
    );
    expect(stamp('not a time')).toBe(NOW - 1_000);
  });

  it('quantities are decimals of at most five places, never with an exponent, and lose nothing', () => {
    expect([0.00001, 0.1 + 0.2, 2, 1.5, 1_000_000_000, 0].map(decimals)).toEqual([
      '0.00001',
      '0.3',
      '2',
      '1.5',
      '1000000000',
      '0',
    ]);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10 ** 14 }), (steps) => {
        const text = decimals(steps / 100_000);
        expect(text).toMatch(/^\d+(\.\d{1,5})?$/);
        expect(readQuantity(text)).toBe(readQuantity((steps / 100_000).toFixed(5)));
      }),
    );
  });
});

describe('what needs no asking', () => {
  it('untracked there, absurd, a count below zero: refused with the reason; nothing to change: done; no call', async () => {
    const { client, asked } = scripted(done);
    const outcomes = await pushLevels(client, settings(), [
      target('a', 1, 2, { extra: { untrackedAt: 'L9,L1' } }),
      target('b', 1, 2, { extra: { untrackedAt: '*', trackedAt: 'L2' } }),
      target('c', 2_000_000_000, 2),
      target('d', -1, 2, { why: 'count' }),
      target('e', 2, 2),
    ]);
    expect(outcomes.map((one) => (one.result === 'failed' ? one.failure.code : one.result))).toEqual([
      'untracked-item',
      'untracked-item',
      'over-maximum',
      'negative-count',
      'applied',
    ]);
    expect(asked).toEqual([]);
    const counted = { extra: { untrackedAt: '*', trackedAt: 'L1' } };
    expect(await pushLevels(client, settings(), [target('f', 1, 2, counted)])).toMatchObject([
      { result: 'applied', after: 5 },
    ]);
  });
});

describe('refused rows', () => {
  const targets = ['a', 'b', 'c', 'd'].map((key) => target(key, 1, 2));
  const bad = (key: string) => (asked: Asked, named: boolean) => {
    const row = rowsOf(asked.body).findIndex((one) => one.reference_id === key);
    return row < 0
      ? done(asked)
      : squareErrors(400, {
          code: 'NOT_FOUND',
          ...(named && { field: `changes[${row}].adjustment.catalog_object_id` }),
        });
  };

  it('named by Square: that row fails, the others go out again under another key', async () => {
    const { client, asked } = scripted((one) => (one.op === 'changes' ? {} : bad('c')(one, true)));
    const outcomes = await pushLevels(client, settings(), targets);
    expect(
      Object.fromEntries(
        outcomes.map((one) => [one.cell.stockKey, one.result === 'failed' ? one.failure.failure : one.result]),
      ),
    ).toEqual({
      'V-a': 'applied',
      'V-b': 'applied',
      'V-c': 'gone',
      'V-d': 'applied',
    });
    const writes = asked.filter(({ op }) => op === 'changeInventory');
    expect(writes.map(({ body }) => body.changes.length)).toEqual([4, 3]);
    expect(new Set(writes.map(({ body }) => body.idempotency_key)).size).toBe(2);
  });

  it('not named: halved until it is alone', async () => {
    const { client } = scripted((one) => (one.op === 'changes' ? {} : bad('c')(one, false)));
    const outcomes = await pushLevels(client, settings(), targets);
    expect(outcomes.filter(({ result }) => result === 'applied')).toHaveLength(3);
    expect(outcomes.find(({ cell }) => cell.stockKey === 'V-c')).toMatchObject({
      result: 'failed',
      failure: { code: 'not-found' },
    });
  });

  it('refused, and half of it done all the same: what the history has is not sent again', async () => {
    const applied = new Set<string>();
    const { client } = scripted((one) => {
      if (one.op === 'changes')
        return { changes: [...applied].map((key) => ({ type: 'ADJUSTMENT', adjustment: { reference_id: key } })) };
      const rows = rowsOf(one.body).map((row) => row.reference_id as string);
      for (const key of rows) {
        if (key === 'c') return squareErrors(400, { code: 'INVALID_VALUE' });
        expect(applied.has(key), `${key} twice`).toBe(false);
        applied.add(key);
      }
      return done(one);
    });
    const outcomes = await pushLevels(client, settings(), targets);
    expect([...applied].sort()).toEqual(['a', 'b', 'd']);
    expect(outcomes.filter(({ result }) => result === 'applied')).toHaveLength(3);
  });

  it('the line breaks halfway: those rows are in doubt, those before stay done', async () => {
    let calls = 0;
    const { client } = scripted((one) => {
      if (one.op === 'changes') return {};
      calls += 1;
      if (calls === 1) return squareErrors(400, { code: 'INVALID_VALUE' });
      return calls === 2 ? done(one) : jsonResponse(502, '<html>');
    });
    const outcomes = await pushLevels(client, settings(), targets);
    expect(outcomes.map((one) => (one.result === 'failed' ? one.failure.failure : one.result))).toEqual([
      'applied',
      'applied',
      'unknown-outcome',
      'unknown-outcome',
    ]);
  });
});

describe('answers', () => {
  const one = [target('a', 1, 2)];
  const push = (answer: Parameters<typeof scripted>[0]) => pushLevels(scripted(answer).client, settings(), one);

  it('an error inside a good answer: only what it repeats is done', async () => {
    const errors = [{ category: 'INVALID_REQUEST_ERROR', code: 'INVALID_VALUE', detail: '' }];
    expect(await push(() => ({ errors, counts: [] }))).toMatchObject([{ failure: { failure: 'unknown-outcome' } }]);
    const two = [...one, target('b', 1, 2)];
    const half = scripted(({ body }) => ({ errors, changes: body.changes.slice(1) }));
    expect(await pushLevels(half.client, settings(), two)).toMatchObject([
      { cell: { stockKey: 'V-a' }, result: 'failed', failure: { failure: 'rejected', platformCode: 'INVALID_VALUE' } },
      { cell: { stockKey: 'V-b' }, result: 'applied' },
    ]);
  });

  it('a good answer that names other changes leaves ours in doubt; the older kind without changes is good', async () => {
    const others = [{ type: 'ADJUSTMENT', adjustment: { reference_id: 'x' } }];
    expect(await push(() => ({ changes: others }))).toMatchObject([{ failure: { code: 'not-confirmed' } }]);
    expect(await push(() => ({ errors: [], counts: [] }))).toEqual([{ cell: one[0]!.cell, result: 'applied' }]);
    await expect(push(() => ({ changes: 'many' }))).rejects.toMatchObject({ failure: 'unknown-outcome' });
  });

  it('the key was used for something else: nobody knows, so it is read again', async () => {
    await expect(push(() => squareErrors(400, { code: 'IDEMPOTENCY_KEY_REUSED' }))).rejects.toMatchObject({
      failure: 'conflict',
    });
  });

  it('our clock is ahead of Square’s: stamped again by its clock, under another key', async () => {
    const square = NOW - 600_000;
    const { client, asked } = scripted(({ op, body, ...rest }) => {
      const date = { date: new Date(square).toUTCString() };
      if (op === 'locations') return jsonResponse(200, { locations: [] }, date);
      const ahead = rowsOf(body).some((row) => Date.parse(row.occurred_at) > square);
      return ahead
        ? squareErrors(400, { code: 'INVALID_TIME', field: 'changes[0].adjustment.occurred_at' })
        : done({ op, body, ...rest });
    });
    expect(await pushLevels(client, settings(), one)).toMatchObject([{ result: 'applied' }]);
    const [first, , second] = asked;
    expect(second!.body.idempotency_key).toBe(`${first!.body.idempotency_key}-t`);
    const stubborn = scripted(({ op }) => (op === 'locations' ? {} : squareErrors(400, { code: 'INVALID_TIME' })));
    expect(await pushLevels(stubborn.client, settings(), one)).toMatchObject([{ failure: { code: 'time-refused' } }]);
  });
});

describe('at the stand-in', () => {
  it('the same batch again is done once; the same key with another amount is refused', async () => {
    const bench = await Bench.open(square as never);
    const levels = (await writableLevels(bench)).slice(0, 3);
    const targets = levels.map((level, index) => ({
      ...target(`key-${index}`, 15, level.available),
      cell: { stockKey: level.stockKey, location: level.location },
      asOf: new Date(bench.clock.now()).toISOString(),
    }));
    const push = (some: Target[]) => bench.run((client, config) => pushLevels(client as never, config as never, some));
    const first = await push(targets);
    await bench.clock.advance(60_000);
    // The contract leaves the order of the outcomes open.
    const again = await push([...targets].reverse());
    expect(again).toHaveLength(first.length);
    expect(again).toEqual(expect.arrayContaining(first));
    const shown = bench.sandbox.shown().filter(({ available }) => available === 15);
    expect(shown).toHaveLength(3);
    await expect(push(targets.map((one) => ({ ...one, want: 14 })))).rejects.toBeInstanceOf(Failure);
    expect(await bench.run((client, config) => findPush(client as never, config as never, targets[1]!))).toMatchObject({
      result: 'applied',
    });
    expect(await bench.run((client, config) => findPush(client as never, config as never, target('no', 1, 2)))).toBe(
      'not-found',
    );
    bench.close();
  });

  it('a recount by staff after our stamp swallows our change, and the answer says so', async () => {
    const bench = await Bench.open(square as never);
    const level = (await writableLevels(bench)).find(({ location }) => location === PLACES[0]!.id)!;
    const sku = [...bench.listings.values()].find(({ stockKey }) => stockKey === level.stockKey)!.sku!;
    const asOf = new Date(bench.clock.now()).toISOString();
    await bench.clock.advance(500);
    bench.sandbox.shopper.edit(sku, level.location, 50);
    const cell = { stockKey: level.stockKey, location: level.location };
    const [outcome] = await bench.run((client, config) =>
      pushLevels(client as never, config as never, [{ ...target('late', 18, 20), cell, asOf }]),
    );
    expect(outcome).toEqual({ cell, result: 'applied', after: 50 });
    bench.close();
  });

  it('a count says what was there then: what was sold since is taken off', async () => {
    const bench = await Bench.open(square as never);
    const level = (await writableLevels(bench)).find(({ location }) => location === PLACES[0]!.id)!;
    const asOf = new Date(bench.clock.now()).toISOString();
    await bench.clock.advance(5_000);
    const sku = [...bench.listings.values()].find(({ stockKey }) => stockKey === level.stockKey)!.sku!;
    bench.sandbox.shopper.buy({ lines: [{ sku, quantity: 2 }], location: level.location });
    const cell = { stockKey: level.stockKey, location: level.location };
    const [outcome] = await bench.run((client, config) =>
      pushLevels(client as never, config as never, [{ ...target('count', 30, 20, { why: 'count' }), cell, asOf }]),
    );
    expect(outcome).toMatchObject({ result: 'applied', after: 28 });
    bench.close();
  });
});
