import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { bodyText } from '../../platform/http.ts';
import { Bench, skuOf } from '../../platform/testing/bench.ts';
import { push, targetsFor, writableLevels } from '../../platform/testing/pushing.ts';
import { clover } from './index.ts';
import { lineShape, orderShape } from './order-shape.ts';
import type { CloverSandbox } from './sandbox.ts';

type Fields = Record<string, 'string' | 'number' | 'boolean' | 'object' | 'elements'>;
const read = (name: string) => JSON.parse(readFileSync(new URL(`./fixtures/${name}.json`, import.meta.url), 'utf8'));
const models: Record<string, Fields> = read('models').models;
const documented = read('documented');

/** Nested members whose model is known, by `Model.member`. */
const NESTED: Record<string, string> = {
  'Order.lineItems': 'LineItem',
  'Order.payments': 'Payment',
  'Order.refunds': 'Refund',
  'LineItem.item': 'Reference',
  'Payment.order': 'Reference',
  'Refund.orderRef': 'Reference',
  'Refund.payment': 'Reference',
  'Refund.lineItems': 'Reference',
  'Item.itemStock': 'ItemStock',
  'ItemStock.item': 'Reference',
};
/** On the wire, and not in the model classes: the address of every object, and one member of its documentation. */
const WIRE_ONLY = ['href', 'isOrderFee', 'deletedTime'];

/** Sentences on every member that the model does not have, or has as another type. */
function complaints(model: string, value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [`${model} is ${JSON.stringify(value)}`];
  return Object.entries(value).flatMap(([name, member]) => {
    const type = models[model]![name];
    const inside = NESTED[`${model}.${name}`];
    if (type === undefined) return WIRE_ONLY.includes(name) ? [] : [`${model} has no ${name}`];
    if (type === 'elements') {
      const rows = (member as { elements?: unknown[] }).elements;
      if (!Array.isArray(rows)) return [`${model}.${name} is no list`];
      return inside ? rows.flatMap((row) => complaints(inside, row)) : [];
    }
    if (inside) return complaints(inside, member);
    // Enumerations are texts on the wire.
    const good = type === 'object' ? ['object', 'string'].includes(typeof member) : typeof member === type;
    return good ? [] : [`${model}.${name} is ${JSON.stringify(member)}, not ${type}`];
  });
}

const MODEL_OF: [pattern: RegExp, model: string, list: boolean][] = [
  [/\/orders$/, 'Order', true],
  [/\/orders\/\w+$/, 'Order', false],
  [/\/line_items$/, 'LineItem', true],
  [/\/items$/, 'Item', true],
  [/\/items\/\w+$/, 'Item', false],
  [/\/item_stocks\/\w+$/, 'ItemStock', false],
];

describe("Clover's own model classes", () => {
  it('describe every good answer of the stand-in, whatever happened', async () => {
    const bench = await Bench.open(clover as never, { stock: 300 });
    const seen = new Map<string, number>();
    const wrong: string[] = [];
    bench.line = (_, carry, request) =>
      carry().then((response) => {
        const [, model, isList] = MODEL_OF.find(([pattern]) => pattern.test(new URL(request.url).pathname)) ?? [];
        if (model && response.status === 200) {
          const body = JSON.parse(bodyText(response));
          for (const one of isList ? body.elements : [body]) {
            wrong.push(...complaints(model, one));
            seen.set(model, (seen.get(model) ?? 0) + 1);
          }
        }
        return response;
      });
    const { shopper, staff } = bench.sandbox as CloverSandbox;
    staff.sellByWeight(skuOf(3));
    const buy = (index: number, quantity: number, paid = true) => {
      const bought = shopper.buy({ lines: [{ sku: skuOf(index), quantity }], location: null, paid });
      if (!bought.ok) throw new Error(bought.why);
      return bought.order;
    };
    buy(0, 130);
    shopper.refund(buy(1, 3), { sku: skuOf(1), quantity: 2 }, true);
    shopper.cancel(buy(2, 1));
    buy(2, 1, false);
    buy(3, 1.25);
    await bench.settle();
    await bench.pollUntilComplete();
    const levels = (await writableLevels(bench)).slice(0, 3);
    await push(
      bench,
      await targetsFor(
        bench,
        levels.map((level) => ({ level, want: 3.5 })),
      ),
    );
    bench.line = undefined;
    expect(wrong).toEqual([]);
    for (const [, model] of MODEL_OF) expect(seen.get(model), model).toBeGreaterThan(0);
    bench.close();
  });

  it('have every member that the connector reads', () => {
    const known = (model: string, shape: object) =>
      Object.keys(shape).filter((name) => !(name in models[model]!) && !WIRE_ONLY.includes(name));
    expect(known('Order', orderShape.shape)).toEqual([]);
    expect(known('LineItem', lineShape.shape)).toEqual([]);
  });

  it('notice a wrong stand-in', () => {
    expect(complaints('ItemStock', documented.itemStock)).toEqual([]);
    expect(complaints('ItemStock', { ...documented.itemStock, quantity: '160.5', count: 1 })).toEqual([
      'ItemStock.quantity is "160.5", not number',
      'ItemStock has no count',
    ]);
    expect(complaints('Order', { lineItems: { elements: [{ item: { name: 'x' } }] } })).toEqual([
      'Reference has no name',
    ]);
  });
});
