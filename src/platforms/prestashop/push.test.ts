import { describe, expect, it } from 'vitest';
import { bodyText } from '../../platform/http.ts';
import { prestashop } from './index.ts';
import { type Bench, openBench } from './testing/bench.ts';

const shown = (bench: Bench, location = '1') =>
  Object.fromEntries(
    bench.sandbox
      .shown()
      .filter((row) => row.location === location)
      .map(({ sku, available }) => [sku, available]),
  );
const push = async (bench: Bench, targets: Awaited<ReturnType<Bench['targets']>>) =>
  bench.run((client, config) => prestashop.pushLevels(client, config, targets));
const writes = (bench: Bench) => bench.exchanges.filter(({ request }) => request.method === 'PUT');

describe('whole elements are written back', () => {
  it('a product and a combination, each in its shop, and never the sum', async () => {
    const bench = openBench();
    const wants = [
      { key: '1010/0', want: 3 },
      { key: '1005/5002', want: 0, location: '2' },
    ];
    const outcomes = await push(bench, await bench.targets(wants));
    expect(outcomes.map(({ result }) => result)).toEqual(['applied', 'applied']);
    expect([shown(bench), shown(bench, '2')]).toEqual([
      { MUG: 3, 'TEE-S': 10, 'TEE-M': 10, HAT: 10 },
      { MUG: 10, 'TEE-S': 0, 'TEE-M': 10, HAT: 10 },
    ]);
    const { items } = await bench.run((client, config) => prestashop.listLevels(client, config, null));
    expect(items.map(({ stockKey }) => stockKey)).not.toContain('1005/0');
    const [sum] = await push(bench, [
      { cell: { stockKey: '1005/0', location: '1' }, want: 1, expect: 20, asOf: '', key: 'k', why: 'sync' },
    ]);
    expect(sum).toMatchObject({ failure: { failure: 'gone', code: 'unknown-item' } });
  });

  it('what was sold between reading and writing stays sold', async () => {
    const bench = openBench();
    const targets = await bench.targets([
      { key: '1010/0', want: 15 },
      { key: '1040/0', want: 4 },
    ]);
    bench.sandbox.shopper.buy({ lines: [{ sku: 'MUG', quantity: 2 }], location: null });
    const outcomes = await push(bench, targets);
    expect(outcomes).toMatchObject([
      { result: 'applied', after: 13 },
      { result: 'applied', after: 4 },
    ]);
    expect(shown(bench)).toMatchObject({ MUG: 13, HAT: 4 });
  });

  it('the number is there already, by our own write or by sales: it is not written, and looked into', async () => {
    const bench = openBench();
    const targets = await bench.targets([{ key: '1010/0', want: 8 }]);
    bench.sandbox.shopper.buy({ lines: [{ sku: 'MUG', quantity: 2 }], location: null });
    expect(await push(bench, targets)).toMatchObject([{ result: 'stale', now: 8 }]);
    expect(writes(bench)).toEqual([]);
  });

  it('what already shows the number is not written', async () => {
    const bench = openBench();
    expect(await push(bench, await bench.targets([{ key: '1010/0', want: 10 }]))).toMatchObject([
      { result: 'applied' },
    ]);
    expect(writes(bench)).toEqual([]);
  });
});

describe('what cannot be written', () => {
  it('a redirect makes the write a read: 200 and the old number is no success', async () => {
    const bench = openBench();
    const targets = await bench.targets([{ key: '1010/0', want: 3 }]);
    bench.sandbox.staff.redirect();
    expect(await push(bench, targets)).toMatchObject([
      { result: 'failed', failure: { failure: 'rejected', code: 'not-saved' } },
    ]);
  });

  it('a number that is computed from warehouses', async () => {
    const bench = openBench();
    bench.sandbox.staff.compute('MUG');
    expect(await push(bench, await bench.targets([{ key: '1010/0', want: 3 }]))).toMatchObject([
      { failure: { failure: 'rejected', code: 'computed-stock' } },
    ]);
    expect(writes(bench)).toEqual([]);
  });

  it('an answer that says nothing leaves it in doubt, and the others go on', async () => {
    const bench = openBench();
    const targets = await bench.targets([
      { key: '1010/0', want: 3 },
      { key: '1040/0', want: 4 },
    ]);
    bench.line = (request, carry) =>
      request.method === 'PUT' && bodyText(request).includes('CDATA[1010]')
        ? carry().then(() => ({ status: 200, headers: {}, body: Buffer.from('<prestashop></prestashop>') }))
        : undefined;
    expect(await push(bench, targets)).toMatchObject([
      { result: 'failed', failure: { failure: 'unknown-outcome' } },
      { result: 'applied' },
    ]);
  });

  it('a wall that holds for all ends the batch, and what was done before stays done', async () => {
    const bench = openBench();
    const targets = await bench.targets(['1010/0', '1040/0', '1005/5002'].map((key) => ({ key, want: 1 })));
    let puts = 0;
    bench.line = (request) =>
      request.method === 'PUT' && puts++ > 0
        ? Promise.resolve({ status: 429, headers: { 'retry-after': '9' }, body: Buffer.from('') })
        : undefined;
    const outcomes = await push(bench, targets);
    expect(outcomes.map(({ result }) => result)).toEqual(['applied', 'failed', 'failed']);
    expect(outcomes[2]).toMatchObject({ failure: { failure: 'throttled', retryAfterMs: 9_000 } });
    expect(puts, 'the third was not tried').toBe(2);
  });

  it('a pack that takes its contents off stock', async () => {
    const bench = openBench();
    bench.sandbox.seed([{ sku: 'SET', title: 'Set', stock: { 1: 0 }, untracked: true }]);
    const { items } = await bench.run((client, config) => prestashop.listListings(client, config, null));
    const pack = items.find(({ sku }) => sku === 'SET')!;
    expect(pack.tracked).toBe(false);
    expect(await push(bench, await bench.targets([{ key: pack.stockKey, want: 1 }]))).toMatchObject([
      { failure: { code: 'untracked-item' } },
    ]);
  });
});
