import { describe, expect, it } from 'vitest';
import type { Outcome, Target } from '../../platform/contract.ts';
import { bodyText, jsonResponse, TransportError } from '../../platform/http.ts';
import { virtualClock } from '../../platform/testing/virtual-clock.ts';
import { readLevels } from './levels.ts';
import { pushLevels } from './push.ts';
import { isInForce, SETTLE_DEADLINE_MS, settle } from './settle.ts';
import { type Bench, openBench } from './testing/bench.ts';

const START = Date.UTC(2026, 2, 2, 8);
const open = (stock: Record<string, number>, more: object = {}) => {
  const bench = openBench(virtualClock(START), more);
  bench.sandbox.seed(Object.entries(stock).map(([sku, units]) => ({ sku, title: sku, stock: { W1: units } })));
  return bench;
};
const target = (stockKey: string, want: number, more: Partial<Target> = {}): Target => ({
  cell: { stockKey, location: 'DEFAULT' },
  want,
  expect: 0,
  asOf: new Date(START).toISOString(),
  key: `key-${stockKey}`,
  why: 'sync',
  ...more,
});
/** With the reading just before, as the engine makes it. */
async function read(bench: Bench, targets: Target[]): Promise<Target[]> {
  const levels = await bench.run(
    readLevels(
      bench.client,
      bench.config(),
      targets.map((one) => one.cell),
    ),
  );
  return targets.map((one) => ({
    ...one,
    from: levels.find((level) => level.stockKey === one.cell.stockKey && level.location === one.cell.location),
  }));
}
const push = (bench: Bench, targets: Target[]) => bench.run(pushLevels(bench.client, bench.config(), targets));
const patches = (bench: Bench) => bench.exchanges.filter(({ request }) => request.method === 'PATCH');
const settled = (bench: Bench, outcome: Outcome) => {
  if (outcome.result !== 'pending' || !outcome.handle) throw new Error(`not pending but ${outcome.result}`);
  return bench.run(settle(bench.client, bench.config(), outcome.handle, outcome.cell));
};
const shown = (bench: Bench, sku: string) => bench.sandbox.shown().find((row) => row.sku === sku)!.available;

