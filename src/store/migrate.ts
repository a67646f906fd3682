import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Database, Queryable } from './database.ts';
import { StoreError } from './store-error.ts';

export const MIGRATION_TABLE = 'migration';
const MIGRATIONS = new URL('./migrations/', import.meta.url);
const FILE_NAME = /^(\d{4})-[a-z0-9-]+\.sql$/;

interface Migration {
  number: number;
  name: string;
  text: string;
  hash: string;
}

/**
 * Brings the schema to this program's version: the numbered files of `src/store/migrations`, each once, in order, all in one
 * transaction. Applied files are frozen. Processes that start at once wait for one another.
 * @param folder where the files are; another one only in tests.
 * @param upTo the number of the last file to apply; all unless said.
 * @returns how many files were applied.
 * @throws StoreError `store-version` if an applied file has changed, or the store is newer than this program.
 */
export async function migrate(
  database: Database,
  folder: URL = MIGRATIONS,
  upTo = Number.POSITIVE_INFINITY,
): Promise<number> {
  const files = readMigrations(folder);
  return database.transaction(async (tx) => {
    // Everybody's search_path is one quoted name (see session.ts), also while that schema does not exist yet.
    const [session] = await tx.query<{ schema: string }>("select current_setting('search_path') as schema");
    const schema = session?.schema ?? 'public';
    await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [`onhand migrate ${schema}`]);
    await tx.query(`create schema if not exists ${schema}`);
    await tx.query(
      `create table if not exists ${MIGRATION_TABLE} (number integer primary key, name text not null, hash text not null, applied_at timestamptz not null default now())`,
    );
    const missing = compare(files, await applied(tx)).filter(({ number }) => number <= upTo);
    for (const { number, name, text, hash } of missing) {
      await apply(tx, name, text);
      await tx.query(`insert into ${MIGRATION_TABLE} (number, name, hash) values ($1, $2, $3)`, [number, name, hash]);
    }
    return missing.length;
  });
}

function readMigrations(folder: URL): Migration[] {
  const names = readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .sort();
  return names.map((name, index) => {
    const number = Number(FILE_NAME.exec(name)?.[1]);
    if (number !== index + 1)
      throw new StoreError(
        'store-statement',
        `Migration files are numbered 0001-name.sql, 0002-… without a gap; ${name} is file ${index + 1}.`,
      );
    // Git may turn line ends into CRLF on Windows: the same file all the same.
    const text = readFileSync(fileURLToPath(new URL(name, folder)), 'utf8').replaceAll('\r\n', '\n');
    return { number, name, text, hash: createHash('sha256').update(text).digest('hex') };
  });
}

const applied = (tx: Pick<Queryable, 'query'>) =>
  tx.query<{ number: number; name: string; hash: string }>(
    `select number, name, hash from ${MIGRATION_TABLE} order by number`,
  );

function compare(files: Migration[], rows: { number: number; name: string; hash: string }[]): Migration[] {
  for (const [index, row] of rows.entries()) {
    const file = files[index];
    if (!file)
      throw new StoreError(
        'store-version',
        `The store is newer than this program: it has migration ${row.name}, this program knows ${files.length}. Start the version that was used last, or a newer one. Nothing was changed.`,
      );
    if (row.number !== file.number || row.hash !== file.hash)
      throw new StoreError(
        'store-version',
        `Migration ${row.name} was applied to this store with other content than ${file.name} has now. Applied files are frozen: put it back, and write the change as a new file. Nothing was changed.`,
      );
  }
  return files.slice(rows.length);
}

/** How many files this store has still to get, and whether anybody has used it; nothing is changed. */
export async function pendingMigrations(database: Database): Promise<{ count: number; used: boolean }> {
  const files = readMigrations(MIGRATIONS);
  const [there] = await database.query<{ there: boolean }>(
    `select to_regclass('${MIGRATION_TABLE}') is not null as there`,
  );
  if (!there?.there) return { count: files.length, used: false };
  return { count: compare(files, await applied(database)).length, used: true };
}

async function apply(tx: Queryable, name: string, text: string): Promise<void> {
  try {
    await tx.query(text);
  } catch (cause) {
    const { message, sqlState, code } = cause as StoreError;
    throw new StoreError(code, `Migration ${name} failed: ${message}`, { cause, sqlState });
  }
}
