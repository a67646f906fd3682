import type { Quantity } from './quantity.ts';

/**
 * What one line asks of stock at one place. Units are the channel's own (units per sale are applied at posting).
 */
export interface Part {
  /** The platform's id of the place; null means the platform has not said, never "the default". */
  location: string | null;
  /** Promised to the buyer and not gone yet; never negative. */
  committed: Quantity;
  /** Gone for good: shipped or handed over; units the platform says went back on the shelf are taken off again. Negative for a return without an order. */
  out: Quantity;
  /** Came back, and the platform does not say whether it went back on the shelf. */
  returned: Quantity;
  /** How far the platform's own stock number already reflects this line (for a plain sale: committed + out). */
  taken: Quantity;
}

export interface Line {
  /** The platform's stable line id, or `listing@location` where it has none. */
  line: string;
  /** The platform's id of what was sold, as in {@link RemoteListing.listing}; null for lines without stock that still must be kept. */
  listing: string | null;
  /** As the platform printed it; for people, never for matching. */
  sku?: string | null;
  parts: Part[];
}

/** The state of one order, delivery or return at a platform, reduced to what stock needs. Not an event: the newest one wins. */
export interface Doc {
  /** The account's key, as in the channel's settings: order ids are unique per account. */
  account: string;
  /** `order:6100…`, `return:17`: the platform's own document. */
  doc: string;
  /** Version or change time, compared by {@link Facts.revision}; null if the platform has none. */
  rev: string | null;
  /** false: lines that are missing say nothing (a refund payload, a list cut at 100 entries). */
  whole: boolean;
  /** This order was copied from one that another system took. */
  origin?: { source: string; id: string };
  /** Which way of selling on this account took it ("pos", "web"), where one account carries several channels. */
  source?: string;
  /** When the buyer bought, ISO 8601 with zone, by the platform's clock. */
  saleAt: string;
  /** false: not paid yet. Only read where the channel lets the paid moment count; absent means paid. */
  paid?: boolean;
  /** The platform's word for the state ("processing", "PARTIALLY_SHIPPED"), shown to people. */
  state?: string;
  lines: Line[];
}

/** A part with everything zero, to spread over. */
export const emptyPart: Part = { location: null, committed: 0, out: 0, returned: 0, taken: 0 };
