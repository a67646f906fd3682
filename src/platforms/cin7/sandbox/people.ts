import type { Shopper } from '../../../platform/sandbox.ts';
import { shopperOf } from '../../../platform/sandbox-kit/index.ts';
import type { Account } from './account.ts';

/** A sale stands at one location: the first that has all of it. Orders of the counter take what is in the hand. */
export function people({ book, places }: Account): Shopper {
  const till = { policy: 'below-zero' } as const;
  const online = { policy: 'refuse' } as const;
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
      let answer: ReturnType<typeof book.place> = { ok: false, why: 'no location is open' };
      const open = places.filter(({ closed }) => !closed).map(({ id }) => id);
      for (const place of location === null ? open : [location]) {
        answer = book.place({ lines: items, location: place, sell: location === null ? online : till, paid });
        if (answer.ok) break;
      }
      if (!answer.ok) return answer;
      if (location !== null && paid) book.fulfil(answer.order);
      return { ok: true, order: answer.order.id };
    },
  };
}
