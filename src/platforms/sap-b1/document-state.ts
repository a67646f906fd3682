import type { Doc, Line, Part } from '../../domain/document.ts';
import { type Quantity, quantity, readQuantity } from '../../domain/quantity.ts';
import { localTime, revisionOf, utcMs } from '../../platform/local-time.ts';
import type { SapConfig } from './config.ts';
import { DELIVERY, type DocSet, docName, INVOICE, ORDER, RETURN } from './documents.ts';
import { isYes, type SapDocument, type SapLine } from './shapes.ts';

export function docOf(set: DocSet, document: SapDocument, config: SapConfig): Doc {
  const { DocEntry, NumAtCard } = document;
  const origin = originOf(NumAtCard);
  return {
    account: config.account,
    doc: docName(set, DocEntry),
    rev: revOf(document, config),
    whole: true,
    ...(origin && { origin }),
    source: set,
    saleAt: saleAt(document, config),
    state: isYes(document.Cancelled) ? 'cancelled' : (document.DocumentStatus ?? '').replace(/^bost_/, ''),
    lines:
      document.DocType === 'dDocument_Service'
        ? []
        : document.DocumentLines.flatMap((line) => lineOf(set, document, line)),
  };
}

/** Orders and reserve invoices that these documents draw upon: their own change time need not move with it. */
export function drawnUpon(set: DocSet, document: SapDocument): string[] {
  if (set !== 'DeliveryNotes' && set !== 'Invoices' && set !== 'CreditNotes') return [];
  const bases = document.DocumentLines.flatMap(({ BaseType, BaseEntry }) => {
    if (typeof BaseEntry !== 'number') return [];
    if (BaseType === ORDER) return [docName('Orders', BaseEntry)];
    return BaseType === INVOICE ? [docName('Invoices', BaseEntry)] : [];
  });
  return [...new Set(bases)];
}

/** Shops and marketplaces write their order's name into the customer's reference: `WEB-7781`, `shopify#6100`. */
function originOf(reference: string | null | undefined): Doc['origin'] {
  const [, source, id] = /^\s*([A-Za-z][A-Za-z0-9 .]{0,40})[-_:#](.+?)\s*$/.exec(reference ?? '') ?? [];
  return source && id ? { source, id } : undefined;
}

/** `2026-03-02` or `2026-03-02T00:00:00Z`, and `14:05:31` or `14:05`; the clock of the server. */
export function reading(date: string | null | undefined, time: string | null | undefined): string | undefined {
  const day = /^\d{4}-\d\d-\d\d/.exec(date ?? '')?.[0];
  const [, minutes, seconds] = /^(\d\d:\d\d)(:\d\d)?/.exec(time ?? '') ?? [];
  return day && minutes ? `${day} ${minutes}${seconds ?? ':00'}` : undefined;
}

function revOf({ UpdateDate, UpdateTime }: SapDocument, { timeZone }: SapConfig): string | null {
  const changed = reading(UpdateDate, UpdateTime);
  // Without seconds the same minute may hold many changes.
  return changed && /:\d\d:\d\d/.test(UpdateTime ?? '') ? revisionOf(changed, timeZone) : null;
}

function saleAt(
  { CreationDate, DocDate, DocTime, UpdateDate, UpdateTime }: SapDocument,
  { timeZone }: SapConfig,
): string {
  const entered =
    reading(CreationDate ?? DocDate, DocTime) ??
    reading(CreationDate ?? DocDate, '12:00') ??
    reading(UpdateDate, UpdateTime);
  const ms = utcMs(entered ?? localTime(0, timeZone), timeZone);
  return new Date(ms).toISOString();
}

/**
 * What a line asks of stock, in the unit in which stock is counted. A parent of a sales bill of materials has no stock; its
 * components follow as lines of their own.
 */
function lineOf(set: DocSet, document: SapDocument, line: SapLine): Line[] {
  const { ItemCode, WarehouseCode, TreeType, LineNum } = line;
  if (!ItemCode || TreeType === 'iSalesTree') return [];
  const units = set === 'Orders' ? { committed: openOf(document, line), out: 0 } : moved(set, document, line);
  if (!units) return [];
  const part: Part = {
    location: WarehouseCode || null,
    ...units,
    returned: 0,
    // SAP lowers what is free by both, at once.
    taken: quantity(units.committed + units.out),
  };
  return [{ line: String(LineNum), listing: ItemCode, sku: ItemCode, parts: [part] }];
}

/** A closed line, whatever it still says is left of it, promises nothing. */
function openOf(document: SapDocument, line: SapLine): Quantity {
  const isClosed = [document.DocumentStatus, line.LineStatus].some((status) => status === 'bost_Close');
  if (isClosed || isYes(document.Cancelled) || document.CancelStatus === 'csYes') return 0;
  return Math.max(0, inStockUnits(line, line.RemainingOpenInventoryQuantity, line.RemainingOpenQuantity));
}

/** A cancelled document did move stock; the one that cancels it moves it back. undefined: this line never moves any. */
function moved(set: DocSet, document: SapDocument, line: SapLine): { committed: Quantity; out: Quantity } | undefined {
  if (isYes(line.WithoutInventoryMovement)) return undefined;
  if (set === 'Invoices') {
    if (line.BaseType === DELIVERY) return undefined;
    if (isYes(document.ReserveInvoice)) return { committed: openOf(document, line), out: 0 };
  }
  if (set === 'CreditNotes' && line.BaseType === RETURN) return undefined;
  const goesOut = set === 'DeliveryNotes' || set === 'Invoices' ? 1 : -1;
  const undoes = document.CancelStatus === 'csCancellation' ? -1 : 1;
  return { committed: 0, out: quantity(goesOut * undoes * inStockUnits(line, line.InventoryQuantity, line.Quantity)) };
}

/** A box of twelve is twelve: the quantity sold is only taken where SAP does not tell the other one. */
function inStockUnits(line: SapLine, inventory: number | null | undefined, sold: number | null | undefined): Quantity {
  if (typeof inventory === 'number') return readQuantity(inventory);
  const { InventoryQuantity, Quantity } = line;
  const perUnit = InventoryQuantity && Quantity ? InventoryQuantity / Quantity : 1;
  return quantity(readQuantity(sold ?? 0) * perUnit);
}
