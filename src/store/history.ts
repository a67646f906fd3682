import type { Queryable, Statement } from './database.ts';

export interface HistoryRow {
  kind: 'movement' | 'push' | 'drift';
  at: string;
  location: number | null;
  accountId: number | null;
  onHand: number | null;
  committed: number | null;
  value: number | null;
  expect: number | null;
  reason: string;
  ref: string | null;
  note: string | null;
  by: string | null;
}

const timeline: Statement = {
  name: 'history-timeline',
  text: `with cells as (
      select distinct c.id, c.account_id, c.remote from recipe r join listing l on l.id = r.listing_id
      join cell c on c.account_id = l.account_id and c.stock_key = l.stock_key where r.item_id = $1)
    select * from (
      select 'movement' as kind, m.at, m.location_id as location, d.account_id as "accountId", m.on_hand as "onHand", m.committed,
        null::numeric as value, null::numeric as expect, m.reason, m.ref, m.note, m.by, m.id
      from movement m left join document d on d.id = m.document_id where m.item_id = $1
      union all
      select 'push', p.at, null, c.account_id, null, null, p.value, p.expect, p.result, c.remote, p.reason, null, p.id
      from push p join cells c on c.id = p.cell_id
      union all
      select 'drift', d.at, null, c.account_id, null, null, d.seen, d.believed, d.cause, c.remote, d.status, d.decided_by, d.id
      from drift d join cells c on c.id = d.cell_id) h
    order by at desc, kind, id desc limit $2`,
};
/** Everything that happened to an item, newest first. */
export const itemTimeline = (db: Queryable, itemId: number, limit: number) =>
  db.query<HistoryRow>(timeline, [itemId, limit]);

const levelsAt: Statement = {
  name: 'history-levels-at',
  text: `select m.location_id as location, sum(m.on_hand) as "onHand", sum(m.committed) as committed
    from movement m where m.item_id = $1 and m.at <= $2::timestamptz group by m.location_id order by m.location_id`,
};
/** The item's levels as they were at an instant: the sum of its movements up to then. */
export const levelsAtTime = (db: Queryable, itemId: number, at: string) =>
  db.query<{ location: number; onHand: number; committed: number }>(levelsAt, [itemId, at]);

const audit: Statement = {
  name: 'history-ledger-audit',
  text: `select coalesce(v.item_id, m.item_id) as item, coalesce(v.location_id, m.location_id) as location
    from level v full join (select item_id, location_id, sum(on_hand) as on_hand, sum(committed) as committed from movement
      group by item_id, location_id) m on m.item_id = v.item_id and m.location_id = v.location_id
    where coalesce(v.on_hand, 0) <> coalesce(m.on_hand, 0) or coalesce(v.committed, 0) <> coalesce(m.committed, 0)`,
};
/** Levels that are not the sum of their movements: must always be empty (I1). */
export const levelsOff = (db: Queryable) => db.query<{ item: number; location: number }>(audit);
