import { describe, expect, it } from 'vitest';
import { odoo } from './index.ts';
import { doneUnits, linesOf, type Move, moveFields, moveShape } from './moves.ts';
import type { Spot } from './places.ts';
import { MAIN, openBench, SHOP } from './testing/bench.ts';

const SPOTS = new Map<string, Spot>([
  ['4', { usage: 'customer', warehouse: null }],
  ['5', { usage: 'supplier', warehouse: null }],
  ['11', { usage: 'inventory', warehouse: null }],
  ['21', { usage: 'internal', warehouse: '1' }],
  ['23', { usage: 'internal', warehouse: '1' }],
  ['31', { usage: 'internal', warehouse: '2' }],
]);

/** As JSON-2 answers. */
const move = (
  id: number,
  state: string,
  from: number,
  to: number,
  units: number,
  more: Record<string, unknown> = {},
): Move =>
  moveShape.parse({
    id,
    product_id: [42, 'Mug'],
    product_qty: units,
    product_uom_qty: units,
    quantity: units,
    state,
    location_id: [from, 'x'],
    location_dest_id: [to, 'y'],
    location_final_id: false,
    move_dest_ids: [],
    sale_line_id: [7, 'S1'],
    write_date: '2026-03-02 14:05:31',
    ...more,
  });

const parts = (...moves: Move[]) =>
  linesOf(moves, SPOTS).flatMap(({ line, parts }) =>
    parts.map((part) => [line, part.location, part.committed, part.out, part.taken]),
  );

describe('what moves ask of stock', () => {
  it('promised, partly gone from two warehouses, the rest given up, one unit back at a third place', () => {
    expect(parts(move(1, 'assigned', 21, 4, 5))).toEqual([['7/42', '1', 5, 0, 5]]);
    expect(
      parts(
        move(1, 'done', 21, 4, 2),
        move(2, 'done', 31, 4, 1),
        move(3, 'cancel', 21, 4, 2),
        move(4, 'done', 4, 31, 1),
      ),
    ).toEqual([
      ['7/42', '1', 0, 2, 2],
      ['7/42', '2', 0, 0, 0],
    ]);
  });

  it('what comes back broken stays gone; a return that is only planned changes nothing', () => {
    expect(parts(move(1, 'done', 21, 4, 3), move(2, 'done', 4, 11, 1), move(3, 'assigned', 4, 21, 1))).toEqual([
      ['7/42', '1', 0, 3, 3],
    ]);
  });

  it('pick, pack and ship count once: chained as in 17, or made one by one as from 18 on', () => {
    const pick = move(1, 'assigned', 21, 23, 4, { move_dest_ids: [2], location_final_id: [4, 'Customers'] });
    expect(parts(pick, move(2, 'waiting', 23, 4, 4))).toEqual([['7/42', '1', 4, 0, 4]]);
    const alone = move(1, 'assigned', 21, 23, 4, { location_final_id: [4, 'Customers'] });
    expect(parts(alone)).toEqual([['7/42', '1', 4, 0, 4]]);
    expect(parts(move(1, 'done', 21, 23, 4), move(2, 'assigned', 23, 4, 4))).toEqual([['7/42', '1', 4, 0, 4]]);
  });

  it('dropshipping touches no stock; a kit leaves as its components', () => {
    expect(parts(move(1, 'done', 5, 4, 4))).toEqual([]);
    const of = (id: number, product: number) => move(id, 'assigned', 21, 4, 2, { product_id: [product, 'part'] });
    expect(parts(of(1, 50), of(2, 51))).toEqual([
      ['7/50', '1', 2, 0, 2],
      ['7/51', '1', 2, 0, 2],
    ]);
  });

  it('a dozen that left is twelve; decimals stay exact', () => {
    expect(doneUnits(move(1, 'done', 21, 4, 0, { product_qty: 24, product_uom_qty: 2, quantity: 1 }))).toBe(12);
    expect(parts(move(1, 'done', 21, 4, 0.1), move(2, 'done', 21, 4, 0.2))).toEqual([['7/42', '1', 0, 0.3, 0.3]]);
  });

  it('Odoo 17 is not asked for a field it lacks, and its references read the same', () => {
    const { config } = openBench({}, { version: '17' });
    expect(moveFields(config)).not.toContain('location_final_id');
    expect(moveShape.parse({ ...move(1, 'done', 21, 4, 1), product_id: 42, sale_line_id: false }).product_id).toBe(
      '42',
    );
  });
});

