import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { saleOfApi, saleOfHook, utcOf } from './sale.ts';
import { docOf } from './sale-doc.ts';
import { fixture, settings } from './testing/scripted.ts';

const config = settings();
const hook = (more: object) => docOf(saleOfHook({ ...fixture('sale-update'), ...more }), config);
const api = (more: object, its = config) => docOf(saleOfApi({ ...fixture('sale-2026-07'), ...more }), its);
const part = (doc: ReturnType<typeof hook>) => {
  const { committed, out, returned, taken } = doc.lines[0]!.parts[0]!;
  return [committed, out, returned, taken];
};

describe('a sale as a document', () => {
  it('is the same from a webhook and from the API', () => {
    const doc = hook({});
    expect(doc).toEqual({
      account: 'mugs',
      doc: 'sale:5687606e-dbc9-b0a6-11e9-aaaaaaaaaaaa',
      rev: '11423830534',
      whole: true,
      saleAt: '2026-02-03T10:11:12Z',
      paid: true,
      state: 'CLOSED',
      lines: [
        {
          line: '5687606e-dbc9-b0a6-11e9-dddddddddddd',
          listing: '0af7b240-abf0-11e9-fb5b-eeeeeeeeeeee',
          parts: [{ location: '0af7b240-abc5-11e9-fb5b-bbbbbbbbbbbb', committed: 0, out: 2, returned: 0, taken: 2 }],
        },
      ],
    });
    expect(api({})).toEqual(doc);
  });

  it.each([
    ['SAVED', 'parked', [], [0, 0, 0, 0]],
    ['OPEN', 'pending', [], [0, 0, 0, 0]],
    ['VOIDED', 'voided', [], [0, 0, 0, 0]],
    ['CLOSED', 'closed', [], [0, 2, 0, 2]],
    ['ONACCOUNT', 'pending', ['onaccount'], [0, 2, 0, 2]],
    ['ONACCOUNT_CLOSED', 'closed', ['onaccount'], [0, 2, 0, 2]],
    ['LAYBY', 'pending', ['layby'], [2, 0, 0, 2]],
    ['LAYBY_CLOSED', 'closed', ['layby'], [0, 2, 0, 2]],
    ['AWAITING_DISPATCH', 'pending', ['delivery'], [2, 0, 0, 2]],
    ['DISPATCHED_CLOSED', 'closed', ['delivery'], [0, 2, 0, 2]],
    ['AWAITING_PICKUP', 'pending', ['pickup'], [2, 0, 0, 2]],
    ['PICKED_UP_CLOSED', 'closed', ['pickup'], [0, 2, 0, 2]],
    ['SERVICE', 'pending', ['service'], [0, 0, 0, 0]],
    ['SERVICE_CLOSED', 'closed', ['service'], [0, 2, 0, 2]],
  ])('%s is %s %j: committed, out, returned, taken are %j', (status, state, attributes, units) => {
    expect(part(hook({ status }))).toEqual(units);
    expect(api({ state, attributes })).toEqual({ ...hook({ status }), state: status });
  });

  it('on account and still to be sent is promised, not gone', () => {
    expect(part(api({ state: 'pending', attributes: ['onaccount', 'delivery'] }))).toEqual([2, 0, 0, 2]);
    expect(api({ state: 'pending', attributes: ['onaccount', 'delivery'] }).state).toBe('pending delivery onaccount');
  });

  it('which open sales count is a setting', () => {
    const none = settings({ uncountedSales: ['layby'] });
    expect(part(api({ state: 'pending', attributes: ['layby', 'pickup'] }, none))).toEqual([0, 0, 0, 0]);
    expect(part(api({ state: 'pending', attributes: [] }, none))).toEqual([2, 0, 0, 2]);
  });

  it('settings that are missing are as they come', () => {
    const bare = docOf(saleOfApi({ ...fixture('sale-2026-07'), state: 'pending', attributes: ['layby'] }), {
      account: 'mugs',
    });
    expect(part(bare)).toEqual([2, 0, 0, 2]);
    expect(part(docOf(saleOfHook(fixture('return-closed')), { account: 'mugs' }))).toEqual([0, -1, 0, -1]);
  });

  it('a return is a sale of its own: nothing while it is saved, below zero when it is closed', () => {
    const saved = docOf(saleOfHook(fixture('return-saved')), config);
    const closed = docOf(saleOfHook(fixture('return-closed')), config);
    expect(saved.doc).toBe(closed.doc);
    expect(part(saved)).toEqual([0, 0, 0, 0]);
    expect(part(closed)).toEqual([0, -1, 0, -1]);
    const asks = settings({ returnsGoBack: false });
    expect(part(docOf(saleOfHook(fixture('return-closed')), asks))).toEqual([0, 0, 1, 0]);
  });

  it('an exchange has both; weighed goods have fractions; lines without a product have no stock', () => {
    const line = (id: string, quantity: number, product: string | null = 'P') => ({
      id,
      product_id: product,
      quantity,
    });
    const doc = hook({
      register_sale_products: [line('1', -1), line('2', 0.125), line('3', 0), line('4', 1, null)],
    });
    expect(doc.lines.map(({ line, parts }) => [line, parts[0]!.out])).toEqual([
      ['1', -1],
      ['2', 0.125],
      ['3', 0],
    ]);
  });

  it('brought in from another shop, deleted, or sent from another outlet', () => {
    expect(hook({ source: 'SHOPIFY', source_id: '6100' }).origin).toEqual({ source: 'SHOPIFY', id: '6100' });
    expect(hook({ source: 'USER', source_id: '6100' }).origin).toBeUndefined();
    expect(part(hook({ deleted_at: '2026-02-04 00:00:00' }))).toEqual([0, 0, 0, 0]);
    const elsewhere = { ...fixture('sale-2026-07').line_items[0], fulfilment_outlet_id: 'O2' };
    expect(api({ line_items: [elsewhere] }).lines[0]!.parts[0]!.location).toBe('O2');
    expect(hook({ outlet_id: null }).lines[0]!.parts[0]!.location).toBeNull();
  });

  it('versions beyond 2^53 and times without a zone', () => {
    expect(hook({ version: '9007199254740993' }).rev).toBe('9007199254740993');
    expect(utcOf('2026-02-03 10:11:19')).toBe('2026-02-03T10:11:19Z');
    expect([utcOf('yesterday'), utcOf(null), utcOf('2026-13-03 10:11:19')]).toEqual([null, null, null]);
    expect(hook({ sale_date: null }).saleAt).toBe('2026-02-03T10:11:19Z');
  });

  it('says so when it does not understand', () => {
    expect(() => hook({ status: 'TELEPORTED' })).toThrow('TELEPORTED');
    expect(() => hook({ register_sale_products: [{ id: '1', product_id: 'P', quantity: 'many' }] })).toThrow();
    expect(() => saleOfApi({ id: 'x', state: 'sold' })).toThrow();
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        for (const read of [saleOfApi, saleOfHook]) {
          try {
            docOf(read(value), config);
          } catch (error) {
            expect(error).toBeInstanceOf(Error);
          }
        }
      }),
    );
  });
});
