import type { AnyPlatform, Delivery } from '../platform/contract.ts';
import type { Transport } from '../platform/http.ts';
import type { Clock } from '../runtime/clock.ts';
import { type Random, uuidFrom } from '../runtime/random.ts';
import type { SealedBox } from '../runtime/sealed-box.ts';
import type { Database } from '../store/database.ts';
import { expiredHolds } from '../store/holds.ts';
import { expireLeases } from '../store/leases.ts';
import { markAccountDirty } from '../store/planning.ts';
import { type Account, type EngineContext, type EngineEvent, iso, type Log } from './context.ts';
import { type Fetched, fetchedPosting } from './fetches.ts';
import type { GroupCommit } from './group-commit.ts';
import { Heartbeat } from './heartbeat.ts';
import { workInbox } from './inbox.ts';
import { type Answer, Intake } from './intake.ts';
import { Lane } from './lane.ts';
import { refreshListings } from './listings.ts';
import type { PostingReport } from './posting.ts';
import { type PushStages, pushStages } from './push-stages.ts';
import { QueueReader } from './queue.ts';
import { Registry } from './registry.ts';
import { ReorderReceiver } from './reorder-receiver.ts';
import { ReorderWatch } from './reorder-watch.ts';
import { endHold } from './stock.ts';
import { Track } from './track.ts';
import { Watchdog } from './watchdog.ts';

export interface EngineOptions {
  db: Database;
  platforms: AnyPlatform[];
  box: SealedBox;
  clock: Clock;
  random: Random;
  transport: Transport;
  log: Log;
  /** Address under which webhooks reach us, without a trailing slash; null: every platform runs by polling. May be set once listening. */
  publicUrl: string | null;
  /** Called each minute while everything that is live works. */
  heartbeatUrl?: string | null;
  skewMs?: number;
  /** An unguessable name for an address. */
  secretToken: () => string;
  /** No platform budgets at all (benches). */
  unlimited?: boolean;
  /** For a real business: channels that are stand-ins of ours are refused. */
  refuseStandIns?: boolean;
}

const LISTINGS_EVERY_MS = 3_600_000;
const WATCH_EVERY_MS = 60_000;

/** Everything that runs: the inbox, one lane per account, the watchdog. Several processes may run one each over one store. */
export class Engine {
  readonly context: EngineContext;
  readonly registry: Registry;
  readonly intake: Intake;
  readonly reorder: ReorderWatch;
  readonly startedAt: number;
  private readonly lanes = new Map<number, Lane>();
  private readonly listeners = new Set<(event: EngineEvent) => void>();
  private readonly inbox: Track;
  private readonly housekeeping: Track;
  private readonly watchdog: Watchdog;
  private readonly heartbeat: Heartbeat | null;
  private readonly queue: QueueReader;
  private readonly fetched: GroupCommit<Fetched>;
  private readonly stages: PushStages;
  private readonly listingsDue = new Map<number, number>();
  private caughtUp = false;
  /** Names this process among those that share the store. */
  private readonly holder: string;
  private unlisten: (() => void)[] = [];

  constructor(readonly options: EngineOptions) {
    const { db, clock, random, transport, log } = options;
    const platforms = new Map(options.platforms.map((platform) => [platform.facts.id, platform]));
    this.registry = new Registry(platforms, options.box, () => this.context, options);
    this.context = {
      db,
      clock,
      random,
      transport,
      log,
      accounts: this.registry,
      skewMs: options.skewMs ?? 2_000,
      events: { emit: (event) => this.emit(event) },
    };
    this.startedAt = clock.now();
    this.holder = uuidFrom(random);
    this.intake = new Intake(this.context, () => this.inbox.wake());
    this.queue = new QueueReader(this.context, this.intake);
    this.fetched = fetchedPosting(this.context, (report) => this.applied(report));
    this.stages = pushStages(this.context);
    this.inbox = new Track(
      clock,
      async () => ((await workInbox(this.context, (report) => this.applied(report))) > 0 ? 0 : 5_000),
      (error) => {
        log.error({ err: error }, 'the inbox had to pause');
        return 1_000;
      },
    );
    this.watchdog = new Watchdog(this.context, this.registry, (account) => this.hookUrl(account));
    this.heartbeat = options.heartbeatUrl
      ? new Heartbeat(this.context, options.heartbeatUrl, (id) => this.lanes.get(id)?.health())
      : null;
    this.reorder = new ReorderWatch(this.context, new ReorderReceiver(this.context, options.box, options.secretToken));
    this.registry.onListingsChanged = (id) => this.listingsDue.set(id, 0);
    this.housekeeping = new Track(
      clock,
      () => this.keepHouse(),
      (error) => {
        log.warn({ err: error }, 'housekeeping had to pause');
        return 30_000;
      },
    );
  }

