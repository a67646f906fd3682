import { quantity } from '../../../domain/quantity.ts';
import type { HttpResponse } from '../../../platform/http.ts';
import type { StockLevel } from '../../../platform/sandbox-kit/index.ts';
import { failed, good, notFound } from './answers.ts';
import type { Adjustment, Organization } from './organization.ts';
import { adjustmentRow } from './rows.ts';

interface Given {
  date?: unknown;
  reason?: unknown;
  description?: unknown;
  reference_number?: unknown;
  adjustment_type?: unknown;
  location_id?: unknown;
  line_items?: { item_id?: unknown; quantity_adjusted?: unknown; location_id?: unknown }[];
}

const REQUIRED = ['date', 'reason', 'adjustment_type', 'line_items'] as const;

/** All of its lines, or none. */
export function adjust(organization: Organization, given: Given): HttpResponse {
  const { book, options } = organization;
  for (const name of REQUIRED) if (!given[name]) return failed(400, 4, `Invalid value passed for ${name}`);
  const lines: Adjustment['lines'] = [];
  const levels = new Map<StockLevel, number>();
  for (const line of given.line_items ?? []) {
    const item = book.shelves.itemById(String(line.item_id));
    if (!item) return notFound('Item');
    if (!item.tracked) return failed(400, 9103, `Stock is not tracked for ${item.title}.`);
    const location = String(line.location_id ?? given.location_id ?? options.locations[0]!.id);
    const level = book.shelves.level(item, location);
    if (!level) return notFound('Location');
    const units = Number(line.quantity_adjusted);
    if (!Number.isFinite(units) || units === 0) return failed(400, 4, 'Invalid value passed for quantity_adjusted');
    const after = quantity((levels.get(level) ?? level.onHand) + units);
    if (after < 0) return failed(400, 9102, `The stock of ${item.title} would fall below zero.`);
    levels.set(level, after);
    lines.push({ item, location, quantity: quantity(Math.round(units * 100) / 100), id: '' });
  }
  const made: Adjustment = {
    id: '',
    date: String(given.date),
    reason: String(given.reason),
    description: String(given.description ?? ''),
    reference: String(given.reference_number ?? ''),
    location: String(given.location_id ?? options.locations[0]!.id),
    lines,
    applied: false,
  };
  made.id = organization.idOf(made);
  for (const line of lines) line.id = organization.idOf(line);
  organization.adjustments.unshift(made);
  if (!organization.needsApproval) apply(organization, made);
  const members = {
    ...adjustmentRow(made),
    location_id: made.location,
    line_items: lines.map((line) => ({
      item_id: line.item.id,
      line_item_id: line.id,
      name: line.item.title,
      quantity_adjusted: line.quantity,
      location_id: line.location,
    })),
  };
  return good({ inventory_adjustment: members }, 201, 'Inventory Adjustment has been added');
}

export function apply({ book }: Organization, made: Adjustment): void {
  if (made.applied) return;
  made.applied = true;
  for (const line of made.lines) {
    const level = book.shelves.level(line.item, line.location)!;
    book.write(level, { delta: line.quantity }, 'write', { reference: made.reference });
  }
}
