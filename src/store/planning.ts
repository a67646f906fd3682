import type { Draw } from '../domain/exposure.ts';
import { type Cell, cellColumns, toCell } from './cell-row.ts';
import type { Queryable, Statement } from './database.ts';

/** A cell whose number may have to change, with what its listing is made of and what the ledger has of it. */
export interface PlannedCell {
  cell: Cell;
  channelIds: number[];
  draws: Draw[];
  tracked: boolean;
  unwritable: string | null;
  active: boolean;
  /**
   * Orders moved its items lately, and nothing but orders since the cell was last written. A mapping or a place taken away
   * moves nothing, so what it does to a cell is not explained.
   */
  explained: boolean;
  /** What must travel with a write or a reading besides the stock key. */
  extra: Record<string, string> | null;
  /** A write was sent of which nothing was heard since. */
  unanswered: boolean;
  /** When the oldest unpublished change of its items was heard of; for measuring heard-to-visible. */
  since: string;
}

const take: Statement = {
  name: 'dirty-take',
  text: `with oldest as (
      select o.cell_id from unnest($1::int[]) as a(id) cross join lateral (
        select cell_id from dirty where account_id = a.id order by since, cell_id limit $2 for update skip locked) o)
    delete from dirty d using oldest o where d.cell_id = o.cell_id
    returning d.cell_id as id, d.account_id as "accountId", d.since`,
};

/** Takes marks off, at most `limit` of each account; a posting that comes later marks again, so nothing between is lost. */
export function takeDirty(
  db: Queryable,
  accountIds: number[],
  limit: number,
): Promise<{ id: number; accountId: number; since: string }[]> {
  return db.query(take, [accountIds, limit]);
}

const put: Statement = {
  name: 'dirty-put',
  text: `insert into dirty (cell_id, account_id, since)
    select n.cell_id, c.account_id, n.since from unnest($1::int[], $2::timestamptz[]) as n(cell_id, since)
    join cell c on c.id = n.cell_id order by n.cell_id on conflict (cell_id) do update set since = least(dirty.since, excluded.since)`,
};

/** Puts marks back (held, deferred, failed). */
export async function putDirty(db: Queryable, marks: { id: number; since: string }[]): Promise<void> {
  if (marks.length === 0) return;
  const unique = [...new Map(marks.map((mark) => [mark.id, mark])).values()];
  await db.query(put, [unique.map((mark) => mark.id), unique.map((mark) => mark.since)]);
}

const markAll: Statement = {
  name: 'dirty-mark-account',
  text: `insert into dirty (cell_id, account_id, since) select id, account_id, $2::timestamptz from cell
    where account_id = $1 order by id on conflict (cell_id) do nothing`,
};
export async function markAccountDirty(db: Queryable, accountId: number, at: string): Promise<void> {
  await db.query(markAll, [accountId, at]);
}

const details: Statement = {
  name: 'cells-plan',
  text: `select ${cellColumns}, coalesce(p.active, false) as active, l.tracked, l.unwritable, l.channel_ids as "channelIds",
      d.draws, coalesce(w.explained, false) as explained, l.extra,
      exists (select 1 from attempt a where a.cell_id = c.id and a.handle is null) as unanswered
    from cell c
    left join place p on p.account_id = c.account_id and p.remote = c.remote
    left join lateral (
      select min(x.id) filter (where exists (select 1 from recipe r where r.listing_id = x.id)) as listing_id,
        bool_and(x.tracked) as tracked, min(x.unwritable) as unwritable,
        (array_agg(x.extra order by x.id) filter (where x.extra is not null))[1] as extra,
        (select array_agg(ch.id order by ch.id) from channel ch where ch.account_id = c.account_id and ch.role <> 'keeps') as channel_ids
      from listing x where x.account_id = c.account_id and x.stock_key = c.stock_key and x.retired_at is null) l on true
    left join lateral (
      select jsonb_agg(jsonb_build_object('item', r.item_id, 'num', r.num, 'den', r.den, 'available',
          coalesce((select sum(v.on_hand - v.committed) from level v join location lo on lo.id = v.location_id and lo.sellable
            where v.item_id = r.item_id and v.location_id = any(p.location_ids)), 0)) order by r.item_id) as draws
      from recipe r where r.listing_id = l.listing_id) d on true
    left join lateral (
      select coalesce(bool_or(o.at > w.at - interval '10 minutes'), false) and not coalesce(bool_or(b.at > w.at), false) as explained
      from recipe r
      cross join (select coalesce(to_timestamp(coalesce(c.write_effective_by, c.first_read_at) / 1000.0), '-infinity'::timestamptz) as at) w
      left join lateral (select m.at from movement m where m.item_id = r.item_id and m.document_id is not null order by m.id desc limit 1) o on true
      left join lateral (select m.at from movement m where m.item_id = r.item_id and m.document_id is null order by m.id desc limit 1) b on true
      where r.listing_id = l.listing_id) w on true
    where c.id = any($1::int[]) order by c.id`,
};

type Row = Parameters<typeof toCell>[0] & {
  active: boolean;
  tracked: boolean | null;
  unwritable: string | null;
  channelIds: number[] | null;
  draws: Draw[] | null;
  explained: boolean;
  extra: Record<string, string> | null;
  unanswered: boolean;
};

