import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sapConfig } from './config.ts';
import { docOf, drawnUpon, reading } from './document-state.ts';
import { type DocSet, readDocName, SETS } from './documents.ts';
import { businessDocument, type SapDocument } from './shapes.ts';

const config = sapConfig.parse({
  account: 'SBODEMOUS',
  url: 'https://sap.example.com:50000',
  userName: 'u',
  password: 'p',
  timeZone: 'Europe/Berlin',
});
const INVOICE: SapDocument = businessDocument.parse(
  JSON.parse(readFileSync(new URL('./fixtures/invoice.json', import.meta.url), 'utf8')),
);

const document = (more: Partial<SapDocument>, ...lines: Partial<SapDocument['DocumentLines'][0]>[]): SapDocument => ({
  ...INVOICE,
  ...more,
  DocumentLines: lines.map((line, LineNum) => ({ ...INVOICE.DocumentLines[0]!, LineNum, ...line })),
});
const read = (set: DocSet, given: SapDocument) => docOf(set, given, config);
/** Committed and gone, by line. */
const units = (set: DocSet, given: SapDocument) =>
  read(set, given).lines.map(({ parts: [part] }) => [part!.committed, part!.out]);

describe('an invoice of its own', () => {
  it('takes goods off the shelf, in the unit they are counted in', () => {
    expect(read('Invoices', INVOICE)).toEqual({
      account: 'SBODEMOUS',
      doc: 'invoice:123',
      rev: '2026-03-02T13:05:31Z',
      whole: true,
      origin: { source: 'WEB', id: '7781' },
      source: 'Invoices',
      saleAt: '2026-03-02T13:01:00.000Z',
      state: 'Open',
      lines: [
        {
          line: '0',
          listing: 'A00001',
          sku: 'A00001',
          parts: [{ location: '01', committed: 0, out: 24, returned: 0, taken: 24 }],
        },
      ],
    });
  });

  it('does not where it is made from a delivery, says so itself, or is of services', () => {
    const lines = [{ BaseType: 15 }, { BaseType: 17 }, { WithoutInventoryMovement: 'tYES' }];
    expect(units('Invoices', document({}, ...lines))).toEqual([[0, 24]]);
    expect(units('Invoices', document({ DocType: 'dDocument_Service' }, {}))).toEqual([]);
  });

  it('that reserves promises what is not delivered yet', () => {
    const reserve = { ReserveInvoice: 'tYES' };
    expect(units('Invoices', document(reserve, { RemainingOpenInventoryQuantity: 12 }))).toEqual([[12, 0]]);
    expect(units('Invoices', document(reserve, { LineStatus: 'bost_Close' }))).toEqual([[0, 0]]);
    expect(units('Invoices', document({ ...reserve, CancelStatus: 'csYes' }, {}))).toEqual([[0, 0]]);
  });

  it('that is cancelled stays as it was; the one that cancels it brings the goods back', () => {
    expect(units('Invoices', document({ Cancelled: 'tYES', CancelStatus: 'csYes' }, {}))).toEqual([[0, 24]]);
    expect(units('Invoices', document({ CancelStatus: 'csCancellation' }, {}))).toEqual([[0, -24]]);
  });
});

