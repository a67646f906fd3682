import { z } from 'zod';

/** `tYES`, `tNO`; absent in older releases. */
const yesNo = z.string().nullish();
const code = z.string();

export const warehouse = z.object({
  WarehouseCode: code,
  WarehouseName: z.string().nullish(),
  Inactive: yesNo,
  DropShip: yesNo,
  EnableBinLocations: yesNo,
});

const stock = z.object({
  WarehouseCode: code.nullish(),
  InStock: z.number().nullish(),
  Committed: z.number().nullish(),
});

export const item = z.object({
  ItemCode: code,
  ItemName: z.string().nullish(),
  BarCode: z.string().nullish(),
  InventoryItem: yesNo,
  Valid: yesNo,
  Frozen: yesNo,
  ManageSerialNumbers: yesNo,
  ManageBatchNumbers: yesNo,
  TreeType: z.string().nullish(),
});
export type SapItem = z.infer<typeof item>;

export const itemStock = z.object({
  ItemCode: code,
  InventoryItem: yesNo,
  ItemWarehouseInfoCollection: z.array(stock).nullish(),
});

const line = z.object({
  LineNum: z.number().int(),
  ItemCode: code.nullish(),
  Quantity: z.number().nullish(),
  InventoryQuantity: z.number().nullish(),
  RemainingOpenQuantity: z.number().nullish(),
  RemainingOpenInventoryQuantity: z.number().nullish(),
  WarehouseCode: code.nullish(),
  BaseType: z.number().int().nullish(),
  BaseEntry: z.number().int().nullish(),
  LineStatus: z.string().nullish(),
  WithoutInventoryMovement: yesNo,
  TreeType: z.string().nullish(),
});
export type SapLine = z.infer<typeof line>;

export const businessDocument = z.object({
  DocEntry: z.number().int(),
  DocType: z.string().nullish(),
  DocDate: z.string().nullish(),
  DocTime: z.string().nullish(),
  CreationDate: z.string().nullish(),
  UpdateDate: z.string().nullish(),
  UpdateTime: z.string().nullish(),
  NumAtCard: z.string().nullish(),
  DocumentStatus: z.string().nullish(),
  Cancelled: yesNo,
  CancelStatus: z.string().nullish(),
  ReserveInvoice: yesNo,
  DocumentLines: z.array(line),
});
export type SapDocument = z.infer<typeof businessDocument>;

/** One page of a set. */
export const page = <T>(row: z.ZodType<T>) =>
  z.object({ value: z.array(row), '@odata.nextLink': z.string().nullish() });

const fieldsOf = (shape: z.ZodObject): string => Object.keys(shape.shape).join(',');
export const WAREHOUSE_FIELDS = fieldsOf(warehouse);
export const ITEM_FIELDS = fieldsOf(item);
export const STOCK_FIELDS = fieldsOf(itemStock);
export const DOCUMENT_FIELDS = fieldsOf(businessDocument);

export const isYes = (value: string | null | undefined): boolean => value === 'tYES' || value === 'Y';
