import type { Queryable, Statement } from './database.ts';

const first: Statement = {
  name: 'remote-movement-first',
  text: `insert into remote_movement (account_id, ref, at) values ($1, $2, $3) on conflict do nothing returning 1 as first`,
};
/** true the first time a movement of an exact feed is told; feeds tell twice around a lost cursor. */
export async function firstOfMovement(tx: Queryable, accountId: number, ref: string, at: string): Promise<boolean> {
  return (await tx.query(first, [accountId, ref, at])).length > 0;
}
