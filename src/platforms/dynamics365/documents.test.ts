import { describe, expect, it } from 'vitest';
import type { Doc } from '../../domain/document.ts';
import { jsonResponse } from '../../platform/http.ts';
import { dynamics365 } from './index.ts';
import { COMPANY, id, scripted, settings } from './testing/scripted.ts';

const NOTHING = jsonResponse(404, { error: { code: 'BadRequest_ResourceNotFound', message: 'none' } });
const brief = (doc: Doc | 'gone') =>
  doc === 'gone'
    ? doc
    : doc.lines.map(({ line, listing, parts }) => [
        line,
        listing,
        ...parts.map(({ location, committed, out, taken }) => [location, committed, out, taken]),
      ]);

describe('Business Central', () => {
  const fetch = (doc: string, answers: Record<string, unknown>) => {
    const { client } = scripted(({ request }) => {
      const table = /\/(sales\w+)/.exec(request.url)?.[1] ?? '';
      return answers[table] ?? (request.url.includes('filter') ? { value: [] } : NOTHING);
    });
    return dynamics365.fetchDocument(client, settings(), doc);
  };
  const line = (sequence: number, quantity: number, shippedQuantity: number, more = {}) => ({
    sequence,
    itemId: id(sequence),
    lineType: 'Item',
    quantity,
    shippedQuantity,
    ...more,
  });
  const order = (...salesOrderLines: unknown[]) => ({
    id: id(1),
    number: 'S-ORD101009',
    status: 'Open',
    orderDate: '2026-11-23',
    lastModifiedDateTime: '2026-11-24T09:00:00.123Z',
    salesOrderLines,
  });
  const invoice = (seq: number, ...salesInvoiceLines: unknown[]) => ({
    id: id(seq),
    number: `PSI${seq}`,
    status: 'Paid',
    invoiceDate: '2026-11-24',
    orderId: id(1),
    lastModifiedDateTime: `2026-11-24T10:00:0${seq % 10}.000Z`,
    salesInvoiceLines,
  });

  it('an open order promises what it has not shipped; accounts, texts and resources are no goods', async () => {
    const found = await fetch(`order:${id(1)}`, {
      salesOrders: order(
        line(10000, 5, 2),
        line(20000, 1.5, 0),
        line(30000, 1, 0, { lineType: 'Account' }),
        line(40000, 1, 0, { lineType: 'Comment', itemId: '00000000-0000-0000-0000-000000000000' }),
        line(50000, -2, 0),
      ),
    });
    expect(brief(found)).toEqual([
      ['10000', id(10000), ['-', 3, 2, 2]],
      ['20000', id(20000), ['-', 1.5, 0, 0]],
      ['50000', id(50000), ['-', 0, 0, 0]],
    ]);
    expect(found).toMatchObject({ rev: '2026-11-24T09:00:00.123Z', state: 'Open', whole: true });
  });

  it('the day of an order has no time: not later than the change, nor than the end of that day', async () => {
    const at = async (orderDate: string) => {
      const found = await fetch(`order:${id(1)}`, { salesOrders: { ...order(), orderDate } });
      return found === 'gone' ? found : found.saleAt;
    };
    expect(await at('2026-11-24')).toBe('2026-11-24T09:00:00.123Z');
    expect(await at('2026-11-20')).toBe('2026-11-21T11:59:59.999Z');
    expect(await at('0001-01-01')).toBe('2026-11-24T09:00:00.123Z');
  });

  it('a posted order is the sum of its invoices; drafts among them have moved nothing', async () => {
    const draft = { ...invoice(4, line(10000, 99, 0)), status: 'Draft' };
    const salesInvoices = {
      value: [invoice(2, line(10000, 2, 0)), invoice(3, line(10000, 3, 0), line(20000, 0.5, 0)), draft],
    };
    const found = await fetch(`order:${id(1)}`, { salesOrders: NOTHING, salesInvoices });
    expect(brief(found)).toEqual([
      ['10000', id(10000), ['-', 0, 5, 5]],
      ['20000', id(20000), ['-', 0, 0.5, 0.5]],
    ]);
    expect(found).toMatchObject({ rev: '2026-11-24T10:00:03.000Z' });
    expect(await fetch(`order:${id(1)}`, { salesOrders: NOTHING, salesInvoices: { value: [draft] } })).toBe('gone');
  });

  it('an invoice without an order is a document of its own, one with an order is part of that', async () => {
    const own = { ...invoice(2, line(10000, 2, 0)), orderId: '00000000-0000-0000-0000-000000000000' };
    expect(brief(await fetch(`invoice:${id(2)}`, { salesInvoices: own }))).toEqual([
      ['10000', id(10000), ['-', 0, 2, 2]],
    ]);
    expect(brief(await fetch(`invoice:${id(2)}`, { salesInvoices: { ...own, status: 'Draft' } }))).toEqual([
      ['10000', id(10000), ['-', 2, 0, 0]],
    ]);
    expect(await fetch(`invoice:${id(2)}`, { salesInvoices: invoice(2, line(10000, 2, 0)) })).toBe('gone');
  });

  it('a credit memo brings its item lines back once it is posted', async () => {
    const memo = {
      id: id(6),
      status: 'Open',
      creditMemoDate: '2026-11-24',
      lastModifiedDateTime: '2026-11-24T10:00:00Z',
      salesCreditMemoLines: [line(10000, 2, 0), line(20000, 1, 0, { lineType: 'Account' })],
    };
    expect(brief(await fetch(`credit:${id(6)}`, { salesCreditMemos: memo }))).toEqual([
      ['10000', id(10000), ['-', 0, -2, -2]],
    ]);
    expect(brief(await fetch(`credit:${id(6)}`, { salesCreditMemos: { ...memo, status: 'Draft' } }))).toEqual([
      ['10000', id(10000), ['-', 0, 0, 0]],
    ]);
  });

  it('an absurd quantity is an error of this document, and in the feed only of this one', async () => {
    const bad = order(line(10000, Number.MAX_VALUE, 0));
    await expect(fetch(`order:${id(1)}`, { salesOrders: bad })).rejects.toMatchObject({ code: 'QUANTITY_ABSURD' });
    const good = { ...order(line(10000, 1, 0)), id: id(2) };
    const { client } = scripted(({ request }) =>
      request.url.includes('salesOrders?') && request.url.includes('expand') ? { value: [bad, good] } : { value: [] },
    );
    const page = await dynamics365.poll(client, settings(), 'orders', null, '2026-11-24T00:00:00Z');
    expect(page.signals).toMatchObject([
      { kind: 'document-changed', doc: `order:${id(1)}` },
      { kind: 'document', doc: { doc: `order:${id(2)}` } },
    ]);
  });

  it('an order deleted by hand is noticed because it is no longer among the open ones', async () => {
    let open = [id(1), id(2)];
    const { client } = scripted(({ request }) =>
      request.url.includes('select=id') ? { value: open.map((one) => ({ id: one })) } : { value: [] },
    );
    const first = await dynamics365.poll(client, settings(), 'orders', null, '2026-11-24T00:00:00Z');
    expect(first.signals).toEqual([]);
    open = [id(2)];
    const second = await dynamics365.poll(client, settings(), 'orders', first.cursor, '');
    expect(second.signals).toEqual([{ kind: 'document-changed', account: COMPANY, doc: `order:${id(1)}` }]);
    expect((await dynamics365.poll(client, settings(), 'orders', second.cursor, '')).signals).toEqual([]);
  });

  it('a next page at another address is not followed: the token would go along', async () => {
    const { client } = scripted(() => ({ value: [], '@odata.nextLink': 'https://evil.example/v2.0/items' }));
    await expect(dynamics365.listListings(client, settings(), null)).rejects.toMatchObject({ code: 'foreign-link' });
  });
});

