import { z } from 'zod';
import { QuantityError, readQuantity } from '../../../domain/quantity.ts';
import type { Outcome, Target } from '../../../platform/contract.ts';
import { Failure } from '../../../platform/failure.ts';
import { ask, type DynamicsClient, GUID, record } from '../api.ts';
import type { DynamicsConfig } from '../config.ts';
import { facts } from '../facts.ts';
import { classifyRow } from '../failures.ts';
import { baseUrl, companyPath } from './address.ts';

const answer = z.object({
  responses: z.array(
    z.object({
      id: z.string(),
      status: z.number(),
      headers: z.record(z.string(), z.string()).nullish(),
      body: z.unknown().optional(),
    }),
  ),
});

/**
 * Up to 100 items in one `$batch`. `inventory` is the number that shall lie there; Business Central posts an item journal
 * line for the difference. Posting makes a new version of the item, so the ETag of the reading just before keeps a write
 * that comes late from undoing a newer one; a shipment does not, so it is no guard against sales.
 */
export async function pushLevels(
  client: DynamicsClient,
  config: DynamicsConfig,
  targets: Target[],
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const ready: Target[] = [];
  for (const target of targets) {
    const failure = unwritable(target);
    if (failure) outcomes.push({ cell: target.cell, result: 'failed', failure });
    else ready.push(target);
  }
  if (ready.length === 0) return outcomes;
  const requests = ready.map(({ cell, want, from }, index) => ({
    method: 'PATCH',
    id: String(index),
    url: `${companyPath(config)}/items(${cell.stockKey})`,
    headers: { 'Content-Type': 'application/json', 'If-Match': from?.version ?? '*' },
    body: { inventory: want },
  }));
  const { data } = await ask(
    client,
    'writeStock',
    {
      method: 'POST',
      url: `${baseUrl(config)}/$batch`,
      body: { requests },
      // Without it the first refused row ends the batch.
      headers: { prefer: 'odata.continue-on-error' },
    },
    answer,
  );
  const rows = new Map(data.responses.map((row) => [row.id, row]));
  return [...outcomes, ...ready.map((target, index) => outcomeOf(target, rows.get(String(index))))];
}

function unwritable({ cell, want }: Target): Failure | undefined {
  if (!GUID.test(cell.stockKey)) return new Failure('gone', 'not-found', 'There is no such item in Business Central.');
  if (Number.isFinite(want) && want >= facts.push.min && want <= facts.push.max) return undefined;
  return new Failure('rejected', 'out-of-range', `${want} is not a number of units that Onhand writes.`);
}

function outcomeOf(target: Target, row: z.infer<typeof answer>['responses'][0] | undefined): Outcome {
  const { cell } = target;
  const failed = (failure: Failure): Outcome => ({ cell, result: 'failed', failure });
  if (!row) return failed(new Failure('unknown-outcome', 'no-answer', 'The batch says nothing of this row.'));
  const headers = Object.fromEntries(Object.entries(row.headers ?? {}).map(([key, text]) => [key.toLowerCase(), text]));
  const body = Buffer.from(JSON.stringify(row.body ?? null));
  const failure = classifyRow({ status: row.status, headers, body });
  if (failure?.failure === 'conflict') return { cell, result: 'stale' };
  if (failure) return failed(failure);
  try {
    return { cell, result: 'applied', after: readQuantity(record(row.body)?.['inventory']) };
  } catch (error) {
    if (!(error instanceof QuantityError)) throw error;
    return { cell, result: 'applied' };
  }
}
