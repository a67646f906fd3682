import type { Database } from './database.ts';
import { MIGRATION_TABLE } from './migrate.ts';
import { quoteName } from './session.ts';

const TABLES = {
  name: 'truncation-tables',
  text: 'select tablename as name from pg_tables where schemaname = current_schema() and tablename <> $1 order by tablename',
};

/** Empties every table of the schema and starts its numbers at 1 again: a fresh store between two seeds, in milliseconds. */
export async function truncateAll(database: Database): Promise<void> {
  const tables = await database.query<{ name: string }>(TABLES, [MIGRATION_TABLE]);
  if (tables.length === 0) return;
  await database.query(`truncate ${tables.map(({ name }) => quoteName(name)).join(', ')} restart identity cascade`);
}