describe('Dataverse', () => {
  const config = settings({ flavour: 'dataverse', apiUrl: 'https://contoso.crm4.dynamics.com' });
  const order = (statecode: number, statuscode: number, more = {}) => ({
    salesorderid: id(1),
    statecode,
    statuscode,
    createdon: '2026-11-24T08:00:00Z',
    modifiedon: '2026-11-24T09:00:00Z',
    order_details: [
      { salesorderdetailid: id(11), _productid_value: id(21), quantity: 5, quantityshipped: 2, quantitycancelled: 1 },
      { salesorderdetailid: id(12), _productid_value: null, quantity: 1, quantityshipped: null },
    ],
    ...more,
  });
  const fetch = (answer: unknown) => {
    const { client } = scripted(() => answer);
    return dynamics365.fetchDocument(client, config, `order:${id(1)}`);
  };

  it.each([
    ['active', 0, 1, 2, 2],
    ['cancelled after two went', 2, 4, 0, 2],
    ['fulfilled in part', 3, 100_002, 2, 2],
    ['fulfilled', 3, 100_001, 0, 4],
    ['invoiced', 4, 100_003, 0, 4],
  ])('%s; what was written in has no product', async (_, state, status, committed, out) => {
    expect(brief(await fetch(order(state, status)))).toEqual([[id(11), id(21), ['-', committed, out, 0]]]);
  });

  it('long orders are read to their end', async () => {
    const base = 'https://contoso.crm4.dynamics.com/api/data/v9.2';
    const { client } = scripted(({ request }) =>
      request.url.includes('skiptoken')
        ? { value: [{ salesorderdetailid: id(13), _productid_value: id(23), quantity: 1 }] }
        : order(0, 1, { 'order_details@odata.nextLink': `${base}/salesorders(${id(1)})/order_details?$skiptoken=1` }),
    );
    const found = await dynamics365.fetchDocument(client, config, `order:${id(1)}`);
    expect(brief(found)).toHaveLength(2);
    expect(found).toMatchObject({ whole: true });
  });
});

