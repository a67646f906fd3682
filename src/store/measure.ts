import type { Queryable, Statement } from './database.ts';

const unsettled: Statement = {
  name: 'measure-unsettled',
  text: `select count(*)::int as cells from cell c where c.verify_at is not null or c.unknown_change is not null
    or (c.seen_value is not null and not exists (select 1 from drift d where d.cell_id = c.id and d.status = 'open'))`,
};
/** Cells about which something is still to be found out. */
export async function unsettledCells(db: Queryable): Promise<number> {
  return (await db.query<{ cells: number }>(unsettled))[0]!.cells;
}

const levels: Statement = {
  name: 'measure-levels',
  text: `select i.sku, lo.name as location, v.on_hand as "onHand", v.committed from level v
    join item i on i.id = v.item_id join location lo on lo.id = v.location_id order by i.sku, lo.id`,
};
/** The whole ledger, by item and location. */
export const allLevels = (db: Queryable) =>
  db.query<{ sku: string; location: string; onHand: number; committed: number }>(levels);

const heard: Statement = {
  name: 'measure-heard',
  text: `select extract(epoch from heard_at - sale_at) * 1000 as ms from document where heard_at is not null and sale_at is not null`,
};
/** From the sale to hearing of it, per document, milliseconds. */
export async function heardDelays(db: Queryable): Promise<number[]> {
  return (await db.query<{ ms: number }>(heard)).map((row) => Number(row.ms));
}

const visible: Statement = {
  name: 'measure-visible',
  text: `select extract(epoch from p.at - p.heard_at) * 1000 as ms from push p where p.result in ('applied', 'pending') and p.heard_at is not null
    and p.at >= $1::timestamptz`,
};
/** From hearing of a change to its accepted write on another channel, per write since `from`, milliseconds. */
export async function visibleDelays(db: Queryable, from: string): Promise<number[]> {
  return (await db.query<{ ms: number }>(visible, [from])).map((row) => Number(row.ms));
}

const saleToVisible: Statement = {
  name: 'measure-sale-to-visible',
  text: `select extract(epoch from max(p.at) - d.sale_at) * 1000 as ms
    from document d join (select distinct document_id, item_id from movement where document_id is not null) m on m.document_id = d.id
    join recipe r on r.item_id = m.item_id join listing l on l.id = r.listing_id and l.account_id <> d.account_id
    join cell c on c.account_id = l.account_id and c.stock_key = l.stock_key
    join lateral (select p.at from push p where p.cell_id = c.id and p.result in ('applied', 'pending')
      and p.heard_at <= d.heard_at and p.at >= d.heard_at order by p.id limit 1) p on true
    where d.sale_at is not null group by d.id`,
};
/** From the sale until the last other channel was told, per document, milliseconds. */
export async function saleToVisibleDelays(db: Queryable): Promise<number[]> {
  return (await db.query<{ ms: number }>(saleToVisible)).map((row) => Number(row.ms));
}

const pushes: Statement = { name: 'measure-pushes', text: 'select count(*)::int as pushes from push' };
export async function pushCount(db: Queryable): Promise<number> {
  return (await db.query<{ pushes: number }>(pushes))[0]!.pushes;
}

const skus: Statement = {
  name: 'measure-skus',
  text: 'select stock_key as "stockKey", sku from listing where account_id = $1 and sku is not null',
};
/** The SKU that each stock record of an account carries there. */
export const skusOfCells = (db: Queryable, accountId: number) =>
  db.query<{ stockKey: string; sku: string }>(skus, [accountId]);

const reasons: Statement = {
  name: 'measure-wish-reasons',
  text: `select a.platform || ' ' || w.reason as reason, count(*)::int as wishes, min(w.doc) as example from wish w
    join account a on a.id = w.account_id group by 1 order by 2 desc limit 5`,
};
/** Why documents are to be asked for, for people who wait for it to end. */
export const wishReasons = (db: Queryable) => db.query<{ reason: string; wishes: number; example: string }>(reasons);

const writes: Statement = {
  name: 'measure-writes-between',
  text: `select count(*) filter (where value > expect)::int as raises, count(*) filter (where value < expect)::int as falls,
    (extract(epoch from min(at) filter (where value > expect)) * 1000)::float8 as "firstRaiseAt"
    from push where at >= $1::timestamptz and at < $2::timestamptz and result in ('applied', 'pending')`,
};
/** Accepted writes in a stretch of time, by direction; times in milliseconds since 1970. */
export async function writesBetween(
  db: Queryable,
  from: number,
  to: number,
): Promise<{ raises: number; falls: number; firstRaiseAt: number | null }> {
  const range = [from, to].map((ms) => new Date(ms).toISOString());
  return (await db.query<{ raises: number; falls: number; firstRaiseAt: number | null }>(writes, range))[0]!;
}
