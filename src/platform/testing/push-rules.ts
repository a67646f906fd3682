import { expect } from 'vitest';
import type { Outcome } from '../contract.ts';
import { Failure } from '../failure.ts';
import type { Bench } from './bench.ts';
import { skuOf, UNTRACKED } from './bench.ts';
import { cellName, shownBySku } from './book.ts';
import { cellId, loseAnswersToWrites, loseWrites, push, targetsFor, visible, writableLevels } from './pushing.ts';
import { unknownOf } from './reading-rules.ts';
import type { RuleContext, Rules } from './rules.ts';

/** Telling cells a level. */
export function pushRules(suite: Rules): void {
  suite.rule('push: afterwards shoppers see what was wanted, up and down', 'push', 'push-shown', async (context) => {
    const bench = await openForWriting(context);
    const levels = (await writableLevels(bench)).slice(0, 6);
    const wants = levels.map((level, index) => ({ level, want: level.available + (index % 2 === 0 ? 3 : -4) }));
    const outcomes = await push(bench, await targetsFor(bench, wants));
    await visible(bench);
    for (const { level, want } of wants) {
      const outcome = outcomes.get(cellId(level))!;
      expect(outcome, cellName(bench, level)).toMatchObject({ result: 'applied' });
      if (outcome.result === 'applied' && outcome.after !== undefined) expect(outcome.after).toBe(want);
      expect(shownBySku(bench).get(cellName(bench, level)), cellName(bench, level)).toBe(want);
    }
    const read = await bench.readLevels(levels);
    expect(new Map(read.map((level) => [cellId(level), level.available]))).toEqual(
      new Map(wants.map(({ level, want }) => [cellId(level), want])),
    );
  });

  suite.rule('push: a whole batch, one outcome per target', 'push', 'push-batch', async (context) => {
    const { batchMax } = context.platform.facts.push;
    const bench = await openForWriting(context, { items: Math.min(batchMax, 300) });
    const levels = (await writableLevels(bench)).slice(0, batchMax);
    context.note(`${levels.length} in one call`);
    const outcomes = await push(
      bench,
      await targetsFor(
        bench,
        levels.map((level) => ({ level, want: level.available - 1 })),
      ),
    );
    await visible(bench);
    for (const level of levels) {
      expect(outcomes.get(cellId(level))?.result).toBe('applied');
      expect(shownBySku(bench).get(cellName(bench, level))).toBe(level.available - 1);
    }
  });

  suite.rule(
    'push: one unknown and one uncounted cell fail alone, the others are applied',
    'partial failure',
    'push-partial',
    async (context) => {
      const bench = await openForWriting(context);
      const all = await writableLevels(bench);
      const good = all.slice(0, Math.max(1, Math.min(3, context.platform.facts.push.batchMax - 2)));
      const template = good[0]!;
      const unknown = { ...template, stockKey: (context.cases.unknownStockKey ?? unknownOf)(template.stockKey) };
      const uncounted = [...bench.listings.values()].find(({ sku }) => sku === UNTRACKED);
      expect(uncounted, 'the uncounted item is listed').toBeDefined();
      const read = await bench.readLevels([{ stockKey: uncounted!.stockKey, location: template.location }]);
      const untracked = { ...template, available: read[0]?.available ?? 0, stockKey: uncounted!.stockKey };
      const wants = [unknown, ...good, untracked].map((level) => ({ level, want: 9 }));
      const outcomes = await push(bench, await targetsFor(bench, wants));
      await visible(bench);
      for (const level of good) {
        expect(outcomes.get(cellId(level))?.result, cellName(bench, level)).toBe('applied');
        expect(shownBySku(bench).get(cellName(bench, level))).toBe(9);
      }
      const failed = (cell: { stockKey: string; location: string }) => {
        const outcome = outcomes.get(cellId(cell))!;
        expect(outcome.result, `${cell.stockKey} ${JSON.stringify(outcome)}`).toBe('failed');
        return (outcome as Extract<Outcome, { result: 'failed' }>).failure;
      };
      expect(['gone', 'rejected']).toContain(failed(unknown).failure);
      expect(['gone', 'rejected']).toContain(failed(untracked).failure);
      context.note(`unknown: ${failed(unknown).code}, uncounted: ${failed(untracked).code}`);
    },
  );

  suite.rule('push: zero is a number like any other', 'push', 'push-zero', async (context) => {
    const bench = await openForWriting(context);
    const [level] = await writableLevels(bench);
    const outcomes = await push(bench, await targetsFor(bench, [{ level: level!, want: 0 }]));
    await visible(bench);
    expect(outcomes.get(cellId(level!))?.result).toBe('applied');
    expect(shownBySku(bench).get(cellName(bench, level!))).toBe(0);
    const again = await bench.readLevels([level!]);
    expect(again.map(({ available }) => available)).toEqual([0]);
  });

  suite.rule(
    'push: over the maximum, below zero and in fractions, it never claims what shoppers do not see',
    'push',
    'push-odd',
    async (context) => {
      const { max, decimals } = context.platform.facts.push;
      const bench = await openForWriting(context);
      const levels = await writableLevels(bench);
      const results: string[] = [];
      for (const [index, want] of [max, max + 1, -1, 1.5].entries()) {
        const level = levels[index]!;
        const name = cellName(bench, level);
        const outcome = await pushOdd(bench, level, want);
        await visible(bench);
        const shown = shownBySku(bench).get(name);
        const claimed = outcome.result === 'applied' ? (outcome.after ?? want) : undefined;
        if (claimed !== undefined) expect(shown, `${want} was claimed`).toBe(claimed);
        else expect(shown, `${want} was refused`).toBe(level.available);
        if (want === max || (want === 1.5 && decimals > 0)) expect(claimed, `${want} is within the facts`).toBe(want);
        results.push(`${want} ${outcome.result}`);
      }
      context.note(results.join(', '));
    },
  );

  suite.rule('push: a sale that we have not heard of is not brought back', 'push', 'push-guard', async (context) => {
    const { mode } = context.platform.facts.push;
    if (mode === 'blind') context.absent('writes have no guard');
    const bench = await openForWriting(context);
    const level = (await writableLevels(bench)).find((one) => cellName(bench, one).startsWith(`${skuOf(0)}@`))!;
    const name = cellName(bench, level);
    const targets = await targetsFor(bench, [{ level, want: level.available + 5 }]);
    // The sale comes surely after the moment that a dated write holds for.
    await bench.clock.advance(1_000);
    expect(bench.sandbox.shopper.buy({ lines: [{ sku: skuOf(0), quantity: 2 }], location: null }).ok).toBe(true);
    const before = shownBySku(bench).get(name)!;
    const outcome = (await push(bench, targets)).get(cellId(level))!;
    await visible(bench);
    const after = shownBySku(bench).get(name)!;
    if (before === level.available) context.absent('the sale was taken from another place');
    if (mode === 'cas') {
      expect(outcome.result).toBe('stale');
      if (outcome.result === 'stale' && outcome.now !== undefined) expect(outcome.now).toBe(before);
      expect(after).toBe(before);
    } else expect(after).toBe(before + 5);
  });

  suite.rule(
    'push: done, and the answer lost: it is in doubt, and once more does no harm',
    'push',
    'push-lost-answer',
    async (context) => {
      const bench = await openForWriting(context);
      const [level] = await writableLevels(bench);
      const name = cellName(bench, level!);
      const targets = await targetsFor(bench, [{ level: level!, want: level!.available - 5 }]);
      loseAnswersToWrites(bench);
      expect(await fate(bench, targets)).toBe('unknown-outcome');
      bench.line = undefined;
      await visible(bench);
      expect(shownBySku(bench).get(name)).toBe(level!.available - 5);
      const { findPush } = context.platform;
      if (findPush) {
        const found = await bench.run((client, config) => findPush(client, config, targets[0]!));
        expect(found).toMatchObject({ result: expect.stringMatching(/applied|pending/) });
      }
      if (context.platform.facts.push.mode === 'delta' && findPush) return;
      // What the engine does next: reads, and sends the same again only if it still differs; here it does not look.
      const again = await push(bench, targets);
      await visible(bench);
      expect(['applied', 'stale']).toContain(again.get(cellId(level!))?.result);
      expect(shownBySku(bench).get(name), 'the same twice').toBe(level!.available - 5);
    },
  );

  suite.rule('push: never arrived: it is in doubt, and looking tells', 'push', 'push-lost-request', async (context) => {
    const bench = await openForWriting(context);
    const [level] = await writableLevels(bench);
    const targets = await targetsFor(bench, [{ level: level!, want: level!.available - 5 }]);
    loseWrites(bench);
    expect(await fate(bench, targets)).toBe('unknown-outcome');
    bench.line = undefined;
    await visible(bench);
    const [read] = await bench.readLevels([level!]);
    expect(read?.available).toBe(level!.available);
    const { findPush } = context.platform;
    if (findPush) expect(await bench.run((client, config) => findPush(client, config, targets[0]!))).toBe('not-found');
    expect((await push(bench, targets)).get(cellId(level!))?.result).toBe('applied');
    await visible(bench);
    expect(shownBySku(bench).get(cellName(bench, level!))).toBe(level!.available - 5);
  });

  suite.rule(
    'settle: what was merely accepted is said so, and settles to the truth',
    'settle',
    'settle',
    async (context) => {
      const bench = await openForWriting(context);
      const [level] = await writableLevels(bench);
      const targets = await targetsFor(bench, [{ level: level!, want: 7 }]);
      const [outcome] = await bench.run((client, config) => context.platform.pushLevels(client, config, targets));
      if (outcome?.result === 'applied') {
        expect(shownBySku(bench).get(cellName(bench, level!)), 'applied means that shoppers see it').toBe(7);
        context.absent('writes are confirmed by their answer');
      }
      expect(outcome?.result).toBe('pending');
      const start = bench.clock.now();
      const final = (await push(bench, await targetsFor(bench, [{ level: level!, want: 7 }]))).get(cellId(level!))!;
      expect(final.result).toBe('applied');
      expect(shownBySku(bench).get(cellName(bench, level!))).toBe(7);
      context.note(`after ${Math.round((bench.clock.now() - start) / 1000)} s`);
    },
  );

  suite.rule('echo: our own write comes back equal to what we wrote', 'echo', 'echo', async (context) => {
    const bench = await openForWriting(context);
    const [level] = await writableLevels(bench);
    await push(bench, await targetsFor(bench, [{ level: level!, want: 13 }]));
    bench.listener.signals.length = 0;
    await visible(bench);
    const echoes = [...bench.listener.signals, ...(await levelFeeds(bench))].filter(
      (signal) =>
        (signal.kind === 'level' && signal.level.stockKey === level!.stockKey) ||
        (signal.kind === 'dirty' && signal.stockKey === level!.stockKey) ||
        (signal.kind === 'movement' && signal.cell.stockKey === level!.stockKey),
    );
    if (echoes.length === 0 && context.platform.facts.hooks.kind === 'none') context.absent('nothing tells of levels');
    expect(echoes.length, 'no echo').toBeGreaterThan(0);
    for (const echo of echoes)
      if (echo.kind === 'level' && echo.level.location === level!.location) expect(echo.level.available).toBe(13);
    context.note([...new Set(echoes.map(({ kind }) => kind))].join(', '));
  });
}

