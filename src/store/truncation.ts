import type { Database } from './database.ts';
import { MIGRATION_TABLE } from './migrate.ts';
import { quoteName } from './session.ts';

const TABLES = {
  name: 'truncation-tables',
  text: 'select tablename as name from pg_tables where schemaname = current_schema() and tablename <> $1 order by tablename',
};
const RESTART_SEQUENCES = {
  name: 'truncation-sequences',
  text: `select setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false) from pg_sequences
    where schemaname = current_schema() and last_value is not null`,
};

/**
 * Empties every table of the schema and starts its numbers again: a fresh store between two seeds. Only tables with rows are
 * truncated, since each costs about a millisecond; numbers are started again in any case, a rollback has used some up too.
 */
export async function truncateAll(database: Database): Promise<void> {
  const tables = (await database.query<{ name: string }>(TABLES, [MIGRATION_TABLE])).map(({ name }) => name);
  if (tables.length === 0) return;
  const each = tables.map((name, index) => `exists (select from ${quoteName(name)}) as "${index}"`);
  const [filled] = await database.query<Record<string, boolean>>(`select ${each.join(', ')}`);
  const full = tables.filter((_, index) => filled?.[index]).map(quoteName);
  if (full.length > 0) await database.query(`truncate ${full.join(', ')} cascade`);
  await database.query(RESTART_SEQUENCES);
}
