import { AsyncLocalStorage } from 'node:async_hooks';
import type pg from 'pg';
import type { Database, Queryable, Statement } from './database.ts';
import { PooledTransaction, runOn } from './pooled-transaction.ts';
import { StoreError, storeError } from './store-error.ts';

const RETRIES_MAX = 5;
const RETRY_DELAY_MS = 10;

/** How one engine differs from the other beneath the same pool of `pg` clients. */
export interface Engine {
  kind: 'embedded' | 'server';
  pool: pg.Pool;
  /** Resolves after `ms`: between retries of a transaction that met a conflict. */
  pause(ms: number): Promise<void>;
  wake(topic: string): Promise<void>;
  onWake(topic: string, listener: () => void): () => void;
  /** Told every error of a statement before the caller is. */
  failed(error: StoreError): void;
  /** Called once, when nothing runs any more and the pool has ended. */
  close(): Promise<void>;
}

/**
 * The {@link Database} of both engines: `pg` clients from a pool, of which the embedded engine has exactly one.
 *
 * Never a deadlock on that one connection: a transaction knows its own call chain (AsyncLocalStorage), and whoever asks the
 * database directly from inside it gets `store-nested` at once instead of waiting for itself for ever. It is refused on a
 * server too, where it would work in tests and starve the pool under load. Calls from other chains wait their turn.
 */
export class PooledDatabase implements Database {
  readonly #engine: Engine;
  readonly #chain = new AsyncLocalStorage<PooledTransaction>();
  #closing: Promise<void> | undefined;
  #calls = 0;
  #lastCallEnded: (() => void) | undefined;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  get engine(): 'embedded' | 'server' {
    return this.#engine.kind;
  }

  query<Row = Record<string, unknown>>(statement: Statement | string, values?: unknown[]): Promise<Row[]> {
    return this.#counted(async () => {
      const client = await this.#connect();
      let clean = false;
      try {
        const rows = await runOn<Row>(client, statement, values);
        clean = client.getTransactionStatus() === 'I';
        // 'begin' sent as a plain statement would leave its transaction to whoever gets the connection next.
        if (!clean)
          throw new StoreError(
            'store-statement',
            'A direct statement left a transaction open; it was rolled back. Use transaction().',
          );
        return rows;
      } catch (error) {
        // A named statement is one statement, and the server ends what it began. A plain text may have begun more.
        clean = typeof statement !== 'string' && (error as StoreError).sqlState !== undefined;
        throw error;
      } finally {
        client.release(!clean);
      }
    });
  }

  transaction<T>(work: (tx: Queryable) => Promise<T>): Promise<T> {
    return this.#counted(async () => {
      for (let attempt = 0; ; attempt++) {
        const transaction = new PooledTransaction(await this.#connect());
        try {
          const result = await this.#chain.run(transaction, () => transaction.run(work));
          for (const topic of transaction.wakes) await this.wake(topic);
          return result;
        } catch (error) {
          const conflict = transaction.conflict;
          if (!conflict || attempt >= RETRIES_MAX) throw conflict ?? error;
          await this.#engine.pause(RETRY_DELAY_MS * attempt);
        }
      }
    });
  }

  /** Inside a transaction it waits for the commit: whoever is woken must find what it was woken for. */
  async wake(topic: string): Promise<void> {
    const transaction = this.#chain.getStore();
    if (transaction && !transaction.ended) transaction.wakes.add(topic);
    else await this.#engine.wake(topic);
  }

  onWake(topic: string, listener: () => void): () => void {
    return this.#engine.onWake(topic, listener);
  }

  /** Refuses new calls, waits for those under way and those that queue, then closes. */
  close(): Promise<void> {
    this.#closing ??= (async () => {
      if (this.#calls > 0) await new Promise<void>((resolve) => (this.#lastCallEnded = resolve));
      await this.#engine.pool.end();
      await this.#engine.close();
    })();
    return this.#closing;
  }

  /** pg's pool forgets whoever still queues when it is ended, so calls are counted here. */
  async #counted<T>(call: () => Promise<T>): Promise<T> {
    const transaction = this.#chain.getStore();
    if (transaction && !transaction.ended)
      throw new StoreError(
        'store-nested',
        'The database was asked directly inside its own transaction. Use the `tx` it was given.',
      );
    if (this.#closing) throw new StoreError('store-closed', 'The store is closed.');
    this.#calls++;
    try {
      return await call();
    } catch (error) {
      if (error instanceof StoreError) this.#engine.failed(error);
      throw error;
    } finally {
      this.#calls--;
      if (this.#calls === 0) this.#lastCallEnded?.();
    }
  }

  async #connect(): Promise<pg.PoolClient> {
    try {
      return await this.#engine.pool.connect();
    } catch (error) {
      throw storeError(error);
    }
  }
}
