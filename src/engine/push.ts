import { sent as rightsSent, type WriteMode } from '../domain/rights.ts';
import type { Outcome, RemoteLevel, Target } from '../platform/contract.ts';
import { Failure } from '../platform/failure.ts';
import { uuidFrom } from '../runtime/random.ts';
import { saveChannelApproved } from '../store/accounts.ts';
import { insertAttempts } from '../store/attempts.ts';
import { lockCells, saveCells } from '../store/cell-row.ts';
import { accountShown, planCells, putDirty, takeDirty } from '../store/planning.ts';
import { type Account, type EngineContext, iso } from './context.ts';
import type { Guard } from './guard.ts';
import { holdChannel } from './modes.ts';
import { settleOutcomes } from './outcomes.ts';
import { type Plan, planCell } from './plan.ts';
import type { Prepared } from './prepared.ts';
import { takeReadings } from './readings.ts';

/** Cells considered at once; the guard counts over rounds, so a larger change is still one plan to it. */
const ROUND_MAX = 2_000;
/** Writes prepared and settled in one transaction each, also where the platform takes one a call. */
const TOGETHER = 25;
/** Added to the request's own time-out: when a lost attempt is surely over. */
const GRACE_MS = 5_000;

type Write = Extract<Plan, { do: 'write' }>;
type Mark = { id: number; since: string };

