import type { Random } from '../runtime/random.ts';

/** Exponential with full jitter: 0.5 s, 1 s, 2 s … up to a minute, each times a random number in [0.5, 1). */
export function backoffMs(tries: number, random: Random, maxMs = 60_000): number {
  return Math.min(maxMs, 500 * 2 ** Math.min(tries, 20)) * (0.5 + random() / 2);
}
