import type { Outcome, Target } from '../../platform/contract.ts';
import { localTime } from '../../platform/local-time.ts';
import type { NetsuiteConfig } from './config.ts';
import { moment, type NetsuiteClient, quoted, suiteql } from './suiteql.ts';

/** Two clocks, and the hour that is put back. */
const BACK_MS = 2 * 3_600_000;

/** Which of these changes stand on an inventory adjustment: the memo of a line is the key of its target. */
export async function appliedKeys(
  client: NetsuiteClient,
  config: NetsuiteConfig,
  targets: readonly Target[],
): Promise<Set<string>> {
  const keys = targets.map(({ key }) => key);
  const sinceMs = Math.min(...targets.map(({ asOf }) => Date.parse(asOf) || client.now())) - BACK_MS;
  const since = moment(localTime(sinceMs, config.timeZone));
  const { rows } = await suiteql(
    client,
    config,
    'findAdjustment',
    `SELECT tl.memo FROM transaction t JOIN transactionline tl ON tl.transaction = t.id WHERE t.type = 'InvAdjst' AND t.lastmodifieddate >= ${since} AND tl.memo IN (${keys.map(quoted).join(', ')})`,
  );
  return new Set(rows.flatMap(({ memo }) => memo ?? []));
}

export async function findPush(
  client: NetsuiteClient,
  config: NetsuiteConfig,
  target: Target,
): Promise<Outcome | 'not-found'> {
  const applied = await appliedKeys(client, config, [target]);
  return applied.has(target.key) ? { cell: target.cell, result: 'applied' } : 'not-found';
}
