import { describe, expect, it } from 'vitest';
import type { Target } from '../../platform/contract.ts';
import { bodyText } from '../../platform/http.ts';
import { magento } from './index.ts';
import { type Bench, openBench } from './testing/bench.ts';

const shown = (bench: Bench, location = '1') =>
  Object.fromEntries(
    bench.sandbox
      .shown()
      .filter((row) => row.location === location)
      .map(({ sku, available }) => [sku, available]),
  );
const buy = (bench: Bench, sku: string, quantity: number) => {
  const bought = bench.sandbox.shopper.buy({ lines: [{ sku, quantity }], location: null });
  if (!bought.ok) throw new Error(bought.why);
  return bought.order;
};
const push = async (bench: Bench, targets: Awaited<ReturnType<Bench['targets']>>) =>
  bench.run((client, config) => magento.pushLevels(client, config, targets));
const bodies = (bench: Bench) =>
  bench.exchanges
    .filter(({ request }) => request.body !== undefined)
    .map(({ request }) => JSON.parse(bodyText(request)));

describe('what is written is the number of the source', () => {
  it('reserved units are added to what shoppers may buy; our own number would count them twice', async () => {
    const bench = openBench();
    buy(bench, 'MUG', 4);
    const outcomes = await push(
      bench,
      await bench.targets([
        { sku: 'MUG', want: 5 },
        { sku: 'HAT', want: 0 },
      ]),
    );
    expect(outcomes.map(({ result }) => result)).toEqual(['applied', 'applied']);
    expect(bodies(bench)).toEqual([
      {
        sourceItems: [
          { sku: 'MUG', source_code: 'default', quantity: 9, status: 1 },
          { sku: 'HAT', source_code: 'default', quantity: 0, status: 0 },
        ],
      },
    ]);
    expect(shown(bench)).toMatchObject({ MUG: 5, HAT: 0 });
  });

  it('down to zero with open orders: they can still be shipped', async () => {
    const bench = openBench();
    const order = buy(bench, 'MUG', 4);
    await push(bench, await bench.targets([{ sku: 'MUG', want: 0 }]));
    expect(shown(bench)['MUG']).toBe(0);
    expect(bodies(bench).at(-1).sourceItems[0]).toMatchObject({ quantity: 4, status: 1 });
    expect(bench.sandbox.shopper.fulfil(order)).toBe(true);
    expect(shown(bench)['MUG']).toBe(0);
  });

  it('an order placed between reading and writing is not overwritten', async () => {
    const bench = openBench();
    const targets = await bench.targets([{ sku: 'MUG', want: 7 }]);
    buy(bench, 'MUG', 2);
    await push(bench, targets);
    expect(shown(bench)['MUG']).toBe(5);
  });

  it('what nobody read just before is read here, or it could not be worked out', async () => {
    const bench = openBench();
    buy(bench, 'MUG', 4);
    const [{ from: _, ...target }] = (await bench.targets([{ sku: 'MUG', want: 5 }])) as [Target];
    expect(await push(bench, [target])).toMatchObject([{ result: 'applied' }]);
    expect(shown(bench)['MUG']).toBe(5);
  });

  it('a shipment between reading and writing is not undone', async () => {
    const bench = openBench();
    const order = buy(bench, 'MUG', 4);
    const targets = await bench.targets([{ sku: 'MUG', want: 5 }]);
    bench.sandbox.shopper.fulfil(order);
    expect(await push(bench, targets)).toMatchObject([{ result: 'applied' }]);
    expect(shown(bench)['MUG']).toBe(5);
  });

  it('the same write twice changes nothing twice', async () => {
    const bench = openBench();
    const targets = await bench.targets([{ sku: 'MUG', want: 7 }]);
    expect([...(await push(bench, targets)), ...(await push(bench, targets))].map(({ result }) => result)).toEqual([
      'applied',
      'stale',
    ]);
    expect(shown(bench)['MUG']).toBe(7);
  });

  it('each stock by its own source', async () => {
    const bench = openBench();
    const wants = [
      { sku: 'MUG', want: 3 },
      { sku: 'MUG', want: 8, location: '2' },
    ];
    await push(bench, await bench.targets(wants));
    expect([shown(bench)['MUG'], shown(bench, '2')['MUG']]).toEqual([3, 8]);
    expect(bodies(bench)[0].sourceItems.map((row: { source_code: string }) => row.source_code)).toEqual([
      'default',
      'source_2',
    ]);
  });

  it('of several sources the sum is kept, and the fullest is written', async () => {
    const bench = openBench();
    bench.sandbox.staff.openSource('east', { MUG: 7, HAT: 2 });
    buy(bench, 'MUG', 1);
    const wants = ['MUG', 'HAT', 'BAG'].map((sku) => ({ sku, want: 6 }));
    const targets = await bench.targets(wants);
    expect(targets.map(({ from }) => [from!.available, from!.written, from!.version])).toEqual([
      [9, 7, 'east'],
      [10, 8, 'default'],
      [10, 10, 'default'],
    ]);
    await push(bench, targets);
    expect(
      bodies(bench)[0].sourceItems.map((row: Record<string, unknown>) => [row['source_code'], row['quantity']]),
    ).toEqual([
      ['east', 4],
      ['default', 4],
      ['default', 6],
    ]);
    expect(shown(bench)).toMatchObject({ MUG: 6, HAT: 6, BAG: 6 });
  });

  it('fractions keep their four digits', async () => {
    const bench = openBench();
    bench.sandbox.seed([{ sku: 'CHEESE', title: 'Cheese', stock: { 1: 2.125 } }]);
    const [target] = await bench.targets([{ sku: 'CHEESE', want: 1 }]);
    expect(target!.from).toMatchObject({ available: 2.125, written: 2.125 });
    buy(bench, 'CHEESE', 0.125);
    await push(bench, await bench.targets([{ sku: 'CHEESE', want: 1 }]));
    expect(bodies(bench)[0].sourceItems[0].quantity).toBe(1.125);
  });
});