  async start(): Promise<void> {
    // The folder lock of an embedded store proves that no other process lives: nothing to wait for.
    if (this.context.db.engine === 'embedded') await expireLeases(this.context.db);
    await this.registry.reload();
    for (const account of this.registry.all()) {
      await markAccountDirty(this.context.db, account.row.id, iso(this.startedAt));
      await this.startLane(account);
    }
    this.unlisten = [
      this.context.db.onWake('inbox', () => this.inbox.wake()),
      this.context.db.onWake('settings', () => void this.settingsChanged()),
      this.context.db.onWake('stock', () => this.stockMoved()),
      this.context.db.onWake('reorder', () => this.reorder.changed()),
    ];
    this.inbox.start();
    this.housekeeping.start();
    this.reorder.start();
    this.heartbeat?.start();
    this.checkCaughtUp();
  }

  async stop(): Promise<void> {
    for (const off of this.unlisten) off();
    await Promise.all([
      this.inbox.stop(),
      this.housekeeping.stop(),
      this.reorder.stop(),
      this.heartbeat?.stop(),
      ...[...this.lanes.values()].map((lane) => lane.stop()),
    ]);
    this.lanes.clear();
  }

  /** A webhook at an account's own entrance. */
  accept(account: Account, delivery: Delivery): Promise<Answer> {
    return this.intake.accept(account, delivery);
  }

  /** Where an account's webhooks are sent to. */
  hookUrl(account: Account): string | null {
    const base = this.options.publicUrl;
    if (!base) return null;
    const { facts } = account.platform;
    return facts.hooks.perApp ? `${base}/hooks/${facts.id}` : `${base}/hooks/${facts.id}/${account.row.hookKey}`;
  }

  on(listener: (event: EngineEvent) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  lane(accountId: number): Lane | undefined {
    return this.lanes.get(accountId);
  }

  /** Stock moved outside the inbox (a person, an import): every lane looks. */
  stockMoved(): void {
    this.wakeAll('push');
    this.reorder.stockMoved();
  }

  /** I13: rises wait until every live channel's feeds are read up to the start. */
  mayRaise(): boolean {
    return this.caughtUp;
  }

  async settingsChanged(): Promise<void> {
    await this.registry.reload();
    for (const id of this.lanes.keys()) if (!this.registry.byId(id)) await this.closeLane(id);
    for (const account of this.registry.all()) if (!this.lanes.has(account.row.id)) await this.startLane(account);
    this.checkCaughtUp();
    for (const what of ['push', 'poll', 'audit', 'fetch'] as const) this.wakeAll(what);
  }

  /** All traffic of an account ends. */
  async closeLane(accountId: number): Promise<void> {
    const lane = this.lanes.get(accountId);
    this.lanes.delete(accountId);
    await lane?.stop();
  }

  private async startLane(account: Account): Promise<void> {
    const lane = new Lane(
      this.context,
      account,
      this.holder,
      { applied: (report) => this.applied(report), heard: () => this.checkCaughtUp() },
      {
        mayRaise: () => this.caughtUp,
        hooksWork: (one) => this.watchdog.hooksWork(one),
        hurry: () => !this.caughtUp,
        fetched: this.fetched,
        stages: this.stages,
      },
      account.platform.receive ? this.queue : undefined,
    );
    this.lanes.set(account.row.id, lane);
    await lane.start();
  }

  private checkCaughtUp(): void {
    if (this.caughtUp) return;
    const live = this.registry
      .all()
      .filter((account) => account.row.stoppedReason === null && account.channels.some((one) => one.mode === 'live'));
    const behind = live.filter((account) => {
      const lane = this.lanes.get(account.row.id);
      return lane !== undefined && lane.feeds.toldUpTo() < this.startedAt;
    });
    if (behind.length > 0) return;
    this.caughtUp = true;
    for (const lane of this.lanes.values())
      lane.resumeRises().catch((error) => this.context.log.error({ err: error }, 'rises could not be resumed'));
  }

  private applied(report: PostingReport): void {
    const at = iso(this.context.clock.now());
    if (report.items.size > 0) this.stockMoved();
    for (const { account, doc, items } of report.documents) {
      this.emit({ kind: 'posted', accountId: account.row.id, doc, items: [...items], at });
      this.lanes.get(account.row.id)?.wake('audit');
      // Its own cells are marked even where the ledger did not move.
      this.lanes.get(account.row.id)?.wake('push');
    }
    for (const id of report.wished) this.lanes.get(id)?.wake('fetch');
  }

  private wakeAll(what: Parameters<Lane['wake']>[0]): void {
    for (const lane of this.lanes.values()) lane.wake(what);
  }

  private emit(event: EngineEvent): void {
    for (const listener of this.listeners) listener(event);
  }

  private async keepHouse(): Promise<number> {
    const now = this.context.clock.now();
    for (const account of this.registry.all()) {
      const due = this.listingsDue.get(account.row.id) ?? this.startedAt + LISTINGS_EVERY_MS;
      if (due > now || account.row.stoppedReason !== null || !this.lanes.get(account.row.id)?.health().leased) continue;
      this.listingsDue.set(account.row.id, now + LISTINGS_EVERY_MS);
      this.applied((await refreshListings(this.context, account)).posted);
    }
    for (const id of await expiredHolds(this.context.db, iso(now)))
      await endHold(this.context, id, 'engine: its end came');
    await this.watchdog.look(now);
    return WATCH_EVERY_MS;
  }
}
