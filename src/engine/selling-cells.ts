import type { CellEffect } from '../domain/posting.ts';
import { quantity } from '../domain/quantity.ts';
import { posted as postedRights } from '../domain/rights.ts';
import { sold, stirred } from '../domain/shadow.ts';
import { attemptedCells } from '../store/attempts.ts';
import { type Cell, lockCellsByKey, saveCells } from '../store/cell-row.ts';
import type { Queryable } from '../store/database.ts';
import { putDirty } from '../store/planning.ts';
import { type Account, type EngineContext, iso } from './context.ts';
import { bookAtCell } from './judge.ts';
import { manner } from './manner.ts';

/** What a posting did to one stock record of the platform that sold. `since` to `at`: when, by the platform's clock, ms since 1970. */
export interface LocatedEffect {
  account: Account;
  effect: CellEffect;
  stockKey: string;
  since: number;
  at: number;
}

/** A document that may have moved units of a stock record between `since` and `at`, at any place, and put them back. */
export interface Stir {
  account: Account;
  stockKey: string;
  since: number;
  at: number;
}

const cellKey = (accountId: number, stockKey: string, remote: string) => `${accountId}\u0000${stockKey}\u0000${remote}`;

/** The platform that sold has already lowered its own number: its shadow and its rights fall with the ledger. */
export async function tellCells(
  tx: Queryable,
  context: EngineContext,
  effects: LocatedEffect[],
  stirs: Stir[],
  now: number,
): Promise<void> {
  const located = effects.map((one) => ({ ...one, remote: remoteOf(one.account, one.effect) }));
  const stirring = stirs.flatMap((stir) => [...stir.account.places.keys()].map((remote) => ({ ...stir, remote })));
  const keys = new Map(
    [...located, ...stirring].map(({ account, stockKey, remote }) => [
      cellKey(account.row.id, stockKey, remote),
      { accountId: account.row.id, stockKey, remote },
    ]),
  );
  const cells = new Map<string, Cell>(
    (await lockCellsByKey(tx, [...keys.values()])).map((cell) => [
      cellKey(cell.accountId, cell.stockKey, cell.remote),
      cell,
    ]),
  );
  const writing = await attemptedCells(
    tx,
    [...cells.values()].map((cell) => cell.id),
  );
  const sellers = new Set<number>();
  for (const { account, effect, stockKey, remote, since, at } of located) {
    const cell = cells.get(cellKey(account.row.id, stockKey, remote));
    if (!cell) continue;
    const ways = manner(account.platform.facts, context.skewMs);
    const inFirstReading = cell.firstReadAt !== null && at <= cell.firstReadAt;
    // Sold before the first reading and heard of after it: the number that was read is already without it.
    if (effect.taken && inFirstReading)
      cell.shadow = { ...cell.shadow, doubt: quantity(cell.shadow.doubt + Math.abs(effect.taken)), verifyAt: now };
    else if (effect.taken)
      cell.shadow = sold(cell.shadow, { taken: effect.taken, since, at, now, writing: writing.has(cell.id) }, ways);
    cell.rights = postedRights(cell.rights, effect.taken);
    cell.untaken = quantity(cell.untaken + effect.counted - effect.taken);
    cell.returned = quantity(cell.returned + effect.returned);
    cell.postings += 1;
    sellers.add(cell.id);
    if (cell.returned < 0) {
      // The level had already shown these units and they were booked; now the order itself says where they went.
      await bookAtCell(tx, account, cell, cell.returned, 'return', 'told by the order after all', iso(now));
      cell.returned = 0;
    }
  }
  for (const { account, stockKey, remote, since, at } of stirring) {
    const cell = cells.get(cellKey(account.row.id, stockKey, remote));
    if (!cell) continue;
    cell.shadow = stirred(cell.shadow, { since, at }, manner(account.platform.facts, context.skewMs));
    // A reading that is on its way is not noted either.
    cell.postings += 1;
  }
  await saveCells(tx, [...cells.values()]);
  // What the platform took may change without the ledger moving (another moment counts, a copy): looked at all the same.
  await putDirty(
    tx,
    [...sellers].map((id) => ({ id, since: iso(now) })),
  );
}

/** The platform's place; where it is not told, the place behind which the ledger took the units. */
function remoteOf(account: Account, effect: CellEffect): string {
  if (effect.location !== null) return effect.location;
  const places = [...account.places.values()];
  const behind = places.find((place) => effect.routedTo !== null && place.locationIds.includes(effect.routedTo));
  return (behind ?? places[0])?.remote ?? '-';
}
