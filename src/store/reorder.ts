import type { ReorderRule } from '../domain/reorder.ts';
import type { Queryable, Statement } from './database.ts';

/** What computed levels rest on. */
export interface ReorderBasis {
  mean: number;
  deviation: number;
  /** Whole days of sales that were looked at. */
  days: number;
  safetyStock: number;
}

export interface ReorderRow {
  item: number;
  sku: string;
  title: string;
  location: number;
  locationName: string;
  onHand: number;
  committed: number;
  point: number;
  upTo: number;
  rule: ReorderRule | null;
  basis: ReorderBasis | null;
  computedAt: string | null;
  lowSince: string | null;
}

interface NewReorder {
  item: number;
  location: number;
  point: number;
  upTo: number;
  rule: ReorderRule | null;
  basis: ReorderBasis | null;
  by: string;
}

const save: Statement = {
  name: 'reorder-save',
  text: `insert into reorder (item_id, location_id, point, up_to, rule, basis, computed_at, set_at, set_by)
    values ($1, $2, $3, $4, $5::jsonb, $6::jsonb, case when $5::jsonb is null then null else $7::timestamptz end, $7::timestamptz, $8)
    on conflict (item_id, location_id) do update set point = excluded.point, up_to = excluded.up_to, rule = excluded.rule,
      basis = excluded.basis, computed_at = excluded.computed_at, set_at = excluded.set_at, set_by = excluded.set_by`,
};
/** Sets the levels of an item at a location; whether it is low is looked at afterwards. */
export async function saveReorder(db: Queryable, row: NewReorder, at: string): Promise<void> {
  const json = (value: unknown) => (value === null ? null : JSON.stringify(value));
  await db.query(save, [row.item, row.location, row.point, row.upTo, json(row.rule), json(row.basis), at, row.by]);
}

const remove: Statement = {
  name: 'reorder-delete',
  text: 'delete from reorder where item_id = $1 and location_id = $2 returning item_id',
};
/** @returns false when there was none */
export async function deleteReorder(db: Queryable, item: number, location: number): Promise<boolean> {
  return (await db.query(remove, [item, location])).length > 0;
}

const columns = `r.item_id as item, i.sku, i.title, r.location_id as location, o.name as "locationName",
    coalesce(v.on_hand, 0) as "onHand", coalesce(v.committed, 0) as committed, r.point, r.up_to as "upTo", r.rule, r.basis,
    r.computed_at as "computedAt", r.low_since as "lowSince"
  from reorder r join item i on i.id = r.item_id join location o on o.id = r.location_id
  left join level v on v.item_id = r.item_id and v.location_id = r.location_id`;

const list: Statement = {
  name: 'reorder-list',
  text: `select ${columns}
    where ($1::int is null or r.location_id = $1) and (not $2 or coalesce(v.on_hand - v.committed, 0) <= r.point)
    order by i.sku, o.name limit $3`,
};
/** Items with a reorder point, by SKU: at one location or all, all of them or what is low. */
export const reorderRows = (db: Queryable, location: number | null, low: boolean, limit: number) =>
  db.query<ReorderRow>(list, [location, low, limit]);

const ofItems: Statement = {
  name: 'reorder-of-items',
  text: `select ${columns} where r.item_id = any($1::int[]) order by i.sku, o.name`,
};
export const reorderRowsOf = (db: Queryable, items: number[]) => db.query<ReorderRow>(ofItems, [items]);

const stale: Statement = {
  name: 'reorder-stale',
  text: 'select item_id as item, location_id as location, rule from reorder where rule is not null and computed_at < $1::timestamptz limit $2',
};
/** Computed levels that are older than an instant. */
export const staleReorders = (db: Queryable, before: string, limit: number) =>
  db.query<{ item: number; location: number; rule: ReorderRule }>(stale, [before, limit]);

const recompute: Statement = {
  name: 'reorder-recompute',
  text: `update reorder r set point = coalesce(n.point, r.point), up_to = coalesce(n.up_to, r.up_to),
      basis = coalesce(n.basis::jsonb, r.basis), computed_at = $7::timestamptz
    from unnest($1::int[], $2::int[], $3::numeric[], $4::numeric[], $5::text[], $6::text[])
      as n(item_id, location_id, point, up_to, basis, rule)
    where r.item_id = n.item_id and r.location_id = n.location_id and r.rule = n.rule::jsonb`,
};
/** New levels from newer sales, unless a person has set them otherwise meanwhile; null keeps the old ones for another day. */
export async function saveRecomputed(
  db: Queryable,
  rows: {
    item: number;
    location: number;
    rule: ReorderRule;
    levels: { point: number; upTo: number; basis: ReorderBasis } | null;
  }[],
  at: string,
): Promise<void> {
  await db.query(recompute, [
    rows.map((row) => row.item),
    rows.map((row) => row.location),
    rows.map((row) => row.levels?.point ?? null),
    rows.map((row) => row.levels?.upTo ?? null),
    rows.map((row) => (row.levels ? JSON.stringify(row.levels.basis) : null)),
    rows.map((row) => JSON.stringify(row.rule)),
    at,
  ]);
}

const sold: Statement = {
  name: 'reorder-sold',
  text: `select k.item_id as item, k.location_id as location, (d.sale_at at time zone 'UTC')::date - ($3::timestamptz at time zone 'UTC')::date as day,
      sum(m.committed - m.on_hand) as units
    from unnest($1::int[], $2::int[]) as k(item_id, location_id)
    join movement m on m.item_id = k.item_id and m.location_id = k.location_id and m.document_id is not null and m.at >= $3::timestamptz
    join document d on d.id = m.document_id and d.sale_at >= $3::timestamptz and d.sale_at < $4::timestamptz
    group by 1, 2, 3`,
};
/**
 * Units sold by UTC day of their sale (day 0 is that of `since`), net: what was cancelled or came back to the shelf takes
 * off the day it was sold on. Promising and shipping one unit are one sale: only what became unavailable counts.
 */
export const soldByDay = (db: Queryable, keys: { item: number; location: number }[], since: string, until: string) =>
  db.query<{ item: number; location: number; day: number; units: number }>(sold, [
    keys.map((key) => key.item),
    keys.map((key) => key.location),
    since,
    until,
  ]);
