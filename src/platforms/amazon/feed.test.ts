import { describe, expect, it } from 'vitest';
import type { FeedPage, Signal } from '../../platform/contract.ts';
import { Failure } from '../../platform/failure.ts';
import { jsonResponse } from '../../platform/http.ts';
import { virtualClock } from '../../platform/testing/virtual-clock.ts';
import { poll } from './feed.ts';
import orderFixture from './fixtures/order.json' with { type: 'json' };
import { fetchDocument, orderDocument } from './orders.ts';
import { type Bench, openBench } from './testing/bench.ts';
import { channel } from './testing/notification.ts';

const START = Date.UTC(2026, 2, 2, 8);
const since = new Date(START).toISOString();
const open = (more: object = {}) => {
  const bench = openBench(virtualClock(START), more);
  bench.sandbox.seed([{ sku: 'MUG', title: 'Mug', stock: { W1: 10_000 } }]);
  return bench;
};
const buy = (bench: Bench, quantity = 1, more: object = {}) => {
  const bought = bench.sandbox.shopper.buy({ lines: [{ sku: 'MUG', quantity }], location: null, ...more });
  if (!bought.ok) throw new Error(bought.why);
  return bought.order;
};
/** The feed to its present end. */
async function pollAll(bench: Bench, cursor: string | null = null) {
  const pages: FeedPage[] = [];
  let at = cursor;
  do {
    const page: FeedPage = await bench.run(poll(bench.client, bench.config(), 'orders', at, since));
    pages.push(page);
    at = page.cursor;
  } while (pages.at(-1)!.more);
  return { pages, signals: pages.flatMap((page) => page.signals), cursor: at!, completeTo: pages.at(-1)!.completeTo };
}
const docsOf = (signals: Signal[]) => signals.flatMap((signal) => (signal.kind === 'document' ? [signal.doc.doc] : []));

