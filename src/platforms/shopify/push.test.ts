import { describe, expect, it } from 'vitest';
import type { Outcome, Target } from '../../platform/contract.ts';
import { Failure } from '../../platform/failure.ts';
import { bodyText, type HttpRequest, jsonResponse, TransportError } from '../../platform/http.ts';
import { virtualClock } from '../../platform/testing/virtual-clock.ts';
import { facts } from './facts.ts';
import { shopify } from './index.ts';
import { type Bench, EAST, HAT, MUG, openBench, sent, WEST } from './testing/bench.ts';

/** A shop with mugs and hats, and what its listings are called. */
async function open(items = [MUG, HAT]) {
  const bench = openBench(virtualClock());
  bench.sandbox.seed(items);
  const { items: listings } = await bench.run(shopify.listListings(bench.client, bench.config(), null));
  const keys = new Map(listings.map((listing) => [listing.sku, listing.stockKey]));
  bench.exchanges.length = 0;
  let count = 0;
  const target = (sku: string, expect: number, want: number, location = EAST): Target => {
    count += 1;
    const cell = { stockKey: keys.get(sku) ?? sku, location };
    return { cell, want, expect, asOf: '2026-11-24T00:00:00.000Z', key: `key-${count}`, why: 'sync' };
  };
  const push = (targets: Target[]) => bench.run(shopify.pushLevels(bench.client, bench.config(), targets));
  const shown = (sku: string, location = EAST) =>
    bench.sandbox.shown().find((row) => row.sku === sku && row.location === location)?.available;
  return { bench, target, push, shown };
}

const word = (outcome: Outcome): string =>
  outcome.result === 'failed'
    ? `${outcome.failure.failure}:${outcome.failure.code}`
    : outcome.result === 'stale'
      ? `stale:${outcome.now}`
      : outcome.result === 'applied'
        ? `applied:${outcome.after}`
        : outcome.result;

/** In the order of the targets, whatever order the outcomes came in. */
const inOrder = (targets: Target[], outcomes: Outcome[]): string[] => {
  expect(outcomes).toHaveLength(targets.length);
  return targets.map(({ cell }) => {
    const found = outcomes.filter((one) => one.cell.stockKey === cell.stockKey && one.cell.location === cell.location);
    expect(found).toHaveLength(1);
    return word(found[0]!);
  });
};

const failureOf = async (work: Promise<unknown>): Promise<Failure> => {
  const error = await work.catch((thrown: unknown) => thrown);
  if (!(error instanceof Failure)) throw new Error(`expected a Failure, got ${JSON.stringify(error)}`);
  return error;
};

