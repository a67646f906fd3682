import { describe, expect, it } from 'vitest';
import { bodyText } from '../../platform/http.ts';
import { vendorModule } from '../../platform/testing/outside.ts';
import { classify } from './failures.ts';
import { magento } from './index.ts';
import { docOf, orderShape } from './order-doc.ts';
import { openBench } from './testing/bench.ts';
import { recordedCalls, recordedSwagger } from './testing/recordings.ts';

const calls = recordedCalls();
const recorded = (label: string) => calls.find((one) => one.label === label)!;
const swagger = recordedSwagger();
const ajvModule = vendorModule('ajv');

/** Names and types, all the way down; null fits anything, a list is as its first row, empty lists say nothing. */
function shapeDifferences(ours: unknown, real: unknown, at = ''): string[] {
  if (ours === null || real === null) return [];
  if (Array.isArray(ours) && Array.isArray(real))
    return ours.length > 0 && real.length > 0 ? shapeDifferences(ours[0], real[0], `${at}[]`) : [];
  if (typeof ours !== typeof real || Array.isArray(ours) !== Array.isArray(real))
    return [`${at}: ${typeof ours} for ${typeof real}`];
  if (typeof ours !== 'object') return [];
  const [a, b] = [ours as Record<string, unknown>, real as Record<string, unknown>];
  return [
    ...Object.keys(b).flatMap((name) => (name in a ? [] : [`${at}.${name} is missing`])),
    ...Object.keys(a).flatMap((name) =>
      name in b ? shapeDifferences(a[name], b[name], `${at}.${name}`) : [`${at}.${name} is ours`],
    ),
  ];
}

/** A shop in which each recorded call can be made again. */
function sameShop() {
  const bench = openBench();
  bench.sandbox.seed([{ sku: 'MUG-RED', title: 'Red mug', stock: { 1: 25 } }]);
  // Order 8 of the recording is there as well, unpaid.
  const bought = bench.sandbox.shopper.buy({ lines: [{ sku: 'MUG', quantity: 1 }], location: null, paid: false });
  return { bench, order: bought.ok ? bought.order : '' };
}

describe('what Magento Open Source 2.4.7-p3 answered', () => {
  const expected: Record<string, string | undefined> = {
    'unknown source': 'rejected batch-refused',
    'bulk async': 'rejected no-route',
    'bad token': 'auth unauthorized',
    'missing sku': 'gone unknown-item',
  };

  it('every answer is taken for what it is', () => {
    for (const { label, request, response } of calls) {
      const op = request.path.includes('/orders') ? 'orders' : request.method === 'POST' ? 'writeSources' : 'products';
      const body = Buffer.from(JSON.stringify(response.body));
      const failure = classify({ status: response.status, headers: {}, body }, op);
      expect(failure && `${failure.failure} ${failure.code}`, label).toBe(expected[label]);
    }
    expect(calls.length).toBeGreaterThan(10);
  });

  it('an error names what it is about: its placeholders are filled in', () => {
    const { response } = recorded('bad token');
    const body = Buffer.from(JSON.stringify(response.body));
    expect(classify({ status: 401, headers: {}, body }, 'orders')?.message).toContain(
      "The consumer isn't authorized to access Magento_Sales::actions_view",
    );
  });

  it('its orders are read as the states they are', () => {
    const { items } = recorded('orders by updated_at').response.body as { items: unknown[] };
    const shop = { stocks: [], stockOfStore: new Map([['1', '1']]) };
    const { config } = openBench();
    const docs = items.map((item) => docOf(orderShape.parse(item), shop, config));
    expect(docs[0]).toEqual({
      account: 'mugs.example',
      doc: 'order:8',
      rev: '2026-11-23T03:01:33Z',
      whole: true,
      saleAt: '2026-11-23T03:01:32Z',
      paid: false,
      state: 'pending',
      lines: [
        {
          line: '8',
          listing: '1',
          sku: 'MUG-BLUE',
          parts: [{ location: '1', committed: 1, out: 0, returned: 0, taken: 1 }],
        },
      ],
    });
    expect(docs).toHaveLength(2);
  });

  it('the stand-in answers the same calls in the same shapes, refusals word by word', async () => {
    const { bench, order } = sameShop();
    for (const { label, request, response } of calls) {
      const url = `https://mugs.example${request.path.replace('/orders/1', `/orders/${order}`)}`;
      const made = {
        method: request.method,
        url,
        headers: {},
        ...(request.body ? { body: JSON.stringify(request.body) } : {}),
      };
      const signed = magento.authorize(made, bench.config, bench.clock.now() + calls.indexOf(recorded(label)));
      const headers = label === 'bad token' ? { authorization: 'Bearer nobody' } : signed.headers;
      const answered = await bench.sandbox.handle({ ...signed, headers });
      expect(answered.status, label).toBe(response.status);
      const body: unknown = JSON.parse(bodyText(answered));
      expect(shapeDifferences(body, response.body), label).toEqual([]);
      if (response.status >= 400) expect(body, label).toEqual(response.body);
    }
    expect(bench.sandbox.shown().find(({ sku }) => sku === 'MUG-RED')).toMatchObject({ available: -1 });
  });
});