describe('what cannot be written', () => {
  it('one bad row fails the whole call there and alone here', async () => {
    const bench = openBench();
    const targets = await bench.targets(['MUG', 'TEE-M', 'HAT', 'BAG'].map((sku) => ({ sku, want: 2 })));
    // A source that was removed since: Magento names no row.
    bench.line = (request) => {
      const rows = request.body === undefined ? [] : JSON.parse(bodyText(request)).sourceItems;
      if (!rows.some(({ sku }: { sku: string }) => sku === 'HAT')) return undefined;
      const bad = rows.map((row: { sku: string }) => (row.sku === 'HAT' ? { ...row, source_code: 'gone' } : row));
      return bench.sandbox.handle({ ...request, body: JSON.stringify({ sourceItems: bad }) });
    };
    const outcomes = await push(bench, targets);
    const results = Object.fromEntries(outcomes.map((one) => [one.cell.stockKey, one.result]));
    expect(results).toEqual({ MUG: 'applied', 'TEE-M': 'applied', HAT: 'failed', BAG: 'applied' });
    expect(outcomes.find(({ result }) => result === 'failed')).toMatchObject({
      failure: { failure: 'rejected', platformCode: 'Could not save Source Item' },
    });
    expect(shown(bench)).toEqual({ MUG: 2, 'TEE-M': 2, HAT: 10, BAG: 2 });
  });

  it('a shop that limits its input gets smaller batches', async () => {
    const bench = openBench();
    bench.sandbox.staff.limitInput(2);
    const outcomes = await push(
      bench,
      await bench.targets(['MUG', 'TEE-M', 'HAT', 'BAG'].map((sku) => ({ sku, want: 1 }))),
    );
    expect(outcomes.every(({ result }) => result === 'applied')).toBe(true);
    expect(Object.values(shown(bench))).toEqual([1, 1, 1, 1]);
  });

  it('an unknown SKU, which Magento takes with 200 and keeps for nobody, is not sent', async () => {
    const bench = openBench();
    const outcomes = await push(bench, await bench.targets([{ sku: 'NOPE', want: 1 }]));
    expect(outcomes).toMatchObject([{ result: 'failed', failure: { failure: 'gone', code: 'unknown-item' } }]);
    expect(bodies(bench)).toEqual([]);
  });

  it('a disabled product, whose salable 0 says nothing, is not written; a sold-out one is (seen on 2.4.7-p3)', async () => {
    const bench = openBench();
    bench.sandbox.staff.disable('MUG');
    const targets = await bench.targets([{ sku: 'MUG', want: 3 }]);
    expect(targets[0]!.from).toMatchObject({ available: 0, written: 10, version: expect.stringMatching(/^\?/) });
    expect(await push(bench, targets)).toMatchObject([{ result: 'failed', failure: { code: 'not-indexed' } }]);
    expect(bodies(bench)).toEqual([]);
    bench.sandbox.shopper.buy({ lines: [{ sku: 'HAT', quantity: 10 }], location: '1' });
    const reserved = await bench.targets([{ sku: 'HAT', want: 2 }]);
    expect(reserved[0]!.from).toMatchObject({ available: 0, written: 10 });
    expect(await push(bench, reserved)).toMatchObject([{ result: 'applied' }]);
    expect((await bench.targets([{ sku: 'HAT', want: 2 }]))[0]!.from).toMatchObject({ available: 2, written: 12 });
  });

  it('a source set to "Out of Stock" by hand is left so', async () => {
    const bench = openBench();
    bench.sandbox.staff.switchOff('MUG', 'default');
    const outcomes = await push(bench, await bench.targets([{ sku: 'MUG', want: 3 }]));
    expect(outcomes).toMatchObject([{ result: 'failed', failure: { code: 'out-of-stock-by-hand' } }]);
  });

  it('a later part behind a wall does not take back what an earlier one did', async () => {
    const bench = openBench();
    bench.sandbox.staff.limitInput(2);
    const targets = await bench.targets(['MUG', 'TEE-M', 'HAT', 'BAG'].map((sku) => ({ sku, want: 1 })));
    let writes = 0;
    bench.line = (request) =>
      request.method === 'POST' && writes++ === 2
        ? Promise.resolve({
            status: 401,
            headers: {},
            body: Buffer.from('{"message":"The consumer isn\'t authorized"}'),
          })
        : undefined;
    const outcomes = await push(bench, targets);
    expect(outcomes.map(({ result }) => result)).toEqual(['applied', 'applied', 'failed', 'failed']);
    expect(outcomes[3]).toMatchObject({ failure: { failure: 'auth' } });
  });
});

