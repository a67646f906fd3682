import { GraphqlProblem } from './run.ts';

const REASONS = new Set(
  (
    'correction cycle_count_available damaged movement_created movement_updated movement_received movement_canceled other ' +
    'promotion quality_control received reservation_created reservation_updated reservation_deleted restock safety_stock shrinkage'
  ).split(' '),
);

/** Set and adjust differ in names, bounds and in whether a result below zero is taken. */
export const KINDS = {
  Set: { list: 'quantities', number: 'quantity', name: 'INVALID_NAME', bound: 1_000_000_000 },
  Adjust: { list: 'changes', number: 'delta', name: 'INVALID_QUANTITY_NAME', bound: 2_000_000_000 },
} as const;

export type WriteKind = keyof typeof KINDS;

/** A refusal inside a 200 answer, at its place in the input. */
export interface Problem {
  code: string;
  field: string[];
  message: string;
}

/** What is wrong with the request as a whole. */
export function ofRequest(kind: WriteKind, input: Record<string, unknown>): Problem[] {
  if (input['name'] !== 'available' && !(kind === 'Set' && input['name'] === 'on_hand'))
    return [problem(KINDS[kind].name, ['input', 'name'])];
  if (!REASONS.has(String(input['reason']))) return [problem('INVALID_REASON', ['input', 'reason'])];
  const document = input['referenceDocumentUri'];
  if (document !== undefined && document !== null && !/^[a-z][a-z0-9+.-]*:\/\/[^\s/]+/i.test(String(document)))
    return [problem('INVALID_REFERENCE_DOCUMENT', ['input', 'referenceDocumentUri'])];
  return [];
}

const MESSAGES: Record<string, string> = {
  CHANGE_FROM_QUANTITY_STALE: 'The changeFromQuantity value does not match persisted value.',
  IDEMPOTENCY_KEY_PARAMETER_MISMATCH: 'The same idempotency key cannot be used with different operation parameters.',
  IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED:
    'A previous request with this idempotency key failed. Retry with a new idempotency key.',
  INVALID_INVENTORY_ITEM: 'The specified inventory item could not be found.',
  INVALID_LOCATION: 'The specified location could not be found.',
  INVALID_NAME: "The quantity name must be either 'available' or 'on_hand'.",
  INVALID_QUANTITY_NEGATIVE: "The quantity can't be negative.",
  INVALID_QUANTITY_TOO_HIGH: "The total quantity can't be higher than 1,000,000,000.",
  INVALID_QUANTITY_TOO_LOW: "The total quantity can't be lower than -1,000,000,000.",
  INVALID_REASON: 'The specified reason is invalid.',
  INVALID_REFERENCE_DOCUMENT: 'The specified reference document is invalid.',
  NON_MUTABLE_INVENTORY_ITEM:
    'The specified inventory item is not allowed to be adjusted via API. Example: if the inventory item is a parent bundle.',
  NO_DUPLICATE_INVENTORY_ITEM_ID_GROUP_ID_PAIR: 'The combination of inventoryItemId and locationId must be unique.',
};

export const problem = (code: string, field: string[]): Problem => ({ code, field, message: MESSAGES[code] ?? code });

export const invalid = (what: string): GraphqlProblem => new GraphqlProblem(what, 'INVALID_FIELD_ARGUMENTS');
