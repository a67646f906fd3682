import { NO_LOCATION } from '../../platform/contract.ts';
import type { Sandbox, SandboxOptions, Shopper } from '../../platform/sandbox.ts';
import { availableOf, type StockEvent, shopperOf } from '../../platform/sandbox-kit/index.ts';
import { Endpoint, THROTTLED, UNAVAILABLE } from './sandbox/endpoint.ts';
import { Hooks } from './sandbox/hooks.ts';
import { itemNotes, type Merchant, openMerchant, orderNotes } from './sandbox/merchant.ts';
import { Tokens } from './sandbox/tokens.ts';

/** What the merchant's staff can do beyond what every sandbox's shopper does; for tests of this platform. */
export interface CloverSandbox extends Sandbox {
  staff: {
    /** Sold by weight: lines carry an amount in thousandths. */
    sellByWeight(sku: string): void;
    deleteItem(sku: string): void;
    /** Inventory > Setup. */
    setUp(properties: { trackStock?: boolean; updateStock?: boolean }): void;
    removePermission(permission: string): void;
    /** Removes the app. */
    uninstall(): void;
    /** Presses "Send Verification Code" in the Developer Dashboard. */
    sendVerificationCode(): string;
    /** Clover stops sorting lists by what is asked for. */
    stopSorting(): void;
    markAsTest(order: string): void;
  };
  refusedCalls(): number;
}

/** Between a look at an item and its sale, online. */
const CART_MS = 2_000;

/**
 * One merchant's account at Clover: tills that sell whatever is in the hand, one line per unit, abandoned carts, refunds
 * that do not say where the goods went, counts that anybody may overwrite, and thin events that come when they come.
 */
export function cloverSandbox(options: SandboxOptions): CloverSandbox {
  const merchant = openMerchant(options);
  const { book } = merchant;
  const tokens = new Tokens(merchant);
  const hooks = new Hooks(merchant);
  const endpoint = new Endpoint(merchant, tokens, hooks);
  const stopTelling = book.onChange((event) => tell(event, merchant, hooks));
  const item = (sku: string) => book.shelves.item(sku)!;

  return {
    platform: 'clover',
    account: merchant.merchantId,
    config: ({ api, hook }) => {
      // As pasted into the Developer Dashboard: Clover has no call for it.
      hooks.url = hook;
      return {
        account: merchant.merchantId,
        accessToken: tokens.first.access,
        refreshToken: tokens.first.refresh,
        appId: merchant.appId,
        accessTokenEndsAtMs: Math.floor(tokens.first.accessEndsAtMs),
        webhookSecret: merchant.authCode,
        apiUrl: api,
      };
    },
    async handle(request) {
      const answer = await endpoint.handle(request);
      return { ...answer, headers: { ...answer.headers, date: new Date(options.clock.now()).toUTCString() } };
    },
    fault: (kind) => (kind === 'throttled' ? THROTTLED : UNAVAILABLE),
    seed(items) {
      const pool = options.locations[0]!.id;
      book.seed(items.map((one) => ({ ...one, stock: { [NO_LOCATION]: one.stock[pool] ?? 0 } })));
    },
    shopper: shopper(merchant),
    book: () => book.book(),
    shown: () => book.shown(),
    oversold: () => book.oversold(),
    quiet: () => hooks.sender.quiet(),
    close() {
      stopTelling();
      hooks.sender.close();
    },
    refusedCalls: () => endpoint.limiter.refused,
    staff: {
      sellByWeight(sku) {
        itemNotes(item(sku)).perUnit = true;
      },
      deleteItem(sku) {
        itemNotes(item(sku)).deleted = true;
        hooks.item(item(sku), 'DELETE');
      },
      setUp: (properties) => void Object.assign(merchant.properties, properties),
      removePermission: (permission) => void tokens.permissions.delete(permission),
      uninstall() {
        hooks.uninstalled();
        tokens.remove();
      },
      sendVerificationCode: () => hooks.verify(),
      stopSorting() {
        merchant.sorts = false;
      },
      markAsTest(order) {
        orderNotes(book.order(order)!).test = true;
      },
    },
  };
}

/** What happens in the book, as Clover tells of it. */
function tell(event: StockEvent, { book, orders, properties }: Merchant, hooks: Hooks): void {
  if (event.kind === 'level') {
    // "Update item count after each sale" is off: the goods go, the count stays.
    if (event.cause === 'sale' && !properties.updateStock)
      book.write(event.level, { delta: event.before - availableOf(event.level) });
    // A sale is told by its order alone.
    if (event.cause === 'edit' && event.level.item.tracked) hooks.itemStock(event.level.item);
    return;
  }
  const { order, cause } = event;
  if (orderNotes(order).deleted) {
    orders.remove(order);
    hooks.order(order, 'DELETE');
    return;
  }
  orders.touch(order, order.changedAtMs);
  hooks.order(order, cause === 'placed' ? 'CREATE' : 'UPDATE');
  const paid = cause === 'paid' || (cause === 'placed' && order.paidAtMs !== null);
  if (paid) {
    hooks.payment(order, 'CREATE');
    hooks.order(order, 'UPDATE');
  }
  if (cause === 'refunded') hooks.payment(order, 'UPDATE');
}

/** A till hands over what is paid. What is not paid can be thrown away, what is can be voided or refunded. */
function shopper(merchant: Merchant): Shopper {
  const { book, options } = merchant;
  const base = shopperOf(book, {
    online: { policy: 'racy', windowMs: CART_MS / options.factor },
    till: { policy: 'below-zero' },
  });
  return {
    ...base,
    buy(order) {
      const location = order.location === null ? null : NO_LOCATION;
      const bought = base.buy({ ...order, location });
      if (bought.ok && location === null) handOver(merchant, bought.order);
      return bought;
    },
    pay(id) {
      const paid = base.pay!(id);
      if (paid) handOver(merchant, id);
      return paid;
    },
    cancel(id) {
      const order = book.order(id);
      if (!order || order.cancelledAtMs !== null) return false;
      const notes = orderNotes(order);
      if (order.paidAtMs === null) {
        notes.deleted = true;
        return book.cancel(order);
      }
      if (notes.voided || order.refunds.length > 0) return false;
      notes.voided = true;
      // The goods never left the counter; the clerk sets the count right.
      return book.refund(
        order,
        order.lines.map((line) => ({ line, quantity: line.quantity })),
        { restock: true },
      );
    },
    refund(id, line, restock) {
      const order = book.order(id);
      return order !== undefined && !orderNotes(order).voided && base.refund(id, line, restock);
    },
    edit: (sku, _location, available) => base.edit(sku, NO_LOCATION, available),
  };
}

function handOver({ book }: Merchant, id: string): void {
  const order = book.order(id)!;
  if (order.paidAtMs !== null) book.fulfil(order);
}
