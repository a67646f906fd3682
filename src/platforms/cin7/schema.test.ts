import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { bodyText } from '../../platform/http.ts';
import { Bench, skuOf } from '../../platform/testing/bench.ts';
import { sharedPath, vendorModule } from '../../platform/testing/outside.ts';
import { cin7 } from './index.ts';
import { omniSandbox } from './sandbox.ts';

type Schema = Record<string, unknown>;

/** The published texts as transcribed, made strict: members that they do not name are errors. */
function contract(): ((name: string, value: unknown) => string[]) | undefined {
  const file = sharedPath('specs/cin7/transcribed.schema.json');
  const ajvModule = vendorModule('ajv/dist/2020.js');
  if (!file || !ajvModule) return undefined;
  const { $defs } = JSON.parse(readFileSync(file, 'utf8')) as { $defs: Record<string, Schema> };
  const ajv = new ajvModule.default({ strict: false, validateFormats: false, allErrors: true });
  return (name, value) => {
    const validate = ajv.compile(strict($defs[name]));
    return validate(value) ? [] : validate.errors.map((one: object) => JSON.stringify(one));
  };
}

function strict<T>(node: T): T {
  if (Array.isArray(node)) return node.map(strict) as T;
  if (typeof node !== 'object' || node === null) return node;
  const copy: Schema = Object.fromEntries(Object.entries(node).map(([name, value]) => [name, strict(value)]));
  if (typeof copy['properties'] === 'object' && copy['type'] === 'object') copy['additionalProperties'] = false;
  return copy as T;
}

const check = contract();
const missing = check ? '' : ' (skipped: needs the reference material beside the checkout and ajv in test/vendor)';

/** Bodies of what was sent and answered, by operation. */
async function everything(platform: object) {
  const bench = await Bench.open(platform as never, { items: 3, subscribe: false });
  const seen: { op: string; sent: unknown; got: unknown }[] = [];
  bench.line = (op, carry, request) =>
    carry().then((response) => {
      seen.push({
        op,
        sent: request.body ? JSON.parse(bodyText(request)) : undefined,
        got: JSON.parse(bodyText(response)),
      });
      return response;
    });
  await bench.subscribe();
  const bought = bench.sandbox.shopper.buy({ lines: [{ sku: skuOf(0), quantity: 2 }], location: null });
  await bench.settle();
  if (bought.ok) bench.sandbox.shopper.fulfil(bought.order);
  await bench.settle();
  await bench.allListings();
  const { items } = await bench.allLevels();
  const extra = [...bench.listings.values()].find(({ stockKey }) => stockKey === items[0]!.stockKey)!.extra!;
  await bench.readLevels(items.slice(0, 2));
  const target = {
    cell: items[0]!,
    want: 3,
    expect: items[0]!.available,
    from: items[0]!,
    asOf: new Date(bench.clock.now()).toISOString(),
    key: 'k',
    why: 'sync' as const,
    extra,
  };
  const outcomes = await bench.run((client, config) => cin7.pushLevels(client as never, config as never, [target]));
  expect(outcomes).toMatchObject([{ result: 'applied' }]);
  bench.close();
  return { seen, deliveries: bench.deliveries };
}

describe.skipIf(!check)(`the published texts of Cin7 (transcribed, strict)${missing}`, () => {
  it('Core: adjustments, webhooks and their registration, availability', async () => {
    const { seen, deliveries } = await everything(cin7);
    const sent = (op: string) => seen.filter((one) => one.op === op && one.sent !== undefined).map((one) => one.sent);
    expect(sent('adjust').flatMap((body) => check!('coreStockAdjustmentPost', body))).toEqual([]);
    expect(sent('adjust')).toHaveLength(1);
    expect(sent('hookWrite').flatMap((body) => check!('coreWebhookPost', body))).toEqual([]);
    expect(sent('hookWrite').length).toBeGreaterThan(5);
    const availability = seen.filter(({ op }) => op.startsWith('availability'));
    expect(availability.flatMap(({ got }) => check!('coreProductAvailability', got))).toEqual([]);
    const bodies = deliveries.map(({ delivery }) => JSON.parse(bodyText(delivery)));
    // In the vendor's text, and left out of the transcription.
    for (const body of bodies) delete body.CustomerName;
    expect(bodies.length).toBeGreaterThan(2);
    for (const body of bodies)
      if (Array.isArray(body)) expect(check!('coreProductAvailability', { ProductAvailabilityList: body })).toEqual([]);
      else expect(check!('coreSaleWebhook', body)).toEqual([]);
  });

  it('Omni: adjustments and stock rows', async () => {
    const { seen } = await everything({
      ...cin7,
      facts: { ...cin7.facts, hooks: { ...cin7.facts.hooks, kind: 'none' } },
      sandbox: (options: Parameters<typeof omniSandbox>[0]) => omniSandbox(options),
    });
    const adjusted = seen.filter(({ op }) => op === 'omniAdjust');
    expect(adjusted).toHaveLength(1);
    expect(adjusted.flatMap(({ sent }) => check!('omniAdjustmentsPost', sent))).toEqual([]);
    const rows = seen.filter(({ op }) => op.startsWith('omniStock')).flatMap(({ got }) => got as unknown[]);
    expect(rows.length).toBeGreaterThan(0);
    const strange = rows.flatMap((row) => check!('omniStockRow', row)).filter((one) => !one.includes('productName'));
    expect(strange).toEqual([]);
  });

  it('finds fault with what is wrong', () => {
    expect(check!('coreStockAdjustmentPost', { Lines: [] })).not.toEqual([]);
    expect(check!('omniAdjustmentsPost', [{ branchId: '3', lineItems: [] }])).not.toEqual([]);
  });
});
