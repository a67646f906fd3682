import type { Budget } from './contract.ts';

/** What one answer told of one budget; see {@link Platform.readBudget}. */
export interface BudgetReport {
  available?: number;
  size?: number;
  perSecond?: number;
  cost?: number;
}

/** One budget's accounts. Time comes in; nothing here waits. */
export interface Bucket {
  readonly kind: Budget['kind'];
  /**
   * How long until `cost` can be spent when `reserved` is kept for others, in milliseconds; 0: now.
   * Infinity: no time helps, only an answer of a request under way.
   */
  waitMs(now: number, cost: number, reserved: number): number;
  /** How long it takes until what `cost` spends has come back. */
  refillMs(cost: number): number;
  take(now: number, cost: number): void;
  /** Nothing was sent after all. */
  giveBack(now: number, cost: number): void;
  /** The request that took `cost` is over. */
  answered(now: number, cost: number, report?: BudgetReport): void;
  /** The platform said "too much": whatever we believed, there is nothing left. */
  empty(now: number): void;
  save(now: number): SavedBucket;
  /** @param gap what may have happened between saving and now; undefined: nothing, it was handed over in order. */
  restore(now: number, saved: SavedBucket, savedAt: number, gap: { callsMax: number } | undefined): void;
}

export interface SavedBucket {
  level?: number;
  size?: number;
  perSecond?: number;
  /** Spent calls of a quota: [until when they count, how many]. */
  spent?: [number, number][];
}

/** How much of the vendor's limit is ours, and how much faster than the vendor time runs (sandboxes). */
export interface Scale {
  share: number;
  factor: number;
}

export function createBucket(budget: Budget, scale: Scale, now: number): Bucket {
  const { share, factor } = scale;
  if (budget.kind === 'in-flight') return new InFlight(Math.max(1, Math.floor(budget.max * share * factor + EPSILON)));
  if (budget.kind === 'quota')
    return new Quota(Math.max(1, Math.floor(budget.max * share + EPSILON)), budget.perMs / factor, share);
  const size = budget.kind === 'tokens' ? budget.burst : budget.size;
  return new Tokens(budget.kind, size * share * factor, budget.perSecond * share * factor, share, now);
}

const EPSILON = 1e-9;

/**
 * A bucket that refills: plain tokens, or points whose size and refill the answers tell.
 *
 * Our level never exceeds the vendor's: what is under way is counted as if it had not arrived yet, so a vendor's bucket
 * may still be full and gains nothing while ours waits (`level ≤ size − under way`). Without that, a first request slowed
 * by connecting, and quick ones after it, arrive faster than they were sent, and the vendor answers 429.
 */
class Tokens implements Bucket {
  private level: number;
  private underWay = 0;
  constructor(
    readonly kind: 'tokens' | 'cost',
    private size: number,
    private perSecond: number,
    private readonly share: number,
    private at: number,
  ) {
    this.level = size;
  }

  waitMs(now: number, cost: number, reserved: number): number {
    this.refill(now);
    // A call that costs more than the whole bucket goes when the bucket is full.
    const missing = Math.min(cost, this.size) + reserved - this.level;
    if (missing <= EPSILON) return 0;
    if (reserved === 0 && Math.min(cost, this.size) > this.size - this.underWay + EPSILON)
      return Number.POSITIVE_INFINITY;
    return this.timeFor(missing);
  }

  refillMs(cost: number): number {
    return this.timeFor(Math.min(cost, this.size));
  }

  take(now: number, cost: number): void {
    this.refill(now);
    this.level -= cost;
    this.underWay += cost;
  }

  giveBack(now: number, cost: number): void {
    this.refill(now);
    this.underWay = Math.max(0, this.underWay - cost);
    this.level = Math.min(this.level + cost, this.size - this.underWay);
  }

  answered(now: number, cost: number, report?: BudgetReport): void {
    this.refill(now);
    this.underWay = Math.max(0, this.underWay - cost);
    if (report?.size !== undefined && report.size > 0) this.size = report.size * this.share;
    if (report?.perSecond !== undefined && report.perSecond > 0) this.perSecond = report.perSecond * this.share;
    // What was asked for and not used went back.
    if (report?.cost !== undefined) this.level += cost - report.cost;
    if (report?.available !== undefined) {
      // By our own count the vendor has at least this; less means that somebody else spends too. Never upwards: answers
      // overtake each other, and an old one would give back what was spent since. Time gives back the rest.
      this.level = Math.min(this.level, report.available);
    }
    this.level = Math.min(this.level, this.size - this.underWay);
  }

  empty(now: number): void {
    this.refill(now);
    this.level = Math.min(this.level, 0);
  }

