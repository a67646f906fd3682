import type { z } from 'zod';
import type { Doc } from '../domain/document.ts';
import type { Quantity } from '../domain/quantity.ts';
import type { Facts } from './facts.ts';
import type { Failure } from './failure.ts';
import type { HttpRequest, HttpResponse } from './http.ts';
import type { Sandbox, SandboxOptions } from './sandbox.ts';

export type { Budget, Facts, FeedFacts, Operation, PushFacts } from './facts.ts';

/** The platform's own stock record inside one account. Rights, shadow, push and reconcile belong to it. */
export interface CellKey {
  /** The platform's key of the stock (Shopify: inventory item id; Amazon: SKU; WooCommerce: "141/142" for a variation). */
  stockKey: string;
  /** The platform's id of the place; {@link NO_LOCATION} where the platform has one pool. */
  location: string;
}

/** The location id of platforms that keep one pool of stock per account. */
export const NO_LOCATION = '-';

export interface RemoteLocation {
  location: string;
  name: string;
  /** false: closed or hidden; nothing is written there. */
  active: boolean;
}

/** How an item appears on the platform. One row per sellable thing: a variation is a row, its parent is not. */
export interface RemoteListing {
  /** The id that order lines carry, always a string. */
  listing: string;
  /** Several listings may share one stock record. */
  stockKey: string;
  /** null when blank. Shown and suggested for mapping; never used as identity. */
  sku: string | null;
  barcode?: string | null;
  title: string;
  /** false: the platform does not count this one; it is listed with that reason and never written. */
  tracked: boolean;
  /** Why it cannot be written although it is tracked ("bundle parent", "managed by a fulfilment service"). */
  unwritable?: string;
  /** What must travel with a write besides the stock key (Amazon's product type, WooCommerce's parent id). */
  extra?: Record<string, string>;
}

/** What a cell shows, as read. */
export interface RemoteLevel extends CellKey {
  /** What shoppers can buy there now; negative if the platform sold below zero. Meaningless unless `tracked`. */
  available: Quantity;
  /** The number the platform lets us write, where that is another one (Magento's source quantity). */
  written?: Quantity;
  tracked: boolean;
  /** The version token a guarded write must quote. */
  version?: string;
  /** The platform's clock, ISO 8601. */
  changedAt?: string;
  /** Ours, ISO 8601; set by the connector from {@link Client.now} before the request was sent. */
  readAt: string;
}

/**
 * One cell and the level it should show. `want − expect` is the change; which of the three a platform sends is
 * {@link PushFacts.mode}. Where it writes another measure: value written = from.written + (want − from.available).
 */
export interface Target {
  cell: CellKey;
  /** Already rounded down to {@link PushFacts.decimals}, and ≥ {@link PushFacts.min}. */
  want: Quantity;
  /** What the cell shows as far as we know; a compare-and-set compares with it, a delta starts from it. */
  expect: Quantity;
  /** Read just before, where {@link PushFacts.readFirst} asks for it. */
  from?: RemoteLevel;
  /** When `want` was computed, ISO 8601. */
  asOf: string;
  /** Kept over retries of this one change: an idempotency key and a searchable reference (≤ 36 characters). */
  key: string;
  /** `count`: a person counted; platforms that tell counts from sales may say so. */
  why: 'sync' | 'count';
  extra?: Record<string, string>;
}

/**
 * What became of one target. `applied` means confirmed by the platform, not merely accepted.
 *  - applied: `after` is what it shows now, if the answer told.
 *  - pending: accepted; settles by {@link Platform.settle} or by reading after `visibleAfterMs`.
 *  - stale: the guard refused; `now` is what it shows, if the answer told.
 *  - failed: see {@link Failure}.
 */
export type Outcome = { cell: CellKey } & (
  | { result: 'applied'; after?: Quantity }
  | { result: 'pending'; handle?: string }
  | { result: 'stale'; now?: Quantity }
  | { result: 'failed'; failure: Failure }
);

/** A webhook or queue message exactly as it arrived. */
export interface Delivery {
  method: string;
  /** Path and query as received. */
  path: string;
  /** Lower-case names. */
  headers: Record<string, string>;
  body: Uint8Array;
  receivedAt: string;
}

