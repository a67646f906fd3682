import type { Engine } from '../../engine/engine.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { World } from '../../sandbox/index.ts';
import { unsettledCells, wishReasons } from '../../store/measure.ts';
import { storeCounts } from '../../store/overview.ts';

/** Full polls of every account without any write, after which nothing more is to be expected. */
const QUIET_POLLS = 3;
const LOOK_EVERY_MS = 200;

/**
 * Waits until nothing is waiting anywhere, and then for three full polls of every account without a write.
 * @returns false when that did not happen within `patienceMs`; `said` tells what was still moving
 */
export async function converged(
  engine: Engine,
  world: World,
  clock: Clock,
  patienceMs: number,
  said: (text: string) => void,
): Promise<boolean> {
  const until = clock.now() + patienceMs;
  let polls = pollsOf(engine);
  let lastPush = 0;
  const off = engine.on((event) => {
    if (event.kind === 'pushed' || event.kind === 'posted') lastPush = clock.now();
  });
  let quietSince = clock.now();
  try {
    while (clock.now() < until) {
      await clock.sleep(LOOK_EVERY_MS);
      const busy = await busyWith(engine, world);
      if (busy !== null || lastPush >= quietSince) {
        if (busy !== null) said(busy);
        quietSince = clock.now();
        polls = pollsOf(engine);
        continue;
      }
      const now = pollsOf(engine);
      if ([...now].every(([account, count]) => count - (polls.get(account) ?? 0) >= QUIET_POLLS)) return true;
    }
    return false;
  } finally {
    off();
  }
}

function pollsOf(engine: Engine): Map<number, number> {
  return new Map(
    engine.registry.all().map((account) => [account.row.id, engine.lane(account.row.id)?.feeds.polls ?? 0]),
  );
}

async function busyWith(engine: Engine, world: World): Promise<string | null> {
  if (!world.quiet()) return 'shoppers and platforms still have something to do';
  const { db } = engine.context;
  const counts = await storeCounts(db);
  const unsettled = await unsettledCells(db);
  const busy = { ...counts, items: 0, aside: 0, unmapped: 0, readings: unsettled };
  const waiting = Object.entries(busy).filter(([, count]) => count > 0);
  if (waiting.length === 0) return null;
  const reasons = counts.fetches > 0 ? await wishReasons(db) : [];
  const why = reasons.map((one) => `${one.wishes} ${one.reason}, ${one.example}`).join('; ');
  return `${waiting.map(([what, count]) => `${count} ${what}`).join(', ')}${why && ` (${why})`}`;
}
