import type { Database, Queryable, Statement } from '../src/store/database.ts';

interface Spent {
  times: number;
  ms: number;
}

/** Where a store's time went: statements by name, and how long transactions waited for a connection before they began. */
export class WatchedStore {
  readonly statements = new Map<string, Spent>();
  transactions = 0;
  waitedMs = 0;
  heldMs = 0;
  readonly db: Database;

  constructor(inner: Database) {
    const within = (query: Queryable['query'], where: string): Queryable['query'] => {
      return async <Row>(statement: Statement | string, values?: unknown[]) => {
        const began = performance.now();
        try {
          return await query<Row>(statement, values);
        } finally {
          const name = typeof statement === 'string' ? statement.slice(0, 40) : statement.name;
          this.note(`${where}${name}`, performance.now() - began);
        }
      };
    };
    this.db = {
      engine: inner.engine,
      query: within((statement, values) => inner.query(statement, values), 'alone: '),
      transaction: (work) => {
        const asked = performance.now();
        return inner.transaction(async (tx) => {
          const began = performance.now();
          this.transactions += 1;
          this.waitedMs += began - asked;
          try {
            return await work({ query: within((statement, values) => tx.query(statement, values), '') });
          } finally {
            this.heldMs += performance.now() - began;
          }
        });
      },
      wake: (topic) => inner.wake(topic),
      onWake: (topic, listener) => inner.onWake(topic, listener),
      close: () => inner.close(),
    };
  }

  forget(): void {
    this.statements.clear();
    [this.transactions, this.waitedMs, this.heldMs] = [0, 0, 0];
  }

  /** The dearest statements first. "alone" ones include their own wait for a connection. */
  told(most = 15) {
    const rows = [...this.statements].sort(([, a], [, b]) => b.ms - a.ms).slice(0, most);
    return {
      transactions: this.transactions,
      meanWaitMs: Math.round(this.waitedMs / Math.max(1, this.transactions)),
      heldMs: Math.round(this.heldMs),
      statements: Object.fromEntries(rows.map(([name, { times, ms }]) => [name, { times, ms: Math.round(ms) }])),
    };
  }

  private note(name: string, ms: number): void {
    const spent = this.statements.get(name) ?? { times: 0, ms: 0 };
    this.statements.set(name, { times: spent.times + 1, ms: spent.ms + ms });
  }
}
