import type { SandboxOptions } from '../../../platform/sandbox.ts';
import { StockBook, type StockItem } from '../../../platform/sandbox-kit/index.ts';

/** An adjustment as it stands in the list; `apply` is what an approval still has to do. */
export interface Adjustment {
  id: string;
  date: string;
  reason: string;
  description: string;
  reference: string;
  location: string;
  lines: { item: StockItem; location: string; quantity: number; id: string }[];
  applied: boolean;
}

/** Everything the stand-in's parts share: one organization of Zoho Inventory with its Self Client. */
export interface Organization {
  options: SandboxOptions;
  book: StockBook;
  id: string;
  name: string;
  client: { id: string; secret: string; refreshToken: string; revoked: boolean };
  /** Access tokens and when they end. */
  tokens: Map<string, number>;
  webhookSecret: string;
  /** What the merchant pasted into the workflow rules; none until settings were asked for. */
  hookUrl: string | undefined;
  adjustments: Adjustment[];
  needsApproval: boolean;
  /** Scopes that the code was made without. */
  missingScopes: Set<string>;
  /** A number for a thing that has none yet; the same one every time. */
  idOf(thing: object): string;
  random(length: number): string;
}

const ID = { item: 4_815_000_000_044_000, order: 4_815_000_001_000_000, line: 4_815_000_002_000_000 };
const OTHER = 4_815_000_009_000_000;

export function openOrganization(options: SandboxOptions): Organization {
  const random = (length: number) =>
    Array.from({ length }, () => Math.floor(options.random() * 16).toString(16)).join('');
  let last = OTHER;
  const ids = new WeakMap<object, string>();
  const digits = [...options.name].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 9_000_000, 7);
  return {
    options,
    book: new StockBook({
      clock: options.clock,
      locations: options.locations.map(({ id }) => id),
      itemId: (seq) => String(ID.item + seq),
      orderId: (seq) => String(ID.order + seq),
      lineId: (seq) => String(ID.line + seq),
      takesAt: 'paid',
    }),
    id: String(10_000_000 + digits),
    name: options.name,
    client: {
      id: `1000.${random(30).toUpperCase()}`,
      secret: random(42),
      refreshToken: `1000.${random(32)}.${random(32)}`,
      revoked: false,
    },
    tokens: new Map(),
    webhookSecret: random(40),
    hookUrl: undefined,
    adjustments: [],
    needsApproval: false,
    missingScopes: new Set(),
    idOf: (thing) => {
      const id = ids.get(thing) ?? String(++last);
      ids.set(thing, id);
      return id;
    },
    random,
  };
}

/** "2026-03-02T14:06:02+0000": whole seconds. */
export const stamp = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}+0000`;
export const day = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
