import type { SandboxOptions } from '../../../platform/sandbox.ts';
import { StockBook, type StockItem, type StockLevel, type StockOrder } from '../../../platform/sandbox-kit/index.ts';

/** A count that was written down and not applied yet. */
export interface Count {
  inventory_quantity: number;
  diff: number;
}

/** An automation rule with its one action. */
export interface Automation {
  id: number;
  active: boolean;
  vals: Record<string, unknown>;
}

/** Everything the stand-in's parts share: one database with Sales, Inventory and Point of Sale. */
export interface Office {
  options: SandboxOptions;
  book: StockBook;
  database: string;
  login: string;
  apiKey: string;
  revoked: boolean;
  uid: number;
  /** A number for a thing that has none yet; the same one every time. */
  idOf(thing: object, kind: string): number;
  /** What {@link idOf} gave a number to. */
  thing(kind: string, id: number): object | undefined;
  nextId(): number;
  warehouses: { id: number; name: string; view: number; stock: number; shelf: number; spot: string }[];
  counts: Map<number, Count>;
  /** Of a level's units: how many lie on a shelf of their own, and how many belong to a lot. */
  shelved: Map<StockLevel, { shelf: number; lot: number }>;
  automations: Map<number, Automation>;
  actions: Map<number, Automation>;
  /** When an order's own row changed last: confirming and cancelling do that, deliveries do not. */
  headerMs: Map<StockOrder, number>;
  /** Runs before the next inventory is applied: what somebody else does in between. */
  between: (() => void) | undefined;
}

export const COMPANY: [number, string] = [1, 'My Company'];
export const USER: [number, string] = [2, 'Onhand'];
export const CUSTOMERS = 4;
export const ADJUSTMENT = 11;

const FIRST = { item: 40, order: 700_000, line: 310_000, other: 900_000 };

export function openOffice(options: SandboxOptions): Office {
  const hex = (length: number) => Array.from({ length }, () => Math.floor(options.random() * 16).toString(16)).join('');
  let last = FIRST.other;
  const nextId = () => ++last;
  const ids = new WeakMap<object, Map<string, number>>();
  const things = new Map<string, Map<number, object>>();
  return {
    options,
    book: new StockBook({
      clock: options.clock,
      locations: options.locations.map(({ id }) => id),
      itemId: (seq) => String(FIRST.item + seq),
      orderId: (seq) => String(FIRST.order + seq),
      lineId: (seq) => String(FIRST.line + seq),
      takesAt: 'paid',
    }),
    database: options.name,
    login: 'onhand@example.com',
    apiKey: hex(40),
    revoked: false,
    uid: USER[0],
    nextId,
    idOf: (thing, kind) => {
      const known = ids.get(thing) ?? new Map<string, number>();
      ids.set(thing, known);
      const id = known.get(kind) ?? nextId();
      known.set(kind, id);
      const all = things.get(kind) ?? new Map<number, object>();
      things.set(kind, all.set(id, thing));
      return id;
    },
    thing: (kind, id) => things.get(kind)?.get(id),
    warehouses: options.locations.map(({ id, name }, index) => ({
      id: Number(id),
      name,
      view: 20 + index * 10,
      stock: 21 + index * 10,
      shelf: 22 + index * 10,
      spot: id,
    })),
    counts: new Map(),
    shelved: new Map(),
    automations: new Map(),
    actions: new Map(),
    headerMs: new Map(),
    between: undefined,
  };
}

export const productOf = (item: StockItem): [number, string] => [Number(item.id), `[${item.sku}] ${item.title}`];

/** Sold over the counter. */
export const isTill = (order: StockOrder): boolean => order.location !== null;
