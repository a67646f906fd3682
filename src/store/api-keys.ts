import type { Queryable, Statement } from './database.ts';

const insert: Statement = {
  name: 'api-key-insert',
  text: 'insert into api_key (name, hash, scopes, created_at) values ($1, $2, $3::text[], $4)',
};
export async function insertKey(
  db: Queryable,
  key: { name: string; hash: Buffer; scopes: string[]; at: string },
): Promise<void> {
  await db.query(insert, [key.name, key.hash, key.scopes, key.at]);
}

const find: Statement = {
  name: 'api-key-find',
  text: 'select name, scopes from api_key where hash = $1 and revoked_at is null',
};
export async function findKey(db: Queryable, hash: Buffer) {
  return (await db.query<{ name: string; scopes: string[] }>(find, [hash]))[0];
}
