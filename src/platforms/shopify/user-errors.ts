import { Failure, type FailureClass } from '../../platform/failure.ts';

/** A refusal inside a 200 answer: Shopify understood the write and does not do it. */
export interface UserError {
  code: string | null;
  /** Where in the input: `["input", "quantities", "3", "quantity"]`. */
  field: string[] | null;
  message: string;
}

export const STALE = 'CHANGE_FROM_QUANTITY_STALE';

const NEW_KEY = new Set(['IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED', 'IDEMPOTENCY_KEY_PARAMETER_MISMATCH']);

/** The request is fine, its key is used up. */
export const wantsNewKey = (error: UserError): boolean => NEW_KEY.has(error.code ?? '');

const OF_THE_REQUEST = new Set([
  ...NEW_KEY,
  'IDEMPOTENCY_CONCURRENT_REQUEST',
  'INVALID_NAME',
  'INVALID_REASON',
  'INVALID_REFERENCE_DOCUMENT',
]);

/** Not about one entry: halving the batch would only multiply it. */
export const appliesToAll = (error: UserError): boolean => OF_THE_REQUEST.has(error.code ?? '');

const MEANING: Record<string, [FailureClass, code: string, message: string]> = {
  // The first request with this key is still being worked on: what it did is not known yet.
  IDEMPOTENCY_CONCURRENT_REQUEST: ['unknown-outcome', 'still-running', 'The same write is still under way at Shopify.'],
  INVALID_INVENTORY_ITEM: ['gone', 'unknown-item', 'Shopify has no such inventory item any more.'],
  INVALID_LOCATION: ['gone', 'unknown-location', 'Shopify has no such location any more, or it is closed.'],
  ITEM_NOT_STOCKED_AT_LOCATION: [
    'rejected',
    'not-stocked',
    'The item is not stocked at this location. Tick the location in the product.',
  ],
  NON_MUTABLE_INVENTORY_ITEM: [
    'rejected',
    'bundle-parent',
    'This is a bundle: Shopify computes its stock from the components. Map the components instead.',
  ],
  INVALID_QUANTITY_NEGATIVE: ['rejected', 'negative', 'Shopify takes no number below zero.'],
  INVALID_QUANTITY_TOO_HIGH: ['rejected', 'too-high', 'Shopify takes no number above 1,000,000,000.'],
  INVALID_QUANTITY_TOO_LOW: ['rejected', 'too-low', 'Shopify takes no number below -1,000,000,000.'],
};

/** One target's failure. A code that is not known here is kept as Shopify prints it. */
export function failureOf(error: UserError): Failure {
  const known = MEANING[error.code ?? ''];
  const details = error.code ? { platformCode: error.code } : {};
  if (known) return new Failure(known[0], known[1], known[2], details);
  return new Failure('rejected', 'refused', `Shopify refused the number: ${error.message}`, details);
}
