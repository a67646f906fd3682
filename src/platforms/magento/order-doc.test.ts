import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { docOf, orderShape } from './order-doc.ts';
import { openBench } from './testing/bench.ts';

const { config } = openBench();
const shop = {
  stocks: [],
  stockOfStore: new Map([
    ['1', '1'],
    ['2', '2'],
  ]),
};
const order = (items: object[], more: object = {}) =>
  docOf(
    orderShape.parse({
      entity_id: 501,
      state: 'processing',
      store_id: 2,
      created_at: '2026-02-03 10:11:12',
      updated_at: '2026-02-03 10:12:00',
      items,
      ...more,
    }),
    shop,
    config,
  );
const row = (more: object) => ({
  item_id: 900,
  product_id: 77,
  product_type: 'simple',
  sku: 'TEE',
  qty_ordered: 3,
  ...more,
});
const part = (doc: ReturnType<typeof order>, line = 0) => doc.lines[line]!.parts[0];

describe('an order of Magento as a state', () => {
  it('times are UTC, the place is the stock of its website, ids keep their digits', () => {
    const doc = order([row({ item_id: '9007199254740993' })], { entity_id: '9007199254740995' });
    expect(doc).toMatchObject({
      doc: 'order:9007199254740995',
      rev: '2026-02-03T10:12:00Z',
      saleAt: '2026-02-03T10:11:12Z',
    });
    expect(doc.lines[0]).toMatchObject({
      line: '9007199254740993',
      parts: [{ location: '2', committed: 3, taken: 3 }],
    });
    expect(part(order([row({})], { store_id: 9 }))?.location, 'a store view nobody knows').toBeNull();
  });

  it.each([
    ['new', {}, 3, 0, 0],
    ['two shipped', { qty_shipped: 2 }, 1, 2, 0],
    ['one cancelled', { qty_canceled: 1 }, 2, 0, 0],
    ['one paid back before anything left: it will not leave', { qty_invoiced: 3, qty_refunded: 1 }, 2, 0, 0],
    ['all left, one came back', { qty_shipped: 3, qty_refunded: 1 }, 0, 3, 1],
    ['one left, two paid back: one of them had left', { qty_shipped: 1, qty_refunded: 2 }, 1, 1, 1],
    ['quantities as text and in fractions', { qty_ordered: '2.5000', qty_shipped: '1.2500' }, 1.25, 1.25, 0],
    ['a download goes when it is invoiced', { product_type: 'downloadable', qty_invoiced: 2 }, 1, 2, 0],
    ['a virtual one as well', { is_virtual: 1, qty_invoiced: 3 }, 0, 3, 0],
    ['more shipped than ordered', { qty_shipped: 9 }, 0, 3, 0],
  ])('%s', (_, more, committed, out, returned) => {
    expect(part(order([row(more)]))).toEqual({ location: '2', committed, out, returned, taken: committed + out });
  });

  it('canceled and closed promise nothing any more, and what had gone stays gone', () => {
    for (const state of ['canceled', 'closed'])
      expect(part(order([row({ qty_shipped: 1 })], { state }))).toMatchObject({ committed: 0, out: 1, taken: 1 });
    for (const state of ['holded', 'payment_review', 'pending_payment', 'new'])
      expect(part(order([row({})], { state }))).toMatchObject({ committed: 3 });
  });

  it('complete with less shipped than ordered: the rest was paid back and will not leave (seen on 2.4.7-p3)', () => {
    const more = { qty_invoiced: 3, qty_shipped: 2, qty_refunded: 1 };
    expect(part(order([row(more)]))).toMatchObject({ committed: 1, out: 2, returned: 1 });
    expect(part(order([row(more)], { state: 'complete' }))).toMatchObject({
      committed: 0,
      out: 2,
      returned: 0,
      taken: 2,
    });
    const two = { ...more, qty_refunded: 2 };
    expect(part(order([row(two)], { state: 'complete' }))).toMatchObject({ committed: 0, out: 2, returned: 1 });
  });

  it('a configurable product is two rows and one sale, of the variant', () => {
    const doc = order([
      row({ product_id: 70, product_type: 'configurable', qty_shipped: 1 }),
      row({ item_id: 901, parent_item_id: 900, product_id: 78 }),
    ]);
    expect(doc.lines).toHaveLength(1);
    expect(doc.lines[0]).toMatchObject({ line: '900', listing: '78', parts: [{ committed: 2, out: 1 }] });
  });

  it('a bundle is its parts, whether it is shipped as one or in parts', () => {
    const bundle = (more: object) =>
      row({ item_id: 1, product_id: 60, product_type: 'bundle', qty_ordered: 2, ...more });
    const parts = (first: object) => [
      row({ item_id: 2, parent_item_id: 1, product_id: 61, qty_ordered: 4, ...first }),
      row({ item_id: 3, parent_item_id: 1, product_id: 62, qty_ordered: 2 }),
    ];
    const asOne = order([bundle({ qty_shipped: 1 }), ...parts({})]);
    expect(asOne.lines.map(({ listing, parts: [one] }) => [listing, one!.committed, one!.out])).toEqual([
      ['61', 2, 2],
      ['62', 1, 1],
    ]);
    const inParts = order([bundle({}), ...parts({ qty_shipped: 3 })]);
    expect(inParts.lines.map(({ parts: [one] }) => [one!.committed, one!.out])).toEqual([
      [1, 3],
      [2, 0],
    ]);
  });

  it('whatever the counts, nothing is negative and nothing is more than was ordered', () => {
    const units = fc.double({ min: -5, max: 50, noNaN: true }).map((value) => Math.round(value * 100) / 100);
    const counts = fc.record({ qty_ordered: units, qty_canceled: units, qty_shipped: units, qty_refunded: units });
    fc.assert(
      fc.property(counts, fc.constantFrom('new', 'processing', 'complete', 'closed', 'canceled'), (more, state) => {
        const one = part(order([row(more)], { state }))!;
        expect(Math.min(one.committed, one.out, one.returned)).toBeGreaterThanOrEqual(0);
        expect(one.committed + one.out).toBeLessThanOrEqual(Math.max(0, more.qty_ordered) + 1e-9);
        expect(one.returned).toBeLessThanOrEqual(one.out);
      }),
    );
  });
});
