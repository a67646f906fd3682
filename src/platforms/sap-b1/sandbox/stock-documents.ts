import { quantity } from '../../../domain/quantity.ts';
import { type HttpResponse, jsonResponse } from '../../../platform/http.ts';
import { localTime } from '../../../platform/local-time.ts';
import { availableOf, type StockLevel } from '../../../platform/sandbox-kit/index.ts';
import { record } from '../answer.ts';
import { refusal } from './answers.ts';
import { type Company, itemNotes, type StockDocument, TIME_ZONE } from './company.ts';
import type { Fields } from './odata.ts';

const LINE_NAMES = { InventoryGenExits: 'IGE1', InventoryGenEntries: 'IGN1', InventoryPostings: 'IQR1' } as const;
/** What can be posted through the Service Layer here. */
export type Postable = keyof typeof LINE_NAMES;

/** `POST /InventoryGenExits`, `/InventoryGenEntries`, `/InventoryPostings`: all lines or none. */
export function postStock(set: Postable, sent: Fields | undefined, company: Company): HttpResponse {
  const rows = sent?.[set === 'InventoryPostings' ? 'InventoryPostingLines' : 'DocumentLines'];
  if (!sent || !Array.isArray(rows) || rows.length === 0)
    return refusal(400, '-5002', 'Document must have at least one line');
  const today = localTime(company.options.clock.now(), TIME_ZONE).slice(0, 10);
  if (sent['DocDate'] !== undefined && sent['DocDate'] !== today)
    return refusal(400, '-5002', 'Date deviates from permissible range');
  const work: { level: StockLevel; delta: number }[] = [];
  const planned = new Map<StockLevel, number>();
  for (const [index, row] of rows.entries()) {
    const at = (column: string) => `[${LINE_NAMES[set]}.${column}][line: ${index + 1}]`;
    const read = lineOf(set, record(row) ?? {}, company, at);
    if ('status' in read) return read;
    const before = planned.get(read.level) ?? read.level.onHand;
    const after = quantity(before + read.delta);
    if (company.blocksNegative && read.delta < 0 && after < 0)
      return refusal(400, '-10', `Quantity falls into negative inventory  ${at('WhsCode')}`);
    planned.set(read.level, after);
    work.push(read);
  }
  const posted = company.post(set, sent);
  for (const { level, delta } of work)
    company.book.write(level, { delta }, 'write', { reference: `${set} ${posted.entry}` });
  return jsonResponse(201, stockDocumentOf(posted));
}

function lineOf(
  set: Postable,
  row: Fields,
  company: Company,
  at: (column: string) => string,
): { level: StockLevel; delta: number } | HttpResponse {
  const item = company.book.shelves.item(String(row['ItemCode']));
  if (!item) return refusal(400, '-5002', `Item number is missing or invalid  ${at('ItemCode')}`);
  const notes = itemNotes(item);
  if (!item.tracked || notes.kit) return refusal(400, '-5002', `Item is not an inventory item  ${at('ItemCode')}`);
  if (notes.frozen) return refusal(400, '-5002', `Item "${item.sku}" is inactive  ${at('ItemCode')}`);
  if (notes.managedBy)
    return refusal(
      400,
      '-4014',
      `Cannot add row without complete selection of ${notes.managedBy} numbers  ${at('ItemCode')}`,
    );
  const warehouse = company.warehouses.find(({ code }) => code === row['WarehouseCode']);
  const level = warehouse && company.book.shelves.level(item, warehouse.code);
  if (!warehouse || !level) return refusal(400, '-5002', `Warehouse is not defined  ${at('WhsCode')}`);
  // Without a word on which line.
  if (!warehouse.active) return refusal(400, '-5002', `Warehouse "${warehouse.code}" is inactive`);
  if (warehouse.bins) return refusal(400, '-5002', `Specify allocated bin locations  ${at('WhsCode')}`);
  const units = row[set === 'InventoryPostings' ? 'CountedQuantity' : 'Quantity'];
  const least = set === 'InventoryPostings' ? 0 : 0.00001;
  if (typeof units !== 'number' || !(units >= least))
    return refusal(400, '-5002', `Enter a valid quantity  ${at('Quantity')}`);
  const delta = set === 'InventoryPostings' ? units - level.onHand : set === 'InventoryGenExits' ? -units : units;
  return { level, delta: quantity(delta) };
}

export function stockDocumentOf({ set, entry, createdMs, sent }: StockDocument): Fields {
  const day = localTime(createdMs, TIME_ZONE).slice(0, 10);
  if (set === 'InventoryPostings')
    return {
      DocumentEntry: entry,
      DocumentNumber: entry,
      PostingDate: day,
      Remarks: null,
      ...sent,
    };
  return { DocEntry: entry, DocNum: entry, DocDate: day, Comments: null, ...sent };
}

/** An item with what stands of it in each warehouse. */
export function stockRows(levels: readonly StockLevel[]): Fields[] {
  return levels.map((level) => ({
    ItemCode: level.item.sku,
    WarehouseCode: level.location,
    InStock: level.onHand,
    Committed: quantity(level.onHand - availableOf(level)),
    Ordered: 0,
  }));
}