/** Indexes are counted up; the document describes each list by its first member. */
const plain = (name: string): string => name.replace(/\[\d+\]/g, '[0]');

describe.skipIf(!swagger || !ajvModule)(
  "every request and answer against the server's own Swagger (skipped where ../shared/recordings or test/vendor is absent)",
  () => {
    it('path, method, every parameter, bodies and answers', async () => {
      const { bench, order } = sameShop();
      const targets = await bench.targets([{ sku: 'HAT', want: 3 }]);
      await bench.run(async (client, config) => {
        await magento.check(client, config);
        await magento.pushLevels(client, config, targets);
        bench.sandbox.shopper.pay?.(order);
        bench.sandbox.shopper.fulfil(order);
        bench.sandbox.shopper.refund(order, { sku: 'MUG', quantity: 1 }, true);
        await magento.fetchDocument(client, config, `order:${order}`);
        await magento.poll(client, config, 'orders', null, '2026-11-23T00:00:00Z');
        await magento.listLocations(client, config);
        await magento.listListings(client, config, null);
        await magento.listLevels(client, config, null);
        const legacy = { ...config, inventory: 'stock-item' as const };
        const cells = [{ stockKey: 'HAT', location: '1' }];
        const [from] = await magento.readLevels(client, legacy, cells);
        await magento.pushLevels(client, legacy, [
          { cell: cells[0]!, want: 2, expect: 3, from: from!, asOf: '', key: 'k', why: 'sync' },
        ]);
      });
      const Ajv = ajvModule.default ?? ajvModule;
      const ajv = new Ajv({ strict: false, allErrors: true });
      ajv.addSchema({ $id: 'swagger', definitions: swagger!.definitions });
      const holds = (schema: unknown, value: unknown, what: string) => {
        const text = JSON.stringify(schema).replaceAll('#/definitions/', 'swagger#/definitions/');
        const valid = ajv.validate(JSON.parse(text), value);
        expect(valid ? [] : ajv.errorsText(), what).toEqual([]);
      };
      const seen = new Set<string>();
      const read = bench.exchanges.find(
        ({ request }) => request.method === 'GET' && request.url.includes('/stockItems/'),
      );
      const stockItem = JSON.parse(bodyText(read!.response)) as object;
      for (const { request, response } of bench.exchanges) {
        const url = new URL(request.url);
        const path = url.pathname.replace(/^\/rest\/all/, '');
        const pattern = Object.keys(swagger!.paths)
          .filter((one) => new RegExp(`^${one.replace(/\{\w+\}/g, '[^/]+')}$`).test(path))
          .sort((a, b) => a.split('{').length - b.split('{').length)[0];
        const operation = pattern && swagger!.paths[pattern]![request.method.toLowerCase()];
        expect(operation, `${request.method} ${path}`).toBeTruthy();
        if (!operation) continue;
        const parameters = operation.parameters ?? [];
        const known = parameters.filter((one) => one.in === 'query').map(({ name }) => name);
        for (const name of url.searchParams.keys())
          if (name !== 'fields')
            expect(known, `${name} of ${path}`).toContain(plain(name).replace(/filters\]\[0\]/, 'filters][0]'));
        const bodySchema = parameters.find((one) => one.in === 'body')?.schema;
        // The document calls every member of a stock item required; Magento's own examples send the number alone.
        const body = request.body === undefined ? undefined : JSON.parse(bodyText(request));
        const whole = path.includes('/stockItems/') ? { stockItem: { ...stockItem, ...body?.stockItem } } : body;
        if (body !== undefined) holds(bodySchema, whole, `body of ${path}`);
        const answerSchema = operation.responses[String(response.status)]?.schema;
        // A request that chose its fields is answered without what the document calls required.
        if (answerSchema && !url.searchParams.has('fields'))
          holds(answerSchema, JSON.parse(bodyText(response)), `answer of ${path}`);
        seen.add(`${request.method} ${pattern}`);
      }
      expect([...seen].length).toBeGreaterThanOrEqual(14);
    });
  },
);
