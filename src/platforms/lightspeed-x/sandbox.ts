import type { Sandbox, SandboxOptions, Shopper } from '../../platform/sandbox.ts';
import { openOf, shopperOf } from '../../platform/sandbox-kit/index.ts';
import { Endpoint, throttled } from './sandbox/endpoint.ts';
import { tellEvents } from './sandbox/events.ts';
import { notesOf, productNotes, type ReturnSale, type SaleNotes, Store } from './sandbox/store.ts';
import { Subscriptions } from './sandbox/subscriptions.ts';
import { Tokens } from './sandbox/tokens.ts';

/** What the store's staff can do beyond what every sandbox's shopper does; for tests of this platform. */
export interface LightspeedXSandbox extends Sandbox {
  staff: {
    /** Goods put aside and paid bit by bit, or handed over to be paid later. */
    sellOpen(kind: 'layby' | 'onaccount', sku: string, units: number, outlet: string): string;
    /** Voids a sale whose goods had gone: all of them are back. */
    voidSale(order: string): boolean;
    makeComposite(sku: string): void;
    deleteProduct(sku: string): void;
    closeOutlet(outlet: string): void;
    switchReasonsOff(): void;
    forgetReasons(): void;
    switchHooksOff(): void;
    /** As hooks made by hand may come. */
    stopSigning(): void;
    revokeScope(scope: string): void;
    revoke(): void;
  };
  tokens: Tokens;
  hooks: Subscriptions;
  refusedCalls(): number;
}

/** A web shop looks whether there is enough; the sale comes to the store a moment later. */
const CART_MS = 2_000;

/**
 * One X-Series store: tills that sell whatever is in the hand, a web shop whose sales wait for dispatch, returns as sales of
 * their own, versions for everything, and webhooks as forms in the shape of an older API.
 */
export function lightspeedXSandbox(options: SandboxOptions): LightspeedXSandbox {
  const store = new Store(options);
  const { book } = store;
  const returns: ReturnSale[] = [];
  const tokens = new Tokens(store);
  const hooks = new Subscriptions(store, tokens);
  const endpoint = new Endpoint(store, tokens, returns, hooks);
  const stopTelling = tellEvents(store, returns, hooks);
  const changed = (sku: string) => {
    const item = book.shelves.item(sku)!;
    store.touchProduct(item);
    hooks.send('product.update', item.id, { id: item.id, sku, name: item.title });
    return productNotes(item);
  };

  return {
    platform: 'lightspeed-x',
    account: options.name,
    config: ({ api }) => ({
      account: options.name,
      accessToken: tokens.access.token,
      accessTokenEndsAtMs: Math.floor(tokens.access.endsAtMs),
      refreshToken: tokens.refresh,
      clientId: tokens.clientId,
      webhookSecret: tokens.clientSecret,
      apiUrl: api,
    }),
    handle: (request) => endpoint.handle(request),
    fault: (kind) =>
      kind === 'throttled'
        ? throttled(options.clock.now(), 5_000 / options.factor)
        : { status: 503, headers: { 'content-type': 'text/html' }, body: Buffer.from('<h1>Service Unavailable</h1>') },
    seed(items) {
      for (const item of book.seed(items)) {
        store.touchProduct(item);
        for (const level of item.levels) store.touchLevel(level);
      }
    },
    shopper: shopper(store),
    book: () => book.book(),
    shown: () => book.shown(),
    oversold: () => book.oversold(),
    quiet: () => hooks.sender.quiet(),
    close() {
      stopTelling();
      hooks.sender.close();
    },
    tokens,
    hooks,
    refusedCalls: () => endpoint.limiter.refused,
    staff: {
      sellOpen(kind, sku, units, outlet) {
        const extra: SaleNotes = { kind };
        const lines = [{ item: book.shelves.item(sku)!, quantity: units }];
        const sell = { policy: 'below-zero' } as const;
        const placed = book.place({ lines, location: outlet, sell, paid: false, extra: { ...extra } });
        if (!placed.ok) throw new Error(placed.why);
        book.takeNow(placed.order);
        if (kind === 'onaccount') book.fulfil(placed.order);
        else book.touch(placed.order);
        return placed.order.id;
      },
      voidSale(id) {
        const order = book.order(id);
        if (!order || notesOf(order).voided) return false;
        notesOf(order).voided = true;
        const gone = order.lines.map((line) => ({ line, quantity: line.quantity }));
        return book.refund(order, gone, { restock: true });
      },
      makeComposite(sku) {
        changed(sku).composite = true;
      },
      deleteProduct(sku) {
        changed(sku).deletedAtMs = options.clock.now();
      },
      closeOutlet(outlet) {
        for (const place of store.outlets) if (place.id === outlet) place.deletedAtMs = options.clock.now();
      },
      switchReasonsOff() {
        for (const reason of store.reasons) reason.enabled = false;
      },
      forgetReasons() {
        for (const reason of store.reasons) Object.assign(reason, { id: `${reason.id}-old`, name: `old ${reason.id}` });
      },
      switchHooksOff() {
        for (const hook of hooks.all) hook.active = false;
      },
      stopSigning() {
        hooks.signs = false;
      },
      revokeScope: (scope) => void tokens.scopes.delete(scope),
      revoke: () => tokens.revoke(),
    },
  };
}

/** A sale stands at one outlet: the web shop takes the first that has all of it. Sales are dispatched as a whole. */
function shopper({ book, options, outlets }: Store): Shopper {
  const till = { policy: 'below-zero' } as const;
  const online = { policy: 'racy', windowMs: CART_MS / options.factor } as const;
  const base = shopperOf(book, { online, till });
  return {
    ...base,
    buy({ lines, location, paid = true }) {
      const items = [];
      for (const line of lines) {
        const found = book.shelves.item(line.sku);
        if (!found) return { ok: false, why: `there is no product ${line.sku}` };
        items.push({ item: found, quantity: line.quantity });
      }
      let answer: ReturnType<typeof book.place> = { ok: false, why: 'no outlet is open' };
      const open = outlets.filter(({ deletedAtMs }) => deletedAtMs === undefined).map(({ id }) => id);
      for (const place of location === null ? open : [location]) {
        const extra = { kind: location === null ? 'web' : 'till' };
        answer = book.place({ lines: items, location: place, sell: location === null ? online : till, paid, extra });
        if (answer.ok) break;
      }
      if (!answer.ok) return answer;
      if (location !== null && paid) book.fulfil(answer.order);
      return { ok: true, order: answer.order.id };
    },
    fulfil(id, lines) {
      const order = book.order(id);
      if (!order) return false;
      const open = order.lines.reduce((sum, line) => sum + openOf(line, order), 0);
      const asked = lines?.reduce((sum, line) => sum + line.quantity, 0) ?? open;
      return asked === open && base.fulfil(id);
    },
    // Nobody can say "not on the shelf" in a return: the goods are counted back in.
    refund: (id, line, restock) => restock && base.refund(id, line, true),
  };
}
