import { acknowledged, type WriteMode } from '../domain/rights.ts';
import { lost, written } from '../domain/shadow.ts';
import type { Outcome, Target } from '../platform/contract.ts';
import { Failure } from '../platform/failure.ts';
import { type Attempt, keepPending, openAttempts, removeAttempts } from '../store/attempts.ts';
import { lockCells, saveCells } from '../store/cell-row.ts';
import { putDirty } from '../store/planning.ts';
import { type Account, type EngineContext, iso } from './context.ts';
import { manner } from './manner.ts';
import { ASK_BY_KEY } from './outcomes.ts';
import { unsend } from './prepared.ts';

/** Asked again after this long while the platform says "still pending"; then it counts as unknown and is read back. */
const SETTLE_TRIES_MAX = 4;

/**
 * Ends attempts that are neither confirmed nor over: asks the platform about accepted ones (settle), asks by our key
 * about lost ones (findPush), and treats what an earlier holder of the lane left behind as unknown once its deadline
 * has passed. @returns milliseconds until the next one is due
 */
export async function settleAttempts(context: EngineContext, account: Account, epoch: number): Promise<number> {
  const now = context.clock.now();
  let waitMs = 60_000;
  for (const attempt of await openAttempts(context.db, account.row.id)) {
    const due = attempt.settleAt ?? (attempt.epoch === epoch ? Number.POSITIVE_INFINITY : attempt.deadline);
    if (due > now) {
      waitMs = Math.min(waitMs, due - now);
      continue;
    }
    await end(context, account, attempt, await ask(account, attempt));
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

async function end(context: EngineContext, account: Account, attempt: Attempt, asked: Asked): Promise<void> {
  const now = context.clock.now();
  const ways = manner(account.platform.facts, context.skewMs);
  await context.db.transaction(async (tx) => {
    const [cell] = await lockCells(tx, [attempt.cellId]);
    if (!cell) return;
    const mode = attempt.mode as WriteMode;
    const target = targetOf(attempt, { stockKey: cell.stockKey, location: cell.remote });
    const write = { expect: attempt.expect, value: attempt.want, at: now };
    // Accepted ones were counted as written when they were accepted; lost ones were not counted at all.
    const counted = attempt.handle !== null && attempt.handle !== ASK_BY_KEY;
    const tooLong = now - attempt.sentAt > SETTLE_TRIES_MAX * Math.max(1_000, ways.visibleAfterMs);
    if (asked === 'still-pending' && !tooLong) {
      const settleAt = now + Math.max(500, ways.visibleAfterMs);
      return keepPending(tx, [{ cellId: cell.id, handle: attempt.handle, settleAt }]);
    }
    if (asked === 'unknown' || asked === 'still-pending') {
      cell.shadow = counted
        ? { ...cell.shadow, verifyAt: now }
        : lost(cell.shadow, write, { ...ways, visibleAfterMs: 0 });
    } else if (asked === 'not-found') {
      cell.shadow = { ...cell.shadow, unknown: null, verifyAt: now };
      unsend(cell, { mode, target });
    } else if (asked.result === 'applied') {
      if (!counted) {
        cell.shadow = written({ ...cell.shadow, unknown: null }, { ...write, certain: true }, ways);
        cell.rights = acknowledged(cell.rights, { mode, expect: attempt.expect, want: attempt.want }, now, asked.after);
      }
      cell.tries = 0;
    } else {
      cell.shadow = { ...cell.shadow, unknown: null, verifyAt: now };
      if (asked.result === 'failed') {
        cell.tries += 1;
        if (asked.failure.failure === 'rejected' || asked.failure.failure === 'gone')
          cell.aside = {
            code: asked.failure.code,
            reason: asked.failure.message,
            at: iso(now),
            retryAt: now + 3_600_000,
          };
      }
    }
    await saveCells(tx, [cell]);
    await removeAttempts(tx, [cell.id]);
    await putDirty(tx, [{ id: cell.id, since: iso(now) }]);
  });
}
