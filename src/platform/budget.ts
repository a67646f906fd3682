import type { Clock } from '../runtime/clock.ts';
import { type Bucket, type BudgetReport, createBucket, type SavedBucket } from './bucket.ts';
import type { Facts, Operation } from './contract.ts';
import { Failure } from './failure.ts';

/** What one call needs before it may leave. */
export interface Need {
  budgets: readonly string[];
  cost: number;
  priority: Operation['priority'];
  /** When the caller began to wait: a repeated call keeps its place. Default: now. */
  since?: number;
}

/** Held while a request is under way: one of the two is called, once. */
export interface Permit {
  /** The request is over, answered or lost. */
  answered(reports?: Record<string, BudgetReport>): void;
  /** Nothing was sent after all: what was taken goes back. */
  unused(): void;
}

export interface SavedBudgets {
  at: number;
  handedOver: boolean;
  stoppedUntil: Record<string, number>;
  buckets: Record<string, SavedBucket>;
}

export interface BudgetOptions {
  /** Our part of every limit, above 0 to 1: other apps use the same quota. */
  share?: number;
  /** As the sandbox's: rates and buckets are multiplied, windows and delays divided. */
  factor?: number;
  /** Only time that the platform told us to wait still counts. */
  unlimited?: boolean;
  /** From {@link Budgets.save}: anything possible since then is taken as spent, unless it was handed over. */
  saved?: SavedBudgets;
}

/** What one account may still ask of its platform. One per account, shared by every client of the account. */
export interface Budgets {
  readonly factor: number;
  /**
   * Waits for its turn: by priority, and a class waits no longer than 30 s behind the next better one.
   * @throws Failure `throttled` when a stop or an exhausted quota lasts longer than `patienceMs`; `transient` when aborted.
   */
  take(need: Need, options?: { signal?: AbortSignal; patienceMs?: number }): Promise<Permit>;
  /** The platform said "too much, until then": these budgets stand still, and are empty. */
  stop(names: readonly string[], untilMs: number): void;
  /** Of these, the ones that a throttling answer may have meant: rates rather than places. */
  rates(names: readonly string[]): string[];
  /** The same work asked for twice at once runs once (one renewal per account, whoever asks). */
  once<T>(work: string, run: () => Promise<T>): Promise<T>;
  /** For the lease. `handedOver`: we shall send nothing more, so the next holder need not assume the worst. */
  save(options?: { handedOver?: boolean }): SavedBudgets;
  /** For people: what is left, who waits. */
  look(): Record<string, { kind: string; stoppedUntil: number | null; waiting: number }>;
}

/** A call waits at most this long behind calls of the next better class that came after it. */
const AGING_MS = 30_000;

const RANK: Record<Operation['priority'], number> = { fetch: 0, decrease: 1, increase: 2, audit: 3 };

interface Waiter {
  need: Need;
  /** Smaller goes first; never changes, so nobody can be overtaken for ever. */
  key: number;
  /** Its budgets as one text. */
  names: string;
  patienceMs: number;
  go: (permit: Permit) => void;
  fail: (failure: Failure) => void;
}

export function createBudgets(
  facts: Pick<Facts, 'budgets' | 'operations'>,
  clock: Clock,
  options: BudgetOptions = {},
): Budgets {
  return new AccountBudgets(facts, clock, options);
}

class AccountBudgets implements Budgets {
  readonly factor: number;
  private readonly buckets = new Map<string, Bucket>();
  private readonly stops = new Map<string, number>();
  private readonly running = new Map<string, Promise<unknown>>();
  private waiters: Waiter[] = [];
  private wake: AbortController | undefined;

  constructor(
    facts: Pick<Facts, 'budgets' | 'operations'>,
    private readonly clock: Clock,
    private readonly options: BudgetOptions,
  ) {
    const share = options.share ?? 1;
    this.factor = options.factor ?? 1;
    if (!(share > 0 && share <= 1)) throw new RangeError(`A share of ${share} is not above 0 and at most 1`);
    if (!(this.factor > 0 && this.factor < Number.POSITIVE_INFINITY)) throw new RangeError(`Factor ${this.factor}`);
    const now = clock.now();
    for (const [name, budget] of Object.entries(facts.budgets))
      this.buckets.set(name, createBucket(budget, { share, factor: this.factor }, now));
    if (options.saved) this.restore(options.saved, facts, now);
  }

