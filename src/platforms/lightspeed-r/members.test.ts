import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { bodyText } from '../../platform/http.ts';
import { Bench, PLACES, skuOf } from '../../platform/testing/bench.ts';
import { push, targetsFor, writableLevels } from '../../platform/testing/pushing.ts';
import { record, rowsOf } from './api.ts';
import { lightspeedR } from './index.ts';
import { lineShape, saleShape } from './sale-shape.ts';
import type { LightspeedSandbox } from './sandbox.ts';

const { models } = JSON.parse(readFileSync(new URL('./fixtures/members.json', import.meta.url), 'utf8')) as {
  models: Record<string, Record<string, string>>;
};

/** In the samples and relations of the same pages, and not in their tables. */
const UNLISTED: Record<string, string[]> = {
  Sale: ['updateTime'],
  SaleLine: ['InventorySales'],
  Item: ['serialized'],
  ItemShop: ['onWorkorder'],
  Shop: ['timeStamp'],
};
const NESTED: Record<string, string> = {
  SaleLines: 'SaleLine',
  InventorySales: 'InventorySale',
  ItemShops: 'ItemShop',
};
const FORMS: Record<string, RegExp> = {
  integer: /^-?\d+$/,
  float: /^-?\d+(\.\d+)?$/,
  boolean: /^(true|false)$/,
  bool: /^(true|false)$/,
  datetime: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00$/,
  string: /^/,
  enum: /^[a-z_]+$/,
};

/** Sentences on every member that the reference does not have, or that has another form. */
function complaints(model: string, row: unknown): string[] {
  return Object.entries(record(row) ?? { [`not an object`]: row }).flatMap(([name, value]) => {
    const inside = NESTED[name];
    if (inside) return rowsOf(record(value)?.[inside]).flatMap((one) => complaints(inside, one));
    const type = models[model]?.[name];
    if (type === undefined) return UNLISTED[model]?.includes(name) ? [] : [`${model} has no ${name}`];
    const good = typeof value === 'string' && FORMS[type]?.test(value);
    return good ? [] : [`${model}.${name} is ${JSON.stringify(value)}, not ${type}`];
  });
}

describe("Lightspeed's reference pages", () => {
  it('describe every good answer of the stand-in, and every write we send', async () => {
    const bench = await Bench.open(lightspeedR as never);
    const seen = new Map<string, number>();
    const wrong: string[] = [];
    const look = (body: Record<string, unknown>) => {
      for (const model of Object.keys(models))
        for (const row of rowsOf(body[model])) {
          wrong.push(...complaints(model, row));
          seen.set(model, (seen.get(model) ?? 0) + 1);
        }
    };
    let costs = 0;
    bench.line = (op, carry, request) =>
      carry().then((response) => {
        if (request.method === 'PUT') wrong.push(...complaints('Item', JSON.parse(bodyText(request))));
        if (response.status === 200) look(record(JSON.parse(bodyText(response))) ?? {});
        // What a call costs is what the facts say, and for writes no more than that.
        const cost = Number(response.headers['x-ls-api-request-cost']);
        const declared = lightspeedR.facts.operations[op as 'sales']?.cost ?? 1;
        if (!(op === 'writeItem' ? cost <= declared : cost === declared))
          wrong.push(`${op} costs ${cost}, not ${declared}`);
        costs += 1;
        return response;
      });
    const { shopper, staff } = bench.sandbox as LightspeedSandbox;
    const bought = shopper.buy({ lines: [{ sku: skuOf(0), quantity: 3 }], location: PLACES[1]!.id });
    if (!bought.ok) throw new Error(bought.why);
    shopper.refund(bought.order, { sku: skuOf(0), quantity: 1 }, true);
    shopper.buy({ lines: [{ sku: skuOf(1), quantity: 1 }], location: null, paid: false });
    staff.layaway(skuOf(2), PLACES[0]!.id, 2);
    await bench.pollUntilComplete();
    for (const doc of bench.listener.docs.keys()) bench.listener.toFetch.add(doc);
    await bench.run(() => bench.listener.fetchAll());
    await bench.pollPage('levels');
    await bench.run((client, config) => lightspeedR.listLocations(client as never, config as never));
    const levels = (await writableLevels(bench)).slice(0, 4);
    await push(
      bench,
      await targetsFor(
        bench,
        levels.map((level) => ({ level, want: 3 })),
      ),
    );
    bench.line = undefined;
    expect(wrong).toEqual([]);
    for (const model of ['Sale', 'SaleLine', 'Item', 'ItemShop', 'Shop'])
      expect(seen.get(model), model).toBeGreaterThan(0);
    expect(costs).toBeGreaterThan(10);
    bench.close();
  });

  it('have every member that the connector reads', () => {
    const unknown = (model: string, shape: object) =>
      Object.keys(shape).filter((name) => !(name in models[model]!) && !UNLISTED[model]?.includes(name));
    expect(unknown('Sale', saleShape.shape)).toEqual([]);
    expect(unknown('SaleLine', lineShape.shape)).toEqual([]);
  });

  it('notice a wrong stand-in', () => {
    expect(complaints('ItemShop', { qoh: '5', shopID: '1', onWorkorder: '0' })).toEqual([]);
    expect(complaints('ItemShop', { qoh: 5, stock: '1', timeStamp: '2026-11-24' })).toEqual([
      'ItemShop.qoh is 5, not integer',
      'ItemShop has no stock',
      'ItemShop.timeStamp is "2026-11-24", not datetime',
    ]);
    expect(complaints('Sale', { SaleLines: { SaleLine: { unitQuantity: '1.5' } } })).toEqual([
      'SaleLine.unitQuantity is "1.5", not integer',
    ]);
  });
});
