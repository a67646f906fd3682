import { type Transport, TransportError } from '../../platform/http.ts';
import type { Database, Queryable } from '../../store/database.ts';

/** Of one process. Once it is over, nothing that its code still does reaches anybody. */
export interface Life {
  over: boolean;
}

const dead = () => new Error('this process is dead');

/** A process's connection to the store: its end rolls back what was not committed, and nothing is noted afterwards. */
export function mortalDatabase(db: Database, life: Life): Database {
  const alive = (on: Queryable): Queryable => ({
    query: async (statement, values) => {
      if (life.over) throw dead();
      return on.query(statement, values);
    },
  });
  return {
    ...alive(db),
    engine: db.engine,
    transaction: async (work) => {
      if (life.over) throw dead();
      return db.transaction(async (tx) => {
        const done = await work(alive(tx));
        if (life.over) throw dead();
        return done;
      });
    },
    wake: async (topic) => {
      if (!life.over) await db.wake(topic);
    },
    onWake: (topic, listener) => db.onWake(topic, () => life.over || listener()),
    // The store outlives the process: whoever opened it closes it.
    close: async () => {},
  };
}

/** A process's line to the platforms: they may act on what was sent before its end, and nobody hears the answer. */
export function mortalTransport(transport: Transport, life: Life): Transport {
  return async (request, options) => {
    if (life.over) throw new TransportError('this process is dead', false);
    const answer = await transport(request, options);
    if (life.over) throw new TransportError('this process is dead', true);
    return answer;
  };
}
