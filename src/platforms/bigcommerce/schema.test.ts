import { describe, expect, it } from 'vitest';
import { bodyText, type HttpRequest, type HttpResponse } from '../../platform/http.ts';
import { Bench, HOOK_URL, PLACES, skuOf } from '../../platform/testing/bench.ts';
import { targetsFor, writableLevels } from '../../platform/testing/pushing.ts';
import { bigcommerce } from './index.ts';
import { docOf, orderShape } from './order-doc.ts';
import type { BigSandbox } from './sandbox.ts';
import { bigContract } from './testing/openapi.ts';
import { settings } from './testing/scripted.ts';

const contract = bigContract();
const missing = contract
  ? ''
  : ' (skipped: needs the reference material beside the checkout, ajv and yaml in test/vendor)';

/** Everything the connector ever does, on the wire. */
async function everything(bench: Bench): Promise<{ request: HttpRequest; response: HttpResponse }[]> {
  const exchanges: { request: HttpRequest; response: HttpResponse }[] = [];
  bench.line = (_, carry, request) =>
    carry().then((response) => {
      exchanges.push({ request, response });
      return response;
    });
  const { shopper } = bench.sandbox;
  const buy = (location: string | null, paid = true) => {
    const bought = shopper.buy({ lines: [{ sku: skuOf(0), quantity: 2 }], location, paid });
    if (!bought.ok) throw new Error(bought.why);
    return bought.order;
  };
  const order = buy(null);
  buy(PLACES[1]!.id);
  shopper.cancel(buy(null, false));
  shopper.fulfil(order);
  shopper.refund(order, { sku: skuOf(0), quantity: 1 }, false);
  await bench.settle();
  await bench.pollUntilComplete();
  await bench.run((client, config) => bigcommerce.check(client as never, config as never));
  await bench.run((client, config) => bigcommerce.listLocations(client as never, config as never));
  const levels = await writableLevels(bench);
  const push = async (index: number) => {
    const targets = await targetsFor(bench, [{ level: levels[index]!, want: 3 }]);
    await bench.run((client, config) => bigcommerce.pushLevels(client as never, config as never, targets));
  };
  await push(0);
  await push(levels.findIndex(({ stockKey }) => stockKey.startsWith('product/')));
  await bench.settle();
  (bench.sandbox as BigSandbox).staff.switchHooksOff();
  await bench.run((client, config) => bigcommerce.checkSubscription!(client as never, config as never, HOOK_URL));
  await bench.run((client, config) => bigcommerce.unsubscribe!(client as never, config as never, HOOK_URL));
  await bench.subscribe();
  bench.line = undefined;
  return exchanges;
}

describe.skipIf(!contract)(`BigCommerce's published contract${missing}`, () => {
  it('takes every request we send, and describes every answer of the stand-in', { timeout: 30_000 }, async () => {
    const bench = await Bench.open(bigcommerce as never);
    const exchanges = await everything(bench);
    const operations = new Set<string>();
    const seen = new Set<string>();
    for (const { request, response } of exchanges) {
      const body = request.body && bodyText(request);
      const name = `${request.method} ${new URL(request.url).pathname.replace(/^\/stores\/contract/, '').replace(/\d{3,}/, '{id}')}`;
      operations.add(name);
      // The probe's empty list is no adjustment, which is its point.
      if (body?.includes('"items":[]')) continue;
      const kind = `${name} ${response.status} ${new URL(request.url).search.replace(/\d+/g, '')}`;
      if (seen.has(kind) && request.method === 'GET' && !name.includes('orders')) continue;
      seen.add(kind);
      expect(contract!.request(request.method, request.url, body), `${name}: ${body}`).toEqual([]);
      // An empty V2 list is 204 in practice, and 200 in the contract.
      if (response.status === 204) continue;
      const told = contract!.answer(request.method, request.url, response.status, bodyText(response));
      expect(told, `${name}: ${bodyText(response).slice(0, 2_000)}`).toEqual([]);
    }
    expect([...operations].sort()).toEqual([
      'DELETE /v3/hooks/{id}',
      'GET /v2/orders',
      'GET /v2/orders/{id}',
      'GET /v3/catalog/products',
      'GET /v3/hooks',
      'GET /v3/inventory/items',
      'GET /v3/inventory/locations',
      'GET /v3/settings/inventory',
      'POST /v3/hooks',
      'PUT /v3/hooks/{id}',
      'PUT /v3/inventory/adjustments/absolute',
    ]);
    bench.close();
  });

  it('its own samples of orders and their lines are understood', () => {
    const orders = [...contract!.samples('orderCollection_Resp').flat(), ...contract!.samples('order_Resp')];
    const lines = [
      ...contract!.samples('orderProductsCollection_Resp').flat(),
      ...contract!.samples('orderProductLineItem_Resp'),
    ];
    expect(Math.min(orders.length, lines.length)).toBeGreaterThan(1);
    const consignments = { shipping: [{ line_items: lines }] };
    for (const order of orders) {
      const parsed = orderShape.parse({ ...(order as object), consignments });
      const doc = docOf(parsed, settings());
      expect(doc.lines).toHaveLength(lines.length);
      expect(doc.rev, JSON.stringify(doc)).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
      expect(doc.lines.some(({ parts }) => parts[0]!.taken > 0)).toBe(true);
      // Custom products have neither product nor variant; others are known, if only by their product.
      for (const { listing } of doc.lines) expect(listing === null || /^(product\/)?\d+$/.test(listing)).toBe(true);
    }
  });

  it('would notice a wrong parameter, a missing member and a quantity as text', () => {
    const at = (path: string) => `https://api.bigcommerce.com/stores/x${path}`;
    expect(contract!.request('GET', at('/v2/orders?modified_after=1'), undefined).join()).toMatch(/modified_after/);
    expect(contract!.request('GET', at('/v3/catalog/products?include=stock'), undefined).join()).toMatch(/stock/);
    const path = at('/v3/inventory/adjustments/absolute');
    const body = (item: object) => JSON.stringify({ items: [item] });
    expect(contract!.request('PUT', path, body({ location_id: 1, variant_id: 2, quantity: 3 }))).toEqual([]);
    expect(contract!.request('PUT', path, body({ location_id: 1, variant_id: 2, quantity: '3' }))).not.toEqual([]);
    expect(contract!.request('PUT', path, body({ variant_id: 2, quantity: 3 }))).not.toEqual([]);
  });
});
