import { afterEach, describe, expect, it, vi } from 'vitest';
import { setChannelMode } from '../src/engine/modes.ts';
import { adjust } from '../src/engine/stock.ts';
import { why } from '../src/engine/why.ts';
import { hookServer } from '../src/http/hooks.ts';
import { jsonResponse } from '../src/platform/http.ts';
import { allLevels } from '../src/store/measure.ts';
import { type NoticeRow, openNotices } from '../src/store/notices.ts';
import { toyPlatform } from './support/toy/index.ts';
import { type WorldEngine, worldEngine } from './support/world-engine.ts';

// A whole engine and world each: slow on a machine that does other things as well.
vi.setConfig({ testTimeout: 120_000 });

const cas = toyPlatform('toycas', 'cas');
const other = toyPlatform('toyother', 'delta');
const MINUTE = 60_000;

const open: WorldEngine[] = [];
afterEach(async () => {
  for (const run of open.splice(0).reverse()) await run.close();
});
async function start(options: Parameters<typeof worldEngine>[0]): Promise<WorldEngine> {
  const run = await worldEngine(options);
  open.push(run);
  await run.clock.advance(2 * MINUTE);
  return run;
}

const pushes = async (run: WorldEngine) =>
  (await run.db.query<{ n: number }>('select count(*)::int as n from push'))[0]!.n;
const deliveries = (run: WorldEngine) =>
  run.db.query<{ status: string; reason: string | null }>('select status, reason from delivery order by id');
const codes = async (run: WorldEngine) => (await openNotices(run.db, 100)).map((notice: NoticeRow) => notice.code);
const shown = (run: WorldEngine, which: number, sku: string) =>
  run.world.channels[which]!.sandbox.shown()
    .filter((row) => row.sku === sku)
    .reduce((sum, row) => sum + row.available, 0);
const buy = (run: WorldEngine, which: number, sku: string, quantity = 1) =>
  run.world.channels[which]!.sandbox.shopper.buy({ lines: [{ sku, quantity }], location: null });
const richest = (run: WorldEngine) => [...run.world.items].sort((a, b) => total(b.stock) - total(a.stock))[0]!.sku;
const total = (stock: Record<string, number>) => Object.values(stock).reduce((sum, units) => sum + units, 0);

describe('modes and guards', () => {
  it('[I12] a new channel hears its orders and is told nothing until a person makes it live', async () => {
    const run = await start({ platforms: [cas, other], items: 4, live: false });
    const sku = richest(run);
    const before = shown(run, 1, sku);
    expect(buy(run, 0, sku).ok).toBe(true);
    await run.clock.advance(5 * MINUTE);
    expect(await run.db.query('select 1 as one from document where applied_at is not null')).toHaveLength(1);
    expect(await pushes(run)).toBe(0);
    expect(shown(run, 1, sku)).toBe(before);
    const channel = run.engine.registry.byKey('toyother', run.world.channels[1]!.sandbox.account)!.channels[0]!;
    await run.clock.run(setChannelMode(run.engine.context, channel, 'live', 'test', true));
    await run.engine.settingsChanged();
    await run.clock.advance(2 * MINUTE);
    expect(shown(run, 1, sku)).toBe(before - 1);
  });

  it('[I13] after a restart cells only fall until every live channel has been read up to then', async () => {
    const run = await start({ platforms: [cas, other], items: 4 });
    const [low, high] = run.world.items.map((item) => item.sku);
    await run.close();
    open.splice(0);
    // Both happen while nothing runs, and the second channel cannot be read when it starts again.
    const handle = run.world.channels[0]!.sandbox.handle;
    let reachable = false;
    run.world.channels[0]!.sandbox.handle = async (request) =>
      request.url.includes('/orders') && !reachable ? jsonResponse(503, {}) : handle(request);
    const context = { ...run.engine.context };
    await run.clock.run(adjust(context, { sku: low!, location: run.world.locations[0]!.name, units: -1, by: 'test' }));
    await run.clock.run(adjust(context, { sku: high!, location: run.world.locations[0]!.name, units: 5, by: 'test' }));
    const was = { low: shown(run, 1, low!), high: shown(run, 1, high!) };
    await run.clock.advance(1_000);
    const again = await worldEngine({ platforms: [cas, other], after: run });
    open.push(again);
    await again.clock.advance(5 * MINUTE);
    expect(shown(again, 1, low!)).toBe(was.low - 1);
    expect(shown(again, 1, high!)).toBe(was.high);
    expect(again.engine.mayRaise()).toBe(false);
    reachable = true;
    await again.clock.advance(10 * MINUTE);
    expect(again.engine.mayRaise()).toBe(true);
    expect(shown(again, 1, high!)).toBe(was.high + 5);
  });

  it('[I14] a plan that no orders explain is held with its list, and a person lets it pass', async () => {
    const run = await start({ platforms: [cas, other], items: 60 });
    for (const { sku } of run.world.items)
      for (const place of run.world.locations) {
        const level = (await allLevels(run.db)).find((row) => row.sku === sku && row.location === place.name)!;
        if (level.onHand > 0)
          await run.clock.run(
            adjust(run.engine.context, {
              sku,
              location: place.name,
              units: -level.onHand,
              by: 'bad import',
            }),
          );
      }
    run.engine.stockMoved();
    await run.clock.advance(5 * MINUTE);
    const channels = run.engine.registry.all().flatMap((account) => account.channels);
    expect(channels.map((channel) => channel.mode)).toEqual(['held', 'held']);
    expect(await codes(run)).toContain('lane-held');
    const zeroed = run.world.channels[0]!.sandbox.shown().filter((row) => row.available === 0).length;
    const cells = run.world.channels[0]!.sandbox.shown().length;
    const zeroBefore = run.world.items
      .flatMap((item) => Object.values(item.stock))
      .filter((units) => units === 0).length;
    expect(zeroed - zeroBefore).toBeLessThanOrEqual(Math.max(20, 0.05 * cells));
    for (const channel of channels)
      await run.clock.run(setChannelMode(run.engine.context, channel, 'live', 'test', true));
    await run.engine.settingsChanged();
    await run.clock.advance(5 * MINUTE);
    expect(run.world.channels[0]!.sandbox.shown().every((row) => row.available === 0)).toBe(true);
  });
});

