// Verified webhooks a second over HTTP: the entrance with its durable answer, beside the same entrance that verifies and
// answers without storing. Real signed bodies of a stand-in; the clients are a process of their own, the store a worker thread
// (embedded) or a server. Without the inbox, and with the inbox decoding and posting at the same time.
//   npx tsx bench/webhooks.ts [--seconds 3] [--rounds 3] [--connections 64]
// PostgreSQL joins in when ONHAND_TEST_DATABASE_URL names one: node scripts/postgres.mjs run -- npx tsx bench/webhooks.ts
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { Pool } from 'undici';
import { addChannel } from '../src/engine/connect.ts';
import { Engine } from '../src/engine/engine.ts';
import { openStock } from '../src/engine/stock.ts';
import { hookServer } from '../src/http/hooks.ts';
import { type HttpRequest, jsonResponse } from '../src/platform/http.ts';
import { platforms } from '../src/platforms/index.ts';
import { realClock } from '../src/runtime/clock.ts';
import { seededRandom } from '../src/runtime/random.ts';
import { openSealedBox } from '../src/runtime/sealed-box.ts';
import { secretToken } from '../src/runtime/secret-token.ts';
import { createWorld, type World } from '../src/sandbox/world.ts';
import type { Database } from '../src/store/database.ts';
import { storeCounts } from '../src/store/overview.ts';
import { benchStores, machine, median, ratio } from './machine.ts';

const { values: options } = parseArgs({
  options: {
    seconds: { type: 'string', default: '3' },
    rounds: { type: 'string', default: '3' },
    connections: { type: 'string', default: '64' },
    client: { type: 'string' },
    hooks: { type: 'string' },
  },
});

interface Told {
  perSecond: number;
  p50Ms: number;
  p99Ms: number;
}
interface Hook {
  path: string;
  headers: Record<string, string>;
  body: string;
}

if (options.client) console.log(JSON.stringify(await send(options.client, options.hooks!)));
else await compare();

/** The clients: each sends the next webhook when the last was answered; anything but 2xx ends the bench. */
async function send(url: string, file: string): Promise<Told> {
  const hooks = JSON.parse(readFileSync(file, 'utf8')) as Hook[];
  const connections = Number(options.connections);
  const pool = new Pool(url, { connections, pipelining: 1 });
  const delays: number[] = [];
  const began = performance.now();
  const until = began + Number(options.seconds) * 1_000;
  let next = 0;
  const client = async () => {
    while (performance.now() < until) {
      const { path, headers, body } = hooks[next++ % hooks.length]!;
      const sent = performance.now();
      const answer = await pool.request({ path, method: 'POST', headers, body });
      await answer.body.dump();
      if (answer.statusCode !== 200) throw new Error(`answered ${answer.statusCode}`);
      delays.push(performance.now() - sent);
    }
  };
  await Promise.all(Array.from({ length: connections }, client));
  const perSecond = Math.round(delays.length / ((performance.now() - began) / 1_000));
  await pool.close();
  delays.sort((a, b) => a - b);
  const at = (share: number) => Math.round(delays[Math.floor(share * (delays.length - 1))]! * 10) / 10;
  return { perSecond, p50Ms: at(0.5), p99Ms: at(0.99) };
}

