import type { SavedBudgets } from '../platform/budget.ts';
import { Failure } from '../platform/failure.ts';
import { oldestWish } from '../store/intake.ts';
import { acquireLease, releaseLease, renewLease } from '../store/leases.ts';
import { auditLooks, cellsAsideDue, putDirty } from '../store/planning.ts';
import { backoffMs } from './backoff.ts';
import { type Account, type EngineContext, iso } from './context.ts';
import { Feeds } from './feeds.ts';
import { type Fetched, sweepOpenDocuments, workFetches } from './fetches.ts';
import type { GroupCommit } from './group-commit.ts';
import { Guard } from './guard.ts';
import { judgeReadings } from './judge.ts';
import { settleAttempts } from './open-attempts.ts';
import type { PostingReport } from './posting.ts';
import { pushRound } from './push.ts';
import type { PushLane, PushStages } from './push-stages.ts';
import type { QueueReader } from './queue.ts';
import { readDue } from './readings.ts';
import { loseAccess } from './signals.ts';
import { Track } from './track.ts';

const LEASE_MS = 30_000;
/** A request must not outlive the lease: sending stops this long before it ends. */
const LEASE_MARGIN_MS = 12_000;
const SWEEP_OLDER_MS = 15 * 60_000;
const IDLE_MS = 60_000;
/** Woken by everything that happens, and hardly ever with anything to do: once in this time is enough. */
const AUDIT_REST_MS = 100;

/** Under this name the lane of an account is held. */
export const laneLeaseName = (accountId: number): string => `lane:${accountId}`;

export interface LaneEvents {
  applied(report: PostingReport): void;
  /** The feeds moved forward. */
  heard(): void;
}

/** Where a lane stands, for people. */
export interface LaneHealth {
  leased: boolean;
  failing: { since: string; reason: string } | null;
  heardUpTo: string | null;
  lastPushAt: string | null;
}

/**
 * All traffic of one account, reads and writes, held by one process at a time. Five loops share the account's budgets:
 * order fetches, pushes, feeds, queue, and the audit of readings and attempts. Each fails and backs off for itself.
 */
export class Lane {
  readonly feeds: Feeds;
  readonly push: PushLane;
  private readonly tracks: Record<'fetch' | 'push' | 'poll' | 'queue' | 'audit', Track>;
  private epoch = 0;
  private leasedUntil = 0;
  private failing: LaneHealth['failing'] = null;
  private tries = 0;
  private lastPushAt: string | null = null;
  private sweptAt = Number.NEGATIVE_INFINITY;
  private renewal: Track;

  constructor(
    private readonly context: EngineContext,
    readonly account: Account,
    private readonly holder: string,
    private readonly events: LaneEvents,
    private readonly gates: {
      mayRaise: () => boolean;
      hooksWork: (account: Account) => boolean;
      hurry: () => boolean;
      /** Answers of all lanes are posted together. */
      fetched: GroupCommit<Fetched>;
      /** Their writes are prepared and settled together. */
      stages: PushStages;
    },
    queue: QueueReader | undefined,
  ) {
    this.feeds = new Feeds(context, account, (report) => events.applied(report));
    const lane = this;
    this.push = {
      account,
      guard: new Guard(context.clock),
      get epoch() {
        return lane.epoch;
      },
      mayRaise: gates.mayRaise,
      deferred: [],
      underWay: new Set(),
      stages: gates.stages,
      mayStart: () => context.clock.now() < this.leasedUntil - LEASE_MARGIN_MS,
    };
    const track = (run: () => Promise<number>, restMs = 0) =>
      new Track(
        context.clock,
        async () => {
          if (!this.works()) return 1_000;
          const waitMs = await run();
          this.recovered();
          return waitMs;
        },
        (error) => this.failed(error),
        restMs,
      );
    this.tracks = {
      fetch: track(async () => ((await workFetches(context, account, gates.fetched)) > 0 ? 0 : this.fetchIdleMs())),
      push: track(async () => {
        if ((await pushRound(context, this.push)) === 0) return IDLE_MS;
        this.lastPushAt = iso(context.clock.now());
        this.tracks.audit.wake();
        return 0;
      }),
      poll: track(() => this.pollRound()),
      queue: track(async () => (queue ? await queue.round(account) : IDLE_MS)),
      audit: track(() => this.auditRound(), AUDIT_REST_MS),
    };
    this.renewal = new Track(
      context.clock,
      () => this.holdLease(),
      () => 2_000,
    );
  }

  async start(): Promise<void> {
    await this.feeds.load();
    await this.holdLease();
    this.renewal.start();
    for (const track of Object.values(this.tracks)) track.start();
  }

  wake(what: keyof Lane['tracks']): void {
    this.tracks[what].wake();
  }

  async stop(): Promise<void> {
    await Promise.all([this.renewal, ...Object.values(this.tracks)].map((track) => track.stop()));
    if (this.leasedUntil > 0)
      await releaseLease(
        this.context.db,
        { name: this.leaseName, holder: this.holder, epoch: this.epoch },
        this.account.budgets.save({ handedOver: true }),
      );
    this.leasedUntil = 0;
  }

