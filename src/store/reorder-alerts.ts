import type { Queryable, Statement } from './database.ts';

const crossed: Statement = {
  name: 'reorder-crossed',
  text: `select r.item_id as item, r.location_id as location, r.low_since is null as low
    from reorder r left join level v on v.item_id = r.item_id and v.location_id = r.location_id
    where (coalesce(v.on_hand - v.committed, 0) <= r.point) <> (r.low_since is not null)
    order by r.item_id, r.location_id limit $1 for update of r skip locked`,
};
/** Items that fell to their point since they were looked at last, or rose above it; locked, each for one process. */
export const crossedReorders = (tx: Queryable, limit: number) =>
  tx.query<{ item: number; location: number; low: boolean }>(crossed, [limit]);

const mark: Statement = {
  name: 'reorder-mark',
  text: `update reorder r set low_since = case when n.low then $4::timestamptz end
    from unnest($1::int[], $2::int[], $3::boolean[]) as n(item_id, location_id, low)
    where r.item_id = n.item_id and r.location_id = n.location_id`,
};
export async function markReorders(
  tx: Queryable,
  rows: { item: number; location: number; low: boolean }[],
  at: string,
): Promise<void> {
  await tx.query(mark, [rows.map((row) => row.item), rows.map((row) => row.location), rows.map((row) => row.low), at]);
}

const some: Statement = { name: 'reorder-some', text: 'select exists (select 1 from reorder) as some' };
export const anyReorder = async (db: Queryable): Promise<boolean> => (await db.query<{ some: boolean }>(some))[0]!.some;

const insert: Statement = {
  name: 'reorder-alert-insert',
  text: `insert into reorder_alert (message, item_id, location_id, at, due_at)
    select n.message, n.item_id, n.location_id, $4::timestamptz, $5::bigint
    from unnest($1::uuid[], $2::int[], $3::int[]) as n(message, item_id, location_id)`,
};
/** `message`: the id a receiver knows repeated attempts by. */
export async function insertAlerts(
  tx: Queryable,
  rows: { message: string; item: number; location: number }[],
  now: number,
): Promise<void> {
  if (rows.length === 0) return;
  await tx.query(insert, [
    rows.map((row) => row.message),
    rows.map((row) => row.item),
    rows.map((row) => row.location),
    new Date(now).toISOString(),
    Math.round(now),
  ]);
}

export interface AlertRow {
  id: number;
  message: string;
  tries: number;
  at: string;
  sku: string;
  title: string;
  location: string;
  available: number;
  point: number | null;
  upTo: number | null;
  /** It is still low; an alert that is late and no longer true is not sent. */
  low: boolean;
}

const claim: Statement = {
  name: 'reorder-alert-claim',
  text: `with due as (select id from reorder_alert where due_at <= $1::bigint order by due_at, id limit $3 for update skip locked),
      mine as (update reorder_alert a set due_at = $2::bigint from due where a.id = due.id returning a.*)
    select a.id, a.message, a.tries, a.at, i.sku, i.title, o.name as location,
      coalesce(v.on_hand - v.committed, 0) as available, r.point, r.up_to as "upTo", r.low_since is not null as low
    from mine a join item i on i.id = a.item_id join location o on o.id = a.location_id
    left join level v on v.item_id = a.item_id and v.location_id = a.location_id
    left join reorder r on r.item_id = a.item_id and r.location_id = a.location_id order by a.id`,
};
/** Alerts that are due, each for one process: whoever takes them has until `until` to say what became of them. */
export const claimAlerts = (db: Queryable, now: number, until: number, limit: number) =>
  db.query<AlertRow>(claim, [Math.round(now), Math.round(until), limit]);

const settle: Statement = {
  name: 'reorder-alert-settle',
  text: `update reorder_alert set due_at = $2::bigint, sent_at = $3::timestamptz, failed = $4, tries = tries + 1 where id = $1`,
};
/** Sent (`sentAt`), to be tried again (`dueAt`), or given up (neither). */
export async function settleAlert(
  db: Queryable,
  id: number,
  outcome: { dueAt: number | null; sentAt: string | null; failed: string | null },
): Promise<void> {
  await db.query(settle, [
    id,
    outcome.dueAt === null ? null : Math.round(outcome.dueAt),
    outcome.sentAt,
    outcome.failed,
  ]);
}

const drop: Statement = { name: 'reorder-alert-drop', text: 'delete from reorder_alert where id = any($1::bigint[])' };
export async function dropAlerts(db: Queryable, ids: number[]): Promise<void> {
  if (ids.length > 0) await db.query(drop, [ids]);
}

const nextDue: Statement = { name: 'reorder-alert-next', text: 'select min(due_at) as due from reorder_alert' };
export const nextAlertDue = async (db: Queryable): Promise<number | null> =>
  (await db.query<{ due: number | null }>(nextDue))[0]!.due;

const saveOne: Statement = {
  name: 'reorder-receiver-save',
  text: `insert into reorder_receiver (id, sealed, set_at, set_by) values (1, $1, $2::timestamptz, $3)
    on conflict (id) do update set sealed = excluded.sealed, set_at = excluded.set_at, set_by = excluded.set_by`,
};
/** undefined: nobody is told any more, and what was on its way is forgotten. */
export async function saveReceiver(tx: Queryable, sealed: Buffer | undefined, at: string, by: string): Promise<void> {
  if (sealed) await tx.query(saveOne, [sealed, at, by]);
  else {
    await tx.query({ name: 'reorder-receiver-delete', text: 'delete from reorder_receiver' });
    await tx.query({ name: 'reorder-alerts-forget', text: 'delete from reorder_alert where due_at is not null' });
  }
}

const load: Statement = { name: 'reorder-receiver', text: 'select sealed from reorder_receiver' };
export const loadReceiver = async (db: Queryable): Promise<Buffer | undefined> =>
  (await db.query<{ sealed: Buffer }>(load))[0]?.sealed;
