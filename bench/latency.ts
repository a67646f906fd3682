// Heard-to-visible: from the arrival of a sale (webhook, feed or queue) until another channel has accepted the new number.
// No platform limit, no faults. The engine, its entrance and its pages are this process; the embedded store is a worker
// thread of it; all stand-ins and shoppers are one process of their own, reached over loopback sockets.
//   npx tsx bench/latency.ts [--rates 10,100,500] [--seconds 15] [--per-platform 2]
// PostgreSQL joins in when ONHAND_TEST_DATABASE_URL names one: node scripts/postgres.mjs run -- npx tsx bench/latency.ts
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { addChannel } from '../src/engine/connect.ts';
import { Engine } from '../src/engine/engine.ts';
import { setChannelMode } from '../src/engine/modes.ts';
import { openStock } from '../src/engine/stock.ts';
import { hookServer } from '../src/http/hooks.ts';
import type { AnyPlatform } from '../src/platform/contract.ts';
import { scalePlatform } from '../src/platform/scale.ts';
import { demoPlatforms } from '../src/platforms/index.ts';
import { realClock } from '../src/runtime/clock.ts';
import { openSealedBox } from '../src/runtime/sealed-box.ts';
import { secretToken } from '../src/runtime/secret-token.ts';
import { undiciTransport } from '../src/runtime/transport.ts';
import { createWorld, type WorldItem } from '../src/sandbox/index.ts';
import type { Database } from '../src/store/database.ts';
import { visibleDelays } from '../src/store/measure.ts';
import { storeCounts } from '../src/store/overview.ts';
import { type BenchStore, benchStores, machine } from './machine.ts';
import { WatchedStore } from './watched-store.ts';

const { values: options } = parseArgs({
  options: {
    rates: { type: 'string', default: '10,100,500' },
    seconds: { type: 'string', default: '15' },
    'per-platform': { type: 'string', default: '2' },
    world: { type: 'string' },
  },
});
/** The vendors' own delays (settling, queues) run this much faster; what is measured does not wait for them. */
const FACTOR = 100;
/** Feeds are polled this much more often than at the vendors. */
const FEED_FACTOR = 10;
const SECONDS = Number(options.seconds);
const PATIENCE_MS = 60_000;
const PLACES = { W1: 'Main warehouse', W2: 'Second warehouse', S1: 'High street shop' };
/** Enough of everything: nothing sells out, so every sale moves every channel's number. */
const items: WorldItem[] = Array.from({ length: 200 }, (_, index) => ({
  sku: `SKU-${index}`,
  title: `Thing ${index}`,
  stock: { W1: 50_000, W2: 50_000, S1: 50_000 },
}));

/** What the two processes say to each other. */
type ToWorld = { say: 'hooks-at'; url: string } | { say: 'sell'; perSecond: number; orders: number };
type FromWorld =
  | { say: 'open'; channels: { name: string; platform: string; config: Record<string, unknown> }[] }
  | { say: 'sold'; orders: number; seconds: number };

if (options.world) await beTheWorld(Number(options.world));
else await compare();

async function beTheWorld(perPlatform: number): Promise<void> {
  const world = createWorld({
    platforms: demoPlatforms.filter((platform) => platform.sandbox !== undefined),
    perPlatform,
    items,
    seed: 1,
    factor: FACTOR,
    clock: realClock,
    unlimited: true,
  });
  const send = (message: FromWorld) => process.send!(message);
  const toUs = undiciTransport({ allowPrivateHosts: ['127.0.0.1'] });
  world.deliverTo = (hook) => toUs(hook, { timeoutMs: 5_000 });
  await world.listen();
  process.on('message', async (message: ToWorld) => {
    if (message.say === 'hooks-at')
      send({
        say: 'open',
        channels: world.channels.map((channel) => ({
          name: channel.name,
          platform: channel.platform.facts.id,
          config: world.configOf(channel, `${message.url}/hooks/${channel.platform.facts.id}`),
        })),
      });
    else {
      const began = performance.now();
      const before = world.shoppers.counts.orders;
      await world.shoppers.run(message.orders, message.perSecond);
      const seconds = (performance.now() - began) / 1_000;
      while (!world.quiet()) await realClock.sleep(50);
      send({ say: 'sold', orders: world.shoppers.counts.orders - before, seconds });
    }
  });
  process.on('disconnect', () => process.exit(0));
}

