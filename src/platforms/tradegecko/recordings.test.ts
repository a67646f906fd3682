import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { AnyPlatform } from '../../platform/contract.ts';
import { bodyText, jsonResponse } from '../../platform/http.ts';
import { Bench, skuOf } from '../../platform/testing/bench.ts';
import { check } from './check.ts';
import { classify } from './failures.ts';
import { poll } from './feed.ts';
import { checkSubscription } from './hooks.ts';
import { tradegecko } from './index.ts';
import { listListings, listLocations, readLevels } from './levels.ts';
import { type Asked, scripted, settings } from './testing/scripted.ts';

interface Recorded {
  status: number;
  headers: Record<string, string>;
  // biome-ignore lint/suspicious/noExplicitAny: recorded answers of many shapes.
  body: any;
}
const recorded: Record<string, Recorded> = JSON.parse(
  readFileSync(new URL('fixtures/recorded.json', import.meta.url), 'utf8'),
);
const answerOf = (name: string) => jsonResponse(recorded[name]!.status, recorded[name]!.body, recorded[name]!.headers);
/** The last page, so that a walk ends. */
const lastOf = (name: string) => ({
  ...answerOf(name),
  headers: { ...recorded[name]!.headers, 'x-pagination': '{"last_page":true}' },
});

/** Answers each list with what was recorded of it. */
const vendor = ({ url }: Asked) => {
  const name = url.pathname.slice(1).replace('accounts/current', 'accounts_current');
  return recorded[name] ? lastOf(name) : {};
};

