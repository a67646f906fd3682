import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { QuantityError } from '../../domain/quantity.ts';
import { orderShape } from './order-shape.ts';
import { docOf, isPaid } from './orders.ts';

const at = (minute: number) => `2026-11-24T10:${String(minute).padStart(2, '0')}:00.123Z`;

/** A paid order with a line of three mugs at L1; `more` overrides. */
const order = (more: Record<string, unknown> = {}) =>
  orderShape.parse({
    id: 'O1',
    location_id: 'L1',
    state: 'COMPLETED',
    created_at: at(0),
    updated_at: at(9),
    line_items: [{ uid: 'u1', catalog_object_id: 'V1', quantity: '3', item_type: 'ITEM' }],
    tenders: [{ created_at: at(5) }],
    total_money: { amount: 3_600, currency: 'USD' },
    net_amount_due_money: { amount: 0, currency: 'USD' },
    ...more,
  });

const shipment = (state: string, entries?: [uid: string, quantity: string][]) => ({
  uid: state,
  state,
  line_item_application: entries ? 'ENTRY_LIST' : 'ALL',
  ...(entries && { entries: entries.map(([line_item_uid, quantity]) => ({ line_item_uid, quantity })) }),
});

/** committed, out, returned, taken of the first line. */
const units = (more: Record<string, unknown> = {}) => {
  const [part] = docOf(order(more), 'ML').lines[0]!.parts;
  return [part!.committed, part!.out, part!.returned, part!.taken];
};

