import { describe, expect, it } from 'vitest';
import { bodyText } from '../../platform/http.ts';
import { Bench, skuOf } from '../../platform/testing/bench.ts';
import { saleShape } from './core/sale.ts';
import { docOf } from './core/sale-doc.ts';
import { cin7 } from './index.ts';
import { coreSamples, membersOf } from './testing/samples.ts';
import { settings } from './testing/scripted.ts';

const sample = coreSamples();
const missing = sample ? '' : ' (skipped: needs the reference material beside the checkout and yaml in test/vendor)';

/** What the stand-in answers, by path. */
async function answers() {
  const bench = await Bench.open(cin7 as never, { items: 2, subscribe: false });
  const seen = new Map<string, unknown>();
  bench.line = (_, carry, request) =>
    carry().then((response) => {
      const path = new URL(request.url).pathname;
      if (response.status === 200) seen.set(`${request.method} ${path}`, JSON.parse(bodyText(response)));
      return response;
    });
  await bench.subscribe();
  const bought = bench.sandbox.shopper.buy({ lines: [{ sku: skuOf(0), quantity: 2 }], location: null });
  if (bought.ok) bench.sandbox.shopper.fulfil(bought.order);
  if (bought.ok) bench.sandbox.shopper.refund(bought.order, { sku: skuOf(0), quantity: 1 }, true);
  await bench.settle();
  await bench.pollUntilComplete();
  await bench.run((client, config) => cin7.check(client as never, config as never));
  const { items } = await bench.allLevels();
  const [from] = items;
  const target = {
    cell: from!,
    want: 3,
    expect: from!.available,
    from: from!,
    asOf: new Date(bench.clock.now()).toISOString(),
    key: 'k',
    why: 'sync' as const,
  };
  await bench.run((client, config) => cin7.pushLevels(client as never, config as never, [target]));
  bench.close();
  return seen;
}

describe.skipIf(!sample)(`the vendor's own samples of Core${missing}`, () => {
  it('the stand-in prints no member that they do not have', async () => {
    const seen = await answers();
    const strange: string[] = [];
    for (const [call, path] of [
      ['GET /sale', '/sale?ID={ID}&CombineAdditionalCharges'],
      ['GET /saleList', '/saleList?'],
      ['GET /saleCreditNoteList', '/saleCreditNoteList?'],
      ['GET /ref/location', '/ref/location?ID={ID}&Page'],
      ['GET /ref/productavailability', '/ref/productavailability?'],
      ['POST /stockadjustment', '/stockadjustment:'],
      ['POST /webhooks', '/webhooks:'],
      ['GET /me', '/me:'],
    ] as const) {
      const printed = seen.get(call);
      expect(printed, call).toBeDefined();
      const known = membersOf(sample!(path, call.startsWith('POST') ? 'post' : 'get'));
      expect(known.size, path).toBeGreaterThan(3);
      strange.push(...[...membersOf(printed)].filter((name) => !known.has(name)).map((name) => `${call}: ${name}`));
    }
    expect(strange).toEqual([]);
  });

  it('their sale is read: authorised, one piece promised; its parcel and credit note are drafts', async () => {
    const sale = saleShape.parse(JSON.parse(JSON.stringify(sample!('/sale?ID={ID}&CombineAdditionalCharges', 'get'))));
    const doc = await docOf(sale, settings(), async ({ id, name }) => id ?? name ?? null);
    expect(doc).toMatchObject({
      state: 'ORDERED',
      source: 'Amazon_US',
      rev: expect.stringMatching(/^2017-11-22T10:10:49/),
    });
    expect(doc.origin).toBeUndefined();
    expect(doc.lines).toMatchObject([
      { sku: 'Bread', parts: [{ location: 'Main Warehouse', committed: 1, out: 0, returned: 0, taken: 1 }] },
    ]);
  });
});