  /** Rises that waited for the feeds may go now. */
  async resumeRises(): Promise<void> {
    const waiting = this.push.deferred.splice(0);
    await putDirty(this.context.db, waiting);
    if (waiting.length > 0) this.wake('push');
  }

  health(): LaneHealth {
    const heardUpTo = this.feeds.heardUpTo();
    return {
      leased: this.works(),
      failing: this.failing,
      heardUpTo: Number.isFinite(heardUpTo) ? iso(heardUpTo) : null,
      lastPushAt: this.lastPushAt,
    };
  }

  private get leaseName(): string {
    return laneLeaseName(this.account.row.id);
  }

  private works(): boolean {
    return this.account.row.stoppedReason === null && this.context.clock.now() < this.leasedUntil;
  }

  private async holdLease(): Promise<number> {
    const { db, clock } = this.context;
    const now = clock.now();
    if (now < this.leasedUntil) {
      const lease = { name: this.leaseName, holder: this.holder, epoch: this.epoch };
      this.leasedUntil = (await renewLease(db, lease, LEASE_MS, this.account.budgets.save())) ? now + LEASE_MS : 0;
    } else {
      const lease = await acquireLease(db, this.leaseName, this.holder, LEASE_MS);
      if (lease) {
        // What an earlier holder saved is only of use if it was somebody else, or we were away.
        if (lease.budgets) this.context.accounts.takeOver(this.account, lease.budgets as SavedBudgets);
        this.epoch = lease.epoch;
        this.leasedUntil = now + LEASE_MS;
        for (const track of Object.values(this.tracks)) track.wake();
      }
    }
    return LEASE_MS / 6;
  }

  private async pollRound(): Promise<number> {
    const alone = !this.gates.hooksWork(this.account);
    const hurry = this.gates.hurry();
    const before = this.feeds.heardUpTo();
    await this.feeds.pollDue(alone, hurry);
    if (this.feeds.heardUpTo() > before) {
      this.tracks.audit.wake();
      this.events.heard();
    }
    const { clock } = this.context;
    if (clock.now() - this.sweptAt > SWEEP_OLDER_MS / 3) {
      this.sweptAt = clock.now();
      if ((await sweepOpenDocuments(this.context, this.account, SWEEP_OLDER_MS)) > 0) this.wake('fetch');
    }
    return this.feeds.dueInMs(alone, hurry);
  }

  private async auditRound(): Promise<number> {
    const { context, account } = this;
    const looks = await auditLooks(context.db, account.row.id, context.clock.now());
    const waitMs = looks.attempts ? await settleAttempts(context, account, this.push.underWay) : IDLE_MS;
    const read = looks.readings ? await readDue(context, account) : 0;
    const judged = looks.seen || read > 0 ? await this.judge() : 0;
    const aside = looks.aside ? await this.tryAsideAgain() : 0;
    // An attempt that ended marks its cell: what was held back behind it is to be told now.
    if (looks.attempts || read + judged + aside > 0) this.wake('push');
    return read > 0 ? 0 : Math.min(waitMs, this.auditIdleMs());
  }

  /** @returns how many readings were judged */
  private async judge(): Promise<number> {
    const { context, account } = this;
    const waitingSince = await oldestWish(context.db, account.row.id);
    const judged = await judgeReadings(context, account, this.feeds.heardUpTo(waitingSince));
    return Object.values(judged).reduce((sum, one) => sum + one, 0);
  }

  /** @returns how many cells that were set aside are tried again */
  private async tryAsideAgain(): Promise<number> {
    const { context, account } = this;
    const now = context.clock.now();
    const due = await cellsAsideDue(context.db, account.row.id, now, 500);
    await putDirty(
      context.db,
      due.map((id) => ({ id, since: iso(now) })),
    );
    return due.length;
  }

  /** Readings become due without anybody waking us; looked at often enough that nobody waits for it. */
  private auditIdleMs(): number {
    return Math.max(500, Math.min(5_000, this.account.platform.facts.push.visibleAfterMs || 2_000));
  }

  private fetchIdleMs(): number {
    return 2_000;
  }

  private recovered(): void {
    this.tries = 0;
    this.failing = null;
  }

  /** @returns how long this loop waits; the others go on and meet the same wall by themselves */
  private failed(error: unknown): number {
    const { context, account } = this;
    this.tries += 1;
    const reason = error instanceof Error ? error.message : String(error);
    this.failing ??= { since: iso(context.clock.now()), reason };
    this.failing.reason = reason;
    context.log.warn(
      { account: account.row.key, platform: account.platform.facts.id, err: error },
      'a lane had to pause',
    );
    if (error instanceof Failure && error.failure === 'auth') {
      void loseAccess(context.db, context, account, error.message);
      return IDLE_MS;
    }
    const waitMs = backoffMs(this.tries, context.random);
    return error instanceof Failure && error.retryAfterMs ? Math.max(error.retryAfterMs, waitMs / 4) : waitMs;
  }
}
