import { afterEach, describe, expect, it } from 'vitest';
import type { AnyPlatform, Outcome, Target } from '../platform/contract.ts';
import { jsonResponse } from '../platform/http.ts';
import { virtualClock } from '../platform/testing/virtual-clock.ts';
import { platforms } from '../platforms/index.ts';
import { seededRandom } from '../runtime/random.ts';
import { makeCatalogue } from './catalogue.ts';
import { DirectReader, isPassing } from './direct-reader.ts';
import { differences, levelDifferences } from './documents-against-book.ts';
import type { Faults } from './network.ts';
import type { Habits } from './shoppers.ts';
import { createWorld, type World } from './world.ts';

/** ONHAND_WORLD_ORDERS=2000 looks harder: some 30 s a platform. */
const ORDERS = Number(process.env['ONHAND_WORLD_ORDERS'] ?? 200);
const DAY_MS = 86_400_000;
/** Fewer orders meet more of them, so that each kind happens. */
const MORE = ORDERS < 1_000 ? 4 : 1;
const FAULTS: Faults = {
  hookLost: 0.05 * MORE,
  hookDoubled: 0.05 * MORE,
  hookLate: 0.05 * MORE,
  hookReordered: 0.1 * MORE,
  hookAnswerLost: 0.03 * MORE,
  callThrottled: 0.02 * MORE,
  callUnavailable: 0.02 * MORE,
  callRefused: 0.01 * MORE,
  callCutBefore: 0.01 * MORE,
  callCutAfter: 0.01 * MORE,
};

let world: World | undefined;
let stop = new AbortController();
afterEach(async () => {
  stop.abort();
  await world?.close();
});

/** One sandbox of this platform, people who buy there, and a reader that hears. */
async function listening(
  platform: AnyPlatform,
  options: { hooks: boolean; faults?: Faults; seed: number; habits?: Partial<Habits> },
) {
  const clock = virtualClock(Date.UTC(2026, 2, 2, 8));
  const { seed, faults, hooks, habits } = options;
  const items = makeCatalogue({
    items: 60,
    locations: ['W1', 'W2', 'S1'],
    random: seededRandom(seed),
    medianStock: 500,
  });
  const opened = createWorld({ platforms: [platform], items, seed, factor: 1, clock, faults, habits });
  world = opened;
  const channel = opened.channels[0]!;
  const reader = new DirectReader(channel, opened, { clock, random: seededRandom(seed), factor: 1 });
  const before = new Map(channel.sandbox.shown().map((row) => [`${row.sku} ${row.location}`, row.available]));
  const real = () => {
    const now = new Map(channel.sandbox.shown().map((row) => [`${row.sku} ${row.location}`, row.available]));
    return channel.sandbox.book().map((row) => {
      const cell = `${row.sku} ${row.location}`;
      return { ...row, taken: before.get(cell)! - now.get(cell)! };
    });
  };
  opened.deliverTo = (hook) => (hooks ? reader.receive(hook) : Promise.resolve(jsonResponse(200, '')));
  await clock.run(reader.start({ hooks }));
  expect(new Set([...reader.listings.values()].map(({ sku }) => sku))).toEqual(
    new Set(opened.items.map(({ sku }) => sku)),
  );
  stop = new AbortController();
  if (hooks && platform.receive) void reader.watchQueue(stop.signal);

  const pollUntilDone = async () => {
    for (;;) {
      try {
        return await reader.poll();
      } catch (error) {
        if (!isPassing(error)) throw error;
        await clock.sleep(Math.max(5_000, error.retryAfterMs ?? 0));
      }
    }
  };
  return {
    world: opened,
    clock,
    channel,
    reader,
    pollUntilDone,
    /** Lets parcels, late queues and retries come to their end, and the queue be emptied. */
    async comeToRest() {
      for (let waitedMs = 0; !opened.quiet(); waitedMs += 60_000) {
        if (waitedMs > 2 * DAY_MS) expect.fail('after two days the sandbox still has something under way');
        await clock.advance(60_000);
      }
      await clock.advance(600_000);
      await clock.run(reader.fetchAll());
    },
    docsAgainstBook: () => differences(reader.docs.values(), reader.listings, real()).slice(0, 10),
    shown: () => channel.sandbox.shown(),
    levelsAgainstShown: async () =>
      levelDifferences(await clock.run(reader.levels()), reader.listings, channel.sandbox.shown()).slice(0, 10),
  };
}

/** One implementation under two names is tried once; a way of selling on another's account has no stand-in of its own. */
const implementations = platforms.filter(
  ({ facts, poll }, index) =>
    facts.account === undefined && platforms.findIndex((other) => other.poll === poll) === index,
);

