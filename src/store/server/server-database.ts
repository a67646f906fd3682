import pg from 'pg';
import type { Clock } from '../../runtime/clock.ts';
import type { Database } from '../database.ts';
import { PooledDatabase } from '../pooled-database.ts';
import { rowTypes } from '../row-types.ts';
import { sessionStart } from '../session.ts';
import { ServerWakes } from './server-wakes.ts';

const CONNECTIONS_MAX = 10;
const CONNECT_TIMEOUT_MS = 10_000;

interface ServerOptions {
  url: string;
  clock: Clock;
  schema?: string;
  connectionsMax?: number;
}

/** Connects once, so that a wrong address or password is said at the start and not at the first sale. */
export async function openServer({
  url,
  clock,
  schema = 'public',
  connectionsMax = CONNECTIONS_MAX,
}: ServerOptions): Promise<Database> {
  const connection: pg.PoolConfig = {
    connectionString: url,
    application_name: 'onhand',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    // A cable that was pulled is noticed, and its sales are posted over another connection.
    keepAlive: true,
    types: rowTypes,
  };
  const pool = new pg.Pool({
    ...connection,
    max: connectionsMax,
    onConnect: async (client) => {
      await client.query(sessionStart(schema, 'server'));
    },
  });
  // An idle client that is cut off is replaced; who waits for an answer on a busy one is told by its statement.
  pool.on('connect', (client) => client.on('error', () => {}));
  pool.on('error', () => {});
  const wakes = new ServerWakes({ connection, pool, schema, clock });
  const database = new PooledDatabase({
    kind: 'server',
    pool,
    pause: (ms) => clock.sleep(ms),
    wake: (topic) => wakes.wake(topic),
    onWake: (topic, listener) => wakes.on(topic, listener),
    failed: () => {},
    close: () => wakes.close(),
  });
  try {
    await database.query('select 1');
  } catch (error) {
    await database.close();
    throw error;
  }
  return database;
}
