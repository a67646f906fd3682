import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { parse } from 'csv-parse';
import { matchReturns } from './trace-returns.ts';

const COLUMNS = ['invoice', 'sku', 'qty', 'timestamp', 'price', 'country'] as const;

/** What is in such histories without being goods: postage, fees, discounts, samples, manual entries, vouchers. */
const NOT_GOODS = /^(POST|D|M|DOT|C2|S|B|CRUK|PADS|BANK CHARGES|AMAZONFEE|SAMPLES|ADJUST\d*|TEST\d*|gift_.*)$/i;

export interface TraceLine {
  sku: string;
  quantity: number;
}

/** One thing that happened in an order history. `atMs` reads times without a zone as UTC: only their differences matter. */
export type TraceEvent = { invoice: string; atMs: number; country: string } & (
  | { kind: 'sale'; lines: TraceLine[] }
  /** `of`: the invoice that had sold it; null when the history starts later than that sale. */
  | { kind: 'return'; lines: (TraceLine & { of: string | null })[] }
  /** Goods written off (negative) or found and given (positive): rows without a price. `quantity` is the difference. */
  | { kind: 'correction'; lines: TraceLine[] }
);

export interface TraceCounts {
  rows: number;
  invoices: number;
  sales: number;
  unitsSold: number;
  returns: number;
  unitsReturned: number;
  /** Of those: no earlier sale of that SKU is left to return. */
  unitsUnmatched: number;
  corrections: number;
  /** Rows left out: not goods · bookkeeping adjustments (invoice A…). */
  rowsNotGoods: number;
  rowsAdjustment: number;
}

export const noTraceCounts = (): TraceCounts => ({
  rows: 0,
  invoices: 0,
  sales: 0,
  unitsSold: 0,
  returns: 0,
  unitsReturned: 0,
  unitsUnmatched: 0,
  corrections: 0,
  rowsNotGoods: 0,
  rowsAdjustment: 0,
});

interface Invoice {
  invoice: string;
  atMs: number;
  country: string;
  sold: Map<string, number>;
  returned: Map<string, number>;
  corrected: Map<string, number>;
}

/**
 * Reads an order history: CSV or CSV.gz with the header invoice,sku,qty,timestamp,price,country, one row a line sold.
 * A row is read and let go at a time; what stays is one small record per invoice. Rows may stand in any order: the events
 * come in order of time (within one minute as in the file), the first of them after the whole file was read.
 *
 * - an invoice that starts with C is a cancellation or return: its rows are negative, and are matched to the newest
 *   earlier sale of the same SKU that is not returned yet, in the same country where there is one;
 * - A: a bookkeeping adjustment, left out;
 * - a price of zero or less: no sale, a correction of stock by `qty`.
 *
 * @param counts is filled before the first event.
 * @throws Error naming the row, when the header or a value is not as said.
 */
export async function* readTrace(path: string, counts: TraceCounts = noTraceCounts()): AsyncGenerator<TraceEvent> {
  const invoices = new Map<string, Invoice>();
  const seen = new Set<string>();
  const collect = async (records: AsyncIterable<string[]>) => {
    let header = true;
    for await (const record of records) {
      if (header) {
        header = false;
        if (record.map((name) => name.trim().toLowerCase()).join() !== COLUMNS.join())
          throw new Error(`${path}: the first line must be ${COLUMNS.join(',')}, not ${record.join(',')}`);
        continue;
      }
      counts.rows += 1;
      addRow(invoices, seen, counts, record, `${path}, row ${counts.rows + 1}`);
    }
    if (header) throw new Error(`${path} is empty`);
  };
  const csv = parse({ bom: true, skip_empty_lines: true });
  const file = createReadStream(path);
  if (path.endsWith('.gz')) await pipeline(file, createGunzip(), csv, collect);
  else await pipeline(file, csv, collect);
  counts.invoices = seen.size;
  yield* matchReturns(eventsOf(invoices, counts), counts);
}

function addRow(
  invoices: Map<string, Invoice>,
  seen: Set<string>,
  counts: TraceCounts,
  [invoice = '', sku = '', qty = '', timestamp = '', price = '', country = '']: string[],
  where: string,
): void {
  const units = Number(qty);
  const atMs = Date.parse(/[zZ]|[+-]\d\d:?\d\d$/.test(timestamp) ? timestamp : `${timestamp}Z`);
  if (invoice === '' || sku === '') throw new Error(`${where}: invoice and sku must not be empty`);
  if (qty.trim() === '' || !Number.isFinite(units)) throw new Error(`${where}: "${qty}" is not a quantity`);
  if (Number.isNaN(atMs)) throw new Error(`${where}: "${timestamp}" is not a time (2011-12-09T12:50:00)`);
  if (price.trim() === '' || !Number.isFinite(Number(price))) throw new Error(`${where}: "${price}" is not a price`);
  seen.add(invoice);
  if (/^A\d/i.test(invoice)) {
    counts.rowsAdjustment += 1;
    return;
  }
  if (NOT_GOODS.test(sku)) {
    counts.rowsNotGoods += 1;
    return;
  }
  let group = invoices.get(invoice);
  if (!group) {
    group = { invoice, atMs, country, sold: new Map(), returned: new Map(), corrected: new Map() };
    invoices.set(invoice, group);
  }
  group.atMs = Math.min(group.atMs, atMs);
  const [into, amount] =
    Number(price) <= 0
      ? [group.corrected, units]
      : units < 0 || /^C\d/i.test(invoice)
        ? [group.returned, Math.abs(units)]
        : [group.sold, units];
  if (amount !== 0) into.set(sku, (into.get(sku) ?? 0) + amount);
}

function eventsOf(invoices: Map<string, Invoice>, counts: TraceCounts): TraceEvent[] {
  const events: TraceEvent[] = [];
  for (const { invoice, atMs, country, sold, returned, corrected } of invoices.values()) {
    const lines = (of: Map<string, number>) => [...of].map(([sku, quantity]) => ({ sku, quantity }));
    if (sold.size > 0) {
      events.push({ kind: 'sale', invoice, atMs, country, lines: lines(sold) });
      counts.sales += 1;
      for (const units of sold.values()) counts.unitsSold += units;
    }
    if (returned.size > 0) {
      events.push({
        kind: 'return',
        invoice,
        atMs,
        country,
        lines: lines(returned).map((line) => ({ ...line, of: null })),
      });
      counts.returns += 1;
      for (const units of returned.values()) counts.unitsReturned += units;
    }
    const wrong = lines(corrected).filter((line) => line.quantity !== 0);
    if (wrong.length > 0) {
      events.push({ kind: 'correction', invoice, atMs, country, lines: wrong });
      counts.corrections += 1;
    }
  }
  // Stable: rows of one minute stay as they stood in the file.
  return events.sort((a, b) => a.atMs - b.atMs);
}