describe('an order', () => {
  it('over the counter: gone and taken at once, at the time of the payment, revision by change time', () => {
    expect(docOf(order({ source: { name: 'Point of Sale' } }), 'ML')).toEqual({
      account: 'ML',
      doc: 'order:O1',
      rev: at(9),
      whole: true,
      source: 'Point of Sale',
      saleAt: at(5),
      paid: true,
      state: 'COMPLETED',
      lines: [{ line: 'u1', listing: 'V1', parts: [{ location: 'L1', committed: 0, out: 3, returned: 0, taken: 3 }] }],
    });
  });

  it('asks for nothing while it is open and unpaid, whatever a till or a payment link leaves lying about', () => {
    const due = { net_amount_due_money: { amount: 3_600 }, tenders: [] };
    expect(units({ state: 'OPEN', ...due })).toEqual([0, 0, 0, 0]);
    expect(units({ state: 'DRAFT', net_amount_due_money: { amount: 0 } })).toEqual([0, 0, 0, 0]);
    expect(units({ state: 'CANCELED', ...due })).toEqual([0, 0, 0, 0]);
    expect(docOf(order({ state: 'OPEN', ...due }), 'ML')).toMatchObject({ paid: false, saleAt: at(0) });
  });

  it('split tender: paid only when nothing is due any more', () => {
    const paid = (amount: number | string | undefined) =>
      isPaid(order({ state: 'OPEN', net_amount_due_money: amount === undefined ? undefined : { amount } }));
    expect([paid(1), paid('1'), paid(0), paid('0'), paid(undefined)]).toEqual([false, false, true, true, false]);
  });

  it('that costs nothing is paid once it is under way, not while it is a cart', () => {
    const free = { state: 'OPEN', tenders: [], total_money: { amount: 0 } };
    expect(isPaid(order(free))).toBe(false);
    expect(isPaid(order({ ...free, fulfillments: [shipment('PROPOSED')] }))).toBe(false);
    expect(isPaid(order({ ...free, fulfillments: [shipment('RESERVED')] }))).toBe(true);
    expect(isPaid(order({ ...free, state: 'COMPLETED' }))).toBe(true);
  });

  it('a card only authorized has paid nothing; voided and cancelled, the goods never left', () => {
    const tender = (status: string, kind = 'card_details') => ({
      tenders: [{ created_at: at(5), [kind]: { status } }],
    });
    for (const kind of ['card_details', 'buy_now_pay_later_details', 'square_account_details'])
      expect(units({ state: 'OPEN', ...tender('AUTHORIZED', kind) }), kind).toEqual([0, 0, 0, 0]);
    expect(units({ state: 'OPEN', ...tender('PENDING', 'bank_account_details') })).toEqual([0, 0, 0, 0]);
    expect(units({ state: 'OPEN', ...tender('CAPTURED') })).toEqual([0, 3, 0, 3]);
    for (const status of ['VOIDED', 'FAILED', 'AUTHORIZED'])
      expect(units({ state: 'CANCELED', ...tender(status) }), status).toEqual([0, 0, 0, 0]);
    expect(units({ state: 'CANCELED', ...tender('CAPTURED') })).toEqual([0, 3, 0, 3]);
  });

  it('to be shipped: committed until its fulfilment is completed; Square has taken all of it', () => {
    const open = { state: 'OPEN' };
    expect(units({ ...open, fulfillments: [shipment('PROPOSED')] })).toEqual([3, 0, 0, 3]);
    expect(units({ ...open, fulfillments: [shipment('PREPARED')] })).toEqual([3, 0, 0, 3]);
    expect(units({ ...open, fulfillments: [shipment('COMPLETED')] })).toEqual([0, 3, 0, 3]);
    expect(
      units({ ...open, fulfillments: [shipment('COMPLETED', [['u1', '1']]), shipment('RESERVED', [['u1', '2']])] }),
    ).toEqual([2, 1, 0, 3]);
    // Units that no parcel names yet.
    expect(units({ ...open, fulfillments: [shipment('COMPLETED', [['u1', '1']])] })).toEqual([2, 1, 0, 3]);
    expect(units({ ...open, fulfillments: [shipment('COMPLETED', [['other', '1']])] })).toEqual([3, 0, 0, 3]);
  });

  it('cancelled after it was paid: still sold, as Square counts it, until the return brings it back', () => {
    expect(units({ state: 'CANCELED', fulfillments: [shipment('CANCELED')] })).toEqual([0, 3, 0, 3]);
    expect(units({ state: 'OPEN', fulfillments: [shipment('CANCELED'), shipment('FAILED')] })).toEqual([0, 3, 0, 3]);
    expect(
      units({
        state: 'OPEN',
        fulfillments: [shipment('CANCELED', [['u1', '1']]), shipment('RESERVED', [['u1', '2']])],
      }),
    ).toEqual([2, 1, 0, 3]);
  });

  it('has decimals of five places and refuses what no stock can have', () => {
    const line = (quantity: string) => ({ line_items: [{ uid: 'u', catalog_object_id: 'V', quantity }] });
    expect(units(line('1.70001'))).toEqual([0, 1.70001, 0, 1.70001]);
    for (const absurd of ['', 'x', '1e9', '9999999999', 'NaN', '--1', '-1'])
      expect(() => docOf(order(line(absurd)), 'ML'), absurd).toThrow(QuantityError);
  });

  it('lines without stock are left out; a line without an id is named by what and where', () => {
    const { lines } = docOf(
      order({
        line_items: [
          { uid: 'a', quantity: '1', item_type: 'CUSTOM_AMOUNT' },
          { uid: 'b', catalog_object_id: 'G', quantity: '1', item_type: 'GIFT_CARD' },
          { uid: 'c', quantity: '1', item_type: 'ITEM' },
          { catalog_object_id: 'V9', quantity: '2' },
        ],
      }),
      'ML',
    );
    expect(lines.map(({ line, listing }) => [line, listing])).toEqual([['V9@L1', 'V9']]);
  });

  it('another system made it: says which, and its id there', () => {
    const copied = order({ source: { name: 'Shopify' }, reference_id: '#1001' });
    expect(docOf(copied, 'ML').origin).toEqual({ source: 'Shopify', id: '#1001' });
    expect(docOf(order({ reference_id: 'x' }), 'ML').origin).toBeUndefined();
  });
});

