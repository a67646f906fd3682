import { z } from 'zod';
import type { Doc, Line } from '../../domain/document.ts';
import { type Quantity, quantity, readQuantity } from '../../domain/quantity.ts';
import { NO_LOCATION } from '../../platform/contract.ts';
import type { QboConfig } from './config.ts';

/** The documents that move stock by selling; the sign is what one unit on them does to what is gone. */
export const SALES = { SalesReceipt: 1, Invoice: 1, RefundReceipt: -1, CreditMemo: -1 } as const;
export type SaleEntity = keyof typeof SALES;
export const ENTITIES = Object.keys(SALES) as SaleEntity[];

/** `salesreceipt:150`: as in addresses and events. */
export const docName = (entity: SaleEntity, id: string): string => `${entity.toLowerCase()}:${id}`;

export function entityOf(word: string): SaleEntity | undefined {
  return ENTITIES.find((entity) => entity.toLowerCase() === word.toLowerCase());
}

const text = z.string().nullish();
const units = z.union([z.number(), z.string()]).nullish();
const ref = z.object({ value: z.union([z.string(), z.number()]).transform(String), name: text });

const plainLine = z.object({
  Id: z.union([z.string(), z.number()]).transform(String).nullish(),
  DetailType: text,
  SalesItemLineDetail: z.object({ ItemRef: ref.nullish(), Qty: units }).nullish(),
});
const line = plainLine.extend({ GroupLineDetail: z.object({ Line: z.array(plainLine).nullish() }).nullish() });

/** Customers' names and addresses are not even read. */
export const saleShape = z.object({
  Id: z.string().min(1),
  SyncToken: z.string().nullish(),
  status: text,
  MetaData: z.object({ CreateTime: text, LastUpdatedTime: text }).nullish(),
  Balance: units,
  Line: z.array(line).nullish(),
});
export type Sale = z.infer<typeof saleShape>;

/** Shipping is a line of its own, with this in place of an item. */
const NO_ITEM = ['SHIPPING_ITEM_ID', 'DISCOUNT_ITEM_ID'];

/**
 * Saved is gone: QuickBooks lowers its quantity when a receipt or invoice is saved, and raises it with a refund receipt or
 * credit memo. A voided one keeps its lines with a quantity of 0.
 * @throws QuantityError on a line whose number is no quantity
 */
export function docOf(entity: SaleEntity, sale: Sale, config: Pick<QboConfig, 'account'>): Doc {
  const created = Date.parse(sale.MetaData?.CreateTime ?? '');
  return {
    account: config.account,
    doc: docName(entity, sale.Id),
    rev: sale.SyncToken ?? null,
    whole: true,
    source: entity,
    saleAt: new Date(Number.isNaN(created) ? 0 : created).toISOString(),
    ...(entity === 'Invoice' && { paid: readQuantity(sale.Balance ?? 0) <= 0 }),
    lines: linesOf(sale).map(({ name, item, ordered }) => lineOf(name, item, quantity(SALES[entity] * ordered))),
  };
}

/**
 * What was deleted cannot be read any more, and QuickBooks has undone what it did to stock: an order without lines, not one
 * that is gone and keeps what it shipped.
 */
export const deletedDoc = (entity: SaleEntity, id: string, config: Pick<QboConfig, 'account'>): Doc => ({
  account: config.account,
  doc: docName(entity, id),
  rev: null,
  whole: true,
  source: entity,
  saleAt: new Date(0).toISOString(),
  state: 'Deleted',
  lines: [],
});

const lineOf = (name: string, listing: string, out: Quantity): Line => ({
  line: name,
  listing,
  parts: [{ location: NO_LOCATION, committed: 0, out, returned: 0, taken: out }],
});

/** A bundle's own line names a quantity too; what moves stock are the lines inside it. */
function linesOf(sale: Sale): { name: string; item: string; ordered: Quantity }[] {
  return (sale.Line ?? []).flatMap((one, index) => {
    const name = one.Id ?? `at ${index}`;
    if (one.GroupLineDetail)
      return (one.GroupLineDetail.Line ?? []).flatMap((inner, at) => itemOf(`${name}/${inner.Id ?? at}`, inner));
    return itemOf(name, one);
  });
}

function itemOf(name: string, { SalesItemLineDetail: detail }: z.infer<typeof plainLine>) {
  const item = detail?.ItemRef?.value;
  if (!item || NO_ITEM.includes(item)) return [];
  return [{ name, item, ordered: readQuantity(detail?.Qty ?? 0) }];
}
