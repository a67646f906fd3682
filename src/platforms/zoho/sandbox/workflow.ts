import { HookSender, type StockEvent } from '../../../platform/sandbox-kit/index.ts';
import { type Organization, stamp } from './organization.ts';
import { numberOf, orderSummary } from './rows.ts';

/** Workflow rules run shortly after the record was saved. */
const DELAY_MS = 3_000;

/** The workflow rules of the set-up guide: every change of a sales order, and every received return. Sent once. */
export class Workflow {
  readonly #sender: HookSender;

  constructor(private readonly organization: Organization) {
    const { clock, random, factor, deliver } = organization.options;
    this.#sender = new HookSender({
      clock,
      random,
      factor,
      deliver,
      plan: {
        delayMs: (draw) => draw() * DELAY_MS,
        retriesMs: [],
        bodyFrom: 'event',
        coalesce: false,
        offAfter: null,
      },
    });
    organization.book.onChange((event) => this.#hear(event));
  }

  quiet(): boolean {
    return this.#sender.quiet();
  }

  close(): void {
    this.#sender.close();
  }

  #hear(event: StockEvent): void {
    if (event.kind !== 'order') return;
    const { order, refund } = event;
    if (refund?.of === 'return') {
      if (!refund.restock) return;
      this.#send('return', {
        salesreturn_id: this.organization.idOf(refund),
        salesorder_id: order.id,
        receive_status: 'received',
      });
      return;
    }
    const { status } = orderSummary(order);
    this.#send('order', {
      salesorder_id: order.id,
      salesorder_number: numberOf(order),
      status,
      last_modified_time: stamp(order.changedAtMs),
    });
  }

  #send(rule: string, body: Record<string, unknown>): void {
    const { hookUrl, webhookSecret } = this.organization;
    if (!hookUrl) return;
    const url = new URL(hookUrl);
    url.searchParams.set('token', webhookSecret);
    const request = {
      method: 'POST' as const,
      url: url.toString(),
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    };
    this.#sender.send({ subscription: rule, key: rule, build: () => request });
  }
}
