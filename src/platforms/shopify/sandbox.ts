import { type HttpResponse, jsonResponse } from '../../platform/http.ts';
import type { Sandbox, SandboxOptions } from '../../platform/sandbox.ts';
import { openOf, Router, shopperOf } from '../../platform/sandbox-kit/index.ts';
import { Endpoint } from './sandbox/endpoint.ts';
import { tellHooks } from './sandbox/events.ts';
import { HookQueue } from './sandbox/hook-queue.ts';
import { productPayload } from './sandbox/payloads.ts';
import { isStockedAt, notesOf, openShop, type ShopLocation } from './sandbox/shop.ts';
import { Tokens } from './sandbox/tokens.ts';

/** What the shop's staff can do beyond what every sandbox's shopper does; for tests of this platform. */
export interface ShopifySandbox extends Sandbox {
  staff: {
    /** Goods come back through a return: the refund says `NO_RESTOCK`, the return's parcel says where they were shelved. */
    takeBack(order: string, sku: string, units: number, location: string): boolean;
    /** Refunds units that have not gone and do not come back on sale. */
    writeOff(order: string, sku: string, units: number): boolean;
    /** Open units will go from another place. */
    move(order: string, sku: string, from: string, to: string, units: number): boolean;
    /** Sold at a till, to be sent from another place. */
    shipToCustomer(sku: string, units: number, till: string, from: string): string;
    /** A till that had no line uploads what it sold then: handed over long before Shopify hears of it. */
    uploadOffline(sku: string, units: number, till: string, rungUpAtMs: number): string;
    /** Money back at a till, the goods on that till's shelf. */
    refundAt(order: string, sku: string, units: number, till: string): boolean;
    addToOrder(order: string, sku: string, units: number): boolean;
    deleteOrder(order: string): boolean;
    makeBundle(sku: string): void;
    unstock(sku: string, location: string): void;
    closeLocation(location: string): void;
    revokeScope(scope: string): void;
    uninstall(): void;
  };
  /** Ways in beside the client credentials of `config()`. */
  access: { fixedToken: string; refreshToken: string };
  locations: ShopLocation[];
  hookTopics(): string[];
  refusedCalls(): number;
}

/**
 * A Shopify shop of the Standard plan: GraphQL Admin API with cost bucket, guard and key compulsory on writes, signed
 * webhooks that repeat their first body, tokens that end. The online shop never sells what it has not got. Its tills only
 * warn: staff sell what they have in the hand, below zero too.
 */
