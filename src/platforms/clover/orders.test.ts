import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Bench, skuOf } from '../../platform/testing/bench.ts';
import { bookDifferences } from '../../platform/testing/book.ts';
import { clover } from './index.ts';
import { fetchDocument } from './order-read.ts';
import { orderShape } from './order-shape.ts';
import { docOf } from './orders.ts';
import type { CloverSandbox } from './sandbox.ts';
import { scripted, settings } from './testing/scripted.ts';

const config = settings();
const line = (id: string, more: Record<string, unknown> = {}) => ({
  id,
  item: { id: 'ITEM000000001' },
  name: 'Mug Red',
  itemCode: '0000000000017',
  price: 1200,
  createdTime: 1762077591000,
  refunded: false,
  exchanged: false,
  isRevenue: true,
  ...more,
});
const order = (more: Record<string, unknown> = {}, lines: unknown[] = [line('L1'), line('L2')]) => ({
  id: 'ORDER00000001',
  currency: 'USD',
  total: 2400,
  state: 'locked',
  paymentState: 'PAID',
  testMode: false,
  createdTime: 1762077590000,
  clientCreatedTime: 1762077589000,
  modifiedTime: 1762077605000,
  lineItems: { elements: lines },
  payments: { elements: [{ id: 'PAYMENT000001', amount: 2400, result: 'SUCCESS', createdTime: 1762077604000 }] },
  ...more,
});
const doc = (more: Record<string, unknown> = {}, lines?: unknown[], settled = config) =>
  docOf(orderShape.parse(order(more, lines)), settled);
const sums = (one: ReturnType<typeof doc>) => {
  const parts = one.lines.flatMap(({ parts }) => parts);
  const sum = (name: 'committed' | 'out' | 'returned' | 'taken') => parts.reduce((all, part) => all + part[name], 0);
  return { committed: sum('committed'), out: sum('out'), returned: sum('returned'), taken: sum('taken') };
};

