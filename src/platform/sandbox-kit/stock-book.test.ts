import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { quantity } from '../../domain/quantity.ts';
import { type VirtualClock, virtualClock } from '../testing/virtual-clock.ts';
import type { StockBookOptions } from './book-core.ts';
import { goneOf, openOf } from './line-units.ts';
import { availableOf } from './shelves.ts';
import { shopperOf } from './shopper.ts';
import { StockBook } from './stock-book.ts';
import type { SellPolicy, StockEvent, StockOrder } from './stock-types.ts';

const refuse: SellPolicy = { policy: 'refuse' };
let clock: VirtualClock;
beforeEach(() => {
  clock = virtualClock();
});

function bookOf(stock: Record<string, number>, options: Partial<StockBookOptions> = {}) {
  const book = new StockBook({ clock, locations: ['A', 'B'], takesAt: 'placed', ...options });
  const [item] = book.seed([{ sku: 'mug', title: 'Mug', stock }]);
  const level = (location: string) => book.shelves.level(item!, location)!;
  const place = (units: number, sell = refuse, location: string | null = null, paid = true) =>
    book.place({ lines: [{ item: item!, quantity: units }], location, sell, paid });
  const placed = (units: number, sell = refuse, location: string | null = null): StockOrder => {
    const result = place(units, sell, location);
    if (!result.ok) throw new Error(result.why);
    return result.order;
  };
  return { book, item: item!, level, place, placed };
}

