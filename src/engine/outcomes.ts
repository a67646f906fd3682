import { acknowledged } from '../domain/rights.ts';
import { lost, observed, written } from '../domain/shadow.ts';
import type { Outcome } from '../platform/contract.ts';
import { Failure } from '../platform/failure.ts';
import { keepPending, settleWrites } from '../store/attempts.ts';
import { type Cell, lockCells, saveCells } from '../store/cell-row.ts';
import { putDirty } from '../store/planning.ts';
import { backoffMs } from './backoff.ts';
import { type Account, type EngineContext, iso } from './context.ts';
import { manner } from './manner.ts';
import { type Prepared, unsend } from './prepared.ts';

/** A cell the platform will not take is tried again after this long; a person sees it listed with its reason meanwhile. */
const REJECTED_RETRY_MS = 3_600_000;
/** Handle of an attempt whose answer was lost, on platforms that can be asked by our key. */
export const ASK_BY_KEY = '?';

interface Settling {
  cell: Cell;
  prepared: Prepared;
  result: string;
  reason: string | null;
  again: boolean;
  keep: { handle: string; settleAt: number } | null;
}

/** What an account's platform answered to writes that were prepared together. */
export interface Answered {
  account: Account;
  prepared: Prepared[];
  outcomes: Outcome[];
}

/** A target that nothing was said about may have been written or not. */
function outcomesOf({ prepared, outcomes }: Answered): Outcome[] {
  const keyOf = (cell: Outcome['cell']) => `${cell.stockKey}\u0000${cell.location}`;
  const byCell = new Map(outcomes.map((outcome) => [keyOf(outcome.cell), outcome]));
  const missing = new Failure('unknown-outcome', 'no-outcome', 'The platform said nothing about this row.');
  return prepared.map(
    ({ target: { cell } }) => byCell.get(keyOf(cell)) ?? { cell, result: 'failed', failure: missing },
  );
}

/**
 * One outcome per target; those of all accounts that answered meanwhile become one transaction: shadows, rights, attempts,
 * history, what is to be tried again.
 */
export async function settleOutcomes(context: EngineContext, answered: Answered[]): Promise<void> {
  const now = context.clock.now();
  const events: Settling[] = [];
  const all = answered.flatMap((one) => {
    const outcomes = outcomesOf(one);
    return one.prepared.map((prepared, index) => ({ account: one.account, prepared, outcome: outcomes[index]! }));
  });
  await context.db.transaction(async (tx) => {
    events.length = 0;
    const cells = new Map(
      (
        await lockCells(
          tx,
          all.map(({ prepared }) => prepared.cell.id),
        )
      ).map((cell) => [cell.id, cell]),
    );
    for (const { account, prepared, outcome } of all) {
      const cell = cells.get(prepared.cell.id);
      if (cell) events.push(apply(context, account, cell, prepared, outcome, now));
    }
    await saveCells(
      tx,
      events.map((event) => event.cell),
    );
    await keepPending(
      tx,
      events.flatMap((event) => (event.keep ? [{ cellId: event.cell.id, ...event.keep }] : [])),
    );
    await settleWrites(
      tx,
      events.map((event) => ({
        cellId: event.cell.id,
        value: event.prepared.target.want,
        expect: event.prepared.target.expect,
        result: event.result,
        reason: event.reason,
        heardAt: event.prepared.since,
        ended: event.keep === null,
        agrees: event.result === 'applied' && !event.cell.shadow.seen,
      })),
      iso(now),
    );
    await putDirty(
      tx,
      events.filter((event) => event.again).map((event) => ({ id: event.cell.id, since: event.prepared.since })),
    );
  });
  for (const event of events)
    context.events.emit({
      kind: 'pushed',
      accountId: event.cell.accountId,
      cellId: event.cell.id,
      value: event.prepared.target.want,
      result: event.result,
      at: iso(now),
      heardAt: event.prepared.since,
    });
}

function apply(
  context: EngineContext,
  account: Account,
  cell: Cell,
  prepared: Prepared,
  outcome: Outcome,
  now: number,
): Settling {
  const { facts } = account.platform;
  const ways = manner(facts, context.skewMs);
  const { target, mode } = prepared;
  const write = { expect: target.expect, value: target.want, at: now };
  // A sale posted while the answer was on its way: what the answer says was there may be from before it.
  const disturbed = cell.postings !== prepared.cell.postings;
  const after = outcome.result === 'applied' && !disturbed ? outcome.after : undefined;
  const settling: Settling = { cell, prepared, result: outcome.result, reason: null, again: false, keep: null };
  switch (outcome.result) {
    case 'applied':
      cell.shadow = written(cell.shadow, { ...write, after, certain: true }, ways);
      cell.rights = acknowledged(cell.rights, { mode, expect: target.expect, want: target.want }, now, outcome.after);
      cell.aside = null;
      cell.tries = 0;
      return settling;
    case 'pending':
      cell.shadow = written(cell.shadow, { ...write, certain: false }, ways);
      cell.rights = acknowledged(
        cell.rights,
        { mode, expect: target.expect, want: target.want },
        now + ways.visibleAfterMs,
      );
      if (outcome.handle && account.platform.settle && facts.push.settleBy !== 'reading')
        settling.keep = { handle: outcome.handle, settleAt: now + ways.visibleAfterMs };
      return settling;
    case 'stale':
      unsend(cell, prepared);
      if (outcome.now !== undefined && !disturbed) cell.shadow = observed(cell.shadow, outcome.now, now);
      else cell.shadow = { ...cell.shadow, verifyAt: now };
      settling.again = true;
      return settling;
    case 'failed':
      settling.reason = `${outcome.failure.code}: ${outcome.failure.message}`;
      fail(context, account, settling, outcome.failure, now);
      return settling;
  }
}

function fail(context: EngineContext, account: Account, settling: Settling, failure: Failure, now: number): void {
  const { cell, prepared } = settling;
  const ways = manner(account.platform.facts, context.skewMs);
  switch (failure.failure) {
    case 'throttled':
    case 'transient':
    case 'auth':
      unsend(cell, prepared);
      settling.result = 'retry';
      settling.again = true;
      return;
    case 'unknown-outcome': {
      const write = { expect: prepared.target.expect, value: prepared.target.want, at: now };
      cell.shadow = lost(cell.shadow, write, ways);
      settling.result = 'unknown';
      if (account.platform.findPush) {
        cell.shadow = { ...cell.shadow, verifyAt: null };
        settling.keep = { handle: ASK_BY_KEY, settleAt: now + ways.visibleAfterMs };
      }
      return;
    }
    case 'conflict':
      unsend(cell, prepared);
      cell.shadow = { ...cell.shadow, verifyAt: now };
      return;
    case 'gone':
    case 'rejected': {
      unsend(cell, prepared);
      const waitMs = failure.failure === 'gone' ? null : REJECTED_RETRY_MS + backoffMs(cell.tries, context.random);
      cell.aside = {
        code: failure.code,
        reason: failure.message,
        at: iso(now),
        retryAt: waitMs === null ? null : now + waitMs,
      };
      cell.tries += 1;
    }
  }
}
