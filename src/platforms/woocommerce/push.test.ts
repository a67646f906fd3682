import { describe, expect, it } from 'vitest';
import type { Outcome, Target } from '../../platform/contract.ts';
import { Failure } from '../../platform/failure.ts';
import { bodyText, type HttpResponse, jsonResponse, TransportError } from '../../platform/http.ts';
import { woocommerce } from './index.ts';
import { type Bench, HOOK, openBench } from './testing/bench.ts';

const target = (stockKey: string, want: number, location = '-'): Target => ({
  cell: { stockKey, location },
  want,
  expect: 10,
  asOf: '2026-11-24T00:00:00.000Z',
  key: `key ${stockKey}`,
  why: 'sync',
});
const push = (bench: Bench, targets: Target[]) =>
  bench.run((client, config) => woocommerce.pushLevels(client, config, targets));
const word = (outcome: Outcome): string =>
  outcome.result === 'failed'
    ? `${outcome.failure.failure}:${outcome.failure.code}`
    : outcome.result === 'applied'
      ? `applied:${outcome.after}`
      : outcome.result;
const words = async (bench: Bench, targets: Target[]) => {
  const outcomes = await push(bench, targets);
  expect(outcomes).toHaveLength(targets.length);
  return targets.map(({ cell }) => word(outcomes.find((one) => one.cell === cell)!));
};
const failureOf = async (work: Promise<unknown>): Promise<Failure> => {
  const error = await work.catch((thrown: unknown) => thrown);
  if (!(error instanceof Failure)) throw new Error(`expected a Failure, got ${JSON.stringify(error)}`);
  return error;
};
const paths = (bench: Bench) =>
  bench.exchanges.map(({ request }) => new URL(request.url).pathname.replace('/wp-json/wc/v3', ''));
const shown = (bench: Bench) => Object.fromEntries(bench.sandbox.shown().map(({ sku, available }) => [sku, available]));

