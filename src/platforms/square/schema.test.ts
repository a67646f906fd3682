import { describe, expect, it } from 'vitest';
import type { Target } from '../../platform/contract.ts';
import { bodyText, type HttpRequest, type HttpResponse } from '../../platform/http.ts';
import { Bench, HOOK_URL, PLACES, skuOf } from '../../platform/testing/bench.ts';
import { square } from './index.ts';
import type { SquareSandbox } from './sandbox.ts';
import { squareContract } from './testing/openapi.ts';

const contract = squareContract();
const missing = contract ? '' : ' (skipped: needs the reference material beside the checkout and ajv in test/vendor)';

/** Everything the connector ever does, on the wire. */
async function everything(bench: Bench): Promise<{ request: HttpRequest; response: HttpResponse }[]> {
  const exchanges: { request: HttpRequest; response: HttpResponse }[] = [];
  bench.line = (_, carry, request) =>
    carry().then((response) => {
      exchanges.push({ request: { ...request, body: request.body && bodyText(request) }, response });
      return response;
    });
  const { shopper } = bench.sandbox;
  const buy = (index: number, location: string | null, paid = true) => {
    const bought = shopper.buy({ lines: [{ sku: skuOf(index), quantity: 2 }], location, paid });
    if (!bought.ok) throw new Error(bought.why);
    return bought.order;
  };
  const shipped = buy(0, null);
  buy(1, PLACES[1]!.id);
  shopper.cancel(buy(2, null));
  shopper.fulfil(shipped, [{ sku: skuOf(0), quantity: 1 }]);
  shopper.fulfil(shipped);
  shopper.refund(shipped, { sku: skuOf(0), quantity: 1 }, true);
  buy(3, null, false);
  await bench.settle();
  await bench.pollUntilComplete();
  await bench.pollPage('levels');
  await bench.run((client, config) => square.check(client as never, config as never));
  await bench.allListings();
  const { items } = await bench.allLevels();
  const unknown = { stockKey: 'VARIATION000000000009999', location: PLACES[0]!.id };
  await bench.readLevels([items[0]!, unknown]);
  const target = (index: number, want: number, why: Target['why']): Target => ({
    cell: { stockKey: items[index]!.stockKey, location: items[index]!.location },
    want,
    expect: items[index]!.available,
    asOf: new Date(bench.clock.now()).toISOString(),
    key: bench.client.uuid(),
    why,
  });
  const targets = [target(0, 3, 'sync'), target(1, 30.5, 'sync'), target(2, 7, 'count')];
  const push = (some: Target[]) =>
    bench.run((client, config) => square.pushLevels(client as never, config as never, some));
  expect((await push(targets)).map(({ result }) => result)).toEqual(['applied', 'applied', 'applied']);
  await push([{ ...target(3, 1, 'sync'), cell: unknown }]);
  await bench.run((client, config) => square.findPush!(client as never, config as never, targets[0]!));
  await bench.settle();
  (bench.sandbox as SquareSandbox).staff.switchHooksOff();
  await bench.run((client, config) => square.checkSubscription!(client as never, config as never, HOOK_URL));
  await bench.run((client, config) => square.unsubscribe!(client as never, config as never, HOOK_URL));
  await bench.subscribe();
  await bench.run((client, config) => square.renew!(client as never, config as never));
  bench.line = undefined;
  return exchanges;
}

const EVENTS: Record<string, string> = {
  'payment.created': 'PaymentCreatedEvent',
  'payment.updated': 'PaymentUpdatedEvent',
  'order.created': 'OrderCreatedEvent',
  'order.updated': 'OrderUpdatedEvent',
  'order.fulfillment.updated': 'OrderFulfillmentUpdatedEvent',
  'refund.created': 'RefundCreatedEvent',
  'refund.updated': 'RefundUpdatedEvent',
  'inventory.count.updated': 'InventoryCountUpdatedEvent',
  'catalog.version.updated': 'CatalogVersionUpdatedEvent',
  'oauth.authorization.revoked': 'OauthAuthorizationRevokedEvent',
};

