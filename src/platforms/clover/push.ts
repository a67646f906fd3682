import { z } from 'zod';
import { quantity } from '../../domain/quantity.ts';
import { NO_LOCATION, type Outcome, type Target } from '../../platform/contract.ts';
import { Failure } from '../../platform/failure.ts';
import { ask, type CloverClient, merchantUrl } from './api.ts';
import { readLevel } from './catalogue.ts';
import type { CloverConfig } from './config.ts';
import { facts } from './facts.ts';

const answer = z.object({ quantity: z.number() });

/** Side by side. All looks at once would be followed by all writes at once, each a while after its look. */
const SIDE_BY_SIDE = 2;

/**
 * Sends absolute numbers, blindly: Clover has no guard, no difference and no batch. One look and one write per target.
 * @throws Failure when every target failed alike for a reason that holds for all of them.
 */
export async function pushLevels(client: CloverClient, config: CloverConfig, targets: Target[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < targets.length) {
      const at = next++;
      outcomes[at] = await outcomeOf(client, config, targets[at]!);
    }
  };
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, work));
  const [first] = outcomes;
  const kind = first?.result === 'failed' ? first.failure.failure : undefined;
  const forAll = kind === 'auth' || kind === 'throttled';
  if (
    first?.result === 'failed' &&
    forAll &&
    outcomes.every((one) => one.result === 'failed' && one.failure.failure === kind)
  )
    throw first.failure;
  return outcomes;
}

async function outcomeOf(client: CloverClient, config: CloverConfig, target: Target): Promise<Outcome> {
  try {
    return await write(client, config, target);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { cell: target.cell, result: 'failed', failure: error };
  }
}

async function write(client: CloverClient, config: CloverConfig, target: Target): Promise<Outcome> {
  const { cell, want } = target;
  const refused = impossible(target);
  if (refused) throw refused;
  // Once more, right before: what is sold or put back between this and the write is all that can be overwritten. And
  // writing to an item that is not counted would make a stock record for it, which no sale lowers.
  const now = await readLevel(client, config, cell.stockKey);
  if (!now) throw new Failure('gone', 'unknown-item', `Clover does not know the item ${cell.stockKey} any more.`);
  if (!now.tracked)
    throw new Failure(
      'rejected',
      'untracked-item',
      'Clover does not count this item. Enter a quantity for it in Inventory > Items, with "Track stock" on in Inventory > Setup.',
    );
  // Without the number: by the time the whole batch is answered it is a while old, and would pass for what is shown then.
  if (target.from && target.from.available !== now.available) return { cell, result: 'stale' };
  const url = merchantUrl(config, `/item_stocks/${encodeURIComponent(cell.stockKey)}`);
  const after = await send(client, url, want);
  if (after !== want)
    throw new Failure(
      'unknown-outcome',
      'other-number',
      `Clover was told ${want} and answered ${after}; reading it tells.`,
    );
  return { cell, result: 'applied', after };
}

async function send(client: CloverClient, url: string, want: number): Promise<number> {
  try {
    const { data } = await ask(client, 'writeStock', { method: 'POST', url, body: { quantity: want } }, answer);
    return quantity(data.quantity);
  } catch (error) {
    // A good status in a shape of its own: it may have been done.
    if (error instanceof Failure && error.code === 'unreadable-answer')
      throw new Failure('unknown-outcome', error.code, error.message, { status: error.status, cause: error });
    throw error;
  }
}

function impossible({ cell, want }: Target): Failure | undefined {
  const { min, max, decimals } = facts.push;
  if (cell.location !== NO_LOCATION)
    return new Failure('gone', 'unknown-location', 'A Clover merchant is one place: another shop is another merchant.');
  const steps = want * 10 ** decimals;
  if (!Number.isFinite(want) || want < min || want > max || Math.abs(steps - Math.round(steps)) > 1e-6)
    return new Failure('rejected', 'impossible-quantity', `From ${min} to ${max}, in thousandths, not ${want}.`);
  return undefined;
}