  save(now: number): SavedBucket {
    this.refill(now);
    return { level: this.level, size: this.size, perSecond: this.perSecond };
  }

  restore(now: number, saved: SavedBucket, savedAt: number, gap: { callsMax: number } | undefined): void {
    if (this.kind === 'cost') {
      this.size = saved.size ?? this.size;
      this.perSecond = saved.perSecond ?? this.perSecond;
    }
    this.at = Math.min(savedAt, now);
    this.level = Math.min(saved.level ?? 0, this.size);
    this.refill(now);
    // Whoever had it until now may have spent it to the last token.
    if (gap) this.level = Math.min(this.level, 0);
  }

  private refill(now: number): void {
    const gained = (Math.max(0, now - this.at) / 1000) * this.perSecond;
    this.at = now;
    if (this.level < this.size - this.underWay) this.level = Math.min(this.level + gained, this.size - this.underWay);
  }

  private timeFor(amount: number): number {
    return Math.max(1, Math.ceil((amount / this.perSecond) * 1000 - EPSILON));
  }
}

class InFlight implements Bucket {
  readonly kind = 'in-flight';
  private underWay = 0;
  constructor(private readonly max: number) {}

  waitMs(_now: number, _cost: number, reserved: number): number {
    return this.underWay + reserved < this.max ? 0 : Number.POSITIVE_INFINITY;
  }

  /** A guess: most calls are over within a second. */
  refillMs(): number {
    return 1000;
  }

  take(): void {
    this.underWay++;
  }

  giveBack(): void {
    this.underWay--;
  }

  answered(): void {
    this.underWay--;
  }

  empty(): void {}

  save(): SavedBucket {
    return {};
  }

  /** A lease outlives the time-outs of what was sent under it: nobody else's request is under way any more. */
  restore(): void {}
}

const SLOTS = 100;

/**
 * So many calls per calendar window. When the vendor's window starts is unknown, so no window of that length, wherever
 * it begins, holds more: a call counts from its sending until a whole window after its answer.
 */
class Quota implements Bucket {
  readonly kind = 'quota';
  private underWay = 0;
  /** Oldest first. */
  private slots: { until: number; count: number }[] = [];
  constructor(
    private max: number,
    private readonly perMs: number,
    private readonly share: number,
  ) {}

  waitMs(now: number, cost: number, reserved: number): number {
    let missing = this.used(now) + reserved + Math.min(cost, this.max) - this.max;
    if (missing <= EPSILON) return 0;
    for (const slot of this.slots) {
      missing -= slot.count;
      if (missing <= EPSILON) return Math.max(1, Math.ceil(slot.until - now));
    }
    return reserved > 0 ? this.perMs : Number.POSITIVE_INFINITY;
  }

  refillMs(): number {
    return this.perMs;
  }

  take(_now: number, cost: number): void {
    this.underWay += cost;
  }

  giveBack(_now: number, cost: number): void {
    this.underWay = Math.max(0, this.underWay - cost);
  }

  answered(now: number, cost: number, report?: BudgetReport): void {
    this.underWay = Math.max(0, this.underWay - cost);
    if (report?.size !== undefined && report.size >= 1) this.max = Math.max(1, Math.floor(report.size * this.share));
    this.spend(now, report?.cost ?? cost);
    // Others may have used the quota too: then there is less left than we counted.
    if (report?.available !== undefined) {
      const unseen = this.max - this.used(now) - Math.max(0, report.available - this.underWay);
      if (unseen > 0) this.spend(now, unseen);
    }
  }

  empty(now: number): void {
    const left = this.max - this.used(now);
    // Not for the whole window: when it ends is known to the answer's retry-after alone.
    if (left > 0) this.slots.unshift({ until: now + this.perMs / SLOTS, count: left });
  }

  save(now: number): SavedBucket {
    this.used(now);
    return { spent: this.slots.map(({ until, count }) => [until, count]) };
  }

  restore(now: number, saved: SavedBucket, _savedAt: number, gap: { callsMax: number } | undefined): void {
    this.slots = (saved.spent ?? []).map(([until, count]) => ({ until, count }));
    if (gap) this.spend(now, Math.min(gap.callsMax, Math.max(0, this.max - this.used(now))));
  }

  private used(now: number): number {
    while (this.slots[0] && this.slots[0].until <= now) this.slots.shift();
    return this.slots.reduce((sum, { count }) => sum + count, this.underWay);
  }

  private spend(now: number, count: number): void {
    if (count <= 0) return;
    const grainMs = this.perMs / SLOTS;
    const until = Math.ceil(now / grainMs) * grainMs + this.perMs;
    const last = this.slots.at(-1);
    if (last && last.until === until) last.count += count;
    else this.slots.push({ until, count });
  }
}
