import {
  availableOf,
  openOf,
  type StockItem,
  type StockLevel,
  type StockOrder,
} from '../../../platform/sandbox-kit/index.ts';
import { type Account, itemNotes, PRICE, refundLineId, type SaleRow, saleNotes } from './account.ts';

type Node = Record<string, unknown>;

/** Whole seconds, UTC, with an offset. */
const stamp = (ms: number): string => `${new Date(Math.floor(ms)).toISOString().slice(0, 19)}+00:00`;

/** A list of one is printed as the one, a list of none not at all. */
export const collapsed = (name: string, rows: unknown[]): Node =>
  rows.length === 0 ? {} : { [name]: rows.length === 1 ? rows[0] : rows };

export function itemNode(item: StockItem, relations: string[]): Node {
  const { itemType, archived } = itemNotes(item);
  return {
    itemID: item.id,
    systemSku: String(210_000_000_000 + item.seq),
    defaultCost: '10',
    discountable: 'true',
    tax: 'true',
    archived: String(archived === true),
    itemType: itemType ?? (item.tracked ? 'default' : 'non_inventory'),
    serialized: 'false',
    description: item.title,
    modelYear: '0',
    upc: '',
    ean: '',
    customSku: item.sku,
    manufacturerSku: '',
    createTime: stamp(item.levels[0]!.changedAtMs),
    timeStamp: stamp(item.levels[0]!.changedAtMs),
    categoryID: '0',
    itemMatrixID: '0',
    manufacturerID: '0',
    ...(relations.includes('ItemShops') && { ItemShops: collapsed('ItemShop', itemShops(item)) }),
  };
}

/** One row per shop, and the sum of all as shop 0. */
function itemShops(item: StockItem): Node[] {
  const rows = item.levels.map((level, index) => itemShopNode(level, index + 1));
  const sum = (name: string) => String(rows.reduce((total, row) => total + Number(row[name]), 0));
  return [
    ...rows,
    { ...rows[0], itemShopID: shopRowId(item, 0), shopID: '0', qoh: sum('qoh'), sellable: sum('sellable') },
  ];
}

const shopRowId = (item: StockItem, index: number): string => String(item.seq * 100 + index);

/** QOH leaves out what is set aside for customers. */
export function itemShopNode(level: StockLevel, index: number): Node {
  const qoh = level.item.tracked ? availableOf(level) : 0;
  return {
    itemShopID: shopRowId(level.item, index),
    qoh: String(qoh),
    sellable: String(Math.max(0, qoh)),
    backorder: '0',
    componentQoh: '0',
    componentBackorder: '0',
    onLayaway: String(level.committed),
    onSpecialOrder: '0',
    onWorkorder: '0',
    onTransferOut: '0',
    onTransferIn: '0',
    reorderPoint: '0',
    reorderLevel: '0',
    timeStamp: stamp(level.changedAtMs),
    itemID: level.item.id,
    shopID: level.location,
  };
}

export function saleNode(row: SaleRow, relations: string[]): Node {
  const { order } = row;
  const { voided, archived, reference } = saleNotes(order);
  const completed = row.kind === 'refund' || (order.paidAtMs !== null && !isWaiting(order));
  const createdMs = row.kind === 'refund' ? row.refund.atMs : order.placedAtMs;
  const completedMs = row.kind === 'refund' ? row.refund.atMs : (order.paidAtMs ?? createdMs);
  return {
    saleID: String(row.id),
    timeStamp: stamp(completed ? completedMs : row.changedAtMs),
    completed: String(completed),
    archived: String(row.kind === 'sale' && archived === true),
    voided: String(row.kind === 'sale' && voided === true),
    enablePromotions: 'true',
    createTime: stamp(createdMs),
    updatetime: stamp(row.changedAtMs),
    ...(completed && { completeTime: stamp(completedMs) }),
    referenceNumber: reference?.number ?? '',
    referenceNumberSource: reference?.source ?? '',
    total: String(order.lines.reduce((sum, line) => sum + line.quantity * PRICE, 0)),
    customerID: '0',
    employeeID: '1',
    quoteID: '0',
    registerID: '1',
    shipToID: '0',
    shopID: order.location ?? '0',
    ...(relations.includes('SaleLines') && {
      SaleLines: collapsed('SaleLine', linesOfRow(row, relations, 'SaleLines.')),
    }),
  };
}

/** Set aside, and not rung up yet. */
export const isWaiting = (order: StockOrder): boolean =>
  saleNotes(order).layaway === true && order.lines.some((line) => openOf(line, order) > 0);

/** @param prefix how the relations of lines are named: "SaleLines." with a sale, "" with a line */
export function linesOfRow(row: SaleRow, relations: string[], prefix: string): Node[] {
  const { order } = row;
  if (row.kind === 'refund')
    return row.refund.lines.map(({ line, quantity, location }, index) => ({
      ...lineNode(order, line.item, row.changedAtMs),
      saleLineID: String(refundLineId(row.refund, index)),
      unitQuantity: String(-quantity),
      parentSaleLineID: line.id,
      saleID: String(row.id),
      shopID: location ?? order.location ?? '0',
    }));
  const waits = isWaiting(order);
  return order.lines.map((line) => ({
    ...lineNode(order, line.item, row.changedAtMs),
    saleLineID: line.id,
    unitQuantity: String(line.quantity - line.dropped),
    isLayaway: String(saleNotes(order).layaway === true),
    saleID: waits ? '0' : order.id,
    ...(waits &&
      relations.includes(`${prefix}InventorySales`) && {
        InventorySales: collapsed('InventorySale', [
          {
            inventorySaleID: line.id,
            quantity: String(openOf(line, order)),
            createTime: stamp(order.placedAtMs),
            inventoryID: '1',
          },
        ]),
      }),
  }));
}

const lineNode = (order: StockOrder, item: StockItem, changedAtMs: number): Node => ({
  createTime: stamp(order.placedAtMs),
  timeStamp: stamp(changedAtMs),
  unitPrice: String(PRICE),
  tax: 'true',
  isLayaway: 'false',
  isWorkorder: 'false',
  isSpecialOrder: 'false',
  customerID: '0',
  employeeID: '1',
  itemID: item.id,
  noteID: '0',
  parentSaleLineID: '0',
  itemFeeID: '0',
  shopID: order.location ?? '0',
});

export const shopNode = ({ id, name, archived }: Account['shops'][0]): Node => ({
  shopID: id,
  name,
  serviceRate: '0',
  timeZone: 'Etc/UTC',
  taxLabor: 'false',
  archived: String(archived),
  timeStamp: stamp(0),
});
