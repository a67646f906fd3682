import { describe, expect, it } from 'vitest';
import type { Doc } from '../../domain/document.ts';
import { normalise } from '../../domain/documents.ts';
import { Failure } from '../../platform/failure.ts';
import { bodyText, jsonResponse } from '../../platform/http.ts';
import { virtualClock } from '../../platform/testing/virtual-clock.ts';
import { shopify } from './index.ts';
import { type Bench, EAST, HAT, MUG, openBench, sent, WEST } from './testing/bench.ts';

async function open(items = [MUG, HAT]) {
  const clock = virtualClock();
  const bench = openBench(clock);
  bench.sandbox.seed(items);
  const place = (lines: Record<string, number>, location: string | null = null, paid = true): string => {
    const wanted = Object.entries(lines).map(([sku, quantity]) => ({ sku, quantity }));
    const bought = bench.sandbox.shopper.buy({ lines: wanted, location, paid });
    if (!bought.ok) throw new Error(bought.why);
    return bought.order;
  };
  const read = (order: string) => bench.run(shopify.fetchDocument(bench.client, bench.config(), `order:${order}`));
  const doc = async (order: string): Promise<Doc> => {
    const found = await read(order);
    if (found === 'gone') throw new Error('gone');
    return found;
  };
  return { bench, place, read, doc };
}

/** `MUG 1: 2 promised 1 gone` per line and place, sorted. */
const said = ({ lines }: Doc): string[] =>
  normalise({ lines } as Doc)
    .lines.flatMap(({ sku, parts }) =>
      parts.map((part) => `${sku} ${PLACES[part.location ?? ''] ?? part.location}: ${part.committed} + ${part.out}`),
    )
    .sort();
const PLACES: Record<string, string> = { [EAST]: 'east', [WEST]: 'west', '': '?' };

