import { describe, expect, it } from 'vitest';
import { judge, sameContent } from '../../domain/documents.ts';
import type { Signal } from '../../platform/contract.ts';
import { compareRevisions } from '../../platform/rev.ts';
import orderFixture from './fixtures/order.json' with { type: 'json' };
import { orderDocument } from './orders.ts';
import { channel, type Edit, fromQueue, orderChange } from './testing/notification.ts';
import { decode } from './webhook.ts';

const read = (edit: Edit = () => {}, more: object = {}): Signal[] =>
  decode(fromQueue(orderChange(edit)), 'ORDER_CHANGE', { ...channel, ...more });
const document = (edit?: Edit, more?: object) => {
  const [signal] = read(edit, more);
  if (signal?.kind !== 'document') throw new Error(`not a document but ${JSON.stringify(signal)}`);
  return signal.doc;
};
describe('ORDER_CHANGE', () => {
  it('becomes the state of one order, ids as text', () => {
    const doc = document();
    expect(doc).toMatchObject({
      account: 'A1EXAMPLE',
      doc: 'order:111-1111111-2222222',
      whole: true,
      saleAt: '2026-08-01T09:58:40.000Z',
      paid: true,
      state: 'Unshipped',
    });
    expect(doc.lines).toEqual([
      {
        line: '10000000000001',
        listing: 'TSHIRT-M',
        sku: 'TSHIRT-M',
        parts: [{ location: 'DEFAULT', committed: 2, out: 0, returned: 0, taken: 2 }],
      },
      {
        line: '90071992547409931',
        listing: 'Mug, blue/white 50% #1',
        sku: 'Mug, blue/white 50% #1',
        parts: [{ location: 'DEFAULT', committed: 1, out: 0, returned: 0, taken: 1 }],
      },
    ]);
  });

  it('an item id sent as a number keeps its digits', () => {
    const text = JSON.stringify(orderChange()).replace('"90071992547409931"', '90071992547409931');
    const [signal] = decode(fromQueue(text), 'ORDER_CHANGE', channel);
    expect(signal).toMatchObject({ doc: { lines: [{}, { line: '90071992547409931' }] } });
  });

  it('asks the same of stock as the order that the Orders API shows', () => {
    expect(sameContent(document(), orderDocument(orderFixture, channel))).toBe(true);
  });

  it.each<[what: string, status: string, item: object, committed: number, out: number]>([
    ['Pending reserves', 'Pending', {}, 2, 0],
    ['a preorder reserves', 'PendingAvailability', {}, 2, 0],
    ['a waiting invoice reserves', 'InvoiceUnconfirmed', {}, 2, 0],
    ['Canceled gives back', 'Canceled', {}, 0, 0],
    ['the other spelling too', 'CANCELLED', {}, 0, 0],
    ['cancelled after a part was sent', 'Canceled', { QuantityShipped: 1 }, 0, 1],
    ['partly sent', 'PartiallyShipped', { QuantityShipped: 1 }, 1, 1],
    ['sent, and the item says so', 'Shipped', { QuantityShipped: 2 }, 0, 2],
    ['sent, without a number', 'Shipped', { QuantityShipped: undefined }, 0, 2],
    [
      'one item sent, without a number',
      'PartiallyShipped',
      { OrderItemStatus: 'Shipped', QuantityShipped: null },
      0,
      2,
    ],
    ['fewer after a partial cancellation', 'Unshipped', { Quantity: 1 }, 1, 0],
    ['a wish to cancel is only a wish', 'Unshipped', { IsBuyerRequestedCancel: true }, 2, 0],
  ])('%s', (_, status, item, committed, out) => {
    const doc = document((order) => {
      order.Summary.OrderStatus = status;
      Object.assign(order.Summary.OrderItems[0], item);
    });
    const part = { location: 'DEFAULT', committed, out, returned: 0, taken: committed + out };
    expect(doc.lines[0]!.parts).toEqual([part]);
  });

  it('unpaid while Pending', () => {
    expect(
      document((order) => {
        order.Summary.OrderStatus = 'Pending';
      }).paid,
    ).toBe(false);
    expect(document().paid).toBe(true);
  });

  it('an order that Amazon ships touches nothing, unless its warehouses are a place', () => {
    const byAmazon: Edit = (order) => {
      order.Summary.FulfillmentType = 'AFN';
    };
    expect(read(byAmazon)).toEqual([]);
    expect(document(byAmazon, { fbaLocation: 'AMAZON_NA' }).lines[0]!.parts[0]!.location).toBe('AMAZON_NA');
  });

  it('a message about one item says nothing of the others', () => {
    expect(
      document((order) => {
        order.NotificationLevel = 'OrderItemLevel';
      }).whole,
    ).toBe(false);
  });

  it('several places: the supply source, and a fetch where none is named', () => {
    const at: Edit = (order) => {
      for (const item of order.Summary.OrderItems) item.SupplySourceId = 'ss-1';
    };
    expect(document(at, { multiLocation: true }).lines[0]!.parts[0]!.location).toBe('ss-1');
    expect(read(undefined, { multiLocation: true })).toEqual([
      { kind: 'document-changed', account: 'A1EXAMPLE', doc: 'order:111-1111111-2222222' },
    ]);
  });

  it('nothing but status, shipper and items is needed', () => {
    const bare = document((order, notification) => {
      const { OrderStatus, FulfillmentType, OrderItems } = order.Summary;
      order.Summary = {
        OrderStatus,
        FulfillmentType,
        OrderItems: [{ OrderItemId: OrderItems[0].OrderItemId, SellerSKU: 'TSHIRT-M', Quantity: 2 }],
      };
      order.OrderChangeTrigger = { TimeOfOrderChange: null, ChangeReason: 'x' };
      delete notification.PayloadVersion;
    });
    expect(bare).toMatchObject({
      rev: null,
      saleAt: '2026-08-01T10:00:03.120Z',
      lines: [{ parts: [{ committed: 2 }] }],
    });
  });

  it('something ended and nobody says when it began: the order is fetched', () => {
    const undated: Edit = (order) => {
      order.Summary.PurchaseDate = null;
    };
    expect(read(undated)[0]!.kind).toBe('document');
    for (const status of ['Canceled', 'Shipped'])
      expect(
        read((order, all) => {
          undated(order, all);
          order.Summary.OrderStatus = status;
        }),
      ).toEqual([{ kind: 'document-changed', account: 'A1EXAMPLE', doc: 'order:111-1111111-2222222' }]);
  });

  it.each<[string, Edit]>([
    [
      'no order id',
      (order) => {
        delete order.AmazonOrderId;
      },
    ],
    [
      'no status',
      (order) => {
        order.Summary.OrderStatus = 7;
      },
    ],
    [
      'no shipper',
      (order) => {
        delete order.Summary.FulfillmentType;
      },
    ],
    [
      'no items',
      (order) => {
        order.Summary.OrderItems = null;
      },
    ],
    [
      'an item without id',
      (order) => {
        delete order.Summary.OrderItems[0].OrderItemId;
      },
    ],
    [
      'a quantity that is none',
      (order) => {
        order.Summary.OrderItems[0].Quantity = 'many';
      },
    ],
    [
      'an absurd quantity',
      (order) => {
        order.Summary.OrderItems[0].Quantity = 1e12;
      },
    ],
    [
      'another seller',
      (order) => {
        order.SellerId = 'A2OTHER';
      },
    ],
    [
      'no payload',
      (_, one) => {
        one.Payload = null;
      },
    ],
  ])('throws on %s', (_, edit) => {
    expect(() => read(edit)).toThrow(Error);
  });
});

