import { loadFeedTimes } from '../store/feeds.ts';
import { heldLeases } from '../store/leases.ts';
import type { Account, EngineContext } from './context.ts';
import { type LaneHealth, laneLeaseName } from './lane.ts';
import { Track } from './track.ts';

const EVERY_MS = 60_000;
const TIMEOUT_MS = 10_000;
/** A feed is late when it was not read for so many of its intervals, and a minute. */
const INTERVALS = 3;

/**
 * Calls an address each minute while everything that is live works, so that somebody outside notices when the calls stop:
 * an engine that is dead, hangs or has lost its store or its line cannot tell anybody itself. Several processes over one
 * store each look at all lanes: those that another holds are judged by their lease and their feeds.
 */
export class Heartbeat {
  private readonly track: Track;
  /** Why it is silent; null while it calls. Said in the log when it changes. */
  private silent: string | null = null;

  constructor(
    private readonly context: EngineContext,
    private readonly url: string,
    private readonly healthOf: (accountId: number) => LaneHealth | undefined,
  ) {
    this.track = new Track(
      context.clock,
      async () => {
        const trouble = (await this.trouble()) ?? (await this.call());
        this.said(trouble);
        return EVERY_MS;
      },
      (error) => {
        this.said(`the store does not answer: ${(error as Error).message}`);
        return EVERY_MS;
      },
    );
  }

  start = () => this.track.start();
  stop = () => this.track.stop();

  /** What keeps it from calling, for people; null when everything that is live works. */
  async trouble(): Promise<string | null> {
    const { accounts, db, clock } = this.context;
    const live = accounts.all().filter((account) => account.channels.some((channel) => channel.mode === 'live'));
    // Also proves that the store answers when nothing is live.
    const leases = new Set(await heldLeases(db));
    const polled = new Map(
      (await loadFeedTimes(db)).map((row) => [`${row.accountId} ${row.feed}`, row.polledAt] as const),
    );
    for (const account of live) {
      const { id, key, stoppedReason } = account.row;
      const name = `${account.platform.facts.name} (${key})`;
      if (stoppedReason !== null) return `${name} is stopped: ${stoppedReason}`;
      if (!leases.has(laneLeaseName(id))) return `nobody holds the lane of ${name}`;
      const failing = this.healthOf(id)?.failing;
      if (failing) return `${name} fails since ${failing.since}: ${failing.reason}`;
      const late = this.lateFeed(account, polled, clock.now());
      if (late) return `the feed ${late} of ${name} is not heard`;
    }
    return null;
  }

  private lateFeed(account: Account, polled: Map<string, string | null>, now: number): string | undefined {
    return Object.entries(account.platform.facts.feeds).find(([feed, facts]) => {
      const at = polled.get(`${account.row.id} ${feed}`);
      const longest = Math.max(facts.everyMs, facts.everyMsAlone);
      return !at || now - Date.parse(at) > INTERVALS * longest + EVERY_MS;
    })?.[0];
  }

  private async call(): Promise<string | null> {
    try {
      const request = { method: 'GET', url: this.url, headers: {} } as const;
      const { status } = await this.context.transport(request, { timeoutMs: TIMEOUT_MS });
      return status < 300 ? null : `${new URL(this.url).host} answered ${status}`;
    } catch (error) {
      return (error as Error).message;
    }
  }

  private said(trouble: string | null): void {
    if (trouble !== null && this.silent === null) this.context.log.warn({ why: trouble }, 'no heartbeat is sent');
    if (trouble === null && this.silent !== null) this.context.log.info({}, 'heartbeats are sent again');
    this.silent = trouble;
  }
}