describe('writing available', () => {
  it('sets several places at once, to zero and to the most there may be', async () => {
    const { target, push, shown, bench } = await open();
    const targets = [target('MUG', 10, 0), target('MUG', 5, 1_000_000_000, WEST), target('HAT', 3, 3)];
    expect(inOrder(targets, await push(targets))).toEqual(['applied:0', 'applied:1000000000', 'applied:3']);
    expect([shown('MUG'), shown('MUG', WEST), shown('HAT')]).toEqual([0, 1_000_000_000, 3]);
    expect(sent(bench)).toEqual({ OnhandSetQuantities: 1 });
  });

  it('takes a full batch in one call, and Shopify no more than that', async () => {
    const items = Array.from({ length: 251 }, (_, index) => ({ sku: `S${index}`, title: 'x', stock: { [EAST]: 1 } }));
    const { target, push, bench } = await open(items.slice(0, 100));
    expect(facts.push.batchMax).toBe(250);
    const all = bench.sandbox;
    all.seed(items.slice(100));
    const keys = new Map<string, string>();
    for (let cursor: string | null = null; ; ) {
      const page: Awaited<ReturnType<typeof shopify.listListings>> = await bench.run(
        shopify.listListings(bench.client, bench.config(), cursor),
      );
      for (const listing of page.items) keys.set(listing.sku!, listing.stockKey);
      cursor = page.next;
      if (cursor === null) break;
    }
    bench.exchanges.length = 0;
    const targets = items.map(({ sku }) => target(keys.get(sku)!, 1, 2));
    const outcomes = await push(targets.slice(0, 250));
    expect(outcomes.map(word)).toEqual(Array(250).fill('applied:2'));
    expect(sent(bench)).toEqual({ OnhandSetQuantities: 1 });
    const refused = await failureOf(
      push([...targets.slice(0, 250).map((one) => ({ ...one, expect: 2 })), targets[250]!]),
    );
    expect([refused.failure, refused.platformCode]).toEqual(['rejected', 'MAX_INPUT_SIZE_EXCEEDED']);
  });

  it('one bad entry of each kind does not stop the good ones, and each says why', async () => {
    const { target, push, shown, bench } = await open([
      MUG,
      HAT,
      { sku: 'SET', title: 'Set', stock: { [EAST]: 4 } },
      { sku: 'LOOSE', title: 'Loose', stock: {}, untracked: true },
    ]);
    bench.sandbox.staff.makeBundle('SET');
    bench.sandbox.staff.closeLocation(WEST);
    const targets = [
      target('MUG', 10, 7),
      target('HAT', 99, 1),
      target('SET', 4, 3),
      target('999000000000001', 1, 2),
      target('MUG', 5, 4, WEST),
      target('HAT', 0, 4, '68000000099'),
      target('LOOSE', 0, 4),
    ];
    expect(inOrder(targets, await push(targets))).toEqual([
      'applied:7',
      'stale:3',
      'rejected:bundle-parent',
      'gone:unknown-item',
      'gone:unknown-location',
      'gone:unknown-location',
      'rejected:untracked-item',
    ]);
    expect([shown('MUG'), shown('HAT'), shown('SET'), shown('MUG', WEST)]).toEqual([7, 3, 4, 5]);
    // Refused as a whole, sent again without the offenders under another key, the stale one read back.
    expect(sent(bench)).toEqual({ OnhandSetQuantities: 2, OnhandReadLevels: 1 });
    const keys = bench.exchanges.slice(0, 2).map(({ request }) => JSON.parse(bodyText(request)).variables.key);
    expect(keys[0]).not.toBe(keys[1]);
  });

  it('over and under what Shopify takes', async () => {
    const { target, push } = await open();
    const targets = [target('MUG', 10, 1_000_000_001), target('HAT', 3, -1), target('MUG', 5, 6, WEST)];
    expect(inOrder(targets, await push(targets))).toEqual(['rejected:too-high', 'rejected:negative', 'applied:6']);
  });

  it('the same cell twice in one call: one after the other', async () => {
    const { target, push, shown } = await open();
    const outcomes = await push([target('MUG', 10, 8), target('MUG', 8, 6)]);
    expect(outcomes.map(word)).toEqual(['applied:8', 'applied:6']);
    expect(shown('MUG')).toBe(6);
  });

  it('an item that was never at a place is stocked there by the write', async () => {
    const { target, push, shown, bench } = await open();
    bench.sandbox.staff.unstock('HAT', WEST);
    const cell = target('HAT', 0, 2, WEST);
    const [before] = await bench.run(shopify.readLevels(bench.client, bench.config(), [cell.cell]));
    expect(before).toMatchObject({ available: 0, tracked: true });
    expect((await push([cell])).map(word)).toEqual(['applied:2']);
    expect(shown('HAT', WEST)).toBe(2);
  });
});

describe('the guard', () => {
  it('a sale in between makes the write stale; it says what is there now', async () => {
    const { target, push, shown, bench } = await open();
    bench.sandbox.shopper.buy({ lines: [{ sku: 'MUG', quantity: 4 }], location: null });
    expect((await push([target('MUG', 10, 9)])).map(word)).toEqual(['stale:6']);
    expect(shown('MUG')).toBe(6);
  });

  it('when the read back fails too, it stays stale, without a number', async () => {
    const { target, push, bench } = await open();
    bench.line = (request) =>
      bodyText(request).includes('OnhandReadLevels') ? Promise.resolve(jsonResponse(500, '')) : undefined;
    expect((await push([target('MUG', 1, 9)])).map(word)).toEqual(['stale:undefined']);
  });
});

