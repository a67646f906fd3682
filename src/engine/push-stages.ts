import { sent as rightsSent, type WriteMode } from '../domain/rights.ts';
import type { RemoteLevel, Target } from '../platform/contract.ts';
import { uuidFrom } from '../runtime/random.ts';
import { insertAttempts } from '../store/attempts.ts';
import { type Cell, lockCells, saveCells } from '../store/cell-row.ts';
import { type PlannedCell, planCells, putDirty, takeDirty } from '../store/planning.ts';
import { type Account, type EngineContext, iso } from './context.ts';
import { GroupCommit } from './group-commit.ts';
import type { Guard } from './guard.ts';
import { type Answered, settleOutcomes } from './outcomes.ts';
import { type Plan, planCell } from './plan.ts';
import type { Prepared } from './prepared.ts';

/** Cells considered at once; the guard counts over rounds, so a larger change is still one plan to it. */
const ROUND_MAX = 2_000;
/** Added to the request's own time-out: when a lost attempt is surely over. */
const GRACE_MS = 5_000;

export type Write = Extract<Plan, { do: 'write' }>;
export type Mark = { id: number; since: string };

export interface PushLane {
  account: Account;
  guard: Guard;
  stages: PushStages;
  /** Fences attempts of an earlier holder of the lane. */
  epoch: number;
  /** I13: false until every live channel's feeds are read up to the start. */
  mayRaise(): boolean;
  /** Rises that had to wait for it; they are marked again when it is over. */
  deferred: Mark[];
  /** Cells whose write is on its way now. */
  underWay: Set<number>;
  /** The lane's lease outlives a request sent now. */
  mayStart(): boolean;
}

export const markOf = (write: Write): Mark => ({ id: write.cell.cell.id, since: write.cell.since });

/** Writes to be stored as attempts, and what was read just before. */
interface Asked {
  lane: PushLane;
  writes: Write[];
  levels: Map<string, RemoteLevel>;
}

/**
 * What every lane asks of the store for a round of writes. A posting wakes them all at once, so they are answered
 * together: one transaction for as many accounts as wait.
 */
export interface PushStages {
  /** Takes an account's marks off and computes what its cells should show. */
  take: GroupCommit<number, PlannedCell[]>;
  prepare: GroupCommit<Asked, Prepared[]>;
  settle: GroupCommit<Answered>;
}

export function pushStages(context: EngineContext): PushStages {
  return {
    take: new GroupCommit((accountIds) => take(context, accountIds)),
    prepare: new GroupCommit((asks) => prepare(context, asks)),
    settle: new GroupCommit((answered) => settleOutcomes(context, answered)),
  };
}

/** In one transaction: marks whose cells could not be computed stay. */
async function take(context: EngineContext, accountIds: number[]): Promise<PlannedCell[][]> {
  const planned = await context.db.transaction(async (tx) => planCells(tx, await takeDirty(tx, accountIds, ROUND_MAX)));
  return accountIds.map((id) => planned.filter(({ cell }) => cell.accountId === id));
}

/** Under the cells' locks: plans again on what is believed now, stores the attempts, widens the rights. */
async function prepare(context: EngineContext, asks: Asked[]): Promise<Prepared[][]> {
  const now = context.clock.now();
  return context.db.transaction(async (tx) => {
    const ids = asks.flatMap(({ writes }) => writes.map((write) => write.cell.cell.id));
    const locked = new Map((await lockCells(tx, ids)).map((cell) => [cell.id, cell]));
    const again: Mark[] = [];
    const prepared = asks.map((ask) =>
      ask.writes.flatMap((write) => prepareOne(context, ask, write, locked, again, now)),
    );
    await putDirty(tx, again);
    await insertAttempts(
      tx,
      asks.flatMap((ask, index) => attemptsOf(ask.lane, prepared[index]!, now)),
      now,
    );
    await saveCells(
      tx,
      prepared.flat().map((one) => one.cell),
    );
    return prepared;
  });
}

function prepareOne(
  context: EngineContext,
  { lane: { account }, levels }: Asked,
  write: Write,
  locked: Map<number, Cell>,
  again: Mark[],
  now: number,
): Prepared[] {
  const cell = locked.get(write.cell.cell.id);
  if (!cell) return [];
  // A sale of this very cell was posted since the level was computed: the number would bring sold stock back.
  if (cell.postings !== write.cell.cell.postings) {
    again.push(markOf(write));
    return [];
  }
  const plan = planCell(account, { ...write.cell, cell }, now);
  if (plan.do !== 'write') return [];
  const mode = account.platform.facts.push.mode as WriteMode;
  const from = levels.get(`${cell.stockKey}\u0000${cell.remote}`);
  const target: Target = {
    cell: { stockKey: cell.stockKey, location: cell.remote },
    want: plan.value,
    expect: plan.expect,
    ...(from && { from }),
    asOf: iso(now),
    key: uuidFrom(context.random),
    why: 'sync',
    ...(write.cell.extra && { extra: write.cell.extra }),
  };
  cell.rights = rightsSent(cell.rights, { mode, expect: plan.expect, want: plan.value });
  return [{ cell, target, since: write.cell.since, mode }];
}

function attemptsOf({ account, epoch }: PushLane, prepared: Prepared[], now: number) {
  const { facts } = account.platform;
  const timeoutMs = Math.max(...Object.values(facts.operations).map((op) => op.timeoutMs));
  return prepared.map(({ cell, target: { key, want, expect }, mode }) => ({
    cellId: cell.id,
    accountId: account.row.id,
    key,
    mode,
    want,
    expect,
    epoch,
    deadline: now + timeoutMs + GRACE_MS,
  }));
}