describe('intake', () => {
  const post = (run: WorldEngine, url: string, body: string | Buffer, headers: Record<string, string> = {}) =>
    hookServer(run.engine).inject({
      method: 'POST',
      url,
      payload: body,
      headers: { 'content-type': 'application/json', ...headers },
    });
  const address = (run: WorldEngine) => new URL(run.engine.hookUrl(run.engine.registry.all()[0]!)!).pathname;

  it('[I4] what is not authentic gets a clear 4xx and leaves nothing behind', async () => {
    const run = await start({ platforms: [cas], items: 2, live: false });
    const unsigned = await post(run, address(run), '{"thin":"1"}');
    expect(unsigned.statusCode).toBe(401);
    expect(unsigned.json()).toMatchObject({ error: 'no-signature', next: expect.any(String) });
    const forged = await post(run, address(run), '{"thin":"1"}', { 'x-toy-signature': 'ab'.repeat(32) });
    expect(forged.statusCode).toBe(401);
    expect((await post(run, '/hooks/toycas/wrong-key', '{}')).statusCode).toBe(404);
    expect((await post(run, address(run), Buffer.alloc(3_000_000, 'x'))).statusCode).toBe(413);
    expect(await deliveries(run)).toEqual([]);
    expect(await run.db.query('select 1 as one from document')).toEqual([]);
  });

  it('[I3] what was answered 2xx is in the store, and a later process posts it', async () => {
    const run = await start({ platforms: [cas, other], items: 4 });
    const sku = richest(run);
    await run.close();
    open.splice(0);
    // Only the entrance lives: no inbox works it off.
    const entrance = run.engine;
    const answers: number[] = [];
    run.world.deliverTo = async (hook) => {
      const release = run.clock.hold();
      const answer = await hookServer(entrance).inject({
        method: 'POST',
        url: new URL(hook.url).pathname,
        headers: hook.headers,
        payload: Buffer.from(hook.body ?? ''),
      });
      release();
      answers.push(answer.statusCode);
      return { status: answer.statusCode, headers: {}, body: answer.rawPayload };
    };
    expect(buy(run, 0, sku).ok).toBe(true);
    await run.clock.advance(MINUTE);
    expect(answers).toEqual([200]);
    expect((await deliveries(run)).map((row) => row.status)).toEqual(['new']);
    const again = await worldEngine({ platforms: [cas, other], after: run });
    open.push(again);
    await again.clock.advance(5 * MINUTE);
    expect((await deliveries(again)).map((row) => row.status)).toEqual(['done']);
    expect(again.world.ledgerErrorUnits(await allLevels(again.db))).toBe(0);
  });

  it('[I11] a poisoned delivery is set aside with its reason and the rest of its batch is posted', async () => {
    const run = await start({ platforms: [cas], items: 3, live: false });
    const [account] = run.engine.registry.all();
    const sandbox = run.world.channels[0]!.sandbox;
    const secret = (
      sandbox.config({ api: 'https://x', hook: run.engine.hookUrl(account!)! }) as { webhookSecret: string }
    ).webhookSecret;
    const { hmac } = await import('../src/platform/signature.ts');
    const send = (body: string) =>
      post(run, address(run), body, { 'x-toy-signature': hmac('sha256', secret, [body], 'hex') });
    const item = run.world.items[0]!;
    const order = (id: string, open: number) =>
      JSON.stringify({
        order: {
          id,
          version: 1,
          placedAt: new Date(run.clock.now()).toISOString(),
          paid: true,
          lines: [
            {
              id: '1',
              item: '1',
              sku: item.sku,
              counted: true,
              parts: [{ place: [...account!.places.keys()][0], open, gone: 0, back: 0 }],
            },
          ],
        },
      });
    const bodies = [order('a', 1), order('nul\u0000', 1), 'not json at all', order('huge', 1e15), order('b', 2)];
    const answers = await run.clock.run(Promise.all(bodies.map(send)));
    expect(answers.map((answer) => answer.statusCode)).toEqual([200, 200, 200, 200, 200]);
    await run.clock.advance(MINUTE);
    const rows = await deliveries(run);
    expect(rows.map((row) => row.status)).toEqual(['done', 'aside', 'aside', 'aside', 'done']);
    expect(rows.filter((row) => row.status === 'aside').every((row) => (row.reason ?? '').length > 10)).toBe(true);
    const levels = (await allLevels(run.db)).filter((row) => row.sku === item.sku);
    expect(levels.reduce((sum, row) => sum + row.committed, 0)).toBe(3);
  });

  it('[I11] a channel that answers nothing but errors does not keep another from being told', async () => {
    const run = await start({ platforms: [cas, other], items: 4 });
    const sku = richest(run);
    run.world.channels[1]!.sandbox.handle = async () => jsonResponse(503, {});
    const before = shown(run, 0, sku);
    await run.clock.run(
      adjust(run.engine.context, { sku, location: run.world.locations[0]!.name, units: -2, by: 'test' }),
    );
    run.engine.stockMoved();
    await run.clock.advance(2 * MINUTE);
    expect(shown(run, 0, sku)).toBe(before - 2);
  });
});