describe('writing quantities', () => {
  it('is accepted at once, in force minutes later, and applied only then', async () => {
    const bench = open({ MUG: 3 });
    const [outcome] = await push(bench, await read(bench, [target('MUG', 8)]));
    expect(outcome).toMatchObject({ result: 'pending', cell: { stockKey: 'MUG', location: 'DEFAULT' } });
    expect(await settled(bench, outcome!)).toBeUndefined();
    expect(bench.sandbox.quiet()).toBe(false);
    await bench.clock.advance(900_000);
    expect(await settled(bench, outcome!)).toEqual({ cell: outcome!.cell, result: 'applied', after: 8 });
    expect(shown(bench, 'MUG')).toBe(8);
  });

  it('merges by channel code, so that what stands beside the quantity stays', async () => {
    const bench = open({ 'A/B 50%': 1 });
    await push(
      bench,
      await read(bench, [target('A/B 50%', 0, { extra: { productType: 'SHIRT', marketplaceId: 'ATVPDKIKX0DER' } })]),
    );
    const { request } = patches(bench)[0]!;
    expect(new URL(request.url).pathname).toBe(`/listings/2021-08-01/items/${bench.config().account}/A%2FB%2050%25`);
    expect(JSON.parse(bodyText(request))).toEqual({
      productType: 'SHIRT',
      patches: [
        {
          op: 'merge',
          path: '/attributes/fulfillment_availability',
          value: [{ fulfillment_channel_code: 'DEFAULT', quantity: 0 }],
        },
      ],
    });
  });

  it('several places of one SKU travel in one call, and the single pool is emptied', async () => {
    const bench = openBench(virtualClock(START), {
      multiLocation: true,
      locations: [
        { id: 'ss-1', name: 'A' },
        { id: 'ss-2', name: 'B' },
      ],
    });
    bench.sandbox.seed([{ sku: 'MUG', title: 'Mug', stock: { 'ss-1': 1, 'ss-2': 1 } }]);
    const targets = [
      target('MUG', 5, { cell: { stockKey: 'MUG', location: 'ss-1' } }),
      target('MUG', 6, { cell: { stockKey: 'MUG', location: 'ss-2' } }),
    ];
    const outcomes = await push(bench, await read(bench, targets));
    expect(outcomes.map((one) => one.result)).toEqual(['pending', 'pending']);
    expect(JSON.parse(bodyText(patches(bench)[0]!.request)).patches[0].value).toEqual([
      { fulfillment_channel_code: 'ss-1', quantity: 5 },
      { fulfillment_channel_code: 'ss-2', quantity: 6 },
      { fulfillment_channel_code: 'DEFAULT', quantity: 0 },
    ]);
    expect(patches(bench)).toHaveLength(1);
    await bench.clock.advance(900_000);
    for (const [index, outcome] of outcomes.entries())
      expect(await settled(bench, outcome)).toMatchObject({ result: 'applied', after: 5 + index });
  });

  it('one outcome per target: unknown, impossible, unwritable and good side by side', async () => {
    const bench = open({ MUG: 3, HAT: 3 });
    const targets = [
      target('NONE', 1),
      target('MUG', 2.5),
      target('MUG', 1_000_000_000, { cell: { stockKey: 'MUG', location: 'DEFAULT' } }),
      target('MUG', 1, { cell: { stockKey: 'MUG', location: 'AMAZON_NA' } }),
      target('HAT', 0),
    ];
    const outcomes = await push(bench, targets);
    expect(outcomes).toHaveLength(5);
    const codes = outcomes.map((one) =>
      one.result === 'failed' ? `${one.failure.failure}:${one.failure.code}` : one.result,
    );
    expect(codes).toEqual([
      'gone:unknown-item',
      'rejected:impossible-quantity',
      'rejected:impossible-quantity',
      'rejected:read-only-location',
      'pending',
    ]);
    expect(patches(bench).map(({ request }) => new URL(request.url).pathname.split('/').at(-1))).toEqual(['HAT']);
  });

  it('an offer that Amazon does not count is not written, whether it was read before or not', async () => {
    const bench = open({ MUG: 3 });
    bench.sandbox.seed([{ sku: 'EBOOK', title: 'Book', stock: {}, untracked: true }]);
    for (const targets of [
      [target('EBOOK', 1), target('MUG', 1)],
      await read(bench, [target('EBOOK', 1), target('MUG', 1)]),
    ])
      expect(
        (await push(bench, targets)).map((one) => (one.result === 'failed' ? one.failure.code : one.result)),
      ).toEqual(['untracked-item', 'pending']);
    expect(patches(bench)).toHaveLength(2);
  });

  it('200 with INVALID is a failure of that SKU alone', async () => {
    const bench = open({ MUG: 3, HAT: 3 });
    bench.line = (request) =>
      request.method === 'PATCH' && request.url.includes('MUG')
        ? Promise.resolve(
            jsonResponse(200, {
              sku: 'MUG',
              status: 'INVALID',
              submissionId: 'x',
              issues: [{ code: '90220', message: 'bad', severity: 'ERROR', categories: [] }],
            }),
          )
        : undefined;
    const outcomes = await push(bench, await read(bench, [target('MUG', 1), target('HAT', 1)]));
    expect(outcomes).toMatchObject([
      { result: 'failed', failure: { failure: 'rejected', platformCode: '90220' } },
      { result: 'pending' },
    ]);
  });

  it('cut off mid-write is an unknown outcome, and is not sent twice', async () => {
    const bench = open({ MUG: 3, HAT: 3 });
    bench.line = async (request, carry) => {
      const answer = await carry();
      if (request.method === 'PATCH' && request.url.includes('MUG')) throw new TransportError('the line broke', true);
      return answer;
    };
    const outcomes = await push(bench, await read(bench, [target('MUG', 1), target('HAT', 1)]));
    expect(outcomes).toMatchObject([
      { result: 'failed', failure: { failure: 'unknown-outcome' } },
      { result: 'pending' },
    ]);
    await bench.clock.advance(900_000);
    expect([shown(bench, 'MUG'), shown(bench, 'HAT')]).toEqual([1, 1]);
  });

  it('throttled in the middle: what was sent is told, the rest is not tried', async () => {
    const bench = open({ A: 1, B: 1, C: 1 });
    const targets = await read(bench, [target('A', 2), target('B', 2), target('C', 2)]);
    bench.line = (request) =>
      request.method === 'PATCH' && request.url.includes('/B?')
        ? Promise.resolve(bench.sandbox.fault('throttled'))
        : undefined;
    const outcomes = await push(bench, targets);
    expect(outcomes.map((one) => (one.result === 'failed' ? one.failure.failure : one.result))).toEqual([
      'pending',
      'throttled',
      'throttled',
    ]);
    expect(patches(bench)).toHaveLength(2);
  });

  it('throttled at once holds for all and is thrown', async () => {
    const bench = open({ A: 1, B: 1 });
    const targets = await read(bench, [target('A', 2), target('B', 2)]);
    bench.line = (request) =>
      request.method === 'PATCH' ? Promise.resolve(bench.sandbox.fault('throttled')) : undefined;
    await expect(push(bench, targets)).rejects.toMatchObject({ failure: 'throttled' });
  });

  it('the stand-in keeps to the rate, and so do we', async () => {
    const bench = open(Object.fromEntries(Array.from({ length: 15 }, (_, index) => [`S${index}`, 1])));
    const targets = await read(
      bench,
      Array.from({ length: 15 }, (_, index) => target(`S${index}`, 2)),
    );
    const before = bench.clock.now();
    await push(bench, targets);
    expect(patches(bench).filter(({ response }) => response.status !== 200)).toEqual([]);
    expect(bench.clock.now() - before).toBeGreaterThanOrEqual(1_900);
  });
});

