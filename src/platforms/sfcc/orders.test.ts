import { describe, expect, it } from 'vitest';
import { jsonResponse } from '../../platform/http.ts';
import { sfcc } from './index.ts';
import { scripted, settings } from './testing/scripted.ts';

const order = (more: Record<string, unknown> = {}) => ({
  orderNo: '00001234',
  status: 'new',
  paymentStatus: 'paid',
  shippingStatus: 'not_shipped',
  channelType: 'storefront',
  creationDate: '2026-11-24T09:00:00.000Z',
  lastModified: '2026-11-24T09:00:06.000Z',
  productItems: [
    { itemId: 'a', productId: 'P1', quantity: 2.5, shipmentId: 'me', inventoryId: 'main', position: 1 },
    { productId: 'P2', quantity: 1, shipmentId: 's2', position: 2 },
  ],
  shipments: [
    { shipmentId: 'me', shippingStatus: 'not_shipped' },
    { shipmentId: 's2', shippingStatus: 'not_shipped' },
  ],
  ...more,
});

async function fetch(answer: unknown, more = {}) {
  const { client } = scripted(() => answer);
  const doc = await sfcc.fetchDocument(client, settings(more), 'order:RefArch/00001234');
  if (doc === 'gone') return doc;
  return doc.lines.map(({ line, listing, parts: [part] }) => [
    line,
    listing,
    part!.location,
    part!.committed,
    part!.out,
    part!.taken,
  ]);
}

describe('the state of an order', () => {
  it('created, new and completed hold stock; what is not said to be somewhere is nowhere', async () => {
    for (const status of ['created', 'new', 'completed'])
      expect(await fetch(order({ status }))).toEqual([
        ['a', 'P1', 'main', 2.5, 0, 2.5],
        ['2', 'P2', null, 1, 0, 1],
      ]);
  });

  it('cancelled and failed hold nothing any more', async () => {
    for (const status of ['cancelled', 'failed'])
      expect(await fetch(order({ status, shippingStatus: 'shipped' }))).toEqual([
        ['a', 'P1', 'main', 0, 0, 0],
        ['2', 'P2', null, 0, 0, 0],
      ]);
  });

  it('what has left is told by shipment', async () => {
    const shipments = [
      { shipmentId: 'me', shippingStatus: 'not_shipped' },
      { shipmentId: 's2', shippingStatus: 'shipped' },
    ];
    expect(await fetch(order({ shippingStatus: 'part_shipped', shipments }))).toEqual([
      ['a', 'P1', 'main', 2.5, 0, 2.5],
      ['2', 'P2', null, 0, 1, 1],
    ]);
    expect(await fetch(order({ shippingStatus: 'shipped' }))).toEqual([
      ['a', 'P1', 'main', 0, 2.5, 2.5],
      ['2', 'P2', null, 0, 1, 1],
    ]);
  });

  it('a bundle is taken from its parts or from itself, as the settings say', async () => {
    const bundledProductItems = [
      { itemId: 'b1', productId: 'PART-1', quantity: 2 },
      { productId: 'PART-2', quantity: 4, inventoryId: 'shop' },
    ];
    const productItems = [
      { itemId: 'b', productId: 'SET', quantity: 2, shipmentId: 'me', inventoryId: 'main', bundledProductItems },
    ];
    expect(await fetch(order({ productItems }))).toEqual([
      ['b/b1', 'PART-1', 'main', 2, 0, 2],
      ['b/1', 'PART-2', 'shop', 4, 0, 4],
    ]);
    expect(await fetch(order({ productItems }), { bundles: 'bundle' })).toEqual([['b', 'SET', 'main', 2, 0, 2]]);
  });

  it('with Omnichannel Inventory a list that is no location of ours is no place', async () => {
    const omnichannel = { stock: 'omnichannel', tenantGroupId: 'tg1', locationIds: 'wh1=Main warehouse, shop' };
    expect((await fetch(order(), omnichannel))[0]).toEqual(['a', 'P1', null, 2.5, 0, 2.5]);
    expect((await fetch(order(), { ...omnichannel, locationIds: 'main' }))[0]).toEqual([
      'a',
      'P1',
      'main',
      2.5,
      0,
      2.5,
    ]);
  });

  it('one that is not there is gone', async () => {
    expect(await fetch(jsonResponse(404, { title: 'Order Not Found', type: 'order-not-found', detail: '' }))).toBe(
      'gone',
    );
  });
});

describe('the feed', () => {
  it('goes through all sites, and on by time; within one moment by counting', async () => {
    const at = (index: number) => new Date(Date.parse('2026-11-24T09:00:00Z') + index).toISOString();
    const rows = Array.from({ length: 650 }, (_, index) =>
      // 300 in one and the same millisecond.
      order({ orderNo: String(index), lastModified: at(index < 150 ? index : index < 450 ? 150 : index) }),
    );
    const { client, asked } = scripted(({ request }) => {
      const query = new URL(request.url).searchParams;
      if (query.get('siteId') !== 'RefArch') return { data: [] };
      const since = Date.parse(query.get('lastModifiedDateFrom')!);
      const offset = Number(query.get('offset'));
      return { data: rows.filter((row) => Date.parse(row.lastModified) >= since).slice(offset, offset + 200) };
    });
    const told = new Set<string>();
    let cursor: string | null = null;
    for (let more = true; more; ) {
      const page = await sfcc.poll(client, settings(), 'orders', cursor, '2026-11-24T08:00:00.000Z');
      for (const signal of page.signals) if (signal.kind === 'document') told.add(signal.doc.doc);
      ({ cursor, more } = page);
      expect(page.completeTo === null).toBe(more);
    }
    expect(told.size).toBe(650);
    expect(new Set(asked.map(({ request }) => new URL(request.url).searchParams.get('siteId')))).toEqual(
      new Set(['RefArch', 'RefArchGlobal']),
    );
    expect(asked.length).toBeLessThan(10);
  });

  it('an absurd order is asked for by itself, and the others go on', async () => {
    const bad = order({ orderNo: '1', productItems: [{ productId: 'P1', quantity: 1e300 }] });
    const { client } = scripted(({ request }) => ({
      data: request.url.includes('siteId=RefArch&') ? [bad, order({ orderNo: '2' })] : [],
    }));
    const { signals } = await sfcc.poll(client, settings(), 'orders', null, '2026-11-24T08:00:00.000Z');
    expect(signals).toMatchObject([
      { kind: 'document-changed', doc: 'order:RefArch/1' },
      { kind: 'document', doc: { doc: 'order:RefArch/2' } },
    ]);
  });
});