  take(need: Need, { signal, patienceMs = 60_000 }: { signal?: AbortSignal; patienceMs?: number } = {}) {
    for (const name of need.budgets) if (!this.buckets.has(name)) throw new Error(`There is no budget "${name}"`);
    return new Promise<Permit>((resolve, reject) => {
      if (signal?.aborted) return reject(aborted());
      const key = (need.since ?? this.clock.now()) + (RANK[need.priority] * AGING_MS) / this.factor;
      const leave = () => {
        this.waiters = this.waiters.filter((one) => one !== waiter);
        reject(aborted());
        this.pump();
      };
      const over = () => signal?.removeEventListener('abort', leave);
      const waiter: Waiter = {
        need,
        key,
        names: need.budgets.join('\n'),
        patienceMs,
        go: (permit) => {
          over();
          resolve(permit);
        },
        fail: (failure) => {
          over();
          reject(failure);
        },
      };
      signal?.addEventListener('abort', leave, { once: true });
      // Behind all of the same key: first come, first served.
      const place = this.waiters.findIndex((one) => one.key > key);
      this.waiters.splice(place < 0 ? this.waiters.length : place, 0, waiter);
      this.pump();
    });
  }

  stop(names: readonly string[], untilMs: number): void {
    for (const name of names) {
      this.buckets.get(name)?.empty(this.clock.now());
      this.stops.set(name, Math.max(untilMs, this.stops.get(name) ?? 0));
    }
    this.pump();
  }

  rates(names: readonly string[]): string[] {
    const rates = names.filter((name) => this.buckets.get(name)?.kind !== 'in-flight');
    return rates.length > 0 ? rates : [...names];
  }

  once<T>(work: string, run: () => Promise<T>): Promise<T> {
    const running = this.running.get(work);
    if (running) return running as Promise<T>;
    const started = run().finally(() => this.running.delete(work));
    this.running.set(work, started);
    return started;
  }

  save({ handedOver = false } = {}): SavedBudgets {
    const now = this.clock.now();
    return {
      at: now,
      handedOver,
      stoppedUntil: Object.fromEntries([...this.stops].filter(([, until]) => until > now)),
      buckets: Object.fromEntries([...this.buckets].map(([name, bucket]) => [name, bucket.save(now)])),
    };
  }

  look() {
    const now = this.clock.now();
    return Object.fromEntries(
      [...this.buckets].map(([name, { kind }]) => {
        const until = this.stops.get(name) ?? 0;
        const waiting = this.waiters.filter(({ need }) => need.budgets.includes(name)).length;
        return [name, { kind, stoppedUntil: until > now ? until : null, waiting }];
      }),
    );
  }

  /**
   * Lets everybody go who can. In order of rank: one who cannot go keeps what it needs from those behind it, unless
   * that will have come back by the time it can go. So a call waiting a minute for a slow budget does not hold up a
   * fast one, and nobody is starved by a stream of cheaper calls.
   */
  private pump(): void {
    this.wake?.abort();
    this.wake = undefined;
    const now = this.clock.now();
    const reserved = new Map<string, number>();
    // Behind one that cannot go, nobody goes who needs the same and no less: with thousands waiting, one look is enough.
    const blocked = new Map<string, number>();
    const staying: Waiter[] = [];
    let nextMs = Number.POSITIVE_INFINITY;
    for (const waiter of this.waiters) {
      const { budgets, cost } = waiter.need;
      if (cost >= (blocked.get(waiter.names) ?? Number.POSITIVE_INFINITY)) {
        staying.push(waiter);
        continue;
      }
      const waits = budgets.map((name) => ({ name, ms: this.waitMs(name, now, cost, reserved.get(name) ?? 0) }));
      const ms = Math.max(0, ...waits.map((one) => one.ms));
      const standing = this.standingMs(budgets, now);
      if (ms === 0) this.admit(waiter, now);
      else if (standing > waiter.patienceMs) waiter.fail(exhausted(standing));
      else {
        staying.push(waiter);
        blocked.set(waiter.names, cost);
        nextMs = Math.min(nextMs, ms);
        const aheadMs = Number.isFinite(ms) ? ms : 1000;
        for (const one of waits)
          if (one.ms > 0 || this.buckets.get(one.name)!.refillMs(cost) >= aheadMs)
            reserved.set(one.name, (reserved.get(one.name) ?? 0) + spends(this.buckets.get(one.name)!, cost));
      }
    }
    this.waiters = staying;
    if (Number.isFinite(nextMs)) this.wakeIn(nextMs);
  }

