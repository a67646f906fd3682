import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareRevisions } from '../../platform/rev.ts';
import type { CustomConfig } from './config.ts';
import { ORDER_EVENTS, type OrderEvent, readMessage } from './message.ts';
import { docOf } from './order-doc.ts';
import { decode } from './webhook.ts';

const CREATED = '2026-11-24T08:00:00.000Z';
const base = { id: 'A-1', version: 3, createdAt: CREATED };
const line = { id: 'L1', sku: 'MUG', quantity: 5 };

const signals = (type: string, data: object, settings: Partial<CustomConfig> = {}) =>
  decode(
    { method: 'POST', path: '', headers: {}, body: Buffer.from(JSON.stringify({ type, data })), receivedAt: CREATED },
    type,
    { account: 'shop', webhookSecret: '', ...settings },
  );
const doc = (type: string, data: object, settings: Partial<CustomConfig> = {}) => {
  const [signal] = signals(type, { ...base, ...data }, settings);
  if (signal?.kind !== 'document') throw new Error('no document');
  return signal.doc;
};
const units = (type: string, one: object, more: object = {}, settings: Partial<CustomConfig> = {}) => {
  const { location, ...part } = doc(type, { lines: [{ ...line, ...one }], ...more }, settings).lines[0]!.parts[0]!;
  return part;
};
const problem = (data: object, type = 'order.created') => {
  try {
    readMessage({ type, data: { ...base, lines: [line], ...data } });
  } catch (error) {
    return (error as Error).message;
  }
  return 'no problem';
};

describe('an order as the message tells it', () => {
  it('is a whole document', () => {
    const copied = { system: 'old-erp', id: 17 };
    expect(doc('order.created', { channel: 'phone', copiedFrom: copied, lines: [{ ...line, location: 7 }] })).toEqual({
      account: 'shop',
      doc: 'order:A-1',
      rev: '3',
      whole: true,
      origin: { source: 'old-erp', id: '17' },
      source: 'phone',
      saleAt: CREATED,
      lines: [
        {
          line: 'L1',
          listing: 'MUG',
          sku: 'MUG',
          parts: [{ location: '7', committed: 5, out: 0, returned: 0, taken: 5 }],
        },
      ],
    });
  });

  it.each<[string, object, object]>([
    ['shipped in part', { fulfilled: 2 }, { committed: 3, out: 2, taken: 5 }],
    ['cancelled in part', { fulfilled: 2, cancelled: 1 }, { committed: 2, out: 2, taken: 4 }],
    ['back on the shelf', { fulfilled: '5', restocked: '1.5' }, { committed: 0, out: 3.5, taken: 3.5 }],
    ['paid back and not on the shelf', { fulfilled: 5, restocked: 0 }, { committed: 0, out: 5, taken: 5 }],
    ['nothing left', { quantity: 0 }, { committed: 0, out: 0, taken: 0 }],
  ])('%s', (_, told, expected) => {
    for (const type of ['order.created', 'order.updated', 'order.refunded', 'order.paid'])
      expect(units(type, told)).toEqual({ returned: 0, ...expected });
  });

  it('the name of the event fills only what the lines leave open', () => {
    expect(units('order.cancelled', { fulfilled: 2 })).toMatchObject({ committed: 0, out: 2, taken: 2 });
    expect(units('order.deleted', {})).toMatchObject({ committed: 0, out: 0 });
    expect(units('order.fulfilled', { cancelled: 1 })).toMatchObject({ committed: 0, out: 4 });
    expect(units('order.fulfilled', { fulfilled: 1 })).toMatchObject({ committed: 4, out: 1 });
    expect(doc('checkout.complete', { lines: [] })).toMatchObject({ paid: true });
    expect(doc('order.paid', { paid: false, lines: [] })).toMatchObject({ paid: true });
    expect(doc('order.created', { paid: false, lines: [] })).toMatchObject({ paid: false });
  });

  it('orders of the feed have a status instead of an event', () => {
    const read = readMessage({ type: 'order.updated', data: { ...base, status: 'Cancelled', lines: [line] } });
    const order = (read as Extract<typeof read, { type: OrderEvent }>)!.data;
    expect(docOf(order, { account: 'shop' }).lines[0]!.parts[0]).toMatchObject({ committed: 0 });
  });

  it('what the system has taken off its own number is its setting', () => {
    const told = { fulfilled: 2 };
    const taken = (lowersItself: CustomConfig['lowersItself'], paid?: boolean) =>
      units('order.updated', told, { paid }, { lowersItself }).taken;
    expect([taken('created'), taken('never'), taken('fulfilled')]).toEqual([5, 0, 2]);
    expect([taken('paid', false), taken('paid', true), taken('paid')]).toEqual([2, 5, 5]);
  });

  it('lines without an id are named by SKU and place; one line may leave from two places', () => {
    const { id, ...unnamed } = line;
    const lines = [unnamed, { ...unnamed, location: 'W1' }, { ...line, location: 'W1' }, { ...line, location: 'W2' }];
    expect(doc('order.created', { lines }).lines.map((one) => one.line)).toEqual(['MUG@', 'MUG@W1', id, id]);
  });

  it('ids keep all digits', () => {
    const body = Buffer.from(
      `{"type":"order.created","data":{"id":9007199254740993,"version":90071992547409931,"createdAt":"${CREATED}","lines":[]}}`,
    );
    const delivery = { method: 'POST', path: '', headers: {}, body, receivedAt: CREATED };
    expect(decode(delivery, '', { account: 'shop', webhookSecret: '' })).toMatchObject([
      { doc: { doc: 'order:9007199254740993', rev: '90071992547409931' } },
    ]);
  });
});

