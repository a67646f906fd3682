import { createHash } from 'node:crypto';
import { z } from 'zod';
import { type Quantity, quantity } from '../../domain/quantity.ts';
import type { Outcome, Target } from '../../platform/contract.ts';
import { Failure } from '../../platform/failure.ts';
import { ask, type GeckoClient, idOut, list } from './api.ts';
import type { GeckoConfig } from './config.ts';

const MAX = 10_000_000;

/**
 * Tells up to twenty cells their level: one stock adjustment per location, a line per cell. One outcome per target; a line
 * that is refused does not keep the others from being written.
 */
export async function pushLevels(client: GeckoClient, config: GeckoConfig, targets: Target[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const byPlace = new Map<string, Target[]>();
  for (const target of targets) {
    const outcome = withoutAsking(target);
    if (outcome) outcomes.push(outcome);
    else byPlace.set(target.cell.location, [...(byPlace.get(target.cell.location) ?? []), target]);
  }
  for (const [location, group] of byPlace) outcomes.push(...(await send(client, config, location, group)));
  return outcomes;
}

const deltaOf = (target: Target): Quantity => quantity(target.want - target.expect);

function withoutAsking(target: Target): Outcome | undefined {
  const { cell, want, extra } = target;
  const failed = (code: string, message: string): Outcome => ({
    cell,
    result: 'failed',
    failure: new Failure('rejected', code, message),
  });
  if (extra?.['untracked'])
    return failed('untracked-item', 'This variant is not counted. Switch "Manage stock" on at the variant.');
  if (!Number.isFinite(want) || Math.abs(want) > MAX)
    return failed('over-maximum', `${want} is more than a level may be.`);
  return deltaOf(target) === 0 ? { cell, result: 'applied' } : undefined;
}

const answer = z.object({}).loose();

/** A failure of one document is that of its lines: what was written before it stays told. */
async function send(client: GeckoClient, config: GeckoConfig, location: string, targets: Target[]): Promise<Outcome[]> {
  try {
    const call = {
      method: 'POST' as const,
      path: '/stock_adjustments',
      body: bodyOf(config, location, targets),
      key: keyOf(location, targets),
    };
    const { data } = await ask(client, config, 'adjust', call, answer);
    if (!data['stock_adjustment'] && !data['stock_adjustments'])
      throw new Failure(
        'unknown-outcome',
        'not-confirmed',
        'The answer does not name the adjustment that was asked for.',
      );
    return targets.map(({ cell }) => ({ cell, result: 'applied' }));
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const refused = error.failure === 'rejected' || error.failure === 'gone';
    if (!refused || targets.length === 1)
      return targets.map(({ cell }) => ({ cell, result: 'failed', failure: error }));
    // A document is taken whole or not at all, and a refusal does not name the line: halve until it is alone.
    const half = Math.ceil(targets.length / 2);
    return [
      ...(await send(client, config, location, targets.slice(0, half))),
      ...(await send(client, config, location, targets.slice(half))),
    ];
  }
}

/** The same lines always give the same key: a repeat gets the first one's answer instead of a second change. */
function keyOf(location: string, targets: Target[]): string {
  const all = createHash('sha256').update(`${location}\n`);
  for (const key of targets.map((target) => target.key).sort()) all.update(`${key}\n`);
  return `onhand-${all.digest('hex')}`;
}

function bodyOf(config: GeckoConfig, location: string, targets: Target[]) {
  return {
    stock_adjustment: {
      reason: config.adjustmentReason,
      stock_location_id: idOut(location),
      notes: `Onhand ${targets.map(({ key }) => key).join(' ')}`,
      stock_adjustment_line_items: targets.map((target) => ({
        variant_id: idOut(target.cell.stockKey),
        quantity: deltaOf(target),
        price: target.extra?.['cost'] ?? '0',
      })),
    },
  };
}

/** The server's clock and ours may be that far apart. */
const SKEW_MS = 300_000;
const PAGES_MAX = 20;
const noted = z.object({ notes: z.string().nullish() });

/** Was it done? Its key stands in the notes of the adjustment. */
export async function findPush(
  client: GeckoClient,
  config: GeckoConfig,
  target: Target,
): Promise<Outcome | 'not-found'> {
  const sinceMs = (Date.parse(target.asOf) || client.now()) - SKEW_MS;
  for (let page = 1; page <= PAGES_MAX; page += 1) {
    const { rows, last } = await list(client, config, 'adjustments', 'stock_adjustments', {
      stock_location_id: target.cell.location,
      updated_at_min: new Date(sinceMs).toISOString(),
      order: 'id ASC',
      page: String(page),
    });
    const found = rows.some((row) => noted.safeParse(row).data?.notes?.split(/\s+/).includes(target.key));
    if (found) return { cell: target.cell, result: 'applied' };
    if (last) return 'not-found';
  }
  throw new Failure('unknown-outcome', 'too-many-adjustments', 'Too many adjustments since then to find this one.');
}
