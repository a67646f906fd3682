import type { Sandbox, SandboxOptions, Shopper } from '../../platform/sandbox.ts';
import { openOf, RateLimiter, shopperOf } from '../../platform/sandbox-kit/index.ts';
import { page } from './sandbox/answers.ts';
import { hear, moduleOf } from './sandbox/events.ts';
import { AWAITING, openState, PAID, type State, stockShelves } from './sandbox/state.ts';
import { stockRows } from './sandbox/stock-rows.ts';
import { answer } from './sandbox/webservice.ts';

/** What a middling host lets one visitor do before its firewall answers. PrestaShop itself has no limit. */
const HOST = { kind: 'bucket', size: 100, perSecond: 25 } as const;
/** An order takes about this long; another one within that time sees the stock as it was. */
const RACE_MS = 250;

export interface PrestaSandbox extends Sandbox {
  /** What the shop's people and its host can do besides selling. */
  staff: {
    revokeKey(): void;
    /** Takes a right away, like `stock_availables PUT`. */
    deny(right: string): void;
    switchServiceOff(): void;
    /** From another host name: a write comes in as a read. */
    redirect(): void;
    /** Another number for Canceled than 6. */
    nameCanceled(state: string): void;
    /** The stock of this SKU is computed from warehouses from now on. */
    compute(sku: string): void;
    /** Records that were written back without what they held. */
    torn(): string[];
  };
}

/** One PrestaShop 1.7 with a shop per place and the Onhand module installed: its webservice, whole elements and all. */
export function prestaSandbox(options: SandboxOptions): PrestaSandbox {
  const state = openState(options);
  const { book } = state;
  const module = moduleOf(state);
  const limiter = new RateLimiter({
    clock: options.clock,
    factor: options.factor,
    unlimited: options.unlimited,
    limits: { host: HOST },
  });
  book.onChange((event) => hear(state, module, event));
  return {
    platform: 'prestashop',
    account: `${options.name}.example`,
    config: ({ api, hook }) => {
      state.hookUrl = hook;
      return {
        account: `${options.name}.example`,
        url: api,
        webserviceKey: state.key,
        timeZone: state.zone,
        ...(options.locations.length > 1 && { shop: 'all' }),
        webhookSecret: state.webhookSecret,
      };
    },
    handle: async (request) => {
      const taken = limiter.take('host');
      if (!taken.ok)
        return page(429, 'Too Many Requests', { 'retry-after': String(Math.ceil(taken.retryAfterMs / 1000)) });
      return answer(state, request);
    },
    fault: (kind) =>
      kind === 'throttled'
        ? page(429, 'Too Many Requests', { 'retry-after': '1' })
        : page(503, 'Service Temporarily Unavailable'),
    seed: (items) => stockShelves(state, items),
    shopper: shopper(state),
    book: () => book.book(),
    shown: () => book.shown(),
    oversold: () => book.oversold(),
    quiet: () => module.quiet(),
    close: () => module.close(),
    staff: {
      revokeKey: () => {
        state.revoked = true;
      },
      deny: (right) => void state.denied.add(right),
      switchServiceOff: () => {
        state.serviceOn = false;
      },
      redirect: () => {
        state.redirects = true;
      },
      nameCanceled: (name) => {
        state.canceledState = name;
      },
      compute: (sku) => {
        for (const { row, item } of stockRows(state, state.products))
          if (item?.sku === sku) state.computed.add(row['id']!);
      },
      torn: () => [...state.torn],
    },
  };
}

/** Each shop sells from its own stock; an order is in one state, so nothing ships in parts. */
function shopper(state: State): Shopper {
  const { book } = state;
  const racy = { policy: 'racy', windowMs: RACE_MS / state.options.factor } as const;
  const base = shopperOf(book, {
    online: racy,
    till: racy,
    tillFulfils: false,
    extra: ({ paid }) => ({ state: paid ? PAID : AWAITING, history: [], updatedMs: 0 }),
  });
  return {
    ...base,
    buy: (order) => base.buy({ ...order, location: order.location ?? book.shelves.locations[0]! }),
    fulfil(id, lines) {
      const order = book.order(id);
      if (!order) return false;
      const open = order.lines.reduce((units, line) => units + openOf(line, order), 0);
      const asked = lines?.reduce((units, line) => units + line.quantity, 0) ?? open;
      return asked === open && base.fulfil(id);
    },
  };
}
