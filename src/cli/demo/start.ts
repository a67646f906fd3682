import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addChannel } from '../../engine/connect.ts';
import type { Engine } from '../../engine/engine.ts';
import { setChannelMode } from '../../engine/modes.ts';
import { openStock } from '../../engine/stock.ts';
import { createApiKey, SCOPES } from '../../http/keys.ts';
import type { AnyPlatform } from '../../platform/contract.ts';
import { scalePlatform } from '../../platform/scale.ts';
import { realClock } from '../../runtime/clock.ts';
import { createLog } from '../../runtime/log.ts';
import { seededRandom } from '../../runtime/random.ts';
import { secretToken } from '../../runtime/secret-token.ts';
import { undiciTransport } from '../../runtime/transport.ts';
import { createWorld, type Faults, type World, type WorldItem } from '../../sandbox/index.ts';
import { openStore } from '../open-store.ts';
import { Buttons, demoRoutes } from './buttons.ts';
import { engineProcess } from './engine-process.ts';

export interface DemoOptions {
  platforms: AnyPlatform[];
  perPlatform: number;
  items: number | WorldItem[];
  seed: number;
  /** How much faster than the vendors' own limits and delays. */
  factor: number;
  faults: Faults;
  /** Port of API and pages; 0 takes any. */
  port: number;
  unlimited?: boolean;
  progress: (text: string) => void;
}

export interface Demo {
  world: World;
  /** The one that runs now: a button of the page kills it and starts another. */
  readonly engine: Engine;
  /** Those of the page. */
  buttons: Buttons;
  /** Address of the page, with the key that opens it. */
  address: string;
  apiKey: string;
  /** When the shop opened, milliseconds since 1970. */
  openedAt: number;
  /** Ends everything and deletes the demo's folder. Safe to call twice. */
  close(): Promise<void>;
}

/**
 * A whole small business on one machine: stand-ins of the platforms on loopback ports, an embedded store in a folder of
 * its own, the engine, webhooks over real sockets, every channel connected, checked and live.
 */
export async function startDemo(options: DemoOptions): Promise<Demo> {
  const { progress, factor } = options;
  const home = mkdtempSync(join(tmpdir(), 'onhand-demo-'));
  const world = createWorld({
    platforms: options.platforms,
    perPlatform: options.perPlatform,
    items: options.items,
    seed: options.seed,
    factor,
    clock: realClock,
    faults: options.faults,
    ...(options.unlimited && { unlimited: true }),
  });
  progress(`stand-ins: ${world.channels.map((channel) => channel.name).join(', ')}`);
  await world.listen();
  progress('store: creating an embedded PostgreSQL');
  const store = await openStore({ home, keyFile: join(home, 'encryption.key'), databaseUrl: undefined });
  let lives = 0;
  let ports = { hooks: 0, api: options.port };
  const begin = () =>
    engineProcess(
      {
        db: store.db,
        platforms: options.platforms.map((platform) => scalePlatform(platform, factor)),
        box: store.box,
        clock: realClock,
        // Another life draws other keys: a platform would take a repeated one for a repeated request.
        random: seededRandom(options.seed + 1_000_003 * lives++),
        transport: undiciTransport({ allowPrivateHosts: ['127.0.0.1'] }),
        log: createLog({ level: 'error' }),
        secretToken,
        skewMs: Math.max(20, 2_000 / factor),
        ...(options.unlimited && { unlimited: true }),
      },
      ports,
      (server) => demoRoutes(buttons, store.db)(server),
    );
  const ending = new AbortController();
  const buttons = new Buttons({
    world,
    get engine() {
      return running.engine;
    },
    db: store.db,
    clock: realClock,
    factor,
    signal: ending.signal,
    kill: () => running.die(),
    revive: async (before) => {
      running = await begin();
      await before(running.engine);
      await running.engine.start();
    },
  });
  let running = await begin();
  const portOf = (address: string) => Number(new URL(address).port);
  ports = { hooks: portOf(running.hooksAt), api: portOf(running.apiAt) };
  const toUs = undiciTransport({ allowPrivateHosts: ['127.0.0.1'] });
  world.deliverTo = (hook) => toUs(hook, { timeoutMs: 5_000 });
  const apiKey = await createApiKey(store.db, 'demo', SCOPES, new Date(realClock.now()).toISOString());
  await running.engine.start();
  await openShop(running.engine, world, progress);
  let closing: Promise<void> | undefined;
  return {
    world,
    get engine() {
      return running.engine;
    },
    buttons,
    address: `${running.apiAt}/#key=${apiKey}&demo`,
    apiKey,
    openedAt: realClock.now(),
    close: () => {
      closing ??= (async () => {
        ending.abort();
        await buttons.idle();
        world.faultsOff();
        await running.stop();
        await world.close();
        await store.db.close();
        rmSync(home, { recursive: true, force: true });
      })();
      return closing;
    },
  };
}

/** Stock is counted in, channels are connected as a person would, and made live after a look at the first writes. */
async function openShop(engine: Engine, world: World, progress: (text: string) => void): Promise<void> {
  const names = new Map(world.locations.map((location) => [location.id, location.name]));
  const rows = world.items.flatMap((item) =>
    Object.entries(item.stock).map(([location, units]) => ({
      sku: item.sku,
      title: item.title,
      location: names.get(location) ?? location,
      units,
    })),
  );
  for (let start = 0; start < rows.length; start += 5_000)
    await openStock(engine.context, rows.slice(start, start + 5_000), 'demo');
  for (const channel of world.channels) {
    const base = engine.options.publicUrl!;
    const hook = `${base}/hooks/${channel.platform.facts.id}`;
    const added = await addChannel(engine, {
      platform: channel.platform.facts.id,
      name: channel.name,
      config: world.configOf(channel, hook),
      settings: { repair: 'ask' },
    });
    progress(`${channel.name}: ${added.listings} listings, ${added.mapped} mapped by SKU`);
    await setChannelMode(engine.context, added.channel, 'live', 'demo', true);
  }
  await openWaysOfSelling(engine, world, progress);
  await engine.settingsChanged();
}

/** Tills of a shop: a channel more on the account that the shop's stand-in has opened. */
async function openWaysOfSelling(engine: Engine, world: World, progress: (text: string) => void): Promise<void> {
  for (const { facts } of engine.options.platforms) {
    const homes = world.channels.filter((channel) => channel.platform.facts.id === facts.account?.platform);
    for (const [index, home] of homes.entries()) {
      const added = await addChannel(engine, {
        platform: facts.id,
        name: `${facts.id}-${index + 1}`,
        config: world.configOf(home, engine.options.publicUrl!),
        settings: { repair: 'ask' },
      });
      progress(`${added.channel.name}: sells on the account of ${home.name}`);
      await setChannelMode(engine.context, added.channel, 'live', 'demo', true);
    }
  }
}
