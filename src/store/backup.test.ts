import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it, vi } from 'vitest';
import { codeOf, hasServer, noServer, ownServerDatabase } from '../../test/store/engines.ts';
import { ledgerFixture, order } from '../../test/support/ledger-fixture.ts';
import { postStates } from '../engine/posting.ts';
import { receive } from '../engine/stock.ts';
import { realClock } from '../runtime/clock.ts';
import { backup, backupStream, restore } from './backup.ts';
import type { Database } from './database.ts';
import { levelsOff } from './history.ts';
import { migrate } from './migrate.ts';
import { openDatabase } from './open-database.ts';
import { truncateAll } from './truncation.ts';

vi.setConfig({ testTimeout: 120_000 });
const AT = '2026-11-24T12:00:00.000Z';

/** A store that has sold: documents, movements, levels, cells, sealed settings, odd characters, large numbers. */
async function usedStore(): Promise<Database> {
  const fixture = await ledgerFixture();
  const [one] = fixture.accounts;
  const sale = order(one!, '9007199254740993', 1, {
    A: { committed: 2 },
    C: { committed: 0.33333 },
    X: { committed: 1 },
  });
  await fixture.db.transaction((tx) =>
    postStates(tx, fixture.context, [{ account: one!, doc: sale.doc, arrival: { how: 'carried' }, state: sale }]),
  );
  await receive(fixture.context, { sku: 'B', location: 'W1', units: 123_456_789.12345, by: 'Zoë\n"quoted" \\ tab\t' });
  await fixture.db.query("update channel set mode = 'live'");
  return fixture.db;
}

let second: Promise<Database> | undefined;
/** Another store, empty again each time. */
async function emptyTarget(): Promise<Database> {
  second ??= openDatabase({ memory: true });
  const db = await second;
  await migrate(db);
  await truncateAll(db);
  return db;
}

/** Every row of every table, as text, but for leases. */
async function contents(db: Database): Promise<string[]> {
  const lines: string[] = [];
  await backup(db, AT, async (line) => void lines.push(line));
  return lines.slice(1);
}

const packed = async (db: Database) => buffer(backupStream(db, AT));

describe('a backup', () => {
  it('restores every row with every digit, and the ledger goes on counting where it was', async () => {
    const from = await usedStore();
    const before = await contents(from);
    expect(before.length).toBeGreaterThan(40);
    const to = await emptyTarget();
    const { rows, head } = await restore(to, Readable.from([await packed(from)]), null);
    expect([head.at, rows]).toEqual([AT, before.length - 1]);
    expect(await contents(to)).toEqual(before);
    expect(await levelsOff(to)).toEqual([]);
    const numbers = (db: Database) =>
      db.query("insert into item (sku, title, created_at) values ('NEW', '', now()) returning id");
    expect(await numbers(to)).toEqual(await numbers(from));
  });

  it('a restored store is held: nothing is written before a person has looked', async () => {
    const to = await emptyTarget();
    await restore(to, Readable.from([await packed(await usedStore())]), 'restored from yesterday');
    const modes = await to.query('select distinct mode, mode_reason as reason from channel');
    expect(modes).toEqual([{ mode: 'held', reason: 'restored from yesterday' }]);
  });

  it('is refused whole when it is cut off, changed, or no backup at all; the store stays empty', async () => {
    const good = await packed(await usedStore());
    const text = gunzipSync(good).toString('utf8');
    const lines = text.trimEnd().split('\n');
    const bad: [string, Buffer][] = [
      ['cut off in the middle of a packet', good.subarray(0, good.length >> 1)],
      ['without its end', gzipSync(lines.slice(0, -1).join('\n'))],
      ['with a row missing', gzipSync([...lines.slice(0, 20), ...lines.slice(21)].join('\n'))],
      ['with a row of an unknown table', gzipSync([lines[0], 'api_secret {"a":1}', ...lines.slice(1)].join('\n'))],
      ['of something else', gzipSync('{"hello": 1}\n')],
      ['not packed', Buffer.from(text)],
      ['empty', Buffer.alloc(0)],
    ];
    const to = await emptyTarget();
    for (const [what, bytes] of bad)
      expect([what, await codeOf(restore(to, Readable.from([bytes]), null))]).toEqual([what, 'store-statement']);
    expect(await to.query('select id from account union all select id from item')).toEqual([]);
  });

  it('is not poured over a store that is in use', async () => {
    const from = await usedStore();
    const bytes = await packed(from);
    const before = await contents(from);
    expect(await codeOf(restore(from, Readable.from([bytes]), null))).toBe('store-statement');
    expect(await contents(from)).toEqual(before);
  });

  it('of another schema says which version is needed', async () => {
    const text = gunzipSync(await packed(await usedStore())).toString('utf8');
    const other = text.replace(/"hash":\s*"[0-9a-f]{8}/, '"hash":"00000000');
    const to = await emptyTarget();
    expect(await codeOf(restore(to, Readable.from([gzipSync(other)]), null))).toBe('store-version');
  });

  it('a reader that goes away ends the copy, and the store goes on', async () => {
    const from = await usedStore();
    const stream = backupStream(from, AT);
    stream.destroy();
    await expect(buffer(stream)).rejects.toThrow();
    expect(await from.query('select 1 as one')).toEqual([{ one: 1 }]);
  });

  it.skipIf(!hasServer)(
    `goes from the embedded store to PostgreSQL and back${hasServer ? '' : ` (${noServer})`}`,
    async () => {
      const from = await usedStore();
      const before = await contents(from);
      const { url, drop } = await ownServerDatabase();
      const server = await openDatabase({ url, clock: realClock });
      await restore(server, Readable.from([await packed(from)]), null);
      expect(await contents(server)).toEqual(before);
      const back = await emptyTarget();
      await restore(back, backupStream(server, AT), null);
      expect(await contents(back)).toEqual(before);
      await server.close();
      await drop();
    },
    60_000,
  );
});
