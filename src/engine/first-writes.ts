import { planCells, takeableCells } from '../store/planning.ts';
import type { Account, Channel } from './context.ts';
import type { Engine } from './engine.ts';
import { planCell } from './plan.ts';

export interface FirstWrites {
  /** Cells that would be written if the channel were live now. */
  writes: { stockKey: string; place: string; from: number; to: number }[];
  total: number;
  toZero: number;
  unitsAdded: number;
  unitsTaken: number;
  /** Cells that would not, by reason. */
  notWritten: Record<string, number>;
}

/** What making the channel live would write first; nothing is written. */
export async function firstWrites(
  engine: Engine,
  account: Account,
  channel: Channel,
  listed = 200,
): Promise<FirstWrites> {
  const { context } = engine;
  const asOf = new Date(context.clock.now()).toISOString();
  const asIfLive: Account = {
    ...account,
    channels: account.channels.map((one) => (one.id === channel.id ? { ...one, mode: 'live' } : one)),
  };
  const answer: FirstWrites = { writes: [], total: 0, toZero: 0, unitsAdded: 0, unitsTaken: 0, notWritten: {} };
  let after = 0;
  for (;;) {
    const ids = await takeableCells(context.db, account.row.id, after, 1_000);
    if (ids.length === 0) return answer;
    after = ids.at(-1)!;
    for (const cell of await planCells(
      context.db,
      ids.map((id) => ({ id, since: asOf })),
    )) {
      const plan = planCell(asIfLive, cell, context.clock.now());
      if (plan.do !== 'write') {
        const reason = plan.do === 'read' ? 'not read yet' : plan.reason;
        answer.notWritten[reason] = (answer.notWritten[reason] ?? 0) + 1;
        continue;
      }
      answer.total += 1;
      if (plan.expect > 0 && plan.value <= 0) answer.toZero += 1;
      if (plan.value > plan.expect) answer.unitsAdded += plan.value - plan.expect;
      else answer.unitsTaken += plan.expect - plan.value;
      if (answer.writes.length < listed)
        answer.writes.push({
          stockKey: cell.cell.stockKey,
          place: account.places.get(cell.cell.remote)?.name ?? cell.cell.remote,
          from: plan.expect,
          to: plan.value,
        });
    }
  }
}
