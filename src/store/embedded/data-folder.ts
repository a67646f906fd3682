import { execFile } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { StoreError } from '../store-error.ts';
import { syncFolder } from './durable-files.ts';
import { POSTGRES_MAJOR } from './engine.ts';
import { lockFolder } from './folder-lock.ts';
import { programOf } from './module-path.ts';

/** PostgreSQL's own files, whole or not there. */
const DATA = 'data';
/** Where they are created: a creation that was cut short is started over. */
const UNFINISHED = 'data.new';
const LOCK = 'lock';

/**
 * Makes the folder ready to be opened: it exists, for our user only, is locked, and holds a complete database of our version.
 * @returns the folder of the database's own files, and how to unlock.
 */
export async function prepareFolder(folder: string): Promise<{ data: string; unlock: () => void }> {
  const root = resolve(folder);
  claimFolder(root);
  const unlock = lockFolder(root);
  try {
    const data = join(root, DATA);
    if (!existsSync(data)) await create(root, data);
    checkVersion(root, data);
    return { data, unlock };
  } catch (error) {
    unlock();
    throw error;
  }
}

/** Orders and sealed secrets are in it: nobody else on the machine may read. A folder of somebody else's files stays as it is. */
function claimFolder(root: string): void {
  const created = mkdirSync(root, { recursive: true, mode: 0o700 });
  if (created) {
    // Each new folder is an entry of its parent, and those must last too.
    for (let path = root; path.length >= created.length; path = dirname(path)) syncFolder(dirname(path));
  }
  const foreign = readdirSync(root).filter((name) => name !== DATA && name !== UNFINISHED && name !== LOCK);
  if (foreign.length > 0 && !existsSync(join(root, DATA)))
    throw new StoreError(
      'store-folder',
      `${root} holds other files (${foreign.slice(0, 3).join(', ')}). Name an empty or a new folder for the store.`,
    );
  chmodSync(root, 0o700);
}

async function create(root: string, data: string): Promise<void> {
  const unfinished = join(root, UNFINISHED);
  rmSync(unfinished, { recursive: true, force: true });
  const { url, execArgv } = programOf(new URL('./creation.ts', import.meta.url), import.meta.url);
  await new Promise<void>((done, failed) => {
    execFile(process.execPath, [...execArgv, fileURLToPath(url), unfinished], (error, _out, stderr) => {
      if (!error) return done();
      failed(
        new StoreError('store-folder', `The store could not be created in ${root}: ${stderr.trim() || error.message}`, {
          cause: error,
        }),
      );
    });
  });
  renameSync(unfinished, data);
  syncFolder(root);
}

function checkVersion(root: string, data: string): void {
  let found: string;
  try {
    found = readFileSync(join(data, 'PG_VERSION'), 'utf8').trim();
  } catch (cause) {
    throw new StoreError(
      'store-folder',
      `${data} is not a database: it has no PG_VERSION. Restore a backup into a new folder.`,
      { cause },
    );
  }
  if (found === POSTGRES_MAJOR) return;
  throw new StoreError(
    'store-version',
    `The store in ${root} was written by PostgreSQL ${found}, and this program carries PostgreSQL ${POSTGRES_MAJOR}, which cannot read it. ` +
      'Run `onhand backup` with the version that wrote it, then `onhand restore` into a new folder with this one. Nothing was changed.',
  );
}
