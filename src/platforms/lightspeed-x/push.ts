import { z } from 'zod';
import type { Outcome, Target } from '../../platform/contract.ts';
import { Failure } from '../../platform/failure.ts';
import { adjustmentShape, deltaOf, isOf, ourAdjustments } from './adjustments.ts';
import { ask, type LightspeedXClient } from './api.ts';
import type { LightspeedXConfig } from './config.ts';
import { facts } from './facts.ts';
import { findReasons, type Reasons, reasonsFor } from './reasons.ts';

const answer = z.object({ data: z.array(adjustmentShape) });

/**
 * Tells up to a thousand cells their level, as differences in one call. One outcome per target; a row that Lightspeed
 * refuses does not keep the others from being written.
 * @throws Failure when it holds for all alike; `unknown-outcome` when no answer came, to be asked about by findPush.
 */
export async function pushLevels(
  client: LightspeedXClient,
  config: LightspeedXConfig,
  targets: Target[],
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const ready: Target[] = [];
  for (const target of targets) {
    const outcome = withoutAsking(target);
    if (outcome) outcomes.push(outcome);
    else ready.push(target);
  }
  if (ready.length === 0) return outcomes;
  const reasons = await reasonsFor(client, config);
  return [...outcomes, ...(await sendAll(client, config, ready, reasons))];
}

function withoutAsking(target: Target): Outcome | undefined {
  const { cell, want, extra } = target;
  const failed = (code: string, message: string): Outcome => ({
    cell,
    result: 'failed',
    failure: new Failure('rejected', code, message),
  });
  if (extra?.['untracked'] === 'composite')
    return failed('composite', 'A composite product has no stock of its own; connect its parts.');
  if (extra?.['untracked'] !== undefined)
    return failed(
      'untracked-item',
      'Lightspeed does not count this product. Switch "Track inventory" on in Catalog > Products > the product.',
    );
  if (!Number.isFinite(want) || want < facts.push.min || want > facts.push.max)
    return failed('impossible-quantity', `${want} is no level that can be written.`);
  return deltaOf(target) === 0 ? { cell, result: 'applied' } : undefined;
}

async function sendAll(
  client: LightspeedXClient,
  config: LightspeedXConfig,
  targets: Target[],
  reasons: Reasons,
): Promise<Outcome[]> {
  const startedMs = client.now();
  try {
    return await send(client, config, targets, reasons);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    if (!['rejected', 'gone', 'conflict'].includes(error.failure)) throw error;
    // Somebody may have removed or switched off our reasons: then it was for all rows that it was refused.
    const now = await findReasons(client, config);
    if (now.out !== reasons.out || now.in !== reasons.in) return sendAll(client, config, targets, now);
    const [only, ...others] = targets;
    if (others.length === 0) return [{ cell: only!.cell, result: 'failed', failure: error }];
    return sendApart(client, config, targets, reasons, startedMs);
  }
}

/**
 * Lightspeed refused the call, names no row, and does not promise that nothing of it was done. What is found in its list
 * counts; the rest is halved until the refused row is alone.
 */
async function sendApart(
  client: LightspeedXClient,
  config: LightspeedXConfig,
  targets: Target[],
  reasons: Reasons,
  startedMs: number,
): Promise<Outcome[]> {
  const rows = await ourAdjustments(client, config, startedMs);
  const outcomes: Outcome[] = [];
  const left: Target[] = [];
  for (const target of targets) {
    if (rows.some((row) => isOf(row, target))) outcomes.push({ cell: target.cell, result: 'applied' });
    else left.push(target);
  }
  const half = Math.ceil(left.length / 2);
  for (const part of [left.slice(0, half), left.slice(half)]) {
    if (part.length === 0) continue;
    try {
      outcomes.push(...(await sendAll(client, config, part, reasons)));
    } catch (error) {
      // A failure halfway must not unsay what was written before it.
      if (!(error instanceof Failure)) throw error;
      outcomes.push(...part.map(({ cell }): Outcome => ({ cell, result: 'failed', failure: error })));
    }
  }
  return outcomes;
}

/** One call. Rows of the answer stand in the order of the request; each must say what was asked. */
async function send(
  client: LightspeedXClient,
  config: LightspeedXConfig,
  targets: Target[],
  reasons: Reasons,
): Promise<Outcome[]> {
  const stock_adjustments = targets.map((target) => {
    const delta = deltaOf(target);
    return {
      product_id: target.cell.stockKey,
      outlet_id: target.cell.location,
      quantity: decimal(delta),
      reason: 'CUSTOM',
      custom_inventory_adjustment_reason_id: delta < 0 ? reasons.out : reasons.in,
    };
  });
  const call = { method: 'POST' as const, path: '/stock_adjustments', body: { stock_adjustments } };
  const { data } = await ask(client, config, 'adjust', call, answer);
  return targets.map((target, index) => {
    const row = data.data[index];
    const done = (row && isOf(row, target)) || data.data.some((other) => isOf(other, target));
    if (done) return { cell: target.cell, result: 'applied' };
    const failure = new Failure(
      'unknown-outcome',
      'not-confirmed',
      'Lightspeed answered, but does not name this change; its list of adjustments tells.',
    );
    return { cell: target.cell, result: 'failed', failure };
  });
}

/** Never `1e-5`. */
const decimal = (units: number): string => units.toFixed(5).replace(/\.?0+$/, '');