describe('revisions', () => {
  const compare = (a: string | null, b: string | null) => compareRevisions('time', a, b);

  /** A (written at :05, undated) was applied; B changed at :03, after A, and is heard of only when orders are polled. */
  it('the time of writing is no revision: it would make a later change look old, and lose it', () => {
    const a = document((order, all) => {
      order.OrderChangeTrigger.TimeOfOrderChange = null;
      all.EventTime = '2026-08-01T10:00:05.000Z';
    });
    const b = orderDocument(
      {
        ...orderFixture,
        lastUpdatedTime: '2026-08-01T10:00:03Z',
        fulfillment: { fulfillmentStatus: 'CANCELLED', fulfilledBy: 'MERCHANT' },
      },
      channel,
    );
    expect(judge({ state: a, appliedAt: 0 }, b, { how: 'carried' }, compare)).toBe('fetch');
    expect(
      judge({ state: { ...a, rev: '2026-08-01T10:00:05.000Z' }, appliedAt: 0 }, b, { how: 'carried' }, compare),
    ).toBe('same');
  });

  it('a time cut to the second does not outrank a change within that second', () => {
    expect(document().rev).toBe('2026-08-01T10:00:01Z');
    expect(compare(document().rev, '2026-08-01T10:00:01.700Z')).toBe('unknown');
    expect(compare(document().rev, '2026-08-01T10:00:02Z')).toBe('older');
  });
});
