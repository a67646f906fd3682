import type { Sandbox, SandboxOptions, Shopper } from '../../platform/sandbox.ts';
import { type StockEvent, shopperOf } from '../../platform/sandbox-kit/index.ts';
import { type Account, addRefund, dropSale, itemNotes, openAccount, saleNotes, touchSale } from './sandbox/account.ts';
import { refusal } from './sandbox/answers.ts';
import { Endpoint } from './sandbox/endpoint.ts';
import { Tokens } from './sandbox/tokens.ts';

/** What the merchant's staff can do beyond what every sandbox's shopper does; for tests of this platform. */
export interface LightspeedSandbox extends Sandbox {
  staff: {
    /** Sets units aside for a customer; the answer is the number of the (later) sale. */
    layaway(sku: string, location: string, units: number): string;
    /** The customer fetches and pays what was set aside. */
    collect(order: string): boolean;
    /** The customer does not come: the line is deleted. */
    giveUp(order: string): boolean;
    setType(sku: string, itemType: string): void;
    archiveItem(sku: string): void;
    archiveShop(location: string): void;
    setReference(order: string, source: string, number: string): void;
    removeScope(scope: string): void;
    revoke(): void;
  };
  refusedCalls(): number;
}

/** Between a look at an item and its sale, online. */
const CART_MS = 2_000;

/**
 * One Lightspeed Retail account: shops with tills that sell whatever is in the hand, parked sales, layaways that leave QOH at
 * once, refunds as sales of their own that always go back on the shelf, and nobody who tells of anything.
 */
export function lightspeedSandbox(options: SandboxOptions): LightspeedSandbox {
  const account = openAccount(options);
  const { book } = account;
  const tokens = new Tokens(account);
  const endpoint = new Endpoint(account, tokens);
  const stop = book.onChange((event) => tell(event, account));
  const item = (sku: string) => book.shelves.item(sku)!;
  const orderOf = (id: string) => book.order(id)!;

  return {
    platform: 'lightspeed-r',
    account: account.accountId,
    config: ({ api }) => ({
      account: account.accountId,
      accessToken: tokens.first.access,
      refreshToken: tokens.first.refresh,
      accessTokenEndsAtMs: Math.floor(tokens.first.endsAtMs),
      clientId: tokens.clientId,
      clientSecret: tokens.clientSecret,
      apiUrl: api,
      authUrl: api,
    }),
    async handle(request) {
      const answer = await endpoint.handle(request);
      return { ...answer, headers: { ...answer.headers, date: new Date(options.clock.now()).toUTCString() } };
    },
    fault: (kind) =>
      kind === 'throttled'
        ? refusal(429, 'Rate limit exceeded.', { 'x-ls-api-ratelimit-type': 'api-leaky-bucket', 'retry-after': '3' })
        : refusal(503, 'Service Unavailable'),
    seed(items) {
      book.seed(items);
    },
    shopper: shopper(account),
    book: () => book.book(),
    shown: () => book.shown(),
    oversold: () => book.oversold(),
    // Nothing is ever sent.
    quiet: () => true,
    close: () => stop(),
    refusedCalls: () => endpoint.limiter.refused,
    staff: {
      layaway(sku, location, units) {
        const placed = book.place({
          lines: [{ item: item(sku), quantity: units }],
          location,
          sell: { policy: 'below-zero' },
          paid: true,
          extra: { layaway: true },
        });
        if (!placed.ok) throw new Error(placed.why);
        return placed.order.id;
      },
      collect: (order) => book.fulfil(orderOf(order)),
      giveUp: (order) => book.cancel(orderOf(order)),
      setType(sku, itemType) {
        itemNotes(item(sku)).itemType = itemType;
      },
      archiveItem(sku) {
        itemNotes(item(sku)).archived = true;
      },
      archiveShop(location) {
        for (const shop of account.shops) if (shop.id === location) shop.archived = true;
      },
      setReference(order, source, number) {
        saleNotes(orderOf(order)).reference = { source, number };
        book.touch(orderOf(order));
      },
      removeScope: (scope) => void tokens.scopes.delete(scope),
      revoke: () => tokens.revoke(),
    },
  };
}

/** What happens in the book, as the lists of sales show it. */
function tell(event: StockEvent, account: Account): void {
  if (event.kind !== 'order') return;
  const { order, cause, refund } = event;
  if (cause === 'refunded' && refund && !saleNotes(order).voided) addRefund(account, order, refund);
  else if (cause === 'cancelled' && saleNotes(order).layaway) dropSale(account, order);
  else touchSale(account, order);
}

/** A sale stands at one shop: online orders are rung up at the first that has all of it. What is paid is gone. */
function shopper(account: Account): Shopper {
  const { book, shops, options } = account;
  const till = { policy: 'below-zero' } as const;
  const online = { policy: 'racy', windowMs: CART_MS / options.factor } as const;
  const base = shopperOf(book, { online, till });
  return {
    ...base,
    buy({ lines, location, paid = true }) {
      const items = [];
      for (const line of lines) {
        const found = book.shelves.item(line.sku);
        if (!found) return { ok: false, why: `there is no item ${line.sku}` };
        items.push({ item: found, quantity: line.quantity });
      }
      let answer: ReturnType<typeof book.place> = { ok: false, why: 'no shop is open' };
      const places = location === null ? shops.filter(({ archived }) => !archived).map(({ id }) => id) : [location];
      for (const place of places) {
        answer = book.place({ lines: items, location: place, sell: location === null ? online : till, paid });
        if (answer.ok) break;
      }
      if (!answer.ok) return answer;
      if (paid) book.fulfil(answer.order);
      return { ok: true, order: answer.order.id };
    },
    pay(id) {
      const order = book.order(id);
      const paid = order !== undefined && book.pay(order);
      if (paid) book.fulfil(order);
      return paid;
    },
    /** Parked sales are archived; completed ones are voided, which puts everything back. */
    cancel(id) {
      const order = book.order(id);
      if (!order || order.cancelledAtMs !== null) return false;
      const notes = saleNotes(order);
      if (order.paidAtMs === null) {
        notes.archived = true;
        return book.cancel(order);
      }
      if (notes.voided || order.refunds.length > 0) return false;
      notes.voided = true;
      const units = order.lines.map((line) => ({ line, quantity: line.quantity }));
      return book.refund(order, units, { restock: true });
    },
    /** Lightspeed puts every refunded unit back. */
    refund(id, line, restock) {
      const order = book.order(id);
      return restock && order !== undefined && !saleNotes(order).voided && base.refund(id, line, true);
    },
  };
}
