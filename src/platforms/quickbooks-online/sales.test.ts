import { describe, expect, it } from 'vitest';
import { jsonResponse } from '../../platform/http.ts';
import { docOf, type SaleEntity, saleShape } from './sale-doc.ts';
import { fetchDocument } from './sales.ts';
import { fault, scripted, settings } from './testing/scripted.ts';

const item = (value: string, Qty: unknown, Id: string | undefined = '1') => ({
  ...(Id && { Id }),
  DetailType: 'SalesItemLineDetail',
  Amount: 10,
  SalesItemLineDetail: { ItemRef: { value, name: 'x' }, Qty },
});
const sale = (Line: object[], more: object = {}) => ({
  Id: '150',
  SyncToken: '2',
  MetaData: { CreateTime: '2026-08-01T23:15:06-08:00', LastUpdatedTime: '2026-08-02T09:15:06-08:00' },
  Line: [...Line, { Amount: 10, DetailType: 'SubTotalLineDetail', SubTotalLineDetail: {} }],
  ...more,
});
const doc = (entity: SaleEntity, lines: object[], more: object = {}) =>
  docOf(entity, saleShape.parse(sale(lines, more)), settings());
const outs = (entity: SaleEntity, lines: object[]) =>
  doc(entity, lines).lines.map(({ line, listing, parts }) => [line, listing, parts[0]!.out, parts[0]!.taken]);

describe('what a document asks of stock', () => {
  it('a sales receipt: gone, and taken off by QuickBooks as it was saved', () => {
    expect(doc('SalesReceipt', [item('19', 2)])).toEqual({
      account: '9130000000000001',
      doc: 'salesreceipt:150',
      rev: '2',
      whole: true,
      source: 'SalesReceipt',
      saleAt: '2026-08-02T07:15:06.000Z',
      lines: [{ line: '1', listing: '19', parts: [{ location: '-', committed: 0, out: 2, returned: 0, taken: 2 }] }],
    });
  });
  it('refund receipts and credit memos put back', () => {
    expect(outs('RefundReceipt', [item('19', 2)])).toEqual([['1', '19', -2, -2]]);
    expect(outs('CreditMemo', [item('19', '0.5')])).toEqual([['1', '19', -0.5, -0.5]]);
  });
  it('an invoice is paid when nothing is owed', () => {
    expect(doc('Invoice', [item('19', 1)], { Balance: 12.5 }).paid).toBe(false);
    expect(doc('Invoice', [item('19', 1)], { Balance: 0 }).paid).toBe(true);
    expect(doc('SalesReceipt', [item('19', 1)]).paid).toBeUndefined();
  });
  it('voided: the lines stay, and ask for nothing', () => {
    expect(outs('Invoice', [item('19', 0)])).toEqual([['1', '19', 0, 0]]);
  });
  it('a bundle: the lines inside count, its own does not', () => {
    const group = {
      Id: '4',
      DetailType: 'GroupLineDetail',
      GroupLineDetail: { GroupItemRef: { value: '30' }, Quantity: 2, Line: [item('19', 4, '5'), item('20', 2, '')] },
    };
    expect(outs('SalesReceipt', [group])).toEqual([
      ['4/5', '19', 4, 4],
      ['4/1', '20', 2, 2],
    ]);
  });
  it('shipping, discounts, subtotals and texts are no items; a line without a number is known by its place', () => {
    const lines = [
      item('SHIPPING_ITEM_ID', undefined, ''),
      { DetailType: 'DescriptionOnly', Description: 'Thank you' },
      item('19', 1, ''),
      { DetailType: 'SalesItemLineDetail', SalesItemLineDetail: { Qty: 1 } },
    ];
    expect(outs('SalesReceipt', lines)).toEqual([['at 2', '19', 1, 1]]);
  });
});

describe('fetching', () => {
  it('reads from its own address, ids whole', async () => {
    const { client, asked } = scripted(() => ({ CreditMemo: sale([item('19', 1)]), time: 'x' }));
    expect(await fetchDocument(client, settings(), 'creditmemo:9007199254740993')).toMatchObject({
      doc: 'creditmemo:150',
    });
    expect(asked[0]!.request.url).toBe(
      'https://quickbooks.api.intuit.com/v3/company/9130000000000001/creditmemo/9007199254740993?minorversion=75',
    );
  });
  it('what was deleted has no lines: QuickBooks has put its units back', async () => {
    const { client } = scripted(() => fault('610', 'Object Not Found'));
    expect(await fetchDocument(client, settings(), 'invoice:7')).toMatchObject({
      doc: 'invoice:7',
      whole: true,
      rev: null,
      lines: [],
    });
  });
  it('no kind of sale is gone; an unreadable one is put before a person; a broken server proves nothing', async () => {
    const { client } = scripted(() => ({ Invoice: sale([item('19', 'many')]) }));
    expect(await fetchDocument(client, settings(), 'purchaseorder:7')).toBe('gone');
    await expect(fetchDocument(client, settings(), 'invoice:7')).rejects.toMatchObject({ code: 'odd-sale' });
    const down = scripted(() => jsonResponse(500, {}));
    await expect(fetchDocument(down.client, settings(), 'invoice:7')).rejects.toMatchObject({ failure: 'transient' });
  });
});
