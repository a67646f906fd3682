import type { Queryable, Statement } from './database.ts';

const insert: Statement = {
  name: 'hold-insert',
  text: `insert into hold (item_id, location_id, quantity, owner, note, until, created_at)
    values ($1, $2, $3, $4, $5, $6, $7) returning id`,
};
export async function insertHold(
  tx: Queryable,
  hold: {
    itemId: number;
    locationId: number;
    quantity: number;
    owner: string;
    note: string | null;
    until: string | null;
    at: string;
  },
): Promise<number> {
  const values = [hold.itemId, hold.locationId, hold.quantity, hold.owner, hold.note, hold.until, hold.at];
  return (await tx.query<{ id: number }>(insert, values))[0]!.id;
}

const release: Statement = {
  name: 'hold-release',
  text: `update hold set released_at = $2::timestamptz where id = $1 and released_at is null
    returning item_id as "itemId", location_id as "locationId", quantity`,
};
export async function releaseHold(tx: Queryable, id: number, at: string) {
  return (await tx.query<{ itemId: number; locationId: number; quantity: number }>(release, [id, at]))[0];
}

const expired: Statement = {
  name: 'holds-expired',
  text: 'select id from hold where released_at is null and until <= $1::timestamptz order by id limit 500',
};
/** Holds whose end has come. */
export async function expiredHolds(db: Queryable, now: string): Promise<number[]> {
  return (await db.query<{ id: number }>(expired, [now])).map((row) => row.id);
}
