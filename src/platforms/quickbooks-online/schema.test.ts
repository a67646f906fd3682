import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { bodyText } from '../../platform/http.ts';
import { Bench, skuOf } from '../../platform/testing/bench.ts';
import { sharedPath, vendorModule } from '../../platform/testing/outside.ts';
import { targetsFor, writableLevels } from '../../platform/testing/pushing.ts';
import { quickbooksOnline } from './index.ts';
import type { QboSandbox } from './sandbox.ts';

const file = sharedPath('specs/quickbooks-commerce/transcribed.schema.json');
const Ajv = vendorModule('ajv/dist/2020.js')?.default;
const missing =
  file && Ajv ? '' : ' (skipped: needs the reference material beside the checkout and ajv in test/vendor)';

/** Restated by hand from Intuit's Finance.xsd and developer pages; each object made strict at its top. */
function against(name: string): (value: unknown) => string[] {
  const schema = JSON.parse(readFileSync(file!, 'utf8'));
  const ajv = new Ajv({ strict: false, allErrors: true });
  const validate = ajv.compile({ ...schema, $ref: `#/$defs/${name}`, unevaluatedProperties: false });
  return (value) =>
    validate(value)
      ? []
      : validate.errors.map(
          (one: { instancePath: string; message: string; params: unknown }) =>
            `${one.instancePath} ${one.message} ${JSON.stringify(one.params)}`,
        );
}

describe.skipIf(!file || !Ajv)(`bodies against a schema restated from Intuit's XSD${missing}`, () => {
  it('every adjustment we book, also in halves', async () => {
    const check = against('inventoryAdjustmentCreate');
    const bench = await Bench.open(quickbooksOnline as never, { items: 8 });
    const bodies: unknown[] = [];
    bench.line = (op, _carry, request) => {
      if (op === 'adjust') bodies.push(JSON.parse(bodyText(request)));
      return undefined;
    };
    const levels = await writableLevels(bench);
    (bench.sandbox as QboSandbox).staff.makeInactive(skuOf(3));
    const targets = await targetsFor(
      bench,
      levels.map((level, index) => ({ level, want: level.available + index - 3.5 })),
    );
    await bench.run((client, config) => quickbooksOnline.pushLevels(client as never, config as never, targets));
    bench.line = undefined;
    expect(bodies.length).toBeGreaterThan(3);
    for (const body of bodies) expect(check(body), JSON.stringify(body)).toEqual([]);
    expect(check({ AdjustAccountRef: { value: '80' }, Line: [], Memo: 'x' })).not.toEqual([]);
    expect(
      check({
        Line: [
          {
            DetailType: 'ItemAdjustmentLineDetail',
            ItemAdjustmentLineDetail: { ItemRef: { value: '1' }, QtyDiff: '2' },
          },
        ],
      }),
    ).not.toEqual([]);
    bench.close();
  });

  it.each([
    ['webhookCloudEvents', false],
    ['webhookLegacy', true],
  ])('every webhook of the stand-in: %s', async (name, legacy) => {
    const check = against(name);
    const bench = await Bench.open(quickbooksOnline as never, { items: 2 });
    const { staff } = bench.sandbox as QboSandbox;
    if (legacy) staff.legacyHooks();
    const bought = bench.sandbox.shopper.buy({ lines: [{ sku: skuOf(0), quantity: 2 }], location: null, paid: false });
    if (!bought.ok) throw new Error(bought.why);
    bench.sandbox.shopper.pay!(bought.order);
    await bench.settle();
    bench.sandbox.shopper.cancel(bought.order);
    await bench.settle();
    expect(bench.deliveries.length).toBeGreaterThan(3);
    for (const { delivery } of bench.deliveries)
      expect(check(JSON.parse(Buffer.from(delivery.body).toString()))).toEqual([]);
    bench.close();
  });
});
