import type { Account } from '../../engine/context.ts';
import type { Engine } from '../../engine/engine.ts';
import type { Facts } from '../../platform/contract.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { World, WorldChannel } from '../../sandbox/index.ts';
import type { Database } from '../../store/database.ts';
import { lastSales, type StockRow, stockRows } from '../../store/overview.ts';

/** What the demo's buttons act upon. */
export interface Stage {
  world: World;
  /** The one that runs now. */
  engine: Engine;
  /** Its store, for looking: also while no engine runs. */
  db: Database;
  clock: Clock;
  /** How much faster than the vendors' own limits and delays. */
  factor: number;
  /** The demo ends. */
  signal: AbortSignal;
  /** Told to whoever pressed, while it works. */
  doing(text: string): void;
  /** Kills the engine's process. */
  kill(): Promise<void>;
  /** Starts another one over the same store; `before` has it while it does nothing yet. */
  revive(before: (engine: Engine) => Promise<void>): Promise<void>;
}

/** What really happened, in one sentence; `sku`: whose story tells more. */
export interface Told {
  said: string;
  sku: string;
}

export interface Button {
  id: string;
  /** What pressing it does next. */
  label(): string;
  does(): string;
  press(stage: Stage): Promise<Told>;
}

const PATIENCE_MS = 60_000;

/** Something the demo waited for did not happen; the text is for people. */
export class TooLate extends Error {}

/** Looks until there is something; `what` is what people are told that did not happen. */
export async function until<T>(
  stage: Stage,
  what: string,
  look: () => T | undefined | false | Promise<T | undefined | false>,
  everyMs = 20,
): Promise<T> {
  const end = stage.clock.now() + PATIENCE_MS;
  while (!stage.signal.aborted) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (stage.clock.now() > end) throw new TooLate(`${what} did not happen within ${span(PATIENCE_MS)}`);
    await stage.clock.sleep(everyMs, stage.signal);
  }
  throw new TooLate('the demo ended');
}

export function accountOf(stage: Stage, channel: WorldChannel): Account {
  const account = stage.engine.registry.byKey(channel.platform.facts.id, channel.sandbox.account);
  if (!account) throw new Error(`${channel.name} is not connected`);
  return account;
}

/** A webhook that gets lost is never sent again: the platform's facts begin with that word. */
export const tellsOnce = ({ hooks }: Facts): boolean => hooks.retries.startsWith('never');

/** What the stand-in itself shows of an item, all its places together. */
export const shownUnits = (channel: WorldChannel, sku: string): number =>
  channel.sandbox.shown().reduce((sum, row) => (row.sku === sku ? sum + row.available : sum), 0);

export const availableOf = (row: StockRow): number =>
  row.levels.reduce((sum, level) => sum + level.onHand - level.committed, 0);

/** Those that were on the stage already: another press takes another item. */
const seen = new WeakMap<World, Set<string>>();

/** The item that was longest left alone and about which nothing is waiting: what happens to it now is our doing. */
export async function quietItem(stage: Stage, fits: (row: StockRow) => boolean): Promise<StockRow> {
  const used = seen.get(stage.world) ?? new Set();
  seen.set(stage.world, used);
  const idle = (row: StockRow) => row.cells.every((cell) => !cell.dirty && cell.aside === null && cell.seen === null);
  const lastMoved = (row: StockRow) => Math.max(...row.levels.map((level) => Date.parse(level.changedAt)));
  const row = await until(stage, 'an item at rest, with stock on every channel,', async () => {
    const rows = (await stockRows(stage.db, '', '', 500)).filter((one) => idle(one) && fits(one));
    if (rows.length > 0 && rows.every((one) => used.has(one.sku))) used.clear();
    return rows.filter((one) => !used.has(one.sku)).sort((a, b) => lastMoved(a) - lastMoved(b))[0];
  });
  used.add(row.sku);
  return row;
}

export interface Sale {
  channel: WorldChannel;
  sku: string;
  at: number;
  /** Why the shop said no. */
  refused: string | null;
  /** When the engine first heard of it. */
  heard(): Promise<number>;
}

/** Somebody with one unit in the basket of a shop; calling the answer presses "buy". */
export async function shopper(stage: Stage, channel: WorldChannel, sku: string): Promise<() => Sale> {
  const account = accountOf(stage, channel);
  const documents = async () =>
    (await lastSales(stage.db, 200, '')).filter(
      (row) => row.accountId === account.row.id && row.lines.some((line) => line.sku === sku),
    );
  const known = new Set((await documents()).map((row) => row.id));
  const heard = () =>
    until(stage, `news of the order in ${channel.name}`, async () => {
      const row = (await documents()).find((one) => !known.has(one.id));
      return row && new Date(row.heardAt).getTime();
    });
  return () => {
    const at = stage.clock.now();
    const bought = channel.sandbox.shopper.buy({ lines: [{ sku, quantity: 1 }], location: null });
    return { channel, sku, at, heard, refused: bought.ok ? null : bought.why.replace(`${sku}: `, '') };
  };
}

/** One unit, online. @throws Error when the shop says no */
export async function sellOne(stage: Stage, channel: WorldChannel, sku: string): Promise<Sale> {
  const sale = (await shopper(stage, channel, sku))();
  if (sale.refused) throw new Error(`${channel.name} refused an order of ${sku}: ${sale.refused}`);
  return sale;
}

/** A stretch of time for people. */
export function span(ms: number): string {
  if (ms < 1_000) return `${Math.max(0, Math.round(ms))} ms`;
  return ms < 60_000 ? `${Math.round(ms / 100) / 10} s` : `${Math.round(ms / 6_000) / 10} min`;
}

export const units = (count: number): string => `${count} ${Math.abs(count) === 1 ? 'unit' : 'units'}`;
