import { z } from 'zod';
import { quantity, readQuantity } from '../../domain/quantity.ts';
import type { Outcome, Target } from '../../platform/contract.ts';
import { ask, type LightspeedXClient } from './api.ts';
import type { LightspeedXConfig } from './config.ts';
import { newestVersion } from './levels.ts';
import { reasonsFor } from './reasons.ts';

/** One row of Lightspeed's list of adjustments. */
export const adjustmentShape = z.object({
  id: z.string().nullish(),
  product_id: z.string(),
  outlet_id: z.string(),
  quantity: z.unknown(),
  reason: z.string().nullish(),
  custom_inventory_adjustment_reason_id: z.string().nullish(),
  created_at: z.string().nullish(),
  version: z.number().nullish(),
});
type Adjustment = z.infer<typeof adjustmentShape>;

const answer = z.object({ data: z.array(adjustmentShape).nullish() });

const PAGE_SIZE = 1_000;
/** `Date` has whole seconds, and so may `created_at`. */
const SLACK_MS = 2_000;
const FIRST_SPAN = 5_000;

/** Does this row say what the target asked for? */
export const isOf = (row: Adjustment, target: Target): boolean =>
  row.product_id === target.cell.stockKey && row.outlet_id === target.cell.location && unitsOf(row) === deltaOf(target);

export const deltaOf = ({ want, expect }: Target): number => quantity(want - expect);

function unitsOf({ quantity: told }: Adjustment): number | undefined {
  try {
    return readQuantity(told);
  } catch {
    return undefined;
  }
}

/**
 * Adjustments under Onhand's reasons since a moment of our clock. They carry no key: a row is ours by its reason, and this
 * push's by cell, difference and time. A cell is told one thing at a time, so two alike within two seconds do not happen.
 */
export async function ourAdjustments(
  client: LightspeedXClient,
  config: LightspeedXConfig,
  sinceMs: number,
): Promise<Adjustment[]> {
  const reasons = await reasonsFor(client, config);
  const mine = new Set([reasons.out, reasons.in]);
  const newest = await newestVersion(client, config);
  // The list has no filter by time: back in growing steps, until a row from before the moment is met.
  for (let span = FIRST_SPAN; ; span *= 8) {
    const after = Math.max(0, newest - span);
    const first = await rowsAfter(client, config, after);
    const fromMs = sinceMs + first.aheadMs - SLACK_MS;
    const isOld = (row: Adjustment) => Date.parse(row.created_at ?? '') < fromMs;
    if (after > 0 && !first.rows.some(isOld)) continue;
    const rows = first.rows;
    for (let page = first; page.rows.length >= PAGE_SIZE && page.next !== null; ) {
      page = await rowsAfter(client, config, after, page.next);
      rows.push(...page.rows);
    }
    return rows.filter((row) => mine.has(row.custom_inventory_adjustment_reason_id ?? '') && !isOld(row));
  }
}

/** In which order the list comes is not documented: it is walked in the one it has. */
async function rowsAfter(client: LightspeedXClient, config: LightspeedXConfig, after: number, limits?: string) {
  const path = `/stock_adjustments?page_size=${PAGE_SIZE}&${limits ?? `after=${after}`}`;
  const { data, askedMs, startedMs } = await ask(client, config, 'adjustments', { method: 'GET', path }, answer);
  const rows = data.data ?? [];
  const [from, to] = [rows[0]?.version, rows.at(-1)?.version];
  const rising = from !== undefined && from !== null && typeof to === 'number' && to >= from;
  const next = typeof to !== 'number' ? null : rising ? `after=${to}` : `after=${after}&before=${to}`;
  return { rows, next, aheadMs: startedMs - askedMs };
}

/** Was it done? Asked when the answer was lost. */
export async function findPush(
  client: LightspeedXClient,
  config: LightspeedXConfig,
  target: Target,
): Promise<Outcome | 'not-found'> {
  const rows = await ourAdjustments(client, config, Date.parse(target.asOf) || client.now());
  return rows.some((row) => isOf(row, target)) ? { cell: target.cell, result: 'applied' } : 'not-found';
}