describe('what the vendor’s own client recorded', () => {
  it('orders: shipped, deleted, draft and finalized ones', async () => {
    const { client, asked } = scripted(vendor);
    const page = await poll(client, settings(), 'orders', null, '2014-01-01T00:00:00Z');
    const docs = page.signals.flatMap((signal) => (signal.kind === 'document' ? [signal.doc] : []));
    expect(docs.map(({ doc, state, rev, saleAt }) => [doc, state, rev, saleAt.slice(0, 10)])).toEqual([
      ['order:5706', 'fulfilled', '2013-11-14T04:02:23.404Z', '2013-03-28'],
      ['order:120661', 'deleted', '2014-01-26T04:23:46.599Z', '2014-01-26'],
      ['order:120668', 'draft', '2014-01-29T02:03:16.151Z', '2014-01-26'],
      ['order:79066', 'finalized', '2014-01-20T04:18:35.902Z', '2013-12-02'],
      ['order:79234', 'finalized', '2014-01-20T04:18:35.915Z', '2013-12-02'],
    ]);
    expect(asked.map(({ url }) => url.pathname)).toEqual(['/orders', '/order_line_items', '/fulfillments']);
    expect(page.completeTo).toBe('2014-03-03T01:41:31.000Z');
  });

  it('a shipment with its lines beside it lowers the line it names; a packed one does not', async () => {
    const head = { status: 'finalized', stock_location_id: 159, updated_at: '2014-02-17T03:01:47.495Z' };
    const { client } = scripted(({ url }) => {
      if (url.pathname === '/orders/138669')
        return { order: { ...head, id: 138669, order_line_item_ids: [515705], fulfillment_ids: [99232] } };
      if (url.pathname === '/orders/136938')
        return { order: { ...head, id: 136938, order_line_item_ids: [508721], fulfillment_ids: [99216] } };
      const line = (id: number, order: number) => ({
        ...recorded['order_line_items']!.body.order_line_items[0],
        id,
        order_id: order,
      });
      if (url.pathname === '/order_line_items')
        return { order_line_items: [line(515705, 138669), line(508721, 136938)] };
      return lastOf('fulfillments');
    });
    const doc = async (id: string) => {
      const read = await tradegecko.fetchDocument(client, settings(), `order:${id}`);
      return read === 'gone' ? undefined : read.lines[0]!.parts;
    };
    expect(await doc('138669')).toEqual([{ location: '159', committed: 49, out: 1, returned: 0, taken: 50 }]);
    expect(await doc('136938')).toEqual([{ location: '159', committed: 50, out: 0, returned: 0, taken: 50 }]);
  });

  it('variants: blank SKUs, negative stock, null and missing places, bundles', async () => {
    const { client } = scripted(vendor);
    const { items } = await listListings(client, settings(), null);
    expect(items.map(({ sku, title, tracked, unwritable }) => [sku, title, tracked, unwritable !== undefined])).toEqual(
      [
        [null, 'zzzz', true, false],
        [null, 'Cheese', true, true],
        [null, expect.stringContaining('TestX'), true, true],
        [null, 'Gecko', true, false],
        [null, expect.any(String), true, false],
      ],
    );
    expect(items[3]!.extra).toEqual({ cost: '18.745' });
    const levels = await readLevels(client, settings(), [
      { stockKey: '982891', location: '159' },
      { stockKey: '982891', location: '18' },
      { stockKey: '720709', location: '159' },
      { stockKey: '720709', location: '18' },
      { stockKey: '1', location: '18' },
    ]);
    expect(levels.map(({ available }) => available)).toEqual([0, 0, -11, -15]);
  });

  it('locations, webhooks, the account and a refusal', async () => {
    const { client } = scripted(vendor);
    expect(
      (await listLocations(client, settings())).map(({ location, name, active }) => [location, name, active]),
    ).toEqual([
      ['18', 'Primary Location', true],
      ['153', 'Something else', true],
      ['159', 'Head Office', true],
      ['160', 'Warehouse', true],
      ['1395', 'Adler Retailers Consignment', true],
    ]);
    expect((await check(client, settings(), 'Closed.')).map(({ name, ok }) => [name, ok])).toEqual([
      ['service', true],
      ['account', true],
      ['locations', true],
      ['signing secret', false],
    ]);
    const refusal = classify(answerOf('products_new_invalid'), 'adjust')!;
    expect([refusal.failure, refusal.message]).toEqual(['rejected', expect.stringContaining("name can't be blank")]);
    // A hook of somebody else's stays out of it.
    const hooks = scripted((one) =>
      one.request.method === 'POST' ? { webhook: { ...one.body.webhook, id: 12 } } : vendor(one),
    );
    await checkSubscription(hooks.client, settings(), 'https://onhand.test/hook');
    expect(hooks.asked.filter(({ request }) => request.method === 'DELETE')).toEqual([]);
    expect(hooks.asked.filter(({ request }) => request.method === 'POST')).toHaveLength(5);
  });

  it('the stand-in answers with the recorded members and the recorded kinds of value', async () => {
    const bench = await Bench.open(tradegecko as AnyPlatform, { items: 3 });
    const bought = bench.sandbox.shopper.buy({ lines: [{ sku: skuOf(0), quantity: 2 }], location: null });
    if (bought.ok) bench.sandbox.shopper.fulfil(bought.order);
    const answers = new Map<string, { headers: Record<string, string>; body: Record<string, unknown[]> }>();
    bench.line = (_, carry, request) =>
      carry().then((response) => {
        answers.set(new URL(request.url).pathname.slice(1), {
          headers: response.headers,
          body: JSON.parse(bodyText(response)),
        });
        return response;
      });
    await bench.pollUntilComplete();
    await bench.allListings();
    await bench.run((client, config) => tradegecko.check(client as never, config as never));
    bench.close();
    const kind = (value: unknown) => (Array.isArray(value) ? 'list' : typeof value);
    for (const [name, read] of Object.entries(READ)) {
      const mine = answers.get(name)!;
      const rows = (of: Record<string, unknown[]>) => of[name] as Record<string, unknown>[];
      const own = rows(mine.body)[0]!;
      for (const member of read) {
        const kinds = new Set(
          rows(recorded[name]!.body)
            .map((row) => row[member])
            .filter((value) => value !== null)
            .map(kind),
        );
        expect(Object.keys(own), `${name}.${member}`).toContain(member);
        if (own[member] !== null && kinds.size > 0) expect(kinds, `${name}.${member}`).toContain(kind(own[member]));
      }
      if (recorded[name]!.headers['x-pagination'] && mine.headers['x-pagination'])
        expect(Object.keys(JSON.parse(mine.headers['x-pagination']))).toEqual(
          Object.keys(JSON.parse(recorded[name]!.headers['x-pagination']!)),
        );
    }
  });
});

/** What the connector reads of each. */
const READ: Record<string, string[]> = {
  orders: [
    'id',
    'order_number',
    'reference_number',
    'status',
    'payment_status',
    'stock_location_id',
    'source_url',
    'created_at',
    'updated_at',
    'order_line_item_ids',
    'fulfillment_ids',
  ],
  order_line_items: ['id', 'order_id', 'variant_id', 'quantity', 'freeform'],
  fulfillments: ['id', 'order_id', 'status', 'fulfillment_line_item_ids'],
  variants: [
    'id',
    'sku',
    'upc',
    'name',
    'product_name',
    'status',
    'manage_stock',
    'composite',
    'moving_average_cost',
    'last_cost_price',
    'buy_price',
    'locations',
  ],
  locations: ['id', 'label', 'status', 'holds_stock'],
};
