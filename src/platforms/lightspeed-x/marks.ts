import { z } from 'zod';

/** What was told lately is told again: a change may get its number before another and be saved after it. */
const RETOLD_MS = 30_000;
/** At least so far apart: polled every second, the cursor must not grow. */
const APART_MS = 5_000;

/** Ends of former walks: the vendor's clock, and the version that had been told by then. Oldest first. */
export const marksShape = z.array(z.object({ atMs: z.number(), version: z.number() }));
export type Marks = z.infer<typeof marksShape>;

export function withMark(marks: Marks, mark: Marks[number]): Marks {
  const last = marks.at(-1);
  if (last && mark.atMs - last.atMs < APART_MS) return marks;
  // Of those old enough, the newest says it all.
  const firstYoung = marks.findIndex(({ atMs }) => atMs > mark.atMs - RETOLD_MS);
  const kept = firstYoung < 0 ? marks.slice(-1) : marks.slice(Math.max(0, firstYoung - 1));
  return [...kept, mark];
}

/** Where the next walk begins: at what had been told {@link RETOLD_MS} ago. */
export function nextFrom(marks: Marks, nowMs: number, from: number): number {
  const old = marks.filter(({ atMs }) => atMs <= nowMs - RETOLD_MS);
  return Math.max(from, old.at(-1)?.version ?? from);
}
