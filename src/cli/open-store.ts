import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { realClock } from '../runtime/clock.ts';
import { openSealedBox, type SealedBox } from '../runtime/sealed-box.ts';
import type { Settings } from '../runtime/settings.ts';
import { backupStream } from '../store/backup.ts';
import type { Database } from '../store/database.ts';
import { migrate, pendingMigrations } from '../store/migrate.ts';
import { openDatabase } from '../store/open-database.ts';

import { writeWhole } from './whole-file.ts';

export interface OpenedStore {
  db: Database;
  box: SealedBox;
  /** For people: where the data is, without a password. */
  where: string;
}

type Where = Pick<Settings, 'home' | 'keyFile' | 'databaseUrl'>;

const folderOf = ({ home }: Where) => join(home, 'store');

/** For people: where the data is, without a password. */
export const whereIs = (settings: Where): string =>
  settings.databaseUrl ? `PostgreSQL at ${new URL(settings.databaseUrl).host}` : folderOf(settings);

/** DATABASE_URL means a server; else the embedded store in the home folder. Its schema is left as it is. */
export async function openRaw(settings: Where): Promise<Database> {
  mkdirSync(settings.home, { recursive: true, mode: 0o700 });
  chmodSync(settings.home, 0o700);
  if (settings.databaseUrl) return openDatabase({ url: settings.databaseUrl, clock: realClock });
  return openDatabase({
    folder: folderOf(settings),
    clock: realClock,
    onFatal: (error) => {
      // The disk or the engine failed: whatever is answered now could be lost. The next start recovers.
      console.error(`The store failed and this process ends: ${error.message}`);
      process.exit(70);
    },
  });
}

/** As {@link openRaw}; migrations are applied, and a store that was used before is backed up first. */
export async function openStore(settings: Where): Promise<OpenedStore> {
  const db = await openRaw(settings);
  const box = openSealedBox(settings.keyFile);
  try {
    const pending = await pendingMigrations(db);
    if (pending.used && pending.count > 0) {
      const at = new Date(realClock.now()).toISOString();
      const file = join(settings.home, 'backups', `before-upgrade-${at.replace(/[:.]/g, '-')}.ndjson.gz`);
      console.error(`The store is brought to this version; a backup of it as it was: ${file}`);
      await writeWhole(file, backupStream(db, at));
    }
    await migrate(db);
  } catch (error) {
    await db.close();
    throw error;
  }
  return { db, box, where: whereIs(settings) };
}