describe('writing', () => {
  it('products in one call, variations in one per parent, each row with its own fate', async () => {
    const bench = openBench();
    const targets = [
      target('1010', 7),
      target('1005/1020', 0),
      target('1005/1030', 4),
      target('1040', 1_000_000_000),
      target('77', 1),
      target('1005/78', 1),
      target('1005', 5),
      target('1020', 5),
      target('99/1', 5),
      target('mug', 5),
      target('1010', 5, 'paris'),
      target('1040', 1.5),
    ];
    expect(await words(bench, targets)).toEqual([
      'applied:7',
      'applied:0',
      'applied:4',
      'applied:1000000000',
      'gone:unknown-item',
      'gone:unknown-item',
      // The parent of variations that count for themselves.
      'rejected:untracked-item',
      'gone:unknown-item',
      'gone:unknown-item',
      'gone:unknown-item',
      'gone:unknown-location',
      'rejected:impossible-quantity',
    ]);
    expect(shown(bench)).toEqual({ MUG: 7, 'TEE-S': 0, 'TEE-M': 4, HAT: 1_000_000_000 });
    expect(paths(bench)).toEqual([
      '/products/batch',
      '/products/1005/variations/batch',
      '/products/99/variations/batch',
    ]);
  });

  it('a variation that sells from its product: read, written and told of by the product', async () => {
    const bench = openBench();
    const names = Array.from({ length: 8 }, (_, index) => `P${index + 5}`);
    bench.sandbox.seed(names.map((sku) => ({ sku, title: sku, stock: { main: 5 } })));
    const pages = async <T>(page: (cursor: string | null) => Promise<{ items: T[]; next: string | null }>) => {
      const items: T[] = [];
      for (let cursor: string | null = null; ; ) {
        const { items: some, next } = await page(cursor);
        items.push(...some);
        cursor = next;
        if (cursor === null) return items;
      }
    };
    // P10 is variation 1100 of product 1085, which keeps the stock.
    const listings = await pages((cursor) =>
      bench.run((client, config) => woocommerce.listListings(client, config, cursor)),
    );
    expect(listings.find(({ sku }) => sku === 'P10')).toMatchObject({ listing: '1100', stockKey: '1085' });
    const levels = await pages((cursor) =>
      bench.run((client, config) => woocommerce.listLevels(client, config, cursor)),
    );
    expect(levels.filter(({ stockKey }) => /1085|1100/.test(stockKey))).toMatchObject([
      { stockKey: '1085', available: 5, tracked: true },
    ]);
    await bench.run((client, config) => woocommerce.subscribe!(client, config, HOOK));
    bench.deliveries.length = 0;
    expect(await words(bench, [target('1085', 3), target('1085/1100', 2)])).toEqual([
      'applied:3',
      'rejected:parent-stock',
    ]);
    expect(shown(bench)['P10']).toBe(3);
    expect(
      await bench.run((client, config) => woocommerce.readLevels(client, config, [target('1085', 3).cell])),
    ).toMatchObject([{ stockKey: '1085', available: 3 }]);
    const bought = bench.sandbox.shopper.buy({ lines: [{ sku: 'P10', quantity: 1 }], location: null });
    if (!bought.ok) throw new Error(bought.why);
    const doc = await bench.run((client, config) => woocommerce.fetchDocument(client, config, `order:${bought.order}`));
    expect(doc).toMatchObject({ lines: [{ listing: '1100', parts: [{ committed: 1, taken: 1 }] }] });
    await bench.advance(120_000);
    const told = bench.deliveries.find(({ headers }) => headers['x-wc-webhook-topic'] === 'product.updated')!;
    expect(woocommerce.decode(told, 'product.updated', bench.config)).toMatchObject([
      { kind: 'dirty', stockKey: '1085' },
    ]);
  });

  it('200 and nothing done: not counted there, or stock management off in the whole shop', async () => {
    const bench = openBench();
    bench.sandbox.staff.manageStock(false);
    expect(await words(bench, [target('1010', 7), target('1005/1020', 3)])).toEqual([
      'rejected:untracked-item',
      'rejected:untracked-item',
    ]);
  });

  it('a shop that allows fewer rows per batch is written in smaller ones', async () => {
    const bench = openBench();
    bench.sandbox.seed(
      Array.from({ length: 40 }, (_, index) => ({ sku: `S${index}`, title: 'x', stock: { main: 5 } })),
    );
    bench.sandbox.staff.allowBatch(7);
    const { items } = await bench.run((client, config) => woocommerce.listLevels(client, config, null));
    const targets = items.filter(({ tracked }) => tracked).map(({ stockKey }) => target(stockKey, 2));
    expect(targets.length).toBeGreaterThan(20);
    expect(new Set(await words(bench, targets))).toEqual(new Set(['applied:2']));
  });

  it('an id beyond 2^53 leaves as it came', async () => {
    const bench = openBench();
    await words(bench, [target('9007199254740993', 1)]);
    expect(bodyText(bench.exchanges[0]!.request)).toBe('{"update":[{"id":9007199254740993,"stock_quantity":1}]}');
  });
});

