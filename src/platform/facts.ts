/** The limits a platform publishes, or the share of an unpublished one that we allow ourselves. */
export type Budget =
  /** A bucket of `burst` tokens refilled at `perSecond`. */
  | { kind: 'tokens'; perSecond: number; burst: number }
  /** A cost bucket whose size and refill come with every answer (Shopify); the numbers here are the start values. */
  | { kind: 'cost'; size: number; perSecond: number }
  /** At most so many requests under way at once. */
  | { kind: 'in-flight'; max: number }
  /** So many calls in a calendar window; `resetsAt` where the vendor says when. */
  | { kind: 'quota'; max: number; perMs: number };

export interface Operation {
  /** Names in {@link Facts.budgets}; all are spent. */
  budgets: string[];
  /** Tokens or points one call spends; default 1. */
  cost?: number;
  /** `safe`: repeating changes nothing. `never`: a lost answer is an unknown outcome. */
  retry: 'safe' | 'never';
  timeoutMs: number;
  /** Who waits less for a token. */
  priority: 'fetch' | 'decrease' | 'increase' | 'audit';
}

export interface PushFacts {
  /** cas: compare-and-set · delta: relative · as-of: dated absolute · blind: absolute without a guard · none: read only */
  mode: 'cas' | 'delta' | 'as-of' | 'blind' | 'none';
  /** true: the engine reads the cells just before (`from` of a target); needed by blind writes and by other measures. */
  readFirst: boolean;
  /** Targets per pushLevels call. */
  batchMax: number;
  /**
   * How a `pending` write is confirmed: by asking about its handle (where `settle` exists), or by reading the cell, which
   * serves many at a time. Default: asking.
   */
  settleBy?: 'asking' | 'reading';
  /** How long after a success answer the number can be read back. */
  visibleAfterMs: number;
  /** Does the platform refuse to sell below zero? racy: it means to, but parallel orders get through. */
  refusesBelowZero: 'atomic' | 'racy' | 'no';
  /** Digits after the point the platform takes: 0 where it takes whole units. */
  decimals: number;
  min: number;
  max: number;
}

export interface FeedFacts {
  /** How often it is polled when webhooks work, and when they do not (or do not exist). */
  everyMs: number;
  everyMsAlone: number;
  /** A change may appear in the feed this much after its own time stamp. */
  lagMs: number;
  /** What it tells; `orders` feeds move completeTo forward for the drift judge. */
  tells: 'orders' | 'levels' | 'movements' | 'listings';
}

/** What is known of a platform, as data: drawn in CLI, docs and dashboard. Nothing here is code. */
export interface Facts<Op extends string = string> {
  id: string;
  name: string;
  apiVersion: string;
  /** The vendor switched this service off: when, and where its customers went. Whatever answers is a stand-in or a copy. */
  closed?: string;
  /** The vendor's page or file each number comes from. */
  sources: string[];
  roles: ('sells' | 'keeps')[];
  /**
   * A way of selling on another platform's account (tills of an online shop): a channel and a row in the table, but no
   * account, cells or budget of its own. `source` is what that platform prints in the documents it takes this way.
   */
  account?: { platform: string; source: string };
  /** What a sale is told by, in the vendor's words. */
  trigger: string;
  /** The call that writes stock, in the vendor's words. */
  writeCall: string;
  hooks: {
    kind: 'webhook' | 'queue' | 'none';
    /** null: the vendor does not sign; such deliveries may only carry thin signals. */
    signature: string | null;
    /** How the platform behaves when we do not answer 2xx. */
    retries: string;
    /** Silence of this length on a channel that sells makes the watchdog check the subscription. */
    silentAfterMs: number;
    /** Changes of orders that the vendor sends nothing for, in its words: only the feeds tell them. */
    untold?: string;
    /** One entrance per app: deliveries name their account in the body. */
    perApp?: boolean;
    /**
     * Addresses of our own where its deliveries may arrive as well, beside `/hooks/…`; {@link Platform.accountOf} names
     * the account by its key.
     */
    paths?: string[];
  };
  operations: Record<Op, Operation>;
  budgets: Record<string, Budget>;
  push: PushFacts;
  read: { batchMax: number };
  feeds: Record<string, FeedFacts>;
  /** How the revision of a document compares: as times, as integers, or only for equality. */
  revision: 'time' | 'integer' | 'opaque';
  /** When the platform lowers its own number: used to say what `taken` means, and in the docs. */
  lowersItself: 'created' | 'paid' | 'fulfilled' | 'never' | 'setting';
  /** Who in the company can set it up, how long it takes, how many days somebody else needs. */
  setup: { who: string; minutes: number; waitDays: number; accounts: string[] };
  evidence: { rung: 'modelled' | 'contract' | 'client' | 'server' | 'live'; why: string; checkedAt: string };
  notSupported: string[];
}
