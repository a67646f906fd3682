// How fast the stores take rows: one named statement that inserts a batch from arrays, committed by itself.
//   npx tsx bench/store.ts [--rows 500] [--seconds 3] [--json]
// PostgreSQL joins in when ONHAND_TEST_DATABASE_URL names one: node scripts/postgres.mjs run -- npx tsx bench/store.ts
// (that server runs without fsync: compare it with memory, not with the folder.)
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { realClock } from '../src/runtime/clock.ts';
import type { Database, Statement } from '../src/store/database.ts';
import { openDatabase } from '../src/store/open-database.ts';

const { values: options } = parseArgs({
  options: {
    rows: { type: 'string', default: '500' },
    seconds: { type: 'string', default: '3' },
    json: { type: 'boolean', default: false },
  },
});
const rowsPerBatch = Number(options.rows);
const roundMs = (Number(options.seconds) * 1000) / 5;

const insert: Statement = {
  name: 'bench-insert',
  text: `insert into bench_movement (item, location, on_hand, reason, at)
    select * from unnest($1::int[], $2::int[], $3::numeric[], $4::text[], $5::timestamptz[])`,
};

async function rowsPerSecond(database: Database): Promise<number> {
  const column = <T>(of: (index: number) => T) => Array.from({ length: rowsPerBatch }, (_, index) => of(index));
  const values = [
    column((n) => n),
    column(() => 1),
    column(() => -1),
    column(() => 'sale'),
    column(() => '2026-01-01T00:00:00.000Z'),
  ];
  let rows = 0;
  const beganAt = performance.now();
  while (performance.now() - beganAt < roundMs) {
    await database.query(insert, values);
    rows += rowsPerBatch;
  }
  return rows / ((performance.now() - beganAt) / 1000);
}

const median = (numbers: number[]) => numbers.sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;

const root = mkdtempSync(join(tmpdir(), 'onhand-bench-'));
const url = process.env['ONHAND_TEST_DATABASE_URL'];
const stores: Record<string, Database> = {
  memory: await openDatabase({ memory: true }),
  folder: await openDatabase({
    folder: join(root, 'store'),
    clock: realClock,
    onFatal: (error) => {
      throw error;
    },
  }),
  ...(url && { server: await openDatabase({ url, clock: realClock }) }),
};
const measured = new Map<string, number[]>(Object.keys(stores).map((name) => [name, []]));
for (const database of Object.values(stores)) {
  await database.query('drop table if exists bench_movement');
  await database.query(
    `create table bench_movement (id bigint generated always as identity primary key, item int not null, location int not null,
      on_hand numeric(18,5) not null, reason text not null, at timestamptz not null)`,
  );
  await rowsPerSecond(database);
}
// In turns, so that what else the machine does falls on all of them.
for (let round = 0; round < 5; round++)
  for (const [name, database] of Object.entries(stores)) measured.get(name)?.push(await rowsPerSecond(database));
for (const database of Object.values(stores)) {
  await database.query('drop table bench_movement');
  await database.close();
}
rmSync(root, { recursive: true });

const result: Record<string, number> = {};
for (const [name, rates] of measured) result[`${name}RowsPerSecond`] = Math.round(median(rates));
result['folderToMemoryRatio'] = Number(
  ((result['folderRowsPerSecond'] ?? 0) / (result['memoryRowsPerSecond'] ?? 1)).toFixed(2),
);
console.log(options.json ? JSON.stringify({ rowsPerBatch, ...result }) : `batches of ${rowsPerBatch} rows`);
if (!options.json) for (const [name, value] of Object.entries(result)) console.log(`${name.padEnd(24)} ${value}`);
