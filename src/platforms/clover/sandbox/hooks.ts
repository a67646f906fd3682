import { HookSender, type StockItem, type StockOrder } from '../../../platform/sandbox-kit/index.ts';
import { uuidFrom } from '../../../runtime/random.ts';
import { AUTH_HEADER } from '../webhook.ts';
import { type Merchant, paymentId } from './merchant.ts';

type Kind = 'CREATE' | 'UPDATE' | 'DELETE';

const MINUTE_MS = 60_000;

/** The app's one webhook address: thin events, a static header, no signature. */
export class Hooks {
  readonly sender: HookSender;
  url = '';

  constructor(private readonly merchant: Merchant) {
    this.sender = new HookSender({
      ...merchant.options,
      plan: {
        delayMs: (draw) => 200 + draw() ** 3 * 15_000,
        // Clover documents none; these are the stand-in's own.
        retriesMs: [1, 5, 30].map((minutes) => minutes * MINUTE_MS),
        bodyFrom: 'event',
        coalesce: false,
        offAfter: null,
      },
    });
  }

  /** What a till does: the order changes once or more, and so does its payment. */
  order(order: StockOrder, type: Kind): void {
    this.send([[`O:${order.id}`, type]]);
  }

  payment(order: StockOrder, type: Kind): void {
    this.send([[`P:${paymentId(order)}`, type]]);
  }

  item(item: StockItem, type: Kind): void {
    this.send([[`I:${item.id}`, type]]);
  }

  /** Sent for counts that people or programs set, not for sales; the old topic is still sent beside it. */
  itemStock(item: StockItem): void {
    this.send([
      [`I:${item.id}`, 'UPDATE'],
      [`IS:${item.id}`, 'UPDATE'],
    ]);
  }

  uninstalled(): void {
    this.send([[`A:${this.merchant.appId}`, 'DELETE']]);
  }

  /** Somebody presses "Send Verification Code". */
  verify(): string {
    const code = uuidFrom(this.merchant.options.random);
    this.post('verification', JSON.stringify({ verificationCode: code }), {});
    return code;
  }

  private send(entries: [objectId: string, type: Kind][]): void {
    const { merchantId, appId, authCode, options } = this.merchant;
    const ts = Math.floor(options.clock.now());
    const body = JSON.stringify({
      appId,
      merchants: { [merchantId]: entries.map(([objectId, type]) => ({ objectId, type, ts })) },
    });
    this.post(entries[0]![0], body, { [AUTH_HEADER]: authCode });
  }

  private post(key: string, body: string, headers: Record<string, string>): void {
    const { url } = this;
    if (url === '') return;
    this.sender.send({
      subscription: 'app',
      key,
      build: () => ({ method: 'POST', url, headers: { 'content-type': 'application/json', ...headers }, body }),
    });
  }
}
