import { z } from 'zod';
import { type Quantity, readQuantity } from '../../domain/quantity.ts';
import type { Client, Outcome, Target } from '../../platform/contract.ts';
import { Failure } from '../../platform/failure.ts';
import { asked } from './api.ts';
import { wireCell } from './catalogue.ts';
import { type CustomConfig, onlySends } from './config.ts';
import type { CustomOp } from './facts.ts';

const result = z.object({
  ok: z.boolean(),
  stale: z.boolean().optional(),
  available: z.unknown().optional(),
  error: z.string().optional(),
});
const results = z.object({ results: z.array(z.unknown()) });

/** Each target says what it expects there: the other system writes only if that is so, and says so for each. */
export async function pushLevels(
  client: Client<CustomOp>,
  config: CustomConfig,
  targets: Target[],
): Promise<Outcome[]> {
  if (onlySends(config))
    return targets.map(({ cell }) => ({
      cell,
      result: 'failed',
      failure: new Failure('rejected', 'only-sends', 'This system only sends orders; nothing can be written to it.'),
    }));
  const body = {
    type: 'levels.set',
    data: {
      levels: targets.map(({ cell, want, expect, key }) => ({
        ...wireCell(cell),
        available: want,
        expected: expect,
        key,
      })),
    },
  };
  const answer = await asked(client, config, 'setLevels', '/levels', results, body);
  return targets.map(({ cell, want }, index) => ({ cell, ...outcomeOf(answer.results[index], want) }));
}

type Fate =
  | { result: 'applied'; after: Quantity }
  | { result: 'stale'; now?: Quantity }
  | { result: 'failed'; failure: Failure };

/** One row of the answer. A row that says nothing we understand leaves open whether the number was written. */
function outcomeOf(row: unknown, want: Quantity): Fate {
  const read = result.safeParse(row);
  if (!read.success)
    return failed('unknown-outcome', 'no-result', 'Your system gave no result for this level; one is needed per row.');
  const { ok, stale, error } = read.data;
  const available = units(read.data.available);
  if (ok) return { result: 'applied', after: available ?? want };
  if (stale) return { result: 'stale', ...(available !== undefined && { now: available }) };
  return failed('rejected', 'refused', error ?? 'Your system refused this level without a reason.');
}

const failed = (kind: 'unknown-outcome' | 'rejected', code: string, message: string): Fate => ({
  result: 'failed',
  failure: new Failure(kind, code, message),
});

function units(value: unknown): Quantity | undefined {
  try {
    return readQuantity(value);
  } catch {
    return undefined;
  }
}
