import { quantity } from '../domain/quantity.ts';
import { settled } from '../domain/rights.ts';
import { judgeLevel } from '../domain/shadow.ts';
import { type Cell, lockCells, saveCells } from '../store/cell-row.ts';
import type { Queryable } from '../store/database.ts';
import { closeDrifts, insertDrift } from '../store/drifts.ts';
import { appendMoves, loadListingsOfCells, lockLevels } from '../store/ledger.ts';
import { tell } from '../store/notices.ts';
import { cellsToJudge, putDirty } from '../store/planning.ts';
import { type Account, type Channel, type EngineContext, iso } from './context.ts';

const ROUND_MAX = 200;

/** How many readings ended how. */
export interface Judged {
  agrees: number;
  ours: number;
  returned: number;
  repaired: number;
  asked: number;
}

/**
 * Judges readings that disagree, once every sale the platform stamped before them has been heard: a sale in flight has
 * arrived by then, our own overwrites are ours to repair, returned units explain a rise; what is left is drift and goes
 * by the channel's rule.
 */
export async function judgeReadings(context: EngineContext, account: Account, heardUpTo: number): Promise<Judged> {
  const judged: Judged = { agrees: 0, ours: 0, returned: 0, repaired: 0, asked: 0 };
  if (!Number.isFinite(heardUpTo)) return judged;
  const ids = await cellsToJudge(context.db, account.row.id, heardUpTo, ROUND_MAX);
  for (const id of ids) await context.db.transaction((tx) => judgeOne(tx, context, account, id, heardUpTo, judged));
  return judged;
}

async function judgeOne(
  tx: Queryable,
  context: EngineContext,
  account: Account,
  id: number,
  heardUpTo: number,
  judged: Judged,
): Promise<void> {
  const [cell] = await lockCells(tx, [id]);
  if (!cell) return;
  const now = iso(context.clock.now());
  cell.rights = settled(cell.rights, heardUpTo);
  const verdict = judgeLevel(cell.shadow, heardUpTo, cell.returned);
  const believed = cell.shadow.shown ?? 0;
  const seen = cell.shadow.seen?.value ?? believed;
  switch (verdict.verdict) {
    case 'wait':
      return;
    case 'reread':
      cell.shadow = verdict.shadow;
      return saveCells(tx, [cell]);
    case 'agrees':
      judged.agrees += 1;
      cell.shadow = verdict.shadow;
      await closeDrifts(tx, [id], 'explained', now, 'engine');
      break;
    case 'ours':
      judged.ours += 1;
      cell.shadow = verdict.shadow;
      await insertDrift(
        tx,
        { cellId: id, units: verdict.units, seen, believed, cause: 'own push', status: 'ledger', by: 'engine' },
        now,
      );
      break;
    case 'returned':
      judged.returned += 1;
      cell.shadow = verdict.shadow;
      cell.returned = quantity(cell.returned - verdict.units);
      await bookAtCell(tx, account, cell, verdict.units, 'return', 'the shelf shows them again', now);
      await insertDrift(
        tx,
        {
          cellId: id,
          units: verdict.units,
          seen,
          believed,
          cause: 'returned units',
          status: 'explained',
          by: 'engine',
        },
        now,
      );
      break;
    case 'drift': {
      const rule = ruleOf(account);
      if (rule.repair === 'ask') {
        judged.asked += 1;
        await ask(tx, account, cell, rule.channel, verdict.units, seen, believed, now);
        return saveCells(tx, [cell]);
      }
      judged.repaired += 1;
      cell.shadow = verdict.shadow;
      if (rule.repair === 'channel')
        await bookAtCell(tx, account, cell, verdict.units, 'remote', 'changed on the channel', now);
      await insertDrift(
        tx,
        { cellId: id, units: verdict.units, seen, believed, cause: 'unexplained', status: rule.repair, by: 'rule' },
        now,
      );
    }
  }
  await saveCells(tx, [cell]);
  await putDirty(tx, [{ id, since: now }]);
}

/** A channel that keeps the books is right about its own shelf; else the first selling channel's rule. */
function ruleOf(account: Account): { repair: 'ask' | 'ledger' | 'channel'; channel: Channel | undefined } {
  const keeps = account.channels.find((channel) => channel.role !== 'sells');
  if (keeps) return { repair: 'channel', channel: keeps };
  const channel = account.channels[0];
  return { repair: channel?.settings.repair ?? 'ask', channel };
}

async function ask(
  tx: Queryable,
  account: Account,
  cell: Cell,
  channel: Channel | undefined,
  units: number,
  seen: number,
  believed: number,
  now: string,
): Promise<void> {
  await closeDrifts(tx, [cell.id], 'explained', now, 'superseded');
  await insertDrift(
    tx,
    { cellId: cell.id, units, seen, believed, cause: 'unexplained', status: 'open', by: null },
    now,
  );
  await tell(
    tx,
    {
      code: 'drift',
      accountId: account.row.id,
      channelId: channel?.id ?? null,
      text: `${channel?.name ?? account.row.key} shows ${seen} of ${cell.stockKey} where ${believed} is explained.`,
      next: `onhand reconcile ${channel?.name ?? ''} lists them; decide with --decide ledger or --decide channel.`,
    },
    now,
  );
}

/** Books units in the ledger at the first of our locations behind the cell's place. Levels are locked before they move. */
export async function bookAtCell(
  tx: Queryable,
  account: Account,
  cell: Pick<Cell, 'stockKey' | 'remote'>,
  units: number,
  reason: string,
  note: string,
  now: string,
): Promise<boolean> {
  const [listing] = await loadListingsOfCells(tx, account.row.id, [cell.stockKey]);
  const location = account.places.get(cell.remote)?.locationIds[0];
  if (!listing?.recipe || location === undefined) return false;
  await lockLevels(
    tx,
    listing.recipe.map(({ item }) => ({ item, location })),
    now,
  );
  await appendMoves(
    tx,
    listing.recipe.map(({ item, num, den }) => ({
      item,
      location,
      onHand: quantity((units * num) / den),
      committed: 0,
      reason,
      documentId: null,
      line: null,
      ref: `${account.row.key} ${cell.stockKey}`,
      note,
      by: `${account.platform.facts.id}:${account.row.key}`,
    })),
    now,
  );
  return true;
}

/** A person decides about one open drift. */
export async function decideDrift(
  context: EngineContext,
  account: Account,
  cellId: number,
  decision: 'ledger' | 'channel',
  by: string,
): Promise<boolean> {
  return context.db.transaction(async (tx) => {
    const [cell] = await lockCells(tx, [cellId]);
    if (!cell?.shadow.seen || cell.shadow.shown === null) return false;
    const now = iso(context.clock.now());
    const units = quantity(cell.shadow.seen.value - cell.shadow.shown);
    cell.shadow = { ...cell.shadow, shown: cell.shadow.seen.value, seen: null, doubt: 0 };
    if (decision === 'channel')
      await bookAtCell(tx, account, cell, units, 'remote', `changed on the channel, accepted by ${by}`, now);
    await saveCells(tx, [cell]);
    await closeDrifts(tx, [cellId], decision, now, by);
    await putDirty(tx, [{ id: cellId, since: now }]);
    return true;
  });
}
