import { expect } from 'vitest';
import { createBudgets } from '../budget.ts';
import type { Client } from '../contract.ts';
import { Failure } from '../failure.ts';
import { type Bench, skuOf } from './bench.ts';
import { push, targetsFor, writableLevels } from './pushing.ts';
import type { Rules } from './rules.ts';

/** More than any of the vendors lets through at once. */
const READS = 200;

/** The vendor's limits under load, and its word when they are hit. */
export function limitRules(suite: Rules): void {
  suite.rule(
    '[I8] limits: a flood of every kind of call, near and far, is never answered with "too much"',
    'limits',
    'flood',
    async (context) => {
      let calls = 0;
      for (const latencyMs of [0, 1_500]) {
        const bench = await context.open({ items: 30, stock: 200, latencyMs });
        const orders = [0, 1, 2].flatMap((index) => {
          const bought = bench.sandbox.shopper.buy({ lines: [{ sku: skuOf(index), quantity: 1 }], location: null });
          return bought.ok ? [bought.order] : [];
        });
        await bench.settle();
        await bench.pollUntilComplete();
        expect(orders.length).toBe(3);
        bench.events.length = 0;
        await flood(bench, 60);
        const throttled = bench.events.filter(({ failure }) => failure?.startsWith('throttled'));
        expect(throttled.map(({ op, failure }) => `${op}: ${failure}`)).toEqual([]);
        calls += bench.events.length;
      }
      context.note(`${calls} calls, 0 refused`);
    },
  );

  suite.rule('[I8] limits: with half of every limit declared, half is spent', 'limits', 'share', async (context) => {
    const bench = await context.open({ items: 6 });
    const time = async (share: number) => {
      const client = bench.newClient(createBudgets(context.platform.facts, bench.clock, { share }));
      // The vendor's own buckets are full again.
      await bench.clock.advance(2 * 86_400_000);
      const start = bench.clock.now();
      await bench.clock.run(Promise.all(Array.from({ length: READS }, () => levelsPage(bench, client))));
      return bench.clock.now() - start;
    };
    const [whole, half] = [await time(1), await time(0.5)];
    if (whole === 0) return context.absent('limited by places only');
    expect(half / whole).toBeGreaterThan(1.5);
    context.note(`${READS} reads in ${Math.round(whole / 1000)} s, with half ${Math.round(half / 1000)} s`);
  });

  suite.rule(
    '[I8] limits: "too much" stops every call of that budget until the stated time',
    'limits',
    'throttle-obeyed',
    async (context) => {
      const bench = await context.open({ items: 3 });
      let thrown = 0;
      const sent: { at: number; op: string }[] = [];
      bench.line = (op) => {
        sent.push({ at: bench.clock.now(), op });
        return thrown++ === 0 ? Promise.resolve(bench.sandbox.fault('throttled')) : undefined;
      };
      const start = bench.clock.now();
      await bench.run((client, config) => context.platform.listLevels(client, config, null));
      const [first, second] = sent.filter(({ op }) => op === sent[0]!.op);
      const failure = context.platform.classify(bench.sandbox.fault('throttled'), first!.op);
      expect(failure?.failure).toBe('throttled');
      const waited = second!.at - start;
      expect(waited).toBeGreaterThanOrEqual(failure?.retryAfterMs ?? 1);
      context.note(
        `waited ${waited} ms${failure?.retryAfterMs === undefined ? ', no time stated' : ` of ${failure.retryAfterMs}`}`,
      );
    },
  );
}

const levelsPage = (bench: Bench, client: Client) =>
  bench.platform.listLevels(client, bench.config, null).catch(orLimitReached);

/** A quota of ours that is used up refuses before anything is sent: exactly what it is for. */
function orLimitReached(error: unknown): void {
  if (!(error instanceof Failure && error.failure === 'throttled' && error.code === 'limit-reached')) throw error;
}

async function flood(bench: Bench, times: number): Promise<void> {
  const { platform, client, config } = bench;
  const levels = platform.facts.push.mode === 'none' ? [] : await writableLevels(bench);
  const docs = [...bench.listener.docs.keys()];
  const [feed] = Object.entries(platform.facts.feeds).find(([, { tells }]) => tells === 'orders') ?? [];
  const batch = Math.max(1, Math.min(platform.facts.push.batchMax, levels.length, 5));
  const targets = await targetsFor(
    bench,
    levels.slice(0, batch).map((level) => ({ level, want: level.available })),
  );
  const work: (() => Promise<unknown>)[] = [
    () => platform.listLocations(client, config),
    () => platform.listListings(client, config, null),
    () => platform.listLevels(client, config, null),
    () => platform.readLevels(client, config, levels.slice(0, platform.facts.read.batchMax)),
    ...(docs.length > 0 ? [(turn = 0) => platform.fetchDocument(client, config, docs[turn % docs.length]!)] : []),
    ...(feed
      ? [() => platform.poll(client, config, feed, null, new Date(bench.clock.now() - 3_600_000).toISOString())]
      : []),
    ...(targets.length > 0
      ? [
          () =>
            platform.pushLevels(
              client,
              config,
              targets.map((target) => ({ ...target, key: client.uuid() })),
            ),
        ]
      : []),
    ...(platform.receive ? [() => platform.receive!(client, config)] : []),
  ];
  const all = Array.from({ length: times }, () => work).flat();
  // No more than what is really under way at once in an engine: each loop goes on when its call is over.
  await bench.clock.run(Promise.all(all.map((one) => one().catch(orLimitReached))));
  if (targets.length > 0)
    await push(
      bench,
      targets.map((target) => ({ ...target, key: client.uuid() })),
    );
}