/**
 *  - ok: authentic; `topic` picks the decoder. `deliveryId` is a hint for people (WooCommerce repeats one id for different events).
 *  - handshake: authentic or harmless set-up traffic (an empty ping, an echo request): answered as given, changes nothing.
 *  - refused: 401/403/400; `say` tells the operator what to check.
 */
export type Verdict =
  | { verdict: 'ok'; topic: string; deliveryId?: string }
  | { verdict: 'handshake'; reply: { status: number; headers?: Record<string, string>; body?: string } }
  | { verdict: 'refused'; why: 'no-secret' | 'no-signature' | 'bad-signature' | 'stale' | 'malformed'; say: string };

/** What a delivery or a page of a feed tells. The same bytes always give the same signals. */
export type Signal =
  | { kind: 'document'; doc: Doc }
  /**
   * Thin event: the document is fetched, one fetch at a time per document. `rev`, where the event names it: a document
   * already fetched at that revision or a newer one is left alone.
   */
  | { kind: 'document-changed'; account: string; doc: string; rev?: string }
  | { kind: 'document-gone'; account: string; doc: string }
  | { kind: 'level'; account: string; level: RemoteLevel }
  /** Something about this stock changed; read it (location null: at every place). */
  | { kind: 'dirty'; account: string; stockKey: string; location: string | null }
  /** From an exact feed of stock movements: a receipt, count or transfer made there. `ref` is unique per account. */
  | {
      kind: 'movement';
      account: string;
      ref: string;
      cell: CellKey;
      delta: Quantity;
      why: 'receipt' | 'count' | 'transfer' | 'adjustment';
      at: string;
    }
  | { kind: 'listing-changed'; account: string; listing: string }
  | { kind: 'access-lost'; account: string; why: string };

export interface Page<T> {
  items: T[];
  /** Opaque; null at the end. */
  next: string | null;
}

export interface FeedPage {
  signals: Signal[];
  /** Stored with the signals in one transaction; handed back next time. */
  cursor: string;
  /** Everything the platform stamped up to here has been told, ISO 8601, the platform's clock; null while unknown. */
  completeTo: string | null;
  /** true: call again at once. */
  more: boolean;
}

export interface QueueMessage {
  /** Given back to acknowledge. */
  handle: string;
  delivery: Delivery;
}

/** One named test of a channel's set-up. */
export interface Check {
  name: string;
  ok: boolean;
  /** What was found, one sentence. */
  found: string;
  /** What to do, where, by whom; required when not ok. */
  next?: string;
}

/** The only way a connector reaches its platform. Holds budgets, secrets, retry of safe calls, redaction and recording. */
export interface Client<Op extends string = string> {
  /**
   * Waits for the operation's budgets, authorizes, sends, classifies.
   * Operations with `retry: "safe"` are repeated on throttled and transient failures and on lost answers; others never are.
   * @throws Failure for whatever {@link Platform.classify} finds, and for lost answers.
   */
  call(op: Op, request: HttpRequest): Promise<HttpResponse>;
  /** The engine's clock, milliseconds since 1970. */
  now(): number;
  /** A fresh random UUID; replays in simulation. */
  uuid(): string;
}

/**
 * A kind of system Onhand can sell on or keep books in. Pure functions decide; functions that take a client are the only
 * ones that speak to the vendor. `Config` is what a person or the vendor handed us for one account: secrets included,
 * stored encrypted, never logged. It always has `account`: the key under which documents are unique.
 */
export interface Platform<Config extends { account: string } = { account: string }, Op extends string = string> {
  facts: Facts<Op>;
  /** One zod object: validation, form, prompts, docs. Secrets are marked by `secret()` of platform/config.ts. */
  config: z.ZodType<Config>;

  // ---- pure -------------------------------------------------------------------------------------------------------
  /** Adds token header, OAuth 1 signature, session cookie. */
  authorize(request: HttpRequest, config: Config, now: number): HttpRequest;
  /** undefined: a good answer. Must know answers that lie (HTTP 200 with an error inside). Total: never throws. */
  classify(response: HttpResponse, op: Op): Failure | undefined;
  /** What the answer tells of the budgets (cost bucket, remaining calls), by budget name. */
  readBudget?(
    response: HttpResponse,
    op: Op,
  ): Record<string, { available?: number; size?: number; perSecond?: number; cost?: number }> | undefined;
  /** Raw bytes, constant time, total: never throws. */
  verify(delivery: Delivery, config: Config, now: number): Verdict;
  /** Untrusted: only chooses whose secret to check with, where one entrance serves many accounts. */
  accountOf?(delivery: Delivery): string | undefined;
  /**
   * Verified bytes to signals; the same bytes give the same signals.
   * @throws Error when the body is not what the topic promises: the delivery is kept and shown, nothing is changed.
   */
  decode(delivery: Delivery, topic: string, config: Config): Signal[];

