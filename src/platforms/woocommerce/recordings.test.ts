import { describe, expect, it } from 'vitest';
import { bodyText, type HttpRequest } from '../../platform/http.ts';
import { classify } from './failures.ts';
import { woocommerce } from './index.ts';
import { HOOK, openBench } from './testing/bench.ts';
import { recordedCalls, recordedHooks, recordedSchema } from './testing/recordings.ts';

const calls = recordedCalls();
const hooks = recordedHooks();
const schema = recordedSchema();

/** Names and types, all the way down; null fits anything, a list is as its first row, empty lists say nothing. */
function shapeDifferences(ours: unknown, real: unknown, at = ''): string[] {
  if (ours === null || real === null) return [];
  if (Array.isArray(ours) && Array.isArray(real))
    return ours.length > 0 && real.length > 0 ? shapeDifferences(ours[0], real[0], `${at}[]`) : [];
  if (typeof ours !== typeof real || Array.isArray(ours) !== Array.isArray(real))
    return [`${at}: ${typeof ours} for ${typeof real}`];
  if (typeof ours !== 'object') return [];
  const [a, b] = [ours as Record<string, unknown>, real as Record<string, unknown>];
  const missing = Object.keys(b).filter((name) => !(name in a));
  const added = Object.keys(a).filter((name) => !(name in b));
  const below = Object.keys(a).flatMap((name) =>
    name in b ? shapeDifferences(a[name], b[name], `${at}.${name}`) : [],
  );
  return [
    ...missing.map((name) => `${at}.${name} is missing`),
    ...added.map((name) => `${at}.${name} is ours`),
    ...below,
  ];
}

const recordedBody = (label: string): unknown => calls.find((one) => one.label === label)!.response.body;

describe('the stand-in answers as WooCommerce 11.0.1 did', () => {
  const bench = openBench();
  const call = async (method: HttpRequest['method'], path: string, body?: unknown) => {
    const request = {
      method,
      url: `https://mugs.example/wp-json/wc/v3${path}`,
      headers: {},
      ...(body ? { body: JSON.stringify(body) } : {}),
    };
    const response = await bench.sandbox.handle(woocommerce.authorize(request, bench.config, 0));
    return { status: response.status, body: JSON.parse(bodyText(response)) as unknown };
  };
  const same = async (label: string, answered: Promise<{ status: number; body: unknown }>) => {
    const recorded = calls.find((one) => one.label === label)!;
    const { status, body } = await answered;
    expect(status, label).toBe(recorded.response.status);
    expect(shapeDifferences(body, recorded.response.body), label).toEqual([]);
    return body;
  };

  it('products, variations, batches, webhooks and orders: the same members of the same types', async () => {
    const { id: webhook, ...created } = (await same(
      'create webhook',
      call('POST', '/webhooks', { topic: 'order.deleted', delivery_url: HOOK, secret: 'x' }),
    )) as Record<string, unknown>;
    expect(webhook).toBeTypeOf('number');
    expect(created['hooks']).toEqual(
      (
        calls.find(
          ({ label, request }) => label === 'create webhook' && JSON.stringify(request.body).includes('order.deleted'),
        )!.response.body as Record<string, unknown>
      )['hooks'],
    );
    await same('find variation by sku', call('GET', '/products?sku=TEE-S'));
    await same('set stock', call('PUT', '/products/1010', { stock_quantity: 17 }));
    await same('set variation stock', call('PUT', '/products/1005/variations/1020', { stock_quantity: 5 }));
    const batch = (await same(
      'batch update, one bad id',
      call('POST', '/products/batch', {
        update: [
          { id: 1010, stock_quantity: 16 },
          { id: 999999, stock_quantity: 1 },
        ],
      }),
    )) as { update: unknown[] };
    expect(batch.update[1]).toEqual((recordedBody('batch update, one bad id') as { update: unknown[] }).update[1]);
    await same('product after order', call('GET', '/products/1010'));
    const order = (await same(
      'create order',
      call('POST', '/orders', {
        status: 'processing',
        set_paid: true,
        line_items: [
          { product_id: 1010, quantity: 2 },
          { product_id: 1005, variation_id: 1020, quantity: 1 },
        ],
      }),
    )) as { id: number };
    await same('cancel order', call('PUT', `/orders/${order.id}`, { status: 'cancelled' }));
  });

  it('refusals: the same status, code and message', async () => {
    const { body: unknown } = await call('PUT', '/products/999999', { stock_quantity: 1 });
    expect(unknown).toEqual(recordedBody('no such product'));
    const { body: bad } = await call('PUT', '/products/1010', { stock_quantity: 'many' });
    expect(bad).toEqual(recordedBody('bad param'));
  });

  it('every recorded answer is taken for what it is', () => {
    for (const { label, request, response } of calls) {
      const op = request.path.includes('/orders')
        ? 'order'
        : request.path.includes('batch')
          ? 'writeProducts'
          : 'probe';
      const failure = classify(
        { status: response.status, headers: {}, body: Buffer.from(JSON.stringify(response.body)) },
        op,
      );
      const expected = { 'no such product': 'gone', 'bad param': 'rejected', 'create same SKU again': 'rejected' }[
        label
      ];
      expect(failure?.failure, label).toBe(expected);
    }
  });

  it('webhooks have the recorded headers and members', async () => {
    await bench.run((client, config) => woocommerce.subscribe!(client, config, HOOK));
    bench.deliveries.length = 0;
    bench.sandbox.shopper.buy({ lines: [{ sku: 'MUG', quantity: 1 }], location: null });
    await bench.advance(120_000);
    for (const topic of ['order.created', 'order.updated', 'product.updated']) {
      const of = (all: typeof hooks) => all.find(({ headers }) => headers['x-wc-webhook-topic'] === topic)!;
      const [ours, real] = [of(bench.deliveries), of(hooks)];
      const names = (headers: Record<string, string>) =>
        Object.keys(headers)
          .filter((name) => /^x-wc|content-type|user-agent/.test(name))
          .sort();
      expect(names(ours.headers)).toEqual(names(real.headers));
      expect(shapeDifferences(JSON.parse(String(ours.body)), JSON.parse(String(real.body))), topic).toEqual([]);
    }
  });
});

