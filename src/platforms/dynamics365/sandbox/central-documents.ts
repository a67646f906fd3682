import { type Quantity, quantity } from '../../../domain/quantity.ts';
import type { StockLine, StockOrder, StockRefund } from '../../../platform/sandbox-kit/index.ts';
import type { Table } from './odata.ts';
import { guid, iso } from './tenant.ts';

/** A document of Business Central: an open order, a posted invoice, a posted credit memo. */
export interface CentralRow {
  id: string;
  number: string;
  order: StockOrder;
  refund?: StockRefund;
  modifiedMs: number;
}

const NO_GUID = '00000000-0000-0000-0000-000000000000';

const fulfilledOf = (line: StockLine): Quantity => quantity(line.parts.reduce((sum, part) => sum + part.fulfilled, 0));

const openUnits = (line: StockLine): Quantity => quantity(line.parts.reduce((sum, part) => sum + part.committed, 0));

/** What is left to be shipped. */
export const openUnitsOf = (order: StockOrder): Quantity =>
  quantity(order.lines.reduce((sum, line) => sum + openUnits(line), 0));

const day = (ms: number): string => iso(ms).slice(0, 10);

/** Staff lower the quantity of a line when a part is cancelled. */
function orderLine(row: CentralRow, line: StockLine, index: number): Record<string, unknown> {
  const shipped = fulfilledOf(line);
  return {
    ...shared(row, line, index),
    quantity: quantity(openUnits(line) + shipped),
    shippedQuantity: shipped,
    invoicedQuantity: 0,
  };
}

const shared = (row: CentralRow, line: StockLine, index: number) => ({
  id: guid('c1', row.order.seq * 1000 + index),
  documentId: row.id,
  sequence: (index + 1) * 10_000,
  itemId: line.item.id,
  lineType: 'Item',
  lineObjectNumber: line.item.sku,
  description: line.item.title,
  unitOfMeasureCode: 'PCS',
  locationId: NO_GUID,
});

const header = (row: CentralRow, status: string, etag = row.modifiedMs) => ({
  '@odata.etag': `W/"JzE5OzM${Math.round(etag * 1024)}"`,
  id: row.id,
  number: row.number,
  externalDocumentNumber: '',
  status,
  lastModifiedDateTime: iso(row.modifiedMs),
});

const COMMON = ['id', 'number', 'externalDocumentNumber', 'status', 'lastModifiedDateTime'];

function field(row: CentralRow, name: string): string | number | undefined {
  if (name === 'lastModifiedDateTime') return Math.floor(row.modifiedMs);
  if (name === 'orderId') return row.order.id;
  return name === 'id' ? row.id : name === 'number' ? row.number : undefined;
}

export const orderTable = (rows: () => readonly CentralRow[]): Table<CentralRow> => ({
  rows,
  field,
  key: ({ number }) => number,
  columns: [...COMMON, 'orderDate', 'fullyShipped'],
  node: (row, expand) => ({
    ...header(row, 'Open'),
    orderDate: day(row.order.placedAtMs),
    fullyShipped: false,
    ...(expand?.includes('salesOrderLines') && {
      salesOrderLines: row.order.lines.map((line, index) => orderLine(row, line, index)),
    }),
  }),
});

export const invoiceTable = (rows: () => readonly CentralRow[]): Table<CentralRow> => ({
  rows,
  field,
  key: ({ number }) => number,
  columns: [...COMMON, 'invoiceDate', 'orderId', 'orderNumber'],
  node: (row, expand) => ({
    ...header(row, 'Open'),
    invoiceDate: day(row.modifiedMs),
    orderId: row.order.id,
    orderNumber: `S-ORD${String(row.order.seq).padStart(6, '0')}`,
    ...(expand?.includes('salesInvoiceLines') && {
      salesInvoiceLines: row.order.lines.map((line, index) => ({
        ...shared(row, line, index),
        quantity: fulfilledOf(line),
      })),
    }),
  }),
});

/** Goods come back on item lines; money alone is credited to an account. */
export const memoTable = (rows: () => readonly CentralRow[]): Table<CentralRow> => ({
  rows,
  field,
  key: ({ number }) => number,
  columns: [...COMMON, 'creditMemoDate', 'invoiceNumber'],
  node: (row, expand) => ({
    ...header(row, 'Open'),
    creditMemoDate: day(row.modifiedMs),
    invoiceNumber: '',
    ...(expand?.includes('salesCreditMemoLines') && {
      salesCreditMemoLines: (row.refund?.lines ?? []).map(({ line, quantity: units }, index) => ({
        ...shared(row, line, index),
        ...(!row.refund?.restock && { itemId: NO_GUID, lineType: 'Account', lineObjectNumber: '40140' }),
        quantity: units,
      })),
    }),
  }),
});
