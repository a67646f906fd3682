import { createHash } from 'node:crypto';
import { z } from 'zod';
import { quantity } from '../../domain/quantity.ts';
import { NO_LOCATION, type Outcome, type Target } from '../../platform/contract.ts';
import { Failure } from '../../platform/failure.ts';
import { companyRequest, moment, type QboClient, query, readAs } from './api.ts';
import type { QboConfig } from './config.ts';
import { facts } from './facts.ts';

interface Line {
  target: Target;
  delta: number;
}

/**
 * Books one quantity adjustment with a line per item: differences, so that a sale we have not heard of is not brought back.
 * The whole document is refused for one bad line; it is halved until that line stands alone.
 * @throws Failure when it holds for every target alike
 */
export async function pushLevels(client: QboClient, config: QboConfig, targets: Target[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const lines: Line[] = [];
  for (const target of targets) {
    const line = lineOf(target, config);
    if (line instanceof Failure) outcomes.push({ cell: target.cell, result: 'failed', failure: line });
    // Nothing to book: reading tells whether it shows that.
    else if (line.delta === 0) outcomes.push({ cell: target.cell, result: 'pending' });
    else lines.push(line);
  }
  await adjust(client, config, lines, outcomes);
  return outcomes;
}

function lineOf(target: Target, config: QboConfig): Line | Failure {
  const { cell, want, expect } = target;
  const { min, max, decimals } = facts.push;
  if (config.salesHere === 'ignore')
    return new Failure(
      'rejected',
      'copies-lower-it',
      'QuickBooks lowers its quantities by the copies of sales it is given; booking the same here would take them twice. Set "salesHere" to count, or leave this channel in the mode "watch".',
    );
  if (!config.adjustmentAccount)
    return new Failure(
      'rejected',
      'no-adjustment-account',
      'No account is set that adjustments are booked to. "onhand channel check" lists those of the company.',
    );
  if (cell.location !== NO_LOCATION || !/^\d{1,25}$/.test(cell.stockKey))
    return new Failure('gone', 'unknown-item', `"${cell.stockKey}" is no item of QuickBooks.`);
  if (!Number.isFinite(want) || want < min || want > max)
    return new Failure('rejected', 'impossible-quantity', `Numbers from ${min} to ${max}, not ${want}.`);
  if (quantity(want) !== want)
    return new Failure('rejected', 'impossible-quantity', `${want} has more than ${decimals} digits after the point.`);
  return { target, delta: quantity(want - expect) };
}

const booked = z.object({ InventoryAdjustment: z.object({ Id: z.string().min(1) }) });

async function adjust(client: QboClient, config: QboConfig, lines: Line[], outcomes: Outcome[]): Promise<void> {
  if (lines.length === 0) return;
  const keys = lines.map(({ target }) => target.key);
  const body = {
    AdjustAccountRef: { value: config.adjustmentAccount },
    PrivateNote: `${NOTE} ${keys.join(' ')}`,
    Line: lines.map(({ target, delta }) => ({
      DetailType: 'ItemAdjustmentLineDetail',
      ItemAdjustmentLineDetail: { ItemRef: { value: target.cell.stockKey }, QtyDiff: delta },
    })),
  };
  const request = companyRequest(config, 'POST', '/inventoryadjustment', { requestid: requestId(keys) }, body);
  try {
    readAs(await client.call('adjust', request), booked, '/inventoryadjustment');
    for (const { target } of lines) outcomes.push({ cell: target.cell, result: 'applied' });
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown;
    const error = thrown.code === 'unreadable-answer' ? inDoubt(thrown) : thrown;
    const ofOne = error.code === 'refused-line' || error.code === 'unknown-item';
    if (ofOne && lines.length > 1) {
      const half = Math.ceil(lines.length / 2);
      await adjust(client, config, lines.slice(0, half), outcomes);
      await adjust(client, config, lines.slice(half), outcomes);
      return;
    }
    // Nothing was told yet, and it holds for all that are left: the caller decides when to come again.
    if (outcomes.length === 0 && !ofOne) throw error;
    for (const { target } of lines) outcomes.push({ cell: target.cell, result: 'failed', failure: error });
  }
}

const inDoubt = (error: Failure): Failure => new Failure('unknown-outcome', error.code, error.message, error);

/** The same changes asked for again have the same one: QuickBooks then answers as the first time. At most 50 characters. */
const requestId = (keys: string[]): string => createHash('sha256').update(keys.join('\n')).digest('hex').slice(0, 40);

const NOTE = 'Onhand:';
/** Intuit's clock and ours may be that far apart. */
const SKEW_MS = 300_000;
const PAGE = 1_000;

/** Was it booked? Its key stands in the note of the adjustment, which is 4,000 characters long and holds thirty of them. */
export async function findPush(client: QboClient, config: QboConfig, target: Target): Promise<Outcome | 'not-found'> {
  const sinceMs = (Date.parse(target.asOf) || client.now()) - SKEW_MS;
  const row = z.looseObject({ PrivateNote: z.string().nullish() });
  for (let start = 1; ; start += PAGE) {
    const text = `select * from InventoryAdjustment where MetaData.CreateTime >= '${moment(sinceMs)}' startposition ${start} maxresults ${PAGE}`;
    const rows = await query(client, config, 'adjustments', 'InventoryAdjustment', text, row);
    if (rows.some(({ PrivateNote }) => PrivateNote?.startsWith(NOTE) && PrivateNote.split(' ').includes(target.key)))
      return { cell: target.cell, result: 'applied' };
    if (rows.length < PAGE) return 'not-found';
  }
}
