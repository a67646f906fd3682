import { closeNotice, tell } from '../store/notices.ts';
import { type Account, type EngineContext, iso } from './context.ts';
import type { Registry } from './registry.ts';

/**
 * A hook that fell silent, or switched itself off, looks exactly like a quiet day. When nothing authentic arrived for as
 * long as the platform's facts allow, the subscription is looked at (and switched on again where the vendor lets us);
 * until something arrives the feeds are polled as if there were no hooks.
 */
export class Watchdog {
  private readonly works = new Map<number, boolean>();
  private readonly lookedAt = new Map<number, number>();

  constructor(
    private readonly context: EngineContext,
    private readonly registry: Registry,
    private readonly hookUrl: (account: Account) => string | null,
  ) {}

  /** false: poll as often as a platform without webhooks. */
  hooksWork(account: Account): boolean {
    const { kind } = account.platform.facts.hooks;
    if (kind === 'none' || (kind === 'webhook' && this.hookUrl(account) === null)) return false;
    const heardAt = this.registry.lifeOf(account.row.id).heardAt;
    if (heardAt === null) return false;
    return this.works.get(account.row.id) ?? true;
  }

  async look(now: number): Promise<void> {
    for (const account of this.registry.all()) await this.lookAt(account, now);
  }

  private async lookAt(account: Account, now: number): Promise<void> {
    const { platform, row } = account;
    const url = this.hookUrl(account);
    const { kind } = platform.facts.hooks;
    if (kind === 'none' || (kind === 'webhook' && url === null) || row.stoppedReason !== null) return;
    const heardAt = this.registry.lifeOf(row.id).heardAt ?? Date.parse(row.openedAt);
    const silent = now - heardAt > platform.facts.hooks.silentAfterMs;
    if (!silent) {
      if (this.works.get(row.id) === false)
        await closeNotice(this.context.db, { code: 'hooks-silent', accountId: row.id }, iso(now));
      this.works.set(row.id, true);
      return;
    }
    this.works.set(row.id, false);
    if (!platform.checkSubscription) return;
    if (now - (this.lookedAt.get(row.id) ?? 0) < platform.facts.hooks.silentAfterMs) return;
    this.lookedAt.set(row.id, now);
    const checks = await platform.checkSubscription(account.client, account.config, url ?? '');
    const bad = checks.filter((check) => !check.ok);
    if (bad.length === 0) return;
    await tell(
      this.context.db,
      {
        code: 'hooks-silent',
        accountId: row.id,
        text: `No webhook of ${platform.facts.name} (${row.key}) for ${Math.round((now - heardAt) / 60_000)} minutes: ${bad.map((check) => check.found).join('; ')}`,
        next: `${bad.map((check) => check.next ?? '').join(' ')} Meanwhile it is polled.`,
        data: bad,
      },
      iso(now),
    );
  }
}