describe('keys', () => {
  const keyOf = (request: HttpRequest): string => JSON.parse(bodyText(request)).variables.key;

  it('a repeated request bears the same key and is answered, not done again', async () => {
    const { target, push, shown, bench } = await open();
    const targets = [target('MUG', 10, 7)];
    expect((await push(targets)).map(word)).toEqual(['applied:7']);
    // A sale and a delivery later the number is what the first write started from: without the key it would apply again.
    bench.sandbox.shopper.edit('MUG', EAST, 10);
    expect((await push(targets)).map(word)).toEqual(['applied:7']);
    expect(shown('MUG')).toBe(10);
    const [first, second] = bench.exchanges.map(({ request }) => keyOf(request));
    expect(first).toBe(second);
    expect(first).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('a new decision bears a new key, even with the same numbers', async () => {
    const { target, push, bench } = await open();
    await push([target('MUG', 10, 7)]);
    bench.sandbox.shopper.edit('MUG', EAST, 10);
    expect((await push([target('MUG', 10, 7)])).map(word)).toEqual(['applied:7']);
    expect(new Set(bench.exchanges.map(({ request }) => keyOf(request))).size).toBe(2);
  });

  it('a key that was spent on a failed attempt is replaced', async () => {
    const { target, push, shown, bench } = await open();
    const targets = [target('MUG', 11, 7)];
    expect((await push(targets)).map(word)).toEqual(['stale:10']);
    bench.sandbox.shopper.edit('MUG', EAST, 11);
    expect((await push(targets)).map(word)).toEqual(['applied:7']);
    expect(shown('MUG')).toBe(7);
  });

  it('the same write still under way elsewhere: nobody knows yet', async () => {
    const { target, push, bench } = await open();
    bench.line = () => Promise.resolve(refusal({ code: 'IDEMPOTENCY_CONCURRENT_REQUEST', field: null }));
    expect((await push([target('MUG', 10, 7)])).map(word)).toEqual(['unknown-outcome:still-running']);
  });
});

const refusal = (...errors: { code: string; field: string[] | null }[]) =>
  jsonResponse(200, {
    data: {
      inventorySetQuantities: {
        inventoryAdjustmentGroup: null,
        userErrors: errors.map((error) => ({ message: 'no', ...error })),
      },
    },
  });

describe('answers that are not as they should be', () => {
  const writesOf = (bench: Bench) => sent(bench)['OnhandSetQuantities'];

  it('a refusal that names no entry: the batch is halved until it does', async () => {
    const { target, push, bench } = await open();
    const bad = target('HAT', 3, 2);
    bench.line = (request) =>
      bodyText(request).includes(bad.cell.stockKey)
        ? Promise.resolve(refusal({ code: 'NON_MUTABLE_INVENTORY_ITEM', field: null }))
        : undefined;
    const targets = [target('MUG', 10, 9), bad, target('MUG', 5, 4, WEST)];
    expect(inOrder(targets, await push(targets))).toEqual(['applied:9', 'rejected:bundle-parent', 'applied:4']);
    expect(writesOf(bench)).toBe(5);
  });

  it('a refusal of the whole request is not halved; an unknown code is kept as it is', async () => {
    const { target, push, bench } = await open();
    bench.line = () => Promise.resolve(refusal({ code: 'INVALID_REASON', field: ['input', 'reason'] }));
    const targets = [target('MUG', 10, 9), target('HAT', 3, 2)];
    const outcomes = await push(targets);
    expect(outcomes.map(word)).toEqual(['rejected:refused', 'rejected:refused']);
    expect(outcomes[0]?.result === 'failed' && outcomes[0].failure.platformCode).toBe('INVALID_REASON');
    expect(writesOf(bench)).toBe(1);
  });

  it('cut off in the middle of the write: unknown, and not sent again', async () => {
    const { target, push, shown, bench } = await open();
    bench.line = async (_, carry) => {
      await carry();
      throw new TransportError('cut', true);
    };
    const failure = await failureOf(push([target('MUG', 10, 7)]));
    expect(failure.failure).toBe('unknown-outcome');
    expect(shown('MUG')).toBe(7);
    expect(bench.exchanges).toHaveLength(0);
  });

  it('never left: nothing was done', async () => {
    const { target, push, bench } = await open();
    bench.line = () => Promise.reject(new TransportError('no route', false));
    expect((await failureOf(push([target('MUG', 10, 7)]))).failure).toBe('transient');
  });

  it('throttled, refused, broken: the whole batch fails alike', async () => {
    const cases: [ReturnType<typeof jsonResponse>, string][] = [
      [jsonResponse(200, { errors: [{ message: 'Throttled', extensions: { code: 'THROTTLED' } }] }), 'throttled'],
      [jsonResponse(429, '', { 'retry-after': '2.0' }), 'throttled'],
      [jsonResponse(500, ''), 'unknown-outcome'],
      [jsonResponse(502, '<html>'), 'unknown-outcome'],
      [jsonResponse(200, '<html>password</html>'), 'unknown-outcome'],
      [jsonResponse(200, { data: { inventorySetQuantities: null } }), 'unknown-outcome'],
      [jsonResponse(200, { data: { inventorySetQuantities: { userErrors: 'x' } } }), 'unknown-outcome'],
      [
        jsonResponse(200, { data: null, errors: [{ message: 'x', extensions: { code: 'INTERNAL_SERVER_ERROR' } }] }),
        'unknown-outcome',
      ],
      [jsonResponse(200, { errors: [{ message: 'x', extensions: { code: 'BAD_REQUEST' } }] }), 'rejected'],
    ];
    for (const [answer, failure] of cases) {
      const { target, push, bench } = await open();
      bench.line = () => Promise.resolve(answer);
      expect((await failureOf(push([target('MUG', 10, 7)]))).failure).toBe(failure);
    }
  });

  it('broken only when the rest is sent again: the offender has its outcome, the rest has the failure', async () => {
    const { target, push, bench } = await open();
    let calls = 0;
    bench.line = (request) => {
      if (!bodyText(request).includes('OnhandSetQuantities')) return undefined;
      calls += 1;
      return calls === 2 ? Promise.reject(new TransportError('cut', true)) : undefined;
    };
    const targets = [target('MUG', 10, 9), target('HAT', 99, 1)];
    expect(inOrder(targets, await push(targets))).toEqual(['unknown-outcome:answer-lost', 'stale:3']);
  });

  it('an empty batch sends nothing', async () => {
    const { push, bench } = await open();
    expect(await push([])).toEqual([]);
    expect(bench.exchanges).toHaveLength(0);
  });
});
