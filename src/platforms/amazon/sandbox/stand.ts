import { type HttpResponse, jsonResponse } from '../../../platform/http.ts';
import type { SandboxOptions } from '../../../platform/sandbox.ts';
import type { RateLimiter, StockBook, StockItem } from '../../../platform/sandbox-kit/index.ts';
import type { Random } from '../../../runtime/random.ts';

export interface AmazonSandboxOptions extends SandboxOptions {
  /** Multi-Location Inventory: each location is a supply source. Otherwise the first is the merchant's one pool. */
  multiLocation?: boolean;
  /** Id of the location that stands for Amazon's own warehouses. */
  fbaLocation?: string;
}

/** What every part of the stand-in shares. */
export interface Stand {
  options: AmazonSandboxOptions;
  book: StockBook;
  limiter: RateLimiter;
  sellerId: string;
  /** The merchant's own places. */
  own: readonly string[];
  /** The one queue of the seller's AWS account. */
  queue: { account: string; name: string; arn: string };
}

export const MARKETPLACE = 'ATVPDKIKX0DER';
export const APPLICATION_ID = 'amzn1.sp.solution.00000000-0000-0000-0000-000000000000';

/** The vendor's own members of an item. */
export interface ItemExtra extends Record<string, unknown> {
  productType: string;
  createdMs: number;
  updatedMs: number;
  /** It is offered from Amazon's warehouses, from the merchant's shelf, or both. */
  byAmazon: boolean;
  byMerchant: boolean;
  /** What was last submitted, which is not what is in force. */
  submitted: Record<string, Record<string, unknown>[]>;
}

export const extraOf = (item: StockItem): ItemExtra => item.extra as ItemExtra;

/** Places and channel codes are the same thing spelled twice: the one pool is DEFAULT, supply sources keep their id. */
export const codeOf = (stand: Stand, location: string): string =>
  location === stand.options.fbaLocation || stand.options.multiLocation ? location : 'DEFAULT';

export const placeOfCode = (stand: Stand, code: string): string | undefined =>
  stand.own.find((location) => codeOf(stand, location) === code);

/** A number of the vendor's milliseconds in this faster world. */
export const scaled = (stand: Stand, vendorMs: number): number => vendorMs / stand.options.factor;

/**
 * A moment as Amazon's order times are printed: to the second, without a fraction. In a world that runs faster the step is
 * as much smaller, so that as many changes share a stamp as at Amazon.
 */
export function stampOf(stand: Stand, ms: number): string {
  const stepMs = Math.max(1, Math.floor(1000 / stand.options.factor));
  return new Date(Math.floor(ms / stepMs) * stepMs).toISOString().replace('.000Z', 'Z');
}

export const hex = (random: Random, digits: number): string =>
  Array.from({ length: digits }, () => Math.floor(random() * 16).toString(16)).join('');

/** A refusal as every Selling Partner API prints it. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly details = '',
  ) {
    super(message);
  }

  answer(): HttpResponse {
    return jsonResponse(this.status, { errors: [{ code: this.code, message: this.message, details: this.details }] });
  }
}

export const invalid = (details: string): Refusal =>
  new Refusal(
    400,
    'InvalidInput',
    'The input you have submitted is not valid. Please check your input and try again.',
    details,
  );

/** A comma-separated list, as `collectionFormat: csv` has it. */
export const csv = (value: string | null): string[] => (value === null || value === '' ? [] : value.split(','));

/** @throws Refusal unless it is a moment in ISO 8601. */
export function readMoment(value: string | null, name: string): number | undefined {
  if (value === null) return undefined;
  const ms = /^\d{4}-\d\d-\d\d/.test(value) ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(ms)) throw invalid(`${name} is not an ISO 8601 date.`);
  return ms;
}

/** @throws Refusal unless it is a whole number within the bounds. */
export function readCount(value: string | null, name: string, otherwise: number, max: number): number {
  if (value === null) return otherwise;
  const count = Number(value);
  if (!Number.isInteger(count) || count < 1 || count > max) throw invalid(`${name} must be between 1 and ${max}.`);
  return count;
}
