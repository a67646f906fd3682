import { beforeEach, expect, it } from 'vitest';
import { expectNoOpenTransaction, onEveryEngine, onServer } from '../../test/store/engines.ts';
import type { Database, Queryable, Statement } from './database.ts';

const UNITS = 2;
const ORDERS = 300;

/** What a state asks less what was posted for it, appended and added to the level. The one statement that design would invite. */
const DIFF_AND_POST = `diff as (select w.ord, w.line, w.qty - coalesce(p.qty, 0) as d, w.qty from want w left join race.posted p using (ord, line)),
  moved as (insert into race.movement (ord, line, d) select ord, line, d from diff where d <> 0 returning d),
  noted as (insert into race.posted select ord, line, qty from diff on conflict (ord, line) do update set qty = excluded.qty)
  update race.level set committed = committed + s.d from (select coalesce(sum(d), 0) as d from moved) s where item = 1`;

const atOnce: Statement = {
  name: 'race-at-once',
  text: `with locked as (insert into race.document values ($1, 0) on conflict (id) do update set rev = excluded.rev returning id),
    want as (select $1::int as ord, 1 as line, $2::int as qty from locked), ${DIFF_AND_POST}`,
};
const insertDocument: Statement = {
  name: 'race-insert',
  text: 'insert into race.document values ($1, 0) on conflict (id) do nothing',
};
const lockDocument: Statement = {
  name: 'race-lock',
  text: 'select id from race.document where id = $1 order by id for update',
};
const post: Statement = {
  name: 'race-post',
  text: `with want as (select $1::int as ord, 1 as line, $2::int as qty), ${DIFF_AND_POST}`,
};

async function postAtOnce(tx: Queryable, order: number): Promise<void> {
  await tx.query(atOnce, [order, UNITS]);
}

/** Lock first; the second statement begins with a snapshot that sees what the first waited for. */
async function lockThenPost(tx: Queryable, order: number): Promise<void> {
  await tx.query(insertDocument, [order]);
  await tx.query(lockDocument, [order]);
  await tx.query(post, [order, UNITS]);
}

async function sums(database: Database) {
  const [row] = await database.query<{ moved: number; posted: number; level: number }>(
    `select (select coalesce(sum(d), 0) from race.movement) as moved, (select coalesce(sum(qty), 0) from race.posted) as posted,
      (select committed from race.level) as level`,
  );
  return row;
}

const reset = (database: () => Database) =>
  beforeEach(async () => {
    await database().query(`drop schema if exists race cascade; create schema race;
      create table race.document (id int primary key, rev int);
      create table race.posted (ord int, line int, qty int, primary key (ord, line));
      create table race.level (item int primary key, committed int); insert into race.level values (1, 0);
      create table race.movement (ord int, line int, d int)`);
  });

onEveryEngine('posting a document that arrives three times at once', ({ database }) => {
  reset(database);

  it(`posts ${ORDERS * UNITS} units of ${ORDERS} orders, each once, when it locks first and then takes the difference`, async () => {
    for (let order = 1; order <= ORDERS; order++) {
      const three = Array.from({ length: 3 }, () => database().transaction((tx) => lockThenPost(tx, order)));
      await Promise.all(three);
    }
    const units = ORDERS * UNITS;
    expect(await sums(database())).toEqual({ moved: units, posted: units, level: units });
    await expectNoOpenTransaction(database());
  });
});

onServer('posting the same document from two connections', ({ database, another }) => {
  reset(database);

  /** Both post order 1; the second begins while the first has posted and not yet committed. */
  async function overlapped(work: (tx: Queryable, order: number) => Promise<void>) {
    const other = await another();
    let second: Promise<void> = Promise.resolve();
    await database().transaction(async (tx) => {
      await work(tx, 1);
      second = other.transaction((theirs) => work(theirs, 1));
      for (let waiting = 0; waiting === 0; )
        waiting = (
          await tx.query<{ n: number }>(
            "select count(*) as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
          )
        )[0]!.n;
    });
    await second;
    return sums(database());
  }

  it('posts it twice in one statement, though level and movements agree: the trap is real', async () => {
    expect(await overlapped(postAtOnce)).toEqual({ moved: 2 * UNITS, posted: UNITS, level: 2 * UNITS });
    await expectNoOpenTransaction(database());
  });

  it('posts it once when it locks first', async () => {
    expect(await overlapped(lockThenPost)).toEqual({ moved: UNITS, posted: UNITS, level: UNITS });
    await expectNoOpenTransaction(database());
  });
});
