import { quantity } from '../../domain/quantity.ts';
import type { Outcome, RemoteLevel, Target } from '../../platform/contract.ts';
import { Failure } from '../../platform/failure.ts';
import { apiRequest, type BigClient } from './api.ts';
import type { BigConfig } from './config.ts';
import { facts } from './facts.ts';
import { idsOf, readLevels } from './levels.ts';

/** More on hand than this is not saved, and nobody is told. */
const ON_HAND_MAX = 2_147_483_647;

interface Row {
  target: Target;
  /** As it goes into the body: digits stay digits, whatever their number. */
  json: string;
}

const cellId = ({ stockKey, location }: Target['cell']): string => `${stockKey} ${location}`;

/**
 * Sets stock on hand so that the wanted number can be sold. The answer only says that it was accepted, and the change
 * comes later, so each one settles by reading. A refusal names one item and is of the whole request: it is halved until
 * the item stands alone.
 * @throws Failure when it holds for every target alike
 */
export async function pushLevels(client: BigClient, config: BigConfig, targets: Target[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const from = await unread(client, config, targets);
  const rows: Row[] = [];
  for (const target of targets) {
    const row = rowOf(target, target.from ?? from.get(cellId(target.cell)));
    if (row instanceof Failure) outcomes.push({ cell: target.cell, result: 'failed', failure: row });
    else rows.push(row);
  }
  // One place after the other, as BigCommerce advises.
  rows.sort((a, b) => a.target.cell.location.localeCompare(b.target.cell.location));
  await adjust(client, config, rows, outcomes);
  return outcomes;
}

/** Levels of the targets that came without one: the safety stock has to be known. */
async function unread(client: BigClient, config: BigConfig, targets: Target[]): Promise<Map<string, RemoteLevel>> {
  const cells = targets.filter(({ from }) => !from).map(({ cell }) => cell);
  const found = new Map<string, RemoteLevel>();
  const { batchMax } = facts.read;
  for (let start = 0; start < cells.length; start += batchMax)
    for (const level of await readLevels(client, config, cells.slice(start, start + batchMax)))
      found.set(cellId(level), level);
  return found;
}

function rowOf(target: Target, from: RemoteLevel | undefined): Row | Failure {
  const { cell, want } = target;
  const { min, max } = facts.push;
  const ids = idsOf(cell.stockKey);
  if (!ids || !from)
    return new Failure(
      'gone',
      'unknown-item',
      'The store keeps no stock of this item at that location. Set Inventory > Track inventory at the product, or import the catalogue again.',
    );
  if (!Number.isInteger(want) || want < min || want > max)
    return new Failure('rejected', 'impossible-quantity', `Whole numbers from ${min} to ${max}, not ${want}.`);
  const onHand = quantity((from.written ?? from.available) + (want - from.available));
  if (!Number.isInteger(onHand) || onHand > ON_HAND_MAX)
    return new Failure('rejected', 'impossible-quantity', `With its safety stock this would be ${onHand} on hand.`);
  const json = `{"location_id":${cell.location},"${ids.member}":${ids.id},"quantity":${Math.max(0, onHand)}}`;
  return { target, json };
}

async function adjust(client: BigClient, config: BigConfig, rows: Row[], outcomes: Outcome[]): Promise<void> {
  if (rows.length === 0) return;
  const fail = (failure: Failure) => {
    for (const { target } of rows) outcomes.push({ cell: target.cell, result: 'failed', failure });
  };
  const request = apiRequest(config, 'PUT', '/v3/inventory/adjustments/absolute');
  const body = `{"reason":"Onhand","items":[${rows.map(({ json }) => json).join(',')}]}`;
  try {
    await client.call('adjust', {
      ...request,
      headers: { ...request.headers, 'content-type': 'application/json' },
      body,
    });
    for (const { target } of rows) outcomes.push({ cell: target.cell, result: 'pending' });
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const ofOne = error.code === 'refused-item' || error.code === 'batch-too-large';
    if (ofOne && rows.length > 1) {
      const half = Math.ceil(rows.length / 2);
      await adjust(client, config, rows.slice(0, half), outcomes);
      await adjust(client, config, rows.slice(half), outcomes);
      return;
    }
    // Nothing was told yet, and it holds for all that are left: the caller decides when to come again.
    if (outcomes.length === 0 && !ofOne) throw error;
    fail(ofOne ? refusedItem(error) : error);
  }
}

function refusedItem(error: Failure): Failure {
  const said = error.platformCode ?? '';
  const [code, say] = /tracked by/i.test(said)
    ? ['other-tracking', 'The product counts its stock in another way now: import the catalogue again.']
    : ['refused-item', 'BigCommerce refuses this item.'];
  return new Failure('rejected', code!, said ? `${say} (${said})` : say!, error);
}
