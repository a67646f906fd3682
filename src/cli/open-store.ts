import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { realClock } from '../runtime/clock.ts';
import { openSealedBox, type SealedBox } from '../runtime/sealed-box.ts';
import type { Settings } from '../runtime/settings.ts';
import type { Database } from '../store/database.ts';
import { migrate } from '../store/migrate.ts';
import { openDatabase } from '../store/open-database.ts';

export interface OpenedStore {
  db: Database;
  box: SealedBox;
  /** For people: where the data is, without a password. */
  where: string;
}

/** DATABASE_URL means a server; else the embedded store in the home folder. Migrations are applied. */
export async function openStore(settings: Pick<Settings, 'home' | 'keyFile' | 'databaseUrl'>): Promise<OpenedStore> {
  mkdirSync(settings.home, { recursive: true, mode: 0o700 });
  chmodSync(settings.home, 0o700);
  const box = openSealedBox(settings.keyFile);
  const url = settings.databaseUrl;
  const folder = join(settings.home, 'store');
  const db = url
    ? await openDatabase({ url, clock: realClock })
    : await openDatabase({
        folder,
        clock: realClock,
        onFatal: (error) => {
          // The disk or the engine failed: whatever is answered now could be lost. The next start recovers.
          console.error(`The store failed and this process ends: ${error.message}`);
          process.exit(70);
        },
      });
  await migrate(db);
  return { db, box, where: url ? `PostgreSQL at ${new URL(url).host}` : folder };
}
