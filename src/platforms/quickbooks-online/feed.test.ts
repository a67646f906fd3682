import { describe, expect, it } from 'vitest';
import { Bench, skuOf } from '../../platform/testing/bench.ts';
import { bookDifferences } from '../../platform/testing/book.ts';
import { pollSales } from './feed.ts';
import { quickbooksOnline } from './index.ts';
import type { QboSandbox } from './sandbox.ts';
import { NOW, scripted, settings } from './testing/scripted.ts';

const HOUR = 3_600_000;
const SINCE = new Date(NOW - HOUR).toISOString();
const sale = (Id: string, changed: string, more: object = {}) => ({
  Id,
  SyncToken: '0',
  MetaData: { CreateTime: changed, LastUpdatedTime: changed },
  Line: [{ Id: '1', SalesItemLineDetail: { ItemRef: { value: '19' }, Qty: 1 } }],
  ...more,
});
const cdc = (members: object[], time = '2026-11-24T01:59:50-08:00') => ({
  CDCResponse: [{ QueryResponse: members }],
  time,
});

describe('change data capture', () => {
  it('one call for all kinds; complete up to Intuit’s own clock', async () => {
    const { client, asked } = scripted(() =>
      cdc([
        { SalesReceipt: [sale('1', '2026-11-24T01:30:00-08:00')] },
        {},
        { Invoice: [sale('2', '2026-11-24T01:31:00-08:00')] },
      ]),
    );
    const page = await pollSales(client, settings(), null, SINCE);
    expect(
      asked.map(
        ({ url }) => `${url.pathname} ${url.searchParams.get('entities')} ${url.searchParams.get('changedSince')}`,
      ),
    ).toEqual(['/v3/company/9130000000000001/cdc SalesReceipt,Invoice,RefundReceipt,CreditMemo 2026-11-24T08:58:00Z']);
    expect(page).toMatchObject({ more: false, completeTo: '2026-11-24T09:59:49.000Z' });
    expect(page.signals.map((one) => one.kind === 'document' && one.doc.doc)).toEqual(['salesreceipt:1', 'invoice:2']);
    await pollSales(client, settings(), page.cursor, SINCE);
    expect(asked.at(-1)!.url.searchParams.get('changedSince')).toBe('2026-11-24T09:57:50Z');
  });
  it('deleted ones and odd ones are asked for by themselves', async () => {
    const deleted = { Id: '5', status: 'Deleted', MetaData: { LastUpdatedTime: '2026-11-24T01:30:00-08:00' } };
    const odd = sale('6', '2026-11-24T01:30:00-08:00', { Line: 'none' });
    const { client } = scripted(() => cdc([{ RefundReceipt: [deleted, odd] }]));
    const { signals } = await pollSales(client, settings(), null, SINCE);
    expect(signals).toEqual([
      { kind: 'document-changed', account: '9130000000000001', doc: 'refundreceipt:5' },
      { kind: 'document-changed', account: '9130000000000001', doc: 'refundreceipt:6' },
    ]);
  });
  it('nothing changed is an answer too', async () => {
    const { client } = scripted(() => cdc([{}, {}, {}, {}]));
    expect(await pollSales(client, settings(), null, SINCE)).toMatchObject({ signals: [], more: false });
  });
  it('where sales are copies nothing is told, and time goes on', async () => {
    const { client } = scripted(() => cdc([{ Invoice: [sale('2', '2026-11-24T01:31:00-08:00')] }]));
    const page = await pollSales(client, settings({ salesHere: 'ignore' }), null, SINCE);
    expect(page).toMatchObject({ signals: [], completeTo: '2026-11-24T09:59:49.000Z' });
  });
  it('longer ago than it looks back: read by query, kind by kind', async () => {
    const since = new Date(NOW - 60 * 24 * HOUR).toISOString();
    const { client, asked } = scripted(({ op }) => (op === 'changes' ? cdc([]) : { QueryResponse: {} }));
    let cursor: string | null = null;
    for (let more = true; more; ) ({ cursor, more } = await pollSales(client, settings(), cursor, since));
    expect(asked.filter(({ op }) => op === 'sales').map(({ query }) => query)).toEqual(
      ['SalesReceipt', 'Invoice', 'RefundReceipt', 'CreditMemo'].map(
        (entity) =>
          `select * from ${entity} where MetaData.LastUpdatedTime >= '2026-09-25T09:58:00Z' orderby MetaData.LastUpdatedTime startposition 1 maxresults 500`,
      ),
    );
    for (const { url, op } of asked)
      if (op === 'changes')
        expect(Date.parse(url.searchParams.get('changedSince')!)).toBeGreaterThan(NOW - 30 * 24 * HOUR);
  });
});

describe('more than one answer holds', () => {
  it('1,300 receipts in one second, some voided and deleted meanwhile: none is missed', {
    timeout: 20_000,
  }, async () => {
    const bench = await Bench.open(quickbooksOnline as never, { items: 4, stock: 5_000, hooks: false });
    const buy = (index: number) => {
      const bought = bench.sandbox.shopper.buy({ lines: [{ sku: skuOf(index % 4), quantity: 1 }], location: null });
      if (!bought.ok) throw new Error(bought.why);
      return bought.order;
    };
    await bench.clock.advance(500);
    const orders = Array.from({ length: 1_300 }, (_, index) => buy(index));
    await bench.clock.advance(60_000);
    let pages = 0;
    for (let more = true; more; pages++) {
      ({ more } = await bench.pollPage('sales'));
      if (pages < 3) {
        bench.sandbox.shopper.cancel(orders[pages]!);
        (bench.sandbox as QboSandbox).staff.remove(orders[1_200 + pages]!);
      }
    }
    expect(pages).toBeGreaterThan(4);
    await bench.pollUntilComplete();
    expect(await bookDifferences(bench)).toEqual([]);
    bench.close();
  });
});
