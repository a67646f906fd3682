import { expect, it } from 'vitest';
import { codeOf, expectNoOpenTransaction, onEveryEngine } from '../../test/store/engines.ts';
import type { Queryable, Statement } from './database.ts';
import type { StoreError } from './store-error.ts';

onEveryEngine('a store', ({ database, name }) => {
  const db = database;
  const count = async (table: string) => (await db().query<{ n: number }>(`select count(*) as n from ${table}`))[0]?.n;

  it('says which engine it is', () => {
    expect(db().engine).toBe(name === 'server' ? 'server' : 'embedded');
  });

  it('gives values back as the engine counts: numbers where they are exact, times in ISO with milliseconds, bytes, JSON', async () => {
    const [row] = await db().query(
      `select 1.50000::numeric(18,5) as quantity, -0.00001::numeric(18,5) as least, 9999999999.12345::numeric(18,5) as fits,
        1234567890123.12345::numeric(18,5) as large, 1000000000000.00000::numeric(18,5) as whole, 4503599627370496.00001::numeric as near,
        9007199254740991::bigint as safe, 9007199254740993::bigint as unsafe, count(*) as counted,
        '2026-03-29 02:30:00.123987+02'::timestamptz as at, '1900-01-01 00:00:00+00'::timestamptz as old, 'infinity'::timestamptz as never,
        date '2026-01-31' as day, '{"a":[1,"ü"]}'::jsonb as json, '\\x00ff'::bytea as bytes, null::numeric as nothing,
        array[1.5, null]::numeric[] as numbers, array[1, 9007199254740993]::bigint[] as ids, array['2026-01-01 00:00:00+00'::timestamptz] as times,
        array['a,"b', null] as texts, true as yes`,
    );
    expect(row).toEqual({
      quantity: 1.5,
      least: -0.00001,
      fits: 9999999999.12345,
      large: '1234567890123.12345',
      whole: 1e12,
      near: '4503599627370496.00001',
      safe: 9007199254740991,
      unsafe: '9007199254740993',
      counted: 1,
      at: '2026-03-29T00:30:00.123Z',
      old: '1900-01-01T00:00:00.000Z',
      never: 'infinity',
      day: '2026-01-31',
      json: { a: [1, 'ü'] },
      bytes: Buffer.from([0, 255]),
      nothing: null,
      numbers: [1.5, null],
      ids: [1, '9007199254740993'],
      times: ['2026-01-01T00:00:00.000Z'],
      texts: ['a,"b', null],
      yes: true,
    });
  });

  it('takes arrays of everything, as the batches send them', async () => {
    const statement: Statement = {
      name: 'test-arrays',
      text: `select * from unnest($1::int[], $2::text[], $3::numeric[], $4::bytea[], $5::timestamptz[], $6::boolean[], $7::jsonb[])
        as n(id, name, units, body, at, open, data)`,
    };
    const values = [
      [1, 2],
      ['a"\\,{}', null],
      [0.1, -5],
      [Buffer.from([0, 1]), Buffer.alloc(0)],
      ['2026-01-01T00:00:00.000Z', null],
      [true, false],
      ['{"a":1}', null],
    ];
    for (let again = 0; again < 2; again++)
      expect(await db().query(statement, values)).toEqual([
        {
          id: 1,
          name: 'a"\\,{}',
          units: 0.1,
          body: Buffer.from([0, 1]),
          at: '2026-01-01T00:00:00.000Z',
          open: true,
          data: { a: 1 },
        },
        { id: 2, name: null, units: -5, body: Buffer.alloc(0), at: null, open: false, data: null },
      ]);
  });

  it('carries large statements and answers', async () => {
    const texts = Array.from({ length: 2000 }, (_, index) => `${index}`.padEnd(2000, 'ä'));
    const rows = await db().query<{ t: string }>(
      'select t from unnest($1::text[]) with ordinality as n(t, i) order by i',
      [texts],
    );
    expect(rows.map(({ t }) => t)).toEqual(texts);
  });

  it('commits what succeeded and rolls back what threw', async () => {
    await db().query('create table outcome (id int primary key)');
    const result = await db().transaction(async (tx) => {
      await tx.query('insert into outcome values (1)');
      return 'done';
    });
    expect(result).toBe('done');
    const thrown = new Error('mine');
    await expect(
      db().transaction(async (tx) => {
        await tx.query('insert into outcome values (2)');
        throw thrown;
      }),
    ).rejects.toBe(thrown);
    expect(await db().query('select id from outcome')).toEqual([{ id: 1 }]);
    await expectNoOpenTransaction(db());
  });

  it('tells a bad row by its class, with the constraint, and goes on', async () => {
    await db().query(
      'create table bad (id int primary key, units numeric(18,5) constraint not_negative check (units >= 0), name text)',
    );
    const insert: Statement = { name: 'test-bad', text: 'insert into bad values ($1, $2, $3)' };
    await db().query(insert, [1, 1, 'a']);
    for (const [values, sqlState] of [
      [[1, 1, 'twice'], '23505'],
      [[2, -1, 'below zero'], '23514'],
      [[3, 1e13, 'too large'], '22003'],
      [[4, 1, 'nul \0 byte'], '22021'],
      [['five', 1, 'no number'], '22P02'],
    ] as const) {
      const error = (await db()
        .query(insert, [...values])
        .catch((reason) => reason)) as StoreError;
      expect([error.code, error.sqlState]).toEqual(['store-value', sqlState]);
      if (sqlState === '23514') expect(error.constraint).toBe('not_negative');
      const inside = db().transaction((tx) => tx.query(insert, [...values]));
      expect(await codeOf(inside)).toBe('store-value');
      await expectNoOpenTransaction(db());
    }
    expect(await codeOf(db().query('select $1::jsonb', ['{"a":"\\u0000"}']))).toBe('store-value');
    await db().query(insert, [6, 1, 'good']);
    expect(await count('bad')).toBe(2);
  });

  it('tells its own mistakes apart, and a NUL byte in a text never reaches the protocol', async () => {
    for (const text of ['select nothing', 'selec', "select 'a\0b'", 'select * from missing']) {
      expect(await codeOf(db().query(text))).toBe('store-statement');
      expect(await codeOf(db().query({ name: `test-${text.length}`, text }))).toBe('store-statement');
      expect(await codeOf(db().transaction((tx) => tx.query(text)))).toBe('store-statement');
      await expectNoOpenTransaction(db());
    }
    expect(await db().query('select 1 as one')).toEqual([{ one: 1 }]);
  });

  it('survives values that cannot be turned into bytes, and keeps the statement usable', async () => {
    const circular: Record<string, unknown> = {};
    circular['self'] = circular;
    const statement: Statement = { name: 'test-circular', text: 'select $1::jsonb as value' };
    for (let again = 0; again < 2; again++) {
      expect(await codeOf(db().query(statement, [circular]))).toBe('store-statement');
      expect(await codeOf(db().transaction((tx) => tx.query(statement, [circular])))).toBe('store-statement');
      expect(await db().query(statement, [{ a: 1 }])).toEqual([{ value: { a: 1 } }]);
      await expectNoOpenTransaction(db());
    }
  });

  it('refuses to call a transaction committed in which a failed statement was swallowed', async () => {
    await db().query('create table swallowed (id int primary key)');
    const work = db().transaction(async (tx) => {
      await tx.query('insert into swallowed values (1)');
      await tx.query('insert into swallowed values (1)').catch(() => {});
    });
    expect(await codeOf(work)).toBe('store-aborted');
    const after = db().transaction(async (tx) => {
      await tx.query('select 1 / 0').catch(() => {});
      await tx.query('select 1');
    });
    expect(await codeOf(after)).toBe('store-aborted');
    expect(await count('swallowed')).toBe(0);
    await expectNoOpenTransaction(db());
  });

  it('lets a savepoint save the rest', async () => {
    await db().query('create table saved (id int primary key)');
    await db().transaction(async (tx) => {
      await tx.query('insert into saved values (1)');
      await tx.query('savepoint row');
      await tx.query('insert into saved values (1)').catch(() => {});
      await tx.query('rollback to savepoint row');
      await tx.query('insert into saved values (2)');
    });
    expect(await count('saved')).toBe(2);
    await expectNoOpenTransaction(db());
  });

  it('rolls back a constraint that fails only at commit', async () => {
    await db().query('create table parent (id int primary key)');
    await db().query('create table child (id int references parent deferrable initially deferred)');
    expect(await codeOf(db().transaction((tx) => tx.query('insert into child values (7)')))).toBe('store-value');
    expect(await count('child')).toBe(0);
    await expectNoOpenTransaction(db());
  });

  it('repeats a transaction that met a conflict, up to five times', async () => {
    const failing = (times: number) => {
      let tries = 0;
      const work = db().transaction(async (tx: Queryable) => {
        tries++;
        // A wrapped error is a conflict all the same.
        if (tries <= times)
          await tx.query("do $$ begin raise exception using errcode = '40001'; end $$").catch((cause) => {
            throw new Error('wrapped', { cause });
          });
        return tries;
      });
      return work;
    };
    expect(await failing(2)).toBe(3);
    expect(await failing(5)).toBe(6);
    expect(await codeOf(failing(6))).toBe('store-conflict');
    await expectNoOpenTransaction(db());
  });

  it('rolls back a transaction begun by a plain statement instead of leaving it to the next', async () => {
    await db().query('create table begun (id int)');
    expect(await codeOf(db().query('begin; insert into begun values (1)'))).toBe('store-statement');
    expect(await codeOf(db().query('begin; insert into begun values (1); select 1 / 0'))).toBe('store-value');
    await db().query('insert into begun values (2)');
    expect(await db().query('select id from begun')).toEqual([{ id: 2 }]);
    await expectNoOpenTransaction(db());
  });

  it('lets direct statements of others wait for a transaction, and never runs them inside it', async () => {
    await db().query('create table waiting (id int)');
    let outside: Promise<unknown> = Promise.resolve();
    let begun = () => {};
    const inside = new Promise<void>((resolve) => {
      begun = resolve;
    });
    const work = db()
      .transaction(async (tx) => {
        await tx.query('insert into waiting values (1)');
        begun();
        await new Promise((resolve) => setTimeout(resolve, 30));
        throw new Error('mine');
      })
      .catch(() => {});
    await inside;
    outside = db().query('insert into waiting values (2)');
    await Promise.all([work, outside]);
    expect(await db().query('select id from waiting')).toEqual([{ id: 2 }]);
    await expectNoOpenTransaction(db());
  });

  it('refuses at once to be asked directly inside its own transaction, where it would wait for itself', async () => {
    for (const nested of [() => db().query('select 1'), () => db().transaction(async () => {})])
      expect(await codeOf(db().transaction(() => nested() as Promise<unknown>))).toBe('store-nested');
    await expectNoOpenTransaction(db());
    // What was started inside and runs on after the end is a call like any other.
    let later: Promise<unknown> = Promise.resolve();
    await db().transaction(async () => {
      later = new Promise((resolve) => setTimeout(resolve, 20)).then(() => db().query('select 1 as one'));
    });
    expect(await later).toEqual([{ one: 1 }]);
  });

  it('runs statements asked for at the same time one after the other, also when one fails', async () => {
    const answers = await db().transaction((tx) =>
      Promise.all([1, 2, 3].map((value) => tx.query<{ value: number }>('select $1::int as value', [value]))),
    );
    expect(answers.map(([row]) => row?.value)).toEqual([1, 2, 3]);
    const failed = db().transaction((tx) =>
      Promise.all([tx.query('select 1 / 0'), tx.query('select 1'), tx.query('select 2')]),
    );
    expect(await codeOf(failed)).toBe('store-value');
    await expectNoOpenTransaction(db());
  });

  it('refuses a transaction that has ended', async () => {
    let kept: Queryable | undefined;
    await db().transaction(async (tx) => {
      kept = tx;
    });
    expect(await codeOf(kept!.query('select 1'))).toBe('store-closed');
    // A statement nobody awaited still belongs to its transaction.
    await db().query('create table unawaited (id int)');
    await db().transaction(async (tx) => {
      void tx.query('insert into unawaited values (1)');
    });
    expect(await count('unawaited')).toBe(1);
    await expectNoOpenTransaction(db());
  });

  it('wakes after the commit, never for a rollback, and stops when asked', async () => {
    const heard: string[] = [];
    const stop = db().onWake('posting', () => heard.push('posting'));
    db().onWake('lane', () => heard.push('lane'));
    const settle = () => new Promise((resolve) => setTimeout(resolve, 50));
    await settle();
    heard.length = 0;
    await db().wake('posting');
    await settle();
    expect(heard).toEqual(['posting']);
    await db().transaction(async () => {
      await db().wake('lane');
      await settle();
      expect(heard).toEqual(['posting']);
    });
    await settle();
    expect(heard).toEqual(['posting', 'lane']);
    await db()
      .transaction(async () => {
        await db().wake('posting');
        throw new Error('mine');
      })
      .catch(() => {});
    stop();
    await db().wake('posting');
    await settle();
    expect(heard).toEqual(['posting', 'lane']);
    await expectNoOpenTransaction(db());
  });
});
