import type { Doc, Line } from '../../domain/document.ts';
import { type Quantity, quantity, readQuantity } from '../../domain/quantity.ts';
import type { PrestaConfig } from './config.ts';
import { orderPlace, type Shop } from './shop.ts';
import { momentsOf, revisionOf } from './shop-time.ts';
import type { Element } from './xml.ts';

/** `display` of a request: buyers' names and addresses never leave the shop. */
export const ORDER_FIELDS = '[id,current_state,valid,date_add,date_upd,id_shop,id_shop_group]';
export const DETAIL_FIELDS =
  '[id,id_order,product_id,product_attribute_id,product_quantity,product_quantity_refunded,product_quantity_return,product_quantity_reinjected,product_reference]';
export const HISTORY_FIELDS = '[id,id_order,id_order_state]';

/** All that is needed to tell one order's state. */
export interface Papers {
  order: Element;
  details: readonly Element[];
  /** The states it ever was in. */
  states: ReadonlySet<string>;
}

/** `27/44`, `27/0` without a combination: what order lines, listings and stock are called by. */
export const variantOf = (product: string, combination: string | undefined): string =>
  `${product}/${combination || '0'}`;

export function docOf({ order, details, states }: Papers, shop: Shop, config: PrestaConfig): Doc {
  const stage = stageOf(order, states, shop, config);
  const location = orderPlace(order, shop.sharing);
  const [saleMs = 0] = momentsOf(order['date_add'], config.timeZone);
  return {
    account: config.account,
    doc: `order:${order['id']}`,
    rev: revisionOf(order['date_upd'], config.timeZone),
    whole: true,
    saleAt: new Date(saleMs).toISOString().replace('.000Z', 'Z'),
    paid: order['valid'] === '1',
    state: order['current_state'] ?? '0',
    lines: details.map((detail) => lineOf(detail, stage, location, config)),
  };
}

type Stage = 'open' | 'gone' | 'released';

/**
 * released: PrestaShop has put the goods back on sale, whatever was before · gone: it was in a state that means shipped, even
 * if a later one (Refunded) does not · open: sold and here.
 */
function stageOf(order: Element, states: ReadonlySet<string>, shop: Shop, config: PrestaConfig): Stage {
  const state = order['current_state'] ?? '0';
  if (config.releasedStates.includes(state)) return 'released';
  // An order that was put back and taken up again is told by what it is now: it was shipped anew, or not.
  const wasReleased = config.releasedStates.some((one) => states.has(one));
  const shipped = wasReleased ? shop.shipped.has(state) : [state, ...states].some((one) => shop.shipped.has(one));
  return shipped ? 'gone' : 'open';
}

/**
 * What a line asks of stock. `product_quantity_reinjected` counts what was ticked to go back on the shelf;
 * `product_quantity_refunded` and `_return` what was paid back before and after it left, put back or not. Before 1.7.7 the
 * first is not kept: what had not left went back always, of what had left nobody knows.
 */
function lineOf(detail: Element, stage: Stage, location: string | null, config: PrestaConfig): Line {
  const of = (name: string): Quantity => Math.max(0, readQuantity(detail[name] || '0'));
  const sold = of('product_quantity');
  const back = Math.min(sold, quantity(of('product_quantity_refunded') + of('product_quantity_return')));
  const told = Math.min(sold, of('product_quantity_reinjected'));
  const restocked = !config.recordsRestock && stage === 'open' ? Math.max(told, back) : told;
  const refunded = Math.max(back, restocked);
  const part = { location, committed: 0, out: 0, returned: 0, taken: 0 };
  if (stage === 'open') {
    part.committed = quantity(sold - refunded);
    // Paid back before it left and not put back: written off, and the shop counts it so as well.
    part.out = quantity(refunded - restocked);
  } else if (stage === 'gone') {
    part.out = quantity(sold - restocked);
    if (!config.recordsRestock) part.returned = quantity(refunded - restocked);
  }
  part.taken = quantity(part.committed + part.out);
  const product = detail['product_id'];
  const sku = detail['product_reference'];
  return {
    line: detail['id'] ?? '',
    listing: product && product !== '0' ? variantOf(product, detail['product_attribute_id']) : null,
    ...(sku && { sku }),
    parts: [part],
  };
}