describe('the other documents', () => {
  it('an order promises what is open of it, at the warehouse of the line', () => {
    const order = document(
      {},
      { RemainingOpenInventoryQuantity: 18 },
      { LineStatus: 'bost_Close' },
      { RemainingOpenInventoryQuantity: undefined, RemainingOpenQuantity: 1.5 },
    );
    expect(units('Orders', order)).toEqual([
      [18, 0],
      [0, 0],
      [18, 0],
    ]);
    for (const over of [{ DocumentStatus: 'bost_Close' }, { Cancelled: 'tYES' }, { CancelStatus: 'csYes' }])
      expect(units('Orders', document(over, {}))).toEqual([[0, 0]]);
  });

  it('a delivery takes, a return brings back, and so does a credit memo that is not made from one', () => {
    expect(units('DeliveryNotes', document({}, { BaseType: 17 }))).toEqual([[0, 24]]);
    expect(units('DeliveryNotes', document({ CancelStatus: 'csCancellation' }, {}))).toEqual([[0, -24]]);
    expect(units('Returns', document({}, {}))).toEqual([[0, -24]]);
    expect(
      units('CreditNotes', document({}, { BaseType: 13 }, { BaseType: 16 }, { WithoutInventoryMovement: 'tYES' })),
    ).toEqual([[0, -24]]);
  });

  it('a sales bill of materials goes as its components', () => {
    expect(
      read('Orders', document({}, { TreeType: 'iSalesTree', ItemCode: 'SET' }, { TreeType: 'iIngredient' })).lines,
    ).toMatchObject([{ line: '1', listing: 'A00001' }]);
  });

  it('name what they draw upon, once', () => {
    const drawn = document(
      {},
      { BaseType: 17, BaseEntry: 5 },
      { BaseType: 17, BaseEntry: 5 },
      { BaseType: 13, BaseEntry: 9 },
      { BaseType: -1, BaseEntry: null },
    );
    expect(drawnUpon('DeliveryNotes', drawn)).toEqual(['order:5', 'invoice:9']);
    expect(drawnUpon('Orders', drawn)).toEqual([]);
  });
});

it('reads dates with and without a time of day, and has no revision that proves nothing', () => {
  expect(reading('2026-03-02T00:00:00Z', '14:05:31')).toBe('2026-03-02 14:05:31');
  expect(reading('2026-03-02', '14:05')).toBe('2026-03-02 14:05:00');
  expect([reading(null, '14:05:31'), reading('2026-03-02', '1405')]).toEqual([undefined, undefined]);
  const rev = (more: Partial<SapDocument>) => read('Orders', document(more, {})).rev;
  expect(rev({})).toBe('2026-03-02T13:05:31Z');
  expect(rev({ UpdateTime: '14:05' })).toBeNull();
  expect(rev({ UpdateDate: '2026-10-25', UpdateTime: '02:30:00' }), 'an hour that comes twice').toBe(
    '2026-10-25 02:30:00',
  );
});

it('a customer’s own reference is no origin unless it names a system', () => {
  const origin = (NumAtCard: string | null) => read('Orders', document({ NumAtCard }, {})).origin;
  expect(origin('shopify#6100')).toEqual({ source: 'shopify', id: '6100' });
  for (const other of ['4500012345', null, '', '-', 'WEB-']) expect(origin(other)).toBeUndefined();
});

it('names are read back, and only names of ours', () => {
  for (const set of SETS) expect(readDocName(read(set, INVOICE).doc)).toEqual({ set, entry: 123 });
  for (const other of ['order:', 'order:1)', 'orders:1', 'x', 'order:12345678901'])
    expect(readDocName(other)).toBeUndefined();
});

it('reads whatever document without anything but an Error', () => {
  const text = fc.option(
    fc.oneof(fc.string(), fc.constantFrom('tYES', 'csYes', '2026-03-02', '14:05:31', 'bost_Close')),
  );
  const number = fc.option(fc.oneof(fc.double(), fc.integer()));
  const line = fc.record({
    LineNum: fc.integer(),
    ItemCode: text,
    InventoryQuantity: number,
    Quantity: number,
    RemainingOpenQuantity: number,
    RemainingOpenInventoryQuantity: number,
    WarehouseCode: text,
    BaseType: fc.constantFrom(13, 15, 16, 17, -1),
    BaseEntry: fc.option(fc.integer()),
    LineStatus: text,
    TreeType: text,
    WithoutInventoryMovement: text,
  });
  const any = fc.record({
    DocEntry: fc.integer(),
    DocDate: text,
    DocTime: text,
    CreationDate: text,
    UpdateDate: text,
    UpdateTime: text,
    NumAtCard: text,
    CancelStatus: text,
    ReserveInvoice: text,
    DocumentLines: fc.array(line, { maxLength: 3 }),
  });
  fc.assert(
    fc.property(any, fc.constantFrom(...SETS), (given, set) => {
      try {
        read(set, given as SapDocument);
        drawnUpon(set, given as SapDocument);
      } catch (error) {
        expect(error).toBeInstanceOf(Error);
      }
    }),
  );
});
