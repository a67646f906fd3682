import type { Quantity } from '../domain/quantity.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Random } from '../runtime/random.ts';
import type { HttpRequest, HttpResponse } from './http.ts';

export interface SandboxOptions {
  clock: Clock;
  random: Random;
  /** Distinguishes several sandboxes of one platform: shop name, seller id. [a-z0-9-] */
  name: string;
  /** Places the stand-in has; platforms with one pool use the first. */
  locations: { id: string; name: string }[];
  /**
   * How much faster than the vendor time runs: rates and buckets are multiplied, delays divided by it. 1 = the vendor's
   * own limits. Infinity is not allowed.
   */
  factor: number;
  /** How webhooks leave: the world's network, which may lose, double, delay, reorder. Answers as the receiver did. */
  deliver: (hook: HttpRequest) => Promise<HttpResponse>;
  /**
   * For platforms that put their events into a queue of the merchant's instead of calling us: chances (0–1) that one gets
   * lost at its source, comes twice, or much later. Read at each event, so changing a member switches it. Default none.
   */
  queueFaults?: { lost?: number; doubled?: number; late?: number };
  /** Skip rate limits (benches without a platform limit in the way). Everything else stays enforced. */
  unlimited?: boolean;
}

export interface SeedItem {
  sku: string;
  title: string;
  /** Units by location id. */
  stock: Record<string, Quantity>;
  /** Not counted by the platform. */
  untracked?: boolean;
}

export interface BuyLine {
  sku: string;
  quantity: Quantity;
}

/** A shopper, a clerk at the till, the shop's staff. What the vendor's own screens let people do; a refusal says why. */
export interface Shopper {
  /** `location` null: an online order. The platform decides whether it has stock, in its own (maybe racy) way. */
  buy(order: {
    lines: BuyLine[];
    location: string | null;
    paid?: boolean;
  }): { ok: true; order: string } | { ok: false; why: string };
  /** Pays an order placed with `paid: false`. Absent where the platform knows no unpaid orders. */
  pay?(order: string): boolean;
  /** Before anything shipped; units go back as the platform does it. */
  cancel(order: string): boolean;
  /** Ships or hands over what is open (or only these lines). */
  fulfil(order: string, lines?: BuyLine[]): boolean;
  /** Gives money back for units already gone; `restock`: the clerk puts them back on the shelf. */
  refund(order: string, line: BuyLine, restock: boolean): boolean;
  /** Staff change a number by hand in the vendor's admin. */
  edit(sku: string, location: string, available: Quantity): boolean;
}

/** The sandbox's own truth, to hold the ledger against: units since the seed, per SKU and place. */
export interface BookRow {
  sku: string;
  location: string;
  /** Units in open orders. */
  committed: Quantity;
  /** Units gone for good: shipped less restocked. */
  out: Quantity;
}

export interface ShownRow {
  sku: string;
  location: string;
  available: Quantity;
}

/**
 * Our stand-in for one account at a vendor. A state machine without sockets: `handle` is called by a loopback server in
 * demo and SDK tests, directly in simulation. Background work (webhook queues, settle delays) runs on `options.clock`.
 */
export interface Sandbox {
  platform: string;
  /** As `Config.account`. */
  account: string;
  /** What a merchant would paste as settings, complete and valid for `platform.config`. */
  config(base: { api: string; hook: string }): Record<string, unknown>;
  /** The vendor's API: auth, limits, validation and faults included. `request.url` is absolute; the host is not checked. */
  handle(request: HttpRequest): Promise<HttpResponse>;
  /** An answer as this vendor gives it when busy or broken, for the faulty network. */
  fault(kind: 'throttled' | 'unavailable'): HttpResponse;
  /** Adds to the catalogue; stock counts as the opening. Sends no webhooks. */
  seed(items: SeedItem[]): void;
  shopper: Shopper;
  book(): BookRow[];
  shown(): ShownRow[];
  /** Units this platform sold beyond what it had (its own fault, counted apart from ours). */
  oversold(): Quantity;
  /** No webhook queued, retrying or delayed, and no accepted write still to settle. */
  quiet(): boolean;
  /** Cancels every timer. */
  close(): void;
}