describe.skipIf(!contract)(`Square's published contract (strict)${missing}`, () => {
  it('takes every request we send, and describes every good answer of the stand-in', async () => {
    const bench = await Bench.open(square as never);
    const exchanges = await everything(bench);
    const operations = new Set<string>();
    for (const { request, response } of exchanges) {
      const name = `${request.method} ${new URL(request.url).pathname}`;
      operations.add(name);
      expect(
        contract!.request(request.method, request.url, request.body as string),
        `${name}: ${request.body}`,
      ).toEqual([]);
      const body = bodyText(response);
      if (response.status === 200)
        expect(contract!.answer(request.method, request.url, body), `${name}: ${body}`).toEqual([]);
      else for (const error of JSON.parse(body).errors) expect(contract!.value('Error', error), body).toEqual([]);
    }
    expect([...operations].map((name) => name.replace(/(ORDERSQ\d+|wbhk_\d+)/, '{id}')).sort()).toEqual(
      expect.arrayContaining([
        'DELETE /v2/webhooks/subscriptions/{id}',
        'GET /v2/locations',
        'GET /v2/merchants/me',
        'GET /v2/orders/{id}',
        'GET /v2/webhooks/subscriptions',
        'POST /oauth2/token',
        'POST /oauth2/token/status',
        'POST /v2/catalog/batch-retrieve',
        'POST /v2/catalog/search',
        'POST /v2/inventory/changes/batch-create',
        'POST /v2/inventory/changes/batch-retrieve',
        'POST /v2/inventory/counts/batch-retrieve',
        'POST /v2/orders/search',
        'POST /v2/webhooks/subscriptions',
        'PUT /v2/webhooks/subscriptions/{id}',
      ]),
    );
    bench.close();
  });

  it('describes every event the stand-in sends; we know each one', async () => {
    const bench = await Bench.open(square as never);
    await everything(bench);
    const { staff } = bench.sandbox as SquareSandbox;
    staff.track(skuOf(4), PLACES[0]!.id, false);
    staff.revoke();
    await bench.settle();
    const seen = new Set<string>();
    for (const { delivery, topic } of bench.deliveries) {
      seen.add(topic);
      const event = JSON.parse(Buffer.from(delivery.body).toString());
      const schema = EVENTS[topic]!;
      // Square's own sample of catalog.version.updated has an id that its schema lacks: what the sample has is allowed.
      const allowed = contract!.value(schema, contract!.sample(schema));
      const problems = contract!.value(schema, event).filter((problem) => !allowed.includes(problem));
      expect(problems, JSON.stringify(event)).toEqual([]);
    }
    expect([...seen].sort()).toEqual(Object.keys(EVENTS).sort());
    bench.close();
  });

  it('from 2026-07-15 on: adjustments name two places, in requests and answers', async () => {
    const later = squareContract(true)!;
    const bench = await Bench.open(square as never);
    bench.config = { ...bench.config, apiVersion: '2026-09-16' };
    const exchanges = await everything(bench);
    const writes = exchanges.filter(({ request }) => /inventory\/changes/.test(request.url));
    expect(writes.length).toBeGreaterThan(3);
    for (const { request, response } of writes) {
      expect(later.request(request.method, request.url, request.body as string), request.body as string).toEqual([]);
      if (response.status === 200)
        expect(later.answer(request.method, request.url, bodyText(response)), bodyText(response)).toEqual([]);
    }
    bench.close();
  });

  it('would notice a misspelt member and a missing key', () => {
    const url = 'https://connect.squareup.com/v2/inventory/changes/batch-create';
    expect(contract!.request('POST', url, JSON.stringify({ idempotency_key: 'k', change: [] })).join()).toMatch(
      /change/,
    );
    expect(contract!.request('POST', url, JSON.stringify({ changes: [] })).join()).toMatch(/idempotency_key/);
    const split = { type: 'ADJUSTMENT', adjustment: { from_location_id: 'L' } };
    expect(contract!.request('POST', url, JSON.stringify({ idempotency_key: 'k', changes: [split] }))).not.toEqual([]);
  });
});
