import type { Sandbox, SandboxOptions, Shopper } from '../../platform/sandbox.ts';
import { shopperOf } from '../../platform/sandbox-kit/index.ts';
import { Endpoint, THROTTLED, UNAVAILABLE } from './sandbox/endpoint.ts';
import { tellEvents } from './sandbox/events.ts';
import { itemNotes, openSeller, type Seller } from './sandbox/seller.ts';
import { Subscriptions } from './sandbox/subscriptions.ts';
import { Tokens } from './sandbox/tokens.ts';

/** What the seller's staff can do beyond what every sandbox's shopper does; for tests of this platform. */
export interface SquareSandbox extends Sandbox {
  staff: {
    /** Switches "Track stock" for one location. */
    track(sku: string, location: string, counted: boolean): void;
    /** This variation's units are taken from another one. */
    convert(sku: string, from: string): void;
    deleteItem(sku: string): void;
    closeLocation(location: string): void;
    revokeScope(scope: string): void;
    /** The seller takes the application's access away. */
    revoke(): void;
    /** As Square does after three weeks without an answer. */
    switchHooksOff(): void;
  };
  access: Tokens;
  refusedCalls(): number;
}

/** A shop looks whether there is enough when something is put into the cart; the number falls when it is paid. */
const CART_MS = 2_000;

/**
 * One seller's account at Square: tills that sell whatever is in the hand, a website that hides what is sold out, returns as
 * orders of their own, an inventory history by the writers' own clocks, and webhooks that come when they come.
 */
export function squareSandbox(options: SandboxOptions): SquareSandbox {
  const seller = openSeller(options);
  const { book } = seller;
  const tokens = new Tokens(seller);
  const hooks = new Subscriptions(seller);
  const endpoint = new Endpoint(seller, tokens, hooks);
  const stopTelling = tellEvents(seller, hooks);
  const item = (sku: string) => book.shelves.item(sku)!;
  const catalogChanged = () => {
    seller.catalogVersion = Math.floor(book.shelves.stamp());
    const updated_at = new Date(seller.catalogVersion).toISOString();
    hooks.send('catalog.version.updated', {
      type: 'catalog_version',
      id: `catalog-${seller.catalogVersion}`,
      object: { catalog_version: { updated_at } },
    });
  };

  return {
    platform: 'square',
    account: seller.merchantId,
    config: ({ api }) => ({
      account: seller.merchantId,
      accessToken: tokens.first.token,
      accessTokenEndsAtMs: Math.floor(tokens.first.endsAtMs),
      refreshToken: tokens.refresh,
      applicationId: tokens.applicationId,
      applicationSecret: tokens.applicationSecret,
      applicationToken: tokens.application,
      apiUrl: api,
    }),
    async handle(request) {
      const answer = await endpoint.handle(request);
      return { ...answer, headers: { ...answer.headers, date: new Date(options.clock.now()).toUTCString() } };
    },
    fault: (kind) => (kind === 'throttled' ? THROTTLED : UNAVAILABLE),
    seed(items) {
      book.seed(items);
    },
    shopper: shopper(seller),
    book: () => book.book(),
    shown: () => book.shown(),
    oversold: () => book.oversold(),
    quiet: () => hooks.sender.quiet(),
    close() {
      stopTelling();
      hooks.sender.close();
    },
    access: tokens,
    refusedCalls: () => endpoint.limiter.refused,
    staff: {
      track(sku, location, counted) {
        const notes = itemNotes(item(sku));
        notes.trackedAt = new Map(notes.trackedAt).set(location, counted);
        catalogChanged();
      },
      convert(sku, from) {
        itemNotes(item(sku)).convertedFrom = item(from).id;
        catalogChanged();
      },
      deleteItem(sku) {
        itemNotes(item(sku)).deleted = true;
        catalogChanged();
      },
      closeLocation(location) {
        for (const place of seller.locations) if (place.id === location) place.active = false;
      },
      revokeScope: (scope) => void tokens.scopes.delete(scope),
      revoke() {
        const revoked_at = new Date(options.clock.now()).toISOString();
        hooks.send('oauth.authorization.revoked', {
          type: 'revocation',
          id: 'revocation',
          object: { revocation: { revoked_at, revoker_type: 'MERCHANT' } },
        });
        tokens.revoke();
      },
      switchHooksOff: () => hooks.switchOff(),
    },
  };
}

/** An order stands at one location: the website takes the first that has all of it. */
function shopper(seller: Seller): Shopper {
  const { book, locations, options } = seller;
  const till = { policy: 'below-zero' } as const;
  const online = { policy: 'racy', windowMs: CART_MS / options.factor } as const;
  const people = shopperOf(book, { online, till });
  return {
    ...people,
    buy({ lines, location, paid = true }) {
      const items = [];
      for (const line of lines) {
        const found = book.shelves.item(line.sku);
        if (!found) return { ok: false, why: `there is no item ${line.sku}` };
        items.push({ item: found, quantity: line.quantity });
      }
      let answer: ReturnType<typeof book.place> = { ok: false, why: 'no location is open' };
      const places = location === null ? locations.filter(({ active }) => active).map(({ id }) => id) : [location];
      for (const place of places) {
        const extra = { till: location !== null };
        answer = book.place({ lines: items, location: place, sell: location === null ? online : till, paid, extra });
        if (answer.ok) break;
      }
      if (!answer.ok) return answer;
      if (location !== null && paid) book.fulfil(answer.order);
      return { ok: true, order: answer.order.id };
    },
  };
}