describe.each(implementations.map((platform) => [platform.facts.id, platform] as const))(
  '%s, heard without an engine',
  (_, platform) => {
    const hasHooks = platform.facts.hooks.kind !== 'none';

    // Where the vendor itself says nothing of some changes, the feeds must: the faulty line below has both.
    const hooksTellAll = hasHooks && platform.facts.hooks.untold === undefined;

    it.runIf(hooksTellAll)(
      'its webhooks alone tell everything, when none gets lost',
      { timeout: 180_000 },
      async () => {
        const run = await listening(platform, { hooks: true, seed: 1 });
        await run.clock.run(run.world.shoppers.run(ORDERS, 5));
        await run.comeToRest();
        const { orders } = run.world.shoppers.counts;
        expect(orders).toBeGreaterThan(ORDERS * 0.8);
        expect(run.reader.complaints).toEqual([]);
        expect(run.reader.counts.deliveries).toBeGreaterThan(orders);
        expect(run.docsAgainstBook()).toEqual([]);
        expect(await run.levelsAgainstShown()).toEqual([]);
      },
    );

    it('its feeds alone tell everything, polled while people buy', { timeout: 180_000 }, async () => {
      const run = await listening(platform, { hooks: false, seed: 2 });
      const feeds = Object.values(platform.facts.feeds).filter((feed) => feed.tells === 'orders');
      expect(feeds.length).toBeGreaterThan(0);
      const everyMs = Math.min(...feeds.map((feed) => feed.everyMsAlone));
      let selling = true;
      const polling = (async () => {
        while (selling) {
          await run.pollUntilDone();
          await run.clock.sleep(everyMs);
        }
      })();
      await run.clock.run(run.world.shoppers.run(ORDERS, 5));
      await run.comeToRest();
      selling = false;
      await run.clock.run(polling);
      await run.clock.advance(Math.max(...feeds.map((feed) => feed.lagMs)));
      await run.clock.run(run.pollUntilDone());
      expect(run.reader.complaints).toEqual([]);
      expect(run.reader.docs.size).toBeGreaterThan(run.world.shoppers.counts.orders * 0.9);
      expect(run.docsAgainstBook()).toEqual([]);
    });

    it('webhooks lost, doubled, late and out of order, calls cut: the feeds make it right', {
      timeout: 180_000,
    }, async () => {
      const run = await listening(platform, { hooks: true, seed: 3, faults: FAULTS });
      run.world.faultsOn();
      const everyMs = Math.min(...Object.values(platform.facts.feeds).map((feed) => feed.everyMs));
      let selling = true;
      const polling = (async () => {
        while (selling) {
          await run.pollUntilDone();
          await run.clock.sleep(everyMs);
        }
      })();
      await run.clock.run(run.world.shoppers.run(ORDERS, 5));
      // Some send from a late queue.
      await run.clock.advance(120_000);
      run.world.faultsOff();
      await run.comeToRest();
      selling = false;
      await run.clock.run(polling);
      await run.clock.run(run.pollUntilDone());
      const counts = run.world.networkCounts();
      // One platform sends a few gathered webhooks, another is polled once a minute: each kind happens over all of them.
      const { hooksLost, hooksDoubled, hooksLate, hooksReordered } = counts;
      if (platform.facts.hooks.kind === 'webhook')
        expect(hooksLost + hooksDoubled + hooksLate + hooksReordered).toBeGreaterThan(3);
      const { callsCutAfter, callsCutBefore, callsThrottled, callsUnavailable, callsRefused } = counts;
      expect(callsCutAfter + callsCutBefore + callsThrottled + callsUnavailable + callsRefused).toBeGreaterThan(0);
      expect(run.reader.complaints).toEqual([]);
      expect(run.docsAgainstBook()).toEqual([]);
    });

    it.runIf(platform.facts.push.mode !== 'none')(
      'what it writes is what it then shows',
      { timeout: 180_000 },
      async () => {
        const run = await listening(platform, { hooks: true, seed: 4, habits: { edited: 0.1 } });
        const { clock, reader } = run;
        const { push } = platform.facts;
        await run.clock.run(run.world.shoppers.run(200, 5));
        await run.comeToRest();
        expect(run.world.shoppers.counts.edits).toBeGreaterThan(0);
        expect(await run.levelsAgainstShown()).toEqual([]);
        const levels = await clock.run(reader.levels());
        expect(levels.length).toBeGreaterThanOrEqual(60);
        const random = seededRandom(8);
        const extra = new Map([...reader.listings.values()].map((listing) => [listing.stockKey, listing.extra]));
        const targets = levels.map((level, index): Target => {
          const { stockKey, location, available } = level;
          return {
            cell: { stockKey, location },
            want: Math.max(push.min, Math.min(push.max, Math.floor(random() * 50))),
            expect: available,
            from: push.readFirst ? level : undefined,
            asOf: new Date(clock.now()).toISOString(),
            key: `key-${index}`,
            why: 'sync',
            extra: extra.get(stockKey),
          };
        });
        const outcomes: Outcome[] = [];
        for (let start = 0; start < targets.length; start += push.batchMax)
          outcomes.push(
            ...(await clock.run(
              platform.pushLevels(reader.client, reader.config, targets.slice(start, start + push.batchMax)),
            )),
          );
        expect(outcomes.filter(({ result }) => result !== 'applied' && result !== 'pending')).toEqual([]);
        expect(outcomes).toHaveLength(targets.length);
        await clock.advance(push.visibleAfterMs);
        await run.comeToRest();
        const wanted = targets.map(({ cell, want }, index) => ({ ...levels[index]!, ...cell, available: want }));
        expect(levelDifferences(wanted, reader.listings, run.shown()).slice(0, 10)).toEqual([]);
        expect(await run.levelsAgainstShown()).toEqual([]);
      },
    );
  },
);
