import { z } from 'zod';
import { QuantityError, quantity, readQuantity } from '../../domain/quantity.ts';
import type { Outcome, Target } from '../../platform/contract.ts';
import { Failure } from '../../platform/failure.ts';
import { ask, iso, ocapiUrl, type SfccClient } from './api.ts';
import type { SfccConfig } from './config.ts';
import { facts } from './facts.ts';
import { readListsNamed } from './lists.ts';

const answer = z.object({ ats: z.unknown().optional() });

/**
 * New allocations, one call each. Setting one starts the turnover anew at `reset_date`: orders before it expire, later ones keep
 * counting, so an order that comes in meanwhile is not lost. The date is by their clock and never ahead of it; one that is
 * older than the last is refused, which keeps late writes from undoing newer ones.
 * @throws Failure only when it holds for all and nothing was written.
 */
export async function allocate(client: SfccClient, config: SfccConfig, targets: Target[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const { lists, aheadMs } = await readListsNamed(
    client,
    config,
    targets.map(({ cell }) => cell.location),
  );
  let stop: Failure | undefined;
  for (const target of targets) {
    const { cell } = target;
    const failure = stop ?? unwritable(target, lists.has(cell.location));
    if (failure) {
      outcomes.push({ cell, result: 'failed', failure });
      continue;
    }
    try {
      outcomes.push(await allocateOne(client, config, target, aheadMs));
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      // The rest is not tried: it would meet the same wall, and it surely was not sent.
      if (error.failure === 'throttled' || error.failure === 'auth') {
        if (outcomes.length === 0) throw error;
        stop = error;
      }
      outcomes.push(
        error.failure === 'conflict' ? { cell, result: 'stale' } : { cell, result: 'failed', failure: error },
      );
    }
  }
  return outcomes;
}

/** The allocation that shows what is wanted; `written` is what would show the same as now. */
const amountOf = ({ want, from }: Target): number =>
  from?.written === undefined ? want : quantity(from.written + (want - from.available));

function unwritable(target: Target, known: boolean): Failure | undefined {
  const { want, from } = target;
  if (!known) return new Failure('gone', 'no-list', 'There is no such inventory list.');
  if (from && !from.tracked)
    return new Failure(
      'rejected',
      'perpetual',
      'The product is always in stock ("Perpetual" in its inventory record).',
    );
  if (!Number.isFinite(want) || want < facts.push.min || want > facts.push.max)
    return new Failure('rejected', 'out-of-range', `${want} is not a number of units that Onhand writes.`);
  if (amountOf(target) >= 0) return undefined;
  return new Failure(
    'rejected',
    'presold',
    'More is open for pre-order or back order than may be sold. Lower "Preorder/Backorder Allocation" of the record.',
  );
}

async function allocateOne(client: SfccClient, config: SfccConfig, target: Target, aheadMs: number): Promise<Outcome> {
  const { cell, asOf } = target;
  const list = encodeURIComponent(cell.location);
  const url = ocapiUrl(
    config,
    `/inventory_lists/${list}/product_inventory_records/${encodeURIComponent(cell.stockKey)}`,
  );
  const nowMs = client.now();
  const reset_date = iso(Math.min(Date.parse(asOf), nowMs) + aheadMs);
  const body = { allocation: { amount: amountOf(target), reset_date } };
  const { data } = await ask(client, 'writeRecord', { method: 'PATCH', url, body }, answer);
  try {
    return { cell, result: 'applied', ...(data.ats !== undefined && { after: readQuantity(data.ats) }) };
  } catch (error) {
    if (!(error instanceof QuantityError)) throw error;
    return { cell, result: 'applied' };
  }
}
