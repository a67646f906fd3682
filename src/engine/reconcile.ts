import type { RemoteLevel } from '../platform/contract.ts';
import { cellsByKey } from '../store/cell-row.ts';
import { openDrifts } from '../store/drifts.ts';
import { oldestWish } from '../store/intake.ts';
import type { Account } from './context.ts';
import type { Engine } from './engine.ts';
import { type Judged, judgeReadings } from './judge.ts';
import { pages } from './listings.ts';
import { noteReadings } from './readings.ts';

export interface ReconcileReport {
  channel: string;
  /** Levels read, and cells of ours among them. */
  read: number;
  cells: number;
  /** The reading is what we believe. */
  agreeing: number;
  /** It is not: how each was explained so far. */
  judged: Judged;
  /** Readings that cannot be judged before the feeds have caught up with them. */
  waiting: number;
  open: { stockKey: string; location: string; shows: number; explained: number; units: number; since: string }[];
  heardUpTo: string | null;
}

/**
 * Reads every level of an account page by page, notes what disagrees, lets the feeds catch up, judges, and reports.
 * Repairs are ordinary writes by the channel's rule; nothing is written here. `progress`: levels read so far.
 */
export async function reconcile(
  engine: Engine,
  account: Account,
  channel: string,
  progress: (read: number) => void = () => {},
): Promise<ReconcileReport> {
  const { context } = engine;
  const report: ReconcileReport = {
    channel,
    read: 0,
    cells: 0,
    agreeing: 0,
    judged: { agrees: 0, ours: 0, returned: 0, repaired: 0, asked: 0 },
    waiting: 0,
    open: [],
    heardUpTo: null,
  };
  const { platform, client, config } = account;
  for await (const levels of pages((cursor) => platform.listLevels(client, config, cursor))) {
    await notePage(engine, account, levels, report);
    progress(report.read);
  }
  const lane = engine.lane(account.row.id);
  if (lane) {
    for (const [feed, facts] of Object.entries(platform.facts.feeds))
      if (facts.tells === 'orders') await lane.feeds.poll(feed);
    const heardUpTo = lane.feeds.heardUpTo(await oldestWish(context.db, account.row.id));
    report.judged = await judgeReadings(context, account, heardUpTo);
    report.heardUpTo = lane.health().heardUpTo;
  }
  const open = (await openDrifts(context.db, 10_000)).filter((drift) => drift.accountId === account.row.id);
  report.open = open.map((drift) => ({
    stockKey: drift.stockKey,
    location: drift.remote,
    shows: drift.seen,
    explained: drift.believed,
    units: drift.units,
    since: drift.at,
  }));
  const judged = Object.values(report.judged).reduce((sum, one) => sum + one, 0);
  report.waiting = Math.max(0, report.cells - report.agreeing - judged);
  engine.lane(account.row.id)?.wake('push');
  return report;
}

async function notePage(
  engine: Engine,
  account: Account,
  levels: RemoteLevel[],
  report: ReconcileReport,
): Promise<void> {
  report.read += levels.length;
  const cells = await cellsByKey(
    engine.context.db,
    levels.map((level) => ({ accountId: account.row.id, stockKey: level.stockKey, remote: level.location })),
  );
  report.cells += cells.length;
  const shown = new Map(cells.map((cell) => [`${cell.stockKey}\u0000${cell.remote}`, cell.shadow.shown]));
  const noted = await noteReadings(engine.context, account, cells, levels);
  report.agreeing += noted.filter(
    (level) => shown.get(`${level.stockKey}\u0000${level.location}`) === level.available,
  ).length;
}
