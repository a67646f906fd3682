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
/** Writes in a row that were accepted and not in force before a cell is set aside, and for how long. */
const TRIES_MAX = 8;
const ASIDE_MS = 3_600_000;

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
  if (ids.length === 0) return judged;
  let asked: string[] = [];
  await context.db.transaction(async (tx) => {
    const now = iso(context.clock.now());
    const cells = await lockCells(tx, ids);
    const round: Round = { tx, context, account, heardUpTo, judged, now, agreed: [], again: [], asked: [] };
    for (const cell of cells) await judgeOne(round, cell);
    await saveCells(tx, cells);
    await closeDrifts(tx, round.agreed, 'explained', now, 'engine');
    await putDirty(
      tx,
      round.again.map((id) => ({ id, since: now })),
    );
    asked = round.asked;
  });
  const at = iso(context.clock.now());
  for (const text of asked) context.events.emit({ kind: 'notice', code: 'drift', text, at });
  return judged;
}

/** One transaction's worth of judging. */
interface Round {
  tx: Queryable;
  context: EngineContext;
  account: Account;
  heardUpTo: number;
  judged: Judged;
  now: string;
  agreed: number[];
  again: number[];
  /** What is put before a person. */
  asked: string[];
}

async function judgeOne(round: Round, cell: Cell): Promise<void> {
  const { tx, account, heardUpTo, judged, now } = round;
  cell.rights = settled(cell.rights, heardUpTo);
  const verdict = judgeLevel(cell.shadow, heardUpTo, cell.returned, account.platform.facts.push.visibleAfterMs);
  if (verdict.verdict === 'wait') return;
  const believed = cell.shadow.shown ?? 0;
  const seen = cell.shadow.seen?.value ?? believed;
  const note = (cause: string, status: string, by: string | null, units: number) =>
    insertDrift(tx, { cellId: cell.id, units, seen, believed, cause, status, by }, now);
  const rule = ruleOf(account);
  if (verdict.verdict === 'drift' && rule.repair === 'ask') {
    judged.asked += 1;
    return ask(round, cell, rule.channel, verdict.units, seen, believed);
  }
  cell.shadow = verdict.shadow;
  if (verdict.verdict === 'reread') return;
  round.again.push(cell.id);
  switch (verdict.verdict) {
    case 'agrees':
      judged.agrees += 1;
      cell.tries = 0;
      round.agreed.push(cell.id);
      return;
    case 'ours':
      judged.ours += 1;
      tryAgain(round, cell);
      return note('own push', 'ledger', 'engine', verdict.units);
    case 'returned':
      judged.returned += 1;
      cell.returned = quantity(cell.returned - verdict.units);
      await bookAtCell(tx, account, cell, verdict.units, 'return', 'the shelf shows them again', now);
      return note('returned units', 'explained', 'engine', verdict.units);
    case 'drift':
      judged.repaired += 1;
      if (rule.repair === 'channel')
        await bookAtCell(tx, account, cell, verdict.units, 'remote', 'changed on the channel', now);
      return note('unexplained', rule.repair, 'rule', verdict.units);
  }
}

/** A write that is accepted again and again and never in force (an unknown SKU, a lost offer) is set aside, not repeated for ever. */
function tryAgain({ context, now }: Round, cell: Cell): void {
  cell.tries += 1;
  if (cell.tries < TRIES_MAX) return;
  cell.aside = {
    code: 'not-in-force',
    reason: `The platform accepted ${cell.tries} writes and still shows another number: look at the listing there.`,
    at: now,
    retryAt: context.clock.now() + ASIDE_MS,
  };
}

/** A channel that keeps the books is right about its own shelf; else the first selling channel's rule. */
function ruleOf(account: Account): { repair: 'ask' | 'ledger' | 'channel'; channel: Channel | undefined } {
  const keeps = account.channels.find((channel) => channel.role !== 'sells');
  if (keeps) return { repair: 'channel', channel: keeps };
  const channel = account.channels[0];
  return { repair: channel?.settings.repair ?? 'ask', channel };
}

async function ask(
  round: Round,
  cell: Cell,
  channel: Channel | undefined,
  units: number,
  seen: number,
  believed: number,
): Promise<void> {
  const { tx, account, now } = round;
  const text = `${channel?.name ?? account.row.key} shows ${seen} of ${cell.stockKey} where ${believed} is explained.`;
  round.asked.push(text);
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
      text,
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
