import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { realClock } from '../src/runtime/clock.ts';
import type { Database } from '../src/store/database.ts';
import { migrate } from '../src/store/migrate.ts';
import { openDatabase } from '../src/store/open-database.ts';

/** One store to measure on, and how to leave nothing behind. */
export interface BenchStore {
  name: 'embedded' | 'server';
  open(): Promise<Database>;
  remove(): Promise<void>;
}

/** The embedded store in a folder of its own, durable as in production; PostgreSQL too when ONHAND_TEST_DATABASE_URL names one. */
export function benchStores(): BenchStore[] {
  const url = process.env['ONHAND_TEST_DATABASE_URL'];
  return [folderStore(), ...(url ? [serverStore(url)] : [])];
}

function folderStore(): BenchStore {
  const root = mkdtempSync(join(tmpdir(), 'onhand-bench-'));
  return {
    name: 'embedded',
    open: () => opened(() => openDatabase({ folder: join(root, 'store'), clock: realClock, onFatal: failed })),
    remove: async () => rmSync(root, { recursive: true, force: true }),
  };
}

function serverStore(url: string): BenchStore {
  const schema = `bench_${process.pid}`;
  return {
    name: 'server',
    open: () => opened(() => openDatabase({ url, clock: realClock, schema })),
    remove: async () => {
      const db = await openDatabase({ url, clock: realClock });
      await db.query(`drop schema if exists ${schema} cascade`);
      await db.close();
    },
  };
}

async function opened(open: () => Promise<Database>): Promise<Database> {
  const db = await open();
  await migrate(db);
  return db;
}

function failed(error: Error): void {
  console.error(error);
  process.exit(70);
}

export const median = (numbers: number[]): number =>
  [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;

export const ratio = (part: number, whole: number): number => Math.round((part / whole) * 100) / 100;

/** What every result carries: figures of a busy machine are not to be compared. */
export const machine = () => ({
  at: new Date().toISOString(),
  node: process.version,
  cores: cpus().length,
  loadBefore: Math.round(loadBefore * 100) / 100,
});
const loadBefore = loadavg()[0]!;
