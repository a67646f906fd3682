import pg from 'pg';
import type { Clock } from '../../runtime/clock.ts';
import type { Database } from '../database.ts';
import { PooledDatabase } from '../pooled-database.ts';
import { rowTypes } from '../row-types.ts';
import { sessionStart } from '../session.ts';
import type { StoreError } from '../store-error.ts';
import { WakeBus } from '../wake-bus.ts';
import { prepareFolder } from './data-folder.ts';
import { openEngine } from './engine.ts';
import { type ProtocolEngine, sessionsOf } from './protocol-stream.ts';
import { startUpkeep } from './upkeep.ts';
import { startWorkerEngine } from './worker-engine.ts';

export async function openMemory(schema = 'public'): Promise<Database> {
  return overEngine(await openEngine({ onFatal: () => {} }), schema, () => {});
}

interface FolderOptions {
  folder: string;
  clock: Clock;
  onFatal: (error: StoreError) => void;
  schema?: string;
}

export async function openFolder({ folder, clock, onFatal, schema = 'public' }: FolderOptions): Promise<Database> {
  const { data, unlock } = await prepareFolder(folder);
  try {
    const engine = await startWorkerEngine(data, onFatal);
    let stopUpkeep = () => {};
    const database = overEngine(engine, schema, () => {
      stopUpkeep();
      unlock();
    });
    stopUpkeep = startUpkeep(database, clock);
    return database;
  } catch (error) {
    unlock();
    throw error;
  }
}

function overEngine(engine: ProtocolEngine, schema: string, closed: () => void): Database {
  const pool = new pg.Pool({
    stream: sessionsOf(engine),
    // One session: whoever asks while it is taken waits in the pool's queue.
    max: 1,
    idleTimeoutMillis: 0,
    // Said, so that no PGSSLMODE, PGUSER … of the environment is asked.
    ssl: false,
    host: 'embedded',
    user: 'postgres',
    database: 'postgres',
    password: 'none',
    types: rowTypes,
    onConnect: async (client) => {
      await client.query(sessionStart(schema, 'embedded'));
    },
  });
  // A client whose stream broke is replaced; who waited for its answer was told.
  pool.on('connect', (client) => client.on('error', () => {}));
  pool.on('error', () => {});
  const wakes = new WakeBus();
  return new PooledDatabase({
    kind: 'embedded',
    pool,
    // One connection meets no conflicts.
    pause: async () => {},
    wake: async (topic) => wakes.emit(topic),
    onWake: (topic, listener) => wakes.on(topic, listener),
    failed: (error) => {
      if (error.code === 'store-io') engine.abort(error);
    },
    close: async () => {
      await engine.close();
      closed();
    },
  });
}