export function shopifySandbox(options: SandboxOptions): ShopifySandbox {
  const shop = openShop(options);
  const { book } = shop;
  const tokens = new Tokens(shop);
  const endpoint = new Endpoint(shop);
  const hooks = new HookQueue(shop, tokens.clientSecret);
  const stopTelling = tellHooks(shop, hooks);

  const router = new Router({
    notFound: () => jsonResponse(404, { errors: 'Not Found' }),
    wrongMethod: () => jsonResponse(406, { errors: 'Not Acceptable' }),
  })
    .on('POST', '/admin/oauth/access_token', ({ request }) => tokens.handle(request))
    .on('POST', '/admin/api/{version}/graphql.json', ({ request, headers, params }) => {
      if (!/^(20\d\d-(01|04|07|10)|unstable)$/.test(params['version']!))
        return jsonResponse(404, { errors: 'Not Found' });
      if (!tokens.isGood(headers['x-shopify-access-token'])) return BAD_TOKEN;
      return endpoint.handle(request);
    });

  const atTill = (sku: string, quantity: number, location: string, extra?: Record<string, unknown>) => {
    const lines = [{ item: book.shelves.item(sku)!, quantity }];
    const placed = book.place({ lines, location, sell: TILL, paid: true, extra });
    if (!placed.ok) throw new Error(placed.why);
    return placed.order;
  };
  const line = (orderId: string, sku: string) => book.order(orderId)?.lines.find(({ item }) => item.sku === sku);
  return {
    platform: 'shopify',
    account: shop.domain,
    config: ({ api }) => ({
      account: shop.domain,
      clientId: tokens.clientId,
      webhookSecret: tokens.clientSecret,
      apiUrl: api,
    }),
    async handle(request) {
      const answer = await router.handle(request);
      return { ...answer, headers: { ...answer.headers, date: new Date(options.clock.now()).toUTCString() } };
    },
    fault: (kind) => (kind === 'throttled' ? endpoint.throttled() : UNAVAILABLE),
    seed(items) {
      for (const item of book.seed(items)) hooks.send('PRODUCTS_CREATE', item.id, () => productPayload(item, shop));
    },
    shopper: shopperOf(book, { online: { policy: 'refuse' }, till: TILL }),
    book: () => book.book(),
    shown: () => book.shown(),
    oversold: () => book.oversold(),
    quiet: () => hooks.quiet(),
    close() {
      stopTelling();
      hooks.close();
    },
    access: { fixedToken: tokens.fixed, refreshToken: tokens.firstRefresh },
    locations: shop.locations,
    hookTopics: () => shop.hooks.map(({ topic }) => topic),
    refusedCalls: () => endpoint.refusedCalls(),
    staff: {
      takeBack(id, sku, units, location) {
        const order = book.order(id);
        const found = line(id, sku);
        if (!order || !found) return false;
        shop.takingBack = location;
        const done = book.refund(order, [{ line: found, quantity: units }], { restock: true, location });
        shop.takingBack = null;
        return done;
      },
      writeOff(id, sku, units) {
        const order = book.order(id);
        const found = line(id, sku);
        if (!order || !found) return false;
        return book.cancel(order, [{ line: found, quantity: units }], { restock: false });
      },
      move(id, sku, from, to, units) {
        const order = book.order(id);
        const found = line(id, sku);
        return Boolean(order && found && book.move(order, found, from, to, units));
      },
      shipToCustomer(sku, units, till, from) {
        const order = atTill(sku, units, till);
        book.move(order, order.lines[0]!, till, from, units);
        return order.id;
      },
      uploadOffline(sku, units, till, rungUpAtMs) {
        const order = atTill(sku, units, till, { rungUpAtMs });
        book.fulfil(order);
        return order.id;
      },
      refundAt(id, sku, units, till) {
        const order = book.order(id);
        const found = line(id, sku);
        if (!order || !found) return false;
        return book.refund(order, [{ line: found, quantity: units }], { restock: true, location: till });
      },
      addToOrder(id, sku, units) {
        const order = book.order(id);
        const item = book.shelves.item(sku);
        return Boolean(order && item && book.addLine(order, item, units, { policy: 'refuse' }));
      },
      deleteOrder(id) {
        const order = book.order(id);
        // Shopify lets staff delete only what is over: cancelled or shipped.
        if (!order || shop.deleted.has(id) || order.lines.some((one) => openOf(one, order) > 0)) return false;
        shop.deleted.add(id);
        hooks.send('ORDERS_DELETE', id, () => ({ id: Number(id) }));
        return true;
      },
      makeBundle(sku) {
        notesOf(book.shelves.item(sku)!).isBundle = true;
      },
      unstock(sku, location) {
        const item = book.shelves.item(sku)!;
        if (!isStockedAt(item, location)) return;
        const notes = notesOf(item);
        notes.notAt = new Set([...(notes.notAt ?? []), location]);
        const body = { inventory_item_id: Number(item.id), location_id: Number(location) };
        hooks.send('INVENTORY_LEVELS_DISCONNECT', `${item.id}@${location}`, () => body);
      },
      closeLocation(location) {
        for (const place of shop.locations) if (place.id === location) place.isActive = false;
      },
      revokeScope: (scope) => shop.scopes.delete(scope),
      uninstall() {
        hooks.send('APP_UNINSTALLED', 'app', () => ({ id: 1, name: options.name, myshopify_domain: shop.domain }));
        tokens.revokeAll();
      },
    },
  };
}

/** "Continue selling when out of stock" does not apply to tills: they warn, and sell. */
const TILL = { policy: 'below-zero' } as const;

const BAD_TOKEN = jsonResponse(401, {
  errors: '[API] Invalid API key or access token (unrecognized login or wrong password)',
});

const UNAVAILABLE: HttpResponse = {
  status: 503,
  headers: { 'content-type': 'text/html' },
  body: Buffer.from('<html><body>Service Unavailable</body></html>'),
};
