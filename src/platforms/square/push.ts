import type { Outcome, Target } from '../../platform/contract.ts';
import { Failure } from '../../platform/failure.ts';
import type { SquareClient } from './api.ts';
import { isUntrackedAt } from './catalogue.ts';
import type { SquareConfig } from './config.ts';
import { facts } from './facts.ts';
import { rowErrors, rowFailure } from './failures.ts';
import { appliedKeys } from './find-push.ts';
import { readLocations } from './places.ts';
import { send } from './push-answer.ts';
import { deltaOf, inOrder, type WriteOptions } from './push-request.ts';

/**
 * Tells up to 100 cells their level: differences as adjustments, a person's counts as physical counts. One outcome per
 * target; a row that Square refuses does not keep the others from being written.
 * @throws Failure when it holds for all alike; `unknown-outcome` when no answer came, to be asked about by findPush.
 */
export async function pushLevels(client: SquareClient, config: SquareConfig, targets: Target[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const ready: Target[] = [];
  for (const target of targets) {
    const outcome = withoutAsking(target);
    if (outcome) outcomes.push(outcome);
    else ready.push(target);
  }
  return [
    ...outcomes,
    ...(await sendAll(client, config, ready, { apiVersion: config.apiVersion, nowMs: client.now() })),
  ];
}

function withoutAsking(target: Target): Outcome | undefined {
  const { cell, want, why, extra } = target;
  const failed = (code: string, message: string): Outcome => ({
    cell,
    result: 'failed',
    failure: new Failure('rejected', code, message),
  });
  if (isUntrackedAt(extra, cell.location))
    return failed(
      'untracked-item',
      'Square does not count this item there. Switch "Track stock" on for that location in Items > the item > Stock.',
    );
  if (!Number.isFinite(want) || Math.abs(want) > facts.push.max)
    return failed('over-maximum', `${want} is more than a level may be.`);
  if (why === 'count' && want < 0) return failed('negative-count', 'Nobody counts less than nothing.');
  // Square wants a quantity above zero; nothing to change is done.
  if (why === 'sync' && deltaOf(target) === 0) return { cell, result: 'applied' };
  return undefined;
}

async function sendAll(
  client: SquareClient,
  config: SquareConfig,
  targets: Target[],
  options: WriteOptions,
): Promise<Outcome[]> {
  if (targets.length === 0) return [];
  try {
    return await send(client, config, targets, options);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    if (error.code === 'time-refused' && !options.stampedBySquare) {
      const { startedMs } = await readLocations(client, config);
      return sendAll(client, config, targets, { ...options, nowMs: startedMs, stampedBySquare: true });
    }
    if (error.failure !== 'rejected' && error.failure !== 'gone') throw error;
    const [only, ...others] = targets;
    if (others.length === 0) return [{ cell: only!.cell, result: 'failed', failure: error }];
    return sendApart(client, config, targets, options, error);
  }
}

/**
 * Square refused the call, and does not promise that nothing of it was done: whatever is found in the history counts. The
 * rows that the refusal names fail; the others go out again under a key of their own. When it names none, the call is
 * halved until the refused row is alone.
 */
async function sendApart(
  client: SquareClient,
  config: SquareConfig,
  targets: Target[],
  options: WriteOptions,
  refusal: Failure,
): Promise<Outcome[]> {
  const done = await appliedKeys(client, config, targets);
  const named = rowErrors(refusal);
  const outcomes: Outcome[] = [];
  const left: Target[] = [];
  for (const [row, target] of inOrder(targets).entries()) {
    const error = named.get(row);
    if (done.has(target.key)) outcomes.push({ cell: target.cell, result: 'applied' });
    else if (error) outcomes.push({ cell: target.cell, result: 'failed', failure: rowFailure(error) });
    else left.push(target);
  }
  const half = named.size > 0 ? left.length : Math.ceil(left.length / 2);
  for (const part of [left.slice(0, half), left.slice(half)])
    outcomes.push(...(await sendRest(client, config, part, options)));
  return outcomes;
}

/** A failure halfway must not unsay what was written before it: it is the failure of these rows. */
async function sendRest(
  client: SquareClient,
  config: SquareConfig,
  targets: Target[],
  options: WriteOptions,
): Promise<Outcome[]> {
  try {
    return await sendAll(client, config, targets, options);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return targets.map(({ cell }) => ({ cell, result: 'failed', failure: error }));
  }
}
