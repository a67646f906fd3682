import { quantity } from '../domain/quantity.ts';
import type { CellKey, Signal } from '../platform/contract.ts';
import { compareRevisions } from '../platform/rev.ts';
import { saveAccountStopped } from '../store/accounts.ts';
import { echoedCells } from '../store/attempts.ts';
import { type Cell, lockCellsByKey, saveCells } from '../store/cell-row.ts';
import type { Queryable } from '../store/database.ts';
import { type FetchWish, fetchedRevisions, wishFetches } from '../store/intake.ts';
import { appendMoves, loadListingsOfCells, lockLevels } from '../store/ledger.ts';
import { tell } from '../store/notices.ts';
import { firstOfMovement } from '../store/remote-movements.ts';
import type { Account, EngineContext } from './context.ts';
import { iso } from './context.ts';
import { lagMsOf } from './manner.ts';
import { type Arriving, type PostingReport, postStates } from './posting.ts';

/** One source's signals of one account, as they came. `heardAt`: when they reached us. */
export interface Heard {
  account: Account;
  signals: Signal[];
  heardAt: string;
}

/**
 * Applies what was heard, in the given transaction: states are posted, thin events become wishes to fetch, levels and
 * hints become readings to make, exact movements of a system that keeps the books enter the ledger.
 */
export async function applySignals(tx: Queryable, context: EngineContext, heard: Heard[]): Promise<PostingReport> {
  const now = context.clock.now();
  const arriving: Arriving[] = [];
  let wishes: (FetchWish & { rev?: string })[] = [];
  const hints: { account: Account; cell: CellKey; value: number | null }[] = [];
  for (const { account, signals } of heard)
    for (const signal of signals) {
      const owner = accountNamed(context, account, 'account' in signal ? signal.account : undefined, signal);
      if (!owner) continue;
      if (signal.kind === 'document')
        arriving.push({ account: owner, doc: signal.doc.doc, arrival: { how: 'carried' }, state: signal.doc });
      if (signal.kind === 'document-changed' || signal.kind === 'document-gone')
        wishes.push({
          accountId: owner.row.id,
          doc: signal.doc,
          reason: signal.kind,
          notBefore: now,
          ...('rev' in signal && signal.rev !== undefined && { rev: signal.rev }),
        });
      if (signal.kind === 'level')
        hints.push({ account: owner, cell: signal.level, value: signal.level.tracked ? signal.level.available : null });
      if (signal.kind === 'dirty')
        for (const location of signal.location === null ? owner.places.keys() : [signal.location])
          hints.push({ account: owner, cell: { stockKey: signal.stockKey, location }, value: null });
      if (signal.kind === 'movement') await applyMovement(tx, context, owner, signal, hints);
      if (signal.kind === 'listing-changed') context.accounts.listingsChanged(owner.row.id);
      if (signal.kind === 'access-lost') await loseAccess(tx, context, owner, signal.why);
    }
  wishes = await unknownOnly(tx, context, wishes);
  await wishFetches(tx, wishes, iso(now));
  const heardAt = heard.map((one) => one.heardAt).sort()[0];
  const report = await postStates(tx, context, arriving, heardAt);
  await takeHints(tx, hints, now);
  for (const wish of wishes) report.wished.add(wish.accountId);
  return report;
}

/** Platforms stamp whole seconds, and a fetch takes a while: two changes may share a stamp, one fetched and one not. */
const SAME_TIME_MS = 10_000;

/** Feeds tell a change again that a webhook has told: a document fetched at that revision or later need not be asked for. */
async function unknownOnly<Wish extends FetchWish & { rev?: string }>(
  tx: Queryable,
  context: EngineContext,
  wishes: Wish[],
): Promise<Wish[]> {
  const named = wishes.filter((wish) => wish.rev !== undefined);
  if (named.length === 0) return wishes;
  const known = new Map((await fetchedRevisions(tx, named)).map((row) => [`${row.accountId} ${row.doc}`, row]));
  return wishes.filter((wish) => {
    const fetched = known.get(`${wish.accountId} ${wish.doc}`);
    if (fetched === undefined || wish.rev === undefined) return true;
    const kind = context.accounts.byId(wish.accountId)?.platform.facts.revision ?? 'opaque';
    const order = compareRevisions(kind, wish.rev, fetched.rev);
    if (order === 'equal' && kind === 'time') return fetched.fetchedAt < Date.parse(wish.rev) + SAME_TIME_MS;
    return order !== 'older' && order !== 'equal';
  });
}

/** App-level entrances carry many accounts; a signal for an account nobody connected changes nothing. */
function accountNamed(context: EngineContext, account: Account, name: string | undefined, signal: Signal) {
  const key = signal.kind === 'document' ? signal.doc.account : name;
  if (key === undefined || key === account.row.key) return account;
  return context.accounts.byKey(account.platform.facts.id, key);
}

