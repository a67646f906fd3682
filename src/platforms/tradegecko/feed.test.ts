import { describe, expect, it } from 'vitest';
import type { AnyPlatform, Signal } from '../../platform/contract.ts';
import { jsonResponse } from '../../platform/http.ts';
import { Bench, skuOf } from '../../platform/testing/bench.ts';
import { poll } from './feed.ts';
import { tradegecko } from './index.ts';
import type { GeckoSandbox } from './sandbox.ts';
import { type Asked, NOW, scripted, settings } from './testing/scripted.ts';

const iso = (ms: number) => new Date(ms).toISOString();

/** Orders with these change times, as a server that takes `updated_at_min` as said. */
function server(times: () => number[], options: { exclusive?: boolean } = {}) {
  return ({ url }: Asked) => {
    if (url.pathname !== '/orders') return {};
    const since = Date.parse(url.searchParams.get('updated_at_min')!);
    const [limit, page] = ['limit', 'page'].map((name) => Number(url.searchParams.get(name))) as [number, number];
    const rows = times()
      .map((ms, id) => ({ id: id + 1, status: 'active', updated_at: iso(ms), order_line_item_ids: [] }))
      .filter((row) => (options.exclusive ? Date.parse(row.updated_at) > since : Date.parse(row.updated_at) >= since))
      .sort((a, b) => Date.parse(a.updated_at) - Date.parse(b.updated_at));
    const some = rows.slice((page - 1) * limit, page * limit);
    return jsonResponse(
      200,
      { orders: some },
      { 'x-pagination': JSON.stringify({ last_page: page * limit >= rows.length }), date: new Date(NOW).toUTCString() },
    );
  };
}

async function walk(answer: (asked: Asked) => unknown, between: (page: number) => void = () => {}) {
  const { client, asked } = scripted(answer);
  const told = new Set<string>();
  let cursor: string | null = null;
  for (let page = 1; ; page += 1) {
    const found: Awaited<ReturnType<typeof poll>> = await poll(
      client,
      settings(),
      'orders',
      cursor,
      iso(NOW - 3_600_000),
    );
    for (const signal of found.signals) told.add(docOf(signal));
    cursor = found.cursor;
    if (!found.more) return { told, asked, last: found };
    expect(found.completeTo).toBeNull();
    if (page > 50) throw new Error('it never ends');
    between(page);
  }
}

const docOf = (signal: Signal): string =>
  signal.kind === 'document' ? signal.doc.doc : signal.kind === 'document-changed' ? signal.doc : signal.kind;

describe('the walk by change time', () => {
  it.each([{ exclusive: false }, { exclusive: true }])(
    'tells all, whether the moment asked for counts or not ($exclusive)',
    async (options) => {
      // Every third order shares its moment with its neighbours, pages end in the middle of such a group.
      const times = Array.from({ length: 260 }, (_, index) => NOW - 1_000_000 + Math.floor(index / 3));
      const { told, last } = await walk(server(() => times, options));
      expect(told.size).toBe(260);
      expect(last.completeTo).toBe(iso(NOW));
      expect(JSON.parse(last.cursor)).toEqual({ from: iso(NOW - 120_000), walk: null });
    },
  );

  it('goes through a moment that holds more orders than a page', async () => {
    const { told } = await walk(server(() => Array.from({ length: 170 }, () => NOW - 5_000)));
    expect(told.size).toBe(170);
  });

  it('skips nothing when orders change under it', async () => {
    const times = Array.from({ length: 160 }, (_, index) => NOW - 1_000_000 + index * 10);
    // Each changed order leaves the front of the list, and all behind it move up.
    const { told } = await walk(
      server(() => times),
      (page) => {
        for (let index = (page - 1) * 20; index < page * 20; index += 1) times[index] = NOW - 1_000 + index;
      },
    );
    expect(told.size).toBe(160);
  });
});