describe('an order as the state of a document', () => {
  it('paid: one line per unit, gone, and taken by Clover itself', () => {
    const told = doc();
    expect(told).toMatchObject({
      account: config.account,
      doc: 'order:ORDER00000001',
      rev: '1762077605000',
      whole: true,
      paid: true,
      state: 'PAID',
      saleAt: '2025-11-02T10:00:04.000Z',
    });
    expect(told.lines.map(({ line, listing }) => [line, listing])).toEqual([
      ['L1', 'ITEM000000001'],
      ['L2', 'ITEM000000001'],
    ]);
    expect(sums(told)).toEqual({ committed: 0, out: 2, returned: 0, taken: 2 });
  });

  it('by paymentState and not by state: carts left behind ask for nothing, deposits do', () => {
    const none = { committed: 0, out: 0, returned: 0, taken: 0 };
    for (const state of ['open', 'locked', null])
      expect(sums(doc({ state, paymentState: 'OPEN', payments: undefined }))).toEqual(none);
    expect(sums(doc({ paymentState: null, payments: undefined }))).toEqual(none);
    expect(sums(doc({ paymentState: 'PARTIALLY_PAID' }))).toEqual({ ...none, committed: 2 });
    expect(doc({ paymentState: 'PARTIALLY_PAID' }).paid).toBe(false);
  });

  it('what was refunded, exchanged or credited came back, nobody knows where to', () => {
    const all = { committed: 0, out: 2, taken: 2 };
    expect(sums(doc({ paymentState: 'PARTIALLY_REFUNDED' }, [line('L1', { refunded: true }), line('L2')]))).toEqual({
      ...all,
      returned: 1,
    });
    // Named by the refund, not marked on the line.
    const refunds = { elements: [{ id: 'R', lineItems: { elements: [{ id: 'L2' }] } }] };
    expect(sums(doc({ paymentState: 'PARTIALLY_REFUNDED', refunds }))).toEqual({ ...all, returned: 1 });
    const undone = { elements: [{ ...refunds.elements[0], voided: true }] };
    expect(sums(doc({ refunds: undone }))).toEqual({ ...all, returned: 0 });
    expect(sums(doc({}, [line('L1', { exchanged: true, exchangedLineItem: { id: 'L2' } }), line('L2')]))).toEqual({
      ...all,
      returned: 1,
    });
    // The whole amount, and no line marked.
    for (const paymentState of ['REFUNDED', 'CREDITED'])
      expect(sums(doc({ paymentState }))).toEqual({ ...all, returned: 2 });
  });

  it('a payment taken back leaves units that came back, an order never paid leaves nothing', () => {
    const payments = { elements: [{ id: 'P', result: 'VOIDED', createdTime: 1762077604000 }] };
    expect(sums(doc({ paymentState: 'OPEN', payments }))).toEqual({ committed: 0, out: 2, returned: 2, taken: 2 });
    const voids = { elements: [{ id: 'P', result: 'VOIDED' }] };
    expect(sums(doc({ paymentState: 'OPEN', payments: undefined, voids })).returned).toBe(2);
    const failed = { elements: [{ id: 'P', result: 'FAIL' }] };
    expect(sums(doc({ paymentState: 'OPEN', payments: failed })).out).toBe(0);
  });

  it('weights are thousandths; fees, typed amounts and test orders have no stock', () => {
    expect(sums(doc({}, [line('L1', { unitQty: 1500, unitName: 'kg' })])).out).toBe(1.5);
    expect(sums(doc({}, [line('L1', { unitQty: 1 })])).out).toBe(0.001);
    expect(sums(doc({}, [line('L1', { unitQty: 0 }), line('L2', { unitQty: null })])).out).toBe(2);
    expect(() => doc({}, [line('L1', { unitQty: -1000 })])).toThrow();
    const lines = [line('L1', { item: undefined }), line('L2', { isOrderFee: true }), line('L3')];
    expect(doc({}, lines).lines.map(({ line }) => line)).toEqual(['L3']);
    expect(doc({ testMode: true })).toMatchObject({ lines: [], state: 'PAID, test' });
  });

  it('where Clover does not lower its own count, nothing is taken', () => {
    expect(sums(doc({}, undefined, settings({ updatesStock: false })))).toEqual({
      committed: 0,
      out: 2,
      returned: 0,
      taken: 0,
    });
  });

  it('whatever stands in an order: a document with finite units, or an Error', () => {
    const odd = fc.oneof(fc.constant(null), fc.integer(), fc.double(), fc.string(), fc.boolean());
    const lines = fc.array(
      fc.record(
        { id: fc.string({ minLength: 1 }), item: fc.record({ id: fc.string() }), unitQty: odd, refunded: odd },
        { requiredKeys: ['id'] },
      ),
    );
    const shape = fc.record({
      id: fc.string({ minLength: 1 }),
      paymentState: odd,
      modifiedTime: odd,
      createdTime: odd,
      lineItems: fc.record({ elements: lines }),
    });
    fc.assert(
      fc.property(shape, (raw) => {
        const read = orderShape.safeParse(raw);
        if (!read.success) return;
        try {
          const told = docOf(read.data, config);
          expect(Number.isNaN(Date.parse(told.saleAt))).toBe(false);
          for (const value of Object.values(sums(told))) expect(Number.isFinite(value)).toBe(true);
        } catch (error) {
          expect((error as Error).name).toBe('QuantityError');
        }
      }),
    );
  });
});

