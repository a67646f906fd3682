// A process of its own that opens a store's folder and posts until it is killed or its disk fails. Prints one JSON line per event.
//   node --import tsx folder-process.ts FOLDER [bytes per movement]
import { realClock } from '../../src/runtime/clock.ts';
import { openDatabase } from '../../src/store/open-database.ts';

export type ProcessEvent =
  | { event: 'open' }
  | { event: 'refused'; code: string; message: string }
  | { event: 'posted'; id: number }
  | { event: 'fatal'; code: string }
  | { event: 'rejected'; code: string };

const tell = (event: ProcessEvent) => process.stdout.write(`${JSON.stringify(event)}\n`);

/** One movement and the level it changes, in one transaction: after any crash the level equals its movements. */
async function post(folder: string, bytes: number): Promise<void> {
  const database = await openDatabase({
    folder,
    clock: realClock,
    onFatal: ({ code }) => {
      tell({ event: 'fatal', code });
      // What is under way is rejected before the process ends.
      setTimeout(() => process.exit(70), 200);
    },
  });
  tell({ event: 'open' });
  await database.query('create table if not exists level (item int primary key, on_hand bigint not null)');
  await database.query('create table if not exists movement (id int primary key, item int not null, note text)');
  const [last] = await database.query<{ id: number | null }>('select max(id) as id from movement');
  for (let id = (last?.id ?? 0) + 1; ; id++) {
    await database.transaction(async (tx) => {
      await tx.query({ name: 'movement', text: "insert into movement values ($1, $2, repeat('x', $3))" }, [
        id,
        id % 7,
        bytes,
      ]);
      await tx.query(
        {
          name: 'level',
          text: 'insert into level values ($1, 1) on conflict (item) do update set on_hand = level.on_hand + 1',
        },
        [id % 7],
      );
    });
    tell({ event: 'posted', id });
  }
}

const [folder, bytes] = process.argv.slice(2);
if (!folder) throw new Error('The folder is missing.');
try {
  await post(folder, Number(bytes ?? 10));
} catch (error) {
  const { code, message } = error as { code: string; message: string };
  tell(code === 'store-io' ? { event: 'rejected', code } : { event: 'refused', code, message });
}
