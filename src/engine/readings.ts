import { posted as postedRights } from '../domain/rights.ts';
import { observed } from '../domain/shadow.ts';
import type { RemoteLevel } from '../platform/contract.ts';
import { type Cell, lockCells, saveCells } from '../store/cell-row.ts';
import { closeDrifts } from '../store/drifts.ts';
import { cellsToRead, putDirty } from '../store/planning.ts';
import { type Account, type EngineContext, iso } from './context.ts';

/**
 * Reads cells and notes what was seen. A reading is only worth something if neither a posting nor a write of ours fell
 * between asking and noting; else it is asked for again.
 * @returns the levels that were noted
 */
export async function takeReadings(
  context: EngineContext,
  account: Account,
  asked: { cell: Cell; extra: Record<string, string> | null }[],
): Promise<RemoteLevel[]> {
  if (asked.length === 0) return [];
  const levels = await account.platform.readLevels(
    account.client,
    account.config,
    asked.map(({ cell, extra }) => ({ stockKey: cell.stockKey, location: cell.remote, ...(extra && { extra }) })),
  );
  return noteReadings(
    context,
    account,
    asked.map(({ cell }) => cell),
    levels,
  );
}

/** `asked`: the cells as they were when the question was sent. Cells missing from the answer are gone there. */
export async function noteReadings(
  context: EngineContext,
  account: Account,
  asked: Cell[],
  levels: RemoteLevel[],
): Promise<RemoteLevel[]> {
  const found = new Map(levels.map((level) => [`${level.stockKey}\u0000${level.location}`, level]));
  return context.db.transaction(async (tx) => {
    const now = context.clock.now();
    const noted: RemoteLevel[] = [];
    const again: { id: number; since: string }[] = [];
    const agreeing: number[] = [];
    const before = new Map(asked.map((cell) => [cell.id, cell]));
    const cells = await lockCells(
      tx,
      asked.map((cell) => cell.id),
    );
    for (const cell of cells) {
      const then = before.get(cell.id)!;
      const level = found.get(`${cell.stockKey}\u0000${cell.remote}`);
      cell.readAt = now;
      if (!level) {
        if (account.channels.length > 0)
          setAside(cell, 'gone-there', 'The platform does not know this stock record any more.', now);
        cell.shadow = { ...cell.shadow, verifyAt: null };
        continue;
      }
      if (!level.tracked) {
        setAside(cell, 'untracked-item', 'The platform does not count this item: switch stock tracking on there.', now);
        cell.shadow = { ...cell.shadow, verifyAt: null };
        continue;
      }
      const readAt = Date.parse(level.readAt);
      const disturbed =
        cell.postings !== then.postings ||
        cell.shadow.lastWrite?.effectiveBy !== then.shadow.lastWrite?.effectiveBy ||
        (cell.shadow.lastWrite !== null && cell.shadow.lastWrite.effectiveBy > readAt);
      if (disturbed && cell.shadow.shown !== null) {
        cell.shadow = { ...cell.shadow, verifyAt: Math.max(now, cell.shadow.lastWrite?.effectiveBy ?? now) };
        continue;
      }
      const first = cell.shadow.shown === null;
      // What a write would start from changes: no write was needed, or none was possible, only as long as it was so.
      const rebased = cell.shadow.unknown !== null || cell.shadow.seen !== null;
      cell.shadow = observed(cell.shadow, level.available, readAt);
      cell.version = level.version ?? null;
      if (first) cell.rights = postedRights({ ...cell.rights, held: 0 }, -Math.max(0, level.available));
      if (cell.aside && ['gone-there', 'untracked-item'].includes(cell.aside.code)) cell.aside = null;
      if (first || rebased) again.push({ id: cell.id, since: iso(now) });
      if (!cell.shadow.seen) agreeing.push(cell.id);
      noted.push(level);
    }
    await saveCells(tx, cells);
    await putDirty(tx, again);
    await closeDrifts(tx, agreeing, 'explained', iso(now), 'engine');
    return noted;
  });
}

function setAside(cell: Cell, code: string, reason: string, now: number): void {
  if (cell.aside?.code === code) return;
  cell.aside = { code, reason, at: iso(now), retryAt: null };
}

/** Reads what is due: cells never read, and those a reading would tell something about. @returns how many were read */
export async function readDue(context: EngineContext, account: Account): Promise<number> {
  const size = account.platform.facts.read.batchMax;
  const due = await cellsToRead(context.db, account.row.id, context.clock.now(), size);
  await takeReadings(context, account, due);
  return due.length;
}
