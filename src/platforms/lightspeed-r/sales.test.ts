import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fetchDocument } from './sale-read.ts';
import { lineShape, saleShape } from './sale-shape.ts';
import { docOfReservation, docOfSale } from './sales.ts';
import { scripted, settings } from './testing/scripted.ts';

const config = settings();
const line = (more: Record<string, unknown> = {}) => ({
  saleLineID: '7001',
  saleID: '5150',
  itemID: '89',
  unitQuantity: '2',
  unitPrice: '20',
  parentSaleLineID: '0',
  shopID: '1',
  isLayaway: 'false',
  isSpecialOrder: 'false',
  isWorkorder: 'false',
  createTime: '2026-02-03T10:09:00+00:00',
  timeStamp: '2026-02-03T10:11:12+00:00',
  ...more,
});
const sale = (more: Record<string, unknown> = {}, lines: unknown = line()) => ({
  saleID: '5150',
  completed: 'true',
  archived: 'false',
  voided: 'false',
  createTime: '2026-02-03T10:09:00+00:00',
  updatetime: '2026-02-03T10:11:12+00:00',
  completeTime: '2026-02-03T10:11:12+00:00',
  timeStamp: '2026-02-03T10:11:12+00:00',
  referenceNumber: '',
  referenceNumberSource: '',
  shopID: '3',
  ...(lines !== undefined && { SaleLines: { SaleLine: lines } }),
  ...more,
});
const doc = (more: Record<string, unknown> = {}, lines?: unknown, settled = config) =>
  docOfSale(saleShape.parse(sale(more, lines)), settled);
const parts = (one: ReturnType<typeof doc>) =>
  one.lines.map(({ line, parts: [part] }) => [
    line,
    part!.location,
    part!.committed,
    part!.out,
    part!.returned,
    part!.taken,
  ]);

describe('a sale as the state of a document', () => {
  it('completed: gone from its shop, and taken by Lightspeed itself', () => {
    const told = doc();
    expect(told).toMatchObject({
      account: '120645',
      doc: 'sale:5150',
      rev: '2026-02-03T10:11:12+00:00',
      whole: true,
      saleAt: '2026-02-03T10:11:12.000Z',
      paid: true,
      state: 'completed',
    });
    expect(parts(told)).toEqual([['7001', '1', 0, 2, 0, 2]]);
    expect(told.lines[0]!.listing).toBe('89');
    expect(told).not.toHaveProperty('origin');
  });

  it('a list of one is the one, a list of none is missing, a list is a list', () => {
    expect(doc({}, [line(), line({ saleLineID: '7002' })]).lines).toHaveLength(2);
    expect(docOfSale(saleShape.parse({ saleID: '1', completed: 'true' }), config).lines).toEqual([]);
    expect(doc({ SaleLines: '' }).lines).toEqual([]);
  });

  it('a refund is a sale with units below zero, put back in the shop where it was rung up', () => {
    expect(parts(doc({}, [line({ unitQuantity: '-1', parentSaleLineID: '7001', shopID: '2' })]))).toEqual([
      ['7001', '2', 0, -1, 0, -1],
    ]);
  });

  it('voided: as if it had never been; so is what was archived before it was completed', () => {
    expect(parts(doc({ voided: 'true' }))).toEqual([['7001', '1', 0, 0, 0, 0]]);
    expect(doc({ voided: 'true' })).toMatchObject({ state: 'voided', paid: false });
    expect(parts(doc({ completed: 'false', archived: 'true' }))).toEqual([['7001', '1', 0, 0, 0, 0]]);
    expect(parts(doc({ archived: 'true' })), 'archived after it was completed: sold').toEqual([
      ['7001', '1', 0, 2, 0, 2],
    ]);
  });

  it('not completed: nothing, but for what was set aside before', () => {
    expect(parts(doc({ completed: 'false' }))).toEqual([['7001', '1', 0, 0, 0, 0]]);
    const held = line({ isLayaway: 'true', InventorySales: { InventorySale: [{ quantity: '1' }, { quantity: '1' }] } });
    expect(parts(doc({ completed: 'false' }, held))).toEqual([['7001', '1', 2, 0, 0, 2]]);
    const still = settings({ reservedIsOut: false });
    expect(parts(doc({ completed: 'false' }, held, still))).toEqual([['7001', '1', 2, 0, 0, 0]]);
    expect(parts(doc({}, held)), 'completed: its units, not its allocations').toEqual([['7001', '1', 0, 2, 0, 2]]);
  });

  it('misc charges and fees have no stock; a line without a shop stands in that of its sale', () => {
    const lines = [
      line({ itemID: '0' }),
      line({ saleLineID: '2', itemFeeID: '3' }),
      line({ saleLineID: '3', lineType: 'item_fee_refund' }),
      line({ saleLineID: '4', shopID: '0' }),
    ];
    expect(parts(doc({}, lines))).toEqual([['4', '3', 0, 2, 0, 2]]);
    expect(parts(doc({ shopID: '0' }, line({ shopID: '0' })))[0]![1]).toBeNull();
  });

  it('older accounts spell the time otherwise, and the oldest have none', () => {
    expect(doc({ updatetime: undefined, updateTime: '2026-02-03T10:11:13+00:00' }).rev).toBe(
      '2026-02-03T10:11:13+00:00',
    );
    expect(doc({ updatetime: undefined }).rev).toBeNull();
    expect(doc({ completeTime: '', timeStamp: 'soon' }).saleAt).toBe('2026-02-03T10:09:00.000Z');
  });

  it('names the system and number it was copied from, where it names both', () => {
    expect(doc({ referenceNumberSource: 'shopify', referenceNumber: 'R829' }).origin).toEqual({
      source: 'shopify',
      id: 'R829',
    });
    expect(doc({ referenceNumber: 'R829' })).not.toHaveProperty('origin');
  });

  it('ids keep every digit', () => {
    expect(doc({ saleID: '9007199254740993' }, line({ saleLineID: '9007199254740995' }))).toMatchObject({
      doc: 'sale:9007199254740993',
      lines: [{ line: '9007199254740995' }],
    });
  });

  it('whatever stands in a sale: finite units, or an Error', () => {
    const odd = fc.oneof(
      fc.constant(null),
      fc.integer(),
      fc.string(),
      fc.boolean(),
      fc.constantFrom('true', '2', '-3'),
    );
    const anyLine = fc.record({ saleLineID: odd, itemID: odd, shopID: odd, unitQuantity: odd, InventorySales: odd });
    const any = fc.record({
      saleID: odd,
      completed: odd,
      voided: odd,
      updatetime: odd,
      SaleLines: fc.record({ SaleLine: fc.array(anyLine) }),
    });
    fc.assert(
      fc.property(any, (raw) => {
        try {
          const told = docOfSale(saleShape.parse(raw), config);
          for (const part of told.lines.flatMap((one) => one.parts))
            expect(Number.isFinite(part.out + part.taken)).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
          expect((error as Error).name).toMatch(/ZodError|QuantityError/);
        }
      }),
    );
  });
});

