import type { EngineContext } from './context.ts';

/** A listing that is asked for and does not turn up (a deleted product) is asked for again after so long. */
const AGAIN_MS = 3_600_000;
const REMEMBERED_MAX = 10_000;

const asked = new WeakMap<EngineContext, Map<string, number>>();

/**
 * Orders sell what we have no listing of: a product was added there since the last walk. The catalogue is read again soon,
 * once an hour for each of them: a shop that sells something it never lists must not have its catalogue walked all day.
 */
export function askForListings(context: EngineContext, accountId: number, keys: string[]): void {
  const now = context.clock.now();
  const times = asked.get(context) ?? new Map<string, number>();
  asked.set(context, times);
  if (times.size > REMEMBERED_MAX) times.clear();
  let missing = false;
  for (const key of keys) {
    const name = `${accountId}\u0000${key}`;
    if ((times.get(name) ?? Number.NEGATIVE_INFINITY) + AGAIN_MS > now) continue;
    times.set(name, now);
    missing = true;
  }
  if (missing) context.accounts.listingsChanged(accountId);
}
