import { addChannel } from '../../src/engine/connect.ts';
import type { Log } from '../../src/engine/context.ts';
import { Engine } from '../../src/engine/engine.ts';
import { setChannelMode } from '../../src/engine/modes.ts';
import { openStock } from '../../src/engine/stock.ts';
import { hookServer } from '../../src/http/hooks.ts';
import type { AnyPlatform } from '../../src/platform/contract.ts';
import { scalePlatform } from '../../src/platform/scale.ts';
import { type VirtualClock, virtualClock } from '../../src/platform/testing/virtual-clock.ts';
import { seededRandom } from '../../src/runtime/random.ts';
import { createWorld, type World, type WorldOptions } from '../../src/sandbox/world.ts';
import type { Database } from '../../src/store/database.ts';
import { emptyStore, START } from './ledger-fixture.ts';

/** Settings in the clear, for tests: what is sealed at rest has its own tests. */
const openBox = {
  seal: (value: unknown) => Buffer.from(JSON.stringify(value)),
  open: (sealed: Uint8Array) => JSON.parse(Buffer.from(sealed).toString('utf8')),
};

export interface WorldEngine {
  world: World;
  engine: Engine;
  clock: VirtualClock;
  db: Database;
  warnings: string[];
  close(): Promise<void>;
}

/** Time stands still while the store works: its answers come from outside the virtual clock. */
function held(db: Database, clock: VirtualClock): Database {
  const hold = <A extends unknown[], R>(work: (...args: A) => Promise<R>) => {
    return async (...args: A): Promise<R> => {
      const release = clock.hold();
      try {
        return await work(...args);
      } finally {
        release();
      }
    };
  };
  return {
    engine: db.engine,
    query: hold(db.query.bind(db)) as Database['query'],
    transaction: hold(db.transaction.bind(db)) as Database['transaction'],
    wake: hold(db.wake.bind(db)),
    onWake: db.onWake.bind(db),
    close: () => Promise.resolve(),
  };
}

/**
 * A world and an engine in one process on one virtual clock: sandboxes are called directly, webhooks arrive through the
 * real entrance. Channels are connected; `live` makes them live.
 */
export async function worldEngine(
  options: Partial<WorldOptions> & {
    platforms: AnyPlatform[];
    live?: boolean;
    repair?: 'ask' | 'ledger' | 'channel';
    /** Another engine over the same store and world (a restart). */
    after?: WorldEngine;
  },
): Promise<WorldEngine> {
  const { live = true, repair = 'ask', after, ...rest } = options;
  const clock = after?.clock ?? virtualClock(START);
  const factor = rest.factor ?? 1;
  const db = after?.db ?? held(await emptyStore(), clock);
  const world = after?.world ?? createWorld({ items: 20, seed: 1, factor, clock, ...rest });
  const warnings: string[] = [];
  const log: Log = {
    info() {},
    warn: (fields, text) => void warnings.push(`${text} ${(fields as { err?: Error }).err?.message ?? ''}`),
    error: (fields, text) => void warnings.push(`${text} ${(fields as { err?: Error }).err?.stack ?? ''}`),
  };
  const engine = new Engine({
    db,
    platforms: rest.platforms.map((platform) => scalePlatform(platform, factor)),
    box: openBox as never,
    clock,
    random: seededRandom((rest.seed ?? 1) + (after ? 1_000 : 0)),
    transport: world.transport(),
    log,
    publicUrl: 'https://onhand.test',
    secretToken: () => `hook-${world.channels.length}-${tokens++}`,
    skewMs: 50,
  });
  const hooks = hookServer(engine);
  world.deliverTo = async (hook) => {
    const release = clock.hold();
    try {
      const answer = await hooks.inject({
        method: hook.method as 'POST',
        url: new URL(hook.url).pathname,
        headers: hook.headers,
        payload: Buffer.from(hook.body ?? ''),
      });
      return { status: answer.statusCode, headers: {}, body: answer.rawPayload };
    } finally {
      release();
    }
  };
  const close = async () => {
    world.deliverTo = () => Promise.reject(new Error('closed'));
    await clock.run(engine.stop());
    await hooks.close();
  };
  await clock.run(engine.start());
  if (!after) await clock.run(connect(engine, world, live, repair));
  return { world, engine, clock, db, warnings, close };
}

let tokens = 0;

async function connect(engine: Engine, world: World, live: boolean, repair: string): Promise<void> {
  const names = new Map(world.locations.map((location) => [location.id, location.name]));
  await openStock(
    engine.context,
    world.items.flatMap((item) =>
      Object.entries(item.stock).map(([location, units]) => ({
        sku: item.sku,
        title: item.title,
        location: names.get(location)!,
        units,
      })),
    ),
    'test',
  );
  for (const channel of world.channels) {
    const id = channel.platform.facts.id;
    const account = channel.sandbox.account;
    const added = await addChannel(engine, {
      platform: id,
      name: channel.name,
      config: world.configOf(channel, `https://onhand.test/hooks/${id}/pending`),
      settings: { repair },
    });
    // The address of the entrance is only known once the account is there.
    const url = engine.hookUrl(engine.registry.byKey(id, account)!);
    if (url) world.configOf(channel, url);
    if (live) await setChannelMode(engine.context, added.channel, 'live', 'test', true);
  }
  await engine.settingsChanged();
}
