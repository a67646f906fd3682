import { XMLParser } from 'fast-xml-parser';
import { describe, expect, it } from 'vitest';
import { bodyText } from '../../platform/http.ts';
import type { PrestaOp } from './facts.ts';
import { classify } from './failures.ts';
import { prestashop } from './index.ts';
import { openBench } from './testing/bench.ts';
import { recordedCalls } from './testing/recordings.ts';
import { answer } from './xml.ts';

const calls = recordedCalls();
const recorded = (label: string) => calls.find((one) => one.label === label)!;
const responseOf = (label: string) => {
  const { response } = recorded(label);
  return { ...response, body: Buffer.from(response.body) };
};

/** Names and nesting of an answer's elements, or of its JSON members with their types; lists are as their first row. */
function shapeOf(text: string): unknown {
  if (text === '') return null;
  const isXml = text.startsWith('<?xml');
  const value: unknown = isXml ? new XMLParser({ parseTagValue: false }).parse(text) : JSON.parse(text);
  const shape = (one: unknown): unknown => {
    if (Array.isArray(one)) return [shape(one[0])];
    if (typeof one !== 'object' || one === null) return typeof one;
    return Object.fromEntries(
      Object.keys(one)
        .sort()
        .map((name) => [name, shape((one as Record<string, unknown>)[name])]),
    );
  };
  return shape(value);
}

describe('what the webservice of PrestaShop 1.7.7.4 answered', () => {
  it('every answer is taken for what it is', () => {
    // A broken answer to a write that is not repeated is in doubt, whatever the reason.
    const expected: Record<string, string | undefined> = {
      missing: 'gone unknown-item',
      'bad xml': 'unknown-outcome server-error',
    };
    for (const { label, request } of calls) {
      // Its JSON is not what we ask for.
      if (request.path.includes('output_format=JSON')) continue;
      const op: PrestaOp = request.method === 'PUT' ? 'writeStock' : 'stock';
      const failure = classify(responseOf(label), op);
      expect(failure && `${failure.failure} ${failure.code}`, label).toBe(expected[label]);
    }
    const bad = classify(responseOf('bad xml'), 'writeStock');
    expect(bad, "PHP's warnings come first").toMatchObject({ platformCode: '127' });
  });

  it('a stock record is read whole, all of it text', () => {
    expect(answer(responseOf('stock_available'), 'stock_availables', 'stock_available')).toEqual([
      {
        id: '1',
        id_product: '1',
        id_product_attribute: '0',
        id_shop: '1',
        id_shop_group: '0',
        quantity: '17',
        depends_on_stock: '0',
        out_of_stock: '0',
        location: '',
      },
    ]);
  });

  it('the stand-in answers the same calls in the same shapes, and refuses by the same codes', async () => {
    const bench = openBench();
    const { headers } = prestashop.authorize(
      { method: 'GET', url: 'https://mugs.example', headers: {} },
      bench.config,
      0,
    );
    bench.sandbox.shopper.buy({ lines: [{ sku: 'MUG', quantity: 1 }], location: null });
    bench.sandbox.shopper.buy({ lines: [{ sku: 'HAT', quantity: 1 }], location: null });
    const mug = '500100';
    for (const { label, request, response } of calls) {
      const path = request.path
        .replace('/stock_availables/1', `/stock_availables/${mug}`)
        .replace('filter[id_product]=[2]', 'filter[id_product]=[1010]');
      const body = request.body?.replace('<id><![CDATA[1]]></id>', `<id><![CDATA[${mug}]]></id>`);
      const answered = await bench.sandbox.handle({
        method: request.method,
        url: `https://mugs.example${path}`,
        headers,
        ...(body && { body }),
      });
      expect(answered.status, label).toBe(response.status);
      expect(shapeOf(bodyText(answered)), label).toEqual(shapeOf(response.body));
      const names = Object.keys(answered.headers).filter((name) => name !== 'date');
      expect(Object.keys(response.headers), label).toEqual(expect.arrayContaining(names));
      expect(answered.headers['content-type'], label).toBe(response.headers['content-type']);
      if (label === 'bad xml' || label === 'schema') expect(bodyText(answered), label).toBe(response.body);
    }
    expect(bench.sandbox.shown()[0]).toMatchObject({ sku: 'MUG', available: 21 });
  });

  it('what we write keeps the formats of the recorded schema, and all that was read', async () => {
    const schema = [...recorded('schema').response.body.matchAll(/<(\w+)((?: \w+="[^"]*")+)><\/\1>/g)].map(
      ([, name, attributes]) => ({ name: name!, attributes: attributes! }),
    );
    expect(schema.length).toBe(8);
    const formats: Record<string, RegExp> = {
      isUnsignedId: /^\d+$/,
      isInt: /^-?\d+$/,
      isBool: /^[01]$/,
      isString: /^.{0,255}$/,
    };
    const bench = openBench();
    const targets = await bench.targets([
      { key: '1010/0', want: 3 },
      { key: '1005/5003', want: 4, location: '2' },
    ]);
    await bench.run((client, config) => prestashop.pushLevels(client, config, targets));
    const writes = bench.exchanges.filter(({ request }) => request.method === 'PUT');
    expect(writes).toHaveLength(2);
    for (const { request } of writes) {
      const text = bodyText(request);
      const [element] = answer({ status: 200, headers: {}, body: Buffer.from(text) }, '-', 'stock_available');
      expect(Object.keys(element!).sort()).toEqual(['id', ...schema.map(({ name }) => name)].sort());
      for (const { name, attributes } of schema) {
        const format = formats[/format="(\w+)"/.exec(attributes)![1]!]!;
        expect(element![name], name).toMatch(format);
        if (attributes.includes('required')) expect(element![name], name).not.toBe('');
      }
      expect(text, 'no blanks inside values').not.toMatch(/<!\[CDATA\[\s|\s\]\]>/);
    }
    expect(bench.sandbox.staff.torn(), 'nothing lost its shop').toEqual([]);
  });
});
