import type { Duplex } from 'node:stream';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openEngine } from './engine.ts';
import { type ProtocolEngine, sessionsOf } from './protocol-stream.ts';

const CONFIG = { ssl: false, host: 'embedded', user: 'postgres', database: 'postgres', password: 'none' };

describe('the embedded database as the socket of a pg client', () => {
  let engine: ProtocolEngine;
  let stream: () => Duplex;
  const clientOf = (make: () => Duplex = stream) => {
    const client = new pg.Client({ ...CONFIG, stream: make });
    client.on('error', () => {});
    return client;
  };
  const connected = async () => {
    const client = clientOf();
    await client.connect();
    return client;
  };
  /** What the next client finds, asked over a connection of its own. */
  const leftBehind = async () => {
    const client = await connected();
    const { rows } = await client.query(
      `select now() = statement_timestamp() as own, (select count(*)::int from pg_prepared_statements) as prepared,
        current_setting('application_name') as name, current_setting('search_path') as path`,
    );
    await client.end();
    return rows[0];
  };
  const NOTHING = { own: true, prepared: 0, name: '', path: 'public' };

  beforeAll(async () => {
    engine = await openEngine({ onFatal: () => {} });
    stream = sessionsOf(engine);
  });
  afterAll(() => engine.close());

  it('rolls back a client that ends, and leaves nothing of it to the next', async () => {
    const client = await connected();
    await client.query('create table ended (id int)');
    await client.query({ name: 'kept', text: 'select $1::int', values: [1] });
    await client.query("set application_name = 'mine'; set search_path = elsewhere");
    await client.query('begin');
    await client.query('insert into public.ended values (1)');
    await client.end();
    expect(await leftBehind()).toEqual(NOTHING);
    const next = await connected();
    expect((await next.query('select * from ended')).rows).toEqual([]);
    await next.end();
  });

  it('rolls back a destroyed client: what comes later is answered and stays', async () => {
    const client = await connected();
    await client.query('create table destroyed (id int primary key)');
    await client.query('begin');
    await client.query('insert into destroyed values (1)');
    (client as unknown as { connection: { stream: Duplex } }).connection.stream.destroy(new Error('cut'));
    await new Promise((resolve) => client.once('end', resolve));
    expect(await leftBehind()).toEqual(NOTHING);
    for (const id of [2, 3]) {
      const next = await connected();
      await next.query('insert into destroyed values ($1)', [id]);
      await next.end();
    }
    const last = await connected();
    expect((await last.query('select id from destroyed order by id')).rows).toEqual([{ id: 2 }, { id: 3 }]);
    await last.end();
  });

  it('connects a client only when the one before has been cleaned up', async () => {
    const first = await connected();
    await first.query('begin');
    const second = clientOf();
    let isConnected = false;
    const connecting = second.connect().then(() => {
      isConnected = true;
    });
    await first.query('select 1');
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(isConnected).toBe(false);
    await first.end();
    await connecting;
    expect((await second.query('select now() = statement_timestamp() as own')).rows).toEqual([{ own: true }]);
    await second.end();
  });

  it('keeps in step after errors through a pool, with the error class and code of a server', async () => {
    const pool = new pg.Pool({ ...CONFIG, stream, max: 1, idleTimeoutMillis: 0 });
    pool.on('error', () => {});
    await pool.query('create table pooled (id int primary key)');
    for (let round = 0; round < 3; round++) {
      const error = await pool.query('insert into pooled values ($1), ($1)', [round]).catch((reason) => reason);
      expect(error).toBeInstanceOf(pg.DatabaseError);
      expect(error.code).toBe('23505');
      await pool.query('insert into pooled values ($1)', [round]);
      const client = await pool.connect();
      await client.query('begin');
      await client.query('insert into pooled values (100)');
      client.release(new Error('given back with an error'));
    }
    expect((await pool.query('select id from pooled order by id')).rows).toEqual([{ id: 0 }, { id: 1 }, { id: 2 }]);
    await pool.end();
    expect(await leftBehind()).toEqual(NOTHING);
  });

  it('understands messages cut anywhere', async () => {
    const slow = () => {
      const inner = stream();
      const write = inner.write.bind(inner);
      const waiting: { byte: Buffer; written?: () => void }[] = [];
      // Each byte comes alone, the next once the one before has been taken.
      const next = () => {
        const first = waiting[0];
        if (!first) return;
        write(first.byte, () => {
          waiting.shift();
          first.written?.();
          next();
        });
      };
      inner.write = ((chunk: Buffer, written?: () => void) => {
        const idle = waiting.length === 0;
        for (const [index, byte] of chunk.entries())
          waiting.push({ byte: Buffer.from([byte]), written: index === chunk.length - 1 ? written : undefined });
        if (idle) next();
        return true;
      }) as typeof inner.write;
      return inner;
    };
    const client = clientOf(slow);
    await client.connect();
    expect((await client.query('select $1::text as text', ['äöü'.repeat(50)])).rows).toEqual([
      { text: 'äöü'.repeat(50) },
    ]);
    const named = { name: 'cut', text: 'select $1::int as value' };
    for (const value of [1, 2]) expect((await client.query({ ...named, values: [value] })).rows).toEqual([{ value }]);
    await expect(client.query('select 1 / 0')).rejects.toThrow('division by zero');
    await client.end();
    expect(await leftBehind()).toEqual(NOTHING);
  });
});
