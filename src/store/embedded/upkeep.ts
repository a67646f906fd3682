import type { Clock } from '../../runtime/clock.ts';
import type { Queryable } from '../database.ts';

/** Often enough that each turn is short: all other work waits for it. */
const LOOK_EVERY_MS = 60_000;
/** What recovery reads again after a crash, at most some seconds of it. */
const WAL_BYTES_MAX = 64 * 1024 * 1024;
const CHECKPOINT_EVERY_MS = 15 * 60_000;
const VACUUM_EVERY_MS = 60 * 60_000;

const SINCE_CHECKPOINT = {
  name: 'upkeep-wal-bytes',
  text: 'select (pg_current_wal_lsn() - redo_lsn)::bigint as bytes from pg_control_checkpoint()',
};
const TABLES = {
  name: 'upkeep-tables',
  text: `select format('%I.%I', n.nspname, c.relname) as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind = 'r' and n.nspname <> 'information_schema' order by c.oid`,
};

/**
 * The embedded PostgreSQL has no background processes: nobody else writes checkpoints or vacuums. One table at a time, so that
 * a webhook waits for one table and not for all of them.
 * @returns stops it.
 */
export function startUpkeep(database: Queryable, clock: Clock): () => void {
  let stopped = false;
  let cancel = () => {};
  let checkpointAt = clock.now();
  let vacuumAt = clock.now();

  const checkpoint = async () => {
    const [row] = await database.query<{ bytes: number }>(SINCE_CHECKPOINT);
    const bytes = row?.bytes ?? 0;
    if (bytes < WAL_BYTES_MAX && (bytes === 0 || clock.now() - checkpointAt < CHECKPOINT_EVERY_MS)) return;
    await database.query('checkpoint');
    checkpointAt = clock.now();
  };
  const vacuum = async () => {
    if (clock.now() - vacuumAt < VACUUM_EVERY_MS) return;
    vacuumAt = clock.now();
    for (const { name } of await database.query<{ name: string }>(TABLES)) {
      if (stopped) return;
      await database.query(`vacuum (analyze) ${name}`);
    }
  };
  const look = async () => {
    try {
      await vacuum();
      await checkpoint();
    } catch {
      // A broken engine has been told through onFatal, a closed one stopped us; anything else is tried again.
    }
    if (!stopped) cancel = clock.after(LOOK_EVERY_MS, look);
  };
  cancel = clock.after(LOOK_EVERY_MS, look);
  return () => {
    stopped = true;
    cancel();
  };
}