async function openForWriting(context: RuleContext, options: { items?: number } = {}): Promise<Bench> {
  if (context.platform.facts.push.mode === 'none') context.absent('nothing is written there');
  return context.open(options);
}

/** Refusals for the whole call count as that of its one target. */
async function pushOdd(
  bench: Bench,
  level: Parameters<typeof cellId>[0] & { available: number },
  want: number,
): Promise<Outcome> {
  const targets = await targetsFor(bench, [{ level: level as never, want }]);
  try {
    return (await push(bench, targets)).get(cellId(level))!;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { cell: targets[0]!.cell, result: 'failed', failure: error };
  }
}

/** The class of failure, thrown for all or told for the one. */
async function fate(bench: Bench, targets: Awaited<ReturnType<typeof targetsFor>>): Promise<string> {
  try {
    const [outcome] = await bench.run((client, config) => bench.platform.pushLevels(client, config, targets));
    return outcome?.result === 'failed' ? outcome.failure.failure : (outcome?.result ?? 'nothing');
  } catch (error) {
    if (error instanceof Failure) return error.failure;
    throw error;
  }
}

async function levelFeeds(bench: Bench) {
  const signals = [];
  for (const [feed, { tells }] of Object.entries(bench.platform.facts.feeds)) {
    if (tells !== 'levels' && tells !== 'movements') continue;
    for (let more = true; more; ) {
      const page = await bench.pollPage(feed);
      signals.push(...page.signals);
      more = page.more;
    }
  }
  return signals;
}