describe('answers that are not as they should be', () => {
  const answering = (response: HttpResponse, more: Partial<Bench> = {}) =>
    Object.assign(openBench(), { line: () => Promise.resolve(response), ...more }) as Bench;
  const row = { id: 1010, type: 'simple', manage_stock: true, stock_quantity: 7 };

  it('a row too few, one of another item, one of no shape: in doubt, never applied', async () => {
    expect(await words(answering(jsonResponse(200, { update: [] })), [target('1010', 7)])).toEqual([
      'unknown-outcome:no-row',
    ]);
    expect(await words(answering(jsonResponse(200, { update: [{ ...row, id: 1040 }] })), [target('1010', 7)])).toEqual([
      'unknown-outcome:no-row',
    ]);
    expect(
      await words(answering(jsonResponse(200, { update: [{ id: 1010, stock_quantity: {} }] })), [target('1010', 7)]),
    ).toEqual(['unknown-outcome:odd-row']);
  });

  it('rows in another order find their items; another number than ours is told as it is', async () => {
    const bench = answering(jsonResponse(200, { update: [{ ...row, id: 1040, stock_quantity: 2 }, row] }));
    expect(await words(bench, [target('1010', 7), target('1040', 3)])).toEqual(['applied:7', 'applied:2']);
  });

  it('a variation that sells from its parent by now', async () => {
    const answer = {
      update: [{ id: 1020, type: 'variation', parent_id: 1005, manage_stock: 'parent', stock_quantity: 4 }],
    };
    expect(await words(answering(jsonResponse(200, answer)), [target('1005/1020', 3)])).toEqual([
      'rejected:parent-stock',
    ]);
  });

  it('the whole call: throttled, refused, broken, a page, cut off, not sent', async () => {
    const page = (status: number, headers = {}): HttpResponse => ({
      status,
      headers: { 'content-type': 'text/html', ...headers },
      body: Buffer.from('<html>please wait</html>'),
    });
    const maintenance = {
      ...page(503, { 'retry-after': '600' }),
      body: Buffer.from('Briefly unavailable for scheduled maintenance.'),
    };
    const error = (status: number, code: string) => jsonResponse(status, { code, message: 'x', data: { status } });
    const cases: [HttpResponse, string][] = [
      [page(429, { 'retry-after': '3' }), 'throttled:rate-limited'],
      [page(503, { 'retry-after': '3' }), 'throttled:rate-limited'],
      [page(503), 'unknown-outcome:server-error'],
      [maintenance, 'transient:maintenance'],
      [page(500), 'unknown-outcome:server-error'],
      [page(200), 'unknown-outcome:not-json'],
      [page(403), 'auth:blocked'],
      [page(404), 'transient:no-api'],
      [page(301, { location: 'https://www.mugs.example/x' }), 'rejected:redirected'],
      [error(401, 'woocommerce_rest_cannot_edit'), 'auth:bad-key'],
      [error(401, 'woocommerce_rest_authentication_error'), 'auth:bad-key'],
      [error(404, 'rest_no_route'), 'rejected:no-route'],
      [error(413, 'woocommerce_rest_request_entity_too_large'), 'rejected:batch-too-large'],
      [error(400, 'rest_invalid_param'), 'rejected:refused'],
      [jsonResponse(200, { nothing: true }), 'unknown-outcome:no-row'],
    ];
    for (const [response, expected] of cases) {
      const got = await words(answering(response), [target('1010', 7)]).catch((thrown: Failure) => [
        `${thrown.failure}:${thrown.code}`,
      ]);
      expect(got, `${response.status} ${bodyText(response)}`).toEqual([expected]);
    }
    const cut = openBench();
    cut.line = async (_, carry) => {
      await carry();
      throw new TransportError('cut', true);
    };
    expect((await failureOf(push(cut, [target('1010', 7)]))).failure).toBe('unknown-outcome');
    expect(shown(cut)['MUG']).toBe(7);
    const unsent = openBench();
    unsent.line = () => Promise.reject(new TransportError('no route', false));
    expect((await failureOf(push(unsent, [target('1010', 7)]))).failure).toBe('transient');
  });

  it('throttled at the second of three calls: the first is told, the third is not sent', async () => {
    const bench = openBench();
    let calls = 0;
    bench.line = () => (++calls === 2 ? Promise.resolve(bench.sandbox.fault('throttled')) : undefined);
    expect(await words(bench, [target('1010', 7), target('1005/1020', 3), target('99/1', 3)])).toEqual([
      'applied:7',
      'throttled:rate-limited',
      'throttled:rate-limited',
    ]);
    expect(calls).toBe(2);
  });
});
