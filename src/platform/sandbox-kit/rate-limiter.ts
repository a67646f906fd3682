import type { Clock } from '../../runtime/clock.ts';

/** One limit as the vendor publishes it; the limiter multiplies by the factor. */
export type Limit =
  /** `burst` calls at once, refilled at `perSecond` (token and cost buckets alike: a call spends its cost). */
  | { kind: 'bucket'; size: number; perSecond: number }
  /** `max` per window that starts with the first call in it. */
  | { kind: 'window'; max: number; perMs: number }
  | { kind: 'in-flight'; max: number };

/** What a bucket or window holds now, in the numbers an answer should print (factor included). */
export interface LimitState {
  available: number;
  size: number;
  perSecond: number;
}

export type Taken = ({ ok: true } | { ok: false; retryAfterMs: number }) & LimitState;

interface Bucket {
  limit: Limit;
  available: number;
  atMs: number;
  underWay: number;
}

/** The vendor's side of its limits. `retryAfterMs` is time on the clock: what the caller really has to wait. */
export class RateLimiter {
  readonly #clock: Clock;
  readonly #factor: number;
  readonly #unlimited: boolean;
  readonly #buckets = new Map<string, Bucket>();
  /** Refused calls, for tests and reports. */
  refused = 0;

  /** @throws Error on a factor or limit that is not a finite number above zero. */
  constructor(options: { clock: Clock; factor: number; unlimited?: boolean; limits: Record<string, Limit> }) {
    if (!(options.factor > 0) || !Number.isFinite(options.factor))
      throw new Error(`factor must be a finite number above 0, not ${options.factor}`);
    this.#clock = options.clock;
    this.#factor = options.factor;
    this.#unlimited = options.unlimited ?? false;
    for (const [name, limit] of Object.entries(options.limits)) {
      for (const value of Object.values(limit))
        if (typeof value === 'number' && !(value > 0 && Number.isFinite(value)))
          throw new Error(`limit ${name} must be finite and above 0; leave it out instead`);
      this.#buckets.set(name, { limit, available: sizeOf(limit, this.#factor), atMs: this.#clock.now(), underWay: 0 });
    }
  }

  /**
   * Spends `cost` of a bucket or window, or nothing at all when it does not hold so much.
   * Several limits on one call: take them in turn, and {@link giveBack} the earlier ones when a later one refuses.
   */
  take(name: string, cost = 1): Taken {
    const bucket = this.#refilled(name);
    const state = this.state(name);
    if (this.#unlimited) return { ok: true, ...state };
    if (bucket.available + 1e-9 >= cost) {
      if (bucket.limit.kind === 'window' && bucket.available === state.size) bucket.atMs = this.#clock.now();
      bucket.available -= cost;
      return { ok: true, ...state, available: bucket.available };
    }
    this.refused += 1;
    const waitMs =
      bucket.limit.kind === 'window'
        ? bucket.atMs + bucket.limit.perMs / this.#factor - this.#clock.now()
        : ((cost - bucket.available) / state.perSecond) * 1000;
    return { ok: false, retryAfterMs: Math.max(1, Math.ceil(waitMs)), ...state };
  }

  /** Points asked for but not used (a cost bucket's refund), never above its size. */
  giveBack(name: string, cost: number): void {
    const bucket = this.#refilled(name);
    bucket.available = Math.min(sizeOf(bucket.limit, this.#factor), bucket.available + cost);
  }

  /** A place among the requests under way; call the answer when done. undefined: too many. */
  enter(name: string): (() => void) | undefined {
    const bucket = this.#of(name);
    const max = sizeOf(bucket.limit, this.#factor);
    if (!this.#unlimited && bucket.underWay >= max) {
      this.refused += 1;
      return undefined;
    }
    bucket.underWay += 1;
    let left = false;
    return () => {
      if (left) return;
      left = true;
      bucket.underWay -= 1;
    };
  }

  state(name: string): LimitState {
    const { limit, available } = this.#refilled(name);
    const size = sizeOf(limit, this.#factor);
    const perSecond =
      limit.kind === 'bucket'
        ? limit.perSecond * this.#factor
        : limit.kind === 'window'
          ? (limit.max / limit.perMs) * 1000 * this.#factor
          : 0;
    return { available, size, perSecond };
  }

  #of(name: string): Bucket {
    const bucket = this.#buckets.get(name);
    if (!bucket) throw new Error(`there is no limit called ${name}`);
    return bucket;
  }

  #refilled(name: string): Bucket {
    const bucket = this.#of(name);
    const nowMs = this.#clock.now();
    const size = sizeOf(bucket.limit, this.#factor);
    const passedMs = nowMs - bucket.atMs;
    if (bucket.limit.kind === 'bucket') {
      bucket.available = Math.min(size, bucket.available + (passedMs / 1000) * bucket.limit.perSecond * this.#factor);
      bucket.atMs = nowMs;
    } else if (bucket.limit.kind === 'window' && passedMs >= bucket.limit.perMs / this.#factor) {
      bucket.available = size;
      bucket.atMs = nowMs;
    }
    return bucket;
  }
}

/** A bucket grows with the factor, so that a burst is as long in the vendor's time; a window's time shrinks instead. */
const sizeOf = (limit: Limit, factor: number): number =>
  limit.kind === 'bucket'
    ? limit.size * factor
    : limit.kind === 'in-flight'
      ? Math.ceil(limit.max * factor)
      : limit.max;
