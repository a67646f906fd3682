import { createHash } from 'node:crypto';
import { z } from 'zod';
import { quantity } from '../../../domain/quantity.ts';
import type { Outcome, Target } from '../../../platform/contract.ts';
import { Failure } from '../../../platform/failure.ts';
import { ask, type Cin7Client } from '../api.ts';
import type { Cin7Config } from '../config.ts';
import { unwritable } from '../targets.ts';

const answer = z.array(
  z.object({
    index: z.number().nullish(),
    success: z.boolean().nullish(),
    id: z.union([z.number(), z.string()]).nullish(),
    code: z.string().nullish(),
    errors: z.union([z.array(z.unknown()), z.string()]).nullish(),
  }),
);

/**
 * One adjustment per level, many in one call, so that each is taken or refused by itself. Its reference is made from the
 * target's key and unique there: sent twice, the second is refused, and that says that the first was done.
 */
export async function pushOmni(client: Cin7Client, config: Cin7Config, targets: Target[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const ready: { target: Target; qty: number }[] = [];
  for (const target of targets) {
    const { cell, want, expect, from } = target;
    const change = quantity(want - (from?.available ?? expect));
    // "Counted" is the new stock on hand, which still holds what open orders are promised.
    const counted = from?.written === undefined ? Number.NaN : quantity(from.written + change);
    const qty = config.omniQuantity === 'counted' ? counted : change;
    const failure = unwritable(target) ?? problemOf(target, qty);
    if (failure) outcomes.push({ cell, result: 'failed', failure });
    else if (change === 0) outcomes.push({ cell, result: 'applied', after: want });
    else ready.push({ target, qty });
  }
  if (ready.length === 0) return outcomes;
  const completedDate = new Date(client.now()).toISOString();
  const body = ready.map(({ target, qty }) => ({
    reference: omniReference(target.key),
    branchId: Number(target.cell.location),
    isApproved: true,
    completedDate,
    adjustmentReason: target.why === 'count' ? 'Counted in Onhand' : 'Onhand: sold or received elsewhere',
    lineItems: [{ productOptionId: Number(target.cell.stockKey), qty }],
  }));
  const { data } = await ask(client, config, 'omniAdjust', { method: 'POST', path: '/Adjustments', body }, answer);
  return [
    ...outcomes,
    ...ready.map(({ target }, index) => outcomeOf(target, data.find((row) => row.index === index) ?? data[index])),
  ];
}

function problemOf({ cell }: Target, qty: number): Failure | undefined {
  const fits = (id: string) => /^\d{1,15}$/.test(id);
  if (!fits(cell.stockKey) || !fits(cell.location))
    return new Failure('gone', 'unknown-item', `Cin7 has no option ${cell.stockKey} at branch ${cell.location}.`);
  if (Number.isNaN(qty))
    return new Failure('rejected', 'not-read', 'The level was not read, so the new stock on hand is not known.');
  return undefined;
}

function outcomeOf({ cell }: Target, row: z.infer<typeof answer>[number] | undefined): Outcome {
  const failed = (failure: Failure): Outcome => ({ cell, result: 'failed', failure });
  if (!row || row.success === null || row.success === undefined)
    return failed(
      new Failure(
        'unknown-outcome',
        'not-confirmed',
        'Cin7 did not say what became of this adjustment; reading it tells.',
      ),
    );
  if (row.success) return { cell, result: 'applied' };
  const said = (Array.isArray(row.errors) ? row.errors : [row.errors ?? '']).map(String).join(', ').slice(0, 300);
  if (/reference/i.test(said) && /exist|unique|duplicate|already/i.test(said)) return { cell, result: 'applied' };
  const code = /not found|does not exist|invalid product/i.test(said) ? 'unknown-item' : 'refused';
  return failed(new Failure('rejected', code, `Cin7 refused the adjustment. It says: ${said}`));
}

/** At most twenty characters. */
export const omniReference = (key: string): string =>
  `OH${createHash('sha256').update(key).digest('hex').slice(0, 18).toUpperCase()}`;