describe('settling', () => {
  it('a listing deleted meanwhile is gone, not pending for ever', async () => {
    const bench = open({ MUG: 3 });
    const [outcome] = await push(bench, await read(bench, [target('MUG', 8)]));
    bench.line = (request) =>
      request.method === 'GET'
        ? Promise.resolve(jsonResponse(404, { errors: [{ code: 'NOT_FOUND', message: 'no' }] }))
        : undefined;
    expect(await settled(bench, outcome!)).toMatchObject({
      result: 'failed',
      failure: { failure: 'gone', code: 'unknown-item' },
    });
  });

  it('what never comes into force ends at the deadline', async () => {
    const bench = open({ MUG: 3 });
    const [outcome] = await push(bench, await read(bench, [target('MUG', 8)]));
    bench.sandbox.close();
    await bench.clock.advance(SETTLE_DEADLINE_MS - 10_000);
    expect(await settled(bench, outcome!)).toBeUndefined();
    await bench.clock.advance(20_000);
    expect(await settled(bench, outcome!)).toMatchObject({
      result: 'failed',
      failure: { failure: 'unknown-outcome', code: 'not-in-force' },
    });
  });

  it('sales after a raise leave less than was written', async () => {
    const bench = open({ MUG: 3 });
    const [outcome] = await push(bench, await read(bench, [target('MUG', 8)]));
    await bench.clock.advance(900_000);
    bench.sandbox.shopper.buy({ lines: [{ sku: 'MUG', quantity: 2 }], location: null });
    expect(await settled(bench, outcome!)).toMatchObject({ result: 'applied', after: 6 });
  });

  it.each<[want: number, before: number, shown: number, inForce: boolean]>([
    [8, 3, 8, true],
    [8, 3, 6, true],
    [8, 3, 4, true],
    // Three were there before, and still may be; fewer, and they may have been sold.
    [8, 3, 3, false],
    [8, 3, 0, false],
    // More than anybody wrote: somebody else's hand.
    [8, 3, 9, false],
    [1, 5, 1, true],
    [1, 5, 0, true],
    [1, 5, 2, false],
    [1, 5, 5, false],
    [0, 5, 0, true],
    [5, 5, 5, true],
  ])('want %i, before %i, shown %i: %s', (want, before, now, inForce) => {
    expect(isInForce({ want, before }, now)).toBe(inForce);
  });
});

describe('the stand-in itself', () => {
  const patch = (bench: Bench, sku: string, body: unknown) =>
    bench.run(
      bench.client.call('patchListingsItem', {
        method: 'PATCH',
        url: `https://amazon.test/listings/2021-08-01/items/${bench.config().account}/${sku}?marketplaceIds=ATVPDKIKX0DER`,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    );
  const availability = (value: unknown, op = 'merge') => ({
    productType: 'PRODUCT',
    patches: [{ op, path: '/attributes/fulfillment_availability', value }],
  });

  it('accepts a SKU that does not exist, and nothing happens', async () => {
    const bench = open({ MUG: 3 });
    const answer = await patch(bench, 'NONE', availability([{ fulfillment_channel_code: 'DEFAULT', quantity: 5 }]));
    expect(JSON.parse(bodyText(answer))).toMatchObject({ status: 'ACCEPTED', issues: [] });
    expect(bench.sandbox.quiet()).toBe(true);
  });

  it.each<[string, unknown, string]>([
    ['camel case', availability([{ fulfillmentChannelCode: 'DEFAULT', quantity: 5 }]), 'invalid-submission'],
    ['below zero', availability([{ fulfillment_channel_code: 'DEFAULT', quantity: -1 }]), 'invalid-submission'],
    ['a fraction', availability([{ fulfillment_channel_code: 'DEFAULT', quantity: 1.5 }]), 'invalid-submission'],
    ['an object where a list belongs', availability({ fulfillment_channel_code: 'DEFAULT' }), 'invalid-request'],
    ['no patches', { productType: 'PRODUCT', patches: [] }, 'invalid-request'],
    [
      'a deeper path',
      { productType: 'PRODUCT', patches: [{ op: 'merge', path: '/attributes/a/0', value: [] }] },
      'invalid-request',
    ],
    ['an unknown op', availability([], 'test'), 'invalid-request'],
  ])('refuses %s', async (_, body, code) => {
    const bench = open({ MUG: 3 });
    await expect(patch(bench, 'MUG', body)).rejects.toMatchObject({ failure: 'rejected', code });
  });

  it('brings two writes of one SKU into force in their order', async () => {
    const bench = open({ MUG: 3 });
    const targets = await read(bench, [target('MUG', 8)]);
    await push(bench, targets);
    await push(bench, [{ ...targets[0]!, want: 2 }]);
    await bench.clock.advance(1_800_000);
    expect(shown(bench, 'MUG')).toBe(2);
  });

  it('a blind write brings back what was sold before it came into force', async () => {
    const bench = open({ MUG: 3 });
    await push(bench, await read(bench, [target('MUG', 2)]));
    bench.sandbox.shopper.buy({ lines: [{ sku: 'MUG', quantity: 3 }], location: null });
    await bench.clock.advance(900_000);
    expect(shown(bench, 'MUG')).toBe(2);
  });
});