async function compare(): Promise<void> {
  const home = mkdtempSync(join(tmpdir(), 'onhand-bench-hooks-'));
  const platform = platforms.find((one) => one.facts.hooks.kind === 'webhook' && one.facts.hooks.signature)!;
  const world = createWorld({ platforms: [platform], items: 200, seed: 1, factor: 1_000, clock: realClock });
  const engineOver = (db: Database) =>
    new Engine({
      db,
      platforms: [platform],
      box: openSealedBox(join(home, 'key')),
      clock: realClock,
      random: seededRandom(1),
      transport: world.transport(),
      log: { info() {}, warn() {}, error: (fields, text) => console.error(text, fields) },
      publicUrl: 'http://127.0.0.1',
      secretToken,
    });
  const file = join(home, 'hooks.json');
  const results: Record<string, unknown>[] = [];
  for (const store of benchStores()) {
    const db = await store.open();
    const hooks = await capture(engineOver(db), world, store.name);
    writeFileSync(file, JSON.stringify(hooks));
    const bytes = Math.round(hooks.reduce((sum, hook) => sum + hook.body.length, 0) / hooks.length);
    const measure = async (engine: Engine): Promise<Told> => {
      const server = hookServer(engine);
      const told = await clients(await server.listen({ host: '127.0.0.1', port: 0 }), file);
      await server.close();
      return told;
    };
    const [storing, forgetting] = [engineOver(db), engineOver(without(db, 'deliveries-insert'))];
    await storing.registry.reload();
    await forgetting.registry.reload();
    const rounds: { durable: Told[]; notStored: Told[]; working: Told[] } = { durable: [], notStored: [], working: [] };
    await measure(forgetting);
    for (let round = 0; round < Number(options.rounds); round++) {
      rounds.durable.push(await measure(storing));
      rounds.notStored.push(await measure(forgetting));
    }
    await db.query('truncate delivery');
    const working = engineOver(db);
    await working.start();
    let drainedPerSecond = 0;
    for (let round = 0; round < Number(options.rounds); round++) {
      rounds.working.push(await measure(working));
      const waiting = (await storeCounts(db)).inbox;
      const began = performance.now();
      while ((await storeCounts(db)).inbox > 0) await realClock.sleep(50);
      drainedPerSecond = Math.round(waiting / ((performance.now() - began) / 1_000));
    }
    await working.stop();
    const middle = (told: Told[]) => {
      const perSecond = median(told.map((one) => one.perSecond));
      return told.find((one) => one.perSecond === perSecond)!;
    };
    const [durable, notStored, busy] = [middle(rounds.durable), middle(rounds.notStored), middle(rounds.working)];
    results.push({
      store: store.name,
      platform: platform.facts.id,
      meanBodyBytes: bytes,
      durable,
      notStored,
      withInbox: busy,
      inboxDrainedPerSecond: drainedPerSecond,
      durableToNotStored: ratio(durable.perSecond, notStored.perSecond),
      withInboxToNotStored: ratio(busy.perSecond, notStored.perSecond),
    });
    console.error(
      `${store.name}: durable ${durable.perSecond}/s (p99 ${durable.p99Ms} ms), not stored ${notStored.perSecond}/s, ratio ${ratio(durable.perSecond, notStored.perSecond)}; while the inbox works ${busy.perSecond}/s`,
    );
    await db.close();
    await store.remove();
  }
  await world.close();
  rmSync(home, { recursive: true, force: true });
  console.log(JSON.stringify({ bench: 'webhooks', ...machine(), connections: Number(options.connections), results }));
}

async function clients(url: string, file: string): Promise<Told> {
  const self = fileURLToPath(import.meta.url);
  const words = ['--client', url, '--hooks', file, '--seconds', options.seconds, '--connections', options.connections];
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', self, ...words]);
  return JSON.parse(stdout) as Told;
}

/** Connects the stand-in as a person would and keeps what it sends for a few hundred orders, signatures and all. */
async function capture(engine: Engine, world: World, name: string): Promise<Hook[]> {
  const channel = world.channels[0]!;
  const caught: HttpRequest[] = [];
  world.deliverTo = async (hook) => {
    caught.push(hook);
    return jsonResponse(200, '');
  };
  const names = new Map(world.locations.map((location) => [location.id, location.name]));
  await openStock(
    engine.context,
    world.items.flatMap(({ sku, title, stock }) =>
      Object.entries(stock).map(([place, units]) => ({
        sku,
        title,
        location: names.get(place)!,
        units: units * 1_000,
      })),
    ),
    'bench',
  );
  const { id } = channel.platform.facts;
  await addChannel(engine, { platform: id, name, config: world.configOf(channel, `http://127.0.0.1/hooks/${id}`) });
  for (let order = 0; order < 400; order++) world.shoppers.step();
  while (!world.quiet()) await realClock.sleep(50);
  await engine.stop();
  const hookKey = `/hooks/${id}/${engine.registry.all()[0]!.row.hookKey}`;
  return caught
    .map(({ url, headers, body }) => ({
      path: new URL(url).pathname,
      headers,
      body: Buffer.from(body ?? '').toString(),
    }))
    .filter((hook) => hook.path === hookKey || hook.path === `/hooks/${id}`);
}

/** The same store, but one statement does nothing. */
function without(db: Database, name: string): Database {
  const query: Database['query'] = (statement, values) =>
    typeof statement !== 'string' && statement.name === name ? Promise.resolve([]) : db.query(statement, values);
  return {
    engine: db.engine,
    query,
    transaction: (work) => db.transaction(work),
    wake: (topic) => db.wake(topic),
    onWake: (topic, listener) => db.onWake(topic, listener),
    close: () => db.close(),
  };
}
