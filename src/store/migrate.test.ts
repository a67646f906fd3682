import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeEach, expect, it } from 'vitest';
import { codeOf, expectNoOpenTransaction, onEveryEngine, onServer } from '../../test/store/engines.ts';
import { migrate } from './migrate.ts';
import { truncateAll } from './truncation.ts';

const roots: string[] = [];
afterAll(() => {
  for (const root of roots) rmSync(root, { recursive: true });
});

/** A folder of migrations with these texts, numbered from 1. */
function migrations(...texts: string[]): URL {
  const root = mkdtempSync(join(tmpdir(), 'onhand-migrations-'));
  roots.push(root);
  for (const [index, text] of texts.entries())
    writeFileSync(join(root, `${String(index + 1).padStart(4, '0')}-step.sql`), text);
  return pathToFileURL(`${root}/`);
}

const FIRST = 'create table item (id int primary key);\ninsert into item values (1);\n';
const SECOND = '-- a second\nalter table item add column name text;\n';

onEveryEngine('migrate', ({ database }) => {
  beforeEach(() => database().query('drop schema public cascade; create schema public'));

  it('applies what is missing, in order, once', async () => {
    expect(await migrate(database(), migrations(FIRST))).toBe(1);
    expect(await migrate(database(), migrations(FIRST))).toBe(0);
    expect(await migrate(database(), migrations(FIRST, SECOND))).toBe(1);
    expect(await database().query('select id, name from item')).toEqual([{ id: 1, name: null }]);
    expect(await database().query('select number, name from migration order by number')).toEqual([
      { number: 1, name: '0001-step.sql' },
      { number: 2, name: '0002-step.sql' },
    ]);
  });

  it('takes line ends of Windows for the same file', async () => {
    await migrate(database(), migrations(FIRST));
    expect(await migrate(database(), migrations(FIRST.replaceAll('\n', '\r\n')))).toBe(0);
  });

  it('refuses a file that changed after it was applied', async () => {
    await migrate(database(), migrations(FIRST, SECOND));
    const changed = migrate(
      database(),
      migrations(FIRST, `${SECOND}alter table item add column extra text;`, 'create table third ()'),
    );
    await expect(changed).rejects.toThrow(/0002-step\.sql was applied to this store with other content/);
    expect(await codeOf(migrate(database(), migrations(`${FIRST} `)))).toBe('store-version');
    expect(await database().query("select to_regclass('third') as third")).toEqual([{ third: null }]);
    await expectNoOpenTransaction(database());
  });

  it('refuses a store that is newer than the program', async () => {
    await migrate(database(), migrations(FIRST, SECOND));
    await expect(migrate(database(), migrations(FIRST))).rejects.toThrow(
      /newer than this program: it has migration 0002-step\.sql/,
    );
    expect(await codeOf(migrate(database(), migrations(FIRST)))).toBe('store-version');
    await expectNoOpenTransaction(database());
  });

  it('leaves nothing of a run that failed, and says which file and why', async () => {
    const broken = migrate(database(), migrations(FIRST, 'create table half (id int); selec;'));
    await expect(broken).rejects.toThrow(/Migration 0002-step\.sql failed: syntax error at or near "selec"/);
    expect(await database().query("select to_regclass('item') as item, to_regclass('migration') as record")).toEqual([
      { item: null, record: null },
    ]);
    await expectNoOpenTransaction(database());
    expect(await migrate(database(), migrations(FIRST))).toBe(1);
  });

  it('refuses a gap in the numbers', async () => {
    const folder = migrations(FIRST, SECOND);
    rmSync(new URL('0001-step.sql', folder));
    await expect(migrate(database(), folder)).rejects.toThrow(/0002-step\.sql is file 1/);
  });

  it('applies the real files', async () => {
    expect(await migrate(database())).toBeGreaterThan(0);
    expect(await migrate(database())).toBe(0);
  });

  it('truncates everything but its own record, and starts the numbers again', async () => {
    const folder = migrations(
      `create table parent (id int generated always as identity primary key, name text);
       create table child (id bigint generated always as identity, parent_id int references parent);
       create table other (id serial);`,
    );
    await migrate(database(), folder);
    const fill = async () => {
      await database().query(
        "insert into parent (name) values ('a'), ('b'); insert into child (parent_id) select id from parent",
      );
      return database().query(
        'select p.id as parent, c.id as child from parent p join child c on c.parent_id = p.id order by p.id',
      );
    };
    const first = await fill();
    await database()
      .transaction(async (tx) => {
        await tx.query('insert into other default values');
        throw new Error('the number is used up all the same');
      })
      .catch(() => {});
    await truncateAll(database());
    expect(
      await database().query('select (select count(*) from parent) + (select count(*) from child) as rows'),
    ).toEqual([{ rows: 0 }]);
    expect(await fill()).toEqual(first);
    expect(await database().query('insert into other default values returning id')).toEqual([{ id: 1 }]);
    expect(await migrate(database(), folder)).toBe(0);
  });
});

onServer('migrate by many at once', ({ another }) => {
  it('applies each file once when twenty processes start, and each merchant has a schema', async () => {
    const folder = migrations(FIRST, SECOND, 'select pg_sleep(0.05); insert into item values (2)');
    for (const schema of ['merchant_a', 'Merchant "B"']) {
      const stores = await Promise.all(Array.from({ length: 20 }, () => another(schema)));
      const counts = await Promise.all(stores.map((store) => migrate(store, folder)));
      expect(counts.reduce((sum, count) => sum + count)).toBe(3);
      expect(await stores[0]!.query('select current_schema() as schema, count(*) as items from item')).toEqual([
        { schema, items: 2 },
      ]);
      await expectNoOpenTransaction(stores[0]!);
      await Promise.all(stores.map((store) => store.close()));
    }
  });
});
