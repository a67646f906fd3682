import type { Rights } from '../domain/rights.ts';
import type { Shadow } from '../domain/shadow.ts';
import type { Queryable, Statement } from './database.ts';

/** One platform stock record with everything the engine believes of it. */
export interface Cell {
  id: number;
  accountId: number;
  stockKey: string;
  remote: string;
  shadow: Shadow;
  rights: Rights;
  untaken: number;
  returned: number;
  postings: number;
  version: string | null;
  aside: { code: string; reason: string; at: string; retryAt: number | null } | null;
  tries: number;
  /** When its number was read for the first time: what was sold before is in it, heard of or not. */
  firstReadAt: number | null;
  readAt: number | null;
}

interface CellRow {
  id: number;
  account_id: number;
  stock_key: string;
  remote: string;
  shown: number | null;
  seen_value: number | null;
  seen_at: number | null;
  seen_clean: boolean;
  doubt: number;
  verify_at: number | null;
  write_value: number | null;
  write_effective_by: number | null;
  unknown_change: number | null;
  rights: number;
  rights_pending_value: number | null;
  rights_pending_at: number | null;
  untaken: number;
  returned: number;
  postings: number;
  version: string | null;
  aside_code: string | null;
  aside_reason: string | null;
  aside_at: string | null;
  retry_at: number | null;
  tries: number;
  first_read_at: number | null;
  read_at: number | null;
}

export function toCell(row: CellRow): Cell {
  return {
    id: row.id,
    accountId: row.account_id,
    stockKey: row.stock_key,
    remote: row.remote,
    shadow: {
      shown: row.shown,
      seen:
        row.seen_value === null || row.seen_at === null
          ? null
          : { value: row.seen_value, at: row.seen_at, clean: row.seen_clean },
      doubt: row.doubt,
      verifyAt: row.verify_at,
      lastWrite:
        row.write_value === null || row.write_effective_by === null
          ? null
          : { value: row.write_value, effectiveBy: row.write_effective_by },
      unknown: row.unknown_change,
    },
    rights: {
      held: row.rights,
      pending:
        row.rights_pending_value === null || row.rights_pending_at === null
          ? null
          : { value: row.rights_pending_value, ackedAt: row.rights_pending_at },
    },
    untaken: row.untaken,
    returned: row.returned,
    postings: row.postings,
    version: row.version,
    aside:
      row.aside_code === null || row.aside_at === null
        ? null
        : { code: row.aside_code, reason: row.aside_reason ?? '', at: row.aside_at, retryAt: row.retry_at },
    tries: row.tries,
    firstReadAt: row.first_read_at,
    readAt: row.read_at,
  };
}

export const cellColumns = `c.id, c.account_id, c.stock_key, c.remote, c.shown, c.seen_value, c.seen_at, c.seen_clean, c.doubt, c.verify_at,
  c.write_value, c.write_effective_by, c.unknown_change, c.rights, c.rights_pending_value, c.rights_pending_at, c.untaken,
  c.returned, c.postings, c.version, c.aside_code, c.aside_reason, c.aside_at, c.retry_at, c.tries, c.first_read_at, c.read_at`;

const byId: Statement = {
  name: 'cells-lock-by-id',
  text: `select ${cellColumns} from cell c where c.id = any($1::int[]) order by c.id for update`,
};

const byKey: Statement = {
  name: 'cells-lock-by-key',
  text: `select ${cellColumns} from cell c
    join unnest($1::int[], $2::text[], $3::text[]) as k(account_id, stock_key, remote)
      on c.account_id = k.account_id and c.stock_key = k.stock_key and c.remote = k.remote
    order by c.id for update of c`,
};

/** Locks in the order of ids, as everybody does. */
export async function lockCells(tx: Queryable, ids: number[]): Promise<Cell[]> {
  if (ids.length === 0) return [];
  return (await tx.query<CellRow>(byId, [ids])).map(toCell);
}

