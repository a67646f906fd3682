import type { Queryable, Statement } from './database.ts';

export interface Attempt {
  cellId: number;
  accountId: number;
  key: string;
  mode: string;
  want: number;
  expect: number;
  epoch: number;
  sentAt: number;
  deadline: number;
  handle: string | null;
  settleAt: number | null;
  stockKey: string;
  remote: string;
}

const columns = `a.cell_id as "cellId", a.account_id as "accountId", a.key, a.mode, a.want, a.expect, a.epoch, a.sent_at as "sentAt",
  a.deadline, a.handle, a.settle_at as "settleAt", c.stock_key as "stockKey", c.remote`;

const insert: Statement = {
  name: 'attempts-insert',
  text: `insert into attempt (cell_id, account_id, key, mode, want, expect, epoch, sent_at, deadline)
    select n.cell_id, n.account_id, n.key, n.mode, n.want, n.expect, n.epoch, $8::bigint, n.deadline
    from unnest($1::int[], $2::int[], $3::text[], $4::text[], $5::numeric[], $6::numeric[], $7::bigint[], $9::bigint[])
      as n(cell_id, account_id, key, mode, want, expect, epoch, deadline) order by n.cell_id
    on conflict (cell_id) do update set key = excluded.key, mode = excluded.mode, want = excluded.want,
      expect = excluded.expect, epoch = excluded.epoch, sent_at = excluded.sent_at, deadline = excluded.deadline,
      handle = null, settle_at = null`,
};

/** Stored before the request leaves, in a transaction of its own. */
export async function insertAttempts(
  tx: Queryable,
  attempts: Pick<Attempt, 'cellId' | 'accountId' | 'key' | 'mode' | 'want' | 'expect' | 'epoch' | 'deadline'>[],
  sentAt: number,
): Promise<void> {
  if (attempts.length === 0) return;
  await tx.query(insert, [
    attempts.map((a) => a.cellId),
    attempts.map((a) => a.accountId),
    attempts.map((a) => a.key),
    attempts.map((a) => a.mode),
    attempts.map((a) => a.want),
    attempts.map((a) => a.expect),
    attempts.map((a) => a.epoch),
    Math.round(sentAt),
    attempts.map((a) => Math.round(a.deadline)),
  ]);
}

const underWay: Statement = {
  name: 'attempts-of-cells',
  text: 'select cell_id as id from attempt where cell_id = any($1::int[])',
};
/** Which of these cells have a write under way. */
export async function attemptedCells(tx: Queryable, cellIds: number[]): Promise<Set<number>> {
  if (cellIds.length === 0) return new Set();
  return new Set((await tx.query<{ id: number }>(underWay, [cellIds])).map((row) => row.id));
}

const remove: Statement = { name: 'attempts-remove', text: 'delete from attempt where cell_id = any($1::int[])' };
export async function removeAttempts(tx: Queryable, cellIds: number[]): Promise<void> {
  if (cellIds.length > 0) await tx.query(remove, [cellIds]);
}

const keep: Statement = {
  name: 'attempts-pending',
  text: `update attempt a set handle = n.handle, settle_at = n.settle_at, deadline = n.settle_at
    from unnest($1::int[], $2::text[], $3::bigint[]) as n(cell_id, handle, settle_at) where a.cell_id = n.cell_id`,
};
/** Accepted, not confirmed: asked about again at `settleAt`. */
export async function keepPending(
  tx: Queryable,
  rows: { cellId: number; handle: string | null; settleAt: number }[],
): Promise<void> {
  if (rows.length === 0) return;
  await tx.query(keep, [
    rows.map((row) => row.cellId),
    rows.map((row) => row.handle),
    rows.map((row) => Math.round(row.settleAt)),
  ]);
}

const open: Statement = {
  name: 'attempts-open',
  text: `select ${columns} from attempt a join cell c on c.id = a.cell_id where a.account_id = $1 order by a.cell_id`,
};
/** Everything under way on an account; after a takeover or restart these are unknown until their deadline. */
export const openAttempts = (db: Queryable, accountId: number) => db.query<Attempt>(open, [accountId]);

const settle: Statement = {
  name: 'writes-settle',
  text: `with ended as (
      delete from attempt a using unnest($1::int[], $8::boolean[]) as e(cell_id, ended)
      where a.cell_id = e.cell_id and e.ended),
    agreed as (
      update drift set status = 'explained', decided_at = $7::timestamptz, decided_by = 'engine'
      where cell_id = any($9::int[]) and status = 'open')
    insert into push (cell_id, value, expect, result, reason, heard_at, at)
    select n.cell_id, n.value, n.expect, n.result, n.reason, n.heard_at, $7::timestamptz
    from unnest($1::int[], $2::numeric[], $3::numeric[], $4::text[], $5::text[], $6::timestamptz[])
      as n(cell_id, value, expect, result, reason, heard_at)`,
};
/**
 * Writes whose outcome is known enter the history; the attempts of those that are `ended` are removed, and what was put
 * before a person about a cell that now `agrees` is closed.
 */
export async function settleWrites(
  tx: Queryable,
  rows: {
    cellId: number;
    value: number;
    expect: number | null;
    result: string;
    reason: string | null;
    heardAt: string | null;
    ended: boolean;
    agrees: boolean;
  }[],
  at: string,
): Promise<void> {
  if (rows.length === 0) return;
  await tx.query(settle, [
    rows.map((row) => row.cellId),
    rows.map((row) => row.value),
    rows.map((row) => row.expect),
    rows.map((row) => row.result),
    rows.map((row) => row.reason),
    rows.map((row) => row.heardAt),
    at,
    rows.map((row) => row.ended),
    rows.filter((row) => row.agrees).map((row) => row.cellId),
  ]);
}

const echoes: Statement = {
  name: 'pushes-echoes',
  text: `select h.cell_id as id from unnest($1::int[], $2::numeric[]) as h(cell_id, value)
    where h.value in (select p.value from (select value, result from push where cell_id = h.cell_id order by id desc limit 8) p
      where p.result in ('applied', 'pending', 'unknown'))`,
};
/**
 * The cells whose value is one of the last eight we wrote there. An older echo after a newer acknowledgement is not
 * foreign.
 */
export async function echoedCells(db: Queryable, hints: { cellId: number; value: number }[]): Promise<Set<number>> {
  if (hints.length === 0) return new Set();
  const rows = await db.query<{ id: number }>(echoes, [
    hints.map((hint) => hint.cellId),
    hints.map((hint) => hint.value),
  ]);
  return new Set(rows.map((row) => row.id));
}
