import { quantity, readQuantity } from '../../domain/quantity.ts';
import type { Outcome, Target } from '../../platform/contract.ts';
import { Failure } from '../../platform/failure.ts';
import { accountUrl, ask, type LightspeedClient, record, rowsOf } from './api.ts';
import { readItemShop, readLevels } from './catalogue.ts';
import type { LightspeedConfig } from './config.ts';
import { facts, SHOPS_PER_WRITE } from './facts.ts';

/** A target with the number that is sent for it. */
interface Row {
  target: Target;
  /** QOH; above `want` where QOH still holds what is set aside. */
  qoh: number;
}

/**
 * A reading older than this is taken again before it is written over: with an empty bucket a write waits for seconds, and
 * the next one for as many more.
 */
const FRESH_MS = 2_000;

/**
 * Sends absolute numbers, blindly: Lightspeed has no guard. One call per item with up to four of its shops, one after the
 * other; every shop of the answer is read, because an item is saved whatever became of its shops.
 * @throws Failure when the very first call fails for a reason that holds for all.
 */
export async function pushLevels(
  client: LightspeedClient,
  config: LightspeedConfig,
  targets: Target[],
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const fail = ({ cell }: Target, failure: Failure): void => void outcomes.push({ cell, result: 'failed', failure });
  const groups = new Map<string, Target[]>();
  for (const target of await withLevels(client, config, targets)) {
    const failure = unwritable(target);
    const { stockKey } = target.cell;
    if (failure) fail(target, failure);
    else groups.set(stockKey, [...(groups.get(stockKey) ?? []), target]);
  }
  let stop: Failure | undefined;
  for (const portion of [...groups.values()].flatMap(portions)) {
    try {
      if (stop) throw stop;
      outcomes.push(...(await writeFresh(client, config, portion)));
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      // The rest is not tried: it would meet the same wall, and it surely was not sent.
      if (error.failure === 'auth' || error.failure === 'throttled') stop = error;
      if (stop && outcomes.length === 0) throw stop;
      for (const target of portion) fail(target, error);
    }
  }
  return outcomes;
}

/** What changed since it was read is told, not overwritten. */
async function writeFresh(client: LightspeedClient, config: LightspeedConfig, targets: Target[]): Promise<Outcome[]> {
  const oldest = Math.min(...targets.map(({ from }) => Date.parse(from!.readAt)));
  const isFresh = client.now() - oldest <= FRESH_MS;
  const levels = isFresh
    ? targets.map(({ from }) => from!)
    : await readLevels(
        client,
        config,
        targets.map(({ cell }) => cell),
      );
  const outcomes: Outcome[] = [];
  const rows: Row[] = [];
  for (const target of targets) {
    const { cell, from, want } = target;
    const now = levels.find((one) => one.location === cell.location);
    if (!now) outcomes.push({ cell, result: 'failed', failure: unknownItem(cell.stockKey) });
    // Without the number: by the time the whole batch is answered it is a while old, and would pass for what is shown then.
    else if (now.available !== from!.available) outcomes.push({ cell, result: 'stale' });
    else rows.push({ target, qoh: quantity(want + ((now.written ?? now.available) - now.available)) });
  }
  return rows.length > 0 ? [...outcomes, ...(await write(client, config, rows))] : outcomes;
}

/** What was not read before is read now: a number for an item that nobody counts must not be sent. */
async function withLevels(client: LightspeedClient, config: LightspeedConfig, targets: Target[]): Promise<Target[]> {
  const unread = targets.filter(({ from }) => !from).map(({ cell }) => cell);
  const levels = await readLevels(client, config, unread);
  return targets.map((target) => {
    const { cell } = target;
    const from = target.from ?? levels.find((one) => one.stockKey === cell.stockKey && one.location === cell.location);
    return from ? { ...target, from } : target;
  });
}

function portions(targets: Target[]): Target[][] {
  return Array.from({ length: Math.ceil(targets.length / SHOPS_PER_WRITE) }, (_, index) =>
    targets.slice(index * SHOPS_PER_WRITE, (index + 1) * SHOPS_PER_WRITE),
  );
}

async function write(client: LightspeedClient, config: LightspeedConfig, rows: Row[]): Promise<Outcome[]> {
  const item = rows[0]!.target.cell.stockKey;
  const query = new URLSearchParams({ load_relations: '["ItemShops"]' });
  const url = accountUrl(config, `/Item/${encodeURIComponent(item)}.json?${query}`);
  const body = {
    ItemShops: { ItemShop: rows.map(({ target, qoh }) => ({ shopID: target.cell.location, qoh: String(qoh) })) },
  };
  const shops = new Map<string, string>();
  try {
    const op = rows.length === 1 ? 'writeShop' : 'writeItem';
    const { data } = await ask(client, op, { method: 'PUT', url, body });
    for (const row of rowsOf(record(record(data['Item'])?.['ItemShops'])?.['ItemShop'])) {
      const shop = readItemShop(row);
      if (shop) shops.set(shop.shopID, shop.qoh);
    }
  } catch (error) {
    // A good status in a shape of its own: it may have been done.
    if (error instanceof Failure && error.code === 'unreadable-answer')
      throw new Failure('unknown-outcome', error.code, error.message, { status: error.status, cause: error });
    throw error;
  }
  return rows.map((row) => outcomeOf(row, shops.get(row.target.cell.location)));
}

function outcomeOf({ target, qoh }: Row, answered: string | undefined): Outcome {
  const { cell, want } = target;
  const unsure = (code: string, message: string): Outcome => ({
    cell,
    result: 'failed',
    failure: new Failure('unknown-outcome', code, message),
  });
  if (answered === undefined)
    return unsure('no-row', 'Lightspeed saved the item and did not say what became of this shop; reading it tells.');
  let after: number;
  try {
    after = readQuantity(answered);
  } catch {
    return unsure('odd-row', 'Lightspeed answered with a number that no stock can have; reading it tells.');
  }
  if (after !== qoh)
    return unsure('other-number', `Lightspeed was told ${qoh} and answered ${after}; reading it tells.`);
  return { cell, result: 'applied', after: want };
}

function unwritable({ cell, want, from }: Target): Failure | undefined {
  const { min, max } = facts.push;
  if (!Number.isInteger(want) || want < min || want > max)
    return new Failure('rejected', 'impossible-quantity', `Whole numbers from ${min} to ${max}, not ${want}.`);
  if (!from) return unknownItem(cell.stockKey);
  if (!from.tracked)
    return new Failure(
      'rejected',
      'untracked-item',
      'Lightspeed does not count this item (type "non-inventory"). Change its type in Inventory > Items > the item.',
    );
  return undefined;
}

const unknownItem = (item: string): Failure =>
  new Failure('gone', 'unknown-item', `Lightspeed does not know the item ${item} any more.`);