export async function lockCellsByKey(
  tx: Queryable,
  keys: { accountId: number; stockKey: string; remote: string }[],
): Promise<Cell[]> {
  if (keys.length === 0) return [];
  const rows = await tx.query<CellRow>(byKey, [
    keys.map((key) => key.accountId),
    keys.map((key) => key.stockKey),
    keys.map((key) => key.remote),
  ]);
  return rows.map(toCell);
}

const readByKey: Statement = {
  name: 'cells-by-key',
  text: byKey.text.replace(' for update of c', ''),
};

/** As {@link lockCellsByKey}, without locking. */
export async function cellsByKey(
  db: Queryable,
  keys: { accountId: number; stockKey: string; remote: string }[],
): Promise<Cell[]> {
  if (keys.length === 0) return [];
  const values = [keys.map((key) => key.accountId), keys.map((key) => key.stockKey), keys.map((key) => key.remote)];
  return (await db.query<CellRow>(readByKey, values)).map(toCell);
}

const save: Statement = {
  name: 'cells-save',
  text: `update cell c set first_read_at = coalesce(c.first_read_at, n.read_at), shown = n.shown, seen_value = n.seen_value, seen_at = n.seen_at, seen_clean = n.seen_clean, doubt = n.doubt,
      verify_at = n.verify_at, write_value = n.write_value, write_effective_by = n.write_effective_by,
      unknown_change = n.unknown_change, rights = n.rights, rights_pending_value = n.rights_pending_value,
      rights_pending_at = n.rights_pending_at, untaken = n.untaken, returned = n.returned, postings = n.postings,
      version = n.version, aside_code = n.aside_code, aside_reason = n.aside_reason, aside_at = n.aside_at,
      retry_at = n.retry_at, tries = n.tries, read_at = n.read_at
    from unnest($1::int[], $2::numeric[], $3::numeric[], $4::bigint[], $5::numeric[], $6::bigint[], $7::numeric[],
      $8::bigint[], $9::numeric[], $10::numeric[], $11::numeric[], $12::bigint[], $13::numeric[], $14::numeric[],
      $15::bigint[], $16::text[], $17::text[], $18::text[], $19::timestamptz[], $20::bigint[], $21::int[], $22::bigint[], $23::boolean[])
      as n(id, shown, seen_value, seen_at, doubt, verify_at, write_value, write_effective_by, unknown_change, rights,
        rights_pending_value, rights_pending_at, untaken, returned, postings, version, aside_code, aside_reason, aside_at,
        retry_at, tries, read_at, seen_clean)
    where c.id = n.id`,
};

/** Writes cells that this transaction has locked. */
export async function saveCells(tx: Queryable, cells: Cell[]): Promise<void> {
  if (cells.length === 0) return;
  const column = <T>(pick: (cell: Cell) => T) => cells.map(pick);
  await tx.query(save, [
    column((c) => c.id),
    column((c) => c.shadow.shown),
    column((c) => c.shadow.seen?.value ?? null),
    column((c) => whole(c.shadow.seen?.at)),
    column((c) => c.shadow.doubt),
    column((c) => whole(c.shadow.verifyAt)),
    column((c) => c.shadow.lastWrite?.value ?? null),
    column((c) => whole(c.shadow.lastWrite?.effectiveBy)),
    column((c) => c.shadow.unknown),
    column((c) => c.rights.held),
    column((c) => c.rights.pending?.value ?? null),
    column((c) => whole(c.rights.pending?.ackedAt)),
    column((c) => c.untaken),
    column((c) => c.returned),
    column((c) => c.postings),
    column((c) => c.version),
    column((c) => c.aside?.code ?? null),
    column((c) => c.aside?.reason ?? null),
    column((c) => c.aside?.at ?? null),
    column((c) => whole(c.aside?.retryAt)),
    column((c) => c.tries),
    column((c) => whole(c.readAt)),
    column((c) => c.shadow.seen?.clean ?? true),
  ]);
}

/** bigint columns take whole milliseconds; a virtual clock may count in fractions. */
function whole(ms: number | null | undefined): number | null {
  return ms === null || ms === undefined ? null : Math.round(ms);
}
