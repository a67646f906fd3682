import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { docOf } from './order-doc.ts';
import { openBench } from './testing/bench.ts';

const { config } = openBench();
const shop = { shipped: new Set(['4', '5']), names: new Map(), sharing: new Set<string>() };
const detail = (more: object = {}) => ({
  id: '9001',
  id_order: '501',
  product_id: '27',
  product_attribute_id: '44',
  product_quantity: '3',
  product_reference: 'TEE',
  ...more,
});
const order = (
  more: { state?: string; states?: string[]; details?: object[]; order?: object; settings?: object } = {},
) =>
  docOf(
    {
      order: {
        id: '501',
        current_state: more.state ?? '2',
        valid: '1',
        date_add: '2026-02-03 11:11:12',
        date_upd: '2026-02-03 11:12:00',
        id_shop: '2',
        id_shop_group: '1',
        ...more.order,
      },
      details: (more.details ?? [detail()]) as Record<string, string>[],
      states: new Set(more.states ?? []),
    },
    shop,
    { ...config, ...more.settings },
  );
const part = (doc: ReturnType<typeof order>) => doc.lines[0]!.parts[0];

describe('an order of PrestaShop as a state', () => {
  it('times are made UTC, the place is its shop, a line is its variant', () => {
    expect(order({ order: { id: '9007199254740993' } })).toMatchObject({
      doc: 'order:9007199254740993',
      rev: '2026-02-03T10:12:00Z',
      saleAt: '2026-02-03T10:11:12Z',
      paid: true,
      state: '2',
      lines: [{ line: '9001', listing: '27/44', sku: 'TEE', parts: [{ location: '2', committed: 3, taken: 3 }] }],
    });
    const none = order({ details: [detail({ product_attribute_id: '', product_reference: '' })] });
    expect(none.lines[0]).toEqual({ line: '9001', listing: '27/0', parts: [expect.anything()] });
    const shared = { ...shop, sharing: new Set(['1']) };
    const papers = {
      order: { id: '1', id_shop: '2', id_shop_group: '1' },
      details: [detail()],
      states: new Set<string>(),
    };
    expect(part(docOf(papers, shared, config))?.location, 'a group that shares its stock').toBe('group:1');
  });

  it.each<[string, Parameters<typeof order>[0], number, number, number]>([
    ['not paid yet: taken all the same', { state: '1' }, 3, 0, 3],
    ['shipped', { state: '4' }, 0, 3, 3],
    ['refunded after it was shipped: it stays gone', { state: '7', states: ['2', '4', '7'] }, 0, 3, 3],
    ['canceled: put back', { state: '6', states: ['2', '6'] }, 0, 0, 0],
    ['canceled after it was shipped: put back as well', { state: '6', states: ['4', '6'] }, 0, 0, 0],
    ['taken up again after it was canceled', { state: '2', states: ['4', '6', '2'] }, 3, 0, 3],
    ['payment error', { state: '8' }, 0, 0, 0],
    [
      'one paid back and put back before it left',
      { details: [detail({ product_quantity_refunded: '1', product_quantity_reinjected: '1' })] },
      2,
      0,
      2,
    ],
    ['one paid back and written off', { details: [detail({ product_quantity_refunded: '1' })] }, 2, 1, 3],
    [
      'one of two that came back is on the shelf',
      { state: '5', details: [detail({ product_quantity_return: '2', product_quantity_reinjected: '1' })] },
      0,
      2,
      2,
    ],
    ['more put back than was sold', { state: '5', details: [detail({ product_quantity_reinjected: '9' })] }, 0, 0, 0],
  ])('%s', (_, more, committed, out, taken) => {
    expect(part(order(more))).toEqual({ location: '2', committed, out, returned: 0, taken });
  });

  it('before 1.7.7 nobody wrote down whether what came back is on the shelf', () => {
    const settings = { recordsRestock: false };
    const back = [detail({ product_quantity_refunded: '1' })];
    expect(part(order({ settings, details: back }))).toMatchObject({ committed: 2, out: 0, taken: 2 });
    expect(part(order({ settings, details: back, state: '4' }))).toMatchObject({ committed: 0, out: 3, returned: 1 });
  });

  it('a shop with states of its own', () => {
    expect(part(order({ state: '17', settings: { releasedStates: ['17'] } }))).toMatchObject({
      committed: 0,
      taken: 0,
    });
    expect(part(order({ state: '6', settings: { releasedStates: ['17'] } }))).toMatchObject({ committed: 3 });
  });

  it('whatever the counts, nothing is negative and what is taken is what is sold and not put back', () => {
    const units = fc.integer({ min: 0, max: 30 }).map(String);
    const counts = fc.record({
      product_quantity: units,
      product_quantity_refunded: units,
      product_quantity_return: units,
      product_quantity_reinjected: units,
    });
    fc.assert(
      fc.property(counts, fc.constantFrom('1', '2', '4', '6'), (more, state) => {
        const one = part(order({ state, details: [detail(more)] }))!;
        expect(Math.min(one.committed, one.out, one.returned, one.taken)).toBeGreaterThanOrEqual(0);
        const kept = Math.max(0, Number(more.product_quantity) - Number(more.product_quantity_reinjected));
        expect(one.taken).toBe(state === '6' ? 0 : kept);
      }),
    );
  });
});