  private wakeIn(ms: number): void {
    const wake = new AbortController();
    this.wake = wake;
    // sleep, not after: a process whose only work is to wait for a token must not end.
    void this.clock.sleep(Math.max(1, ms), wake.signal).then(() => {
      if (!wake.signal.aborted) this.pump();
    });
  }

  private admit(waiter: Waiter, now: number): void {
    const { budgets, cost } = waiter.need;
    const taken = budgets.map((name) => [name, this.buckets.get(name)!] as const);
    for (const [, bucket] of taken) bucket.take(now, spends(bucket, cost));
    let over = false;
    waiter.go({
      unused: () => {
        if (over) return;
        over = true;
        for (const [, bucket] of taken) bucket.giveBack(this.clock.now(), spends(bucket, cost));
        this.pump();
      },
      answered: (reports) => {
        if (over) return;
        over = true;
        for (const [name, bucket] of taken) bucket.answered(this.clock.now(), spends(bucket, cost), reports?.[name]);
        for (const [name, report] of Object.entries(reports ?? {}))
          if (!budgets.includes(name)) this.buckets.get(name)?.answered(this.clock.now(), 0, { ...report, cost: 0 });
        this.pump();
      },
    });
  }

  private waitMs(name: string, now: number, cost: number, reserved: number): number {
    const stopped = Math.max(0, (this.stops.get(name) ?? 0) - now);
    if (this.options.unlimited) return stopped;
    const bucket = this.buckets.get(name)!;
    return Math.max(stopped, bucket.waitMs(now, spends(bucket, cost), reserved));
  }

  /** How long nothing at all can go: stops and spent quotas, not the ordinary queue. */
  private standingMs(budgets: readonly string[], now: number): number {
    const each = budgets.map((name) => {
      const bucket = this.buckets.get(name)!;
      const quota = bucket.kind === 'quota' && !this.options.unlimited ? bucket.waitMs(now, 1, 0) : 0;
      return Math.max((this.stops.get(name) ?? 0) - now, Number.isFinite(quota) ? quota : 0);
    });
    return Math.max(0, ...each);
  }

  private restore(saved: SavedBudgets, facts: Pick<Facts, 'budgets' | 'operations'>, now: number): void {
    for (const [name, until] of Object.entries(saved.stoppedUntil ?? {})) this.stops.set(name, until);
    for (const [name, bucket] of this.buckets) {
      const gap = saved.handedOver ? undefined : { callsMax: this.callsPossible(name, facts, now - saved.at) };
      bucket.restore(now, saved.buckets?.[name] ?? {}, saved.at, gap);
    }
  }

  /** The most calls on this budget that its other budgets can have let through in `gapMs`; Infinity if nothing bounds them. */
  private callsPossible(name: string, facts: Pick<Facts, 'budgets' | 'operations'>, gapMs: number): number {
    const bounds = new Map<string, number>();
    for (const { budgets } of Object.values(facts.operations)) {
      if (!budgets.includes(name)) continue;
      const rate = budgets.find((one) => facts.budgets[one]?.kind === 'tokens');
      const budget = rate === undefined ? undefined : facts.budgets[rate];
      if (rate === undefined || budget?.kind !== 'tokens') return Number.POSITIVE_INFINITY;
      const seconds = (Math.max(0, gapMs) / 1000) * this.factor;
      bounds.set(rate, Math.ceil(budget.burst * this.factor + budget.perSecond * seconds));
    }
    return [...bounds.values()].reduce((sum, calls) => sum + calls, 0);
  }
}

/** Places and quotas count calls; only tokens and points have a price. */
const spends = (bucket: Bucket, cost: number): number =>
  bucket.kind === 'in-flight' || bucket.kind === 'quota' ? 1 : cost;

function aborted(): Failure {
  return new Failure('transient', 'aborted', 'The call was given up before it was sent.');
}

function exhausted(ms: number): Failure {
  const minutes = Math.ceil(ms / 60_000);
  return new Failure('throttled', 'limit-reached', `The platform takes no more of these calls for ${minutes} min.`, {
    retryAfterMs: ms,
  });
}