describe('the feed of orders', () => {
  it('tells every order once its window is closed, and how far it has told', async () => {
    const bench = open();
    const order = buy(bench, 2);
    expect((await pollAll(bench)).signals).toEqual([]);
    await bench.clock.advance(150_000);
    const { signals, completeTo } = await pollAll(bench);
    expect(signals).toMatchObject([
      {
        kind: 'document',
        doc: {
          doc: `order:${order}`,
          state: 'UNSHIPPED',
          whole: true,
          lines: [{ listing: 'MUG', parts: [{ location: 'DEFAULT', committed: 2, out: 0, taken: 2 }] }],
        },
      },
    ]);
    expect(Date.parse(completeTo!)).toBe(bench.clock.now() - 120_000);
  });

  it('pages through hundreds that change meanwhile, and loses none', async () => {
    const bench = open();
    const orders = Array.from({ length: 250 }, () => buy(bench));
    await bench.clock.advance(200_000);
    const first = await bench.run(poll(bench.client, bench.config(), 'orders', null, since));
    expect(first).toMatchObject({ more: true, completeTo: null });
    // Those on the next page are shipped between the two, and leave the window.
    for (const order of orders.slice(100, 150)) bench.sandbox.shopper.fulfil(order);
    const rest = await pollAll(bench, first.cursor);
    await bench.clock.advance(300_000);
    const later = await pollAll(bench, rest.cursor);
    const told = new Set(docsOf([...first.signals, ...rest.signals, ...later.signals]));
    expect(told.size).toBe(250);
    const states = new Map(
      [...first.signals, ...rest.signals, ...later.signals].flatMap((signal) =>
        signal.kind === 'document' ? [[signal.doc.doc, signal.doc.state]] : [],
      ),
    );
    expect([...states.values()].filter((state) => state === 'SHIPPED')).toHaveLength(50);
  });

  it('windows overlap: what entered the index late is told by the next one', async () => {
    const bench = open();
    await bench.clock.advance(600_000);
    const first = await pollAll(bench);
    const asked = () => new URL(bench.exchanges.at(-1)!.request.url).searchParams.get('lastUpdatedAfter')!;
    await bench.clock.advance(240_000);
    await pollAll(bench, first.cursor);
    expect(Date.parse(asked())).toBe(Date.parse(first.completeTo!) - 120_000);
  });

  it('in a world that runs faster the overlap is as much shorter', async () => {
    const bench = open({ factor: 60 });
    await bench.clock.advance(600_000);
    const first = await pollAll(bench);
    expect(Date.parse(first.completeTo!)).toBe(bench.clock.now() - 2_000);
    expect(Date.parse(JSON.parse(first.cursor).after)).toBe(bench.clock.now() - 4_000);
  });

  it('begins the window anew when its token is refused, once', async () => {
    const bench = open();
    for (let each = 0; each < 150; each++) buy(bench);
    await bench.clock.advance(200_000);
    const first = await bench.run(poll(bench.client, bench.config(), 'orders', null, since));
    await bench.clock.advance(86_400_000);
    const { signals } = await pollAll(bench, first.cursor);
    expect(new Set(docsOf(signals)).size).toBe(150);
    // A token that is refused although it is fresh must not turn in a circle.
    bench.line = (request) =>
      request.url.includes('paginationToken')
        ? Promise.resolve(jsonResponse(400, { errors: [{ code: 'InvalidInput', message: 'no' }] }))
        : undefined;
    const again = await bench.run(poll(bench.client, bench.config(), 'orders', first.cursor, since));
    const more = await bench.run(poll(bench.client, bench.config(), 'orders', again.cursor, since));
    await expect(bench.run(poll(bench.client, bench.config(), 'orders', more.cursor, since))).rejects.toBeInstanceOf(
      Failure,
    );
  });

  it('one unreadable order hides no other: it is named for fetching, where its fault is told', async () => {
    const bench = open();
    buy(bench);
    const bad = buy(bench);
    await bench.clock.advance(200_000);
    bench.line = async (_, carry) => {
      const answer = await carry();
      const text = Buffer.from(answer.body).toString();
      const broken = text.replace(new RegExp(`("orderId":"${bad}".*?"quantityOrdered":)1`), '$1"many"');
      return { ...answer, body: Buffer.from(broken) };
    };
    const { signals } = await pollAll(bench);
    expect(signals.map((signal) => signal.kind).sort()).toEqual(['document', 'document-changed']);
    await expect(bench.run(fetchDocument(bench.client, bench.config(), `order:${bad}`))).rejects.toMatchObject({
      failure: 'rejected',
      code: 'unreadable-order',
    });
  });

  it('without the closing time it is complete to nowhere, and goes on from the newest change', async () => {
    const bench = open();
    buy(bench);
    await bench.clock.advance(200_000);
    bench.line = async (_, carry) => {
      const answer = await carry();
      return {
        ...answer,
        body: Buffer.from(
          Buffer.from(answer.body)
            .toString()
            .replace(/,"lastUpdatedBefore":"[^"]*"/, ''),
        ),
      };
    };
    expect(await pollAll(bench)).toMatchObject({ completeTo: null, signals: [{ kind: 'document' }] });
  });
});

describe('fetchDocument', () => {
  it('is the whole order, and gone where Amazon knows none', async () => {
    const bench = open();
    const order = buy(bench, 3, { paid: false });
    const fetched = () => bench.run(fetchDocument(bench.client, bench.config(), `order:${order}`));
    expect(await fetched()).toMatchObject({ state: 'PENDING', paid: false, lines: [{ parts: [{ committed: 3 }] }] });
    bench.sandbox.shopper.pay!(order);
    bench.sandbox.shopper.fulfil(order, [{ sku: 'MUG', quantity: 1 }]);
    expect(await fetched()).toMatchObject({
      state: 'PARTIALLY_SHIPPED',
      paid: true,
      lines: [{ parts: [{ committed: 2, out: 1, taken: 3 }] }],
    });
    await expect(
      bench.run(fetchDocument(bench.client, bench.config(), 'order:111-0000000-0000000')),
    ).rejects.toMatchObject({ failure: 'gone' });
  });

  it('asks the old API for the place where there are several', async () => {
    const bench = openBench(virtualClock(START), {
      multiLocation: true,
      locations: [
        { id: 'ss-1', name: 'A' },
        { id: 'ss-2', name: 'B' },
      ],
    });
    bench.sandbox.seed([{ sku: 'MUG', title: 'Mug', stock: { 'ss-1': 0, 'ss-2': 5 } }]);
    const order = buy(bench);
    await bench.clock.advance(200_000);
    const { signals } = await pollAll(bench);
    expect(signals).toEqual([{ kind: 'document-changed', account: bench.config().account, doc: `order:${order}` }]);
    expect(await bench.run(fetchDocument(bench.client, bench.config(), `order:${order}`))).toMatchObject({
      lines: [{ parts: [{ location: 'ss-2', committed: 1 }] }],
    });
  });
});

