import type pg from 'pg';
import type { Queryable, Statement } from './database.ts';
import { isServerError, StoreError, type StoreErrorCode, storeError } from './store-error.ts';

// Said in full: a server's default may be another, and the second statement of a posting must see what the first waited for.
const BEGIN = 'begin isolation level read committed';

/**
 * Answers to a commit that say it was not done. An end of the connection does not: a server that waits for its replica has
 * committed already when it ends us.
 */
const UNDONE = new Set<StoreErrorCode>(['store-value', 'store-conflict', 'store-statement', 'store-aborted']);

/** One transaction on one client. It always ends, by commit, rollback or the end of the connection, before the client is given back. */
export class PooledTransaction implements Queryable {
  /** Topics to wake once this is committed. */
  readonly wakes = new Set<string>();
  ended = false;
  /** The first serialization failure or deadlock met, even if `work` turned it into another error. */
  conflict: StoreError | undefined;
  readonly #client: pg.PoolClient;
  #failure: StoreError | undefined;
  #tail: Promise<unknown> = Promise.resolve();
  #outOfStep = false;

  constructor(client: pg.PoolClient) {
    this.#client = client;
  }

  /** Statements run one after the other, also when asked for at the same time. */
  query<Row = Record<string, unknown>>(statement: Statement | string, values?: unknown[]): Promise<Row[]> {
    if (this.ended)
      return Promise.reject(
        new StoreError('store-closed', 'This transaction has ended. Await every statement before its work returns.'),
      );
    const answer = this.#tail.then(() => this.#run<Row>(statement, values));
    this.#tail = answer.catch(() => {});
    return answer;
  }

  async run<T>(work: (tx: Queryable) => Promise<T>): Promise<T> {
    try {
      await this.#run(BEGIN);
      let result: T;
      try {
        result = await work(this);
      } finally {
        this.ended = true;
        await this.#tail;
      }
      await this.#commit();
      return result;
    } catch (error) {
      this.ended = true;
      await this.#rollback();
      throw error;
    } finally {
      this.#client.release(this.#outOfStep);
    }
  }

  async #commit(): Promise<void> {
    let command: string;
    try {
      ({ command } = await this.#client.query('commit'));
    } catch (error) {
      const failure = storeError(error);
      this.#noteFailure(failure, error);
      if (failure.code === 'store-io' || (failure.sqlState && UNDONE.has(failure.code))) throw failure;
      throw new StoreError(
        'store-unknown-outcome',
        `The commit was not answered, and may have been done; do the same work again. ${failure.message}`,
        { cause: error, sqlState: failure.sqlState },
      );
    }
    // PostgreSQL answers the commit of a failed transaction with a rollback and no error.
    if (command !== 'COMMIT')
      throw (
        this.conflict ??
        new StoreError(
          'store-aborted',
          `A statement of this transaction failed and nothing was stored: ${this.#failure?.message ?? 'unknown'}`,
          {
            cause: this.#failure,
            sqlState: this.#failure?.sqlState,
          },
        )
      );
  }

  async #rollback(): Promise<void> {
    if (this.#outOfStep || this.#client.getTransactionStatus() === 'I') return;
    try {
      await this.#client.query('rollback');
    } catch {
      this.#outOfStep = true;
    }
  }

  async #run<Row>(statement: Statement | string, values?: unknown[]): Promise<Row[]> {
    try {
      return await runOn<Row>(this.#client, statement, values);
    } catch (error) {
      this.#noteFailure(error as StoreError, (error as StoreError).cause);
      throw error;
    }
  }

  #noteFailure(failure: StoreError, cause: unknown): void {
    this.#failure ??= failure;
    if (failure.code === 'store-conflict' && failure.sqlState !== '55P03') this.conflict ??= failure;
    if (cause !== undefined && !isServerError(cause)) this.#outOfStep = true;
  }
}

/** Sends one statement and gives its rows; of several in one text, the last one's. Throws only {@link StoreError}. */
export async function runOn<Row>(
  client: pg.ClientBase,
  statement: Statement | string,
  values?: unknown[],
): Promise<Row[]> {
  const { text, name } = typeof statement === 'string' ? { text: statement, name: undefined } : statement;
  // Texts are sent as C strings: what follows a NUL would be read as the next message.
  if (text.includes('\0'))
    throw new StoreError('store-statement', 'A statement contains a NUL byte. Pass values as parameters.');
  try {
    const result: pg.QueryResult | pg.QueryResult[] = await client.query(
      name ? { name, text, values } : { text, values },
    );
    return ((Array.isArray(result) ? result.at(-1)?.rows : result.rows) ?? []) as Row[];
  } catch (error) {
    throw storeError(error);
  }
}
