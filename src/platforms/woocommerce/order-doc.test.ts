import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Part } from '../../domain/document.ts';
import { docOf, orderShape, type WooRefund } from './order-doc.ts';
import { openBench } from './testing/bench.ts';

const { config } = openBench({}, { soldStatuses: ['packed'], shippedStatuses: ['shipped'] });

interface Given {
  status: string;
  quantity?: number | string;
  reduced?: string;
  restocked?: string;
  refunded?: number;
  completed?: boolean;
}

const refundOf = (units: number): WooRefund => ({
  id: '7',
  line_items: [{ quantity: -units, meta_data: [{ key: '_refunded_item_id', value: '30' }] }],
});

/** committed, out, returned, taken of a line of two. */
function asks(given: Given): string {
  const meta = [
    ...(given.reduced === undefined ? [] : [{ key: '_reduced_stock', value: given.reduced }]),
    ...(given.restocked === undefined ? [] : [{ key: '_restock_refunded_items', value: given.restocked }]),
  ];
  const order = orderShape.parse({
    id: 143,
    status: given.status,
    date_created_gmt: '2026-11-23T03:10:47',
    date_modified_gmt: '2026-11-23T03:10:48',
    date_completed_gmt: given.completed ? '2026-11-23T03:10:48' : null,
    line_items: [{ id: 30, product_id: 140, variation_id: 0, quantity: given.quantity ?? 2, meta_data: meta }],
  });
  const doc = docOf(order, given.refunded ? [refundOf(given.refunded)] : [], config);
  const { committed, out, returned, taken, location } = doc.lines[0]!.parts[0] as Part;
  expect(location).toBe('-');
  return [committed, out, returned, taken].join(' ');
}

describe('what an order asks of stock (committed, out, returned, taken)', () => {
  const cases: [name: string, given: Given, asked: string][] = [
    ['paid', { status: 'processing', reduced: '2' }, '2 0 0 2'],
    ['awaiting a bank transfer: stock is taken, money is not there', { status: 'on-hold', reduced: '2' }, '2 0 0 2'],
    ["a plugin's own status", { status: 'packed', reduced: '2' }, '2 0 0 2'],
    ['not paid', { status: 'pending' }, '0 0 0 0'],
    ['a draft of the checkout', { status: 'checkout-draft' }, '0 0 0 0'],
    ['completed', { status: 'completed', reduced: '2', completed: true }, '0 2 0 2'],
    ["a plugin's word for shipped", { status: 'shipped', reduced: '2' }, '0 2 0 2'],
    ['cancelled: the store has put it back', { status: 'cancelled' }, '0 0 0 0'],
    ['failed after on-hold: the store keeps it off', { status: 'failed', reduced: '2' }, '0 0 0 2'],
    ['paid a moment ago, the note on the line not there yet', { status: 'processing' }, '2 0 0 0'],
    ['one refunded and put back', { status: 'processing', reduced: '1', restocked: '1', refunded: 1 }, '1 0 0 1'],
    ['one refunded, not put back', { status: 'processing', reduced: '2', refunded: 1 }, '1 1 0 2'],
    ['shipped, one back on the shelf', { status: 'completed', reduced: '1', restocked: '1', refunded: 1 }, '0 1 0 1'],
    ['shipped, one paid back only', { status: 'completed', reduced: '2', refunded: 1 }, '0 2 0 2'],
    ['shipped, not counted there, one came back', { status: 'completed', refunded: 1 }, '0 2 1 0'],
    [
      'shipped, all back on the shelf',
      { status: 'refunded', reduced: '0', restocked: '2', refunded: 2, completed: true },
      '0 0 0 0',
    ],
    ['paid back whole before shipping, not put back', { status: 'refunded', reduced: '2', refunded: 2 }, '0 2 0 2'],
    ['set to refunded by hand before shipping', { status: 'refunded', reduced: '2' }, '0 0 0 2'],
    ['an old shipped order thrown away', { status: 'trash', reduced: '2', completed: true }, '0 2 0 2'],
    ['an open order thrown away', { status: 'trash', reduced: '2' }, '0 0 0 2'],
    ['cancelled after a restocking refund', { status: 'cancelled', restocked: '1', refunded: 1 }, '0 0 0 0'],
    ['decimal quantities of a plugin', { status: 'processing', quantity: '1.5', reduced: '1.50000' }, '1.5 0 0 1.5'],
    ['more refunded than ordered', { status: 'processing', reduced: '2', refunded: 9 }, '0 2 0 2'],
  ];
  for (const [name, given, asked] of cases) it(`${name}: ${asked}`, () => expect(asks(given)).toBe(asked));

  it('never asks for less than nothing, nor for more than was ordered', () => {
    const units = fc.integer({ min: 0, max: 9 });
    const status = fc.constantFrom('processing', 'completed', 'cancelled', 'refunded', 'failed', 'trash', 'x');
    fc.assert(
      fc.property(
        status,
        units,
        units,
        units,
        units,
        fc.boolean(),
        (word, quantity, reduced, restocked, refunded, completed) => {
          const given = {
            status: word,
            quantity,
            reduced: `${reduced}`,
            restocked: `${restocked}`,
            refunded,
            completed,
          };
          const [committed, out, returned] = asks(given).split(' ').map(Number) as [number, number, number];
          expect(Math.min(committed, out, returned)).toBeGreaterThanOrEqual(0);
          expect(committed + out).toBeLessThanOrEqual(quantity);
        },
      ),
    );
  });

  it('absurd quantities are an error, not a number', () => {
    for (const quantity of ['many', 1e300, Number.NaN, '1e9'])
      expect(() => asks({ status: 'processing', quantity })).toThrow();
  });
});