describe.skipIf(!schema)(
  `every request of ours is in the server's own index of routes (skipped where ../shared/recordings is absent)`,
  () => {
    it('path, method and every parameter', async () => {
      const bench = openBench();
      await bench.run(async (client, config) => {
        await woocommerce.check(client, config);
        await woocommerce.subscribe!(client, config, HOOK);
        await woocommerce.subscribe!(client, config, HOOK);
        const bought = bench.sandbox.shopper.buy({ lines: [{ sku: 'MUG', quantity: 1 }], location: null });
        if (bought.ok) {
          bench.sandbox.shopper.fulfil(bought.order);
          bench.sandbox.shopper.refund(bought.order, { sku: 'MUG', quantity: 1 }, true);
          await woocommerce.fetchDocument(client, config, `order:${bought.order}`);
        }
        await woocommerce.poll(client, config, 'orders', null, '2026-11-23T00:00:00Z');
        for (let cursor: string | null = null; ; ) {
          ({ next: cursor } = await woocommerce.listLevels(client, config, cursor));
          if (cursor === null) break;
        }
        const cells = ['1010', '1005/1020'].map((stockKey) => ({ stockKey, location: '-' }));
        await woocommerce.readLevels(client, config, cells);
        await woocommerce.pushLevels(
          client,
          config,
          cells.map((cell) => ({ cell, want: 1, expect: 2, asOf: '', key: 'k', why: 'sync' })),
        );
        await woocommerce.unsubscribe!(client, config, HOOK);
      });
      const routes = Object.entries(schema!.index.routes).map(([path, route]) => ({
        pattern: new RegExp(`^${path.replaceAll('(?P<', '(?<')}$`),
        route,
      }));
      const seen = new Set<string>();
      for (const { request } of bench.exchanges) {
        const url = new URL(request.url);
        const path = url.pathname.replace('/wp-json', '');
        const found = routes.filter(({ pattern }) => pattern.test(path)).flatMap(({ route }) => route.endpoints);
        const endpoint = found.find(({ methods }) => methods.includes(request.method));
        expect(endpoint, `${request.method} ${path}`).toBeDefined();
        const body = request.body ? (JSON.parse(bodyText(request)) as Record<string, unknown>) : {};
        // "_" is for caches, "_fields" WordPress's own for every route; a batch names its lists without declaring them.
        for (const name of [...url.searchParams.keys(), ...Object.keys(body)])
          if (!name.startsWith('_') && !path.endsWith('/batch'))
            expect(Object.keys(endpoint!.args), `${name} of ${path}`).toContain(name);
        seen.add(`${request.method} ${path.replaceAll(/\d{3,}/g, 'n')}`);
      }
      expect(seen.size).toBeGreaterThanOrEqual(12);
    });
  },
);
