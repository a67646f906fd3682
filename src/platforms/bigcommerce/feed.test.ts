import { describe, expect, it } from 'vitest';
import { jsonResponse } from '../../platform/http.ts';
import { Bench, skuOf } from '../../platform/testing/bench.ts';
import { bookDifferences } from '../../platform/testing/book.ts';
import { pollOrders } from './feed.ts';
import { bigcommerce } from './index.ts';
import { NOW, scripted, settings } from './testing/scripted.ts';

const rfc = (ms: number) => new Date(ms).toUTCString().replace('GMT', '+0000');
const order = (id: number, changedMs: number, more: object = {}) => ({
  id,
  status_id: 11,
  date_created: rfc(changedMs),
  date_modified: rfc(changedMs),
  consignments: { shipping: [{ line_items: [{ id: id + 1_000, variant_id: 5, quantity: 1 }] }] },
  ...more,
});
const SINCE = new Date(NOW - 600_000).toISOString();

describe('orders by change time', () => {
  it('nothing new is 204, and proves everything up to BigCommerce’s own clock', async () => {
    const date = new Date(NOW - 7_000).toUTCString();
    const { client } = scripted(() => ({ status: 204, headers: { date }, body: new Uint8Array() }));
    const page = await pollOrders(client, settings(), null, SINCE);
    expect(page).toMatchObject({ signals: [], more: false, completeTo: new Date(NOW - 8_000).toISOString() });
  });
  it('a row that is no order is asked for by itself, the others go on', async () => {
    const { client } = scripted(() => jsonResponse(200, [order(1, NOW), order(2, NOW, { consignments: null })]));
    const { signals } = await pollOrders(client, settings(), null, SINCE);
    expect(signals.map((one) => one.kind)).toEqual(['document', 'document-changed']);
  });
  it('what was told lately is told again', async () => {
    const { client, asked } = scripted(() => jsonResponse(200, [order(1, NOW - 5_000)]));
    const first = await pollOrders(client, settings(), null, SINCE);
    await pollOrders(client, settings(), first.cursor, SINCE);
    expect(asked.at(-1)!.url.searchParams.get('min_date_modified')).toBe(new Date(NOW - 66_000).toISOString());
  });
  it('a stamp from the future does not hide what is stamped now', async () => {
    const { client, asked } = scripted(() => jsonResponse(200, [order(1, NOW + 86_400_000)]));
    const first = await pollOrders(client, settings(), null, SINCE);
    await pollOrders(client, settings(), first.cursor, SINCE);
    expect(Date.parse(asked.at(-1)!.url.searchParams.get('min_date_modified')!)).toBeLessThan(NOW);
  });
  it('more orders in one second than a page holds: by id, none left out', async () => {
    const bench = await Bench.open(bigcommerce as never, { items: 4, stock: 5_000, hooks: false });
    const buy = (count: number) => {
      for (let index = 0; index < count; index++)
        bench.sandbox.shopper.buy({ lines: [{ sku: skuOf(index % 4), quantity: 1 }], location: null });
    };
    buy(3);
    await bench.clock.advance(2_000);
    buy(620);
    await bench.clock.advance(2_000);
    buy(3);
    await bench.pollUntilComplete();
    expect(bench.listener.docs.size).toBe(626);
    expect(await bookDifferences(bench)).toEqual([]);
    bench.close();
  });
});
