import type { Queryable, Statement } from './database.ts';

const mappable: Statement = {
  name: 'documents-mappable',
  text: `select d.doc from document d
    where d.account_id = $1 and d.unmapped <> '{}' and d.doc > $2 and exists (select 1 from listing l
      where l.account_id = d.account_id and l.key = any(d.unmapped) and exists (select 1 from recipe r where r.listing_id = l.id))
    order by d.doc limit $3`,
};
/** Documents that still wait for a mapping which has been made meanwhile, after `after`, in order. */
export async function mappableDocuments(db: Queryable, accountId: number, after: string, limit: number) {
  return (await db.query<{ doc: string }>(mappable, [accountId, after, limit])).map((row) => row.doc);
}

const waiting: Statement = {
  name: 'listings-waited-for',
  text: `select u.key, min(x.sku) as sku, bool_or(l.id is not null) as known
    from document d cross join lateral unnest(d.unmapped) as u(key)
    left join listing l on l.account_id = d.account_id and l.key = u.key
    left join lateral (select line ->> 'sku' as sku from jsonb_array_elements(d.state -> 'lines') as line
      where line ->> 'listing' = u.key limit 1) x on true
    where d.account_id = $1 and d.unmapped <> '{}' group by u.key order by u.key limit 10000`,
};
/** What the account's documents sell and is not mapped. `known`: there is such a listing; `sku` as a line printed it. */
export function listingsWaitedFor(
  db: Queryable,
  accountId: number,
): Promise<{ key: string; sku: string | null; known: boolean }[]> {
  return db.query(waiting, [accountId]);
}
