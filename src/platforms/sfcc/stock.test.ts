import { describe, expect, it } from 'vitest';
import type { Outcome, RemoteLevel, Target } from '../../platform/contract.ts';
import { jsonResponse } from '../../platform/http.ts';
import { Bench, PLACES, skuOf } from '../../platform/testing/bench.ts';
import { push, targetsFor, writableLevels } from '../../platform/testing/pushing.ts';
import type { SfccOp } from './facts.ts';
import { classify } from './failures.ts';
import { sfcc } from './index.ts';
import { recordId } from './omnichannel.ts';
import type { SfccSandbox } from './sandbox.ts';
import { withStock } from './testing/models.ts';
import { NOW, scripted, settings } from './testing/scripted.ts';

const target = (sku: string, want: number, from: Partial<RemoteLevel> | null = {}): Target => {
  const cell = { stockKey: sku, location: 'main' };
  const level = { ...cell, available: 10, written: 10, tracked: true, readAt: '', ...from };
  return {
    cell,
    want,
    expect: 10,
    ...(from && { from: level }),
    asOf: new Date(NOW - 4_000).toISOString(),
    key: `key-${sku}`,
    why: 'sync',
  };
};
const results = (outcomes: Outcome[]) =>
  outcomes.map((one) => (one.result === 'failed' ? `${one.failure.failure}/${one.failure.code}` : one.result));
const fault = (status: number, type: string, message = 'said so') =>
  jsonResponse(status, { _v: '25.6', fault: { type, message } });