describe('documents', () => {
  const read = (bench: ReturnType<typeof openBench>, doc: string) =>
    bench.run((client, config) => odoo.fetchDocument(client, config, doc));

  it('the newest stamp is that of a delivery, not of the order', async () => {
    const bench = openBench();
    const bought = bench.sandbox.shopper.buy({ lines: [{ sku: 'MUG', quantity: 3 }], location: null });
    const order = bought.ok ? bought.order : '';
    await bench.advance(60_000);
    bench.sandbox.shopper.fulfil(order, [{ sku: 'MUG', quantity: 1 }]);
    expect(await read(bench, `order:${order}`)).toMatchObject({
      rev: '2026-11-24T00:01:00Z',
      saleAt: '2026-11-24T00:00:00Z',
      state: 'sale',
      whole: true,
      lines: [{ parts: [{ location: MAIN, committed: 2, out: 1, taken: 3 }] }],
    });
  });

  it('a customer reference together with a source names the order that this one copies', async () => {
    const bench = openBench();
    const bought = bench.sandbox.shopper.buy({ lines: [{ sku: 'MUG', quantity: 1 }], location: null });
    const order = bought.ok ? bought.order : '';
    bench.sandbox.staff.labelOrder(order, { client_order_ref: '#1001' });
    expect(await read(bench, `order:${order}`)).not.toHaveProperty('origin');
    bench.sandbox.staff.labelOrder(order, { source_id: [3, 'Shopify'] });
    expect(await read(bench, `order:${order}`)).toMatchObject({ origin: { source: 'Shopify', id: '#1001' } });
  });

  it('a quotation promises nothing; what is not there is gone, whatever its number looks like', async () => {
    const bench = openBench();
    const bought = bench.sandbox.shopper.buy({ lines: [{ sku: 'MUG', quantity: 1 }], location: null, paid: false });
    expect(await read(bench, `order:${bought.ok && bought.order}`)).toMatchObject({ state: 'draft', lines: [] });
    for (const doc of ['order:5', 'order:9007199254740993', 'order:x', 'till:5', 'order'])
      expect(await read(bench, doc), doc).toBe('gone');
  });

  it('sold at a till and given back: two documents, the second below zero', async () => {
    const bench = openBench();
    const bought = bench.sandbox.shopper.buy({ lines: [{ sku: 'MUG', quantity: 2 }], location: SHOP });
    const order = bought.ok ? bought.order : '';
    expect(bench.sandbox.shopper.refund(order, { sku: 'MUG', quantity: 1 }, false)).toBe(false);
    expect(bench.sandbox.shopper.refund(order, { sku: 'MUG', quantity: 1 }, true)).toBe(true);
    const page = await bench.run((client, config) => odoo.poll(client, config, 'orders', null, '2026-11-23T00:00:00Z'));
    const docs = page.signals.flatMap((signal) => (signal.kind === 'document' ? [signal.doc] : []));
    expect(docs.map(({ lines }) => lines[0]!.parts)).toEqual([
      [{ location: SHOP, committed: 0, out: 2, returned: 0, taken: 2 }],
      [{ location: SHOP, committed: 0, out: -1, returned: 0, taken: -1 }],
    ]);
  });

  it('a till that moves its goods when the session is closed has taken nothing before', async () => {
    const bench = openBench();
    const bought = bench.sandbox.shopper.buy({ lines: [{ sku: 'MUG', quantity: 2 }], location: SHOP });
    const doc = `till:${bought.ok && bought.order}`;
    let state = 'opened';
    const edited = async (carry: () => ReturnType<typeof bench.sandbox.handle>, pattern: RegExp, text: string) => {
      const response = await carry();
      return { ...response, body: Buffer.from(Buffer.from(response.body).toString().replace(pattern, text)) };
    };
    bench.line = ({ url }, carry) => {
      if (url.includes('pos.order/')) return edited(carry, /"picking_ids": \[\d+\]/, '"picking_ids": []');
      return url.includes('pos.session') ? edited(carry, /"opened"/, `"${state}"`) : undefined;
    };
    expect(await read(bench, doc)).toMatchObject({ lines: [{ parts: [{ out: 2, taken: 0 }] }] });
    state = 'closed';
    expect(await read(bench, doc)).toMatchObject({ lines: [{ parts: [{ out: 2, taken: 2 }] }] });
  });
});
