import type { Shopper } from '../../../platform/sandbox.ts';
import { shopperOf } from '../../../platform/sandbox-kit/index.ts';
import { placeOfCode, type Stand } from './stand.ts';

/** What buyers and the seller's staff can do at Amazon: no tills, no parcel before the payment, no way back onto a shelf. */
export function amazonShopper(stand: Stand): Shopper {
  const { book, options, own } = stand;
  const refuse = { policy: 'refuse' } as const;
  const plain = shopperOf(book, { online: refuse, till: refuse, tillFulfils: false });
  return {
    ...plain,
    buy(order) {
      const { fbaLocation } = options;
      if (order.location !== null && order.location !== fbaLocation)
        return { ok: false, why: 'Amazon has no tills: orders are placed online' };
      // An order is either shipped by Amazon or by the merchant.
      const location = order.location ?? (fbaLocation ? own[0]! : null);
      return plain.buy({ ...order, location });
    },
    pay(id) {
      const order = book.order(id);
      return order !== undefined && book.pay(order);
    },
    fulfil(id, lines) {
      const order = book.order(id);
      // A Pending order cannot be confirmed as shipped.
      return order !== undefined && order.paidAtMs !== null && plain.fulfil(id, lines);
    },
    refund(id, line, restock) {
      // Goods that come back to a merchant are the merchant's own affair: Amazon puts nothing back on sale.
      return !restock && plain.refund(id, line, false);
    },
    edit(sku, location, available) {
      // Seller Central names the place as the API does.
      const place = placeOfCode(stand, location) ?? location;
      return own.includes(place) && plain.edit(sku, place, available);
    },
  };
}
