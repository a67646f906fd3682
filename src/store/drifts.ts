import type { Queryable, Statement } from './database.ts';

export interface DriftRow {
  id: number;
  cellId: number;
  accountId: number;
  stockKey: string;
  remote: string;
  units: number;
  seen: number;
  believed: number;
  cause: string;
  status: string;
  at: string;
}

const insert: Statement = {
  name: 'drift-insert',
  text: `insert into drift (cell_id, units, seen, believed, cause, status, at, decided_at, decided_by)
    values ($1, $2, $3, $4, $5, $6::text, $7::timestamptz, case when $6::text = 'open' then null else $7::timestamptz end, $8)`,
};
export async function insertDrift(
  tx: Queryable,
  drift: {
    cellId: number;
    units: number;
    seen: number;
    believed: number;
    cause: string;
    status: string;
    by: string | null;
  },
  at: string,
): Promise<void> {
  await tx.query(insert, [
    drift.cellId,
    drift.units,
    drift.seen,
    drift.believed,
    drift.cause,
    drift.status,
    at,
    drift.by,
  ]);
}

const close: Statement = {
  name: 'drifts-close',
  text: `update drift set status = $2, decided_at = $3::timestamptz, decided_by = $4 where cell_id = any($1::int[]) and status = 'open'`,
};
export async function closeDrifts(
  tx: Queryable,
  cellIds: number[],
  status: 'explained' | 'ledger' | 'channel',
  at: string,
  by: string,
): Promise<void> {
  if (cellIds.length > 0) await tx.query(close, [cellIds, status, at, by]);
}

const open: Statement = {
  name: 'drifts-open',
  text: `select d.id, d.cell_id as "cellId", c.account_id as "accountId", c.stock_key as "stockKey", c.remote, d.units, d.seen,
      d.believed, d.cause, d.status, d.at
    from drift d join cell c on c.id = d.cell_id where d.status = 'open' order by d.id limit $1`,
};
export const openDrifts = (db: Queryable, limit: number) => db.query<DriftRow>(open, [limit]);
