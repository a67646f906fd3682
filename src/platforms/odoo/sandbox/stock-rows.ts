import { quantity } from '../../../domain/quantity.ts';
import { availableOf, type StockItem, type StockLevel } from '../../../platform/sandbox-kit/index.ts';
import type { Row } from './domain.ts';
import { ADJUSTMENT, COMPANY, CUSTOMERS, type Office, productOf, USER } from './office.ts';
import { moment } from './print.ts';

type Context = Record<string, unknown>;

export function productRow(office: Office, item: StockItem, context: Context): Row {
  const levels = item.tracked ? item.levels.filter((level) => isAsked(office, level, context)) : [];
  const sum = (of: (level: StockLevel) => number) => levels.reduce((total, level) => quantity(total + of(level)), 0);
  const [id, name] = productOf(item);
  return {
    id,
    default_code: item.sku,
    barcode: false,
    name: item.title,
    display_name: name,
    product_tmpl_id: [id - 5, name],
    active: true,
    type: item.tracked ? 'consu' : 'service',
    is_storable: item.tracked,
    detailed_type: item.tracked ? 'product' : 'service',
    tracking: item.extra?.['tracking'] ?? 'none',
    uom_id: [1, 'Units'],
    write_date: moment(item.levels[0]!.changedAtMs),
    qty_available: sum((level) => level.onHand),
    outgoing_qty: sum((level) => level.committed),
    incoming_qty: 0,
    free_qty: sum((level) => level.onHand - reservedOf(level)),
    virtual_available: sum(availableOf),
  };
}

/** Odoo reserves what is there and no more. */
const reservedOf = (level: StockLevel): number => Math.max(0, Math.min(level.committed, level.onHand));

function isAsked(office: Office, level: StockLevel, context: Context): boolean {
  const there = office.warehouses.find((one) => one.spot === level.location)!;
  const warehouse = context['warehouse_id'] ?? context['warehouse'];
  if (typeof warehouse === 'number') return warehouse === there.id;
  const { location } = context;
  return typeof location !== 'number' || [there.view, there.stock].includes(location);
}

/** Where a level's units lie: in stock, on a shelf, in a lot. Rows at zero do not exist. */
export function quantRows(office: Office, level: StockLevel): Row[] {
  if (!level.item.tracked) return [];
  const there = office.warehouses.find((one) => one.spot === level.location)!;
  const apart = office.shelved.get(level) ?? { shelf: 0, lot: 0 };
  const rows = [
    quantRow(office, level, 'plain', there.stock, quantity(level.onHand - apart.shelf - apart.lot)),
    quantRow(office, level, 'shelf', there.shelf, apart.shelf),
    quantRow(office, level, 'lot', there.stock, apart.lot),
  ];
  return rows.filter((row) => row['quantity'] !== 0 || office.counts.has(row.id));
}

function quantRow(office: Office, level: StockLevel, kind: string, location: number, units: number): Row {
  const id = office.idOf(level, `quant ${kind}`);
  const count = office.counts.get(id);
  const there = office.warehouses.find((one) => one.spot === level.location)!;
  const reserved = kind === 'plain' ? Math.max(0, Math.min(level.committed, units)) : 0;
  const [product, name] = productOf(level.item);
  const today = moment(office.options.clock.now()).slice(0, 10);
  return {
    id,
    display_name: 'WH/Stock',
    product_id: [product, name],
    product_tmpl_id: [product - 5, name],
    product_uom_id: [1, 'Units'],
    is_favorite: false,
    company_id: COMPANY,
    location_id: [location, 'WH/Stock'],
    warehouse_id: [there.id, there.name],
    storage_category_id: false,
    cyclic_inventory_frequency: 0,
    lot_id: kind === 'lot' ? [5, 'LOT-1'] : false,
    lot_properties: [],
    sn_duplicated: false,
    package_id: false,
    owner_id: false,
    quantity: units,
    reserved_quantity: reserved,
    available_quantity: quantity(units - reserved),
    in_date: moment(level.changedAtMs),
    tracking: level.item.extra?.['tracking'] ?? 'none',
    on_hand: false,
    product_categ_id: false,
    inventory_quantity: count?.inventory_quantity ?? 0,
    inventory_quantity_auto_apply: units,
    inventory_diff_quantity: count?.diff ?? 0,
    inventory_date: today,
    last_count_date: today,
    inventory_quantity_set: count !== undefined,
    is_outdated: count !== undefined && quantity(count.inventory_quantity - count.diff) !== units,
    user_id: false,
    create_uid: USER,
    create_date: moment(level.changedAtMs),
    write_uid: USER,
    write_date: moment(level.changedAtMs),
    value: 0,
    currency_id: [1, 'USD'],
    accounting_date: false,
    cost_method: 'standard',
  };
}

export const warehouseRows = (office: Office): Row[] =>
  office.warehouses.map(({ id, name, view, stock }) => ({
    id,
    name,
    code: `WH${view}`,
    active: true,
    lot_stock_id: [stock, 'WH/Stock'],
    view_location_id: [view, 'WH'],
    company_id: COMPANY,
    write_date: moment(0),
  }));

export function locationRows(office: Office): Row[] {
  const row = (id: number, usage: string, warehouse: Office['warehouses'][0] | null): Row => ({
    id,
    complete_name: usage,
    usage,
    warehouse_id: warehouse ? [warehouse.id, warehouse.name] : false,
    active: true,
  });
  return [
    row(CUSTOMERS, 'customer', null),
    row(ADJUSTMENT, 'inventory', null),
    ...office.warehouses.flatMap((one) => [
      row(one.view, 'view', one),
      row(one.stock, 'internal', one),
      row(one.shelf, 'internal', one),
    ]),
  ];
}
