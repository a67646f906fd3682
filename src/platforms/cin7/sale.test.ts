import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { utcOf } from './api.ts';
import { placeFinder } from './core/places.ts';
import { boughtAt, saleShape } from './core/sale.ts';
import { docOf } from './core/sale-doc.ts';
import { fetchSale } from './core/sales.ts';
import { fixture, PLACES, scripted, settings } from './testing/scripted.ts';

const sale = (more: object = {}) => ({ ...fixture('sale'), ...more });
const read = async (more: object = {}, its = {}) => {
  const { client } = scripted(({ op }) => (op === 'locations' ? PLACES : sale(more)));
  const doc = await fetchSale(client, settings(its), '916ab4c0');
  if (doc === 'gone') throw new Error('gone');
  return doc;
};
const parts = (doc: Awaited<ReturnType<typeof read>>) =>
  Object.fromEntries(
    doc.lines.map(({ line, parts }) => [
      line,
      parts.map(({ location, committed, out, taken }) => [location, committed, out, taken]),
    ]),
  );

describe("Core's sale as a document", () => {
  it('parcels, bins, back orders, drop shipping and restock, by product and place', async () => {
    const doc = await read();
    expect(doc).toMatchObject({
      account: 'ACCOUNT',
      doc: 'sale:916ab4c0-6ccb-4c93-873d-0603859050e4',
      rev: '2026-11-24T09:15:49.75Z',
      whole: true,
      origin: { source: 'Shopify', id: '6100' },
      source: 'Shopify',
      state: 'SHIPPING',
      paid: true,
    });
    expect(parts(doc)).toEqual({
      // 5 ordered: 2 + 1 shipped, 1 picked out of a bin of the warehouse, 1 open; one is back in the shop.
      BREAD: [
        ['main', 2, 2, 4],
        ['shop', 0, 0, 0],
      ],
      // 3 ordered, 2 of them wait for stock: promised, not allocated.
      CAKE: [['main', 3, 0, 1]],
    });
  });

  it('picked may count as gone', async () => {
    expect(parts(await read({}, { goneWhen: 'picked' }))['BREAD']).toEqual([
      ['main', 1, 3, 4],
      ['shop', 0, 0, 0],
    ]);
  });

  it.each(['DRAFT', 'ESTIMATING', 'ESTIMATED', 'ORDERING', 'VOIDED'])('%s asks nothing', async (Status) => {
    const doc = await read({ Status, CreditNotes: [] });
    for (const some of Object.values(parts(doc)))
      for (const [, committed, out, taken] of some) expect([committed, out, taken]).toEqual([0, 0, 0]);
  });

  it('an undone order asks nothing, whatever the sale says of itself', async () => {
    const doc = await read({ Order: { ...sale().Order, Status: 'DRAFT' }, CreditNotes: [] });
    expect(parts(doc)).toEqual({ BREAD: [['main', 0, 0, 0]], CAKE: [['main', 0, 0, 0]] });
  });

  it('a credit note without an order; its restock may be authorised later', async () => {
    const [credit] = sale().CreditNotes;
    const alone = (RestockStatus?: string) =>
      read({ Order: null, Fulfilments: [], CreditNotes: [{ ...credit, RestockStatus }] });
    expect(parts(await alone())).toEqual({ BREAD: [['shop', 0, -1, -1]] });
    expect(parts(await alone('AUTHORISED'))).toEqual({ BREAD: [['shop', 0, -1, -1]] });
    expect(parts(await alone('DRAFT'))).toEqual({});
  });

  it('places by ID, by name, or not at all', async () => {
    const { client, asked } = scripted(() => PLACES);
    const place = await placeFinder(client, settings());
    expect(await place({ id: 'bin-2' })).toBe('main');
    expect(await place({ id: null, name: ' shop ' })).toBe('shop');
    expect(await place({})).toBeNull();
    expect(asked).toHaveLength(1);
    // One that is not known makes the list be read again, once.
    expect(await place({ name: 'New' })).toBeNull();
    expect(await place({ name: 'Newer' })).toBeNull();
    expect(asked).toHaveLength(2);
  });

  it('an order of this afternoon is not older than noon', () => {
    const at = (SaleOrderDate: string | null, LastModifiedOn: string | null) =>
      boughtAt(saleShape.parse({ ID: 'S', SaleOrderDate, LastModifiedOn }));
    expect(at('2026-11-24T00:00:00', '2026-11-24T15:00:00')).toBe('2026-11-24T15:00:00Z');
    expect(at('2026-11-24T00:00:00', '2026-12-01T15:00:00')).toBe('2026-11-25T12:00:00.000Z');
    expect(at('2026-11-24', null)).toBe('2026-11-25T12:00:00.000Z');
    expect(at(null, '2026-11-24 15:00:00.123')).toBe('2026-11-24T15:00:00.123Z');
    expect(at(null, null)).toBe('1970-01-01T00:00:00Z');
    expect([utcOf('soon'), utcOf('2026-13-01'), utcOf('2017-11-22T10:10:49+13:00')]).toEqual([
      null,
      null,
      '2017-11-22T10:10:49+13:00',
    ]);
  });

  it('says so when it does not understand', async () => {
    const odd = { Order: { Status: 'AUTHORISED', Lines: [{ ProductID: 'P', Quantity: 'many' }] } };
    await expect(read(odd)).rejects.toMatchObject({ failure: 'rejected', code: 'unreadable-sale' });
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), async (value) => {
        const parsed = saleShape.safeParse(value);
        if (parsed.success) await docOf(parsed.data, settings(), async () => null).catch(() => undefined);
      }),
    );
  });
});
