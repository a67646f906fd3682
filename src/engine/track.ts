import type { Clock } from '../runtime/clock.ts';

/**
 * One loop of an account's lane: runs, sleeps as long as the run said, wakes early when there is work. One run at a
 * time. An error never ends it: it is handed to `failed`, which says how long to wait.
 */
export class Track {
  private stopped = false;
  private readonly ending = new AbortController();
  private woken = false;
  private sleeping: AbortController | null = null;
  private loop: Promise<void> | null = null;

  constructor(
    private readonly clock: Clock,
    /** Does what is due; answers how long to sleep if nobody wakes it, in milliseconds. */
    private readonly run: () => Promise<number>,
    private readonly failed: (error: unknown) => number,
    /** So long it rests between two runs, woken or not, in milliseconds. */
    private readonly restMs = 0,
  ) {}

  start(): void {
    this.loop ??= this.go();
  }

  /** There may be work. */
  wake(): void {
    this.woken = true;
    this.sleeping?.abort();
  }

  /** Resolves when the run under way has ended. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.ending.abort();
    this.sleeping?.abort();
    await this.loop;
  }

  private async go(): Promise<void> {
    while (!this.stopped) {
      this.woken = false;
      let waitMs: number;
      let failing = false;
      try {
        waitMs = await this.run();
      } catch (error) {
        waitMs = this.failed(error);
        failing = true;
      }
      // After a failure a wake does not shorten the wait: that is what the wait is for.
      if (this.stopped) continue;
      if (this.restMs > 0 && !failing) await this.clock.sleep(this.restMs, this.ending.signal);
      // Stopped while it rested: nobody would end the sleep.
      if (this.stopped) continue;
      if (this.woken && !failing) continue;
      this.sleeping = new AbortController();
      const signal = this.sleeping.signal;
      await this.clock.sleep(waitMs, failing ? undefined : signal);
      this.sleeping = null;
    }
  }
}