describe('an order as it is fetched', () => {
  it('says where its open units will go from, split or not', async () => {
    const { place, doc } = await open();
    expect(said(await doc(place({ MUG: 3, HAT: 1 })))).toEqual(['HAT east: 1 + 0', 'MUG east: 3 + 0']);
    expect(said(await doc(place({ MUG: 12 })))).toEqual(['MUG east: 7 + 0', 'MUG west: 5 + 0']);
  });

  it('follows shipping, refunds, cancellation and moving from place to place', async () => {
    const { bench, place, doc } = await open();
    const { shopper, staff } = bench.sandbox;
    const order = place({ MUG: 6, HAT: 2 });
    shopper.fulfil(order, [{ sku: 'MUG', quantity: 4 }]);
    expect(said(await doc(order))).toEqual(['HAT east: 2 + 0', 'MUG east: 2 + 4']);
    shopper.refund(order, { sku: 'MUG', quantity: 1 }, true);
    shopper.refund(order, { sku: 'MUG', quantity: 1 }, false);
    expect(said(await doc(order))).toEqual(['HAT east: 2 + 0', 'MUG east: 2 + 3']);
    staff.move(order, 'MUG', EAST, WEST, 1);
    expect(said(await doc(order))).toEqual(['HAT east: 2 + 0', 'MUG east: 1 + 3', 'MUG west: 1 + 0']);
    staff.writeOff(order, 'HAT', 1);
    expect(said(await doc(order))).toEqual(['HAT east: 1 + 1', 'MUG east: 1 + 3', 'MUG west: 1 + 0']);
    const other = place({ MUG: 1 });
    shopper.cancel(other);
    expect(await doc(other)).toMatchObject({ state: 'CANCELLED', lines: [{ parts: [] }] });
  });

  it('a return that went on a shelf elsewhere counts there, though its refund says "not restocked"', async () => {
    const { bench, place, doc } = await open();
    const order = place({ MUG: 3 });
    bench.sandbox.shopper.fulfil(order);
    bench.sandbox.staff.takeBack(order, 'MUG', 2, WEST);
    expect(said(await doc(order))).toEqual(['MUG east: 0 + 3', 'MUG west: 0 + -2']);
    bench.sandbox.shopper.refund(order, { sku: 'MUG', quantity: 1 }, true);
    expect(said(await doc(order))).toEqual(['MUG east: 0 + 2', 'MUG west: 0 + -2']);
    expect(bench.sandbox.book().filter(({ sku }) => sku === 'MUG')).toEqual([
      { sku: 'MUG', location: EAST, committed: 0, out: 2 },
      { sku: 'MUG', location: WEST, committed: 0, out: -2 },
    ]);
  });

  it('a till sale is gone at the till; an edit adds a line; unpaid is said', async () => {
    const { bench, place, doc } = await open();
    const till = place({ HAT: 1 }, EAST);
    expect(await doc(till)).toMatchObject({ source: 'pos', state: 'FULFILLED', paid: true });
    expect(said(await doc(till))).toEqual(['HAT east: 0 + 1']);
    const order = place({ MUG: 1 }, null, false);
    bench.sandbox.staff.addToOrder(order, 'HAT', 2);
    const state = await doc(order);
    expect(said(state)).toEqual(['HAT east: 2 + 0', 'MUG east: 1 + 0']);
    expect(state).toMatchObject({ paid: false, source: 'web', account: 'mugs.myshopify.com', whole: true });
  });

  it('what Shopify does not count is asked of us, and Shopify has taken nothing', async () => {
    const { place, doc } = await open([{ sku: 'LOOSE', title: 'Loose', stock: {}, untracked: true }]);
    const [line] = (await doc(place({ LOOSE: 2 }))).lines;
    expect(line!.parts).toEqual([{ location: EAST, committed: 2, out: 0, returned: 0, taken: 0 }]);
  });

  it('webhook and fetch tell the same sums at every step', async () => {
    const { bench, place, doc } = await open();
    await bench.run(shopify.subscribe!(bench.client, bench.config(), 'https://onhand.test/hooks/1'));
    const { shopper, staff } = bench.sandbox;
    const order = place({ MUG: 6, HAT: 2 });
    const steps = [
      () => shopper.fulfil(order, [{ sku: 'MUG', quantity: 3 }]),
      () => shopper.refund(order, { sku: 'MUG', quantity: 1 }, true),
      () => shopper.refund(order, { sku: 'MUG', quantity: 1 }, false),
      () => staff.writeOff(order, 'HAT', 1),
      () => shopper.fulfil(order),
    ];
    for (const step of [() => true, ...steps]) {
      expect(step()).toBe(true);
      const fetched = await doc(order);
      await bench.clock.advance(5_000);
      const delivery = bench.deliveries.filter((one) => one.headers['x-shopify-topic'] === 'orders/updated').at(-1)!;
      const [signal] = shopify.decode(delivery, 'orders/updated', bench.config());
      if (signal?.kind !== 'document') throw new Error(`${signal?.kind}`);
      const sums = (state: Doc) =>
        state.lines.map(({ line, listing, parts }) => {
          const sum = (name: 'committed' | 'out' | 'taken') => parts.reduce((total, part) => total + part[name], 0);
          return [line, listing, sum('committed'), sum('out'), sum('taken')];
        });
      expect(sums(signal.doc)).toEqual(sums(fetched));
      expect(Date.parse(signal.doc.rev!)).toBe(Date.parse(fetched.rev!));
      expect([signal.doc.doc, signal.doc.source, signal.doc.paid]).toEqual([fetched.doc, fetched.source, fetched.paid]);
    }
  });

  it('gone when it is deleted or was never there', async () => {
    const { bench, place, read } = await open();
    const order = place({ MUG: 1 });
    bench.sandbox.shopper.cancel(order);
    expect(bench.sandbox.staff.deleteOrder(order)).toBe(true);
    expect(await read(order)).toBe('gone');
    expect(await read('1')).toBe('gone');
  });
});

