import {
  goneOf,
  openOf,
  type StockItem,
  type StockLine,
  type StockOrder,
} from '../../../platform/sandbox-kit/index.ts';
import { idOut } from '../api.ts';
import { type AdjustmentRow, itemNotes, type MoveRow, type Stand } from './stand.ts';

export const iso = (ms: number): string => new Date(Math.floor(ms)).toISOString();

/** "50.0", "-2.5": quantities are texts with a point. */
export const decimal = (value: number): string => (Number.isInteger(value) ? `${value}.0` : String(value));

const PRICE = '12.0';

export const locationNode = ({ id, name, holdsStock }: Stand['locations'][0]) => ({
  id: idOut(id),
  label: name,
  address1: '42b Hong Kong Street',
  country: 'SG',
  status: 'active',
  holds_stock: holdsStock,
});

export function variantNode(item: StockItem) {
  const { composite, archived } = itemNotes(item);
  const sum = (of: 'onHand' | 'committed') => decimal(item.levels.reduce((total, level) => total + level[of], 0));
  return {
    id: idOut(item.id),
    product_id: Number(item.id) - 500_000,
    sku: item.sku,
    upc: null,
    status: archived ? 'archived' : 'active',
    name: 'Default',
    product_name: item.title,
    product_status: 'active',
    manage_stock: item.tracked,
    max_online: null,
    keep_selling: false,
    composite: composite ?? null,
    sellable: true,
    buy_price: null,
    last_cost_price: '4.5',
    moving_average_cost: '4.5',
    stock_on_hand: sum('onHand'),
    committed_stock: sum('committed'),
    created_at: iso(item.levels[0]!.changedAtMs),
    updated_at: iso(Math.max(...item.levels.map(({ changedAtMs }) => changedAtMs))),
    // Only the places where it ever was have a row.
    locations: item.levels
      .filter(({ onHand, committed, version }) => onHand !== 0 || committed !== 0 || version > 1)
      .map((level) => ({
        location_id: idOut(level.location),
        stock_on_hand: decimal(level.onHand),
        committed: decimal(level.committed),
      })),
  };
}

/** Edits before shipping change the line's own quantity; there is no record of what was taken off. */
const orderedOf = (line: StockLine, order: StockOrder): number =>
  order.cancelledAtMs === null
    ? line.quantity - line.dropped - line.parts.reduce((sum, part) => sum + part.released, 0)
    : line.quantity;

function statusOf(order: StockOrder): string {
  if (order.cancelledAtMs !== null) return 'void';
  if (order.fulfilments.length > 0 && order.lines.every((line) => openOf(line, order) === 0)) return 'fulfilled';
  return order.paidAtMs === null ? 'active' : 'finalized';
}

export function orderNode(order: StockOrder, stand: Stand) {
  const moves = stand.movesOf.get(order);
  const status = statusOf(order);
  const gone = order.lines.some((line) => goneOf(line) > 0);
  return {
    id: idOut(order.id),
    company_id: 106,
    stock_location_id: idOut(order.location!),
    order_number: `SO${String(order.seq).padStart(4, '0')}`,
    reference_number: null,
    status,
    payment_status: order.paidAtMs === null ? 'unpaid' : 'paid',
    packed_status: gone ? 'packed' : 'unpacked',
    fulfillment_status: status === 'fulfilled' ? 'shipped' : gone ? 'partial' : 'unshipped',
    return_status: moves?.returns.length ? 'partial' : 'unreturned',
    issued_at: iso(order.placedAtMs).slice(0, 10),
    created_at: iso(order.placedAtMs),
    updated_at: iso(order.changedAtMs),
    source_id: null,
    source_url: null,
    order_line_item_ids: order.lines.map(({ id }) => idOut(id)),
    fulfillment_ids: moves?.fulfillments.map(({ id }) => id) ?? [],
    fulfillment_return_ids: moves?.returns.map(({ id }) => id) ?? [],
  };
}

export const lineNode = (line: StockLine, order: StockOrder, position: number) => ({
  id: idOut(line.id),
  order_id: idOut(order.id),
  variant_id: idOut(line.item.id),
  quantity: decimal(orderedOf(line, order)),
  price: PRICE,
  freeform: false,
  line_type: 'product',
  position,
});

export const fulfillmentNode = (row: MoveRow) => ({
  id: row.id,
  order_id: idOut(row.order.id),
  status: 'fulfilled',
  stock_location_id: idOut(row.location),
  shipped_at: iso(row.atMs),
  created_at: iso(row.atMs),
  updated_at: iso(row.atMs),
  fulfillment_line_item_ids: row.lines.map(({ id }) => id),
});

export const returnNode = (row: MoveRow) => ({
  id: row.id,
  order_id: idOut(row.order.id),
  status: 'received',
  location_id: idOut(row.location),
  received_at: iso(row.atMs),
  created_at: iso(row.atMs),
  updated_at: iso(row.atMs),
  fulfillment_return_line_item_ids: row.lines.map(({ id }) => id),
});

export const moveLineNodes = (row: MoveRow, of: 'fulfillment_id' | 'fulfillment_return_id') =>
  row.lines.map(({ id, line, quantity }) => ({
    id,
    [of]: row.id,
    order_line_item_id: idOut(line.id),
    quantity: decimal(quantity),
    base_price: PRICE,
  }));

export const adjustmentNode = (row: AdjustmentRow) => ({
  id: row.id,
  adjustment_number: row.number,
  reason: row.reason,
  notes: row.notes,
  stock_location_id: idOut(row.location),
  created_at: iso(row.atMs),
  updated_at: iso(row.atMs),
  stock_adjustment_line_item_ids: row.lines.map(({ id }) => id),
});