/**
 * A level the platform told without being asked is late by nature: if it is what we believe, or one of our own recent
 * writes coming back, there is nothing to do; else it is a reason to read, once the sale it may come from has arrived.
 */
async function takeHints(
  tx: Queryable,
  hints: { account: Account; cell: CellKey; value: number | null }[],
  now: number,
): Promise<void> {
  if (hints.length === 0) return;
  const keyed = new Map(
    hints.map((hint) => [`${hint.account.row.id}\u0000${hint.cell.stockKey}\u0000${hint.cell.location}`, hint]),
  );
  const cells = await lockCellsByKey(
    tx,
    [...keyed.values()].map(({ account, cell }) => ({
      accountId: account.row.id,
      stockKey: cell.stockKey,
      remote: cell.location,
    })),
  );
  const hintOf = (cell: Cell) => keyed.get(`${cell.accountId}\u0000${cell.stockKey}\u0000${cell.remote}`)!;
  const foreign = cells.filter((cell) => hintOf(cell).value === null || hintOf(cell).value !== cell.shadow.shown);
  const echoed = await echoedCells(
    tx,
    foreign.flatMap((cell) => {
      const { value } = hintOf(cell);
      return value === null ? [] : [{ cellId: cell.id, value }];
    }),
  );
  const changed: Cell[] = [];
  for (const cell of foreign) {
    const hint = hintOf(cell);
    if (echoed.has(cell.id)) continue;
    const due = now + lagMsOf(hint.account.platform.facts);
    if (cell.shadow.verifyAt !== null && cell.shadow.verifyAt <= due) continue;
    cell.shadow = { ...cell.shadow, verifyAt: due };
    changed.push(cell);
  }
  await saveCells(tx, changed);
}

async function applyMovement(
  tx: Queryable,
  context: EngineContext,
  account: Account,
  signal: Extract<Signal, { kind: 'movement' }>,
  hints: { account: Account; cell: CellKey; value: number | null }[],
): Promise<void> {
  const keeps = account.channels.some((channel) => channel.role !== 'sells');
  if (!keeps) {
    // Stock changed on a channel that only sells: not ours to book, but worth a reading.
    hints.push({ account, cell: signal.cell, value: null });
    return;
  }
  const now = iso(context.clock.now());
  if (!(await firstOfMovement(tx, account.row.id, signal.ref, signal.at))) return;
  const [listing] = await loadListingsOfCells(tx, account.row.id, [signal.cell.stockKey]);
  const place = account.places.get(signal.cell.location)?.locationIds[0];
  if (!listing?.recipe || place === undefined) {
    await tell(
      tx,
      {
        code: 'movement-unmapped',
        accountId: account.row.id,
        text: `${account.row.key} moved ${signal.delta} of ${signal.cell.stockKey} at ${signal.cell.location}, which is not mapped.`,
        next: 'Map the listing and the place, then enter the difference with "onhand stock adjust".',
        data: signal,
      },
      now,
    );
    return;
  }
  await lockLevels(
    tx,
    listing.recipe.map(({ item }) => ({ item, location: place })),
    now,
  );
  await appendMoves(
    tx,
    listing.recipe.map(({ item, num, den }) => ({
      item,
      location: place,
      onHand: quantity((signal.delta * num) / den),
      committed: 0,
      reason: signal.why,
      documentId: null,
      line: null,
      ref: signal.ref,
      note: null,
      by: `${account.platform.facts.id}:${account.row.key}`,
    })),
    now,
  );
  // Its own number has already moved by this.
  const cells = await lockCellsByKey(tx, [
    { accountId: account.row.id, stockKey: signal.cell.stockKey, remote: signal.cell.location },
  ]);
  for (const cell of cells)
    if (cell.shadow.shown !== null) cell.shadow = { ...cell.shadow, shown: quantity(cell.shadow.shown + signal.delta) };
  await saveCells(tx, cells);
}

/** The merchant took our access away: no further call, a person is told. Intake of what still comes goes on. */
export async function loseAccess(tx: Queryable, context: EngineContext, account: Account, why: string): Promise<void> {
  account.row.stoppedReason = why;
  await saveAccountStopped(tx, account.row.id, why);
  await tell(
    tx,
    {
      code: 'access-lost',
      accountId: account.row.id,
      text: `${account.platform.facts.name} no longer lets us in (${account.row.key}): ${why}`,
      next: `Give new credentials with "onhand channel add ${account.platform.facts.id}" for the same account, then "onhand channel resume".`,
    },
    iso(context.clock.now()),
  );
}
