import { createHash } from 'node:crypto';
import { z } from 'zod';
import { quantity, readQuantity } from '../../../domain/quantity.ts';
import type { Outcome, Target } from '../../../platform/contract.ts';
import { Failure } from '../../../platform/failure.ts';
import { ask, type Cin7Client } from '../api.ts';
import type { Cin7Config } from '../config.ts';
import { unwritable } from '../targets.ts';

const line = z.object({
  ProductID: z.string().nullish(),
  LocationID: z.string().nullish(),
  BatchSN: z.string().nullish(),
  QuantityOnHand: z.unknown().optional(),
  Available: z.unknown().optional(),
  Adjustment: z.unknown().optional(),
  Quantity: z.unknown().optional(),
});
const answer = z.object({
  TaskID: z.string().nullish(),
  Status: z.string().nullish(),
  ExistingStockLines: z.array(line).nullish(),
  NewStockLines: z.array(line).nullish(),
});

interface Written {
  target: Target;
  onHand: number;
}

/**
 * New on-hand quantities, one document for all. On hand, not available: an order authorised between reading and writing
 * lowers what is available and leaves on hand as it is, so it is not brought back.
 * @throws Failure when it holds for all alike.
 */
export async function pushCore(client: Cin7Client, config: Cin7Config, targets: Target[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const ready: Written[] = [];
  for (const target of targets) {
    const onHand = onHandFor(target);
    const failure = unwritable(target) ?? problemOf(target, onHand);
    if (failure) outcomes.push({ cell: target.cell, result: 'failed', failure });
    else ready.push({ target, onHand });
  }
  return ready.length === 0 ? outcomes : [...outcomes, ...(await writeAll(client, config, ready))];
}

const onHandFor = ({ want, expect, from }: Target): number =>
  from?.written === undefined ? Number.NaN : quantity(from.written + (want - (from.available ?? expect)));

function problemOf({ extra }: Target, onHand: number): Failure | undefined {
  if (extra?.['type'] === 'made')
    return new Failure('rejected', 'made-from-parts', 'Cin7 computes its number from its parts; connect those.');
  if (Number.isNaN(onHand))
    return new Failure('rejected', 'not-read', 'The level was not read, so the new on-hand quantity is not known.');
  if (onHand < 0)
    return new Failure(
      'rejected',
      'in-bins',
      'More has to go than lies outside of bins and batches. Adjust it in Cin7: Inventory > Stock Adjustment.',
    );
  return undefined;
}

/** Refused as a whole for one line, the document is halved until that line is alone: absolute numbers may be sent again. */
async function writeAll(client: Cin7Client, config: Cin7Config, rows: Written[]): Promise<Outcome[]> {
  try {
    return await write(client, config, rows);
  } catch (error) {
    if (!(error instanceof Failure) || !['rejected', 'gone', 'conflict'].includes(error.failure)) throw error;
    if (rows.length === 1) return [{ cell: rows[0]!.target.cell, result: 'failed', failure: error }];
    const half = Math.ceil(rows.length / 2);
    const outcomes: Outcome[] = [];
    for (const part of [rows.slice(0, half), rows.slice(half)]) {
      try {
        outcomes.push(...(await writeAll(client, config, part)));
      } catch (later) {
        // What the first half did must not be lost with the second.
        if (!(later instanceof Failure)) throw later;
        outcomes.push(...part.map(({ target }): Outcome => ({ cell: target.cell, result: 'failed', failure: later })));
      }
    }
    return outcomes;
  }
}

async function write(client: Cin7Client, config: Cin7Config, rows: Written[]): Promise<Outcome[]> {
  const body = {
    EffectiveDate: new Date(client.now()).toISOString().slice(0, 23),
    Status: 'COMPLETED',
    Reference: referenceOf(rows.map(({ target }) => target.key)),
    // The default is disputed between sources: it is always said.
    UpdateOnHand: true,
    Lines: rows.map(({ target, onHand }) => ({
      ProductID: target.cell.stockKey,
      ...(target.extra?.['sku'] && { SKU: target.extra['sku'] }),
      Quantity: onHand,
      UnitCost: Number(target.extra?.['cost'] ?? config.unitCost) || 0,
      // By its ID: names are changed by people.
      LocationID: target.cell.location,
    })),
  };
  const { data } = await ask(client, config, 'adjust', { method: 'POST', path: '/stockadjustment', body }, answer);
  if (data.Status && data.Status !== 'COMPLETED')
    throw new Failure('rejected', 'only-draft', `Cin7 left the adjustment as ${data.Status}: it changes nothing.`);
  return rows.map((row) => outcomeOf(row, data));
}

/** A 200 does not prove an effect: the line must come back with the number that was sent. */
function outcomeOf({ target, onHand }: Written, data: z.infer<typeof answer>): Outcome {
  const { cell, want } = target;
  const is = (one: z.infer<typeof line>) =>
    one.ProductID?.toLowerCase() === cell.stockKey.toLowerCase() &&
    !one.BatchSN &&
    (!one.LocationID || one.LocationID.toLowerCase() === cell.location.toLowerCase());
  const existing = (data.ExistingStockLines ?? []).find(is);
  const fresh = (data.NewStockLines ?? []).find(is);
  const told = number(existing?.Adjustment ?? fresh?.Quantity);
  if (told === onHand) {
    const [before, available] = [number(existing?.QuantityOnHand), number(existing?.Available)];
    const after = before === undefined || available === undefined ? undefined : quantity(available - before + onHand);
    return { cell, result: 'applied', ...(after !== undefined && target.from?.written === before && { after }) };
  }
  const failure = new Failure(
    'unknown-outcome',
    'not-confirmed',
    `Cin7 answered, and does not say that this level is ${want} now; reading it tells.`,
  );
  return { cell, result: 'failed', failure };
}

function number(told: unknown): number | undefined {
  try {
    return readQuantity(told);
  } catch {
    return undefined;
  }
}

/** The same keys, the same reference: people can find what Onhand did. */
export const referenceOf = (keys: string[]): string =>
  `onhand-${createHash('sha256')
    .update([...keys].sort().join('\n'))
    .digest('hex')
    .slice(0, 12)}`;
