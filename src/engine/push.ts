import type { Outcome, RemoteLevel } from '../platform/contract.ts';
import { Failure } from '../platform/failure.ts';
import { saveChannelApproved } from '../store/accounts.ts';
import { accountShown, putDirty } from '../store/planning.ts';
import type { Account, EngineContext } from './context.ts';
import { holdChannel } from './modes.ts';
import { planCell } from './plan.ts';
import type { Prepared } from './prepared.ts';
import { type Mark, markOf, type PushLane, type Write } from './push-stages.ts';
import { takeReadings } from './readings.ts';

/** Writes prepared and settled in one transaction each, also where the platform takes one a call. */
const TOGETHER = 25;

/**
 * One round of telling an account's cells what they should show: takes the marks off, computes, lets the guard look at
 * the whole plan, reads first where the platform has no guard of its own, writes decreases before increases in batches.
 * @returns how many cells were taken; 0 when nothing was waiting
 */
export async function pushRound(context: EngineContext, lane: PushLane): Promise<number> {
  const { account } = lane;
  const planned = await lane.stages.take.add(account.row.id);
  if (planned.length === 0) return approvalUsed(context, lane);
  let left: Mark[] = planned.map((cell) => ({ id: cell.cell.id, since: cell.since }));
  try {
    const now = context.clock.now();
    // Another write would take the place of the attempt, and what the first one changed would look like nobody's doing.
    // Its cell is marked again when the attempt has ended.
    const plans = planned.filter((cell) => !cell.unanswered).map((cell) => planCell(account, cell, now));
    const writes = plans.filter((plan): plan is Write => plan.do === 'write');
    left = writes.map(markOf);
    if (await guarded(context, lane, writes)) return planned.length;
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
  return planned.length;
}

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
  const prepared = await lane.stages.prepare.add({ lane, writes, levels });
  if (prepared.length === 0) return;
  const size = account.platform.facts.push.batchMax;
  const calls: Prepared[][] = [];
  for (let start = 0; start < prepared.length; start += size) calls.push(prepared.slice(start, start + size));
  for (const { cell } of prepared) lane.underWay.add(cell.id);
  let answers: Awaited<ReturnType<typeof send>>[];
  try {
    answers = await Promise.all(calls.map((call) => send(account, call)));
    await lane.stages.settle.add({ account, prepared, outcomes: answers.flatMap((answer) => answer.outcomes) });
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
