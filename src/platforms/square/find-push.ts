import type { Outcome, Target } from '../../platform/contract.ts';
import type { SquareClient } from './api.ts';
import { readChanges, referenceOf } from './changes.ts';
import type { SquareConfig } from './config.ts';

/** Square's clock and ours may be that far apart. */
const SKEW_MS = 300_000;

/** Which of these changes are in Square's history. */
export async function appliedKeys(client: SquareClient, config: SquareConfig, targets: Target[]): Promise<Set<string>> {
  const keys = new Set(targets.map(({ key }) => key));
  const sinceMs = Math.min(...targets.map(({ asOf }) => Date.parse(asOf) || client.now())) - SKEW_MS;
  const changes = await readChanges(
    client,
    config,
    {
      stockKeys: [...new Set(targets.map(({ cell }) => cell.stockKey))],
      locations: [...new Set(targets.map(({ cell }) => cell.location))],
      types: ['ADJUSTMENT', 'PHYSICAL_COUNT'],
      sinceMs,
    },
    (found) => found.some((change) => keys.size === 1 && keys.has(referenceOf(change) ?? '')),
  );
  return new Set(changes.flatMap((change) => referenceOf(change) ?? []).filter((key) => keys.has(key)));
}

/** Was it done? Its key stands on the change as `reference_id`. */
export async function findPush(
  client: SquareClient,
  config: SquareConfig,
  target: Target,
): Promise<Outcome | 'not-found'> {
  const applied = await appliedKeys(client, config, [target]);
  return applied.has(target.key) ? { cell: target.cell, result: 'applied' } : 'not-found';
}
