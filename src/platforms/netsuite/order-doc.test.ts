import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { netsuiteConfig } from './config.ts';
import type { DocKind } from './documents.ts';
import { docOf } from './order-doc.ts';
import { fetchDocument } from './orders.ts';
import type { Row } from './suiteql.ts';
import { EAST, openBench, WEST } from './testing/bench.ts';

const config = netsuiteConfig.parse({
  account: '1234567',
  consumerKey: 'a',
  consumerSecret: 'b',
  tokenId: 'c',
  tokenSecret: 'd',
  timeZone: 'America/New_York',
});

const head: Row = {
  transaction: '87990',
  type: 'SalesOrd',
  status: 'SalesOrd:B',
  modified: '2026-03-02 09:05:31',
  created: '2026-03-02 09:00:00',
  uniquekey: '1',
};
const line = (more: Row): Row => ({
  ...head,
  uniquekey: '2',
  item: '501',
  itemtype: 'InvtPart',
  location: '1',
  quantity: '-5',
  isclosed: 'F',
  ...more,
});
const shipped = (more: Row): Row => ({
  transaction: '88123',
  type: 'ItemShip',
  status: 'ItemShip:C',
  modified: '2026-03-02 09:30:00',
  uniquekey: '70',
  item: '501',
  itemtype: 'InvtPart',
  location: '1',
  quantity: '-2',
  isinventoryaffecting: 'T',
  ...more,
});
const read = (rows: Row[], more = config, kind: DocKind = 'order') => docOf(kind, '87990', [head, ...rows], more);
const parts = (doc: ReturnType<typeof read>) =>
  doc.lines.map(({ parts }) => parts.map((part) => [part.location, part.committed, part.out, part.taken]));

describe('an order', () => {
  it('is open at the place of its line; only what is allocated lowers what NetSuite shows', () => {
    const doc = read([line({ quantitycommitted: '3' })]);
    expect(doc).toMatchObject({
      doc: 'order:87990',
      saleAt: '2026-03-02T14:00:00.000Z',
      rev: '2026-03-02T14:05:31Z',
      state: 'B',
    });
    expect(parts(doc)).toEqual([[['1', 5, 0, 3]]]);
  });

  it('ships from where the shipment says, whatever the line says', () => {
    const doc = read([line({ quantityshiprecv: '2', quantitycommitted: '3' }), shipped({ location: '2' })]);
    expect(parts(doc)).toEqual([
      [
        ['2', 0, 2, 2],
        ['1', 3, 0, 3],
      ],
    ]);
    expect(doc.rev, 'the latest among it and its shipments').toBe('2026-03-02T14:30:00Z');
  });

  it('does not take the cost side, nor what is picked and not shipped, for gone', () => {
    const cost = shipped({ uniquekey: '71', quantity: '2', isinventoryaffecting: 'F' });
    const picked = shipped({ transaction: '88124', isinventoryaffecting: 'F' });
    expect(parts(read([line({ quantityshiprecv: '4', quantitycommitted: '3' }), shipped({}), cost, picked]))).toEqual([
      [['1', 3, 2, 5]],
    ]);
  });

  it('takes a bill of it that moves stock for a shipment (accounts without Advanced Shipping)', () => {
    expect(parts(read([line({}), shipped({ type: 'CustInvc', quantity: '-5' })]))).toEqual([[['1', 0, 5, 5]]]);
  });

  it('deals shipments out to two lines of one item, each as far as it goes', () => {
    const lines = [
      line({ quantity: '-2', quantityshiprecv: '0' }),
      line({ uniquekey: '3', quantity: '-2', quantityshiprecv: '2' }),
    ];
    expect(parts(read([...lines, shipped({})]))).toEqual([[['1', 2, 0, 0]], [['1', 0, 2, 2]]]);
    expect(parts(read([...lines, shipped({ quantity: '-5' })]))).toEqual([[['1', 0, 2, 2]], [['1', 0, 3, 3]]]);
  });

  it('a kit goes by its own total', () => {
    const kit = line({ itemtype: 'Kit', quantityshiprecv: '1' });
    expect(parts(read([kit, shipped({ item: '900' })]))).toEqual([[['1', 4, 1, 5]]]);
  });

  it.each(['A', 'C', 'H', 'SalesOrd:A', 'Sales Order : C'])('with status %s nothing is promised', (status) => {
    const rows = [line({ quantitycommitted: '5' }), shipped({})].map((row) =>
      row['type'] === 'SalesOrd' ? { ...row, status } : row,
    );
    const doc = docOf('order', '87990', [{ ...head, status }, ...rows], config);
    expect(parts(doc)).toEqual([[['1', 0, 2, 2]]]);
  });

  it('a closed line promises nothing; services and tax are no lines', () => {
    const doc = read([line({ isclosed: 'T' }), line({ itemtype: 'Service' }), line({ taxline: 'T' })]);
    expect(parts(doc)).toEqual([[['1', 0, 0, 0]]]);
  });

  it('sales printed as positive are read by the setting', () => {
    const positive = { ...config, salesQuantities: 'positive' as const };
    expect(
      parts(read([line({ quantity: '5', quantitycommitted: '5' }), shipped({ quantity: '2' })], positive)),
    ).toEqual([[['1', 3, 2, 5]]]);
  });

  it('names where it was copied from', () => {
    const from = (origin: string) => docOf('order', '87990', [{ ...head, origin }], config).origin;
    expect(from('shopify-6100')).toEqual({ source: 'shopify', id: '6100' });
    expect(from('WOO:17')).toEqual({ source: 'WOO', id: '17' });
    expect(from('6100')).toEqual({ source: 'externalid', id: '6100' });
  });
});