describe('units set aside', () => {
  const reserved = (more: Record<string, unknown> = {}) =>
    docOfReservation(
      lineShape.parse(
        line({ saleID: '0', isLayaway: 'true', InventorySales: { InventorySale: { quantity: '2' } }, ...more }),
      ),
      config,
    );

  it('are promised and out of QOH until they are rung up, then a line of that sale', () => {
    expect(reserved()).toMatchObject({ doc: 'reservation:7001', state: 'layaway', rev: '2026-02-03T10:11:12+00:00' });
    expect(parts(reserved())).toEqual([['7001', '1', 2, 0, 0, 2]]);
    expect(reserved({ saleID: '5150' })).toMatchObject({ lines: [], state: 'on a sale' });
    expect(reserved({ isLayaway: 'false', isWorkorder: 'true' }).state).toBe('work order');
  });

  it('a special order holds only what has come in', () => {
    const none = reserved({ isLayaway: 'false', isSpecialOrder: 'true', InventorySales: undefined });
    expect(none.state).toBe('special order');
    expect(parts(none)).toEqual([['7001', '1', 0, 0, 0, 0]]);
  });
});

describe('fetching', () => {
  it('asks for the lines with the sale, and for the units held with the line', async () => {
    const { client, asked } = scripted(({ op }) => (op === 'sale' ? { Sale: sale() } : { SaleLine: line() }));
    await fetchDocument(client, config, 'sale:5150');
    await fetchDocument(client, config, 'reservation:7001');
    expect(asked.map(({ url }) => `${url.pathname} ${url.searchParams.get('load_relations')}`)).toEqual([
      '/API/V3/Account/120645/Sale/5150.json ["SaleLines","SaleLines.InventorySales"]',
      '/API/V3/Account/120645/SaleLine/7001.json ["InventorySales"]',
    ]);
  });

  it('what Lightspeed does not have is gone, what cannot be read is set aside', async () => {
    const empty = scripted(() => ({ '@attributes': { count: '0' } }));
    expect(await fetchDocument(empty.client, config, 'sale:1')).toBe('gone');
    expect(await fetchDocument(empty.client, config, 'sale:../../Item')).toBe('gone');
    expect(empty.asked).toHaveLength(1);
    const odd = scripted(() => ({ Sale: sale({}, line({ unitQuantity: 'many' })) }));
    await expect(fetchDocument(odd.client, config, 'sale:5150')).rejects.toMatchObject({ code: 'unreadable-order' });
  });
});
