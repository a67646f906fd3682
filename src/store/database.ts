/** A statement kept by name: prepared once per connection, two to three times faster than unnamed. */
export interface Statement {
  /** Unique across the store; ≤ 63 characters. */
  name: string;
  text: string;
}

export interface Queryable {
  /** Named statements are prepared; a plain string is sent as it is (migrations, tests). numeric and bigint come as JavaScript numbers where they fit. */
  query<Row = Record<string, unknown>>(statement: Statement | string, values?: unknown[]): Promise<Row[]>;
}

/**
 * One store: PostgreSQL's dialect, embedded or on a server. The same SQL, the same suite.
 * Embedded means one connection: a direct query during a transaction of the same call chain must go through `tx`;
 * one from elsewhere waits its turn.
 */
export interface Database extends Queryable {
  engine: 'embedded' | 'server';
  /**
   * Begins, runs `work`, commits; rolls back when it throws. Always ends before the connection is given back.
   * Serialization failures and deadlocks (40001, 40P01) are retried up to five times: `work` must be repeatable.
   */
  transaction<T>(work: (tx: Queryable) => Promise<T>): Promise<T>;
  /** Tells every process (and this one) that there is work of this kind. Best effort: polling is the safety net. */
  wake(topic: string): Promise<void>;
  /** The answer stops listening. */
  onWake(topic: string, listener: () => void): () => void;
  close(): Promise<void>;
}