describe('inventory lists', () => {
  it('available, and the allocation that would show it: pre-orders come on top, what is on order goes off', async () => {
    const { client } = scripted(({ op }) =>
      op === 'record'
        ? {
            product_id: 'P1',
            ats: 12,
            pre_order_back_order_handling: 'preorder',
            pre_order_back_order_allocation: 5,
            quantity_on_order: 3,
          }
        : { id: 'main', on_order_inventory_enabled: true },
    );
    const [level] = await sfcc.readLevels(client, settings(), [{ stockKey: 'P1', location: 'main' }]);
    expect(level).toMatchObject({ available: 12, written: 10, tracked: true });
  });

  it('writes the wanted level as an allocation, dated by their clock and never ahead of it', async () => {
    const dated = async (theirs: string) => {
      const { client, asked } = scripted(({ op }) =>
        op === 'lists' ? jsonResponse(200, { id: 'main' }, { date: theirs }) : { ats: 7 },
      );
      const [outcome] = await sfcc.pushLevels(client, settings(), [target('P1', 7, { available: 10, written: 8 })]);
      expect(outcome).toMatchObject({ result: 'applied', after: 7 });
      const { amount, reset_date } = JSON.parse(asked.at(-1)!.text).allocation;
      expect(amount).toBe(5);
      return reset_date;
    };
    expect(await dated('Tue, 24 Nov 2026 10:00:00 GMT')).toBe('2026-11-24T09:59:56.000Z');
    expect(await dated('Tue, 24 Nov 2026 09:50:00 GMT'), 'ours is ten minutes ahead').toBe('2026-11-24T09:49:56.999Z');
    expect(await dated('Tue, 24 Nov 2026 10:05:00 GMT'), 'ours is five minutes behind').toBe(
      '2026-11-24T10:04:56.000Z',
    );
  });

  it('each target has an outcome of its own', async () => {
    const answers: Record<string, unknown> = {
      GOOD: { ats: 7 },
      NONE: fault(404, 'ProductInventoryRecordNotFoundException'),
      BUSY: fault(409, 'ConflictException'),
      LATE: fault(400, 'InvalidPropertyValueException', 'allocation.reset_date is older'),
      ODD: fault(400, 'InvalidPropertyValueException', 'amount'),
      BROKEN: jsonResponse(502, ''),
      SLOW: jsonResponse(429, {}, { 'retry-after': '9' }),
    };
    const { client, asked } = scripted(({ op, request }) => {
      if (op === 'lists') return { id: 'main' };
      return answers[request.url.split('/').at(-1)!];
    });
    const skus = [...Object.keys(answers), 'AFTER'];
    const targets = [
      target('FREE', 5, { tracked: false }),
      target('PRESOLD', 1, { available: 10, written: 0 }),
      ...skus.map((sku) => target(sku, 7)),
    ];
    expect(results(await sfcc.pushLevels(client, settings(), targets))).toEqual([
      'rejected/perpetual',
      'rejected/presold',
      'applied',
      'gone/not-found',
      'stale',
      'stale',
      'rejected/refused',
      'unknown-outcome/server-error',
      'throttled/rate-limited',
      'throttled/rate-limited',
    ]);
    expect(asked.filter(({ op }) => op === 'writeRecord').length, 'after "too much" nothing is sent').toBe(7);
  });

  it('orders that come in after the date keep counting, and a list that is imported is tried again', async () => {
    const bench = await Bench.open(sfcc);
    const sandbox = bench.sandbox as SfccSandbox;
    const level = (await writableLevels(bench)).find((one) => one.location === PLACES[0]!.id)!;
    const targets = await targetsFor(bench, [{ level, want: 6 }]);
    await bench.clock.advance(3_000);
    sandbox.shopper.buy({ lines: [{ sku: level.stockKey, quantity: 4 }], location: null });
    sandbox.lists.locked = true;
    expect(results([...(await push(bench, targets)).values()])).toEqual(['stale']);
    sandbox.lists.locked = false;
    expect([...(await push(bench, targets)).values()]).toMatchObject([{ result: 'applied', after: 2 }]);
    bench.close();
  });

  it('what is open for pre-order is kept apart', async () => {
    const bench = await Bench.open(sfcc);
    const { lists, realm } = bench.sandbox as SfccSandbox;
    const level = (await writableLevels(bench))[0]!;
    lists.presell(realm.book.shelves.level(realm.book.shelves.item(level.stockKey)!, level.location)!, 5);
    const outcomes = await push(bench, await targetsFor(bench, [{ level, want: 8 }]));
    expect([...outcomes.values()]).toMatchObject([{ result: 'applied', after: 8 }]);
    bench.close();
  });

  it('a product that is always in stock in one list only is counted in the others', async () => {
    const record = (list: string, perpetual: boolean) => ({
      product_id: 'P1',
      inventory_list_id: list,
      ats: 3,
      perpetual_flag: perpetual,
    });
    const listed = async (perpetualInShop: boolean) => {
      const { client } = scripted(({ op, request }) => {
        if (op === 'lists') return { data: [{ id: 'main' }, { id: 'shop' }], total: 2 };
        const list = request.url.includes('/main/') ? 'main' : 'shop';
        const one = record(list, list === 'main' || perpetualInShop);
        if (op === 'records') return { data: [one], total: 1 };
        if (op === 'record') return one;
        return {
          hits: [
            { id: 'P1', name: { default: 'One' } },
            { id: 'M', type: { master: true } },
          ],
          total: 2,
        };
      });
      const found = [];
      for (let cursor: string | null = null, more = true; more; more = cursor !== null) {
        const page: Awaited<ReturnType<typeof sfcc.listListings>> = await sfcc.listListings(client, settings(), cursor);
        found.push(...page.items);
        cursor = page.next;
      }
      return found.map(({ listing, tracked }) => [listing, tracked]);
    };
    expect(await listed(false)).toEqual([['P1', true]]);
    expect(await listed(true)).toEqual([['P1', false]]);
  });
});

