import { createReadStream, existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { UserError } from '../engine/user-error.ts';
import { realClock } from '../runtime/clock.ts';
import { readSettings } from '../runtime/settings.ts';
import { holdAllChannels } from '../store/accounts.ts';
import { backupStream, restore } from '../store/backup.ts';
import type { Database } from '../store/database.ts';
import { openRaw, openStore, whereIs } from './open-store.ts';
import { asStream, isServing } from './remote.ts';
import { writeWhole } from './whole-file.ts';

const now = () => new Date(realClock.now()).toISOString();

/** backup [--to FILE]: a logical copy of the whole store, of a running server or of a store nobody serves. */
export function backupCommand(): Command {
  return new Command('backup')
    .description('Writes the whole store into one file, which restores on the embedded store and on PostgreSQL.')
    .option('--to <file>', 'default: backups/onhand-<time>.ndjson.gz in the home folder')
    .action(async ({ to }: { to?: string }) => {
      const settings = readSettings();
      const at = now();
      const file = to ?? join(settings.home, 'backups', `onhand-${at.replace(/[:.]/g, '-')}.ndjson.gz`);
      if (existsSync(file)) throw new UserError('file-exists', `${file} is there already.`, 'Choose another name.');
      if (await isServing()) await writeWhole(file, await asStream('/v1/backup'));
      else {
        const store = await openStore(settings);
        try {
          await writeWhole(file, backupStream(store.db, at));
        } finally {
          await store.db.close();
        }
      }
      console.log(
        [
          `${file} (${(statSync(file).size / 1_048_576).toFixed(1)} MB): the store as it was at ${at}.`,
          `The channels' credentials in it open only with ${settings.keyFile}: keep a copy of that elsewhere.`,
          `→ To see that it is whole: ONHAND_HOME=elsewhere onhand restore ${file}`,
        ].join('\n'),
      );
    });
}

/** restore FILE: into an empty store; every channel that was live is held. */
export function restoreCommand(): Command {
  return new Command('restore')
    .argument('<file>')
    .description('Fills an empty store from a backup. Nothing is written to any channel before a person looked.')
    .action(async (file: string) => {
      const settings = readSettings();
      if (!existsSync(file)) throw new UserError('no-file', `There is no file ${file}.`, 'Give the path of a backup.');
      const db = await openRaw(settings);
      try {
        const reason = `restored from a backup at ${now()}: look at what would be written first`;
        const { head, rows } = await restore(db, createReadStream(file), reason, told);
        console.log(
          [
            `${rows} rows, as of ${head.at}, are in ${whereIs(settings)}. Channels that were live are held.`,
            `The encryption key of the store that was backed up belongs at ${settings.keyFile}.`,
            '→ Start it (onhand serve): what was sold since is read first. Then onhand channel check NAME, onhand channel live NAME --yes.',
          ].join('\n'),
        );
      } finally {
        await db.close();
      }
    });
}

/** store move --to URL: from the store of this machine to a PostgreSQL server; the old one never writes again. */
export function storeCommand(): Command {
  const store = new Command('store').description('Where the data is.');
  store
    .command('move')
    .requiredOption('--to <url>', 'an empty PostgreSQL database: postgres://user:password@host:5432/onhand')
    .description('Copies the store to a PostgreSQL server. The old one stays as it is, with every channel held.')
    .action(async ({ to }: { to: string }) => {
      const settings = readSettings();
      if (await isServing())
        throw new UserError('still-serving', 'Onhand is running on this store.', 'Stop "onhand serve", then move it.');
      if (!URL.canParse(to) || !/^postgres(ql)?:$/.test(new URL(to).protocol))
        throw new UserError(
          'not-an-address',
          'That is not the address of a PostgreSQL database.',
          'Write it as postgres://user:password@host:5432/onhand.',
        );
      const from = await openStore(settings);
      try {
        const target: Database = await openRaw({ ...settings, databaseUrl: to });
        try {
          const { rows } = await restore(target, backupStream(from.db, now()), null, told);
          // From now on two stores hold the same channels: this one must not write to them again.
          await holdAllChannels(from.db, `moved to ${new URL(to).host}`, now());
          console.log(
            `${rows} rows moved to ${new URL(to).host}.\n→ Set DATABASE_URL to that address and start "onhand serve". The old store stays where it is, with every channel held.`,
          );
        } finally {
          await target.close();
        }
      } finally {
        await from.db.close();
      }
    });
  return store;
}

function told(rows: number): void {
  if (process.stderr.isTTY) process.stderr.write(`\r${rows} rows`);
}
