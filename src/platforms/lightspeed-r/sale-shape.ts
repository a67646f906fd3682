import { z } from 'zod';
import { record, rowsOf, word } from './api.ts';

const text = word.nullish();

/** One line of a sale, or units set aside for a customer, which is a line that is on no sale yet (`saleID` "0"). */
export const lineShape = z.object({
  saleLineID: word,
  saleID: text,
  itemID: text,
  shopID: text,
  unitQuantity: text,
  isLayaway: text,
  isSpecialOrder: text,
  isWorkorder: text,
  lineType: text,
  itemFeeID: text,
  createTime: text,
  timeStamp: text,
  InventorySales: z.unknown().optional(),
});
export type SaleLine = z.infer<typeof lineShape>;

export const saleShape = z.object({
  saleID: word,
  completed: text,
  archived: text,
  voided: text,
  createTime: text,
  updatetime: text,
  /** As older accounts spell it. */
  updateTime: text,
  completeTime: text,
  timeStamp: text,
  referenceNumber: text,
  referenceNumberSource: text,
  shopID: text,
  SaleLines: z.unknown().optional(),
});
export type Sale = z.infer<typeof saleShape>;

/** The lines of a sale. @throws ZodError for one that cannot be read: it must not pass for one that was removed. */
export const linesOf = (sale: Sale): SaleLine[] =>
  rowsOf(record(sale.SaleLines)?.['SaleLine']).map((row) => lineShape.parse(row));

const allocation = z.object({ quantity: word });

/** Units taken from the shelf for this line and not sold yet, as texts. */
export const allocationsOf = (line: SaleLine): string[] =>
  rowsOf(record(line.InventorySales)?.['InventorySale']).map((row) => allocation.parse(row).quantity);
