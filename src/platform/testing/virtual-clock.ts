import type { Clock } from '../../runtime/clock.ts';

export interface VirtualClock extends Clock {
  /** Lets this much time pass, running everything that falls due, in order. */
  advance(ms: number): Promise<void>;
  /**
   * Lets time pass until no timer is left.
   * @throws Error when timers are still left after `maxMs` (a week unless said otherwise): something never comes to rest.
   */
  runUntilIdle(maxMs?: number): Promise<void>;
  /**
   * Lets time pass until `work` is done, and gives its answer.
   * @throws Error when no timer is left and the work is still not done: it waits for something that never comes.
   */
  run<T>(work: Promise<T>): Promise<T>;
  /**
   * Time stands still while work outside this clock is under way (a query on a socket, a worker). Call the answer when
   * it is done.
   */
  hold(): () => void;
  /** Timers and sleeps not yet due. */
  readonly pending: number;
}

interface Timer {
  at: number;
  /** Among equals the one set first runs first. */
  order: number;
  work: (() => void) | undefined;
}

/**
 * A clock whose time passes only when nothing else can run: every promise chain settles before the next timer fires, so
 * a day of polling takes milliseconds and goes the same way each time.
 */
export function virtualClock(startMs = 1_764_000_000_000): VirtualClock {
  const heap: Timer[] = [];
  let now = startMs;
  let orders = 0;
  let live = 0;
  let held = 0;

  const after = (ms: number, work: () => void) => {
    // Whole milliseconds, as the machine's clock tells them. NaN and negative delays mean "as soon as possible"; Infinity
    // never comes.
    const timer: Timer = { at: now + (Number.isNaN(ms) ? 0 : Math.max(0, Math.ceil(ms))), order: orders++, work };
    if (timer.at === Number.POSITIVE_INFINITY) return () => {};
    push(heap, timer);
    live++;
    return () => {
      if (!timer.work) return;
      timer.work = undefined;
      live--;
    };
  };

  /** Runs everything runnable now: microtasks all run before setImmediate does. */
  const settle = async () => {
    do await new Promise<void>((resolve) => setImmediate(resolve));
    while (held > 0);
  };

  const due = (): Timer | undefined => {
    while (heap[0] && !heap[0].work) pop(heap);
    return heap[0];
  };

  /** Fires the next timer if it is due by `limit`. */
  const step = async (limit: number): Promise<boolean> => {
    const timer = due();
    if (!timer || timer.at > limit) return false;
    pop(heap);
    now = Math.max(now, timer.at);
    const work = timer.work!;
    timer.work = undefined;
    live--;
    work();
    await settle();
    return true;
  };

  return {
    now: () => now,
    after,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) return resolve();
        const done = () => {
          cancel();
          signal?.removeEventListener('abort', done);
          resolve();
        };
        const cancel = after(ms, done);
        signal?.addEventListener('abort', done, { once: true });
      }),
    async advance(ms) {
      const limit = now + Math.ceil(ms);
      await settle();
      while (await step(limit));
      now = limit;
    },
    async runUntilIdle(maxMs = 7 * 24 * 3_600_000) {
      const limit = now + maxMs;
      await settle();
      while (await step(limit));
      if (due()) throw new Error(`${live} timers are still set after ${maxMs} ms: something never comes to rest`);
    },
    async run(work) {
      let done = false;
      const end = () => {
        done = true;
      };
      work.then(end, end);
      await settle();
      while (!done && (await step(Number.POSITIVE_INFINITY)));
      if (!done) throw new Error('Nothing is left to happen, but the work is not done: it waits for what never comes');
      return work;
    },
    hold() {
      held++;
      let released = false;
      return () => {
        if (!released) held--;
        released = true;
      };
    },
    get pending() {
      return live;
    },
  };
}

const before = (a: Timer, b: Timer) => a.at < b.at || (a.at === b.at && a.order < b.order);

function push(heap: Timer[], timer: Timer): void {
  let index = heap.push(timer) - 1;
  while (index > 0) {
    const parent = (index - 1) >> 1;
    if (!before(timer, heap[parent]!)) break;
    heap[index] = heap[parent]!;
    index = parent;
  }
  heap[index] = timer;
}

function pop(heap: Timer[]): void {
  const last = heap.pop();
  if (!last || heap.length === 0) return;
  let index = 0;
  for (;;) {
    let child = 2 * index + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child++;
    if (!before(heap[child]!, last)) break;
    heap[index] = heap[child]!;
    index = child;
  }
  heap[index] = last;
}
