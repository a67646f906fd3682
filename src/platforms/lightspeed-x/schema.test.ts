import { describe, expect, it } from 'vitest';
import { bodyText, type HttpRequest, type HttpResponse } from '../../platform/http.ts';
import { Bench, HOOK_URL, PLACES, skuOf } from '../../platform/testing/bench.ts';
import { lightspeedX } from './index.ts';
import type { LightspeedXSandbox } from './sandbox.ts';
import { lightspeedContract } from './testing/contract.ts';
import { fixture } from './testing/scripted.ts';

const contract = lightspeedContract();
const missing = contract ? '' : ' (skipped: needs the reference material beside the checkout and ajv in test/vendor)';

describe.skipIf(!contract)(`the contract of 2026-07 (transcribed, strict)${missing}`, () => {
  it('takes every request we send, and describes every good answer of the stand-in', async () => {
    const bench = await Bench.open(lightspeedX as never, { subscribe: false });
    const exchanges: { request: HttpRequest; response: HttpResponse }[] = [];
    bench.line = (_, carry, request) =>
      carry().then((response) => {
        exchanges.push({ request: { ...request, body: request.body && bodyText(request) }, response });
        return response;
      });
    await bench.subscribe();
    const { shopper, staff } = bench.sandbox as LightspeedXSandbox;
    const sold = shopper.buy({ lines: [{ sku: skuOf(0), quantity: 2 }], location: null });
    shopper.buy({ lines: [{ sku: skuOf(1), quantity: 1 }], location: PLACES[1]!.id });
    staff.sellOpen('layby', skuOf(2), 1, PLACES[0]!.id);
    if (sold.ok) {
      shopper.fulfil(sold.order);
      shopper.refund(sold.order, { sku: skuOf(0), quantity: 1 }, true);
    }
    await bench.settle();
    await bench.pollUntilComplete();
    for (const doc of bench.listener.docs.keys()) bench.listener.toFetch.add(doc);
    await bench.run(() => bench.listener.fetchAll());
    await bench.pollPage('levels');
    await bench.allListings();
    const { items } = await bench.allLevels();
    await bench.readLevels([items[0]!, { stockKey: 'unknown', location: PLACES[0]!.id }]);
    const target = (index: number, want: number) => ({
      cell: { stockKey: items[index]!.stockKey, location: items[index]!.location },
      want,
      expect: items[index]!.available,
      asOf: new Date(bench.clock.now()).toISOString(),
      key: bench.client.uuid(),
      why: 'sync' as const,
    });
    const targets = [target(0, 3), target(1, 30.5)];
    await bench.run((client, config) => lightspeedX.pushLevels(client as never, config as never, targets));
    await bench.run((client, config) => lightspeedX.findPush!(client as never, config as never, targets[0]!));
    staff.switchHooksOff();
    await bench.run((client, config) => lightspeedX.checkSubscription!(client as never, config as never, HOOK_URL));
    await bench.run((client, config) => lightspeedX.unsubscribe!(client as never, config as never, HOOK_URL));
    const found = exchanges.flatMap(({ request, response }) => [
      ...contract!.request(request.method, request.url, request.body as string | undefined),
      ...(response.status < 300 && response.body.length > 0
        ? contract!.answer(request.method, request.url, bodyText(response))
        : []),
    ]);
    expect([...new Set(found)]).toEqual([]);
    expect(exchanges.length).toBeGreaterThan(25);
    bench.close();
  });

  it('finds fault with what is wrong, and describes the fixture', () => {
    const at = 'https://x.test/api/2026-07';
    expect(contract!.request('POST', `${at}/stock_adjustments`, '{"stock_adjustments":[{"quantity":-1}]}')).not.toEqual(
      [],
    );
    expect(contract!.request('GET', `${at}/sales?since=1`, undefined)).toEqual(['query since']);
    expect(contract!.answer('GET', `${at}/sales/1`, JSON.stringify({ data: fixture('sale-2026-07') }))).toEqual([]);
    expect(contract!.answer('GET', `${at}/sales/1`, JSON.stringify({ data: { state: 'sold' } }))).not.toEqual([]);
  });
});
