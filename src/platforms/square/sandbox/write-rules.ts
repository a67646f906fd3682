import { type Quantity, readQuantity } from '../../../domain/quantity.ts';
import type { HttpResponse } from '../../../platform/http.ts';
import type { StockLevel } from '../../../platform/sandbox-kit/index.ts';
import { record } from '../api.ts';
import { splitsLocations } from '../config.ts';
import { invalid } from './answers.ts';
import { isTrackedAt, itemNotes, type Seller } from './seller.ts';

/** One change of a write, found good. */
export interface GoodChange {
  type: 'ADJUSTMENT' | 'PHYSICAL_COUNT';
  level: StockLevel;
  fromState: string;
  toState: string;
  quantity: Quantity;
  occurredMs: number;
  referenceId?: string;
}

/** Moves that applications may make; every other pair of states is read-only to them. */
const MOVES = ['IN_STOCK>SOLD', 'IN_STOCK>WASTE', 'NONE>IN_STOCK', 'UNLINKED_RETURN>IN_STOCK'];

const DAY_MS = 86_400_000;
const QUANTITY = /^\d{1,20}(\.\d{1,5})?$/;

/** What Square says to one change of a `batch-create`: good, or refused. `version` decides where the place stands. */
export function judgeChange(change: unknown, row: number, version: string, seller: Seller): GoodChange | HttpResponse {
  const at = `changes[${row}]`;
  const type = record(change)?.['type'];
  if (type !== 'ADJUSTMENT' && type !== 'PHYSICAL_COUNT')
    return invalid('INVALID_ENUM_VALUE', 'type must be ADJUSTMENT or PHYSICAL_COUNT.', `${at}.type`);
  const member = type === 'ADJUSTMENT' ? 'adjustment' : 'physical_count';
  const body = record(record(change)?.[member]);
  if (!body) return invalid('MISSING_REQUIRED_PARAMETER', `Missing ${member}.`, `${at}.${member}`);
  const where = (name: string) => `${at}.${member}.${name}`;
  const states = statesOf(type, body);
  if (!states)
    return invalid(
      'INVALID_VALUE',
      'This change of state cannot be made by applications.',
      where(type === 'ADJUSTMENT' ? 'to_state' : 'state'),
    );
  const place = placeOf(type, body, version);
  if ('missing' in place)
    return invalid('MISSING_REQUIRED_PARAMETER', `Missing ${place.missing}.`, where(place.missing));
  const level = levelOf(body['catalog_object_id'], place.location, seller);
  if (level === 'no-item')
    return invalid(
      'NOT_FOUND',
      `Catalog object with ID ${String(body['catalog_object_id'])} not found.`,
      where('catalog_object_id'),
    );
  if (level === 'no-place')
    return invalid('INVALID_VALUE', `Location ${place.location} is not one of the merchant.`, where('location_id'));
  // Not documented; the strictest that Square may do.
  if (!isTrackedAt(level.item, level.location) || itemNotes(level.item).convertedFrom !== undefined)
    return invalid(
      'INVALID_VALUE',
      'Inventory tracking is not enabled for this variation.',
      where('catalog_object_id'),
    );
  const units = body['quantity'];
  if (typeof units !== 'string' || !QUANTITY.test(units))
    return invalid('INVALID_VALUE', 'quantity is no decimal of at most five places.', where('quantity'));
  if (type === 'ADJUSTMENT' && Number(units) === 0)
    return invalid('VALUE_TOO_LOW', 'quantity must be above zero.', where('quantity'));
  const occurredMs = Date.parse(String(body['occurred_at']));
  const nowMs = seller.options.clock.now();
  if (Number.isNaN(occurredMs) || occurredMs > nowMs || occurredMs < nowMs - DAY_MS)
    return invalid('INVALID_TIME', 'occurred_at must lie within the last 24 hours.', where('occurred_at'));
  const referenceId = body['reference_id'];
  if (referenceId !== undefined && (typeof referenceId !== 'string' || referenceId.length > 255))
    return invalid('VALUE_TOO_LONG', 'reference_id is too long.', where('reference_id'));
  return {
    type,
    level,
    ...states,
    quantity: readQuantity(units),
    occurredMs,
    ...(referenceId !== undefined && { referenceId }),
  };
}

function statesOf(type: string, body: Record<string, unknown>): { fromState: string; toState: string } | undefined {
  if (type === 'PHYSICAL_COUNT')
    return body['state'] === 'IN_STOCK' ? { fromState: '', toState: 'IN_STOCK' } : undefined;
  const [fromState, toState] = [String(body['from_state']), String(body['to_state'])];
  return MOVES.includes(`${fromState}>${toState}`) ? { fromState, toState } : undefined;
}

/** One place until 2026-07-15, two from then on; transfers between two are none of the stand-in's. */
function placeOf(
  type: string,
  body: Record<string, unknown>,
  version: string,
): { location: string } | { missing: string } {
  const names =
    type === 'ADJUSTMENT' && splitsLocations(version) ? ['from_location_id', 'to_location_id'] : ['location_id'];
  for (const name of names) if (typeof body[name] !== 'string') return { missing: name };
  const [first, second = first] = names.map((name) => body[name] as string);
  return first === second ? { location: first! } : { missing: 'location_id' };
}

function levelOf(itemId: unknown, location: string, seller: Seller): StockLevel | 'no-item' | 'no-place' {
  const item = typeof itemId === 'string' ? seller.book.shelves.itemById(itemId) : undefined;
  if (!item || itemNotes(item).deleted) return 'no-item';
  return seller.book.shelves.level(item, location) ?? 'no-place';
}
