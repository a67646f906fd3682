import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolder, throwLater } from '../../../test/store/engines.ts';
import { filesOf, VolatileDisk } from '../../../test/store/volatile-disk.ts';
import { realClock } from '../../runtime/clock.ts';
import { type Random, seededRandom } from '../../runtime/random.ts';
import { openDatabase } from '../open-database.ts';
import { type Disk, realDisk } from './durable-files.ts';
import { openEngine } from './engine.ts';
import { sessionsOf } from './protocol-stream.ts';

/** More of them: ONHAND_TEST_POWER_LOSSES=400 npx vitest run src/store/embedded/power-loss */
const LOSSES = Number(process.env['ONHAND_TEST_POWER_LOSSES'] ?? 3);

const ITEMS = 5;

async function connect(folder: string, disk: Disk, onFatal: (error: Error) => void) {
  const engine = await openEngine({ data: { folder, disk }, onFatal });
  const client = new pg.Client({
    stream: sessionsOf(engine),
    ssl: false,
    host: 'embedded',
    user: 'postgres',
    database: 'postgres',
    password: 'none',
  });
  client.on('error', () => {});
  await client.connect();
  return { engine, client };
}

/** Posts until the power goes; the numbers of what was acknowledged. */
async function postUntilDark(folder: string, disk: Disk, random: Random): Promise<number[]> {
  const acknowledged: number[] = [];
  let dark = false;
  const { client } = await connect(folder, disk, () => {
    dark = true;
  }).catch(() => ({ client: undefined }));
  if (!client) return acknowledged;
  try {
    const last = await client.query('select coalesce(max(id), 0)::int as id from movement');
    for (let id = last.rows[0].id + 1; !dark; id++) {
      const dice = random();
      if (dice < 0.05) await client.query('checkpoint');
      else if (dice < 0.08) await client.query('vacuum analyze level');
      else if (dice < 0.11) await client.query(`create table extra_${id} (id int primary key)`);
      await client.query('begin');
      await client.query(`insert into movement values ($1, $2, repeat('x', $3))`, [
        id,
        id % ITEMS,
        Math.floor(random() * 20_000),
      ]);
      await client.query('update level set on_hand = on_hand + 1 where item = $1', [id % ITEMS]);
      const { command } = await client.query('commit');
      if (command === 'COMMIT') acknowledged.push(id);
    }
  } catch {
    // In the dark.
  }
  expect(dark, 'it ended because the power went, not for another reason').toBe(true);
  return acknowledged;
}

/** What a restart makes of the image: acknowledged movements that are missing, and items whose level is not their movements. */
async function restart(image: string, acknowledged: number[]) {
  const { engine, client } = await connect(image, realDisk, throwLater);
  const { rows } = await client.query('select id from movement');
  const present = new Set(rows.map(({ id }) => id as number));
  const wrong = await client.query(
    `select l.item from level l left join movement m using (item) group by l.item, l.on_hand having l.on_hand <> count(m.id)`,
  );
  // The recovered store is not only readable.
  await client.query('insert into movement values (1000000, 0, null)');
  await client.query('checkpoint');
  await client.end();
  await engine.close();
  return { lost: acknowledged.filter((id) => !present.has(id)), wrong: wrong.rows };
}

describe('the embedded store after the power went', () => {
  const { folder, removeFolder } = temporaryFolder();
  const live = join(folder, '../live');
  const image = join(folder, '../image');
  let synced: Map<string, Buffer>;

  beforeAll(async () => {
    const database = await openDatabase({ folder, clock: realClock, onFatal: throwLater });
    await database.query('create table level (item int primary key, on_hand int not null)');
    await database.query('create table movement (id int primary key, item int not null, note text)');
    await database.query(`insert into level select item, 0 from generate_series(0, ${ITEMS - 1}) item`);
    await database.close();
    synced = filesOf(join(folder, 'data'));
  });
  afterAll(removeFolder);

  async function loseThePower(random: Random, wrap: (disk: VolatileDisk) => Disk = (disk) => disk, syncs?: number) {
    for (const each of [live, image]) rmSync(each, { recursive: true, force: true });
    cpSync(join(folder, 'data'), live, { recursive: true });
    const disk = new VolatileDisk(live, synced, syncs ?? 1 + Math.floor(random() ** 2 * 120), random() < 0.5);
    const acknowledged = await postUntilDark(live, wrap(disk), random);
    disk.leave(image, random);
    return acknowledged;
  }

  it(
    `[I3] has every acknowledged row, and levels that equal their movements, ${LOSSES} times`,
    async () => {
      let acknowledgedSum = 0;
      for (let seed = 1; seed <= LOSSES; seed++) {
        const acknowledged = await loseThePower(seededRandom(seed));
        acknowledgedSum += acknowledged.length;
        expect(await restart(image, acknowledged), `seed ${seed}, ${acknowledged.length} acknowledged`).toEqual({
          lost: [],
          wrong: [],
        });
      }
      expect(acknowledgedSum).toBeGreaterThan(LOSSES);
    },
    LOSSES * 90_000,
  );

  it('would notice: a disk that lies about syncing loses acknowledged rows', async () => {
    let syncs = 0;
    const acknowledged = await loseThePower(
      seededRandom(4),
      (disk) => ({
        syncFile: (...file) => {
          // Nothing is remembered, until the power goes.
          if (++syncs > 40) disk.syncFile(...file);
        },
        syncFolder: () => {},
      }),
      1,
    );
    expect(acknowledged.length).toBeGreaterThan(10);
    // Depending on what reached the disk, rows are gone or it does not even start.
    const found = await restart(image, acknowledged).catch(() => ({ lost: acknowledged, wrong: [] }));
    expect(found.lost.length).toBeGreaterThan(0);
  }, 90_000);
});
