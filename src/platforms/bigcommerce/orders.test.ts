import { describe, expect, it } from 'vitest';
import { jsonResponse } from '../../platform/http.ts';
import { docOf, orderShape, secondOf } from './order-doc.ts';
import { fetchDocument } from './orders.ts';
import { scripted, settings } from './testing/scripted.ts';

const line = (more: object = {}) => ({
  id: 12,
  order_id: 250,
  product_id: 77,
  variant_id: 512,
  sku: 'TEE-M',
  type: 'physical',
  quantity: 3,
  quantity_shipped: 0,
  quantity_refunded: 0,
  ...more,
});
const order = (more: object = {}, lines: object[] = [line()]) => ({
  id: 250,
  status_id: 11,
  status: 'Awaiting Fulfillment',
  payment_status: 'captured',
  date_created: 'Thu, 01 Jan 2026 10:00:00 +0000',
  date_modified: 'Thu, 01 Jan 2026 12:30:15 +0200',
  date_shipped: '',
  is_deleted: false,
  external_source: null,
  external_order_id: '',
  consignments: { shipping: [{ id: 1, line_items: lines }], pickups: [], downloads: [] },
  ...more,
});
const doc = (more: object = {}, lines?: object[], config = {}) =>
  docOf(orderShape.parse(order(more, lines)), settings(config));
const part = (more: object, lines?: object[], config = {}) => doc(more, lines, config).lines[0]!.parts[0];

describe('what an order asks of stock', () => {
  it('sold: promised, taken off by the store at once', () => {
    expect(doc()).toEqual({
      account: 'sftg45fsd',
      doc: 'order:250',
      rev: '2026-01-01T10:30:15Z',
      whole: true,
      saleAt: '2026-01-01T10:00:00Z',
      paid: true,
      state: 'Awaiting Fulfillment',
      lines: [
        {
          line: '12',
          listing: '512',
          sku: 'TEE-M',
          parts: [{ location: '1', committed: 3, out: 0, returned: 0, taken: 3 }],
        },
      ],
    });
  });
  it.each([
    [0, 'Incomplete', { committed: 0, out: 0, taken: 0 }],
    [1, 'Pending', { committed: 3, out: 0, taken: 3 }],
    [2, 'Shipped', { committed: 0, out: 3, taken: 3 }],
    [3, 'Partially Shipped', { committed: 3, out: 0, taken: 3 }],
    [4, 'Refunded', { committed: 0, out: 0, returned: 0, taken: 0 }],
    [5, 'Cancelled', { committed: 0, out: 0, taken: 0 }],
    [6, 'Declined', { committed: 0, out: 0, taken: 0 }],
    [7, 'Awaiting Payment', { committed: 3, out: 0, taken: 3 }],
    [8, 'Awaiting Pickup', { committed: 3, out: 0, taken: 3 }],
    [9, 'Awaiting Shipment', { committed: 3, out: 0, taken: 3 }],
    [10, 'Completed', { committed: 0, out: 3, taken: 3 }],
    [11, 'Awaiting Fulfillment', { committed: 3, out: 0, taken: 3 }],
    [12, 'Manual Verification Required', { committed: 3, out: 0, taken: 3 }],
    [13, 'Disputed', { committed: 3, out: 0, taken: 3 }],
    [14, 'Partially Refunded', { committed: 3, out: 0, taken: 3 }],
  ])('status %i, %s', (status_id, status, expected) => {
    expect(part({ status_id, status })).toMatchObject(expected);
  });
  it('shipped in part: by line', () => {
    expect(part({ status_id: 3 }, [line({ quantity_shipped: 2 })])).toMatchObject({ committed: 1, out: 2, taken: 3 });
  });
  it('disputed after shipping: the day of shipping and the lines remember', () => {
    const date_shipped = 'Fri, 02 Jan 2026 00:00:00 +0000';
    expect(part({ status_id: 13, date_shipped })).toMatchObject({ committed: 0, out: 3 });
    expect(part({ status_id: 13, date_shipped }, [line({ quantity_shipped: 1 })])).toMatchObject({
      committed: 2,
      out: 1,
    });
  });
  it('refunded in part: came back, and the store does not say whether; nothing of it is promised any more', () => {
    const refunded = [line({ quantity_refunded: 1 })];
    expect(part({ status_id: 14 }, refunded)).toMatchObject({ committed: 2, out: 1, returned: 1, taken: 3 });
    const both = [line({ quantity_shipped: 3, quantity_refunded: 1 })];
    expect(part({ status_id: 14 }, both)).toMatchObject({ committed: 0, out: 3, returned: 1, taken: 3 });
  });
  it('refunded whole where the store puts nothing back: gone, and came back for the channel’s rule', () => {
    const config = { restocksRefunds: false };
    expect(part({ status_id: 4 }, undefined, config)).toMatchObject({ committed: 0, out: 3, returned: 3, taken: 3 });
  });
  it('a store that lowers its stock on shipping has taken only what was shipped', () => {
    const config = { stockTakenAt: 'shipped' };
    expect(part({ status_id: 3 }, [line({ quantity_shipped: 2 })], config)).toMatchObject({ out: 2, taken: 2 });
    expect(part({}, undefined, config)).toMatchObject({ committed: 3, taken: 0 });
  });
  it('pending counts or not, as set; archived gives back what was not shipped', () => {
    expect(part({ status_id: 1 }, undefined, { pendingCounts: false })).toMatchObject({ committed: 0, taken: 0 });
    expect(part({ is_deleted: true })).toMatchObject({ committed: 0, out: 0 });
    expect(part({ is_deleted: true, status_id: 10 })).toMatchObject({ out: 3 });
  });
  it('places: a pickup names its own, online orders have the one that is set, or none', () => {
    const consignments = {
      pickups: [{ id: 9, location: { id: 7 }, line_items: [line()] }],
      downloads: [{ recipient_email: 'x', line_items: line({ id: 13 }) }],
    };
    const lines = doc({ consignments }).lines.map((one) => [one.line, one.parts[0]!.location]);
    expect(lines).toEqual([
      ['12', '7'],
      ['13', '1'],
    ]);
    expect(part({}, undefined, { onlineLocation: undefined })).toMatchObject({ location: null });
  });
  it('lines without stock: gift certificates are left out, custom items kept without a listing', () => {
    const lines = [
      line({ id: 1, type: 'giftcertificate' }),
      line({ id: 2, product_id: 0, variant_id: null, sku: '' }),
      line({ id: 3, product_id: null, variant_id: 0 }),
    ];
    expect(doc({}, lines).lines.map((one) => [one.line, one.listing])).toEqual([
      ['2', null],
      ['3', null],
    ]);
  });
  it('a copy names its original; one of the two alone does not', () => {
    const both = { external_source: 'amazon', external_order_id: '902-1' };
    expect(doc(both).origin).toEqual({ source: 'amazon', id: '902-1' });
    expect(doc({ ...both, external_source: null }).origin).toBeUndefined();
  });
  it('blank and odd dates are none', () => {
    expect([secondOf(''), secondOf(null), secondOf('yesterday')]).toEqual([undefined, undefined, undefined]);
    expect(doc({ date_modified: '' }).rev).toBeNull();
  });
});

