import type { Clock } from '../../runtime/clock.ts';

interface Timer {
  atMs: number;
  seq: number;
  work: () => void;
  cancelled: boolean;
}

/**
 * Time that passes only when told to: timers due at one moment run in the order they were set, and everything they set
 * going is let finish before time moves on. Tests and simulation run a day in a second, the same way each time.
 */
export class VirtualClock implements Clock {
  readonly #settle: () => Promise<void>;
  #nowMs: number;
  #seq = 0;
  #heap: Timer[] = [];

  /**
   * @param startMs default 2026-03-02T08:00:00Z.
   * @param settle waits until what the timers started has come to rest; default: until no promise is left to run, which
   *   is enough where no real socket or disk is involved.
   */
  constructor(startMs = Date.UTC(2026, 2, 2, 8), settle: () => Promise<void> = () => new Promise(setImmediate)) {
    this.#nowMs = startMs;
    this.#settle = settle;
  }

  now(): number {
    return this.#nowMs;
  }

  after(ms: number, work: () => void): () => void {
    this.#seq += 1;
    const timer: Timer = { atMs: this.#nowMs + Math.max(0, ms), seq: this.#seq, work, cancelled: false };
    this.#push(timer);
    return () => {
      timer.cancelled = true;
    };
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const done = () => {
        cancel();
        signal?.removeEventListener('abort', done);
        resolve();
      };
      const cancel = this.after(ms, done);
      signal?.addEventListener('abort', done, { once: true });
    });
  }

  /** Lets `ms` pass, running what falls due. */
  async advance(ms: number): Promise<void> {
    const untilMs = this.#nowMs + ms;
    await this.#settle();
    for (let timer = this.#nextDue(untilMs); timer; timer = this.#nextDue(untilMs)) {
      this.#nowMs = Math.max(this.#nowMs, timer.atMs);
      timer.work();
      await this.#settle();
    }
    this.#nowMs = Math.max(this.#nowMs, untilMs);
  }

  /** Lets time pass from timer to timer until `done` says so. @throws Error when nothing is left to wait for, or after `mostMs`. */
  async advanceUntil(done: () => boolean, mostMs = 86_400_000): Promise<void> {
    const untilMs = this.#nowMs + mostMs;
    await this.#settle();
    while (!done()) {
      const timer = this.#nextDue(untilMs);
      if (!timer) throw new Error(`nothing happens any more (or not within ${mostMs} ms) and it is not done`);
      this.#nowMs = Math.max(this.#nowMs, timer.atMs);
      timer.work();
      await this.#settle();
    }
  }

  #nextDue(untilMs: number): Timer | undefined {
    for (;;) {
      const top = this.#heap[0];
      if (!top || top.atMs > untilMs) return undefined;
      this.#pop();
      if (!top.cancelled) return top;
    }
  }

  #push(timer: Timer): void {
    const heap = this.#heap;
    let at = heap.push(timer) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!earlier(timer, heap[parent]!)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = timer;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop()!;
    if (heap.length === 0) return;
    let at = 0;
    for (;;) {
      let child = at * 2 + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && earlier(heap[child + 1]!, heap[child]!)) child += 1;
      if (!earlier(heap[child]!, last)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
  }
}

const earlier = (a: Timer, b: Timer): boolean => a.atMs < b.atMs || (a.atMs === b.atMs && a.seq < b.seq);
