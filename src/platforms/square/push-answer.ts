import { z } from 'zod';
import { type Quantity, readQuantity } from '../../domain/quantity.ts';
import type { Outcome, Target } from '../../platform/contract.ts';
import { Failure } from '../../platform/failure.ts';
import { jsonRequest } from '../../platform/http.ts';
import { apiUrl, readAnswer, record, type SquareClient } from './api.ts';
import { changeShape, referenceOf } from './changes.ts';
import type { SquareConfig } from './config.ts';
import { errorsOf, rowFailure, type SquareError } from './failures.ts';
import { type WriteOptions, writeBody } from './push-request.ts';

const answer = z.object({
  counts: z
    .array(
      z.object({
        catalog_object_id: z.string().nullish(),
        location_id: z.string().nullish(),
        state: z.string().nullish(),
        quantity: z.string().nullish(),
      }),
    )
    .nullish(),
  changes: z.array(changeShape).nullish(),
});

/** One call, and what its answer says of each target. @throws Failure when the call as a whole was refused or lost. */
export async function send(
  client: SquareClient,
  config: SquareConfig,
  targets: Target[],
  options: WriteOptions,
): Promise<Outcome[]> {
  const request = jsonRequest(
    'POST',
    apiUrl(config, '/v2/inventory/changes/batch-create'),
    writeBody(targets, options),
  );
  const response = await client.call('changeInventory', request);
  const body = readAnswer(response);
  const parsed = answer.safeParse(body);
  if (!parsed.success)
    throw new Failure(
      'unknown-outcome',
      'unreadable-answer',
      'Square answered a write in a shape that Onhand does not know.',
      {
        status: response.status,
        cause: parsed.error,
      },
    );
  const errors = errorsOf(record(body));
  const made = new Set((parsed.data.changes ?? []).flatMap((change) => referenceOf(change) ?? []));
  const after = new Map(
    (parsed.data.counts ?? []).flatMap((one) =>
      one.state === 'IN_STOCK' && one.quantity
        ? [[`${one.catalog_object_id}\n${one.location_id}`, one.quantity] as const]
        : [],
    ),
  );
  return targets.map((target) => outcomeOf(target, made, errors, after));
}

/** A row is done when the answer repeats its reference; answers without any rows (older ones) stand for all. */
function outcomeOf(target: Target, made: Set<string>, errors: SquareError[], after: Map<string, string>): Outcome {
  const { cell, key } = target;
  const [error] = errors;
  if (made.has(key) || (made.size === 0 && !error)) {
    const now = legible(after.get(`${cell.stockKey}\n${cell.location}`));
    return { cell, result: 'applied', ...(now !== undefined && { after: now }) };
  }
  const failure =
    error && made.size > 0
      ? rowFailure(error)
      : new Failure(
          'unknown-outcome',
          'not-confirmed',
          `Square answered, but does not name this change.${error ? ` It says: ${error.code}` : ''}`,
        );
  return { cell, result: 'failed', failure };
}

function legible(text: string | undefined): Quantity | undefined {
  try {
    return text === undefined ? undefined : readQuantity(text);
  } catch {
    return undefined;
  }
}