describe('an order of the Orders API', () => {
  // biome-ignore lint/suspicious/noExplicitAny: tests break the order in ways that no type allows.
  const made = (edit: (order: any) => void, more: object = {}) => {
    const order = structuredClone(orderFixture);
    edit(order);
    return orderDocument(order, { ...channel, ...more });
  };
  const first = (edit: Parameters<typeof made>[0]) => made(edit).lines[0]!.parts[0]!;

  it('cancelled with a sent part keeps the sent part', () => {
    const part = first((order) => {
      order.fulfillment.fulfillmentStatus = 'CANCELLED';
      order.orderItems[0].fulfillment = { quantityFulfilled: 1, quantityUnfulfilled: 0 };
    });
    expect(part).toMatchObject({ committed: 0, out: 1, taken: 1 });
  });

  it('without item numbers the status speaks', () => {
    const status = (word: string) => (order: Parameters<Parameters<typeof made>[0]>[0]) => {
      order.fulfillment.fulfillmentStatus = word;
      delete order.orderItems[0].fulfillment;
    };
    expect(first(status('UNSHIPPED'))).toMatchObject({ committed: 2, out: 0 });
    expect(first(status('SHIPPED'))).toMatchObject({ committed: 0, out: 2 });
    expect(first(status('PENDING_AVAILABILITY'))).toMatchObject({ committed: 2, out: 0 });
    expect(
      first((order) => {
        status('SHIPPED')(order);
        order.orderItems[0].cancellation = { cancellationExecution: { cancelledBy: 'SELLER' } };
      }),
    ).toMatchObject({ committed: 0, out: 0 });
  });

  it('shipped by Amazon: nothing of ours, unless its warehouses are a place', () => {
    const byAmazon = (order: Parameters<Parameters<typeof made>[0]>[0]) => {
      order.fulfillment.fulfilledBy = 'AMAZON';
    };
    expect(made(byAmazon).lines).toEqual([]);
    expect(made(byAmazon, { fbaLocation: 'AMAZON_EU' }).lines[0]!.parts[0]!.location).toBe('AMAZON_EU');
  });

  it('sold elsewhere and only sent by Amazon is a copy of that other order', () => {
    const doc = made((order) => {
      order.salesChannel = { channelName: 'NON_AMAZON', marketplaceName: 'My shop' };
      order.orderAliases = [{ aliasId: 'SHOP-77', aliasType: 'SELLER_ORDER_ID' }];
    });
    expect(doc.origin).toEqual({ source: 'My shop', id: 'SHOP-77' });
    expect(
      made((order) => {
        order.salesChannel = { channelName: 'NON_AMAZON' };
      }).origin,
    ).toEqual({ source: 'non-amazon', id: '111-1111111-2222222' });
  });

  it('a replacement leaves the shelf a second time: no copy', () => {
    expect(
      made((order) => {
        order.associatedOrders = [{ orderId: '1', associationType: 'REPLACEMENT_ORIGINAL_ID' }];
      }).origin,
    ).toBeUndefined();
  });

  it('a product without SKU stays as a line', () => {
    expect(
      made((order) => {
        delete order.orderItems[0].product.sellerSku;
      }).lines[0],
    ).toMatchObject({ line: '10000000000001', listing: null });
  });
});