describe('StockBook', () => {
  it('an order commits, a fulfilment takes it out, a restock puts it back', () => {
    const { book, level, placed } = bookOf({ A: 5 });
    const order = placed(3);
    expect([level('A').onHand, level('A').committed, availableOf(level('A'))]).toEqual([5, 3, 2]);
    const line = order.lines[0]!;
    expect(book.fulfil(order, [{ line, quantity: 2 }])).toBe(true);
    expect([level('A').onHand, level('A').committed, availableOf(level('A'))]).toEqual([3, 1, 2]);
    expect(book.refund(order, [{ line, quantity: 1 }], { restock: true })).toBe(true);
    expect([level('A').onHand, availableOf(level('A'))]).toEqual([4, 3]);
    expect(book.refund(order, [{ line, quantity: 1 }], { restock: false })).toBe(true);
    expect(availableOf(level('A'))).toBe(3);
    expect(book.book()).toEqual([
      { sku: 'mug', location: 'A', committed: 1, out: 1 },
      { sku: 'mug', location: 'B', committed: 0, out: 0 },
    ]);
  });

  it('refuses what it cannot do, and then nothing has changed', () => {
    const { book, level, place, placed, item } = bookOf({ A: 2, B: 1 });
    expect(place(4)).toEqual({ ok: false, why: 'mug: 3 in stock, 4 asked' });
    for (const odd of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) expect(place(odd).ok).toBe(false);
    expect(place(1, refuse, 'nowhere').ok).toBe(false);
    expect(book.place({ lines: [], location: null, sell: refuse }).ok).toBe(false);
    expect(book.orders).toHaveLength(0);
    const order = placed(1);
    const line = order.lines[0]!;
    const version = level('A').version;
    expect(book.fulfil(order, [{ line, quantity: 2 }])).toBe(false);
    expect(
      book.fulfil(order, [
        { line, quantity: 1 },
        { line, quantity: 1 },
      ]),
    ).toBe(false);
    expect(book.refund(order, [{ line, quantity: 1 }], { restock: true })).toBe(false);
    expect(book.cancel(order, [{ line, quantity: 2 }])).toBe(false);
    expect(book.cancel(order, [])).toBe(false);
    expect(book.pay(order)).toBe(false);
    const other = placed(1);
    expect(book.fulfil(order, [{ line: other.lines[0]!, quantity: 1 }])).toBe(false);
    expect(level('A').version).toBe(version + 1);
    expect(() => book.seed([{ sku: 'mug', title: 'again', stock: {} }])).toThrow(/already/);
    expect(item.levels.map((each) => each.committed)).toEqual([2, 0]);
  });

  it('the same item twice in one basket is asked for twice', () => {
    const { book, item } = bookOf({ A: 3 });
    const lines = [
      { item, quantity: 2 },
      { item, quantity: 2 },
    ];
    expect(book.place({ lines, location: null, sell: refuse }).ok).toBe(false);
    expect(book.place({ lines, location: null, sell: { policy: 'below-zero' } }).ok).toBe(true);
    expect(book.oversold()).toBe(1);
    expect(book.oversold('mug')).toBe(1);
  });

  it('an online order takes the first place that has all of it, else it is spread', () => {
    const { placed } = bookOf({ A: 2, B: 3 });
    expect(placed(3).lines[0]!.parts.map((part) => [part.location, part.committed])).toEqual([['B', 3]]);
    const spread = bookOf({ A: 2, B: 3 });
    expect(spread.placed(4).lines[0]!.parts.map((part) => [part.location, part.committed])).toEqual([
      ['A', 2],
      ['B', 2],
    ]);
  });

  it('a till sells below zero at its own place, counted as oversold; a cancellation does not undo that', () => {
    const { book, level, placed } = bookOf({ A: 1, B: 9 });
    const order = placed(3, { policy: 'below-zero' }, 'A');
    expect(availableOf(level('A'))).toBe(-2);
    expect(book.oversold()).toBe(2);
    placed(1, { policy: 'below-zero' }, 'A');
    expect(book.oversold()).toBe(3);
    book.cancel(order);
    expect(availableOf(level('A'))).toBe(0);
    expect(book.oversold()).toBe(3);
  });

  it('a racy shop lets parallel orders through, and refuses once its eyes are open', async () => {
    const { book, place } = bookOf({ A: 1 });
    const racy: SellPolicy = { policy: 'racy', windowMs: 200 };
    const parallel = Array.from({ length: 8 }, () => place(1, racy).ok);
    expect(parallel).toEqual(Array(8).fill(true));
    expect(book.oversold()).toBe(7);
    await clock.advance(201);
    expect(place(1, racy).ok).toBe(false);
  });

  it('where stock is taken when paid, an unpaid order takes nothing and two may pay for the last one', () => {
    const { book, level, place } = bookOf({ A: 1 }, { takesAt: 'paid' });
    const [first, second, third] = [1, 1, 1].map((units) => {
      const result = place(units, refuse, null, false);
      return result.ok ? result.order : undefined;
    });
    expect(availableOf(level('A'))).toBe(1);
    expect(book.fulfil(first!)).toBe(false);
    expect(openOf(first!.lines[0]!, first!)).toBe(1);
    expect([book.pay(first!), book.pay(second!)]).toEqual([true, true]);
    expect(availableOf(level('A'))).toBe(-1);
    expect(book.oversold()).toBe(1);
    expect(book.cancel(third!)).toBe(true);
    expect(book.pay(third!)).toBe(false);
    expect(book.book()[0]!.committed).toBe(2);
  });

  it('cancels without restock as gone, restocks at a third place, moves, adds lines', () => {
    const { book, item, level, placed } = bookOf({ A: 5, B: 5 });
    const order = placed(3);
    const line = order.lines[0]!;
    book.cancel(order, [{ line, quantity: 1 }], { restock: false });
    expect([level('A').onHand, level('A').out, availableOf(level('A'))]).toEqual([4, 1, 2]);
    expect(order.cancelledAtMs).toBeNull();
    expect(book.move(order, line, 'A', 'B', 1)).toBe(true);
    expect(book.move(order, line, 'A', 'B', 9)).toBe(false);
    book.fulfil(order);
    expect(order.fulfilments.map((each) => each.location)).toEqual(['A', 'B']);
    expect(book.refund(order, [{ line, quantity: 2 }], { restock: true, location: 'B' })).toBe(true);
    expect([level('A').out, level('B').out]).toEqual([2, -1]);
    expect(goneOf(line)).toBe(0);
    expect(book.refund(order, [{ line, quantity: 1 }], { restock: true, location: 'B' })).toBe(false);
    const added = book.addLine(order, item, 1, refuse);
    expect(added?.id).not.toBe(line.id);
    expect(book.addLine(order, item, 100, refuse)).toBeUndefined();
  });

  it('after a refund at another place no place can be paid back twice', () => {
    const { book, placed } = bookOf({ A: 2, B: 2 });
    const order = placed(4);
    const line = order.lines[0]!;
    book.fulfil(order);
    for (let n = 0; n < 4; n++)
      expect(book.refund(order, [{ line, quantity: 1 }], { restock: n % 2 === 0, location: 'B' })).toBe(true);
    expect(goneOf(line)).toBe(0);
    const moved = order.refunds.flatMap((refund) => refund.lines.map((each) => each.quantity));
    expect(moved).toEqual([1, 1, 1, 1]);
    expect(book.book().reduce((sum, row) => sum + row.out, 0)).toBe(2);
  });

  it('writes absolute, relative, compare-and-set, physical; an untracked item is sold without counting', () => {
    const { book, level, placed } = bookOf({ A: 5 });
    placed(2);
    expect(book.write(level('A'), { available: 9 }, 'write', { expect: 4 })).toEqual({ ok: false, now: 3 });
    expect(book.write(level('A'), { available: 9 }, 'write', { expect: 3 })).toEqual({ ok: true, before: 3, after: 9 });
    expect(level('A').onHand).toBe(11);
    expect(book.write(level('A'), { delta: -10 })).toEqual({ ok: true, before: 9, after: -1 });
    expect(book.write(level('A'), { onHand: 7 }, 'write', { expect: 1 })).toEqual({ ok: true, before: -1, after: 5 });
    book.setSafety(level('A'), 2);
    expect(availableOf(level('A'))).toBe(3);
    const [loose] = book.seed([{ sku: 'loose', title: 'x', stock: { A: 0 }, untracked: true }]);
    expect(book.place({ lines: [{ item: loose!, quantity: 50 }], location: null, sell: refuse, paid: true }).ok).toBe(
      true,
    );
    expect(book.oversold()).toBe(0);
    expect(book.book().map((row) => row.sku)).not.toContain('loose');
    loose!.tracked = true;
    book.fulfil(book.orders.at(-1)!);
    expect(book.book().find((row) => row.sku === 'loose')).toEqual({
      sku: 'loose',
      location: 'A',
      committed: 0,
      out: 0,
    });
  });

  it('tells listeners after the whole operation: levels, then the order', () => {
    const { book, placed } = bookOf({ A: 5 });
    const heard: string[] = [];
    const stop = book.onChange((event: StockEvent) => {
      heard.push(event.kind === 'level' ? `${event.cause} ${event.before}→${availableOf(event.level)}` : event.cause);
    });
    const order = placed(2);
    book.fulfil(order);
    book.refund(order, [{ line: order.lines[0]!, quantity: 1 }], { restock: true });
    book.edit(book.shelves.item('mug')!.levels[0]!, 9);
    book.edit(book.shelves.item('mug')!.levels[0]!, 9);
    expect(heard).toEqual(['sale 5→3', 'placed', 'fulfil 3→3', 'fulfilled', 'refund 3→4', 'refunded', 'edit 4→9']);
    stop();
    placed(1);
    expect(heard).toHaveLength(7);
  });

  it('keeps a journal whose deltas explain every number, cut to its newest rows', () => {
    const { book, level, placed } = bookOf({ A: 50 }, { journalRowsMax: 20 });
    for (let n = 0; n < 30; n++) book.fulfil(placed(1));
    const rows = book.shelves.journal(0, 1000);
    expect(rows.length).toBeGreaterThanOrEqual(20);
    expect(rows.length).toBeLessThan(40);
    expect(rows.at(-1)).toMatchObject({
      cause: 'fulfil',
      onHandDelta: -1,
      committedDelta: -1,
      onHand: 20,
      reference: '30',
    });
    expect(book.shelves.journal(rows.at(-3)!.seq, 1)).toEqual([rows.at(-2)]);
    const { onHand, committed } = rows[0]!.level;
    expect([onHand, committed]).toEqual([level('A').onHand, 0]);
  });

  it('change times never repeat, even within one millisecond, and stay beside the clock', () => {
    const { book, placed } = bookOf({ A: 5000 });
    for (let n = 0; n < 1000; n++) placed(1);
    const times = book.orders.map((order) => order.changedAtMs);
    expect(new Set(times).size).toBe(1000);
    expect(times.at(-1)! - clock.now()).toBeLessThan(10);
    const page = book.changedOrders.page({ afterMs: times[499]!, limit: 1000 });
    expect(page.total).toBe(500);
  });

  it('whatever people do, the numbers stay explained', () => {
    const action = fc.record({
      what: fc.constantFrom(
        'buy',
        'till',
        'pay',
        'cancel',
        'cancelSome',
        'fulfil',
        'fulfilSome',
        'refund',
        'edit',
        'write',
      ),
      units: fc.integer({ min: 1, max: 4 }),
      pick: fc.nat(30),
      flag: fc.boolean(),
    });
    fc.assert(
      fc.property(
        fc.array(action, { maxLength: 60 }),
        fc.constantFrom('placed' as const, 'paid' as const),
        (actions, takesAt) => {
          const { book, item, level } = bookOf({ A: 6, B: 3 }, { takesAt });
          const shopper = shopperOf(book, { online: refuse, till: { policy: 'below-zero' } });
          const opening = new Map([
            ['A', 6],
            ['B', 3],
          ]);
          for (const { what, units, pick, flag } of actions) {
            const order = book.orders[pick % Math.max(1, book.orders.length)];
            const place = flag ? 'A' : 'B';
            if (what === 'buy') shopper.buy({ lines: [{ sku: 'mug', quantity: units }], location: null, paid: flag });
            else if (what === 'till') shopper.buy({ lines: [{ sku: 'mug', quantity: units }], location: place });
            else if (what === 'edit' || what === 'write') {
              const before = level(place).onHand;
              if (what === 'edit') shopper.edit('mug', place, units);
              else book.write(level(place), { delta: flag ? units : -units });
              opening.set(place, opening.get(place)! + level(place).onHand - before);
            } else if (!order) continue;
            else if (what === 'pay') book.pay(order);
            else if (what === 'cancel') shopper.cancel(order.id);
            else if (what === 'cancelSome')
              book.cancel(order, [{ line: order.lines[0]!, quantity: units }], { restock: flag });
            else if (what === 'fulfil') shopper.fulfil(order.id);
            else if (what === 'fulfilSome') shopper.fulfil(order.id, [{ sku: 'mug', quantity: units }]);
            else shopper.refund(order.id, { sku: 'mug', quantity: units }, flag);
          }
          for (const each of item.levels) {
            const parts = book.orders
              .flatMap((order) => order.lines.flatMap((line) => line.parts))
              .filter((part) => part.location === each.location);
            const sum = (of: (part: (typeof parts)[0]) => number) =>
              quantity(parts.reduce((total, part) => total + of(part), 0));
            expect(each.onHand).toBe(opening.get(each.location)! - each.out);
            expect(each.committed).toBe(sum((part) => part.committed));
            expect(each.out).toBe(sum((part) => part.fulfilled + part.writtenOff - part.restocked));
          }
          for (const order of book.orders)
            for (const line of order.lines) {
              const all = line.parts.reduce(
                (total, part) => total + part.committed + part.fulfilled + part.released + part.writtenOff,
                0,
              );
              expect(all).toBe(order.taken ? line.quantity - line.dropped : 0);
              expect(goneOf(line)).toBeGreaterThanOrEqual(0);
            }
        },
      ),
      { numRuns: 300 },
    );
  });
});
