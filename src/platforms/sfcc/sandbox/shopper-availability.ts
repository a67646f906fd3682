import { jsonResponse } from '../../../platform/http.ts';
import { availableOf } from '../../../platform/sandbox-kit/index.ts';
import { problem, type Realm } from './realm.ts';

const PRODUCTS_MAX = 24;
const LISTS_MAX = 5;
/** What stands for infinity. */
const ALWAYS = 999_999;

/** What the storefront asks: SCAPI Shopper Availability. Products that are not there are left out without a word. */
export function addShopperAvailability(realm: Realm): void {
  const { router, book, options, organization, site } = realm;
  router.on('GET', `/product/shopper-availability/v1/organizations/${organization}/availability`, (routed) => {
    const list = (name: string) => (routed.query.get(name) ?? '').split(',').filter(Boolean);
    const lists = list('inventoryIds');
    if (routed.query.get('siteId') !== site) return problem(400, 'invalid-site', 'The site does not exist.');
    if (list('productIds').length > PRODUCTS_MAX || lists.length > LISTS_MAX)
      return problem(400, 'bad-request', `At most ${PRODUCTS_MAX} products and ${LISTS_MAX} lists.`);
    const places = lists.length > 0 ? lists : [options.locations[0]!.id];
    const data = list('productIds').flatMap((sku) => {
      const item = book.shelves.item(sku);
      if (!item) return [];
      const inventories = places.flatMap((id) => {
        const level = book.shelves.level(item, id);
        if (!level) return [];
        const ats = item.tracked ? availableOf(level) : ALWAYS;
        return [{ id, ats, orderable: ats > 0, backorderable: false, preorderable: false }];
      });
      return [{ id: sku, inventories }];
    });
    return jsonResponse(200, { limit: data.length, data, total: data.length });
  });
}