describe('orders longer than one answer', () => {
  const many = Array.from({ length: 130 }, (_, index) => ({
    sku: `S${index}`,
    title: 'x',
    stock: { [EAST]: 60, [WEST]: 1 },
  }));

  it('130 lines, split over two places, in 40 parcels with refunds: every unit is found', async () => {
    const { bench, place, doc } = await open(many);
    const order = place(Object.fromEntries(many.map(({ sku }) => [sku, 61])));
    for (let parcel = 0; parcel < 40; parcel += 1)
      bench.sandbox.shopper.fulfil(order, [{ sku: `S${parcel % 3}`, quantity: 1 }]);
    bench.sandbox.shopper.fulfil(
      order,
      many.slice(50).map(({ sku }) => ({ sku, quantity: 61 })),
    );
    for (let refund = 0; refund < 30; refund += 1)
      bench.sandbox.shopper.refund(order, { sku: `S${50 + refund}`, quantity: 1 }, refund % 2 === 0);
    bench.exchanges.length = 0;
    const state = await doc(order);
    expect(state.lines).toHaveLength(130);
    const told = new Map<string, { committed: number; out: number }>();
    for (const { sku, parts } of state.lines)
      for (const part of parts) {
        const key = `${sku}@${part.location}`;
        const sum = told.get(key) ?? { committed: 0, out: 0 };
        told.set(key, { committed: sum.committed + part.committed, out: sum.out + part.out });
      }
    for (const { sku, location, committed, out } of bench.sandbox.book())
      expect([sku, location, told.get(`${sku}@${location}`) ?? { committed: 0, out: 0 }]).toEqual([
        sku,
        location,
        { committed, out },
      ]);
    expect(sent(bench)).toMatchObject({ OnhandOrder: 1, OnhandOrderLists: 1 });
    expect(sent(bench)['OnhandOrderLines']).toBe(5);
    expect(sent(bench)['OnhandOrderParts']).toBeGreaterThan(10);
  });

  /** Changes the order behind the reader's back after the first call, so many times. */
  function disturb(bench: Bench, order: string, times: number) {
    let left = times;
    bench.line = async (request, carry) => {
      const answer = await carry();
      if (left > 0 && bodyText(request).includes('query OnhandOrder(')) {
        left -= 1;
        await bench.clock.sleep(1_500);
        bench.sandbox.shopper.fulfil(order, [{ sku: 'S0', quantity: 1 }]);
      }
      return answer;
    };
  }

  it('an order that changes between two pages is read again from the start', async () => {
    const { bench, place, doc } = await open(many);
    const order = place(Object.fromEntries(many.slice(0, 30).map(({ sku }) => [sku, 5])));
    bench.exchanges.length = 0;
    disturb(bench, order, 2);
    const state = await doc(order);
    expect(said({ lines: state.lines.filter(({ sku }) => sku === 'S0') } as Doc)).toEqual(['S0 east: 3 + 2']);
    expect(sent(bench)['OnhandOrder']).toBe(3);
  });

  it('one that never stands still is left for later, not told half', async () => {
    const { bench, place, read } = await open(many);
    const order = place(Object.fromEntries(many.slice(0, 30).map(({ sku }) => [sku, 5])));
    disturb(bench, order, 99);
    await expect(read(order)).rejects.toMatchObject({ failure: 'transient', code: 'order-moving' });
  });

  it('more parcels than Shopify lists is said, not cut', async () => {
    const { bench, place, read } = await open([{ sku: 'S0', title: 'x', stock: { [EAST]: 300 } }]);
    const order = place({ S0: 260 });
    for (let parcel = 0; parcel < 250; parcel += 1) bench.sandbox.shopper.fulfil(order, [{ sku: 'S0', quantity: 1 }]);
    await expect(read(order)).rejects.toMatchObject({ failure: 'rejected', code: 'order-too-large' });
  });
});

describe('answers to a fetch that are not as they should be', () => {
  it('another shape, a page without end, a missing scope', async () => {
    const answers: [unknown, string][] = [
      [{ data: { order: { id: 7 } } }, 'transient:odd-answer'],
      [{ data: {} }, 'transient:odd-answer'],
      [
        { errors: [{ message: 'Access denied for orders field.', extensions: { code: 'ACCESS_DENIED' } }] },
        'auth:access-denied',
      ],
    ];
    for (const [body, word] of answers) {
      const { bench, place, read } = await open();
      const order = place({ MUG: 1 });
      bench.line = (request) =>
        bodyText(request).includes('OnhandOrder') ? Promise.resolve(jsonResponse(200, body)) : undefined;
      const error = (await read(order).catch((thrown: unknown) => thrown)) as Failure;
      expect(error).toBeInstanceOf(Failure);
      expect(`${error.failure}:${error.code}`).toBe(word);
    }
  });

  it('a page that names itself as the next one ends the walk with a failure', async () => {
    const { bench } = await open();
    bench.line = async (_, carry) => {
      const answer = await carry();
      const body = bodyText(answer).replaceAll('"hasNextPage":false', '"hasNextPage":true');
      return { ...answer, body: Buffer.from(body) };
    };
    await expect(bench.run(shopify.listLocations(bench.client, bench.config()))).rejects.toMatchObject({
      code: 'odd-paging',
    });
  });
});