export interface PushLane {
  account: Account;
  guard: Guard;
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

/**
 * One round of telling an account's cells what they should show: takes the marks off, computes, lets the guard look at
 * the whole plan, reads first where the platform has no guard of its own, writes decreases before increases in batches.
 * @returns how many cells were taken; 0 when nothing was waiting
 */
export async function pushRound(context: EngineContext, lane: PushLane): Promise<number> {
  const { account } = lane;
  const marks = await takeDirty(context.db, account.row.id, ROUND_MAX);
  if (marks.length === 0) return approvalUsed(context, lane);
  let left: Mark[] = marks;
  try {
    const now = context.clock.now();
    // Another write would take the place of the attempt, and what the first one changed would look like nobody's doing.
    // Its cell is marked again when the attempt has ended.
    const planned = (await planCells(context.db, marks)).filter((cell) => !cell.unanswered);
    const plans = planned.map((cell) => planCell(account, cell, now));
    const writes = plans.filter((plan): plan is Write => plan.do === 'write');
    left = writes.map(markOf);
    if (await guarded(context, lane, writes)) return marks.length;
    const raising = (write: Write) => write.value > write.expect;
    const deferred = lane.mayRaise() ? [] : writes.filter(raising);
    lane.deferred.push(...deferred.map(markOf));
    const ready = writes.filter((write) => !deferred.includes(write)).sort(byUrgency);
    left = ready.map(markOf);
    const size = Math.max(account.platform.facts.push.batchMax, TOGETHER);
    for (let start = 0; start < ready.length; start += size) {
      if (!lane.mayStart()) break;
      const batch = ready.slice(start, start + size);
      await pushBatch(context, lane, batch);
      left = ready.slice(start + size).map(markOf);
    }
  } finally {
    // Whatever was not handled keeps waiting: held, failed, or the lane was lost.
    await putDirty(context.db, left);
  }
  return marks.length;
}

const markOf = (write: Write): Mark => ({ id: write.cell.cell.id, since: write.cell.since });

/** Decreases first, the deepest cut and the smallest remainder before the others. */
function byUrgency(a: Write, b: Write): number {
  const cut = (write: Write) => Math.min(0, write.value - write.expect);
  return cut(a) - cut(b) || a.value - b.value || a.cell.cell.id - b.cell.cell.id;
}

/** The plan a person approved is done: the next one is judged again. */
async function approvalUsed(context: EngineContext, lane: PushLane): Promise<number> {
  for (const channel of lane.account.channels) {
    if (!channel.approved || channel.mode !== 'live') continue;
    channel.approved = false;
    lane.guard.forget();
    await saveChannelApproved(context.db, channel.id, false);
  }
  return 0;
}

async function guarded(context: EngineContext, lane: PushLane, writes: Write[]): Promise<boolean> {
  const channel = writes[0]?.channel;
  if (!channel) return false;
  // A person has seen this plan's list.
  if (channel.approved) return false;
  // What orders explain needs no measure.
  if (writes.every((write) => write.cell.explained)) return false;
  const total = await accountShown(context.db, lane.account.row.id);
  const stop = lane.guard.check(
    writes.map((write) => ({
      cellId: write.cell.cell.id,
      from: write.expect,
      to: write.value,
      explained: write.cell.explained,
    })),
    total.cells,
    total.units,
  );
  if (!stop) return false;
  await holdChannel(context, channel, stop.reason, {
    rows: stop.rows.slice(0, 500).map((row) => ({ cell: row.cellId, from: row.from, to: row.to })),
  });
  return true;
}

async function pushBatch(context: EngineContext, lane: PushLane, writes: Write[]): Promise<void> {
  const { account } = lane;
  const levels = await readFirst(context, account, writes);
  const prepared = await prepare(context, lane, writes, levels);
  if (prepared.length === 0) return;
  const size = account.platform.facts.push.batchMax;
  const calls: Prepared[][] = [];
  for (let start = 0; start < prepared.length; start += size) calls.push(prepared.slice(start, start + size));
  for (const { cell } of prepared) lane.underWay.add(cell.id);
  let answers: Awaited<ReturnType<typeof send>>[];
  try {
    answers = await Promise.all(calls.map((call) => send(account, call)));
    await settleOutcomes(
      context,
      account,
      prepared,
      answers.flatMap((answer) => answer.outcomes),
    );
  } finally {
    // Should the store fail now, the attempts stay open, and are asked about when their time is over.
    for (const { cell } of prepared) lane.underWay.delete(cell.id);
  }
  // What no call can get past (throttled, refused access, down) lets the lane wait; a lost answer is looked into.
  const stop = answers.find(({ failure }) => failure && failure.failure !== 'unknown-outcome')?.failure;
  if (stop) throw stop;
}

/** One call; a failure of the whole call holds for each of its targets. */
async function send(account: Account, call: Prepared[]): Promise<{ outcomes: Outcome[]; failure?: Failure }> {
  const targets = call.map((one) => one.target);
  try {
    return { outcomes: await account.platform.pushLevels(account.client, account.config, targets) };
  } catch (error) {
    const failure =
      error instanceof Failure
        ? error
        : new Failure('unknown-outcome', 'connector-error', `The connector failed: ${(error as Error).message}`);
    return { outcomes: targets.map(({ cell }) => ({ cell, result: 'failed', failure })), failure };
  }
}

/** Where nothing guards the write, what is there now is read just before, so that an unheard sale survives it. */
async function readFirst(context: EngineContext, account: Account, writes: Write[]): Promise<Map<string, RemoteLevel>> {
  const { facts } = account.platform;
  const levels = new Map<string, RemoteLevel>();
  if (!facts.push.readFirst) return levels;
  const now = context.clock.now();
  // A write that is not in force yet would be read as if it had never been made.
  const readable = writes
    .map((write) => write.cell)
    .filter(({ cell }) => !cell.shadow.lastWrite || cell.shadow.lastWrite.effectiveBy <= now);
  for (let start = 0; start < readable.length; start += facts.read.batchMax) {
    const cells = readable.slice(start, start + facts.read.batchMax);
    for (const level of await takeReadings(context, account, cells))
      levels.set(`${level.stockKey}\u0000${level.location}`, level);
  }
  return levels;
}

/** Under the cells' locks: plans again on what is believed now, stores the attempt, widens the rights. */
async function prepare(
  context: EngineContext,
  lane: PushLane,
  writes: Write[],
  levels: Map<string, RemoteLevel>,
): Promise<Prepared[]> {
  const { account } = lane;
  const { facts } = account.platform;
  const now = context.clock.now();
  const timeoutMs = Math.max(...Object.values(facts.operations).map((op) => op.timeoutMs));
  return context.db.transaction(async (tx) => {
    const locked = new Map(
      (
        await lockCells(
          tx,
          writes.map((write) => write.cell.cell.id),
        )
      ).map((cell) => [cell.id, cell]),
    );
    const prepared: Prepared[] = [];
    const again: Mark[] = [];
    for (const write of writes) {
      const cell = locked.get(write.cell.cell.id);
      if (!cell) continue;
      // A sale of this very cell was posted since the level was computed: the number would bring sold stock back.
      const moved = cell.postings !== write.cell.cell.postings;
      const plan = moved ? null : planCell(account, { ...write.cell, cell }, now);
      if (plan?.do !== 'write') {
        if (moved) again.push(markOf(write));
        continue;
      }
      const mode = facts.push.mode as WriteMode;
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
      prepared.push({ cell, target, since: write.cell.since, mode });
    }
    await putDirty(tx, again);
    await insertAttempts(
      tx,
      account.row.id,
      prepared.map(({ cell, target }) => ({
        cellId: cell.id,
        key: target.key,
        want: target.want,
        expect: target.expect,
      })),
      { mode: facts.push.mode, epoch: lane.epoch, sentAt: now, deadline: now + timeoutMs + GRACE_MS },
    );
    await saveCells(
      tx,
      prepared.map((one) => one.cell),
    );
    return prepared;
  });
}
