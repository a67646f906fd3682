import { quantity } from '../../domain/quantity.ts';
import type { Outcome, Target } from '../../platform/contract.ts';
import { Failure } from '../../platform/failure.ts';
import type { PrestaConfig } from './config.ts';
import { facts } from './facts.ts';
import { keyOf, productOf, stockOf, unitsIn } from './products.ts';
import { apiRequest, type PrestaClient } from './request.ts';
import { placeOf } from './shop.ts';
import { answer, type Element, elementXml } from './xml.ts';

const nameOf = (cell: { stockKey: string; location: string }): string => `${cell.stockKey} ${cell.location}`;

/**
 * Reads the whole records once more, and writes each back with another quantity, one call each: PrestaShop has no guard and
 * no batch that it documents. A record that shows another number than the one the target starts from was sold from in
 * between: what is written is the difference, so that the sale stays.
 * @throws Failure only when it holds for every target alike.
 */
export async function pushLevels(client: PrestaClient, config: PrestaConfig, targets: Target[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const fail = (target: Target, failure: Failure) =>
    void outcomes.push({ cell: target.cell, result: 'failed', failure });
  const good = targets.filter((target) => {
    const failure = unwritable(target);
    if (failure) fail(target, failure);
    return !failure;
  });
  if (good.length === 0) return outcomes;
  const ids = good.map(({ cell }) => productOf(cell.stockKey)!);
  const fresh = await stockOf(client, config, 'freshStock', ids);
  const rows = new Map(fresh.map((row) => [nameOf({ stockKey: keyOf(row), location: placeOf(row) }), row]));
  let stop: Failure | undefined;
  for (const target of good) {
    const row = rows.get(nameOf(target.cell));
    try {
      if (stop) throw stop;
      outcomes.push(await write(client, config, target, row));
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      const forAll = error.failure === 'throttled' || error.failure === 'auth';
      // Nothing was written yet: it is true for all.
      if (forAll && !stop && !outcomes.some(({ result }) => result === 'applied')) throw error;
      // The rest is not tried: it would meet the same wall, and it surely was not sent.
      if (forAll) stop = error;
      fail(target, error);
    }
  }
  return outcomes;
}

async function write(
  client: PrestaClient,
  config: PrestaConfig,
  { cell, want, expect, from }: Target,
  row: Element | undefined,
): Promise<Outcome> {
  if (!row)
    throw new Failure(
      'gone',
      'unknown-item',
      `The shop keeps no stock of ${cell.stockKey} at ${cell.location} (any more).`,
    );
  if (row['depends_on_stock'] === '1')
    throw new Failure(
      'rejected',
      'computed-stock',
      'The shop computes this number from its warehouses (advanced stock management); it cannot be written.',
    );
  const now = unitsIn(row);
  if (now === undefined)
    throw new Failure('rejected', 'odd-quantity', `The shop shows "${row['quantity']}", which is no number of units.`);
  const start = from?.available ?? expect;
  if (start === want && now === want) return { cell, result: 'applied', after: now };
  // It was written before, or as many were sold: only reading anew tells.
  if (now === want) return { cell, result: 'stale', now };
  const units = quantity(now + want - start);
  const body = elementXml('stock_available', { ...row, quantity: String(units) });
  const request = apiRequest(config, 'PUT', `/stock_availables/${row['id']}`, {}, body);
  return outcomeOf(cell, units, await client.call('writeStock', request));
}

/** 200 with the old number: a redirect on the way made the write a reading. */
function outcomeOf(cell: Target['cell'], wanted: number, response: Parameters<typeof answer>[0]): Outcome {
  let saved: Element | undefined;
  try {
    [saved] = answer(response, 'stock_availables', 'stock_available');
  } catch {
    saved = undefined;
  }
  const failed = (failure: Failure): Outcome => ({ cell, result: 'failed', failure });
  const after = saved?.['quantity'] ? unitsIn(saved) : undefined;
  if (after === undefined)
    return failed(
      new Failure('unknown-outcome', 'odd-answer', 'The shop did not say what it saved; reading it tells.', {
        status: response.status,
      }),
    );
  if (after === wanted) return { cell, result: 'applied', after };
  return failed(
    new Failure(
      'rejected',
      'not-saved',
      `The shop answered 200 and shows ${after}. Put its final address (https, with or without www) into the settings: a redirect turns a write into a read.`,
      { status: response.status },
    ),
  );
}

function unwritable({ cell, want, from }: Target): Failure | undefined {
  const { min, max } = facts.push;
  if (!Number.isInteger(want) || want < min || want > max)
    return new Failure('rejected', 'impossible-quantity', `Whole numbers from ${min} to ${max}, not ${want}.`);
  if (productOf(cell.stockKey) === undefined)
    return new Failure('gone', 'unknown-item', `"${cell.stockKey}" is no product or combination of PrestaShop.`);
  if (from && !from.tracked)
    return new Failure(
      'rejected',
      'untracked-item',
      'This pack takes its contents off stock; its own number means nothing. Map it to a bundle.',
    );
  return undefined;
}
