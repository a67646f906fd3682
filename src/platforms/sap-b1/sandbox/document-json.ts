import { quantity } from '../../../domain/quantity.ts';
import { localTime } from '../../../platform/local-time.ts';
import type { StockOrder } from '../../../platform/sandbox-kit/index.ts';
import { DELIVERY, INVOICE, ORDER, RETURN } from '../documents.ts';
import { type BusinessDocument, isCounterSale, TIME_ZONE } from './company.ts';
import type { Fields } from './odata.ts';

const TYPES = { Orders: ORDER, DeliveryNotes: DELIVERY, Invoices: INVOICE, Returns: RETURN, CreditNotes: 14 } as const;

/** What a query looks at; the lines are only made for those that are shown. */
export function headOf({ entry, changedMs, createdMs }: BusinessDocument): Fields {
  const [day, time] = localTime(changedMs, TIME_ZONE).split(' ');
  const [created] = localTime(createdMs, TIME_ZONE).split(' ');
  return { DocEntry: entry, DocDate: created, CreationDate: created, UpdateDate: day, UpdateTime: time };
}

export function documentOf(document: BusinessDocument): Fields {
  const { entry, set, source, createdMs } = document;
  const order = source.of === 'order' ? source.order : undefined;
  const isOver = order !== undefined && order.cancelledAtMs !== null;
  const lines = linesOf(document);
  const isClosed = isOver || (set === 'Orders' && lines.every(({ LineStatus }) => LineStatus === 'bost_Close'));
  return {
    ...headOf(document),
    DocNum: 10_000 + entry,
    DocType: 'dDocument_Items',
    DocTime: localTime(createdMs, TIME_ZONE).slice(11),
    CardCode: 'C20000',
    NumAtCard: null,
    Comments: null,
    DocumentStatus: isClosed ? 'bost_Close' : 'bost_Open',
    Cancelled: isOver ? 'tYES' : 'tNO',
    CancelStatus: isOver ? 'csYes' : 'csNo',
    ReserveInvoice: 'tNO',
    DocumentLines: lines.map((line) => {
      const base = document.base;
      return {
        ...line,
        BaseType: base ? TYPES[base.set] : -1,
        BaseEntry: base ? base.entry : null,
        TreeType: 'iNotATree',
        UoMCode: 'Manual',
      };
    }),
  };
}

function linesOf({ set, source }: BusinessDocument): Fields[] {
  const line = (
    LineNum: number,
    ItemCode: string,
    units: number,
    WarehouseCode: string | null,
    more: Fields = {},
  ): Fields => ({
    LineNum,
    ItemCode,
    Quantity: units,
    InventoryQuantity: units,
    RemainingOpenQuantity: 0,
    RemainingOpenInventoryQuantity: 0,
    WarehouseCode,
    LineStatus: 'bost_Open',
    WithoutInventoryMovement: 'tNO',
    ...more,
  });
  if (source.of === 'order') return orderLines(source.order, line);
  if (source.of === 'delivery')
    return source.delivery.lines.map(({ line: of, quantity: units }, row) =>
      line(row, of.item.sku, units, source.delivery.location),
    );
  const { refund } = source;
  return refund.lines.map(({ line: of, quantity: units, location }, row) =>
    line(row, of.item.sku, units, location ?? of.parts[0]?.location ?? null, {
      WithoutInventoryMovement: set === 'CreditNotes' && !refund.restock ? 'tYES' : 'tNO',
    }),
  );
}

/** A line has one warehouse: what comes from two is two lines. */
function orderLines(
  order: StockOrder,
  line: (...given: [number, string, number, string | null, Fields?]) => Fields,
): Fields[] {
  return order.lines.flatMap((of, row) =>
    of.parts.flatMap(({ location, committed, fulfilled, released, writtenOff }, place) => {
      const kept = quantity(committed + fulfilled);
      const isOver = order.cancelledAtMs !== null;
      const ordered = isOver ? quantity(kept + released + writtenOff) : kept;
      if (ordered === 0) return [];
      if (isCounterSale(order)) return [line(row * 20 + place, of.item.sku, ordered, location)];
      // What is left of a line stays on it when the order is closed by hand.
      const left = isOver ? quantity(ordered - fulfilled) : committed;
      const LineStatus = committed === 0 || isOver ? 'bost_Close' : 'bost_Open';
      return [
        line(row * 20 + place, of.item.sku, ordered, location, {
          RemainingOpenQuantity: left,
          RemainingOpenInventoryQuantity: left,
          LineStatus,
        }),
      ];
    }),
  );
}
