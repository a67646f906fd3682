import type { FeedPage } from '../platform/contract.ts';
import { type FeedRow, loadFeeds, saveFeed, saveFeedFailed } from '../store/feeds.ts';
import { tell } from '../store/notices.ts';
import { type Account, type EngineContext, iso } from './context.ts';
import { orderFeeds } from './manner.ts';
import type { PostingReport } from './posting.ts';
import { applySignals } from './signals.ts';
import { isPassing } from './store-errors.ts';

/** As many polls are remembered as a change may reasonably wait to be fetched. */
const POLLS_KEPT = 200;

/** One account's feeds: cursors, how far each is complete, and when each is due. */
export class Feeds {
  private rows = new Map<string, FeedRow>();
  /** How often every feed was read to its end since the start. */
  get polls(): number {
    const counts = Object.keys(this.account.platform.facts.feeds).map((name) => this.done.get(name) ?? 0);
    return counts.length === 0 ? Number.POSITIVE_INFINITY : Math.min(...counts);
  }
  private readonly done = new Map<string, number>();
  /** How far each feed told, poll by poll: the newest last. */
  private readonly history = new Map<string, { at: number; completeTo: number }[]>();

  constructor(
    private readonly context: EngineContext,
    private readonly account: Account,
    private readonly applied: (report: PostingReport) => void,
  ) {}

  async load(): Promise<void> {
    const names = Object.keys(this.account.platform.facts.feeds);
    const rows = await loadFeeds(this.context.db, this.account.row.id, names, this.account.row.openedAt);
    this.rows = new Map(rows.map((row) => [row.feed, row]));
    for (const row of rows) this.remember(row.feed, row.polledAt, row.completeTo);
  }

  /**
   * Everything the platform stamped up to here is in the ledger, milliseconds since 1970; -Infinity while unknown.
   * `waitingSince`: when the oldest change that was told and is not fetched yet was told. What was read after it is not
   * heard yet: a thin event names an order and says nothing of it.
   */
  heardUpTo(waitingSince = Number.POSITIVE_INFINITY): number {
    const times = orderFeeds(this.account.platform.facts).map(([name, facts]) => {
      const told = this.history.get(name)?.findLast((poll) => poll.at < waitingSince)?.completeTo;
      return told === undefined ? Number.NEGATIVE_INFINITY : told - facts.lagMs;
    });
    return times.length === 0 ? Number.NEGATIVE_INFINITY : Math.min(...times);
  }

  /** As heardUpTo, without the lag: how far the platform has told. Infinity for accounts without order feeds. */
  toldUpTo(): number {
    const times = orderFeeds(this.account.platform.facts).map(([name]) => {
      const completeTo = this.rows.get(name)?.completeTo;
      return completeTo ? Date.parse(completeTo) : Number.NEGATIVE_INFINITY;
    });
    return times.length === 0 ? Number.POSITIVE_INFINITY : Math.min(...times);
  }

  /** Milliseconds until the next feed is due; `alone`: no webhook works, so the feeds are the trigger. */
  dueInMs(alone: boolean, hurry: boolean): number {
    const now = this.context.clock.now();
    const facts = this.account.platform.facts.feeds;
    const waits = Object.entries(facts).map(([name, feed]) => {
      const polledAt = this.rows.get(name)?.polledAt;
      const every = alone ? feed.everyMsAlone : feed.everyMs;
      return polledAt ? Date.parse(polledAt) + (hurry ? Math.min(every, feed.everyMsAlone) : every) - now : 0;
    });
    return Math.max(0, Math.min(...waits, 60_000));
  }

  /** Polls every feed that is due, page by page; signals and cursor are stored together. */
  async pollDue(alone: boolean, hurry: boolean): Promise<void> {
    for (const [name, facts] of Object.entries(this.account.platform.facts.feeds)) {
      const row = this.rows.get(name);
      const every = alone || hurry ? Math.min(facts.everyMs, facts.everyMsAlone) : facts.everyMs;
      if (row?.polledAt && Date.parse(row.polledAt) + every > this.context.clock.now()) continue;
      await this.poll(name);
    }
  }

  /** One feed to its present end. */
  async poll(name: string): Promise<void> {
    let more = true;
    while (more) {
      const row = this.rows.get(name)!;
      const page = await this.account.platform
        .poll(this.account.client, this.account.config, name, row.cursor, row.since)
        .catch(async (error: Error) => {
          await saveFeedFailed(this.context.db, this.account.row.id, name, error.message);
          throw error;
        });
      const at = iso(this.context.clock.now());
      const report = await this.apply(name, page, at).catch((error) => {
        if (isPassing(error)) throw error;
        return this.applyOneByOne(name, page, at);
      });
      this.rows.set(name, {
        ...row,
        cursor: page.cursor,
        completeTo: later(row.completeTo, page.completeTo),
        polledAt: at,
        failed: null,
      });
      // Noted with the time after the page was applied: its own wishes are older, and must count as waiting.
      this.remember(name, iso(this.context.clock.now()), later(row.completeTo, page.completeTo));
      this.applied(report);
      more = page.more;
    }
    this.done.set(name, (this.done.get(name) ?? 0) + 1);
  }

  private remember(feed: string, at: string | null, completeTo: string | null): void {
    if (at === null || completeTo === null) return;
    const polls = [...(this.history.get(feed) ?? []), { at: Date.parse(at), completeTo: Date.parse(completeTo) }];
    this.history.set(feed, polls.slice(-POLLS_KEPT));
  }

  /** Signals and cursor in one transaction: a crash between them can lose neither. */
  private apply(name: string, page: FeedPage, at: string): Promise<PostingReport> {
    return this.context.db.transaction(async (tx) => {
      const heard = [{ account: this.account, signals: page.signals, heardAt: at }];
      const posted = await applySignals(tx, this.context, heard);
      await saveFeed(tx, this.account.row.id, name, { cursor: page.cursor, completeTo: page.completeTo, at });
      return posted;
    });
  }

  /** One row poisons the page: every other row is applied, the bad one is put before a person, the cursor moves on. */
  private async applyOneByOne(name: string, page: FeedPage, at: string): Promise<PostingReport> {
    for (const signal of page.signals) {
      const heard = [{ account: this.account, signals: [signal], heardAt: at }];
      try {
        this.applied(await this.context.db.transaction((tx) => applySignals(tx, this.context, heard)));
      } catch (error) {
        if (isPassing(error)) throw error;
        await tell(
          this.context.db,
          {
            code: 'feed-row-aside',
            accountId: this.account.row.id,
            text: `A row of the feed ${name} of ${this.account.row.key} was refused: ${(error as Error).message}`,
            next: 'The rest was applied. Look at the order on the platform; a correction there is heard as usual.',
            data: signal.kind === 'document' ? { doc: signal.doc.doc } : { kind: signal.kind },
          },
          at,
        );
      }
    }
    return this.apply(name, { ...page, signals: [] }, at);
  }
}

function later(a: string | null, b: string | null): string | null {
  if (a === null || b === null) return a ?? b;
  return Date.parse(a) >= Date.parse(b) ? a : b;
}
