import { expect } from 'vitest';
import type { Outcome, RemoteLevel, Target } from '../contract.ts';
import { TransportError } from '../http.ts';
import type { Bench } from './bench.ts';

export const cellId = (cell: { stockKey: string; location: string }): string => `${cell.stockKey}@${cell.location}`;

/** The tracked, writable cells with their levels; places that nothing can be written to are left out. */
export async function writableLevels(bench: Bench): Promise<RemoteLevel[]> {
  await bench.allListings();
  const writable = new Set(
    [...bench.listings.values()]
      .filter(({ tracked, unwritable }) => tracked && !unwritable)
      .map(({ stockKey }) => stockKey),
  );
  return (await bench.allLevels()).items.filter(({ stockKey, tracked }) => tracked && writable.has(stockKey));
}

/** As the engine makes them: read just before where the platform asks for it. */
export async function targetsFor(bench: Bench, wants: { level: RemoteLevel; want: number }[]): Promise<Target[]> {
  const { readFirst } = bench.platform.facts.push;
  const fresh = readFirst ? await bench.readLevels(wants.map(({ level }) => withExtra(bench, level))) : [];
  const from = new Map(fresh.map((level) => [cellId(level), level]));
  return wants.map(({ level, want }) => ({
    cell: { stockKey: level.stockKey, location: level.location },
    want,
    expect: (from.get(cellId(level)) ?? level).available,
    ...(from.has(cellId(level)) && { from: from.get(cellId(level)) }),
    asOf: new Date(bench.clock.now()).toISOString(),
    key: bench.client.uuid(),
    why: 'sync',
    ...extraOf(bench, level),
  }));
}

const withExtra = (bench: Bench, level: RemoteLevel) => ({
  stockKey: level.stockKey,
  location: level.location,
  ...extraOf(bench, level),
});

function extraOf(bench: Bench, { stockKey }: { stockKey: string }): { extra?: Record<string, string> } {
  const listing = [...bench.listings.values()].find((one) => one.stockKey === stockKey);
  return listing?.extra ? { extra: listing.extra } : {};
}

/** Sends in batches, holds that there is one outcome per target, and waits until none is pending. */
export async function push(bench: Bench, targets: Target[]): Promise<Map<string, Outcome>> {
  const { batchMax } = bench.platform.facts.push;
  const outcomes = new Map<string, Outcome>();
  for (let start = 0; start < targets.length; start += batchMax) {
    const batch = targets.slice(start, start + batchMax);
    const answered = await bench.run((client, config) => bench.platform.pushLevels(client, config, batch));
    expect(answered.map(({ cell }) => cellId(cell)).sort(), 'one outcome per target').toEqual(
      batch.map(({ cell }) => cellId(cell)).sort(),
    );
    for (const outcome of answered) outcomes.set(cellId(outcome.cell), outcome);
  }
  for (const target of targets) {
    const outcome = outcomes.get(cellId(target.cell))!;
    if (outcome.result === 'pending') outcomes.set(cellId(target.cell), await settled(bench, target, outcome.handle));
  }
  return outcomes;
}

const SETTLE_MS_MAX = 6 * 3_600_000;

/** By the platform's own word, else by reading after the time it states. */
async function settled(bench: Bench, target: Target, handle: string | undefined): Promise<Outcome> {
  const { platform } = bench;
  const { visibleAfterMs } = platform.facts.push;
  const stepMs = Math.max(1_000, visibleAfterMs / 4);
  for (let waitedMs = 0; platform.settle && handle !== undefined && waitedMs < SETTLE_MS_MAX; waitedMs += stepMs) {
    await bench.clock.advance(stepMs);
    const outcome = await bench.run((client, config) => platform.settle!(client, config, handle, target.cell));
    if (outcome) return outcome;
  }
  await bench.clock.advance(visibleAfterMs + 1_000);
  const [level] = await bench.readLevels([{ ...target.cell, ...(target.extra && { extra: target.extra }) }]);
  if (level?.available === target.want) return { cell: target.cell, result: 'applied', after: level.available };
  return { cell: target.cell, result: 'stale', now: level?.available };
}

/** Long enough that a write which was acknowledged can be seen. */
export async function visible(bench: Bench): Promise<void> {
  await bench.clock.advance(bench.platform.facts.push.visibleAfterMs + 1_000);
  await bench.settle();
}

/** Operations that write stock. */
export const writes = (bench: Bench, op: string): boolean =>
  ['decrease', 'increase'].includes(bench.platform.facts.operations[op]?.priority ?? '');

/** The platform does what it was asked, and nobody hears the answer. */
export function loseAnswersToWrites(bench: Bench): void {
  bench.line = (op, carry) =>
    writes(bench, op)
      ? carry().then(() => {
          throw new TransportError('the answer was lost', true);
        })
      : undefined;
}

/** Writes never arrive, and nobody knows. */
export function loseWrites(bench: Bench): void {
  bench.line = (op) => (writes(bench, op) ? Promise.reject(new TransportError('cut off', true)) : undefined);
}
