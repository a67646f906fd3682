import type { Outcome, Target } from '../../../platform/contract.ts';
import { Failure } from '../../../platform/failure.ts';
import type { HttpResponse } from '../../../platform/http.ts';
import { type DynamicsClient, GUID } from '../api.ts';
import type { DynamicsConfig } from '../config.ts';
import { facts } from '../facts.ts';
import { classifyRow } from '../failures.ts';
import { baseUrl } from './address.ts';
import { batchAnswers, batchBody } from './multipart.ts';

/**
 * Up to 100 products in one `$batch`, each with the ETag of the reading just before: whoever changed the product meanwhile
 * keeps what they wrote. Without a reading `*` stands there, because a PATCH of a product that is not there would create it.
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
  const boundary = `batch_${client.uuid()}`;
  const requests = ready.map(({ cell, want, from }) => ({
    method: 'PATCH' as const,
    url: `${baseUrl(config)}/products(${cell.stockKey})`,
    headers: { 'Content-Type': 'application/json', Accept: 'application/json', 'If-Match': from?.version ?? '*' },
    body: JSON.stringify({ quantityonhand: want }),
  }));
  const answers = batchAnswers(
    await client.call('writeStock', {
      method: 'POST',
      url: `${baseUrl(config)}/$batch`,
      headers: {
        'content-type': `multipart/mixed; boundary="${boundary}"`,
        accept: 'multipart/mixed',
        'odata-version': '4.0',
        'odata-maxversion': '4.0',
        // Without it the first refused row ends the batch.
        prefer: 'odata.continue-on-error',
      },
      body: batchBody(boundary, requests),
    }),
  );
  return [...outcomes, ...ready.map((target, index) => outcomeOf(target, answers[index]))];
}

function unwritable({ cell, want, from }: Target): Failure | undefined {
  if (!GUID.test(cell.stockKey)) return new Failure('gone', 'not-found', 'There is no such product in Dynamics 365.');
  // Dataverse would take the number and show it to nobody.
  if (from && !from.tracked)
    return new Failure('rejected', 'not-counted', 'The product is not a stock item. Tick "Stock item" on its form.');
  if (Number.isFinite(want) && want >= facts.push.min && want <= facts.push.max) return undefined;
  return new Failure('rejected', 'out-of-range', `${want} is not a number of units that Onhand writes.`);
}

function outcomeOf({ cell, want }: Target, answer: HttpResponse | undefined): Outcome {
  const failed = (failure: Failure): Outcome => ({ cell, result: 'failed', failure });
  if (!answer) return failed(new Failure('unknown-outcome', 'no-answer', 'The batch says nothing of this row.'));
  const failure = classifyRow(answer);
  if (failure?.failure === 'conflict') return { cell, result: 'stale' };
  return failure ? failed(failure) : { cell, result: 'applied', after: want };
}