describe('Omnichannel Inventory', () => {
  const config = settings({ stock: 'omnichannel', tenantGroupId: 'tg1', locationIds: 'main=Main, shop' });

  it('writes on hand, not what is free: reserved units are not taken off twice', async () => {
    const bench = await Bench.open(withStock('omnichannel'));
    const level = (await writableLevels(bench)).find(
      (one) => one.stockKey === skuOf(0) && one.location === PLACES[0]!.id,
    )!;
    bench.sandbox.shopper.buy({ lines: [{ sku: skuOf(0), quantity: 6 }], location: null });
    expect(await bench.readLevels([level])).toMatchObject([{ available: 14, written: 20 }]);
    await push(bench, await targetsFor(bench, [{ level, want: 9 }]));
    expect(await bench.readLevels([level])).toMatchObject([{ available: 9, written: 15 }]);
    bench.close();
  });

  it('partial success names the records that failed', async () => {
    const { client, asked } = scripted(({ text }) => {
      const [first, second] = JSON.parse(text).records;
      return {
        errors: [
          { errorCode: 'LocationDoesNotExist', message: 'no', details: { id: first.id } },
          { errorCode: 'InvalidRequestParameter', message: 'odd', details: { id: second.id } },
        ],
      };
    });
    const outcomes = await sfcc.pushLevels(
      client,
      config,
      ['A1', 'A2', 'A3'].map((sku) => target(sku, 4)),
    );
    expect(results(outcomes)).toEqual(['gone/no-location', 'rejected/refused', 'applied']);
    expect(asked[0]!.request.headers['correlation-id']).toMatch(/^[0-9a-f-]{36}$/);
    const { id, effectiveDate } = JSON.parse(asked[0]!.text).records[0];
    expect(id).toBe(recordId('key-A1'));
    expect(effectiveDate).toBe('2026-11-24T09:59:56.000Z');
  });

  it('what nobody read is read first, because any SKU would be taken', async () => {
    const { client, asked } = scripted(({ op }) =>
      op === 'readAvailability' ? { locations: [{ id: 'main', records: [] }] } : {},
    );
    expect(results(await sfcc.pushLevels(client, config, [target('A1', 4, null)]))).toEqual(['gone/no-record']);
    expect(asked.map(({ op }) => op)).toEqual(['readAvailability']);
  });

  it('ids are UUIDs, the same for the same key', () => {
    expect(recordId('82251928-0000-4000-8000-2AEBD10B57BA')).toBe('82251928-0000-4000-8000-2aebd10b57ba');
    expect(recordId('key-1')).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(recordId('key-1')).toBe(recordId('key-1'));
    expect(recordId('key-1')).not.toBe(recordId('key-2'));
  });

  it('SKUs times locations never exceed 100', async () => {
    const { client, asked } = scripted(({ text }) => {
      const { skus, locations } = JSON.parse(text);
      expect(skus.length * locations.length).toBeLessThanOrEqual(100);
      return { locations: [] };
    });
    const many = settings({ ...config, locationIds: Array.from({ length: 30 }, (_, index) => `wh${index}`).join(',') });
    const cells = Array.from({ length: 300 }, (_, index) => ({
      stockKey: `S${index % 10}`,
      location: `wh${index % 30}`,
    }));
    await sfcc.readLevels(client, many, cells);
    expect(asked.length).toBe(4);
  });
});

describe('failures', () => {
  it.each([
    [429, {}, {}, 'orders', ['throttled', 'rate-limited']],
    [503, {}, { sfdc_load_status: 'THROTTLE' }, 'writeRecord', ['throttled', 'rate-limited']],
    [503, {}, {}, 'writeRecord', ['unknown-outcome', 'server-error']],
    [504, {}, {}, 'orders', ['transient', 'server-error']],
    [401, {}, {}, 'orders', ['auth', 'token-refused']],
    [401, { error: 'invalid_client' }, {}, 'token', ['auth', 'client-refused']],
    [403, {}, {}, 'lists', ['auth', 'forbidden']],
    [404, { fault: { type: 'InventoryListNotFoundException', message: '' } }, {}, 'lists', ['gone', 'not-found']],
    [409, { fault: { type: 'ConflictException', message: '' } }, {}, 'writeRecord', ['conflict', 'conflict']],
    [400, { title: 'Bad', type: 'bad-request', detail: 'no' }, {}, 'orders', ['rejected', 'refused']],
    [200, { fault: { type: 'HookCircuitBreakerException', message: '' } }, {}, 'orders', ['rejected', 'refused']],
    [200, { data: [] }, {}, 'orders', undefined],
  ] as [number, unknown, Record<string, string>, SfccOp, unknown][])(
    'HTTP %i %j %j to %s',
    (status, body, headers, op, expected) => {
      const failure = classify(jsonResponse(status, body, headers), op);
      expect(failure && [failure.failure, failure.code]).toEqual(expected);
    },
  );
});
