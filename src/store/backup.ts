import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { createGunzip, createGzip } from 'node:zlib';
import type { Database, Queryable } from './database.ts';
import { MIGRATION_TABLE, migrate } from './migrate.ts';
import { StoreError } from './store-error.ts';

const FORMAT = 1;
const ROWS_TOGETHER = 500;

/** First line of a backup. */
export interface BackupHead {
  onhand: number;
  /** When the copy was begun, ISO 8601; everything committed by then is in it, nothing later. */
  at: string;
  /** Migrations of the store it was made from. */
  migrations: { number: number; name: string; hash: string }[];
}

/**
 * What holds only while a process works with this very store: leases of lanes, and spent budgets with them. Not copied, so
 * that a restored store is taken up anew.
 */
const NOT_COPIED = new Set([MIGRATION_TABLE, 'lease']);

/**
 * A whole store as text: one line of head, then one line per row, each as PostgreSQL writes it, so that no digit is lost and
 * the same file restores on both engines and on later versions. Settings stay sealed, API keys hashed: without the
 * encryption key nothing in it opens.
 * On the embedded store everything else waits while its one connection copies.
 * @param progress rows copied so far
 */
export async function backup(
  db: Database,
  at: string,
  write: (line: string) => Promise<void>,
  progress: (rows: number) => void = () => {},
): Promise<{ rows: number }> {
  return db.transaction(async (tx) => {
    await tx.query('set transaction isolation level repeatable read, read only');
    const migrations = await tx.query<BackupHead['migrations'][number]>(
      `select number, name, hash from ${MIGRATION_TABLE} order by number`,
    );
    await write(JSON.stringify({ onhand: FORMAT, at, migrations } satisfies BackupHead));
    let rows = 0;
    for (const table of await tablesOf(tx)) {
      await tx.query(`declare rows no scroll cursor for select to_jsonb(t)::text as row from ${table} t`);
      for (;;) {
        const some = await tx.query<{ row: string }>(`fetch ${ROWS_TOGETHER} from rows`);
        if (some.length === 0) break;
        for (const { row } of some) await write(`${table} ${row}`);
        rows += some.length;
        progress(rows);
      }
      await tx.query('close rows');
    }
    await write(`end ${rows}`);
    return { rows };
  });
}

/** As {@link backup}, packed. Reading it drives the copy; a failure destroys the stream. */
export function backupStream(db: Database, at: string): Readable {
  const gzip = createGzip();
  const write = (line: string) =>
    new Promise<void>((resolve, reject) => {
      if (gzip.destroyed) return reject(new StoreError('store-closed', 'Whoever read the backup has gone.'));
      if (gzip.write(`${line}\n`)) resolve();
      else {
        const end = (error?: Error) => {
          gzip.off('drain', end);
          gzip.off('close', gone);
          error ? reject(error) : resolve();
        };
        const gone = () => end(new StoreError('store-closed', 'Whoever read the backup has gone.'));
        gzip.once('drain', end);
        gzip.once('close', gone);
      }
    });
  backup(db, at, write).then(
    () => gzip.end(),
    (error: Error) => gzip.destroy(error),
  );
  return gzip;
}

/**
 * Fills an empty store from a backup, all or nothing, at the schema the backup was made with; then brings it to this
 * program's. Every channel that was live or watched by a person's word is `held`: yesterday's numbers are not told to
 * anybody before a person has looked.
 * @param reason why channels are held, for people; null keeps their modes (a store that moves)
 * @throws StoreError `store-statement` for a file that is no backup, is cut off, or a store that is not empty
 */
