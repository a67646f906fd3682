import type { Sandbox, SandboxOptions, Shopper } from '../../platform/sandbox.ts';
import { openOf, shopperOf } from '../../platform/sandbox-kit/index.ts';
import type { SfccConfig } from './config.ts';
import { Cartridge } from './sandbox/cartridge.ts';
import { addCatalogue } from './sandbox/catalogue.ts';
import { InventoryLists } from './sandbox/inventory-lists.ts';
import { addOmnichannel } from './sandbox/omnichannel.ts';
import { addOrders } from './sandbox/orders.ts';
import { Realm, THROTTLED, UNAVAILABLE } from './sandbox/realm.ts';
import { addShopperAvailability } from './sandbox/shopper-availability.ts';

/** What this stand-in offers to tests beside what every one does. */
export interface SfccSandbox extends Sandbox {
  realm: Realm;
  lists: InventoryLists;
  /** The API client is deleted in Account Manager. */
  removeClient(): void;
}

/** One instance with one site that sells from its first inventory list, and stores with lists of their own. */
export function sfccSandbox(options: SandboxOptions, stock: SfccConfig['stock'] = 'inventory-lists'): SfccSandbox {
  const realm = new Realm(options);
  const { book } = realm;
  const lists = new InventoryLists(realm);
  const cartridge = new Cartridge(realm);
  addOrders(realm);
  addCatalogue(realm);
  addShopperAvailability(realm);
  if (stock === 'omnichannel') addOmnichannel(realm);
  const stop = book.onChange((event) => {
    if (event.kind !== 'order') return;
    if (event.cause === 'placed') cartridge.placed(event.order.id);
    cartridge.changed(event.order.id);
  });
  return {
    platform: 'sfcc',
    account: realm.organization,
    config({ api, hook }) {
      cartridge.url = hook;
      return {
        account: realm.organization,
        shortCode: 'kv7kzm78',
        instanceUrl: api,
        apiUrl: api,
        loginUrl: api,
        clientId: realm.clientId,
        clientSecret: realm.clientSecret,
        siteIds: realm.site,
        webhookSecret: cartridge.secret,
        stock,
        ...(stock === 'omnichannel' && {
          tenantGroupId: realm.tenantGroup,
          locationIds: options.locations.map(({ id, name }) => `${id}=${name}`).join(', '),
        }),
      };
    },
    handle: (request) => realm.handle(request),
    fault: (kind) => (kind === 'throttled' ? THROTTLED : UNAVAILABLE),
    seed: (items) => book.seed(items),
    shopper: shopper(realm, lists),
    book: () => book.book(),
    shown: () => book.shown(),
    oversold: () => book.oversold(),
    quiet: () => cartridge.quiet(),
    close() {
      stop();
      cartridge.close();
    },
    realm,
    lists,
    removeClient: () => {
      realm.removed = true;
    },
  };
}

/** A site sells from one list; whether it is enough is decided when the basket becomes an order, at once for all its lines. */
function shopper(realm: Realm, lists: InventoryLists): Shopper {
  const { book, options } = realm;
  const sell = { policy: 'refuse' } as const;
  const people = shopperOf(book, { online: sell, till: sell });
  return {
    ...people,
    buy({ lines, location, paid = true }) {
      const items = [];
      for (const { sku, quantity } of lines) {
        const item = book.shelves.item(sku);
        if (!item) return { ok: false, why: `there is no product ${sku}` };
        items.push({ item, quantity });
      }
      const list = location ?? options.locations[0]!.id;
      const placed = book.place({ lines: items, location: list, sell, paid, extra: { list } });
      if (!placed.ok) return placed;
      if (location !== null && paid) book.fulfil(placed.order);
      return { ok: true, order: placed.order.id };
    },
    // Shipments are marked as a whole.
    fulfil(id, lines) {
      const order = book.order(id);
      if (!order) return false;
      const whole = lines?.every(({ sku, quantity }) => {
        const open = order.lines
          .filter(({ item }) => item.sku === sku)
          .reduce((sum, line) => sum + openOf(line, order), 0);
        return open === quantity;
      });
      return whole !== false && people.fulfil(id, lines);
    },
    // Returns are no business of the shop's.
    refund: () => false,
    edit(sku, location, available) {
      const item = book.shelves.item(sku);
      const level = item && book.shelves.level(item, location);
      if (level) lists.edit(level, available);
      return level !== undefined;
    },
  };
}
