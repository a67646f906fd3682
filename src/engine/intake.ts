import type { Delivery, Verdict } from '../platform/contract.ts';
import { insertDeliveries, type NewDelivery } from '../store/intake.ts';
import type { Account, EngineContext } from './context.ts';
import { GroupCommit } from './group-commit.ts';

/** What the sender is answered. */
export interface Answer {
  status: number;
  headers?: Record<string, string>;
  body?: string;
}

/** Headers that can carry a secret of ours are not stored. */
const UNSTORED = /^(authorization|proxy-authorization|cookie)$|token|secret|password|api-?key/;

const REFUSED_STATUS: Record<Extract<Verdict, { verdict: 'refused' }>['why'], number> = {
  'no-secret': 401,
  'no-signature': 401,
  'bad-signature': 401,
  stale: 401,
  malformed: 400,
};

/**
 * The entrance: verify raw bytes, store, answer. Nothing is decoded here and no budget is spent, so that the answer comes
 * within a second even when a shop's whole backlog arrives at once (Odoo waits one second, WooCommerce gives up after
 * five failures).
 */
export class Intake {
  private readonly store: GroupCommit<NewDelivery>;

  constructor(
    private readonly context: EngineContext,
    private readonly woken: () => void,
  ) {
    this.store = new GroupCommit((deliveries) => insertDeliveries(context.db, deliveries));
  }

  /** Resolves when the delivery is durable, or refused. */
  async accept(account: Account, delivery: Delivery): Promise<Answer> {
    const now = this.context.clock.now();
    const verdict = account.platform.verify(delivery, account.config, now);
    if (verdict.verdict === 'handshake') return verdict.reply;
    if (verdict.verdict === 'refused') {
      this.context.accounts.refused(account.row.id, verdict.why);
      return {
        status: REFUSED_STATUS[verdict.why],
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ error: verdict.why, next: verdict.say }),
      };
    }
    this.context.accounts.heard(account.row.id, now);
    await this.store.add({
      accountId: account.row.id,
      topic: verdict.topic,
      hint: verdict.deliveryId ?? null,
      method: delivery.method,
      path: delivery.path,
      headers: Object.fromEntries(Object.entries(delivery.headers).filter(([name]) => !UNSTORED.test(name))),
      body: delivery.body,
      receivedAt: delivery.receivedAt,
    });
    this.woken();
    return { status: 200 };
  }
}
