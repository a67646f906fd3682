import { toOrder } from '../domain/reorder.ts';
import { uuidFrom } from '../runtime/random.ts';
import { closeNotice, tell } from '../store/notices.ts';
import {
  type AlertRow,
  anyReorder,
  claimAlerts,
  crossedReorders,
  dropAlerts,
  insertAlerts,
  loadReceiver,
  markReorders,
  nextAlertDue,
  settleAlert,
} from '../store/reorder-alerts.ts';
import { type EngineContext, iso } from './context.ts';
import { recomputeReorders } from './reorder.ts';
import type { Attempted, ReorderReceiver } from './reorder-receiver.ts';
import { Track } from './track.ts';

const IDLE_MS = 60_000;
/** Sales come in bursts: looked at once in this time. */
const REST_MS = 1_000;
const LOOKED_AT_TOGETHER = 500;
const SENT_TOGETHER = 10;
/** Longer than any attempt takes: a process that died while sending leaves its alerts to be sent by another then. */
const CLAIM_MS = 60_000;
const [SECOND, MINUTE, HOUR] = [1_000, 60_000, 3_600_000];
/** The waits that Standard Webhooks recommends between attempts: three days in all. */
const WAITS_MS = [5 * SECOND, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR];

/**
 * Sees items fall to their reorder point and tells the receiver, once per fall: again only after they were above it. What
 * is to be sent is stored with the crossing, so a crash in between loses nothing; an alert may arrive twice, with one id.
 */
export class ReorderWatch {
  private readonly track: Track;
  /** Most stores have none, and then nothing is asked when stock moves. */
  private some = true;

  constructor(
    private readonly context: EngineContext,
    readonly receiver: ReorderReceiver,
  ) {
    this.track = new Track(
      context.clock,
      () => this.round(),
      (error) => {
        context.log.warn({ err: error }, 'the watch over reorder points had to pause');
        return 30_000;
      },
      REST_MS,
    );
  }

  start = () => this.track.start();
  stop = () => this.track.stop();

  stockMoved(): void {
    if (this.some) this.track.wake();
  }

  /** Points or the receiver were set. */
  changed(): void {
    this.track.wake();
  }

  /** @returns how long to wait, unless stock moves */
  private async round(): Promise<number> {
    const { db, clock } = this.context;
    this.some = await anyReorder(db);
    let more = false;
    if (this.some) {
      more = (await recomputeReorders(this.context)) > 0;
      more = (await this.look()) === LOOKED_AT_TOGETHER || more;
    }
    const due = await nextAlertDue(db);
    if (due !== null && due <= clock.now()) more = (await this.deliver()) > 0 || more;
    if (more) return 0;
    return due === null ? IDLE_MS : Math.min(IDLE_MS, Math.max(0, due - clock.now()));
  }

  private async look(): Promise<number> {
    const { db, clock, random } = this.context;
    const now = clock.now();
    return db.transaction(async (tx) => {
      const crossed = await crossedReorders(tx, LOOKED_AT_TOGETHER);
      if (crossed.length === 0) return 0;
      await markReorders(tx, crossed, iso(now));
      if (await loadReceiver(tx)) {
        const low = crossed.filter((row) => row.low);
        await insertAlerts(
          tx,
          low.map((row) => ({ ...row, message: uuidFrom(random) })),
          now,
        );
      }
      return crossed.length;
    });
  }

  /** @returns how many alerts were looked after */
  private async deliver(): Promise<number> {
    const { db, clock } = this.context;
    const now = clock.now();
    const alerts = await claimAlerts(db, now, now + CLAIM_MS, SENT_TOGETHER);
    const receiver = await this.receiver.load();
    const wanted = alerts.filter((alert) => alert.low && receiver);
    // What was filled up meanwhile is news no more.
    await dropAlerts(
      db,
      alerts.filter((alert) => !wanted.includes(alert)).map((alert) => alert.id),
    );
    await Promise.all(
      wanted.map(async (alert) => {
        const attempted = await this.receiver.send(receiver!, alert.message, this.messageOf(alert));
        await this.settle(alert, attempted);
      }),
    );
    return alerts.length;
  }

  private messageOf(alert: AlertRow) {
    const { sku, title, location, available } = alert;
    const levels = { point: alert.point ?? 0, upTo: alert.upTo ?? 0 };
    return {
      type: 'reorder.low',
      timestamp: alert.at,
      data: {
        sku,
        title,
        location,
        available,
        ...levels,
        order: toOrder(available, levels),
        asOf: iso(this.context.clock.now()),
      },
    };
  }

  private async settle(alert: AlertRow, { ok, said, gone, retryAfterMs }: Attempted): Promise<void> {
    const { db, clock, random } = this.context;
    const now = clock.now();
    if (ok) {
      await settleAlert(db, alert.id, { dueAt: null, sentAt: iso(now), failed: null });
      for (const code of ['reorder-alert-failing', 'reorder-alert-lost']) await closeNotice(db, { code }, iso(now));
      return;
    }
    const wait = gone ? undefined : WAITS_MS[alert.tries];
    const dueAt = wait === undefined ? null : now + Math.max(wait * (0.9 + random() / 5), retryAfterMs ?? 0);
    await settleAlert(db, alert.id, { dueAt, sentAt: null, failed: said });
    const low = `${alert.sku} is low at ${alert.location}`;
    const next = 'What is low: onhand reorder. Another receiver: onhand reorder notify --url URL.';
    const notice =
      dueAt === null
        ? { code: 'reorder-alert-lost', text: `Nobody was told that ${low}: ${said}. It is not tried again.`, next }
        : {
            code: 'reorder-alert-failing',
            text: `An alert (${low}) could not be sent: ${said}.`,
            next: `It is tried again for three days. ${next}`,
          };
    if (dueAt === null) await closeNotice(db, { code: 'reorder-alert-failing' }, iso(now));
    await tell(db, notice, iso(now));
    this.context.events.emit({ kind: 'notice', code: notice.code, text: notice.text, at: iso(now) });
  }
}
