import { createHash } from 'node:crypto';
import { quantity } from '../../domain/quantity.ts';
import type { Outcome, Target } from '../../platform/contract.ts';
import { Failure } from '../../platform/failure.ts';
import { jsonRequest } from '../../platform/http.ts';
import { localTime } from '../../platform/local-time.ts';
import { apiBase, type NetsuiteConfig } from './config.ts';
import { facts } from './facts.ts';
import { isDuplicate, rowOf } from './failures.ts';
import { appliedKeys } from './find-push.ts';
import { isId, type NetsuiteClient, withNonce } from './suiteql.ts';

/**
 * Tells up to 100 cells their level, as one inventory adjustment with a line for each: NetSuite takes differences only. An
 * adjustment is saved whole or not at all, so a line that is refused is taken out and the others are sent again.
 * @throws Failure when it holds for all alike; `unknown-outcome` when no answer came, to be asked about by findPush.
 */
export async function pushLevels(
  client: NetsuiteClient,
  config: NetsuiteConfig,
  targets: Target[],
): Promise<Outcome[]> {
  if (!config.adjustmentAccount)
    throw new Failure(
      'rejected',
      'no-adjustment-account',
      'An inventory adjustment is posted to an account: put its internal ID into the settings of this channel.',
    );
  const outcomes: Outcome[] = [];
  const ready: Target[] = [];
  for (const target of targets) {
    const outcome = withoutAsking(target);
    if (outcome) outcomes.push(outcome);
    else ready.push(target);
  }
  return [...outcomes, ...(await sendAll(client, config, ready))];
}

const deltaOf = (target: Target): number => quantity(target.want - target.expect);

function withoutAsking(target: Target): Outcome | undefined {
  const { cell, want } = target;
  const failed = (failure: Failure): Outcome => ({ cell, result: 'failed', failure });
  if (!isId(cell.stockKey))
    return failed(new Failure('gone', 'unknown-item', `"${cell.stockKey}" is no item of NetSuite.`));
  if (!isId(cell.location))
    return failed(new Failure('gone', 'unknown-location', `"${cell.location}" is no location of NetSuite.`));
  if (!Number.isFinite(want) || want < facts.push.min || want > facts.push.max)
    return failed(new Failure('rejected', 'impossible-quantity', `${want} is no level that Onhand writes.`));
  // A line of nothing is refused.
  return deltaOf(target) === 0 ? { cell, result: 'applied' } : undefined;
}

async function sendAll(client: NetsuiteClient, config: NetsuiteConfig, targets: Target[]): Promise<Outcome[]> {
  if (targets.length === 0) return [];
  const rows = inOrder(targets);
  try {
    await send(client, config, rows);
    return rows.map(({ cell }) => ({ cell, result: 'applied' }));
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    if (isDuplicate(error)) return whatIsThere(client, config, rows, error);
    if (error.failure !== 'rejected') throw error;
    const row = rowOf(error);
    const refused = row === undefined ? undefined : rows[row];
    if (refused) {
      const others = rows.filter((target) => target !== refused);
      return [
        { cell: refused.cell, result: 'failed', failure: ofRow(error) },
        ...(await sendRest(client, config, others)),
      ];
    }
    if (rows.length === 1) return [{ cell: rows[0]!.cell, result: 'failed', failure: ofRow(error) }];
    // It names no line: halved until the refused one is alone.
    const half = Math.ceil(rows.length / 2);
    return [
      ...(await sendRest(client, config, rows.slice(0, half))),
      ...(await sendRest(client, config, rows.slice(half))),
    ];
  }
}

/** A failure halfway must not unsay what was written before it: it is the failure of these lines. */
async function sendRest(client: NetsuiteClient, config: NetsuiteConfig, targets: Target[]): Promise<Outcome[]> {
  try {
    return await sendAll(client, config, targets);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return targets.map(({ cell }) => ({ cell, result: 'failed', failure: error }));
  }
}

/** The same lines were saved before: what is found counts. */
async function whatIsThere(
  client: NetsuiteClient,
  config: NetsuiteConfig,
  targets: Target[],
  cause: Failure,
): Promise<Outcome[]> {
  const done = await appliedKeys(client, config, targets);
  return targets.map(({ cell, key }) =>
    done.has(key)
      ? { cell, result: 'applied' }
      : {
          cell,
          result: 'failed',
          failure: new Failure(
            'unknown-outcome',
            'not-found',
            `NetSuite has this adjustment already, and it is not to be found. ${cause.message}`,
          ),
        },
  );
}

/** NetSuite says of which member it is, not why in a code: an item it does not have is an invalid reference. */
function ofRow(error: Failure): Failure {
  const path = error.cause instanceof Error ? error.cause.message : '';
  const isReference = /INVALID_CONTENT|INVALID_KEY_OR_REF|INVALID_REFERENCE|INVALID_ID/.test(error.platformCode ?? '');
  const details = { status: error.status, platformCode: error.platformCode };
  if (isReference && path.endsWith('.item')) return new Failure('gone', 'unknown-item', error.message, details);
  if (isReference && path.endsWith('.location')) return new Failure('gone', 'unknown-location', error.message, details);
  return new Failure('rejected', 'line-refused', error.message, details);
}

/** The rows in an order of their own, whatever order the targets came in: the same targets make the same adjustment. */
const inOrder = (targets: Target[]): Target[] => [...targets].sort((a, b) => (a.key < b.key ? -1 : 1));

/** Unique in the account, and the same for the same targets: sent twice, the second is refused. */
function externalIdOf(rows: Target[]): string {
  const all = createHash('sha256');
  for (const { key } of rows) all.update(`${key}\n`);
  return `onhand-${all.digest('hex').slice(0, 40)}`;
}

async function send(client: NetsuiteClient, config: NetsuiteConfig, rows: Target[]): Promise<void> {
  const body = {
    externalId: externalIdOf(rows),
    ...(config.subsidiary && { subsidiary: { id: config.subsidiary } }),
    account: { id: config.adjustmentAccount },
    adjLocation: { id: rows[0]!.cell.location },
    // The user's own day: it must lie in an open period.
    tranDate: localTime(client.now(), config.timeZone).slice(0, 10),
    memo: rows.some(({ why }) => why === 'count') ? 'Onhand: counted' : 'Onhand: sold on other channels',
    inventory: {
      items: rows.map((target) => ({
        item: { id: target.cell.stockKey },
        location: { id: target.cell.location },
        adjustQtyBy: deltaOf(target),
        memo: target.key,
      })),
    },
  };
  const request = jsonRequest('POST', `${apiBase(config)}/services/rest/record/v1/inventoryAdjustment`, body);
  await client.call('adjust', withNonce(client, request, { 'x-netsuite-propertynamevalidation': 'Error' }));
}
