import { describe, expect, it } from 'vitest';
import { jsonResponse } from '../../platform/http.ts';
import { zoho } from './index.ts';
import { docOf, orderShape } from './orders.ts';
import { returnDoc } from './returns.ts';
import { MAIN, openBench, SHOP } from './testing/bench.ts';

const { config } = openBench();

/** After the vendor's own sample of GET /salesorders/{id}. */
const order = (status: string, lines: Record<string, unknown>[], more: Record<string, unknown> = {}) =>
  docOf(
    orderShape.parse({
      salesorder_id: '4815000000044895',
      salesorder_number: 'SO-00003',
      status,
      date: '2026-03-02',
      location_id: MAIN,
      created_time: '2026-03-02T14:05:31+0000',
      last_modified_time: '2026-03-02T15:06:02+0100',
      line_items: lines.map((line, index) => ({
        line_item_id: `48150000000448${90 + index}`,
        item_id: '4815000000044100',
        quantity: 3,
        quantity_shipped: 0,
        is_combo_product: false,
        ...line,
      })),
      ...more,
    }),
    config,
  );
const parts = (doc: ReturnType<typeof order>) =>
  doc.lines.flatMap(({ parts }) =>
    parts.map(({ location, committed, out, taken }) => [location, committed, out, taken]),
  );

describe('what a sales order asks of stock', () => {
  it.each([
    ['draft', [[MAIN, 0, 0, 0]]],
    ['pending_approval', [[MAIN, 0, 0, 0]]],
    ['confirmed', [[MAIN, 3, 0, 3]]],
    ['open', [[MAIN, 3, 0, 3]]],
    ['Open', [[MAIN, 3, 0, 3]]],
    ['onhold', [[MAIN, 3, 0, 3]]],
    ['a_word_of_their_own', [[MAIN, 3, 0, 3]]],
    ['void', [[MAIN, 0, 0, 0]]],
  ])('%s', (status, expected) => expect(parts(order(status, [{}]))).toEqual(expected));

  it('what has shipped stays gone, whatever comes of the rest', () => {
    expect(parts(order('partially_shipped', [{ quantity_shipped: 2 }]))).toEqual([[MAIN, 1, 2, 3]]);
    for (const status of ['void', 'closed', 'fulfilled'])
      expect(parts(order(status, [{ quantity_shipped: 2 }])), status).toEqual([[MAIN, 0, 2, 2]]);
    expect(parts(order('confirmed', [{ quantity_cancelled: 1, quantity_dropshipped: 1 }]))).toEqual([[MAIN, 1, 0, 1]]);
  });

  it('a line has its own place; old organizations say warehouse; without locations there is one', () => {
    expect(parts(order('open', [{ location_id: SHOP }]))).toEqual([[SHOP, 3, 0, 3]]);
    const old = { location_id: undefined, warehouse_id: '77' };
    expect(parts(order('open', [{}], old))).toEqual([['77', 3, 0, 3]]);
    expect(parts(order('open', [{ location_id: '' }], { location_id: '' }))).toEqual([['-', 3, 0, 3]]);
  });

  it('a kit is its components, one within another as well; an assembly is itself', () => {
    const mapped_items = [
      { item_id: '11', line_item_id: '101', quantity: 6, quantity_shipped: 2, location_id: SHOP },
      {
        item_id: '12',
        line_item_id: '102',
        quantity: 3,
        mapped_items: [{ item_id: '13', line_item_id: '103', quantity: 9 }],
      },
    ];
    const kit = { is_combo_product: true, combo_type: 'kit', quantity_shipped: 1, mapped_items };
    const doc = order('open', [kit]);
    expect(doc.lines.map(({ listing }) => listing)).toEqual(['11', '13']);
    expect(parts(doc)).toEqual([
      [SHOP, 4, 2, 6],
      [MAIN, 6, 3, 9],
    ]);
    expect(order('open', [{ ...kit, combo_type: 'assembly' }]).lines.map(({ listing }) => listing)).toEqual([
      '4815000000044100',
    ]);
  });

  it('decimals and long ids stay exact; times get a zone that everybody reads', () => {
    const doc = order('open', [{ quantity: 0.3, quantity_shipped: 0.1, item_id: '9007199254740993123' }]);
    expect(doc).toMatchObject({ rev: '2026-03-02T15:06:02+01:00', saleAt: '2026-03-02T14:05:31+00:00', state: 'open' });
    expect(parts(doc)).toEqual([[MAIN, 0.2, 0.1, 0.3]]);
    expect(doc.lines[0]!.listing).toBe('9007199254740993123');
    expect(() => order('open', [{ quantity: 'many' }])).toThrow();
  });

  it('an order that came from elsewhere names its original; statuses of one’s own can be "not sold"', () => {
    expect(order('open', [{}], { sales_channel: 'direct_sales', reference_number: '7' })).not.toHaveProperty('origin');
    expect(order('open', [{}], { sales_channel: 'shopify', reference_number: '#1001' })).toMatchObject({
      origin: { source: 'shopify', id: '#1001' },
    });
    const own = { ...config, notSoldStatuses: ['offer'] };
    const raw = { salesorder_id: '1', status: 'Offer', line_items: [{ line_item_id: '2', item_id: '3', quantity: 1 }] };
    expect(docOf(orderShape.parse(raw), own).lines[0]!.parts[0]!.committed).toBe(0);
  });
});

