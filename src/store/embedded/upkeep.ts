import type { Clock } from '../../runtime/clock.ts';
import type { Queryable } from '../database.ts';

/** Often enough that each turn is short: all other work waits for it. */
const LOOK_EVERY_MS = 60_000;
/** What recovery reads again after a crash; a second or two of it. */
const WAL_BYTES_MAX = 64 * 1024 * 1024;
/** A checkpoint's own record and what looking costs: nothing happened. */
const WAL_BYTES_IDLE = 8192;
const CHECKPOINT_EVERY_MS = 15 * 60_000;
/** A crash forgets PostgreSQL's counters of dead rows: once in a while every table has its turn. */
const ALL_TABLES_EVERY_MS = 24 * 60 * 60_000;

const SINCE_CHECKPOINT = {
  name: 'upkeep-wal-bytes',
  text: 'select (pg_current_wal_lsn() - redo_lsn)::bigint as bytes from pg_control_checkpoint()',
};
/** Autovacuum's rules with its defaults, but for a lower freeze age; the fullest first. $1: all of them. */
const TABLES = {
  name: 'upkeep-tables',
  text: `select format('%I.%I', s.schemaname, s.relname) as name from pg_stat_all_tables s join pg_class c on c.oid = s.relid
    where c.relkind = 'r' and ($1 or s.n_dead_tup > 50 + 0.2 * s.n_live_tup or s.n_mod_since_analyze > 50 + 0.1 * s.n_live_tup
      or s.n_ins_since_vacuum > 1000 + 0.2 * s.n_live_tup or age(c.relfrozenxid) > 100000000)
    order by s.n_dead_tup desc, s.relid`,
};

/**
 * The embedded PostgreSQL has no background processes: nobody else writes checkpoints, removes dead rows or counts for the
 * planner. One table at a time, so that a webhook waits for one table and not for all of them.
 * @returns stops it.
 */
export function startUpkeep(database: Queryable, clock: Clock): () => void {
  let stopped = false;
  let cancel = () => {};
  let checkpointAt = clock.now();
  let allTablesAt = clock.now();

  const checkpoint = async () => {
    const [row] = await database.query<{ bytes: number }>(SINCE_CHECKPOINT);
    const bytes = row?.bytes ?? 0;
    if (bytes < WAL_BYTES_MAX && (bytes <= WAL_BYTES_IDLE || clock.now() - checkpointAt < CHECKPOINT_EVERY_MS)) return;
    await database.query('checkpoint');
    checkpointAt = clock.now();
  };
  const vacuum = async () => {
    const all = clock.now() - allTablesAt >= ALL_TABLES_EVERY_MS;
    if (all) allTablesAt = clock.now();
    for (const { name } of await database.query<{ name: string }>(TABLES, [all])) {
      if (stopped) return;
      await database.query(`vacuum (analyze) ${name}`);
      // Cleaning a large table writes WAL as well.
      await checkpoint();
    }
  };
  const look = async () => {
    try {
      await checkpoint();
      await vacuum();
    } catch {
      // A broken engine has been told through onFatal, a closed one stops us; anything else is tried again.
    }
    if (!stopped) cancel = clock.after(LOOK_EVERY_MS, look);
  };
  cancel = clock.after(LOOK_EVERY_MS, look);
  return () => {
    stopped = true;
    cancel();
  };
}
