import type { Queryable, Statement } from './database.ts';

export interface StockRow {
  id: number;
  sku: string;
  title: string;
  levels: { location: number; onHand: number; committed: number; changedAt: string }[];
  cells: {
    cellId: number;
    accountId: number;
    remote: string;
    shown: number | null;
    seen: number | null;
    aside: string | null;
    dirty: boolean;
    /** When the number was last written or read, ISO 8601. */
    at: string | null;
  }[];
}

const stockColumns = `select i.id, i.sku, i.title,
      coalesce((select jsonb_agg(jsonb_build_object('location', v.location_id, 'onHand', v.on_hand, 'committed', v.committed,
        'changedAt', v.changed_at) order by v.location_id) from level v where v.item_id = i.id), '[]') as levels,
      coalesce((select jsonb_agg(jsonb_build_object('cellId', c.id, 'accountId', c.account_id, 'remote', c.remote, 'shown', c.shown,
          'seen', c.seen_value, 'aside', c.aside_reason, 'dirty', exists (select 1 from dirty d where d.cell_id = c.id),
          'at', to_timestamp(greatest(c.read_at, c.write_effective_by) / 1000.0)) order by c.account_id, c.id)
        from recipe r join listing l on l.id = r.listing_id and l.retired_at is null
        join cell c on c.account_id = l.account_id and c.stock_key = l.stock_key where r.item_id = i.id), '[]') as cells`;

const stock: Statement = {
  name: 'overview-stock',
  text: `${stockColumns}
    from item i where ($1 = '' or i.sku ilike '%' || $1 || '%' or i.title ilike '%' || $1 || '%') and i.sku > $2
    order by i.sku limit $3`,
};
/** Items whose SKU or title contains `search`, after the SKU `after`, with every level and every cell. */
export const stockRows = (db: Queryable, search: string, after: string, limit: number) =>
  db.query<StockRow>(stock, [search.replace(/[\\%_]/g, '\\$&'), after, limit]);

/** Movements looked through for what moved lately: enough for a page, whatever the ledger's length. */
const MOVED_WITHIN = 1_000;

const stockMoved: Statement = {
  name: 'overview-stock-moved',
  text: `${stockColumns}
    from (select item_id, max(id) as last from (select item_id, id from movement order by id desc limit ${MOVED_WITHIN}) m
      group by item_id order by last desc limit $1) latest
    join item i on i.id = latest.item_id order by latest.last desc`,
};
/** Items that moved last, newest first, among the last thousand movements. */
export const stockRowsMoved = (db: Queryable, limit: number) => db.query<StockRow>(stockMoved, [limit]);

const skus: Statement = {
  name: 'overview-skus',
  text: 'select id, sku from item where id = any($1::int[])',
};
export const skusOfItems = (db: Queryable, ids: number[]) => db.query<{ id: number; sku: string }>(skus, [ids]);

const counts: Statement = {
  name: 'overview-counts',
  text: `select (select count(*)::int from item) as items, (select count(*)::int from dirty) as waiting,
    (select count(*)::int from delivery where status = 'new') as inbox,
    (select count(*)::int from delivery where status = 'aside') as aside,
    (select count(*)::int from document where unmapped <> '{}') as unmapped,
    (select count(*)::int from attempt) as attempts, (select count(*)::int from wish) as fetches`,
};
export async function storeCounts(db: Queryable) {
  return (
    await db.query<{
      items: number;
      waiting: number;
      inbox: number;
      aside: number;
      unmapped: number;
      attempts: number;
      fetches: number;
    }>(counts)
  )[0]!;
}

const sales: Statement = {
  name: 'overview-sales',
  text: `select d.id, d.account_id as "accountId", d.doc, d.channel_id as "channelId", d.state->>'state' as state, d.copy_of as "copyOf",
      d.sale_at as "saleAt", d.heard_at as "heardAt", d.applied_at as "appliedAt",
      coalesce((select jsonb_agg(jsonb_build_object('sku', i.sku, 'onHand', m.on_hand, 'committed', m.committed))
        from (select item_id, sum(on_hand) as on_hand, sum(committed) as committed from movement where document_id = d.id group by item_id) m
        join item i on i.id = m.item_id), '[]') as lines
    from document d where d.applied_at is not null and ($2 = '' or d.doc ilike '%' || $2 || '%')
    order by d.applied_at desc limit $1`,
};
export const lastSales = (db: Queryable, limit: number, search: string) =>
  db.query<{
    id: number;
    accountId: number;
    doc: string;
    channelId: number | null;
    state: string | null;
    copyOf: string | null;
    saleAt: string;
    heardAt: string;
    appliedAt: number;
    lines: { sku: string; onHand: number; committed: number }[];
  }>(sales, [limit, search.replace(/[\\%_]/g, '\\$&')]);

const aside: Statement = {
  name: 'overview-cells-aside',
  text: `select c.account_id as "accountId", c.stock_key as "stockKey", c.remote, c.aside_code as code, c.aside_reason as reason, c.aside_at as at
    from cell c where c.aside_code is not null order by c.aside_at desc limit $1`,
};
/** Cells the platform will not take, each with its reason. */
export const cellsAside = (db: Queryable, limit: number) =>
  db.query<{ accountId: number; stockKey: string; remote: string; code: string; reason: string; at: string }>(aside, [
    limit,
  ]);

const deliveriesAside: Statement = {
  name: 'overview-deliveries-aside',
  text: `select id, account_id as "accountId", topic, reason, received_at as "receivedAt" from delivery where status = 'aside'
    order by id desc limit $1`,
};
/** Deliveries that were authentic and could not be understood or posted. */
export const deliveriesAsideRows = (db: Queryable, limit: number) =>
  db.query<{ id: number; accountId: number; topic: string; reason: string; receivedAt: string }>(deliveriesAside, [
    limit,
  ]);
