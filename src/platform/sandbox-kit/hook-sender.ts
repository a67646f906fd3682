import type { Clock } from '../../runtime/clock.ts';
import type { Random } from '../../runtime/random.ts';
import type { HttpRequest, HttpResponse } from '../http.ts';

/** How one vendor sends its webhooks. All times are the vendor's own; the sender divides them by the factor. */
export interface HookPlan {
  /** From the event to the first attempt. `nowMs` lets a plan wait for the next run of a queue (WP-cron). */
  delayMs: (random: Random, nowMs: number) => number;
  /** Waits between attempts, in order; empty: a failed delivery is never repeated (WooCommerce). */
  retriesMs: number[];
  /**
   * When the body is made. event: at once, and repeated as it was (Shopify, Square) · delivery: at the first attempt,
   * then repeated · attempt: afresh each time.
   */
  bodyFrom: 'event' | 'delivery' | 'attempt';
  /** One pending job per subscription and key: an event while one waits adds nothing (WooCommerce). */
  coalesce: boolean;
  /** After so many failures in a row the subscription goes off and its waiting jobs are dropped; null: never. */
  offAfter: number | null;
  /** What a row of failures counts. Default: every attempt. */
  offCounts?: 'attempts' | 'deliveries';
  /** Default: 200–299. */
  isSuccess?: (status: number) => boolean;
  /** The receiver's time to answer; real time, not divided by the factor. Default 10,000. */
  timeoutMs?: number;
  /** Attempts under way at once; the rest wait their turn. Default 32. */
  parallelMax?: number;
}

/** Why and when this attempt is made, for vendors that say so in headers (Square). */
export interface HookAttempt {
  /** 0: the first. */
  attempt: number;
  firstAtMs: number;
  lastFailure: 'http_timeout' | 'http_error' | 'other_error' | null;
}

export interface Hook {
  /** The vendor's id of the subscription: failures are counted and switched off by it. */
  subscription: string;
  /** The resource, for coalescing; distinct events of a vendor that does not coalesce may share it. */
  key: string;
  /** Whole request, signed. null: nothing to send any more. See {@link HookPlan.bodyFrom} for when it is called. */
  build: (attempt: HookAttempt) => HttpRequest | null;
  /** Headers that change with every attempt (delivery id, retry number). */
  attemptHeaders?: (attempt: HookAttempt) => Record<string, string>;
}

interface Job extends Hook {
  attempt: HookAttempt;
  request?: HttpRequest | null;
}

export interface HookSenderOptions {
  clock: Clock;
  random: Random;
  factor: number;
  deliver: (hook: HttpRequest) => Promise<HttpResponse>;
  plan: HookPlan;
  /** The vendor just switched this subscription off. */
  onOff?: (subscription: string) => void;
}

/** A vendor's queue of outgoing webhooks: late, repeated, merged and switched off as its plan says. Order is not kept. */
export class HookSender {
  readonly #options: HookSenderOptions;
  readonly #timers = new Set<() => void>();
  readonly #pendingKeys = new Set<string>();
  readonly #failuresInRow = new Map<string, number>();
  readonly #off = new Set<string>();
  #waiting: Job[] = [];
  /** Of {@link #waiting}, this many have been started: shifting each one off a queue of 100,000 would move all the others. */
  #started = 0;
  #underWay = 0;
  #closed = false;
  /** For tests and the world's counters. */
  readonly counts = { sent: 0, failed: 0, givenUp: 0, coalesced: 0, dropped: 0 };

  constructor(options: HookSenderOptions) {
    this.#options = options;
  }

