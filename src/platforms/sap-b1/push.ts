import { quantity } from '../../domain/quantity.ts';
import type { Outcome, Target } from '../../platform/contract.ts';
import { Failure } from '../../platform/failure.ts';
import type { SapClient } from './api.ts';
import type { SapConfig } from './config.ts';
import { facts } from './facts.ts';
import { lineOf } from './failures.ts';
import { readLevels } from './levels.ts';
import { type DocumentRow, post, type StockOp } from './push-document.ts';

/**
 * Tells up to 100 cells their level: differences as one goods issue and one goods receipt, a person's counts as one
 * inventory posting. Issues go first: what must fall must fall soonest.
 * @throws Failure when one document was all there was to post, and it failed as a whole; `unknown-outcome` is to be asked
 *   about by findPush.
 */
export async function pushLevels(client: SapClient, config: SapConfig, targets: Target[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const groups = new Map<StockOp, Target[]>([
    ['issue', []],
    ['receipt', []],
    ['posting', []],
  ]);
  for (const target of targets) {
    const outcome = withoutAsking(target);
    if (outcome) outcomes.push(outcome);
    else groups.get(target.why === 'count' ? 'posting' : deltaOf(target) < 0 ? 'issue' : 'receipt')!.push(target);
  }
  const used = [...groups].filter(([, members]) => members.length > 0);
  for (const [op, members] of used) {
    try {
      outcomes.push(...(await sendGroup(client, config, op, members)));
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      if (used.length === 1 && outcomes.length === 0) throw error;
      outcomes.push(...failedAll(members, error));
    }
  }
  return outcomes;
}

const deltaOf = ({ want, expect }: Target): number => quantity(want - expect);
const failedAll = (targets: readonly Target[], failure: Failure): Outcome[] =>
  targets.map(({ cell }) => ({ cell, result: 'failed', failure }));

function withoutAsking(target: Target): Outcome | undefined {
  const { cell, want, why, extra } = target;
  const failed = (code: string, message: string): Outcome => ({
    cell,
    result: 'failed',
    failure: new Failure('rejected', code, message),
  });
  const managedBy = extra?.['managedBy'];
  if (managedBy)
    return failed(
      'managed-item',
      `The item is managed by ${managedBy}: SAP takes a document for it only with each of them named. Change its stock in SAP Business One.`,
    );
  if (!Number.isFinite(want) || want < facts.push.min || want > facts.push.max)
    return failed('impossible-quantity', `${want} is no level that Onhand writes.`);
  // A line of nothing is refused. A count is a person's word, and is posted even when it changes nothing.
  return why === 'sync' && deltaOf(target) === 0 ? { cell, result: 'applied' } : undefined;
}

async function sendGroup(client: SapClient, config: SapConfig, op: StockOp, targets: Target[]): Promise<Outcome[]> {
  if (op !== 'posting')
    return sendAll(
      client,
      config,
      op,
      targets.map((target) => ({ target, units: Math.abs(deltaOf(target)) })),
    );
  // What is counted is what stands on the shelf, promised or not; what is wanted is what can be sold.
  const levels = await readInPortions(client, config, targets);
  const outcomes: Outcome[] = [];
  const rows: DocumentRow[] = [];
  for (const target of targets) {
    const level = levels.get(`${target.cell.stockKey}\n${target.cell.location}`);
    if (level) rows.push({ target, units: quantity((level.written ?? 0) + (target.want - level.available)) });
    else
      outcomes.push(
        ...failedAll([target], new Failure('gone', 'unknown-item', 'SAP does not count this item in that warehouse.')),
      );
  }
  return [...outcomes, ...(await sendAll(client, config, op, rows))];
}

async function readInPortions(client: SapClient, config: SapConfig, targets: readonly Target[]) {
  const { batchMax } = facts.read;
  const levels = [];
  for (let start = 0; start < targets.length; start += batchMax)
    levels.push(
      ...(await readLevels(
        client,
        config,
        targets.slice(start, start + batchMax).map(({ cell }) => cell),
      )),
    );
  return new Map(levels.map((level) => [`${level.stockKey}\n${level.location}`, level]));
}

/** A document is posted whole or not at all: a line that is refused is taken out, and the others go out again. */
async function sendAll(client: SapClient, config: SapConfig, op: StockOp, rows: DocumentRow[]): Promise<Outcome[]> {
  if (rows.length === 0) return [];
  try {
    await post(client, config, op, rows);
    return rows.map(({ target }) => ({ cell: target.cell, result: 'applied' }));
  } catch (error) {
    if (!(error instanceof Failure) || (error.failure !== 'rejected' && error.failure !== 'conflict')) throw error;
    if (rows.length === 1)
      return failedAll([rows[0]!.target], op === 'issue' ? await whyRefused(client, config, rows[0]!, error) : error);
    const outcomes: Outcome[] = [];
    for (const part of apart(rows, lineOf(error))) {
      try {
        outcomes.push(...(await sendAll(client, config, op, part)));
      } catch (later) {
        // A failure halfway must not unsay what was posted before it.
        if (!(later instanceof Failure)) throw later;
        outcomes.push(
          ...failedAll(
            part.map(({ target }) => target),
            later,
          ),
        );
      }
    }
    return outcomes;
  }
}

/**
 * SAP says in the user's language that there is less in the warehouse than was to be taken out. Whatever the language, the
 * warehouse shows it: somebody sold there, and it is to be read and computed again.
 */
async function whyRefused(client: SapClient, config: SapConfig, row: DocumentRow, refusal: Failure): Promise<Failure> {
  const [level] = await readLevels(client, config, [row.target.cell]).catch(() => []);
  if (!level || (level.written ?? 0) >= row.units) return refusal;
  return new Failure('conflict', 'below-zero', refusal.message, {
    status: refusal.status,
    platformCode: refusal.platformCode,
  });
}

/** The line that is named goes by itself, and is asked once more: the name is a text, in some language. Else two halves. */
function apart(rows: DocumentRow[], named: number | undefined): DocumentRow[][] {
  const alone = named === undefined ? undefined : rows[named];
  if (alone) return [rows.filter((row) => row !== alone), [alone]];
  const half = Math.ceil(rows.length / 2);
  return [rows.slice(0, half), rows.slice(half)];
}