/** The same instant's view of cells and levels: read after the marks were taken off. */
export async function planCells(db: Queryable, marks: { id: number; since: string }[]): Promise<PlannedCell[]> {
  if (marks.length === 0) return [];
  const since = new Map(marks.map((mark) => [mark.id, mark.since]));
  const rows = await db.query<Row>(details, [marks.map((mark) => mark.id)]);
  return rows.map((row) => ({
    cell: toCell(row),
    channelIds: row.channelIds ?? [],
    draws: row.draws ?? [],
    tracked: row.tracked ?? false,
    unwritable: row.unwritable,
    active: row.active,
    explained: row.explained,
    extra: row.extra,
    unanswered: row.unanswered,
    since: since.get(row.id)!,
  }));
}

const extraOf = `(select x.extra from listing x
  where x.account_id = c.account_id and x.stock_key = c.stock_key and x.extra is not null order by x.id limit 1)`;

const verify: Statement = {
  name: 'cells-to-read',
  text: `select ${cellColumns}, ${extraOf} as extra from cell c where c.id in (
      select v.id from cell v where v.account_id = $1 and v.verify_at <= $2::bigint
      union all select n.id from cell n where n.account_id = $1 and n.shown is null and n.aside_code is null)
    and not exists (select 1 from attempt a where a.cell_id = c.id and a.deadline > $2::bigint)
    order by c.verify_at nulls last, c.id limit $3`,
};
/** Cells whose reading would tell something: never read, or doubted since. */
export async function cellsToRead(
  db: Queryable,
  accountId: number,
  now: number,
  limit: number,
): Promise<{ cell: Cell; extra: Record<string, string> | null }[]> {
  const rows = await db.query<Row>(verify, [accountId, Math.round(now), limit]);
  return rows.map((row) => ({ cell: toCell(row), extra: row.extra }));
}

const seen: Statement = {
  name: 'cells-to-judge',
  text: `select c.id from cell c where c.account_id = $1 and c.seen_at is not null and c.seen_at <= $2::bigint
    and not exists (select 1 from drift d where d.cell_id = c.id and d.status = 'open' and d.units = c.seen_value - c.shown)
    order by c.id limit $3`,
};
/** Cells with a reading that disagrees, old enough to be judged, and not already put before a person. */
export async function cellsToJudge(db: Queryable, accountId: number, heardUpTo: number, limit: number) {
  return (await db.query<{ id: number }>(seen, [accountId, Math.round(heardUpTo), limit])).map((row) => row.id);
}

const looks: Statement = {
  name: 'audit-looks',
  text: `select exists (select 1 from attempt where account_id = $1) as attempts,
      exists (select 1 from cell where account_id = $1 and verify_at <= $2::bigint)
        or exists (select 1 from cell where account_id = $1 and shown is null and aside_code is null) as readings,
      exists (select 1 from cell where account_id = $1 and seen_at is not null) as seen,
      exists (select 1 from cell where account_id = $1 and aside_code is not null and retry_at <= $2::bigint) as aside`,
};
/** What there may be to do for the audit of an account; most of the time nothing, so it is asked for at once. */
export async function auditLooks(
  db: Queryable,
  accountId: number,
  now: number,
): Promise<{ attempts: boolean; readings: boolean; seen: boolean; aside: boolean }> {
  return (await db.query<Awaited<ReturnType<typeof auditLooks>>>(looks, [accountId, Math.round(now)]))[0]!;
}

const asideDue: Statement = {
  name: 'cells-aside-due',
  text: `select id from cell where account_id = $1 and aside_code is not null and retry_at <= $2::bigint limit $3`,
};
export async function cellsAsideDue(db: Queryable, accountId: number, now: number, limit: number) {
  return (await db.query<{ id: number }>(asideDue, [accountId, Math.round(now), limit])).map((row) => row.id);
}

const shownStatement: Statement = {
  name: 'account-shown',
  text: `select count(*)::int as cells, coalesce(sum(greatest(shown, 0)), 0) as units from cell where account_id = $1 and shown is not null`,
};
/** Size of what the guard measures a plan against. */
export async function accountShown(db: Queryable, accountId: number): Promise<{ cells: number; units: number }> {
  return (await db.query<{ cells: number; units: number }>(shownStatement, [accountId]))[0]!;
}

const ofItem: Statement = {
  name: 'cells-of-item',
  text: `select distinct c.id from recipe r join listing l on l.id = r.listing_id and l.retired_at is null
    join cell c on c.account_id = l.account_id and c.stock_key = l.stock_key where r.item_id = $1 order by c.id`,
};
/** Every cell that draws on an item. */
export async function cellsOfItem(db: Queryable, itemId: number): Promise<number[]> {
  return (await db.query<{ id: number }>(ofItem, [itemId])).map((row) => row.id);
}

const waiting: Statement = {
  name: 'cells-waiting',
  text: `select (select count(*) from dirty where account_id = $1)::int + (select count(*) from attempt where account_id = $1)::int as count`,
};
/** Cells of an account that are to be told something, or of which an answer is awaited. */
export async function waitingCells(db: Queryable, accountId: number): Promise<number> {
  return (await db.query<{ count: number }>(waiting, [accountId]))[0]!.count;
}

const page: Statement = {
  name: 'cells-page',
  text: 'select id from cell where account_id = $1 and id > $2 order by id limit $3',
};
/** Ids of an account's cells after `after`, page by page. */
export async function takeableCells(db: Queryable, accountId: number, after: number, limit: number): Promise<number[]> {
  return (await db.query<{ id: number }>(page, [accountId, after, limit])).map((row) => row.id);
}
