import {
  availableOf,
  openOf,
  type StockFulfilment,
  type StockItem,
  type StockOrder,
  type StockPart,
  type StockRefund,
} from '../../../platform/sandbox-kit/index.ts';
import { type Adjustment, day, type Organization, stamp } from './organization.ts';

export const modifiedMs = (item: StockItem): number => Math.max(...item.levels.map((level) => level.changedAtMs));

/** Stock stands as text in `locations`, physical less promised as "actual available". */
export function itemRow(organization: Organization, item: StockItem): Record<string, unknown> {
  const places = item.tracked ? item.levels : [];
  return {
    item_id: item.id,
    name: item.title,
    status: 'active',
    item_type: item.tracked ? 'inventory' : 'sales',
    product_type: item.tracked ? 'goods' : 'service',
    is_combo_product: false,
    rate: 10,
    sku: item.sku,
    created_time: stamp(0),
    last_modified_time: stamp(modifiedMs(item)),
    locations: places.map((level, index) => ({
      location_id: level.location,
      location_name: organization.options.locations[index]!.name,
      status: 'active',
      is_primary: index === 0,
      location_stock_on_hand: text(level.onHand),
      location_available_stock: text(level.onHand),
      location_actual_available_stock: text(availableOf(level)),
    })),
  };
}

const text = (units: number): string => (units === 0 ? '' : units.toFixed(2));

function statusOf(order: StockOrder): string {
  if (order.cancelledAtMs !== null) return 'void';
  if (!order.taken) return 'draft';
  const open = order.lines.reduce((sum, line) => sum + openOf(line, order), 0);
  if (open === 0) return 'fulfilled';
  return order.fulfilments.length > 0 ? 'partially_shipped' : 'confirmed';
}

const total = (order: StockOrder, of: (line: StockOrder['lines'][0]) => number) =>
  order.lines.reduce((sum, line) => sum + of(line), 0);

/** As `/itemdetails` shows it: without times. */
export function itemDetails(organization: Organization, item: StockItem): Record<string, unknown> {
  const { is_combo_product, created_time, last_modified_time, ...row } = itemRow(organization, item);
  return row;
}

/** As the list shows it: without lines. */
export function orderSummary(order: StockOrder): Record<string, unknown> {
  const shipped = total(order, (line) => line.parts.reduce((sum, part) => sum + part.fulfilled, 0));
  return {
    salesorder_id: order.id,
    salesorder_number: numberOf(order),
    status: statusOf(order),
    reference_number: String(order.extra?.['reference_number'] ?? ''),
    sales_channel: String(order.extra?.['sales_channel'] ?? 'direct_sales'),
    date: day(order.placedAtMs),
    quantity: total(order, (line) => line.quantity),
    quantity_shipped: shipped,
    created_time: stamp(order.placedAtMs),
    last_modified_time: stamp(order.changedAtMs),
  };
}

export const numberOf = (order: StockOrder): string => `SO-${String(order.seq).padStart(5, '0')}`;

const orderedOf = (part: StockPart): number => part.committed + part.released + part.fulfilled + part.writtenOff;

/** One line per place that the goods come from: a line of Zoho has one location. */
export function orderRow(organization: Organization, order: StockOrder): Record<string, unknown> {
  const first = organization.options.locations[0]!.id;
  const { quantity: _, quantity_shipped: __, ...summary } = orderSummary(order);
  return {
    ...summary,
    location_id: order.location ?? first,
    line_items: order.lines.flatMap((line) => {
      const parts = line.parts.filter((part) => orderedOf(part) > 0);
      const row = (id: string, units: number, shipped: number, location: string) => ({
        line_item_id: id,
        item_id: line.item.id,
        name: line.item.title,
        quantity: units,
        quantity_shipped: shipped,
        unit: 'qty',
        is_combo_product: false,
        location_id: location,
      });
      if (parts.length === 0) return [row(line.id, line.quantity, 0, order.location ?? first)];
      return parts.map((part, index) =>
        row(index === 0 ? line.id : organization.idOf(part), orderedOf(part), part.fulfilled, part.location),
      );
    }),
    packages: order.fulfilments.map((one) => ({
      package_id: organization.idOf(one),
      status: 'shipped',
    })),
  };
}

export const packageRow = (organization: Organization, order: StockOrder, one: StockFulfilment) => ({
  package_id: organization.idOf(one),
  salesorder_id: order.id,
  salesorder_number: numberOf(order),
  status: 'shipped',
  date: day(one.atMs),
  last_modified_time: stamp(one.atMs),
});

const isReturn = (refund: StockRefund): boolean => refund.of === 'return' && refund.restock;

/** Goods that came back and were received. Money given back without them is a credit note, and no return. */
export const returnsOf = (order: StockOrder): StockRefund[] => order.refunds.filter(isReturn);

export function returnRow(organization: Organization, order: StockOrder, refund: StockRefund, whole: boolean) {
  const units = refund.lines.reduce((sum, part) => sum + part.quantity, 0);
  const summary = {
    salesreturn_id: organization.idOf(refund),
    salesreturn_number: `RMA-${refund.seq}`,
    date: day(refund.atMs),
    salesorder_id: order.id,
    salesorder_number: numberOf(order),
    salesreturn_status: 'approved',
    receive_status: 'received',
  };
  if (!whole) return { ...summary, quantity: units };
  const lines = refund.lines.map((part) => ({
    line_item_id: organization.idOf(part),
    item_id: part.line.item.id,
    name: part.line.item.title,
    salesorder_item_id: part.line.id,
    quantity: part.quantity,
    non_receive_quantity: 0,
    location_id: part.location,
  }));
  const received = lines.map(({ line_item_id, item_id, quantity }) => ({ line_item_id, item_id, quantity }));
  return {
    ...summary,
    line_items: lines,
    salesreturnreceives: [{ receive_id: organization.idOf(refund.lines), date: summary.date, line_items: received }],
  };
}

export const adjustmentRow = (one: Adjustment) => ({
  inventory_adjustment_id: one.id,
  date: one.date,
  reason: one.reason,
  description: one.description,
  reference_number: one.reference,
  adjustment_type: 'quantity',
});
