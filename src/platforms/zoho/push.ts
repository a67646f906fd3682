import { createHash } from 'node:crypto';
import { z } from 'zod';
import { type Quantity, quantity } from '../../domain/quantity.ts';
import { NO_LOCATION, type Outcome, type RemoteLevel, type Target } from '../../platform/contract.ts';
import { Failure } from '../../platform/failure.ts';
import { ask, type ZohoClient } from './api.ts';
import { readLevels } from './catalogue.ts';
import type { ZohoConfig } from './config.ts';
import { facts } from './facts.ts';
import { id, text } from './shape.ts';

/** The same for every adjustment: Zoho keeps a list of reasons. */
const REASON = 'Onhand';

const deltaOf = (target: Target): Quantity => quantity(target.want - target.expect);

/** Ten letters for a target's key: a description holds those of a whole batch, and findPush looks for them there. */
export const markOf = ({ key }: Target): string => createHash('sha256').update(key).digest('hex').slice(0, 10);

const adjusted = z.object({
  inventory_adjustment: z.object({ inventory_adjustment_id: id, status: text }),
});

/**
 * One adjustment per place with all its items: differences, because Zoho takes nothing else. An adjustment is made whole or
 * not at all, so a refused one is halved until the item that it was refused for stands alone.
 * @throws Failure when it holds for all alike and nothing was written yet.
 */
export async function pushLevels(client: ZohoClient, config: ZohoConfig, targets: Target[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const places = new Map<string, Target[]>();
  for (const target of targets) {
    const known = withoutAsking(target, config);
    if (known) outcomes.push(known);
    else places.set(target.cell.location, [...(places.get(target.cell.location) ?? []), target]);
  }
  let stop: Failure | undefined;
  for (const some of places.values()) {
    try {
      if (stop) throw stop;
      outcomes.push(...(await writeAll(client, config, some)));
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      if (outcomes.length === 0 && places.size === 1) throw error;
      const forAll = error.failure === 'throttled' || error.failure === 'auth';
      if (forAll && outcomes.length === 0) throw error;
      if (forAll) stop = error;
      outcomes.push(...some.map(({ cell }): Outcome => ({ cell, result: 'failed', failure: error })));
    }
  }
  return outcomes;
}

function withoutAsking(target: Target, { hideOversold }: ZohoConfig): Outcome | undefined {
  const { cell, want, expect } = target;
  const { min, max } = facts.push;
  const rejected = (code: string, say: string): Outcome => ({
    cell,
    result: 'failed',
    failure: new Failure('rejected', code, say),
  });
  if (!(want >= min && want <= max)) return rejected('impossible-quantity', `From ${min} to ${max}, not ${want}.`);
  if (want <= 0 && expect < 0 && !hideOversold)
    return rejected(
      'promised-beyond-stock',
      `Zoho promised ${quantity(-expect)} more than it has there. Its stock is not raised to hide that: receive goods or cancel orders.`,
    );
  return deltaOf(target) === 0 ? { cell, result: 'applied' } : undefined;
}

async function writeAll(client: ZohoClient, config: ZohoConfig, targets: Target[]): Promise<Outcome[]> {
  try {
    return await write(client, config, targets);
  } catch (error) {
    if (!(error instanceof Failure) || !(error.failure === 'rejected' || error.failure === 'gone')) throw error;
    if (targets.length === 1) return [{ cell: targets[0]!.cell, result: 'failed', failure: error }];
    const half = Math.ceil(targets.length / 2);
    const outcomes: Outcome[] = [];
    for (const some of [targets.slice(0, half), targets.slice(half)])
      outcomes.push(...(await writeAll(client, config, some).catch(orAll(some))));
    return outcomes;
  }
}

/** What the first half did must not be lost with the second. */
const orAll =
  (targets: Target[]) =>
  (failure: unknown): Outcome[] => {
    if (!(failure instanceof Failure)) throw failure;
    return targets.map(({ cell }) => ({ cell, result: 'failed', failure }));
  };

async function write(client: ZohoClient, config: ZohoConfig, targets: Target[]): Promise<Outcome[]> {
  const { location } = targets[0]!.cell;
  const at = location === NO_LOCATION ? {} : { location_id: location };
  const marks = targets.map(markOf);
  const body = {
    date: new Date(client.now()).toISOString().slice(0, 10),
    reason: REASON,
    description: `Onhand ${marks.join(' ')}`,
    reference_number: `onhand-${createHash('sha256').update(marks.join(' ')).digest('hex').slice(0, 24)}`,
    adjustment_type: 'quantity',
    ...at,
    line_items: targets.map((target) => ({
      item_id: target.cell.stockKey,
      quantity_adjusted: deltaOf(target),
      ...at,
    })),
  };
  const call = { method: 'POST' as const, path: '/inventoryadjustments', body };
  const { data } = await ask(client, config, 'adjust', call, adjusted);
  const status = data.inventory_adjustment.status?.trim().toLowerCase();
  if (status === 'adjusted') return targets.map(({ cell }) => ({ cell, result: 'applied' }));
  // Waiting for somebody's approval, and nothing has moved.
  if (status) return targets.map(({ cell }) => ({ cell, result: 'pending' }));
  // The documented answer does not say whether an approval is still to come: the setting and the items do.
  if (config.approvesAdjustments) return confirmed(client, config, targets);
  return targets.map(({ cell }) => ({ cell, result: 'applied' }));
}

/**
 * Only where approvals are usual: a sale that takes just what was added looks like an adjustment that is still waiting, and
 * writing it again would add it twice. One item that shows what was wanted speaks for its whole adjustment.
 */
async function confirmed(client: ZohoClient, config: ZohoConfig, targets: Target[]): Promise<Outcome[]> {
  const cells = targets.map(({ cell }) => cell);
  const levels = await readLevels(client, config, cells).catch((error: unknown): RemoteLevel[] => {
    // It was accepted; only the look afterwards failed.
    if (error instanceof Failure) return [];
    throw error;
  });
  const found = new Map(levels.map((level) => [`${level.stockKey}@${level.location}`, level.available]));
  const now = ({ cell }: Target) => found.get(`${cell.stockKey}@${cell.location}`);
  const waiting = targets.every((target) => now(target) === undefined || now(target) === target.expect);
  return targets.map((target): Outcome => {
    const { cell, want } = target;
    if (waiting) return { cell, result: 'pending' };
    return { cell, result: 'applied', ...(now(target) === want && { after: want }) };
  });
}
