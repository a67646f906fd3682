import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { bodyText, type HttpRequest } from '../../platform/http.ts';
import { sharedPath, vendorModule } from '../../platform/testing/outside.ts';
import { virtualClock } from '../../platform/testing/virtual-clock.ts';
import { listListings, listLocations } from './catalogue.ts';
import { check } from './checks.ts';
import { type AmazonOp, amazonFacts } from './facts.ts';
import { poll } from './feed.ts';
import { listLevels, readLevels } from './levels.ts';
import { listingOf } from './listing.ts';
import { fetchDocument, orderDocument } from './orders.ts';
import { pushLevels } from './push.ts';
import { acknowledge, receive } from './queue.ts';
import { subscribe, unsubscribe } from './subscribe.ts';
import { type Bench, openBench } from './testing/bench.ts';
import { channel, fromQueue } from './testing/notification.ts';
import { SwaggerModel, type Validator } from './testing/swagger.ts';
import { decode } from './webhook.ts';

const folder = sharedPath('specs/amazon');
const Ajv = vendorModule('ajv');
const addFormats = vendorModule('ajv-formats');
const ready = folder !== undefined && Ajv !== undefined && addFormats !== undefined;
const title = ready
  ? 'against Amazon’s published models'
  : 'against Amazon’s published models (skipped: no models beside this checkout, or test/vendor is not installed)';

const json = (name: string) => JSON.parse(readFileSync(`${folder}/${name}.json`, 'utf8'));
const compiler = () => {
  const ajv = new (Ajv.default ?? Ajv)({ strict: false, allErrors: true });
  (addFormats.default ?? addFormats)(ajv);
  return ajv;
};
const MODELS = [
  'orders_2026-01-01',
  'ordersV0',
  'listingsItems_2021-08-01',
  'notifications',
  'supplySources_2020-07-01',
  'fbaInventory',
];

/** Everything the connector ever asks, once. */
async function everything(bench: Bench): Promise<void> {
  const { client, sandbox } = bench;
  const at = (stockKey: string, location: string) => ({ stockKey, location });
  const listings = await bench.run(listListings(client, bench.config(), null));
  if (listings.next) await bench.run(listListings(client, bench.config(), listings.next));
  const places = await bench.run(listLocations(client, bench.config()));
  const { fbaLocation } = bench.config();
  await bench.run(listLevels(client, bench.config(), null));
  if (fbaLocation) await bench.run(listLevels(client, bench.config(), 'fba:'));
  const cells = ['S1', 'S2', 'a, b/c'].flatMap((sku) => places.map((place) => at(sku, place.location)));
  await bench.run(readLevels(client, bench.config(), cells));
  bench.configure((await bench.run(subscribe(client, bench.config()))).config!);
  const writable = places.find((place) => place.active)!.location;
  const outcomes = ['S1', 'a, b/c', 'unknown'].map((sku, index) => ({
    cell: at(sku, writable),
    want: index,
    expect: 0,
    asOf: '',
    key: 'k',
    why: 'sync' as const,
  }));
  await bench.run(pushLevels(client, bench.config(), outcomes));
  const orders = [1, 2, 3].map((quantity) => sandbox.shopper.buy({ lines: [{ sku: 'S3', quantity }], location: null }));
  const [first, second] = orders.map((order) => (order.ok ? order.order : ''));
  sandbox.shopper.fulfil(first!);
  sandbox.shopper.cancel(second!);
  sandbox.shopper.edit('S3', bench.sandbox.shown()[0]!.location, 40);
  if (fbaLocation) sandbox.shopper.buy({ lines: [{ sku: 'S3', quantity: 1 }], location: fbaLocation });
  await bench.clock.advance(1_200_000);
  await bench.run(poll(client, bench.config(), 'orders', null, '2026-03-02T08:00:00Z'));
  await bench.run(fetchDocument(client, bench.config(), `order:${first}`));
  await bench.run(fetchDocument(client, bench.config(), 'order:none').catch(() => {}));
  await bench.run(check(client, bench.config()));
  for (;;) {
    const messages = await bench.run(receive(client, bench.config()));
    if (messages.length === 0) break;
    received.push(...messages.map(({ delivery }) => JSON.parse(String(delivery.body))));
    await bench.run(
      acknowledge(
        client,
        bench.config(),
        messages.map((message) => message.handle),
      ),
    );
  }
  await bench.run(unsubscribe(client, bench.config()));
}

const received: { NotificationType: string; Payload: unknown }[] = [];