describe('Supply Chain Management', () => {
  const config = (more = {}) =>
    settings({
      flavour: 'supply-chain',
      account: 'usmf',
      apiUrl: 'https://contoso.operations.dynamics.com',
      inventoryUrl: 'https://inventory.contoso.example',
      environmentId: id(9),
      ...more,
    });
  const line = (lot: string, OrderedSalesQuantity: number, SalesOrderLineStatus: string, more = {}) => ({
    SalesOrderNumber: '000812',
    InventoryLotId: lot,
    ItemNumber: 'D0001',
    OrderedSalesQuantity,
    ShippingWarehouseId: '11',
    SalesOrderLineStatus,
    ...more,
  });
  const fetch = (lines: unknown[], more = {}) => {
    const { client, asked } = scripted(({ request }) =>
      request.url.includes('SalesOrderLines')
        ? { value: lines }
        : { value: [{ SalesOrderNumber: '000812', OrderCreationDateTime: '2026-11-24T08:00:00Z' }] },
    );
    return { found: dynamics365.fetchDocument(client, config(more), 'order:000812'), asked };
  };

  it('a line goes as a whole; a return counts once it is received; no warehouse is not the default one', async () => {
    const { found, asked } = fetch([
      line('a', 3, 'Backorder'),
      line('b', 2, 'Invoiced'),
      line('c', 4, 'Canceled'),
      line('d', -1, 'Backorder'),
      line('e', -1, 'Delivered'),
      line('f', 1, 'Backorder', { ShippingWarehouseId: '' }),
    ]);
    expect(brief(await found)).toEqual([
      ['a', 'D0001', ['11', 3, 0, 0]],
      ['b', 'D0001', ['11', 0, 2, 0]],
      ['c', 'D0001', ['11', 0, 0, 0]],
      ['d', 'D0001', ['11', 0, 0, 0]],
      ['e', 'D0001', ['11', 0, -1, 0]],
      ['f', 'D0001', [null, 1, 0, 0]],
    ]);
    for (const { request } of asked) {
      expect(request.url).toContain('cross-company=true');
      expect(decodeURIComponent(request.url)).toContain("dataAreaId eq 'usmf'");
    }
  });

  it('with a column for what remains, partial deliveries are seen', async () => {
    const { found } = fetch([line('a', 5, 'Backorder', { RemainPhysical: 2 })], { remainingColumn: 'RemainPhysical' });
    expect(brief(await found)).toEqual([['a', 'D0001', ['11', 2, 3, 0]]]);
  });
});
