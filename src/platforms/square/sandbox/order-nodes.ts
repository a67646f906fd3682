import { quantity } from '../../../domain/quantity.ts';
import { openOf, type StockLine, type StockOrder } from '../../../platform/sandbox-kit/index.ts';
import { iso } from './answers.ts';
import { notesOf, type OrderRow, PRICE_CENTS, paymentId, type ReturnOrder, type Seller } from './seller.ts';

const money = (seller: Seller, cents: number) => ({ amount: Math.round(cents), currency: seller.currency });

const totalOf = (order: StockOrder): number => order.lines.reduce((sum, line) => sum + line.quantity * PRICE_CENTS, 0);

/** OPEN until paid and, with fulfilments, handed over. */
export function stateOf(order: StockOrder): 'OPEN' | 'COMPLETED' | 'CANCELED' {
  if (order.cancelledAtMs !== null) return 'CANCELED';
  if (order.paidAtMs === null) return 'OPEN';
  return order.lines.some((line) => openOf(line, order) > 0) ? 'OPEN' : 'COMPLETED';
}

/** An `Order` as `GET /v2/orders/{id}` has it. */
export function orderNode(row: OrderRow, seller: Seller): Record<string, unknown> {
  return row.kind === 'sale' ? saleNode(row.order, row, seller) : returnNode(row.made, row, seller);
}

function saleNode(order: StockOrder, row: OrderRow, seller: Seller): Record<string, unknown> {
  const { till } = notesOf(order);
  const total = totalOf(order);
  const state = stateOf(order);
  return {
    id: order.id,
    location_id: order.location!,
    source: { name: till ? 'Point of Sale' : 'Square Online' },
    state,
    ...(!till && { version: row.version }),
    created_at: iso(order.placedAtMs),
    updated_at: iso(row.updatedAtMs),
    ...(state !== 'OPEN' && { closed_at: iso(row.updatedAtMs) }),
    line_items: order.lines.map((line) => lineNode(line, seller)),
    ...(!till && { fulfillments: fulfilments(order) }),
    ...(order.paidAtMs !== null && {
      tenders: [
        {
          id: paymentId(order),
          location_id: order.location!,
          transaction_id: order.id,
          created_at: iso(order.paidAtMs),
          amount_money: money(seller, total),
          type: till ? 'CASH' : 'CARD',
          payment_id: paymentId(order),
        },
      ],
    }),
    total_money: money(seller, total),
    total_tax_money: money(seller, 0),
    total_discount_money: money(seller, 0),
    net_amount_due_money: money(seller, order.paidAtMs === null ? total : 0),
  };
}

function lineNode(line: StockLine, seller: Seller): Record<string, unknown> {
  const total = line.quantity * PRICE_CENTS;
  return {
    uid: line.id,
    catalog_object_id: line.item.id,
    catalog_version: seller.catalogVersion,
    quantity: String(line.quantity),
    name: line.item.title,
    variation_name: 'Regular',
    item_type: 'ITEM',
    base_price_money: money(seller, PRICE_CENTS),
    gross_sales_money: money(seller, total),
    total_money: money(seller, total),
  };
}

/** One fulfilment; sent in several parcels, the seller has split it. */
function fulfilments(order: StockOrder): Record<string, unknown>[] {
  const shipment = (uid: string, state: string, entries: { line: StockLine; quantity: number }[] | null) => ({
    uid,
    type: 'SHIPMENT',
    state,
    line_item_application: entries ? 'ENTRY_LIST' : 'ALL',
    ...(entries && {
      entries: entries.map(({ line, quantity: units }, index) => ({
        uid: `${uid}-${index}`,
        line_item_uid: line.id,
        quantity: String(units),
      })),
    }),
  });
  const rest = order.cancelledAtMs !== null ? 'CANCELED' : order.paidAtMs === null ? 'PROPOSED' : 'RESERVED';
  const open = order.lines.flatMap((line) => {
    const units = openOf(line, order);
    return units > 0 ? [{ line, quantity: quantity(units) }] : [];
  });
  if (order.fulfilments.length === 0) return [shipment('F0', rest, null)];
  if (order.fulfilments.length === 1 && open.length === 0 && order.cancelledAtMs === null)
    return [shipment('F0', 'COMPLETED', null)];
  return [
    ...order.fulfilments.map((one, index) => shipment(`F${index}`, 'COMPLETED', one.lines)),
    ...(open.length > 0 ? [shipment(`F${order.fulfilments.length}`, rest, open)] : []),
  ];
}

function returnNode(made: ReturnOrder, row: OrderRow, seller: Seller): Record<string, unknown> {
  const { source, refund } = made;
  const cents = refund.lines.reduce((sum, line) => sum + line.quantity * PRICE_CENTS, 0);
  return {
    id: made.id,
    location_id: source.location!,
    source: { name: notesOf(source).till ? 'Point of Sale' : 'Square Dashboard' },
    state: 'COMPLETED',
    created_at: iso(made.atMs),
    updated_at: iso(row.updatedAtMs),
    closed_at: iso(made.atMs),
    returns: [
      {
        uid: `${made.id}-R`,
        source_order_id: source.id,
        return_line_items: refund.lines.map(({ line, quantity: units }, index) => ({
          uid: `${made.id}-${index}`,
          source_line_item_uid: line.id,
          catalog_object_id: line.item.id,
          catalog_version: seller.catalogVersion,
          quantity: String(units),
          name: line.item.title,
          variation_name: 'Regular',
          item_type: 'ITEM',
        })),
      },
    ],
    refunds: [
      {
        id: made.refundId,
        location_id: source.location!,
        transaction_id: source.id,
        tender_id: paymentId(source),
        created_at: iso(made.atMs),
        reason: 'Returned Goods',
        amount_money: money(seller, cents),
        status: 'APPROVED',
      },
    ],
    net_amount_due_money: money(seller, 0),
    total_money: money(seller, 0),
  };
}

export function paymentNode(
  order: StockOrder,
  status: 'APPROVED' | 'COMPLETED',
  seller: Seller,
): Record<string, unknown> {
  const total = money(seller, totalOf(order));
  const paidBack = order.refunds
    .flatMap(({ lines }) => lines)
    .reduce((sum, line) => sum + line.quantity * PRICE_CENTS, 0);
  return {
    id: paymentId(order),
    order_id: order.id,
    location_id: order.location!,
    status,
    source_type: notesOf(order).till ? 'CASH' : 'CARD',
    amount_money: total,
    total_money: total,
    ...(paidBack > 0 && { refunded_money: money(seller, paidBack) }),
    created_at: iso(order.paidAtMs ?? order.changedAtMs),
    updated_at: iso(order.changedAtMs),
    version_token: `v${order.version}`,
  };
}

export function refundNode(
  made: ReturnOrder,
  status: 'PENDING' | 'COMPLETED',
  seller: Seller,
): Record<string, unknown> {
  const cents = made.refund.lines.reduce((sum, line) => sum + line.quantity * PRICE_CENTS, 0);
  return {
    id: `${paymentId(made.source)}_${made.refundId}`,
    status,
    payment_id: paymentId(made.source),
    order_id: made.id,
    location_id: made.source.location!,
    amount_money: money(seller, cents),
    reason: 'Returned Goods',
    created_at: iso(made.atMs),
    updated_at: iso(made.atMs),
  };
}