describe('a return', () => {
  const back = (more: Record<string, unknown> = {}) =>
    order({
      id: 'R1',
      line_items: undefined,
      tenders: undefined,
      total_money: { amount: 0 },
      returns: [
        {
          source_order_id: 'O1',
          return_line_items: [
            { uid: 'r1', source_line_item_uid: 'u1', catalog_object_id: 'V1', quantity: '2', item_type: 'ITEM' },
            { uid: 'r2', quantity: '1', item_type: 'CUSTOM_AMOUNT' },
          ],
        },
      ],
      ...more,
    });
  const part = (doc: ReturnType<typeof docOf>, line = 0) => doc.lines[line]!.parts[0];

  it('came back, nobody said where to, until the history tells; then off what is out and what Square has taken', () => {
    expect(docOf(back(), 'ML').lines.map(({ line }) => line)).toEqual(['return:r1']);
    expect(part(docOf(back(), 'ML'))).toEqual({ location: 'L1', committed: 0, out: 0, returned: 2, taken: 0 });
    expect(part(docOf(back(), 'ML', new Map([['V1', 1]])))).toMatchObject({ out: -1, returned: 1, taken: -1 });
    expect(part(docOf(back(), 'ML', new Map([['V1', 5]])))).toMatchObject({ out: -2, returned: 0, taken: -2 });
  });

  it('of one variation on two lines shares what went back', () => {
    const line = (uid: string) => ({ uid, catalog_object_id: 'V1', quantity: '2' });
    const two = back({ returns: [{ return_line_items: [line('a'), line('b')] }] });
    const doc = docOf(two, 'ML', new Map([['V1', 3]]));
    expect([part(doc, 0)?.out, part(doc, 1)?.out, part(doc, 1)?.returned]).toEqual([-2, -1, 1]);
  });

  it('in an exchange stands beside the new sale, and counts only when the exchange is over', () => {
    const line_items = [{ uid: 'n', catalog_object_id: 'V2', quantity: '1' }];
    const over = docOf(back({ line_items }), 'ML');
    expect(over.lines.map(({ line }) => line)).toEqual(['n', 'return:r1']);
    const open = docOf(back({ line_items, state: 'OPEN', net_amount_due_money: { amount: 500 } }), 'ML');
    expect(open.lines.map(({ parts }) => [parts[0]!.out, parts[0]!.returned])).toEqual([
      [0, 0],
      [0, 0],
    ]);
  });
});

it('whatever an order holds: its units add up, or it is refused as absurd', () => {
  const quantities = fc.oneof(
    fc.nat(50).map(String),
    fc.nat(500_000).map((units) => (units / 100_000).toFixed(5)),
    fc.constantFrom('-1', '', '1e3'),
  );
  const uid = fc.constantFrom('u1', 'u2', 'u3');
  const line = fc.record({ uid, catalog_object_id: fc.constantFrom('V1', 'V2', null), quantity: quantities });
  const parcel = fc.record({
    state: fc.constantFrom('PROPOSED', 'RESERVED', 'PREPARED', 'COMPLETED', 'CANCELED', 'FAILED', 'NEW_WORD', null),
    line_item_application: fc.constantFrom('ALL', 'ENTRY_LIST', null),
    entries: fc.array(fc.record({ line_item_uid: uid, quantity: quantities }), { maxLength: 3 }),
  });
  const some = fc.record({
    state: fc.constantFrom('OPEN', 'COMPLETED', 'CANCELED', 'DRAFT', 'NEW_WORD', null),
    line_items: fc.uniqueArray(line, { selector: (one) => one.uid, maxLength: 3 }),
    fulfillments: fc.array(parcel, { maxLength: 3 }),
    returns: fc.array(fc.record({ return_line_items: fc.array(line, { maxLength: 2 }) }), { maxLength: 2 }),
    net_amount_due_money: fc.record({ amount: fc.constantFrom(0, 5, '0') }),
  });
  const back = fc.dictionary(fc.constantFrom('V1', 'V2'), fc.nat(9));
  let read = 0;
  fc.assert(
    fc.property(some, back, (more, restocked) => {
      let doc: ReturnType<typeof docOf>;
      try {
        doc = docOf(order(more), 'ML', new Map(Object.entries(restocked)));
      } catch (error) {
        expect(error).toBeInstanceOf(QuantityError);
        return;
      }
      read += 1;
      for (const { line: name, parts } of doc.lines)
        for (const part of parts) {
          expect(part.committed).toBeGreaterThanOrEqual(0);
          expect(part.returned).toBeGreaterThanOrEqual(0);
          expect(Math.sign(part.out)).not.toBe(name.startsWith('return:') ? 1 : -1);
          expect(part.taken).toBeCloseTo(part.committed + part.out, 5);
        }
    }),
    { numRuns: 500 },
  );
  expect(read).toBeGreaterThan(50);
});
