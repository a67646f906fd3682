import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cuttingProxy } from '../../../test/store/cutting-proxy.ts';
import {
  codeOf,
  expectNoOpenTransaction,
  hasServer,
  noServer,
  onServer,
  ownServerDatabase,
} from '../../../test/store/engines.ts';
import { realClock } from '../../runtime/clock.ts';
import type { Database, Queryable } from '../database.ts';
import { openDatabase } from '../open-database.ts';

const settle = (ms = 50) => new Promise((resolve) => setTimeout(resolve, ms));

async function eventually(check: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; !(await check()); tries++) {
    if (tries > 200) throw new Error('it never became true');
    await settle(25);
  }
}

/** A promise and what resolves it. */
function signal() {
  let give = () => {};
  const given = new Promise<void>((resolve) => {
    give = resolve;
  });
  return { give, given };
}

describe('a server that is not there', () => {
  it('is told at once, by code', async () => {
    const nowhere = openDatabase({ url: 'postgres://nobody@127.0.0.1:1/none', clock: realClock });
    expect(await codeOf(nowhere)).toBe('store-unavailable');
  });
});

onServer('PostgreSQL with several connections', ({ database, another }) => {
  it('sets every connection up the same, whatever the server or its user would say', async () => {
    await database().query(`do $$ begin
      execute format('alter database %I set timezone = %L', current_database(), 'Asia/Kathmandu');
      execute format('alter database %I set datestyle = %L', current_database(), 'German');
      execute format('alter database %I set default_transaction_isolation = %L', current_database(), 'serializable');
      execute format('alter database %I set bytea_output = %L', current_database(), 'escape'); end $$`);
    const other = await another();
    expect(await other.query(`select '2026-01-31 12:00:00+00'::timestamptz as at, '\\x0041'::bytea as bytes`)).toEqual([
      { at: '2026-01-31T12:00:00.000Z', bytes: Buffer.from([0, 0x41]) },
    ]);
    expect(await other.transaction((tx) => tx.query('show transaction_isolation'))).toEqual([
      { transaction_isolation: 'read committed' },
    ]);
    await database().query(`do $$ begin execute format('alter database %I reset all', current_database()); end $$`);
  });

  it('repeats the transaction that a deadlock ended', async () => {
    await database().query('create table crossing (id int primary key, units int)');
    await database().query('insert into crossing values (1, 0), (2, 0)');
    const first = { 1: signal(), 2: signal() };
    let tries = 0;
    const lock = (tx: Queryable, id: number) => tx.query('update crossing set units = units + 1 where id = $1', [id]);
    const cross = (mine: 1 | 2, other: 1 | 2) =>
      database().transaction(async (tx) => {
        tries++;
        await lock(tx, mine);
        first[mine].give();
        await first[other].given;
        await lock(tx, other);
      });
    await Promise.all([cross(1, 2), cross(2, 1)]);
    expect(tries).toBe(3);
    expect(await database().query('select id, units from crossing order by id')).toEqual([
      { id: 1, units: 2 },
      { id: 2, units: 2 },
    ]);
    await expectNoOpenTransaction(database());
  });

  it('goes on after an administrator ended its connections, idle or in a transaction', async () => {
    await database().query('create table ended (id int)');
    const other = await another();
    const end = () =>
      other.query(
        `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and application_name = 'onhand'`,
      );
    await database().query('select 1');
    await end();
    await settle();
    expect(await database().query('select 1 as one')).toEqual([{ one: 1 }]);
    const work = database().transaction(async (tx) => {
      await tx.query('insert into ended values (1)');
      await end();
      await settle();
      await tx.query('insert into ended values (2)');
    });
    expect(await codeOf(work)).toBe('store-unavailable');
    expect(await database().query('select id from ended')).toEqual([]);
    await expectNoOpenTransaction(database());
  });

  it('wakes other processes of the schema after the commit, and nobody of another merchant', async () => {
    const heard: string[] = [];
    const [mine, same, merchant] = await Promise.all([another('wakes_a'), another('wakes_a'), another('wakes_b')]);
    mine.onWake('posting', () => heard.push('mine'));
    same.onWake('posting', () => heard.push('same'));
    merchant.onWake('posting', () => heard.push('merchant'));
    // Each listener is woken once when its connection stands.
    await eventually(() => heard.length === 3);
    heard.length = 0;
    await mine.transaction(async () => {
      await mine.wake('posting');
      await settle();
      expect(heard).toEqual([]);
    });
    await eventually(() => heard.length === 2);
    await settle();
    expect(heard.sort()).toEqual(['mine', 'same']);
  });

  it('listens again after its connection was cut, and wakes once for what it may have missed', async () => {
    const heard: string[] = [];
    const [listener, other] = await Promise.all([another('cut'), another('cut')]);
    listener.onWake('lane', () => heard.push('lane'));
    await eventually(() => heard.length === 1);
    await other.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and query like 'listen "onhand_cut"'`,
    );
    await eventually(() => heard.length === 2);
    await other.wake('lane');
    await eventually(() => heard.length === 3);
  });
});

describe.skipIf(!hasServer)(`a wire that is cut${hasServer ? '' : ` (${noServer})`}`, () => {
  let proxy: Awaited<ReturnType<typeof cuttingProxy>>;
  let through: Database;
  let direct: Database;
  let drop: () => Promise<void>;
  beforeAll(async () => {
    const own = await ownServerDatabase();
    drop = own.drop;
    proxy = await cuttingProxy(own.url);
    direct = await openDatabase({ url: own.url, clock: realClock });
    through = await openDatabase({ url: proxy.url, clock: realClock });
    await direct.query('create table cut (id int primary key)');
  });
  afterAll(async () => {
    await through.close();
    await direct.close();
    await proxy.close();
    await drop();
  });

  it('says of a commit without an answer that it may have been done, and it was', async () => {
    proxy.cutAt('commit\0');
    const work = through.transaction((tx) => tx.query('insert into cut values (1)'));
    expect(await codeOf(work)).toBe('store-unknown-outcome');
    await eventually(async () => (await direct.query('select id from cut')).length === 1);
    await expectNoOpenTransaction(direct);
  });

  it('says of everything else that nothing was done, and goes on', async () => {
    proxy.cutAt('values (2)');
    expect(await codeOf(through.transaction((tx) => tx.query('insert into cut values (2)')))).toBe('store-unavailable');
    proxy.cutAt('select 3');
    expect(await codeOf(through.query('select 3'))).toBe('store-unavailable');
    proxy.cutAll();
    await settle();
    expect(await through.query('select id from cut where id = 2')).toEqual([]);
    await expectNoOpenTransaction(direct);
  });
});