const benches = [
  {},
  {
    multiLocation: true,
    locations: [
      { id: 'ss-1', name: 'A' },
      { id: 'ss-2', name: 'B' },
    ],
  },
  {
    fbaLocation: 'AMAZON_NA',
    locations: [
      { id: 'W1', name: 'A' },
      { id: 'AMAZON_NA', name: 'F' },
    ],
  },
];

describe.skipIf(!ready)(title, () => {
  const models = ready ? MODELS.map((name) => new SwaggerModel(compiler(), name, json(name))) : [];
  const modelOf = (request: HttpRequest) => models.find((model) => model.operationOf(request));

  it('every request of ours is one that the model knows, and every answer of the stand-in too', async () => {
    const operations = new Set<unknown>();
    for (const more of benches) {
      const bench = openBench(virtualClock(Date.UTC(2026, 2, 2, 8)), more);
      const stock = { W1: 50, 'ss-1': 50, 'ss-2': 50, AMAZON_NA: 50 };
      bench.sandbox.seed(
        [...Array.from({ length: 25 }, (_, index) => `S${index}`), 'a, b/c'].map((sku) => ({ sku, title: sku, stock })),
      );
      await everything(bench);
      for (const { request, response } of bench.exchanges) {
        if (request.headers['x-amz-target'] || request.url.endsWith('/auth/o2/token')) continue;
        const model = modelOf(request);
        expect(model?.requestFaults(request) ?? [`no model for ${request.url}`]).toEqual([]);
        expect(model!.answerFaults(request, response.status, JSON.parse(bodyText(response)))).toEqual([]);
        operations.add(model!.operationOf(request)!.operation['operationId']);
      }
    }
    expect([...operations].sort()).toEqual([
      'createDestination',
      'createSubscription',
      'deleteDestination',
      'deleteSubscriptionById',
      'getDestinations',
      'getInventorySummaries',
      'getListingsItem',
      'getOrder',
      'getSubscription',
      'getSupplySources',
      'patchListingsItem',
      'searchListingsItems',
      'searchOrders',
    ]);
  });

  it('every refusal of the stand-in has the model’s form', async () => {
    const bench = openBench(virtualClock(), {});
    const listings = `/listings/2021-08-01/items/${bench.config().account}`;
    const asked: [string, HttpRequest['method'], number, object?][] = [
      ['/orders/2026-01-01/orders', 'GET', 400],
      ['/orders/2026-01-01/orders?createdAfter=2026-01-01T00:00:00Z&lastUpdatedAfter=2026-01-01T00:00:00Z', 'GET', 400],
      ['/orders/2026-01-01/orders?lastUpdatedAfter=yesterday', 'GET', 400],
      ['/orders/2026-01-01/orders?lastUpdatedAfter=2026-01-01T00:00:00Z&maxResultsPerPage=101', 'GET', 400],
      ['/orders/2026-01-01/orders?lastUpdatedAfter=2026-01-01T00:00:00Z&paginationToken=x', 'GET', 400],
      ['/orders/2026-01-01/orders/111', 'GET', 404],
      [`${listings}?marketplaceIds=X`, 'GET', 400],
      [`${listings}?marketplaceIds=ATVPDKIKX0DER&pageSize=21`, 'GET', 400],
      [`${listings}?marketplaceIds=ATVPDKIKX0DER&identifiers=A`, 'GET', 400],
      [`${listings}/none?marketplaceIds=ATVPDKIKX0DER`, 'GET', 404],
      [`${listings}/none?marketplaceIds=ATVPDKIKX0DER`, 'PATCH', 400, {}],
      ['/listings/2021-08-01/items/OTHER?marketplaceIds=ATVPDKIKX0DER', 'GET', 403],
      ['/notifications/v1/destinations', 'GET', 403],
      ['/notifications/v1/subscriptions/ORDER_CHANGE', 'GET', 404],
      ['/notifications/v1/subscriptions/ORDER_CHANGE', 'POST', 400, {}],
    ];
    const send = async (url: string, method: HttpRequest['method'], body?: object) => {
      const request = {
        method,
        url: `https://amazon.test${url}`,
        headers: {},
        ...(body && { body: JSON.stringify(body) }),
      };
      await bench.run(bench.client.call('getOrder', request).catch(() => {}));
      return bench.exchanges.at(-1)!;
    };
    for (const [url, method, status, body] of asked) {
      const { request, response } = await send(url, method, body);
      expect([url, response.status]).toEqual([url, status]);
      expect(modelOf(request)!.answerFaults(request, status, JSON.parse(bodyText(response)))).toEqual([]);
    }
    const limited = await send('/orders/2026-01-01/orders?lastUpdatedAfter=2026-01-01T00:00:00Z', 'GET');
    for (const kind of ['throttled', 'unavailable'] as const) {
      const fault = bench.sandbox.fault(kind);
      expect(
        modelOf(limited.request)!.answerFaults(limited.request, fault.status, JSON.parse(bodyText(fault))),
      ).toEqual([]);
    }
  });

  it('notifications of the stand-in are those of the schemas, and all kinds were seen', () => {
    const schemas: Record<string, Validator> = {
      ORDER_CHANGE: compiler().compile(json('OrderChangeNotification')),
      LISTINGS_ITEM_MFN_QUANTITY_CHANGE: compiler().compile(json('ListingsItemMfnQuantityChange')),
    };
    for (const notification of received) {
      const validate = schemas[notification.NotificationType]!;
      expect(validate(notification) ? [] : validate.errors).toEqual([]);
    }
    expect(new Set(received.map((one) => one.NotificationType))).toEqual(new Set(Object.keys(schemas)));
    expect(received.length).toBeGreaterThan(20);
  });

  it('reads the examples that the schemas and models carry', () => {
    for (const example of json('OrderChangeNotification').examples) {
      const account = example.Payload.OrderChangeNotification.SellerId;
      const settings = { ...channel, account, multiLocation: true };
      expect(decode(fromQueue(example), 'ORDER_CHANGE', settings)).toMatchObject([
        {
          kind: 'document',
          doc: {
            doc: 'order:903-8868176-2219830',
            rev: '2022-11-29T19:42:04.284Z',
            lines: [
              { listing: 'SellerSKUID1', parts: [{ location: 'd7679e14-031b-4ab3-a81b-ec4fc7a460b3', committed: 10 }] },
            ],
          },
        },
      ]);
    }
    for (const example of json('ListingsItemMfnQuantityChange').examples)
      expect(
        decode(fromQueue(example), example.NotificationType, { ...channel, account: 'AXXXXXXXXXXXXX' }),
      ).toMatchObject([{ kind: 'level', level: { stockKey: 'NLS-SHOES-03', location: 'DEFAULT', available: 99 } }]);
    const orders = examples('orders_2026-01-01', '/orders/2026-01-01/orders').flatMap(
      (answer) => (answer as { orders: unknown[] }).orders,
    );
    expect(orders.length).toBeGreaterThan(0);
    for (const order of orders)
      expect(orderDocument(order, { ...channel, fbaLocation: 'AMAZON_JP' }).lines.length).toBeGreaterThan(0);
    const items = examples('listingsItems_2021-08-01', '/listings/2021-08-01/items/{sellerId}').flatMap(
      (answer) => (answer as { items: unknown[] }).items,
    );
    expect(items.map((item) => listingOf(item, 'ATVPDKIKX0DER'))).toMatchObject([
      { listing: 'GM-ZDPI-9B4E', extra: { productType: 'LUGGAGE' } },
    ]);
  });

  it('the rates are those that the models print', () => {
    const printed = new Map<string, string>();
    for (const name of MODELS.filter((one) => one !== 'ordersV0'))
      for (const methods of Object.values(json(name).paths))
        for (const operation of Object.values(
          methods as Record<string, { operationId?: string; description?: string }>,
        )) {
          const rate = /\|\s*-+\s*\|\s*-+\s*\|\s*\|\s*([\d.]+)\s*\|\s*([\d.]+)\s*\|/.exec(operation.description ?? '');
          if (operation.operationId && rate) printed.set(operation.operationId, `${rate[1]}/${rate[2]}`);
        }
    const compared: string[] = [];
    for (const [op, { budgets }] of Object.entries(amazonFacts.operations)) {
      const budget = amazonFacts.budgets[budgets[0]!]!;
      const name = op.replace(/BySku$/, '');
      if (!printed.has(name) || budget.kind !== 'tokens') continue;
      expect([op, `${budget.perSecond}/${budget.burst}`]).toEqual([op, printed.get(name)]);
      compared.push(op);
    }
    const unprinted: AmazonOp[] = ['token', 'getOrderV0', 'getSupplySources', 'receiveMessage', 'deleteMessageBatch'];
    expect(
      Object.keys(amazonFacts.operations)
        .filter((op) => !compared.includes(op))
        .sort(),
    ).toEqual(unprinted.sort());
  });

  /** Answers that Amazon's own static sandbox gives. */
  function examples(model: string, path: string): unknown[] {
    const answer = json(model).paths[path].get.responses['200'];
    return answer['x-amzn-api-sandbox'].static.map((one: { response: unknown }) => one.response);
  }
});