describe('what moves stock by itself', () => {
  it('a cash sale takes, an exchange in it gives back, and a bill that moves nothing does nothing', () => {
    const moves = { isinventoryaffecting: 'T' };
    const doc = read(
      [line(moves), line({ ...moves, uniquekey: '3', quantity: '1' }), line({ uniquekey: '4' })],
      config,
      'sale',
    );
    expect(parts(doc)).toEqual([[['1', 0, 5, 5]], [['1', 0, -1, -1]]]);
  });

  it('a receipt of a return puts back, in either sign', () => {
    for (const quantity of ['2', '-2'])
      expect(parts(read([line({ quantity, isinventoryaffecting: 'T' })], config, 'return'))).toEqual([
        [['1', 0, -2, -2]],
      ]);
  });
});

it('reads whatever rows without anything but an Error', () => {
  const text = fc.option(
    fc.oneof(fc.string(), fc.constantFrom('1', '-3', '0.5', 'T', 'F', '501', '2026-03-02 09:00:00')),
    { nil: undefined },
  );
  const row = fc.record({
    transaction: fc.constantFrom('87990', '88123'),
    type: text,
    status: text,
    item: text,
    itemtype: fc.constantFrom('InvtPart', 'Kit', 'x'),
    quantity: text,
    location: text,
    modified: text,
    created: text,
    isinventoryaffecting: text,
    quantityshiprecv: text,
    quantitycommitted: text,
    uniquekey: text,
  });
  fc.assert(
    fc.property(fc.array(row, { maxLength: 6 }), fc.constantFrom('order', 'sale', 'return'), (rows, kind) => {
      try {
        docOf(kind as DocKind, '87990', rows as Row[], config);
      } catch (error) {
        expect(error).toBeInstanceOf(Error);
      }
    }),
  );
});

describe('against the stand-in', () => {
  it('an order is gone when it is deleted, and another kind under its number is not it', async () => {
    const bench = openBench();
    const { shopper } = bench.sandbox;
    const bought = shopper.buy({ lines: [{ sku: 'MUG', quantity: 12 }], location: null });
    if (!bought.ok) throw new Error(bought.why);
    const fetch = (doc: string) => bench.run((client, now) => fetchDocument(client, now, doc));
    const doc = await fetch(`order:${bought.order}`);
    expect(doc).toMatchObject({
      lines: [
        { listing: '501', parts: [{ location: EAST, committed: 10 }] },
        { listing: '501', parts: [{ location: WEST, committed: 2 }] },
      ],
    });
    expect(await fetch(`sale:${bought.order}`)).toBe('gone');
    expect(await fetch('order:1 OR 1=1')).toBe('gone');
    bench.sandbox.staff.deleteOrder(bought.order);
    expect(await fetch(`order:${bought.order}`)).toBe('gone');
  });
});