describe('fetching', () => {
  it('an order of 250 units has 250 lines, though Clover shows 100 with it', async () => {
    const bench = await Bench.open(clover as never, { stock: 400 });
    const bought = bench.sandbox.shopper.buy({ lines: [{ sku: skuOf(0), quantity: 250 }], location: null });
    if (!bought.ok) throw new Error(bought.why);
    await bench.settle();
    await bench.poll();
    expect(bench.listener.docs.get(`order:${bought.order}`)!.lines).toHaveLength(250);
    expect(await bookDifferences(bench)).toEqual([]);
    bench.close();
  });

  it('lines come page by page until a page brings nothing new, however few Clover gives', async () => {
    const all = Array.from({ length: 230 }, (_, index) => line(`L${index}`));
    const { client, asked } = scripted(({ op, url }) => {
      if (op === 'order') return order({}, all.slice(0, 100));
      const offset = Number(url.searchParams.get('offset'));
      return { elements: all.slice(offset, offset + 90) };
    });
    const told = await fetchDocument(client, config, 'order:ORDER00000001');
    expect(told).not.toBe('gone');
    if (told !== 'gone') expect(told.lines).toHaveLength(230);
    expect(asked.filter(({ op }) => op === 'lineItems')).toHaveLength(4);
  });

  it('deleted is gone, whether by 404 or by a mark', async () => {
    const { client } = scripted(() => order({ deletedTimestamp: 1762077609000 }));
    expect(await fetchDocument(client, config, 'order:ORDER00000001')).toBe('gone');
    const bench = await Bench.open(clover as never);
    const cart = bench.sandbox.shopper.buy({ lines: [{ sku: skuOf(0), quantity: 1 }], location: null, paid: false });
    if (!cart.ok) throw new Error(cart.why);
    await bench.settle();
    expect(bench.listener.docs.get(`order:${cart.order}`)).toMatchObject({ paid: false, state: 'OPEN' });
    expect(bench.sandbox.shopper.cancel(cart.order)).toBe(true);
    await bench.settle();
    expect(await bench.run((now, own) => clover.fetchDocument(now, own as never, `order:${cart.order}`))).toBe('gone');
    expect(await bookDifferences(bench)).toEqual([]);
    bench.close();
  });

  it('an absurd amount is set aside with its order, not guessed', async () => {
    const { client } = scripted(() => order({}, [line('L1', { unitQty: -5 })]));
    await expect(fetchDocument(client, config, 'order:ORDER00000001')).rejects.toMatchObject({
      failure: 'rejected',
      code: 'unreadable-order',
    });
  });
});

describe('people at the till', () => {
  it('weigh, void, refund and leave the count alone, and the documents agree with the book', async () => {
    const bench = await Bench.open(clover as never, { items: 4 });
    const { shopper, staff } = bench.sandbox as CloverSandbox;
    staff.sellByWeight(skuOf(0));
    staff.setUp({ updateStock: false });
    bench.config = { ...bench.config, updatesStock: false };
    const buy = (index: number, quantity: number) => {
      const bought = shopper.buy({ lines: [{ sku: skuOf(index), quantity }], location: null });
      if (!bought.ok) throw new Error(bought.why);
      return bought.order;
    };
    const before = bench.sandbox.shown();
    buy(0, 0.75);
    const voided = buy(1, 2);
    const refunded = buy(2, 3);
    expect(bench.sandbox.shown(), 'the count stays').toEqual(before);
    expect(shopper.cancel(voided)).toBe(true);
    expect(shopper.cancel(voided), 'once').toBe(false);
    expect(shopper.refund(refunded, { sku: skuOf(2), quantity: 1 }, false)).toBe(true);
    await bench.settle();
    expect(await bookDifferences(bench)).toEqual([]);
    const lines = [...bench.listener.docs.values()].flatMap((one) => one.lines);
    expect(lines.some(({ parts }) => parts[0]!.out === 0.75)).toBe(true);
    expect(lines.filter(({ parts }) => parts[0]!.returned > 0)).toHaveLength(3);
    bench.close();
  });

  it('a test order asks for nothing', async () => {
    const bench = await Bench.open(clover as never);
    const { shopper, staff } = bench.sandbox as CloverSandbox;
    const bought = shopper.buy({ lines: [{ sku: skuOf(0), quantity: 1 }], location: null });
    if (!bought.ok) throw new Error(bought.why);
    staff.markAsTest(bought.order);
    const told = await bench.run((now, own) => clover.fetchDocument(now, own as never, `order:${bought.order}`));
    expect(told).toMatchObject({ lines: [] });
    bench.close();
  });
});
