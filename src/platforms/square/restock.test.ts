import { describe, expect, it } from 'vitest';
import { Bench, PLACES, skuOf } from '../../platform/testing/bench.ts';
import { bookDifferences } from '../../platform/testing/book.ts';
import type { Adjustment } from './changes.ts';
import { square } from './index.ts';
import { orderShape } from './order-shape.ts';
import { restocks } from './restock.ts';

/** A return of `quantity` of V at L, closed at 00:16:29. */
const returned = (id: string, quantity = '1', more: Record<string, unknown> = {}) =>
  orderShape.parse({
    id,
    location_id: 'L',
    state: 'COMPLETED',
    created_at: '2024-05-11T00:16:28Z',
    closed_at: '2024-05-11T00:16:29Z',
    returns: [{ source_order_id: 'SALE', return_line_items: [{ uid: 'r', catalog_object_id: 'V', quantity }] }],
    ...more,
  });

const row = (from_state: string, to_state: string, occurred_at: string, more: Partial<Adjustment> = {}): Adjustment =>
  ({
    from_state,
    to_state,
    occurred_at,
    location_id: 'L',
    catalog_object_id: 'V',
    quantity: '1',
    ...more,
  }) as Adjustment;
const came = (at: string, transaction_id: string, quantity = '1') =>
  row('SOLD', 'RETURNED_BY_CUSTOMER', at, { transaction_id, quantity });
const shelved = (at: string, more: Partial<Adjustment> = {}) => row('RETURNED_BY_CUSTOMER', 'IN_STOCK', at, more);

// As printed in developer.squareup.com/forums/t/15697: sale, return (uploaded half an hour late), restock without a name.
const REAL = [
  row('IN_STOCK', 'SOLD', '2024-05-11T00:15:02Z', { transaction_id: 'SALE' }),
  came('2024-05-11T00:16:29Z', 'RETURN'),
  shelved('2024-05-11T00:16:31.213Z'),
];

describe('what of a return went back on the shelf', () => {
  it('a real return: the restock that names nothing belongs to the return just before it', () => {
    expect(restocks(returned('RETURN'), REAL)).toEqual(new Map([['V', 1]]));
  });

  it('the same while the till has not uploaded its half yet', () => {
    expect(restocks(returned('RETURN'), [REAL[2]!])).toEqual(new Map([['V', 1]]));
  });

  it('nothing went back: nothing is guessed', () => {
    expect(restocks(returned('RETURN'), REAL.slice(0, 2))).toEqual(new Map());
    const received = row('NONE', 'IN_STOCK', '2024-05-11T00:16:40Z');
    expect(restocks(returned('RETURN'), [...REAL.slice(0, 2), received])).toEqual(new Map());
  });

  it('two returns in a row keep their own restocks, whichever is asked about', () => {
    const rows = [...REAL.slice(0, 2), came('2024-05-11T00:16:50Z', 'SECOND'), shelved('2024-05-11T00:16:52Z')];
    const second = returned('SECOND', '1', { closed_at: '2024-05-11T00:16:50Z' });
    expect(restocks(returned('RETURN'), rows)).toEqual(new Map());
    expect(restocks(second, rows)).toEqual(new Map([['V', 1]]));
    const both = [...rows, shelved('2024-05-11T00:16:55Z')];
    expect(restocks(returned('RETURN'), both)).toEqual(new Map([['V', 1]]));
    expect(restocks(second, both)).toEqual(new Map([['V', 1]]));
  });

  it('a restock that names its refund or order goes there, and to nobody else', () => {
    const refunds = [{ id: 'PAY_ref1' }];
    const named = shelved('2024-05-11T00:16:31Z', { refund_id: 'ref1' });
    expect(restocks(returned('RETURN', '1', { refunds }), [named])).toEqual(new Map([['V', 1]]));
    expect(restocks(returned('RETURN'), [shelved('2024-05-11T00:16:31Z', { refund_id: 'other' })])).toEqual(new Map());
    const byOrder = shelved('2024-05-11T00:16:31Z', { transaction_id: 'RETURN' });
    expect(restocks(returned('RETURN'), [byOrder])).toEqual(new Map([['V', 1]]));
  });

  it('only there, only then, only that variation, in the words of either version', () => {
    const rows = [
      shelved('2024-05-11T00:16:31Z', { location_id: 'ELSEWHERE' }),
      shelved('2024-05-11T00:16:31Z', { catalog_object_id: 'W' }),
      shelved('2024-05-11T00:30:00Z'),
      shelved('2024-05-10T23:00:00Z'),
      shelved('not a time'),
    ];
    expect(restocks(returned('RETURN'), rows)).toEqual(new Map());
    const later = { location_id: undefined, from_location_id: 'L', to_location_id: 'L' };
    expect(restocks(returned('RETURN'), [shelved('2024-05-11T00:16:31Z', later)])).toEqual(new Map([['V', 1]]));
  });

  it('part of it: the rest stays open', () => {
    expect(restocks(returned('RETURN', '3'), [came('2024-05-11T00:16:29Z', 'RETURN', '3'), REAL[2]!])).toEqual(
      new Map([['V', 1]]),
    );
  });
});

