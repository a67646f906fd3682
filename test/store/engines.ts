import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { realClock } from '../../src/runtime/clock.ts';
import type { Database } from '../../src/store/database.ts';
import { openDatabase } from '../../src/store/open-database.ts';

const serverUrl = process.env['ONHAND_TEST_DATABASE_URL'];

/** A PostgreSQL server is no part of `npm test`: `node scripts/postgres.mjs run -- npx vitest run src/store` brings one. */
export const hasServer = serverUrl !== undefined;
export const noServer = 'skipped without ONHAND_TEST_DATABASE_URL: node scripts/postgres.mjs run -- …';

export interface EngineUnderTest {
  name: 'memory' | 'folder' | 'server';
  /** The one store of this run of the suite, empty at first; tests use tables or schemas of their own. */
  database(): Database;
  /** Another connection to the same store where the engine has one: a server does. */
  another(schema?: string): Promise<Database>;
}

/** Runs the suite on the embedded engine in memory and in a folder, and on PostgreSQL where one is given. */
export function onEveryEngine(title: string, suite: (engine: EngineUnderTest) => void): void {
  for (const name of ['memory', 'folder'] as const)
    describe(`${title} (embedded, ${name})`, () => suite(engineOf(name)));
  describe.skipIf(!hasServer)(`${title} (PostgreSQL${hasServer ? '' : `, ${noServer}`})`, () =>
    suite(engineOf('server')),
  );
}

/** For what only a server can do: several connections at once. */
export function onServer(title: string, suite: (engine: EngineUnderTest) => void): void {
  describe.skipIf(!hasServer)(`${title}${hasServer ? '' : ` (${noServer})`}`, () => suite(engineOf('server')));
}

function engineOf(name: EngineUnderTest['name']): EngineUnderTest {
  let database: Database;
  let remove = async () => {};
  let open: (schema?: string) => Promise<Database> = async () => {
    throw new Error(`${name} has one connection`);
  };
  const opened: Database[] = [];
  beforeAll(async () => {
    if (name === 'memory') database = await openDatabase({ memory: true });
    else if (name === 'folder') {
      const { folder, removeFolder } = temporaryFolder();
      remove = async () => removeFolder();
      database = await openDatabase({ folder, clock: realClock, onFatal: throwLater });
    } else {
      const server = await ownServerDatabase();
      open = (schema) => openDatabase({ url: server.url, clock: realClock, schema });
      remove = server.drop;
      database = await open();
    }
  });
  afterAll(async () => {
    for (const each of [database, ...opened]) await each?.close();
    await remove();
  });
  return {
    name,
    database: () => database,
    another: async (schema) => {
      const other = await open(schema);
      opened.push(other);
      return other;
    },
  };
}

/** A folder that goes with the test. */
export function temporaryFolder(): { folder: string; removeFolder: () => void } {
  const root = mkdtempSync(join(tmpdir(), 'onhand-store-'));
  return { folder: join(root, 'store'), removeFolder: () => rmSync(root, { recursive: true, force: true }) };
}

/** A broken engine fails the run, whichever test happens to be under way. */
export function throwLater(error: Error): void {
  setImmediate(() => {
    throw error;
  });
}

/** A database of its own on the server, so that test files at the same time see nothing of one another. */
export async function ownServerDatabase(): Promise<{ url: string; drop: () => Promise<void> }> {
  const admin = await openDatabase({ url: serverUrl!, clock: realClock });
  const name = `onhand_${process.pid}_${serverDatabases++}`;
  await admin.query(`drop database if exists ${name} with (force)`);
  await admin.query(`create database ${name}`);
  const url = new URL(serverUrl!);
  url.pathname = `/${name}`;
  return {
    url: url.href,
    drop: async () => {
      await admin.query(`drop database ${name} with (force)`);
      await admin.close();
    },
  };
}
let serverDatabases = 0;

/**
 * Every test of an error ends with this. In a transaction that somebody left open, now() stands still at its beginning, later
 * inserts are answered, and a restart loses them.
 */
export async function expectNoOpenTransaction(database: Database): Promise<void> {
  const [row] = await database.query<{ own: boolean }>('select now() = statement_timestamp() as own');
  expect(row, 'a statement of its own begins its own transaction').toEqual({ own: true });
  if (database.engine === 'embedded') return;
  const [idle] = await database.query<{ count: number }>(
    "select count(*) from pg_stat_activity where datname = current_database() and state like 'idle in transaction%'",
  );
  expect(idle, 'no connection sits in a transaction').toEqual({ count: 0 });
}

/** The store's error code of a promise that must be rejected. */
export async function codeOf(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => ({ code: 'it was not refused' }),
    (reason: { code?: string }) => reason,
  );
  return error.code ?? String(error);
}