describe('drift and reasons', () => {
  it('an edit by hand is put before a person, and decided either way', async () => {
    const run = await start({ platforms: [cas, other], items: 4 });
    const { reconcile } = await import('../src/engine/reconcile.ts');
    const { decideDrift } = await import('../src/engine/judge.ts');
    const [account] = run.engine.registry.all();
    const { sandbox, places } = run.world.channels[0]!;
    const sku = richest(run);
    const place = places.kind === 'places' ? Object.values(places.idOf)[0]! : places.id;
    const before = sandbox.shown().find((row) => row.sku === sku && row.location === place)!.available;
    sandbox.shopper.edit(sku, place, before + 7);
    await run.clock.run(reconcile(run.engine, account!, 'toycas-1'));
    await run.clock.advance(2 * MINUTE);
    const report = await run.clock.run(reconcile(run.engine, account!, 'toycas-1'));
    expect(report.open).toMatchObject([{ shows: before + 7, explained: before, units: 7 }]);
    expect(sandbox.shown().find((row) => row.sku === sku && row.location === place)!.available).toBe(before + 7);
    const [{ id }] = (await run.db.query<{ id: number }>("select cell_id as id from drift where status = 'open'")) as [
      { id: number },
    ];
    expect(await run.clock.run(decideDrift(run.engine.context, account!, id, 'channel', 'test'))).toBe(true);
    await run.clock.advance(2 * MINUTE);
    const levels = await allLevels(run.db);
    const name = run.world.locations[0]!.name;
    expect(levels.find((row) => row.sku === sku && row.location === name)!.onHand).toBe(
      run.world.items.find((item) => item.sku === sku)!.stock['W1']! + 7,
    );
    expect(shown(run, 1, sku)).toBe(total(run.world.items.find((item) => item.sku === sku)!.stock) + 7);
  });

  it('[I9] every number a channel shows has its sentence, and what led to it its line', async () => {
    const run = await start({ platforms: [cas, other], items: 4 });
    const sku = richest(run);
    buy(run, 0, sku, 2);
    await run.clock.advance(5 * MINUTE);
    const answer = await run.clock.run(why(run.engine, sku));
    expect(answer.cells.length).toBeGreaterThanOrEqual(2);
    for (const cell of answer.cells) {
      expect(cell.shows).toBe(cell.shouldShow);
      expect(cell.sentence).toContain(String(cell.shows));
      expect(cell.at).not.toBeNull();
    }
    expect(answer.timeline.some((row) => row.text.includes('sale order:') && row.text.includes('committed +2'))).toBe(
      true,
    );
    expect(answer.timeline.some((row) => /told \d+/.test(row.text))).toBe(true);
  });
});