describe('returns at the stand-in', () => {
  it('several of one item, some shelved, some not, at two places: the documents say what the book says', async () => {
    const bench = await Bench.open(square as never, { items: 2 });
    const { shopper } = bench.sandbox;
    const orders = PLACES.flatMap(({ id }) =>
      [1, 2, 3].map(() => {
        const bought = shopper.buy({ lines: [{ sku: skuOf(0), quantity: 3 }], location: id });
        if (!bought.ok) throw new Error(bought.why);
        return bought.order;
      }),
    );
    await bench.clock.advance(5_000);
    for (const [index, order] of orders.entries()) {
      expect(shopper.refund(order, { sku: skuOf(0), quantity: 1 + (index % 2) }, index % 3 !== 1)).toBe(true);
      await bench.clock.advance(3_000);
    }
    await bench.settle();
    expect(await bookDifferences(bench)).toEqual([]);
    const known = [...bench.listener.docs.values()].flatMap((doc) => doc.lines.flatMap(({ parts }) => parts));
    const sum = (name: 'out' | 'returned') => known.reduce((total, part) => total + part[name], 0);
    const out = bench.sandbox.book().reduce((total, one) => total + one.out, 0);
    // Nothing is left to a rule: every restock was found, and what was not shelved is all that is open.
    expect([sum('out'), sum('returned')]).toEqual([out, 3]);
    bench.close();
  });

  it('shelved a minute later: the feed tells the return again, with what is on the shelf by then', async () => {
    const bench = await Bench.open(square as never, { items: 1, hooks: false });
    await bench.poll();
    const bought = bench.sandbox.shopper.buy({ lines: [{ sku: skuOf(0), quantity: 1 }], location: PLACES[0]!.id });
    bench.sandbox.shopper.refund(bought.ok ? bought.order : '', { sku: skuOf(0), quantity: 1 }, true);
    // The clerk's answer is uploaded a minute after the return.
    const late = bench.clock.now() + 60_000;
    bench.line = async (_, carry, request) => {
      const answer = await carry();
      if (!request.url.endsWith('/changes/batch-retrieve') || bench.clock.now() >= late) return answer;
      const body = JSON.parse(Buffer.from(answer.body).toString());
      const changes = body.changes.filter((one: { adjustment: Adjustment }) => one.adjustment.to_state !== 'IN_STOCK');
      return { ...answer, body: Buffer.from(JSON.stringify({ ...body, changes })) };
    };
    await bench.clock.advance(1_000);
    const told: unknown[] = [];
    for (let minute = 0; minute < 5; minute += 1) {
      bench.listener.signals.length = 0;
      await bench.poll();
      for (const one of bench.listener.signals) {
        const part = one.kind === 'document' ? one.doc.lines.find(({ line }) => line.startsWith('return:')) : undefined;
        if (part) told.push([minute, part.parts[0]!.out, part.parts[0]!.returned]);
      }
      await bench.clock.advance(60_000);
    }
    expect(told).toEqual([
      [0, 0, 1],
      [1, -1, 0],
      [2, -1, 0],
      [3, -1, 0],
    ]);
    bench.line = undefined;
    bench.close();
  });
});
