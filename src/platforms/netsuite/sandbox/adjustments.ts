import { quantity } from '../../../domain/quantity.ts';
import type { HttpResponse } from '../../../platform/http.ts';
import type { StockItem } from '../../../platform/sandbox-kit/index.ts';
import { record } from '../answer.ts';
import { refusal } from './answers.ts';
import { ADJUSTMENT_ACCOUNT, type Company, itemNotes, SUBSIDIARY, type Transaction } from './company.ts';

const KNOWN = ['externalId', 'subsidiary', 'account', 'adjLocation', 'tranDate', 'memo', 'inventory'];
const KNOWN_IN_LINE = ['item', 'location', 'adjustQtyBy', 'memo', 'unitCost'];

interface Line {
  item: StockItem;
  location: string;
  delta: number;
  memo: string | null;
}

/** `POST /record/v1/inventoryAdjustment`: all lines or none, and differences only. */
export function createAdjustment(
  body: unknown,
  company: Company,
  { base, strict, onSaved }: { base: string; strict: boolean; onSaved: (made: Transaction) => void },
): HttpResponse {
  const sent = record(body);
  if (!sent) return refusal(400, 'INVALID_CONTENT', 'The request body is not JSON.');
  const stranger = Object.keys(sent).find((name) => !KNOWN.includes(name));
  if (strict && stranger) return refusal(400, 'INVALID_CONTENT', `Unknown property '${stranger}'.`, stranger);
  if (idOf(sent['subsidiary']) !== SUBSIDIARY)
    return refusal(400, 'USER_ERROR', 'Please enter value(s) for: Subsidiary.', 'subsidiary');
  if (sent['account'] === undefined)
    return refusal(400, 'USER_ERROR', 'Please enter value(s) for: Adjustment Account.', 'account');
  if (idOf(sent['account']) !== ADJUSTMENT_ACCOUNT)
    return refusal(400, 'INVALID_CONTENT', 'Invalid reference key for account.', 'account');
  const externalId = typeof sent['externalId'] === 'string' ? sent['externalId'] : null;
  if (externalId && company.byExternalId.has(externalId))
    return refusal(400, 'USER_ERROR', 'Error while accessing a resource. This record already exists.');
  const rows = record(sent['inventory'])?.['items'];
  if (!Array.isArray(rows) || rows.length === 0)
    return refusal(400, 'USER_ERROR', 'You must enter at least one line item for this transaction.', 'inventory');
  const lines: Line[] = [];
  for (const [index, row] of rows.entries()) {
    const line = lineOf(record(row) ?? {}, `inventory.items[${index}]`, company, strict);
    if ('status' in line) return line;
    lines.push(line);
  }
  const made = company.make({ type: 'InvAdjst', source: { of: 'adjustment', lines }, externalId });
  for (const { item, location, delta } of lines)
    company.book.write(company.book.shelves.level(item, location)!, { delta }, 'write', { reference: String(made.id) });
  company.touch(made);
  onSaved(made);
  return {
    status: 204,
    headers: { location: `${base}/services/rest/record/v1/inventoryAdjustment/${made.id}` },
    body: Buffer.alloc(0),
  };
}

function lineOf(row: Record<string, unknown>, path: string, company: Company, strict: boolean): Line | HttpResponse {
  const stranger = Object.keys(row).find((name) => !KNOWN_IN_LINE.includes(name));
  if (strict && stranger)
    return refusal(400, 'INVALID_CONTENT', `Unknown property '${stranger}'.`, `${path}.${stranger}`);
  const item = company.book.shelves.itemById(idOf(row['item']) ?? '');
  if (!item) return refusal(400, 'INVALID_CONTENT', 'Invalid reference key for item.', `${path}.item`);
  const notes = itemNotes(item);
  if (!item.tracked || notes.kit || notes.inactive)
    return refusal(
      400,
      'USER_ERROR',
      `The item ${item.sku} cannot be adjusted: it is not an active inventory item.`,
      `${path}.item`,
    );
  if (notes.lot || notes.serial || notes.bins)
    return refusal(
      400,
      'USER_ERROR',
      'Please configure the inventory detail for this line.',
      `${path}.inventoryDetail`,
    );
  const place = company.locations.find(({ id }) => id === idOf(row['location']));
  if (!place) return refusal(400, 'INVALID_CONTENT', 'Invalid reference key for location.', `${path}.location`);
  // An inactive location is refused without naming the line.
  if (!place.active) return refusal(400, 'USER_ERROR', `The location ${place.name} is inactive.`);
  const delta = row['adjustQtyBy'];
  if (typeof delta !== 'number' || !Number.isFinite(delta) || delta === 0 || quantity(delta) !== delta)
    return refusal(400, 'USER_ERROR', 'Please enter a value for Adjust Qty. By.', `${path}.adjustQtyBy`);
  const { memo } = row;
  return { item, location: place.id, delta, memo: typeof memo === 'string' ? memo : null };
}

function idOf(value: unknown): string | undefined {
  const id = record(value)?.['id'];
  return typeof id === 'string' || typeof id === 'number' ? String(id) : undefined;
}