describe('a shop without Multi-Source Inventory', () => {
  const legacy = () => {
    const bench = openBench({}, { inventory: 'stock-item' });
    bench.sandbox.staff.removeSources();
    return bench;
  };

  it('is told apart by the check, and works by the stock item', async () => {
    const wrong = openBench();
    wrong.sandbox.staff.removeSources();
    const checks = await wrong.run((client, config) => magento.check(client, config));
    expect(checks.find(({ name }) => name === 'stocks')).toMatchObject({
      ok: false,
      next: expect.stringContaining('stock-item'),
    });
    const bench = legacy();
    expect((await bench.run((client, config) => magento.check(client, config))).every(({ ok }) => ok)).toBe(true);
    buy(bench, 'MUG', 4);
    const { items } = await bench.run((client, config) => magento.listLevels(client, config, null));
    expect(items.map(({ stockKey, location, available }) => [stockKey, location, available])).toEqual([
      ['MUG', '1', 6],
      ['TEE-M', '1', 10],
      ['HAT', '1', 10],
      ['BAG', '1', 10],
    ]);
    const outcomes = await push(
      bench,
      await bench.targets([
        { sku: 'MUG', want: 2 },
        { sku: 'NOPE', want: 1 },
      ]),
    );
    expect(outcomes.map(({ result }) => result).sort()).toEqual(['applied', 'failed']);
    expect(shown(bench)['MUG']).toBe(2);
  });
});
