import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { codeOf, expectNoOpenTransaction, temporaryFolder, throwLater } from '../../../test/store/engines.ts';
import type { ProcessEvent } from '../../../test/store/folder-process.ts';
import { realClock } from '../../runtime/clock.ts';
import type { Database } from '../database.ts';
import { openDatabase } from '../open-database.ts';
import { POSTGRES_MAJOR } from './engine.ts';

const PROGRAM = fileURLToPath(new URL('../../../test/store/folder-process.ts', import.meta.url));
/** Processes are started and folders created, on whatever machine runs this beside other work. */
const TIMEOUT_MS = 120_000;
const children: ChildProcess[] = [];

/** Starts the posting process and collects what it says; `shell` sets limits before. */
function posting(folder: string, { bytes = 10, limit = '' } = {}) {
  const events: ProcessEvent[] = [];
  const program = [process.execPath, '--import', 'tsx', PROGRAM, folder, String(bytes)];
  const [command, ...args] = limit ? ['sh', '-c', `${limit}; exec "$@"`, 'sh', ...program] : program;
  const child = spawn(command!, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  let heard = () => {};
  let rest = '';
  child.stdout.on('data', (data: Buffer) => {
    const lines = `${rest}${data}`.split('\n');
    rest = lines.pop() ?? '';
    events.push(...lines.map((line) => JSON.parse(line) as ProcessEvent));
    heard();
  });
  const until = async (wanted: (event: ProcessEvent) => boolean) => {
    for (;;) {
      const found = events.find(wanted);
      if (found) return found;
      const more = new Promise<void>((resolve) => {
        heard = resolve;
      });
      if ((await Promise.race([more, ended.then(() => 'ended')])) === 'ended') {
        const last = events.find(wanted);
        if (last) return last;
        throw new Error(`the process ended: ${JSON.stringify(events.slice(-3))}`);
      }
    }
  };
  return { child, events, ended, until };
}

const posted = (events: ProcessEvent[]) => events.flatMap((event) => (event.event === 'posted' ? [event.id] : []));

async function reopened<T>(folder: string, look: (database: Database) => Promise<T>): Promise<T> {
  const database = await openDatabase({ folder, clock: realClock, onFatal: throwLater });
  try {
    return await look(database);
  } finally {
    await database.close();
  }
}

/** Everything acknowledged is there, and every level equals its movements. */
async function expectNothingLost(folder: string, acknowledged: number[]): Promise<void> {
  await reopened(folder, async (database) => {
    const ids = (await database.query<{ id: number }>('select id from movement')).map(({ id }) => id);
    expect(acknowledged.filter((id) => !ids.includes(id))).toEqual([]);
    const wrong = await database.query(
      `select l.item, l.on_hand, m.posted from level l full join (select item, count(*) as posted from movement group by item) m using (item)
        where l.on_hand is distinct from m.posted`,
    );
    expect(wrong).toEqual([]);
    await expectNoOpenTransaction(database);
  });
}

describe('the folder of an embedded store', { timeout: TIMEOUT_MS }, () => {
  const { folder: template, removeFolder } = temporaryFolder();
  const folders: (() => void)[] = [removeFolder];
  /** A copy of one that was created once: creating takes seconds. */
  const copied = () => {
    const { folder, removeFolder: remove } = temporaryFolder();
    folders.push(remove);
    cpSync(template, folder, { recursive: true });
    return folder;
  };
  beforeAll(() => reopened(template, async () => {}), TIMEOUT_MS);
  afterAll(() => {
    for (const child of children) child.kill('SIGKILL');
    for (const remove of folders) remove();
  });

  it('is for its user alone, and durable by its settings', async () => {
    expect(statSync(template).mode & 0o777).toBe(0o700);
    const folder = copied();
    await reopened(folder, async (database) => {
      const settings = await database.query(
        `select name, setting from pg_settings where name in ('fsync', 'wal_sync_method', 'synchronous_commit', 'full_page_writes') order by name`,
      );
      expect(settings).toEqual([
        { name: 'fsync', setting: 'on' },
        { name: 'full_page_writes', setting: 'on' },
        { name: 'synchronous_commit', setting: 'on' },
        { name: 'wal_sync_method', setting: 'fsync' },
      ]);
      const [{ version } = { version: '' }] = await database.query<{ version: string }>('select version() as version');
      expect(version).toContain(`PostgreSQL ${POSTGRES_MAJOR}.`);
    });
  });

  it('cannot be opened twice, by this process or another, and opens again once it is free', async () => {
    const folder = copied();
    await reopened(folder, async () => {
      const again = openDatabase({ folder, clock: realClock, onFatal: throwLater });
      await expect(again).rejects.toThrow(new RegExp(`is open in process ${process.pid} on `));
      expect(await codeOf(openDatabase({ folder, clock: realClock, onFatal: throwLater }))).toBe('store-in-use');
      const other = posting(folder);
      expect(await other.until(({ event }) => event === 'refused')).toMatchObject({ code: 'store-in-use' });
    });
    const other = posting(folder);
    await other.until(({ event }) => event === 'posted');
    expect(await codeOf(openDatabase({ folder, clock: realClock, onFatal: throwLater }))).toBe('store-in-use');
    other.child.kill('SIGKILL');
    await other.ended;
    await expectNothingLost(folder, posted(other.events));
  });

  it('[I3] loses nothing acknowledged to kill -9, and the lock of the dead is taken over at once', async () => {
    const folder = copied();
    const acknowledged: number[] = [];
    for (let round = 0; round < 2; round++) {
      const process = posting(folder);
      await process.until((event) => event.event === 'posted' && event.id >= acknowledged.length + 10 + round * 7);
      process.child.kill('SIGKILL');
      await process.ended;
      acknowledged.push(...posted(process.events));
    }
    expect(acknowledged.length).toBeGreaterThan(20);
    await expectNothingLost(folder, acknowledged);
  });

  it('keeps what came after a transaction that failed, through a restart', async () => {
    const folder = copied();
    await reopened(folder, async (database) => {
      await database.query('create table kept (id int primary key)');
      const failing = database.transaction(async (tx) => {
        await tx.query('insert into kept values (1)');
        // No server error: the client is out of step and is destroyed with its transaction open.
        const circular: Record<string, unknown> = {};
        circular['self'] = circular;
        await tx.query({ name: 'values', text: 'insert into kept values ($1)' }, [circular]);
      });
      expect(await codeOf(failing)).toBe('store-statement');
      for (const id of [2, 3]) await database.query('insert into kept values ($1)', [id]);
      await expectNoOpenTransaction(database);
    });
    expect(await reopened(folder, (database) => database.query('select id from kept order by id'))).toEqual([
      { id: 2 },
      { id: 3 },
    ]);
  });

  it.skipIf(process.platform === 'win32')(
    'ends on a disk that refuses to write, having acknowledged nothing that is lost',
    async () => {
      const folder = copied();
      // The next segment of the write-ahead log, 16 MB, is larger than the process may write a file.
      const full = posting(folder, { bytes: 500_000, limit: "trap '' XFSZ; ulimit -f 20000" });
      await full.until(({ event }) => event === 'fatal');
      expect(await full.ended).toBe(70);
      expect(full.events.at(-1)).toEqual({ event: 'rejected', code: 'store-io' });
      expect(posted(full.events).length).toBeGreaterThan(3);
      await expectNothingLost(folder, posted(full.events));
    },
  );

  it('leaves the event loop free while a statement runs', async () => {
    await reopened(copied(), async (database) => {
      let ticks = 0;
      const timer = setInterval(() => ticks++, 5);
      await database.query('select count(*) from generate_series(1, 2000000)');
      clearInterval(timer);
      expect(ticks).toBeGreaterThan(5);
    });
  });

  it.skipIf(process.platform !== 'linux')(
    'refuses a folder that it cannot lock, and says what to install',
    async () => {
      const folder = copied();
      const path = process.env['PATH'];
      process.env['PATH'] = join(folder, 'nothing');
      const opening = openDatabase({ folder, clock: realClock, onFatal: throwLater });
      process.env['PATH'] = path;
      await expect(opening).rejects.toThrow(/cannot be locked: .*ENOENT.*Install flock/);
    },
  );

  it('refuses the files of another PostgreSQL and says what to do', async () => {
    const folder = copied();
    writeFileSync(join(folder, 'data/PG_VERSION'), '17\n');
    const opening = openDatabase({ folder, clock: realClock, onFatal: throwLater });
    await expect(opening).rejects.toThrow(
      /written by PostgreSQL 17.*carries PostgreSQL 18.*onhand backup.*onhand restore/,
    );
    writeFileSync(join(folder, 'data/PG_VERSION'), `${POSTGRES_MAJOR}\n`);
    await reopened(folder, async () => {});
  });

  it('starts a creation over that was cut short, and takes no folder of other files', async () => {
    const { folder, removeFolder: remove } = temporaryFolder();
    folders.push(remove);
    mkdirSync(join(folder, 'data.new/base'), { recursive: true });
    writeFileSync(join(folder, 'data.new/PG_VERSION'), POSTGRES_MAJOR);
    await reopened(folder, (database) => database.query('select 1'));
    expect(existsSync(join(folder, 'data.new'))).toBe(false);

    const foreign = temporaryFolder();
    folders.push(foreign.removeFolder);
    mkdirSync(foreign.folder, { mode: 0o755 });
    writeFileSync(join(foreign.folder, 'letter.txt'), 'dear');
    expect(await codeOf(openDatabase({ folder: foreign.folder, clock: realClock, onFatal: throwLater }))).toBe(
      'store-folder',
    );
    expect(readFileSync(join(foreign.folder, 'letter.txt'), 'utf8')).toBe('dear');
    expect(statSync(foreign.folder).mode & 0o777).toBe(0o755);
    expect(existsSync(join(foreign.folder, 'lock'))).toBe(false);
  });

  it('refuses a folder whose database is damaged, and leaves it unlocked', async () => {
    const folder = copied();
    rmSync(join(folder, 'data/global/pg_control'));
    expect(await codeOf(openDatabase({ folder, clock: realClock, onFatal: throwLater }))).toBe('store-io');
    rmSync(join(folder, 'data/PG_VERSION'));
    expect(await codeOf(openDatabase({ folder, clock: realClock, onFatal: throwLater }))).toBe('store-folder');
  });
});
