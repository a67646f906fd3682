import type { Random } from '../runtime/random.ts';

/**
 * Picks indexes below `size` so that the r-th most wanted is asked for about 1/r^`exponent` as often: a few best sellers,
 * a long tail. Which index is how wanted is shuffled by `random`.
 */
export function heavyTail(size: number, random: Random, exponent = 1.05): () => number {
  const order = Array.from({ length: size }, (_, index) => index);
  for (let at = size - 1; at > 0; at--) {
    const other = Math.floor(random() * (at + 1));
    [order[at], order[other]] = [order[other]!, order[at]!];
  }
  const upTo = new Float64Array(size);
  let sum = 0;
  for (let rank = 0; rank < size; rank++) {
    sum += 1 / (rank + 1) ** exponent;
    upTo[rank] = sum;
  }
  return () => {
    const aim = random() * sum;
    let low = 0;
    let high = size - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (upTo[middle]! <= aim) low = middle + 1;
      else high = middle;
    }
    return order[low]!;
  };
}
