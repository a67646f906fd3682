import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lineShape, type Move, orderShape } from './order-shape.ts';
import { docOf } from './orders.ts';
import { availableAt, listingOf, units, variantShape } from './variant.ts';

const order = (more: Record<string, unknown> = {}) =>
  orderShape.parse({
    id: 12,
    status: 'finalized',
    payment_status: 'unpaid',
    stock_location_id: 3,
    created_at: '2014-01-10T09:46:08Z',
    updated_at: '2014-01-22T08:10:33Z',
    ...more,
  });
const line = (more: Record<string, unknown> = {}) =>
  lineShape.parse({ id: 29, order_id: 12, variant_id: 7, quantity: '5.0', freeform: false, ...more });
const move = (status: string, quantity: string, location: string | null = null): Move => ({
  id: '1',
  order: '12',
  status,
  location,
  lines: [{ line: '29', quantity }],
});
const parts = (head: Record<string, unknown>, fulfillments: Move[] = [], returns: Move[] = []) =>
  docOf({ order: order(head), lines: [line()], fulfillments, returns }, '7067').lines[0]!.parts.map(
    ({ location, committed, out, taken }) => [location, committed, out, taken],
  );

describe('an order', () => {
  it('commits from active on; drafts, voids and deleted ones do not', () => {
    for (const status of ['active', 'finalized']) expect(parts({ status })).toEqual([['3', 5, 0, 5]]);
    for (const status of ['draft', 'void', 'deleted', 'archived', 'something new'])
      expect(parts({ status })).toEqual([['3', 0, 0, 0]]);
  });

  it('is shipped part by part, from wherever; packed goods are still there', () => {
    expect(parts({}, [move('packed', '2.0')])).toEqual([['3', 5, 0, 5]]);
    expect(parts({}, [move('fulfilled', '2.0')])).toEqual([['3', 3, 2, 5]]);
    expect(parts({}, [move('fulfilled', '2.0', '4'), move('shipped', '1.5')])).toEqual([
      ['3', 1.5, 1.5, 3],
      ['4', 0, 2, 2],
    ]);
    expect(parts({ status: 'fulfilled' }, [move('fulfilled', '4.0')])).toEqual([['3', 0, 4, 4]]);
    // More went than was ordered: nothing is promised less than nothing.
    expect(parts({}, [move('fulfilled', '6.0')])).toEqual([['3', 0, 6, 6]]);
    expect(parts({ status: 'void' }, [move('fulfilled', '2.0')])).toEqual([['3', 0, 2, 2]]);
  });

  it('comes back where it is received, once it is', () => {
    const gone = [move('fulfilled', '5.0')];
    expect(parts({ status: 'fulfilled' }, gone, [move('returning', '1.0')])).toEqual([['3', 0, 5, 5]]);
    expect(parts({ status: 'fulfilled' }, gone, [move('received', '1.0')])).toEqual([['3', 0, 4, 4]]);
    expect(parts({ status: 'fulfilled' }, gone, [move('received', '1.0', '9')])).toEqual([
      ['3', 0, 5, 5],
      ['9', 0, -1, -1],
    ]);
    expect(parts({ status: 'fulfilled' }, gone, [move('void', '1.0')])).toEqual([['3', 0, 5, 5]]);
  });

  it('has no stock behind free lines, and says where it does not know a place', () => {
    const lines = [line({ variant_id: null }), line({ freeform: true }), line({ id: 30 })];
    const doc = docOf({ order: order({ stock_location_id: null }), lines, fulfillments: [], returns: [] }, '7067');
    expect(doc.lines.map((one) => [one.line, one.listing, one.parts[0]!.location])).toEqual([['30', '7', null]]);
  });

  it('of a web shop names it as its origin; others are sales of their own', () => {
    const origin = (more: Record<string, unknown>) =>
      docOf({ order: order(more), lines: [], fulfillments: [], returns: [] }, '7067').origin;
    expect(origin({})).toBeUndefined();
    expect(origin({ source_url: 'my-shop.example.com/orders/12345', order_number: '#1001' })).toEqual({
      source: 'my-shop.example.com',
      id: '#1001',
    });
    expect(origin({ source_url: 'https://a.myshopify.com/admin/orders/1', reference_number: 'R1' })).toEqual({
      source: 'a.myshopify.com',
      id: 'R1',
    });
    expect(origin({ source_url: 'not an address' })).toBeUndefined();
  });

  it('with a quantity that no stock can have is refused as a whole', () => {
    for (const quantity of ['many', '-1.0', '1e99', 'NaN'])
      expect(() =>
        docOf({ order: order(), lines: [line({ quantity })], fulfillments: [], returns: [] }, '7067'),
      ).toThrow();
  });

  it('never promises less than nothing, and takes what it promises and what went', () => {
    const some = fc.array(
      fc.record({
        status: fc.constantFrom('packed', 'fulfilled', 'void', 'received'),
        q: fc.integer({ min: 0, max: 9 }),
      }),
      { maxLength: 5 },
    );
    fc.assert(
      fc.property(
        some,
        some,
        fc.constantFrom('draft', 'active', 'finalized', 'fulfilled', 'void'),
        (out, back, status) => {
          for (const part of docOf(
            {
              order: order({ status }),
              lines: [line()],
              fulfillments: out.map((one, at) => move(one.status, `${one.q}.0`, String(at % 3))),
              returns: back.map((one, at) => move(one.status, `${one.q}.0`, String(at % 3))),
            },
            '7067',
          ).lines[0]!.parts) {
            expect(part.committed).toBeGreaterThanOrEqual(0);
            expect(part.taken).toBe(part.committed + part.out);
          }
        },
      ),
    );
  });
});

describe('a variant', () => {
  const variant = (more: Record<string, unknown> = {}) =>
    variantShape.parse({ id: 7, name: 'Default', product_name: 'Mug', manage_stock: true, sku: ' MUG ', ...more });

  it('is named by product and option, counted only when its stock is managed', () => {
    expect(listingOf(variant())).toEqual({
      listing: '7',
      stockKey: '7',
      sku: 'MUG',
      barcode: null,
      title: 'Mug',
      tracked: true,
      extra: {},
    });
    expect(listingOf(variant({ name: 'Red' })).title).toBe('Mug, Red');
    expect(listingOf(variant({ manage_stock: 1 })).tracked).toBe(true);
    for (const managed of [false, 0, null])
      expect(listingOf(variant({ manage_stock: managed }))).toMatchObject({
        tracked: false,
        extra: { untracked: 'yes' },
      });
    expect(listingOf(variant({ composite: true })).unwritable).toContain('bundle');
    expect(listingOf(variant({ last_cost_price: '3.1', buy_price: '2' })).extra).toEqual({ cost: '3.1' });
  });

  it('has on hand less committed, in texts, numbers, either name, or no row at all', () => {
    const at = (row: Record<string, unknown>) => availableAt(variant({ locations: [{ location_id: 3, ...row }] }), '3');
    expect(at({ stock_on_hand: '10.0', committed: '2.5' })).toBe(7.5);
    expect(at({ stock_on_hand: 10, committed_stock: '-0.0' })).toBe(10);
    expect(at({ stock_on_hand: '-2', committed: null })).toBe(-2);
    expect(at({ stock_on_hand: 'lots', committed: null })).toBeUndefined();
    expect(availableAt(variant(), '3')).toBe(0);
    expect(Object.is(units('-0.0'), 0)).toBe(true);
  });
});