  send(hook: Hook): void {
    if (this.#closed) return;
    if (this.#off.has(hook.subscription)) {
      this.counts.dropped += 1;
      return;
    }
    const { plan, clock, random } = this.#options;
    const pendingKey = `${hook.subscription}\n${hook.key}`;
    if (plan.coalesce) {
      if (this.#pendingKeys.has(pendingKey)) {
        this.counts.coalesced += 1;
        return;
      }
      this.#pendingKeys.add(pendingKey);
    }
    const job: Job = { ...hook, attempt: { attempt: 0, firstAtMs: clock.now(), lastFailure: null } };
    if (plan.bodyFrom === 'event') job.request = hook.build(job.attempt);
    this.#later(plan.delayMs(random, clock.now()), job);
  }

  isOff(subscription: string): boolean {
    return this.#off.has(subscription);
  }

  /** As an API call or an admin does after the vendor switched it off. */
  switchOn(subscription: string): void {
    this.#off.delete(subscription);
    this.#failuresInRow.delete(subscription);
  }

  failuresInRow(subscription: string): number {
    return this.#failuresInRow.get(subscription) ?? 0;
  }

  /** Nothing waiting, under way or to be repeated. */
  quiet(): boolean {
    return this.#timers.size === 0 && this.#started === this.#waiting.length && this.#underWay === 0;
  }

  close(): void {
    this.#closed = true;
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
    this.#waiting = [];
    this.#started = 0;
  }

  #later(vendorMs: number, job: Job): void {
    const cancel = this.#options.clock.after(Math.max(0, vendorMs) / this.#options.factor, () => {
      this.#timers.delete(cancel);
      this.#waiting.push(job);
      this.#start();
    });
    this.#timers.add(cancel);
  }

  #start(): void {
    const most = this.#options.plan.parallelMax ?? 32;
    while (this.#underWay < most && this.#started < this.#waiting.length && !this.#closed) {
      const job = this.#waiting[this.#started++]!;
      if (this.#started >= 1024 && this.#started * 2 > this.#waiting.length) {
        this.#waiting = this.#waiting.slice(this.#started);
        this.#started = 0;
      }
      this.#underWay += 1;
      void this.#run(job).finally(() => {
        this.#underWay -= 1;
        this.#start();
      });
    }
  }

  async #run(job: Job): Promise<void> {
    const { plan, clock } = this.#options;
    // A change from here on is not in this body any more, so it needs a job of its own.
    if (job.attempt.attempt === 0) {
      this.#pendingKeys.delete(`${job.subscription}\n${job.key}`);
      job.attempt.firstAtMs = clock.now();
    }
    if (this.#off.has(job.subscription)) {
      this.counts.dropped += 1;
      return;
    }
    if (job.request === undefined || plan.bodyFrom === 'attempt') job.request = job.build(job.attempt);
    if (job.request === null) return;
    const request = job.attemptHeaders
      ? { ...job.request, headers: { ...job.request.headers, ...job.attemptHeaders(job.attempt) } }
      : job.request;
    const failure = await this.#attempt(request);
    if (this.#closed) return;
    if (failure === null) {
      this.counts.sent += 1;
      this.#failuresInRow.delete(job.subscription);
      return;
    }
    this.counts.failed += 1;
    const wait = plan.retriesMs[job.attempt.attempt];
    if (wait === undefined) this.counts.givenUp += 1;
    if (wait === undefined || plan.offCounts !== 'deliveries') this.#countFailure(job.subscription);
    if (wait === undefined || this.#off.has(job.subscription)) return;
    job.attempt = { ...job.attempt, attempt: job.attempt.attempt + 1, lastFailure: failure };
    this.#later(wait, job);
  }

  async #attempt(request: HttpRequest): Promise<HookAttempt['lastFailure']> {
    const { plan, clock, deliver } = this.#options;
    const isSuccess = plan.isSuccess ?? ((status: number) => status >= 200 && status < 300);
    let cancel = () => {};
    const late = new Promise<'late'>((resolve) => {
      cancel = clock.after(plan.timeoutMs ?? 10_000, () => resolve('late'));
    });
    try {
      const answer = await Promise.race([deliver(request), late]);
      if (answer === 'late') return 'http_timeout';
      return isSuccess(answer.status) ? null : 'http_error';
    } catch {
      return 'other_error';
    } finally {
      cancel();
    }
  }

  #countFailure(subscription: string): void {
    const { plan, onOff } = this.#options;
    const row = this.failuresInRow(subscription) + 1;
    this.#failuresInRow.set(subscription, row);
    if (plan.offAfter === null || row < plan.offAfter || this.#off.has(subscription)) return;
    this.#off.add(subscription);
    onOff?.(subscription);
  }
}
