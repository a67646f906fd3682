import { acknowledged, type WriteMode } from '../domain/rights.ts';
import { lost, written } from '../domain/shadow.ts';
import type { Outcome, Target } from '../platform/contract.ts';
import { Failure } from '../platform/failure.ts';
import { type Attempt, keepPending, openAttempts, removeAttempts } from '../store/attempts.ts';
import { type Cell, lockCells, saveCells } from '../store/cell-row.ts';
import { putDirty } from '../store/planning.ts';
import { type Account, type EngineContext, iso } from './context.ts';
import { manner } from './manner.ts';
import { ASK_BY_KEY } from './outcomes.ts';
import { unsend } from './prepared.ts';

/** Asked again after this long while the platform says "still pending"; then it counts as unknown and is read back. */
const SETTLE_TRIES_MAX = 4;
/** Attempts asked about at once and ended in one transaction. */
const ASKED_TOGETHER = 50;

/**
 * Ends attempts that are neither confirmed nor over: asks the platform about accepted ones (settle), asks by our key
 * about lost ones (findPush), and treats what an earlier holder of the lane, or a store that failed before the answer
 * was noted, left behind as unknown once its deadline has passed. `underWay`: cells whose answer we still wait for.
 * @returns milliseconds until the next one is due
 */
export async function settleAttempts(
  context: EngineContext,
  account: Account,
  underWay: ReadonlySet<number>,
): Promise<number> {
  const now = context.clock.now();
  let waitMs = 60_000;
  const due: Attempt[] = [];
  for (const attempt of await openAttempts(context.db, account.row.id)) {
    const at = attempt.settleAt ?? (underWay.has(attempt.cellId) ? Number.POSITIVE_INFINITY : attempt.deadline);
    if (at > now) waitMs = Math.min(waitMs, at - now);
    else due.push(attempt);
  }
  for (let start = 0; start < due.length; start += ASKED_TOGETHER) {
    const some = due.slice(start, start + ASKED_TOGETHER);
    const answers = await Promise.all(some.map((attempt) => ask(account, attempt)));
    await endAll(
      context,
      account,
      some.map((attempt, index) => ({ attempt, asked: answers[index]! })),
    );
  }
  return waitMs;
}

type Asked = Outcome | 'not-found' | 'unknown' | 'still-pending';

/** A platform that cannot say (an unknown handle, a refusal) leaves one way: read the cell. */
async function ask(account: Account, attempt: Attempt): Promise<Asked> {
  try {
    return await askPlatform(account, attempt);
  } catch (error) {
    if (error instanceof Failure && ['gone', 'rejected', 'conflict', 'unknown-outcome'].includes(error.failure))
      return 'unknown';
    throw error;
  }
}

async function askPlatform(account: Account, attempt: Attempt): Promise<Asked> {
  const { platform, client, config } = account;
  const cell = { stockKey: attempt.stockKey, location: attempt.remote };
  if (attempt.handle && attempt.handle !== ASK_BY_KEY && platform.settle)
    return (await platform.settle(client, config, attempt.handle, cell)) ?? 'still-pending';
  if (platform.findPush) return platform.findPush(client, config, targetOf(attempt, cell));
  return 'unknown';
}

function targetOf(attempt: Attempt, cell: Target['cell']): Target {
  return { cell, want: attempt.want, expect: attempt.expect, asOf: iso(attempt.sentAt), key: attempt.key, why: 'sync' };
}

async function endAll(
  context: EngineContext,
  account: Account,
  answers: { attempt: Attempt; asked: Asked }[],
): Promise<void> {
  const now = context.clock.now();
  await context.db.transaction(async (tx) => {
    const found = await lockCells(
      tx,
      answers.map(({ attempt }) => attempt.cellId),
    );
    const cells = new Map(found.map((cell) => [cell.id, cell]));
    const kept: { cellId: number; handle: string | null; settleAt: number }[] = [];
    const ended: number[] = [];
    for (const { attempt, asked } of answers) {
      const cell = cells.get(attempt.cellId);
      if (!cell) continue;
      const settleAt = end(context, account, cell, attempt, asked, now);
      if (settleAt === null) ended.push(cell.id);
      else kept.push({ cellId: cell.id, handle: attempt.handle, settleAt });
    }
    await saveCells(tx, found);
    await keepPending(tx, kept);
    await removeAttempts(tx, ended);
    await putDirty(
      tx,
      ended.map((id) => ({ id, since: iso(now) })),
    );
  });
}

/** @returns when to ask again, milliseconds since 1970; null: the attempt is over */
function end(
  context: EngineContext,
  account: Account,
  cell: Cell,
  attempt: Attempt,
  asked: Asked,
  now: number,
): number | null {
  const ways = manner(account.platform.facts, context.skewMs);
  const mode = attempt.mode as WriteMode;
  const write = { expect: attempt.expect, value: attempt.want, at: now };
  // Accepted ones were counted as written when they were accepted; lost ones were not counted at all.
  const counted = attempt.handle !== null && attempt.handle !== ASK_BY_KEY;
  const tooLong = now - attempt.sentAt > SETTLE_TRIES_MAX * Math.max(1_000, ways.visibleAfterMs);
  if (asked === 'still-pending' && !tooLong) return now + Math.max(500, ways.visibleAfterMs);
  if (asked === 'unknown' || asked === 'still-pending') {
    cell.shadow = counted
      ? { ...cell.shadow, verifyAt: now }
      : lost(cell.shadow, write, { ...ways, visibleAfterMs: 0 });
    return null;
  }
  if (asked === 'not-found') {
    cell.shadow = { ...cell.shadow, unknown: null, verifyAt: now };
    unsend(cell, { mode, target: targetOf(attempt, { stockKey: cell.stockKey, location: cell.remote }) });
    return null;
  }
  if (asked.result === 'applied') {
    if (!counted) {
      cell.shadow = written({ ...cell.shadow, unknown: null }, { ...write, certain: true }, ways);
      cell.rights = acknowledged(cell.rights, { mode, expect: attempt.expect, want: attempt.want }, now, asked.after);
    }
    cell.tries = 0;
    return null;
  }
  cell.shadow = { ...cell.shadow, unknown: null, verifyAt: now };
  if (asked.result !== 'failed') return null;
  cell.tries += 1;
  const { failure, code, message } = asked.failure;
  if (failure === 'rejected' || failure === 'gone')
    cell.aside = { code, reason: message, at: iso(now), retryAt: now + 3_600_000 };
  return null;
}
