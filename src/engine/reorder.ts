import { type Quantity, quantity, readQuantity } from '../domain/quantity.ts';
import { demandOf, isLow, type ReorderRule, reorderLevels, roundedLevels, toOrder } from '../domain/reorder.ts';
import type { Queryable } from '../store/database.ts';
import {
  deleteReorder,
  type ReorderBasis,
  type ReorderRow,
  reorderRows,
  reorderRowsOf,
  saveRecomputed,
  saveReorder,
  soldByDay,
  staleReorders,
} from '../store/reorder.ts';
import { type EngineContext, iso } from './context.ts';
import { findItem, findLocation } from './stock.ts';
import { UserError } from './user-error.ts';

const DAY_MS = 86_400_000;
/** Sales are looked at over so many whole days, UTC; today, which is not over, is left out. */
const WINDOW_DAYS = 56;
/** Fewer days than a week say nothing about a week. */
const HISTORY_DAYS_MIN = 7;
const RECOMPUTED_TOGETHER = 500;

export interface ReorderLine {
  sku: string;
  title: string;
  location: string;
  available: Quantity;
  onHand: Quantity;
  committed: Quantity;
  point: Quantity;
  upTo: Quantity;
  low: boolean;
  lowSince: string | null;
  /** What to order now; 0 while there is enough. */
  order: Quantity;
  /** How it is computed; null: set by hand. */
  rule: ReorderRule | null;
  basis: ReorderBasis | null;
}

interface Where {
  sku: string;
  location: string;
  by: string;
}

/** Items with a reorder point, with what to order now: at one location or all, all of them or only what is low. */
export async function reorderList(
  db: Queryable,
  { location, low, limit }: { location?: string | undefined; low: boolean; limit: number },
): Promise<ReorderLine[]> {
  const id = location === undefined ? null : (await findLocation(db, location)).id;
  return (await reorderRows(db, id, low, limit)).map(lineOf);
}

/** By item id: its reorder lines, one per location that has one. */
export async function reorderLinesOf(db: Queryable, items: number[]): Promise<Map<number, ReorderLine[]>> {
  const lines = new Map<number, ReorderLine[]>();
  for (const row of await reorderRowsOf(db, items)) lines.set(row.item, [...(lines.get(row.item) ?? []), lineOf(row)]);
  return lines;
}

function lineOf(row: ReorderRow): ReorderLine {
  const available = quantity(row.onHand - row.committed);
  return {
    sku: row.sku,
    title: row.title,
    location: row.locationName,
    available,
    onHand: row.onHand,
    committed: row.committed,
    point: row.point,
    upTo: row.upTo,
    low: isLow(available, row.point),
    lowSince: row.lowSince,
    order: toOrder(available, row),
    rule: row.rule,
    basis: row.basis,
  };
}

/** A person says when to order and up to what. */
export async function setReorder(
  context: EngineContext,
  change: Where & { point: Quantity; upTo: Quantity },
): Promise<void> {
  const [point, upTo] = [units(change.point), units(change.upTo)];
  if (upTo < point)
    throw new UserError(
      'reorder-invalid',
      `Ordering up to ${upTo} would leave less than the point ${point}.`,
      'Give an --up-to that is not below --point.',
    );
  const item = await findItem(context.db, change.sku);
  const location = await findLocation(context.db, change.location);
  const row = { item: item.id, location: location.id, point, upTo, rule: null, basis: null, by: change.by };
  await saveReorder(context.db, row, iso(context.clock.now()));
  await context.db.wake('reorder');
}

/**
 * A person says how long goods take to come and how seldom they may run out; the levels follow from what was sold, and are
 * computed again every day.
 */
export async function computeReorder(
  context: EngineContext,
  change: Where & { rule: ReorderRule },
): Promise<ReorderLine> {
  const { db, clock } = context;
  const item = await findItem(db, change.sku);
  const location = await findLocation(db, change.location);
  const where = { item: item.id, location: location.id };
  const [levels] = await computed(context, [{ ...where, rule: change.rule }]);
  if (!levels)
    throw new UserError(
      'too-few-sales',
      `${change.sku} has sold at ${change.location} for fewer than ${HISTORY_DAYS_MIN} whole days: too few to compute from.`,
      `Set it by hand: onhand reorder set ${change.sku} --at "${change.location}" --point N --up-to N`,
    );
  await saveReorder(db, { ...where, ...levels, rule: change.rule, by: change.by }, iso(clock.now()));
  await db.wake('reorder');
  return (await reorderLinesOf(db, [item.id])).get(item.id)!.find((line) => line.location === location.name)!;
}

/** An item is no longer looked at there. */
export async function unsetReorder(context: EngineContext, where: Omit<Where, 'by'>): Promise<void> {
  const item = await findItem(context.db, where.sku);
  const location = await findLocation(context.db, where.location);
  if (!(await deleteReorder(context.db, item.id, location.id)))
    throw new UserError(
      'no-reorder',
      `${where.sku} has no reorder point at ${where.location}.`,
      'Those that have one: onhand reorder --all',
      404,
    );
}

/** Computes what was computed on an earlier day again, a batch of it. @returns how many */
export async function recomputeReorders(context: EngineContext): Promise<number> {
  const today = startOfDay(context.clock.now());
  const rows = await staleReorders(context.db, iso(today), RECOMPUTED_TOGETHER);
  if (rows.length === 0) return 0;
  const levels = await computed(context, rows);
  await saveRecomputed(
    context.db,
    rows.map((row, index) => ({ ...row, levels: levels[index] ?? null })),
    iso(context.clock.now()),
  );
  return rows.length;
}

type Levels = { point: Quantity; upTo: Quantity; basis: ReorderBasis };

/** In the order of the rows; undefined where too little was sold to say. */
async function computed(
  context: EngineContext,
  rows: { item: number; location: number; rule: ReorderRule }[],
): Promise<(Levels | undefined)[]> {
  const until = startOfDay(context.clock.now());
  const sold = new Map<string, Map<number, number>>();
  for (const { item, location, day, units } of await soldByDay(
    context.db,
    rows,
    iso(until - WINDOW_DAYS * DAY_MS),
    iso(until),
  )) {
    const days = sold.get(`${item}@${location}`) ?? new Map<number, number>();
    sold.set(`${item}@${location}`, days.set(day, units));
  }
  return rows.map(({ item, location, rule }) => {
    const demand = demandOf(sold.get(`${item}@${location}`) ?? new Map(), WINDOW_DAYS);
    if (!demand || demand.days < HISTORY_DAYS_MIN) return undefined;
    const levels = reorderLevels(demand, rule);
    const basis = {
      mean: quantity(demand.mean),
      deviation: quantity(demand.deviation),
      days: demand.days,
      safetyStock: quantity(levels.safetyStock),
    };
    return { ...roundedLevels(levels), basis };
  });
}

const startOfDay = (ms: number) => Math.floor(ms / DAY_MS) * DAY_MS;

function units(value: Quantity): Quantity {
  let read = Number.NaN;
  try {
    read = readQuantity(value);
  } catch {}
  if (read >= 0) return read;
  throw new UserError(
    'quantity-invalid',
    `${value} is not a number of units from 0 up.`,
    'Give a number with at most five decimals.',
  );
}