export async function restore(
  db: Database,
  packed: Readable,
  reason: string | null,
  progress: (rows: number) => void = () => {},
): Promise<{ head: BackupHead; rows: number }> {
  const lines = createInterface({ input: packed.pipe(createGunzip()), crlfDelay: Number.POSITIVE_INFINITY });
  const reading = lines[Symbol.asyncIterator]();
  const next = async () => {
    try {
      const { value, done } = await reading.next();
      return done ? null : (value as string);
    } catch (cause) {
      throw notWhole('it cannot be unpacked', cause);
    }
  };
  packed.on('error', (error) => lines.emit('error', error));
  const head = headOf(await next());
  await migrate(db, undefined, head.migrations.length);
  const known = await db.query<{ hash: string }>(`select hash from ${MIGRATION_TABLE} order by number`);
  if (known.length !== head.migrations.length || known.some(({ hash }, index) => hash !== head.migrations[index]?.hash))
    throw new StoreError(
      'store-version',
      'The backup was made with another version of the schema than this store has. Restore into an empty store, with the version that made the backup or a newer one.',
    );
  const rows = await db.transaction(async (tx) => {
    const tables = await tablesOf(tx);
    for (const table of tables)
      if (table !== 'meta' && (await tx.query(`select 1 from ${table} limit 1`)).length > 0)
        throw new StoreError(
          'store-statement',
          'This store is not empty. Restore into a new one; nothing was changed.',
        );
    const count = await fill(tx, new Set(tables), next, progress);
    for (const table of tables) await continueNumbers(tx, table);
    if (reason !== null)
      await tx.query(
        { name: 'restore-hold', text: "update channel set mode = 'held', mode_reason = $1 where mode = 'live'" },
        [reason],
      );
    return count;
  });
  await migrate(db);
  return { head, rows };
}

async function fill(
  tx: Queryable,
  tables: Set<string>,
  next: () => Promise<string | null>,
  progress: (rows: number) => void,
): Promise<number> {
  let count = 0;
  let table = '';
  let waiting: string[] = [];
  const flush = async () => {
    if (waiting.length === 0) return;
    const values = `[${waiting.join(',')}]`;
    waiting = [];
    await tx.query(
      `insert into ${table} overriding system value select * from jsonb_populate_recordset(null::${table}, $1::jsonb)`,
      [values],
    );
    progress(count);
  };
  for (;;) {
    const line = await next();
    if (line === null) throw notWhole('its end is missing');
    const space = line.indexOf(' ');
    const [name, rest] = [line.slice(0, space), line.slice(space + 1)];
    if (name === 'end') {
      await flush();
      if (Number(rest) !== count) throw notWhole(`it says it has ${rest} rows, and has ${count}`);
      return count;
    }
    if (!tables.has(name)) throw notWhole(`it has rows of a table "${name.slice(0, 40)}" that is not known`);
    if (name !== table || waiting.length >= ROWS_TOGETHER) await flush();
    table = name;
    waiting.push(rest);
    count += 1;
  }
}

/** In the order of their creation: a table comes after those it refers to. */
async function tablesOf(tx: Queryable): Promise<string[]> {
  const rows = await tx.query<{ name: string }>(
    `select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = current_schema() and c.relkind = 'r' order by c.oid`,
  );
  return rows.map(({ name }) => name).filter((name) => !NOT_COPIED.has(name));
}

/** Rows that come later must not get the numbers of those that were restored. */
async function continueNumbers(tx: Queryable, table: string): Promise<void> {
  const columns = await tx.query<{ name: string }>(
    `select attname as name from pg_attribute where attrelid = '${table}'::regclass and attidentity <> ''`,
  );
  for (const { name } of columns)
    await tx.query(
      `select setval(pg_get_serial_sequence('${table}', '${name}'), greatest((select max(${name}) from ${table}), 1), (select count(*) > 0 from ${table}))`,
    );
}

function headOf(line: string | null): BackupHead {
  let head: Partial<BackupHead> = {};
  try {
    head = JSON.parse(line ?? '') as BackupHead;
  } catch {}
  if (head.onhand !== FORMAT || !Array.isArray(head.migrations) || typeof head.at !== 'string')
    throw new StoreError('store-statement', 'This file is not a backup of Onhand (onhand backup makes one).');
  return head as BackupHead;
}

const notWhole = (what: string, cause?: unknown) =>
  new StoreError('store-statement', `The backup is not whole: ${what}. Nothing was restored.`, { cause });