async function compare(): Promise<void> {
  const results: Record<string, unknown>[] = [];
  for (const store of benchStores())
    for (const rate of options.rates.split(',').map(Number)) {
      const result = await measure(store, rate);
      results.push({ store: store.name, ...result });
      console.error(
        `${store.name}, ${rate} orders/s asked, ${result.ordersPerSecond} sold: heard to visible p50 ${result.p50} ms, p95 ${result.p95} ms, p99 ${result.p99} ms over ${result.writes} writes; ${result.drainedAfterMs} ms after the last event until nothing waited`,
      );
    }
  console.log(JSON.stringify({ bench: 'latency', ...machine(), seconds: SECONDS, results }));
}

/** Webhooks are the trigger here, and at a hundred times its pace the net of polls would be most of the work. */
function faster(platform: AnyPlatform): AnyPlatform {
  const scaled = scalePlatform(platform, FACTOR);
  return { ...scaled, facts: { ...scaled.facts, feeds: scalePlatform(platform, FEED_FACTOR).facts.feeds } };
}

async function measure(store: BenchStore, rate: number) {
  const watched = new WatchedStore(await store.open());
  const { db } = watched;
  const home = mkdtempSync(join(tmpdir(), 'onhand-bench-latency-'));
  const engine = new Engine({
    db,
    platforms: demoPlatforms.map(faster),
    box: openSealedBox(join(home, 'key')),
    clock: realClock,
    random: Math.random,
    transport: undiciTransport({ allowPrivateHosts: ['127.0.0.1'] }),
    log: { info() {}, warn() {}, error: (fields, text) => console.error(text, fields) },
    publicUrl: null,
    secretToken,
    skewMs: 20,
    unlimited: true,
  });
  const hooks = hookServer(engine);
  const url = await hooks.listen({ host: '127.0.0.1', port: 0 });
  engine.options.publicUrl = url;
  await engine.start();
  const child = fork(fileURLToPath(import.meta.url), ['--world', options['per-platform']], {
    execArgv: ['--import', 'tsx'],
  });
  const channels = await connect(engine, child, url);
  await atRest(db);
  const from = new Date().toISOString();
  watched.forget();
  const cpu = process.cpuUsage();
  const began = performance.now();
  const sold = await ask(child, { say: 'sell', perSecond: rate, orders: rate * SECONDS });
  if (sold.say !== 'sold') throw new Error('the world said something else');
  const used = process.cpuUsage(cpu);
  const sellingMs = performance.now() - began;
  const storeWork = watched.told();
  const ended = performance.now();
  await atRest(db);
  const drainedAfterMs = Math.round(performance.now() - ended);
  const delays = (await visibleDelays(db, from)).sort((a, b) => a - b);
  const at = (share: number) => Math.round(delays[Math.floor(share * (delays.length - 1))] ?? 0);
  const result = {
    ordersAskedPerSecond: rate,
    ordersPerSecond: Math.round((sold.orders / sold.seconds) * 10) / 10,
    channels,
    writes: delays.length,
    p50: at(0.5),
    p95: at(0.95),
    p99: at(0.99),
    drainedAfterMs,
    sellingMs: Math.round(sellingMs),
    storeWork,
    engineCoresUsed: Math.round(((used.user + used.system) / 1_000 / sellingMs) * 100) / 100,
  };
  child.disconnect();
  await once(child, 'exit');
  await hooks.close();
  await engine.stop();
  await db.close();
  await store.remove();
  rmSync(home, { recursive: true, force: true });
  return result;
}

async function connect(engine: Engine, child: ChildProcess, url: string): Promise<number> {
  const open = await ask(child, { say: 'hooks-at', url });
  if (open.say !== 'open') throw new Error('the world said something else');
  await openStock(
    engine.context,
    items.flatMap(({ sku, title, stock }) =>
      Object.entries(stock).map(([place, units]) => ({ sku, title, location: PLACES[place as 'W1'], units })),
    ),
    'bench',
  );
  for (const { name, platform, config } of open.channels) {
    const added = await addChannel(engine, { platform, name, config });
    await setChannelMode(engine.context, added.channel, 'live', 'bench', true);
  }
  await engine.settingsChanged();
  return open.channels.length;
}

async function ask(child: ChildProcess, message: ToWorld): Promise<FromWorld> {
  child.send(message);
  const [answer] = (await once(child, 'message')) as [FromWorld];
  return answer;
}

/** Nothing waits in the inbox, to be fetched or to be told, for a second. */
async function atRest(db: Database): Promise<void> {
  const until = performance.now() + PATIENCE_MS;
  let quietSince = performance.now();
  while (performance.now() < until && performance.now() - quietSince < 1_000) {
    await realClock.sleep(50);
    const { waiting, inbox, fetches, attempts } = await storeCounts(db);
    if (waiting + inbox + fetches + attempts > 0) quietSince = performance.now();
  }
}
