import { afterEach, describe, expect, it } from 'vitest';
import type { Target } from '../../platform/contract.ts';
import { Failure } from '../../platform/failure.ts';
import { type HttpRequest, type HttpResponse, jsonResponse } from '../../platform/http.ts';
import { Bench } from '../../platform/testing/index.ts';
import { custom } from './index.ts';

let bench: Bench;
afterEach(() => bench.close());

/** The client with its limits and retries; every question is answered by `answer`. */
async function answering(answer: (request: HttpRequest) => HttpResponse, settings: object = {}) {
  bench = await Bench.open(custom, { items: 1 });
  bench.config = custom.config.parse({ ...bench.config, ...settings }) as never;
  const asked: { url: URL; body: unknown }[] = [];
  bench.line = (_, __, request) => {
    const body = request.body === undefined ? undefined : JSON.parse(Buffer.from(request.body).toString());
    asked.push({ url: new URL(request.url), body });
    return Promise.resolve(answer(request));
  };
  return asked;
}

const caught = async (work: Promise<unknown>): Promise<Failure> => {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(Failure);
  return error as Failure;
};

const target = (sku: string, want: number, expected: number, location = '-'): Target => ({
  cell: { stockKey: sku, location },
  want,
  expect: expected,
  asOf: '2026-11-24T08:00:00Z',
  key: `key-${sku}`,
  why: 'sync',
});
const push = (...targets: Target[]) =>
  bench.run((client, config) => custom.pushLevels(client, config as never, targets));
const poll = (cursor: string | null, since = '2026-03-02T08:00:00Z') =>
  bench.run((client, config) => custom.poll(client, config as never, 'orders', cursor, since));

describe('writing', () => {
  it('sends what is wanted and what is expected, and reads one result for each', async () => {
    const asked = await answering(() =>
      jsonResponse(200, {
        results: [
          { ok: true, available: '4' },
          { ok: true },
          { ok: false, stale: true, available: 7 },
          { ok: false, stale: true },
          { ok: false, error: 'frozen for the stock-take' },
        ],
      }),
    );
    const skus = ['A', 'B', 'C', 'D', 'E'];
    const outcomes = await push(...skus.map((sku) => target(sku, 4, 5, sku === 'A' ? '-' : 'W1')));
    expect(asked[0]!.body).toMatchObject({
      type: 'levels.set',
      data: {
        levels: [
          { sku: 'A', location: null, available: 4, expected: 5, key: 'key-A' },
          { sku: 'B', location: 'W1' },
          {},
          {},
          {},
        ],
      },
    });
    expect(outcomes).toMatchObject([
      { result: 'applied', after: 4 },
      { result: 'applied', after: 4 },
      { result: 'stale', now: 7 },
      { result: 'stale' },
      { result: 'failed', failure: { failure: 'rejected', message: 'frozen for the stock-take' } },
    ]);
    expect(outcomes[3]).not.toHaveProperty('now');
  });

  it('an answer without a result for a row, or with none at all, leaves open what was done', async () => {
    await answering(() => jsonResponse(200, { results: [{ ok: true, available: 4 }, { ok: 'yes' }] }));
    expect(await push(target('A', 4, 5), target('B', 4, 5), target('C', 4, 5))).toMatchObject([
      { result: 'applied' },
      { failure: { failure: 'unknown-outcome' } },
      { failure: { failure: 'unknown-outcome' } },
    ]);
    bench.close();
    await answering(() => jsonResponse(200, { done: true }));
    expect((await caught(push(target('A', 4, 5)))).failure).toBe('unknown-outcome');
    bench.close();
    await answering(() => jsonResponse(200, 'OK'));
    expect((await caught(push(target('A', 4, 5)))).failure).toBe('unknown-outcome');
  });
});

describe('reading', () => {
  it('a level that is no number is an error, never a zero', async () => {
    await answering(() => jsonResponse(200, { levels: [{ sku: 'A', available: null }] }));
    const failure = await caught(bench.run((client, config) => custom.listLevels(client, config as never, null)));
    expect([failure.failure, failure.code]).toEqual(['rejected', 'level-not-understood']);
  });

  it('what was not asked for, and what is told twice, is not believed', async () => {
    await answering(() =>
      jsonResponse(200, {
        levels: [
          { sku: 'A', available: 1 },
          { sku: 'A', available: 2 },
          { sku: 'Z', available: 3 },
        ],
      }),
    );
    const cells = ['A', 'B'].map((stockKey) => ({ stockKey, location: '-' }));
    const levels = await bench.run((client, config) => custom.readLevels(client, config as never, cells));
    expect(levels.map(({ stockKey, available }) => [stockKey, available])).toEqual([['A', 1]]);
  });

  it('a system without places has one pool', async () => {
    await answering(() => jsonResponse(404, { error: 'no such address' }));
    const places = await bench.run((client, config) => custom.listLocations(client, config as never));
    expect(places.map(({ location }) => location)).toEqual(['-']);
  });

  it('another order than the one asked for is not taken', async () => {
    const other = { id: '2', version: 1, createdAt: '2026-03-02T08:00:00Z', lines: [] };
    await answering(() => jsonResponse(200, { order: other }));
    const failure = await caught(
      bench.run((client, config) => custom.fetchDocument(client, config as never, 'order:1')),
    );
    expect(failure.code).toBe('other-order');
  });
});

