import type { StockLine, StockOrder } from '../../../platform/sandbox-kit/index.ts';
import type { Row } from './answers.ts';
import { type State, shopOf, wall, wordsOf } from './state.ts';
import { combinationId } from './stock-rows.ts';

const sum = (line: StockLine, of: (part: StockLine['parts'][number]) => number): number =>
  line.parts.reduce((total, part) => total + of(part), 0);

export function orderRow(state: State, order: StockOrder): Row {
  const { state: now, updatedMs } = wordsOf(order);
  return {
    id: order.id,
    id_cart: order.id,
    id_customer: '31',
    current_state: now,
    module: 'ps_wirepayment',
    valid: order.paidAtMs !== null && order.cancelledAtMs === null ? '1' : '0',
    date_add: wall(state, order.placedAtMs),
    date_upd: wall(state, updatedMs),
    id_shop_group: '1',
    id_shop: shopOf(state, order),
    payment: 'Bank wire',
    reference: `REF${order.id}`,
  };
}

export function detailRow(state: State, order: StockOrder, line: StockLine): Row {
  const product = state.productOf.get(line.item)!;
  return {
    id: line.id,
    id_order: order.id,
    product_id: product.id,
    product_attribute_id: combinationId(product, line.item),
    product_quantity_reinjected: String(sum(line, (part) => part.restocked)),
    product_quantity_refunded: '0',
    product_quantity_return: String(sum(line, (part) => part.refunded)),
    id_shop: shopOf(state, order),
    product_name: line.item.title,
    product_quantity: String(line.quantity),
    product_reference: line.item.sku,
  };
}