describe('which message is newer', () => {
  const rev = (updatedAt: string) => doc('order.updated', { version: undefined, updatedAt, lines: [] }).rev;

  it('version as it is, else updatedAt to the microsecond, whatever its zone and however many digits', () => {
    expect(doc('order.updated', { version: 7, updatedAt: CREATED, lines: [] }).rev).toBe('7');
    expect(rev('2026-11-24T09:00:00.123456789+01:00')).toBe(rev('2026-11-24T08:00:00.123456Z'));
    expect(rev('2026-11-24T08:00:00Z')).toBe(rev('2026-11-24T08:00:00.000000Z'));
    expect(rev('1969-12-31T23:59:59.5Z')).toBe('-500000');
  });

  it('orders any two moments as they were', () => {
    const moment = fc.date({ min: new Date(0), max: new Date(4e12), noInvalidDate: true });
    fc.assert(
      fc.property(moment, moment, (a, b) => {
        const expected = a.getTime() === b.getTime() ? 'equal' : a > b ? 'newer' : 'older';
        expect(compareRevisions('integer', rev(a.toISOString()), rev(b.toISOString()))).toBe(expected);
      }),
    );
  });
});

describe('mistakes are named', () => {
  it.each<[object, string]>([
    [{ id: undefined }, 'data.id'],
    [{ createdAt: '2026-11-24 08:00' }, 'data.createdAt'],
    [{ createdAt: '2026-11-24T08:00:00' }, 'data.createdAt: an ISO 8601 time with its zone'],
    [{ version: undefined }, 'data.updatedAt: needed, or version'],
    [{ version: 1.5 }, 'data.version'],
    [{ lines: undefined }, 'data.lines'],
    [{ lines: [{ ...line, quantity: 'two' }] }, 'data.lines.0.quantity'],
    [{ lines: [{ ...line, quantity: 1e10 }] }, 'data.lines.0.quantity'],
    [{ lines: [{ ...line, sku: 42 }] }, 'data.lines.0.sku: the SKU as text'],
    [{ lines: [{ ...line, fulfilled: 3, cancelled: 3 }] }, 'data.lines.0: fulfilled and cancelled together'],
    [{ lines: [line, { ...line, sku: 'CUP' }] }, 'data.lines.1.id'],
  ])('%j', (data, said) => {
    expect(problem(data)).toContain(said);
  });

  it('unknown members are none, and unknown types say nothing about stock', () => {
    expect(problem({ customer: { name: 'x' }, lines: [{ ...line, price: 3 }] })).toBe('no problem');
    expect(signals('customer.created', { anything: true })).toEqual([]);
  });

  it('whatever comes, the answer is a message, nothing, or an Error', () => {
    fc.assert(
      fc.property(fc.constantFrom(...ORDER_EVENTS, 'levels.updated'), fc.jsonValue(), (type, data) => {
        try {
          readMessage({ type, data });
        } catch (error) {
          expect((error as Error).message).toMatch(/^(data|type)/);
        }
      }),
    );
  });
});

it('levels name the cell, below zero included', () => {
  const levels = [
    { sku: 'MUG', available: '-2', at: CREATED },
    { sku: 'MUG', location: 'W1', available: 4, at: CREATED },
  ];
  expect(signals('levels.updated', { levels })).toMatchObject([
    { kind: 'level', account: 'shop', level: { stockKey: 'MUG', location: '-', available: -2, changedAt: CREATED } },
    { kind: 'level', level: { stockKey: 'MUG', location: 'W1', available: 4 } },
  ]);
});
