import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Clock } from '../../runtime/clock.ts';
import type { Database } from '../database.ts';
import { openDatabase } from '../open-database.ts';
import { startUpkeep } from './upkeep.ts';

const MINUTE_MS = 60_000;

/** A clock that stands still until told; `pass` lets the minute's work finish. */
function handClock(database: Database) {
  let now = Date.UTC(2026, 0, 1);
  let due: { at: number; work: () => void } | undefined;
  const clock: Clock = {
    now: () => now,
    sleep: async () => {},
    after: (ms, work) => {
      due = { at: now + ms, work };
      return () => {
        due = undefined;
      };
    },
  };
  const pass = async (minutes: number) => {
    now += minutes * MINUTE_MS;
    const timer = due;
    if (!timer || timer.at > now) return;
    due = undefined;
    timer.work();
    // The turn has ended when it has set its next one; the queue behind it is the database's own.
    while (!due) await database.query('select 1');
  };
  return { clock, pass, isSet: () => due !== undefined };
}

describe('upkeep of the embedded database', () => {
  let database: Database;
  const redo = async () =>
    (await database.query<{ at: string }>('select redo_lsn::text as at from pg_control_checkpoint()'))[0]?.at;
  const dead = async () => {
    await database.query('select pg_stat_force_next_flush()');
    const [row] = await database.query<{ dead: number; vacuumed: number; analyzed: number }>(
      `select n_dead_tup as dead, vacuum_count as vacuumed, analyze_count as analyzed from pg_stat_user_tables where relname = 'busy'`,
    );
    return row;
  };

  beforeAll(async () => {
    database = await openDatabase({ memory: true });
    await database.query('create table busy (id int primary key, units int)');
    await database.query('insert into busy select g, 0 from generate_series(1, 1000) g');
    await database.query('checkpoint');
  });
  afterAll(() => database.close());

  it('removes dead rows and counts for the planner within a minute of there being many', async () => {
    await database.query('update busy set units = units + 1');
    expect((await dead())?.dead).toBeGreaterThan(500);
    const { clock, pass } = handClock(database);
    const stop = startUpkeep(database, clock);
    await pass(1);
    expect(await dead()).toEqual({ dead: 0, vacuumed: 1, analyzed: 1 });
    await pass(3);
    expect((await dead())?.vacuumed).toBe(1);
    stop();
  });

  it('gives every table its turn once a day, since a crash forgets the counters', async () => {
    const { clock, pass } = handClock(database);
    const stop = startUpkeep(database, clock);
    const before = (await dead())?.vacuumed ?? 0;
    await pass(24 * 60 - 1);
    expect((await dead())?.vacuumed).toBe(before);
    await pass(1);
    expect((await dead())?.vacuumed).toBe(before + 1);
    stop();
  });

  it('writes a checkpoint after a quarter of an hour with changes, and none without', async () => {
    await database.query('checkpoint');
    const { clock, pass } = handClock(database);
    const stop = startUpkeep(database, clock);
    const first = await redo();
    await pass(20);
    expect(await redo()).toBe(first);
    await database.query(`create table changed as select g, repeat('x', 100) as note from generate_series(1, 500) g`);
    await pass(16);
    expect(await redo()).not.toBe(first);
    stop();
  });

  it('writes a checkpoint within a minute when much was written', async () => {
    await database.query('checkpoint');
    const { clock, pass } = handClock(database);
    const stop = startUpkeep(database, clock);
    const first = await redo();
    // A switch leaves the rest of a 16 MB segment unused: five of them are as far as 80 MB written.
    for (let segment = 0; segment < 5; segment++) {
      await database.query('update busy set units = units + 1 where id = 1');
      await database.query('select pg_switch_wal()');
    }
    await pass(1);
    expect(await redo()).not.toBe(first);
    stop();
  });

  it('sets no timer any more once stopped', async () => {
    const { clock, pass, isSet } = handClock(database);
    const stop = startUpkeep(database, clock);
    await pass(1);
    expect(isSet()).toBe(true);
    stop();
    expect(isSet()).toBe(false);
  });
});