describe('a page', () => {
  it('with one illegible line is fetched order by order, the others included', async () => {
    const { client } = scripted(({ url }) => {
      if (url.pathname === '/orders')
        return {
          orders: [1, 2].map((id) => ({ id, status: 'active', updated_at: iso(NOW), order_line_item_ids: [id] })),
        };
      return {
        order_line_items: [
          { id: 1, order_id: 1, variant_id: 7, quantity: '1.0' },
          { id: 2, order_id: 2, quantity: {} },
        ],
      };
    });
    const { signals } = await poll(client, settings(), 'orders', null, iso(NOW));
    expect(signals.map((signal) => [signal.kind, docOf(signal)])).toEqual([
      ['document-changed', 'order:1'],
      ['document-changed', 'order:2'],
    ]);
  });

  it('with an impossible quantity sets that order aside and tells the others', async () => {
    const { client } = scripted(({ url }) => {
      if (url.pathname === '/orders')
        return {
          orders: [1, 2].map((id) => ({ id, status: 'active', updated_at: iso(NOW), order_line_item_ids: [id] })),
        };
      return {
        order_line_items: [1, 2].map((id) => ({
          id,
          order_id: id,
          variant_id: 7,
          quantity: id === 2 ? '-4.0' : '4.0',
        })),
      };
    });
    const { signals } = await poll(client, settings(), 'orders', null, iso(NOW));
    expect(signals.map(({ kind }) => kind)).toEqual(['document', 'document-changed']);
  });

  it('of shipments tells their orders whole, though the orders were not stamped', async () => {
    const asked: string[] = [];
    const { client } = scripted(({ url }) => {
      asked.push(url.pathname + (url.searchParams.has('ids[]') ? ' by ids' : ''));
      if (url.pathname === '/fulfillments')
        return {
          fulfillments: [
            { id: 5, order_id: 1, status: 'fulfilled', updated_at: iso(NOW), fulfillment_line_item_ids: [6] },
          ],
        };
      if (url.pathname === '/orders')
        return {
          orders: [
            {
              id: 1,
              status: 'finalized',
              stock_location_id: 3,
              updated_at: iso(0),
              order_line_item_ids: [2],
              fulfillment_ids: [5],
            },
          ],
        };
      if (url.pathname === '/order_line_items')
        return { order_line_items: [{ id: 2, order_id: 1, variant_id: 7, quantity: '3.0' }] };
      return { fulfillment_line_items: [{ id: 6, order_line_item_id: 2, quantity: '2.0' }] };
    });
    const { signals } = await poll(client, settings(), 'fulfillments', null, iso(NOW - 1_000));
    expect(signals).toMatchObject([
      { kind: 'document', doc: { doc: 'order:1', lines: [{ parts: [{ location: '3', committed: 1, out: 2 }] }] } },
    ]);
    expect(asked).toEqual([
      '/fulfillments',
      '/orders by ids',
      '/order_line_items by ids',
      '/fulfillments by ids',
      '/fulfillment_line_items by ids',
    ]);
  });

  it('costs a handful of calls, not one per order', async () => {
    const bench = await Bench.open(tradegecko as AnyPlatform, { items: 4, stock: 500, hooks: false });
    for (let index = 0; index < 50; index += 1) {
      const bought = bench.sandbox.shopper.buy({ lines: [{ sku: skuOf(index % 4), quantity: 1 }], location: null });
      if (bought.ok && index % 2) bench.sandbox.shopper.fulfil(bought.order);
    }
    bench.events.length = 0;
    await bench.pollPage('orders');
    expect(bench.listener.docs.size).toBe(50);
    expect(bench.events.length).toBeLessThanOrEqual(4);
    bench.close();
  });

  it('tells an edit that no event told', async () => {
    const bench = await Bench.open(tradegecko as AnyPlatform, { items: 2 });
    const bought = bench.sandbox.shopper.buy({ lines: [{ sku: skuOf(0), quantity: 5 }], location: null });
    await bench.settle();
    expect(bought.ok && (bench.sandbox as GeckoSandbox).staff.reduce(bought.order, 2)).toBe(true);
    await bench.pollUntilComplete();
    expect([...bench.listener.docs.values()][0]!.lines[0]!.parts[0]!.committed).toBe(3);
    bench.close();
  });
});