describe('what a return brings back', () => {
  const back = (receives: unknown[], now = '2026-03-05T00:00:00Z') =>
    returnDoc(
      {
        salesreturn_id: '5',
        date: '2026-03-02',
        salesreturn_status: 'approved',
        receive_status: 'partially_received',
        created_time: undefined,
        last_modified_time: undefined,
        location_id: MAIN,
        warehouse_id: null,
        line_items: [
          { line_item_id: '21', item_id: '11', location_id: SHOP, warehouse_id: null },
          { line_item_id: '22', item_id: '12', location_id: null, warehouse_id: null },
        ],
        salesreturnreceives: receives as never,
      },
      config,
      Date.parse(now),
    );

  it('only what was received, where it was received, by line or by item', () => {
    expect(parts(back([]))).toEqual([
      [SHOP, 0, 0, 0],
      [MAIN, 0, 0, 0],
    ]);
    const row = (line_item_id: string | null, item_id: string, quantity: number) => ({
      line_item_id,
      item_id,
      quantity,
      location_id: null,
      warehouse_id: null,
    });
    const receives = [
      { receive_id: '1', line_items: [row('21', '11', 1)] },
      { receive_id: '2', line_items: [row('99', '12', 2)] },
    ];
    expect(parts(back(receives))).toEqual([
      [SHOP, 0, -1, -1],
      [MAIN, 0, -2, -2],
    ]);
  });

  it('is dated by the day alone: its end, or now, so that it is not taken for older than our counting', () => {
    expect(back([]).saleAt).toBe('2026-03-02T23:59:59.000Z');
    expect(back([], '2026-03-02T14:00:00Z').saleAt).toBe('2026-03-02T14:00:00.000Z');
  });

  it('is told by its webhook and by the list, once unless it stands otherwise', async () => {
    const bench = openBench();
    const bought = bench.sandbox.shopper.buy({ lines: [{ sku: 'MUG', quantity: 3 }], location: null });
    const order = bought.ok ? bought.order : '';
    bench.sandbox.shopper.fulfil(order);
    bench.sandbox.shopper.refund(order, { sku: 'MUG', quantity: 1 }, false);
    bench.sandbox.shopper.refund(order, { sku: 'MUG', quantity: 1 }, true);
    const poll = (cursor: string | null) =>
      bench.run((client, now) => zoho.poll(client, now, 'returns', cursor, '2026-11-23T00:00:00Z'));
    const first = await poll(null);
    expect(first.signals).toHaveLength(1);
    const [signal] = first.signals;
    const doc = signal?.kind === 'document-changed' ? signal.doc : '';
    expect(await bench.run((client, now) => zoho.fetchDocument(client, now, doc))).toMatchObject({
      lines: [{ parts: [{ location: MAIN, out: -1, taken: -1, committed: 0 }] }],
    });
    expect((await poll(first.cursor)).signals).toEqual([]);
    bench.sandbox.shopper.refund(order, { sku: 'MUG', quantity: 1 }, true);
    expect((await poll(first.cursor)).signals).toHaveLength(1);
  });

  it('in the first round, what was written down long before the start is taken for done; afterwards a change tells', async () => {
    const bench = openBench();
    const row = (salesreturn_id: string, date: string, receive_status: string) => ({
      salesreturn_id,
      date,
      receive_status,
      quantity: 1,
    });
    let rows = [row('1', '2026-08-01', 'received'), row('2', '2026-11-20', 'received'), row('3', '2026-01-01', '')];
    bench.line = ({ url }) =>
      url.includes('/salesreturns?') ? Promise.resolve(jsonResponse(200, { code: 0, salesreturns: rows })) : undefined;
    const poll = (cursor: string | null) =>
      bench.run((client, now) => zoho.poll(client, now, 'returns', cursor, '2026-11-23T00:00:00Z'));
    const told = ({ signals }: Awaited<ReturnType<typeof poll>>) => signals.map((one) => 'doc' in one && one.doc);
    const first = await poll(null);
    expect(told(first)).toEqual(['return:2']);
    rows = [
      row('1', '2026-08-01', 'partially_received'),
      row('2', '2026-11-20', 'received'),
      row('4', '2026-08-02', ''),
    ];
    expect(told(await poll(first.cursor))).toEqual(['return:1', 'return:4']);
  });

  it('what is not there is gone, whatever its number looks like', async () => {
    const bench = openBench();
    for (const doc of ['order:1', 'return:1', 'order:x', 'order', 'return:../items'])
      expect(await bench.run((client, now) => zoho.fetchDocument(client, now, doc)), doc).toBe('gone');
  });
});
