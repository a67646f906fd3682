import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { AnyPlatform, Target } from '../../platform/contract.ts';
import { bodyText } from '../../platform/http.ts';
import { Bench, HOOK_URL, skuOf } from '../../platform/testing/bench.ts';
import { sharedPath, vendorModule } from '../../platform/testing/outside.ts';
import { tradegecko } from './index.ts';

const file = sharedPath('specs/tradegecko/transcribed.schema.json');
const ajv = vendorModule('ajv/dist/2020');
const ready = file !== undefined && ajv !== undefined;
const missing = ready ? '' : ' (skipped: needs the reference material beside the checkout and ajv in test/vendor)';

/** What is wrong with a value, by a definition of the transcribed documentation. */
function judge(): (definition: string, value: unknown) => unknown[] {
  const Ajv = ajv.default ?? ajv;
  const validator = new Ajv({ strict: false, validateFormats: false });
  validator.addSchema(JSON.parse(readFileSync(file!, 'utf8')), 'gecko');
  return (definition, value) => {
    const check = validator.getSchema(`gecko#/$defs/${definition}`);
    if (!check) throw new Error(`there is no definition ${definition}`);
    return check(value) ? [] : check.errors;
  };
}

/** Which definition describes the rows of a list, or the body of a request. */
const LISTS: Record<string, string> = { variants: 'variant', order_line_items: 'orderLineItem' };
const BODIES: Record<string, string> = {
  '/stock_adjustments': 'stockAdjustmentCreate',
  '/webhooks': 'webhookRegistration',
};

describe('the documentation, as transcribed', () => {
  it.runIf(ready)(`holds for every request, answer and event${missing}`, async () => {
    const wrong = judge();
    const bench = await Bench.open(tradegecko as AnyPlatform, { items: 3, subscribe: false });
    const seen = new Map<string, number>();
    const hold = (definition: string, value: unknown) => {
      seen.set(definition, (seen.get(definition) ?? 0) + 1);
      expect(wrong(definition, value), `${definition}: ${JSON.stringify(value)}`).toEqual([]);
    };
    bench.line = (_, carry, request) => {
      const { pathname } = new URL(request.url);
      if (request.method === 'POST' && BODIES[pathname]) hold(BODIES[pathname], JSON.parse(bodyText(request)));
      return carry().then((response) => {
        const answer = response.body.length > 0 ? JSON.parse(bodyText(response)) : {};
        for (const [list, definition] of Object.entries(LISTS))
          for (const row of answer[list] ?? []) hold(definition, row);
        return response;
      });
    };
    await bench.subscribe();
    const bought = bench.sandbox.shopper.buy({ lines: [{ sku: skuOf(0), quantity: 2.5 }], location: null });
    if (bought.ok) bench.sandbox.shopper.fulfil(bought.order);
    await bench.settle();
    await bench.pollUntilComplete();
    const { items } = await bench.allLevels();
    const targets = items.slice(0, 3).map(
      ({ stockKey, location, available }, index): Target => ({
        cell: { stockKey, location },
        want: available - 1.25 * (index + 1),
        expect: available,
        asOf: new Date(bench.clock.now()).toISOString(),
        key: bench.client.uuid(),
        why: 'sync',
      }),
    );
    await bench.run((client, config) => tradegecko.pushLevels(client as never, config as never, targets));
    await bench.settle();
    for (const { delivery } of bench.deliveries) hold('webhookDelivery', JSON.parse(bodyText(delivery)));
    await bench.run((client, config) => tradegecko.unsubscribe!(client as never, config as never, HOOK_URL));
    bench.close();
    expect([...seen.keys()].sort()).toEqual(
      ['orderLineItem', 'stockAdjustmentCreate', 'variant', 'webhookDelivery', 'webhookRegistration'].sort(),
    );
  });

  it.runIf(ready)(`refuses what it should${missing}`, () => {
    const wrong = judge();
    expect(wrong('stockAdjustmentCreate', { stock_adjustment: { stock_adjustment_line_items: [] } })).not.toEqual([]);
    expect(wrong('webhookDelivery', { object_id: '1' })).not.toEqual([]);
  });
});