describe('the feed', () => {
  const page = (next: string | null, completeTo: string) => jsonResponse(200, { orders: [], next, completeTo });

  it('promises no more than its first page did, nothing before its end, and starts again a little before', async () => {
    const pages = [
      page('p2', '2026-03-02T07:59:00Z'),
      page(null, '2026-03-02T07:59:59Z'),
      page(null, '2026-03-02T08:00:00Z'),
    ];
    const asked = await answering(() => pages.shift()!);
    const first = await poll(null, '2026-03-02T07:00:00Z');
    expect([first.completeTo, first.more]).toEqual([null, true]);
    const last = await poll(first.cursor);
    expect([last.completeTo, last.more]).toEqual(['2026-03-02T07:59:00.000Z', false]);
    await poll(last.cursor);
    expect(asked.map(({ url }) => [url.searchParams.get('since'), url.searchParams.get('cursor')])).toEqual([
      ['2026-03-02T07:00:00.000Z', null],
      ['2026-03-02T07:00:00.000Z', 'p2'],
      ['2026-03-02T07:57:00.000Z', null],
    ]);
  });

  it('a clock that runs ahead promises nothing of the future, one that was set back does not turn the feed back', async () => {
    const pages = [
      page(null, '2036-01-01T00:00:00Z'),
      page(null, '1999-01-01T00:00:00Z'),
      page(null, '1999-01-01T00:00:00Z'),
    ];
    const asked = await answering(() => pages.shift()!);
    const first = await poll(null);
    expect(Date.parse(first.completeTo!)).toBeLessThanOrEqual(bench.clock.now());
    const second = await poll(first.cursor);
    await poll(second.cursor);
    expect(asked[2]!.url.searchParams.get('since')).toBe(asked[1]!.url.searchParams.get('since'));
  });

  it('a cursor that does not move is an error, not an endless walk', async () => {
    await answering(() => page('same', '2026-03-02T08:00:00Z'));
    const first = await poll(null);
    expect((await caught(poll(first.cursor))).code).toBe('feed-stuck');
  });

  it('an order that is not understood stops the page with its reason: the feed skips nothing', async () => {
    await answering(() => jsonResponse(200, { orders: [{ id: 1 }], next: null, completeTo: '2026-03-02T08:00:00Z' }));
    expect((await caught(poll(null))).message).toContain('orders.0.createdAt');
  });
});

describe('a system that only sends', () => {
  it('is asked nothing and told nothing', async () => {
    const asked = await answering(() => jsonResponse(500, {}), { baseUrl: undefined, skus: ['A', 'B', 'A'] });
    const { items } = await bench.run((client, config) => custom.listListings(client, config as never, null));
    expect(items).toMatchObject([
      { listing: 'A', stockKey: 'A', sku: 'A', tracked: false },
      { listing: 'B', tracked: false },
    ]);
    expect((await bench.allLevels()).items).toEqual([]);
    const [read] = await bench.run((client, config) =>
      custom.readLevels(client, config as never, [{ stockKey: 'A', location: '-' }]),
    );
    expect(read).toMatchObject({ stockKey: 'A', tracked: false });
    expect(await poll(null)).toMatchObject({ signals: [], more: false, completeTo: expect.any(String) });
    expect(await push(target('A', 1, 2))).toMatchObject([{ result: 'failed', failure: { code: 'only-sends' } }]);
    expect((await caught(bench.run((c, config) => custom.fetchDocument(c, config as never, 'order:1')))).failure).toBe(
      'rejected',
    );
    expect(await bench.run((client, config) => custom.check(client, config as never))).toMatchObject([{ ok: true }]);
    expect(asked).toEqual([]);
  });

  it('that gets an address later reads its feed from the start', async () => {
    const asked = await answering(() =>
      jsonResponse(200, { orders: [], next: null, completeTo: '2026-03-02T08:00:00Z' }),
    );
    await poll('sends', '2026-01-01T00:00:00Z');
    expect(asked[0]!.url.searchParams.get('since')).toBe('2026-01-01T00:00:00.000Z');
  });
});
