import { NO_LOCATION } from '../../../platform/contract.ts';
import { availableOf, type StockItem, type StockLine } from '../../../platform/sandbox-kit/index.ts';
import { type Adjustment, type Company, SHRINKAGE, stamp, type Txn } from './company.ts';

const PRICE = 10;

export function itemJson(company: Company, item: StockItem): Record<string, unknown> {
  const level = company.book.shelves.level(item, NO_LOCATION)!;
  const created = item.levels[0]!;
  const base = {
    Name: item.title,
    Sku: item.sku,
    Active: !company.inactive.has(item.id),
    FullyQualifiedName: item.title,
    Taxable: true,
    UnitPrice: PRICE,
    PurchaseCost: 0,
    Id: item.id,
    SyncToken: String(level.version - 1),
    MetaData: {
      CreateTime: stamp(Date.UTC(2026, 0, 1) + item.seq * 1_000),
      LastUpdatedTime: stamp(created.changedAtMs),
    },
    domain: 'QBO',
    sparse: false,
    IncomeAccountRef: { value: '79', name: 'Sales of Product Income' },
  };
  if (!item.tracked) return { ...base, Type: 'NonInventory', TrackQtyOnHand: false };
  return {
    ...base,
    Type: 'Inventory',
    TrackQtyOnHand: true,
    QtyOnHand: availableOf(level),
    InvStartDate: '2026-01-01',
    AssetAccountRef: { value: '81', name: 'Inventory Asset' },
    ExpenseAccountRef: { value: SHRINKAGE, name: 'Cost of Goods Sold' },
  };
}

const saleLine = (id: number, line: StockLine, units: number) => ({
  Id: String(id),
  LineNum: id,
  Description: line.item.title,
  Amount: PRICE * units,
  DetailType: 'SalesItemLineDetail',
  SalesItemLineDetail: {
    ItemRef: { value: line.item.id, name: line.item.title },
    UnitPrice: PRICE,
    Qty: units,
    TaxCodeRef: { value: 'NON' },
  },
});

/** A document as it is read; of a deleted one change data capture knows no more than its number. */
export function txnJson(txn: Txn): Record<string, unknown> {
  const { entity, order, refund } = txn;
  const meta = { CreateTime: stamp(txn.createdMs), LastUpdatedTime: stamp(txn.changedMs) };
  if (txn.state === 'deleted')
    return { domain: 'QBO', status: 'Deleted', Id: txn.id, MetaData: { LastUpdatedTime: stamp(txn.changedMs) } };
  const voided = txn.state === 'voided';
  const units = refund
    ? refund.lines.map(({ line, quantity }) => ({ line, quantity: refund.restock ? quantity : 0 }))
    : order.lines.map((line) => ({ line, quantity: line.quantity }));
  const lines = units
    .filter(({ quantity }) => quantity > 0)
    .map(({ line, quantity }, index) => saleLine(index + 1, line, voided ? 0 : quantity));
  const total = lines.reduce((sum, { Amount }) => sum + Amount, 0);
  // Money given back for goods that stay away: of shipping, which has no stock.
  const shipping = {
    Amount: PRICE,
    DetailType: 'SalesItemLineDetail',
    SalesItemLineDetail: { ItemRef: { value: 'SHIPPING_ITEM_ID' }, TaxCodeRef: { value: 'NON' } },
  };
  return {
    domain: 'QBO',
    sparse: false,
    Id: txn.id,
    SyncToken: String(txn.syncToken),
    MetaData: meta,
    DocNumber: txn.id,
    TxnDate: stamp(txn.createdMs).slice(0, 10),
    ...(voided && { PrivateNote: 'Voided' }),
    Line: [
      ...lines,
      ...(lines.length === 0 && refund ? [shipping] : []),
      { Amount: total, DetailType: 'SubTotalLineDetail', SubTotalLineDetail: {} },
    ],
    TotalAmt: total,
    ...(entity === 'Invoice' && { Balance: order.paidAtMs === null && !voided ? total : 0 }),
  };
}

export const adjustmentJson = ({ id, createdMs, body }: Adjustment): Record<string, unknown> => ({
  ...body,
  domain: 'QBO',
  sparse: false,
  Id: id,
  SyncToken: '0',
  MetaData: { CreateTime: stamp(createdMs), LastUpdatedTime: stamp(createdMs) },
  TxnDate: stamp(createdMs).slice(0, 10),
});

export const accountsJson = (): Record<string, unknown>[] => [
  { Id: SHRINKAGE, Name: 'Inventory Shrinkage', AccountType: 'Cost of Goods Sold', Active: true, SyncToken: '0' },
  { Id: '7', Name: 'Advertising', AccountType: 'Expense', Active: true, SyncToken: '0' },
];