  /**
   * true: an account with these settings only sends. Nothing can be asked of it: its documents are never fetched, and the
   * lines of its orders, by SKU, are all that is known of its listings.
   */
  onlySends?(config: Config): boolean;

  // ---- through the client -----------------------------------------------------------------------------------------
  check(client: Client<Op>, config: Config): Promise<Check[]>;
  /** When the current secrets end, milliseconds since 1970; undefined: they do not. The client renews a minute before. */
  expiresAt?(config: Config): number | undefined;
  /** New secrets; stored before they are used (some refresh tokens work once). */
  renew?(client: Client<Op>, config: Config): Promise<Config>;
  listLocations(client: Client<Op>, config: Config): Promise<RemoteLocation[]>;
  listListings(client: Client<Op>, config: Config, cursor: string | null): Promise<Page<RemoteListing>>;
  /** Every level, page by page; for opening and reconcile. */
  listLevels(client: Client<Op>, config: Config, cursor: string | null): Promise<Page<RemoteLevel>>;
  /** At most `facts.read.batchMax` cells. A cell the platform does not know is missing from the answer. */
  readLevels(
    client: Client<Op>,
    config: Config,
    cells: (CellKey & { extra?: Record<string, string> })[],
  ): Promise<RemoteLevel[]>;
  /** `cursor` null: start at `since` (ISO 8601). */
  poll(client: Client<Op>, config: Config, feed: string, cursor: string | null, since: string): Promise<FeedPage>;
  /** Queues instead of webhooks: received messages are stored, then acknowledged. */
  receive?(client: Client<Op>, config: Config): Promise<QueueMessage[]>;
  acknowledge?(client: Client<Op>, config: Config, handles: string[]): Promise<void>;
  fetchDocument(client: Client<Op>, config: Config, doc: string): Promise<Doc | 'gone'>;
  /**
   * Sends at most `facts.push.batchMax` targets; one outcome per target, in any order.
   * @throws Failure only when it holds for every target alike (throttled, auth, lost answer).
   */
  pushLevels(client: Client<Op>, config: Config, targets: Target[]): Promise<Outcome[]>;
  /** Asks what became of a `pending` push. undefined: still pending. */
  settle?(client: Client<Op>, config: Config, handle: string, cell: CellKey): Promise<Outcome | undefined>;
  /** Was the push with this key applied? For relative writes whose answer was lost. */
  findPush?(client: Client<Op>, config: Config, target: Target): Promise<Outcome | 'not-found'>;
  /** Registers our webhook (or queue). May hand back settings to store (Square's signature key). Safe to repeat. */
  subscribe?(client: Client<Op>, config: Config, hookUrl: string): Promise<{ config?: Partial<Config>; did: string[] }>;
  unsubscribe?(client: Client<Op>, config: Config, hookUrl: string): Promise<{ did: string[] }>;
  /** Is the hook still there and switched on? Re-enables it where the vendor allows. */
  checkSubscription?(client: Client<Op>, config: Config, hookUrl: string): Promise<Check[]>;

  // ---- stand-in ---------------------------------------------------------------------------------------------------
  /** The stand-in used by demo, tests and simulation: speaks the vendor's API, enforces its limits, sells to shoppers. */
  sandbox(options: SandboxOptions): Sandbox;
}

/**
 * Keeps a platform's own types inside its folder and hands the engine one shape. The list of platforms holds
 * `AnyPlatform`s, so the engine cannot know which one it talks to.
 */
// biome-ignore lint/suspicious/noExplicitAny: Config is invariant; the engine only passes back what `config` parsed.
export type AnyPlatform = Platform<any, any>;

export function definePlatform<Config extends { account: string }, Op extends string>(
  platform: Platform<Config, Op>,
): Platform<Config, Op> {
  return platform;
}
