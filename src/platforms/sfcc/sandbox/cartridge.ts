import { createHmac } from 'node:crypto';
import { HookSender } from '../../../platform/sandbox-kit/index.ts';
import { SIGNATURE_HEADER, TIME_HEADER } from '../webhook.ts';
import type { Realm } from './realm.ts';

const JOB_MS = 60_000;

/**
 * What the cartridge int_onhand does in an instance: tells of an order when it is placed, once and never again, and by its job,
 * each minute and until it was heard, of every order that changed.
 */
export class Cartridge {
  readonly secret: string;
  private readonly once: HookSender;
  private readonly job: HookSender;
  url = '';

  constructor(private readonly realm: Realm) {
    this.secret = `${realm.options.name.replaceAll('-', '')}Key4Cartridge81`;
    const shared = { bodyFrom: 'attempt', offAfter: null, timeoutMs: 10_000 } as const;
    this.once = new HookSender({
      ...realm.options,
      plan: { ...shared, delayMs: (random) => 200 + random() * 800, retriesMs: [], coalesce: false },
    });
    this.job = new HookSender({
      ...realm.options,
      plan: {
        ...shared,
        delayMs: (_, nowMs) => JOB_MS - (nowMs % JOB_MS),
        retriesMs: Array.from({ length: 60 }, () => JOB_MS),
        coalesce: true,
      },
    });
  }

  placed(orderNo: string): void {
    this.send(this.once, orderNo);
  }

  changed(orderNo: string): void {
    this.send(this.job, orderNo);
  }

  private send(sender: HookSender, orderNo: string): void {
    if (this.url === '') return;
    const body = JSON.stringify({ siteId: this.realm.site, orders: [orderNo] });
    sender.send({
      subscription: 'int_onhand',
      key: orderNo,
      build: () => {
        const time = String(Math.floor(this.realm.options.clock.now() / 1000));
        const signature = createHmac('sha256', this.secret).update(`${time}.${body}`).digest('hex');
        return {
          method: 'POST',
          url: this.url,
          headers: { 'content-type': 'application/json', [TIME_HEADER]: time, [SIGNATURE_HEADER]: signature },
          body,
        };
      },
    });
  }

  quiet(): boolean {
    return this.once.quiet() && this.job.quiet();
  }

  close(): void {
    this.once.close();
    this.job.close();
  }
}