describe('fetching', () => {
  it('asks for the lines in the same call, and keeps every digit of an id', async () => {
    const { client, asked } = scripted(() => order());
    const fetched = await fetchDocument(client, settings(), 'order:9007199254740993');
    expect(fetched).toMatchObject({ doc: 'order:250' });
    expect(asked[0]!.request.url).toBe(
      'https://api.bigcommerce.com/stores/sftg45fsd/v2/orders/9007199254740993?include=consignments.line_items&consignment_structure=object',
    );
  });
  it('a line that names a product alone: its one variant is looked up; of several none is chosen', async () => {
    const lines = [line({ id: 1, product_id: 77, variant_id: 0 }), line({ id: 2, product_id: 78, variant_id: null })];
    const { client, asked } = scripted(({ op }) =>
      op === 'order'
        ? order({}, lines)
        : {
            data: [
              { id: 77, variants: [{ id: 512 }] },
              { id: 78, variants: [{ id: 1 }, { id: 2 }] },
            ],
          },
    );
    const fetched = await fetchDocument(client, settings(), 'order:250');
    expect(fetched !== 'gone' && fetched.lines.map(({ listing }) => listing)).toEqual(['512', 'product/78']);
    expect(asked[1]!.url.searchParams.get('id:in')).toBe('77,78');
  });
  it('404 is gone; an order that is none is put before a person', async () => {
    const gone = scripted(() => jsonResponse(404, [{ status: 404, message: 'Not found.' }]));
    expect(await fetchDocument(gone.client, settings(), 'order:1')).toBe('gone');
    const links = { url: 'https://x', resource: '/orders/1/consignments' };
    const odd = scripted(() => order({ consignments: { shipping: [{ line_items: [links] }] } }));
    await expect(fetchDocument(odd.client, settings(), 'order:1')).rejects.toMatchObject({ code: 'odd-order' });
    const absurd = scripted(() => order({}, [line({ quantity: 'many' })]));
    await expect(fetchDocument(absurd.client, settings(), 'order:1')).rejects.toMatchObject({ code: 'odd-order' });
  });
});
