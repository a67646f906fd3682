import { spawnSync } from 'node:child_process';
import { closeSync, constants, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import { hostname, platform } from 'node:os';
import { join } from 'node:path';
import { StoreError } from '../store-error.ts';

/** flock(1)'s answer for "somebody else holds it", chosen so that it is none of its errors. */
const HELD = 75;
/** libuv's UV_FS_O_EXLOCK, which Node passes on: the open itself is refused while another has the file open so. */
const EXCLUSIVE: Partial<Record<NodeJS.Platform, number>> = {
  win32: 0x10000000,
  darwin: 0x20 | constants.O_NONBLOCK,
  freebsd: 0x20 | constants.O_NONBLOCK,
};

/**
 * Locks a store's folder for this process; the answer unlocks it. Two processes that open one folder are both answered, and rows
 * are lost.
 *
 * The lock is the operating system's: a process gives it back however it dies, and nobody has to judge from a number in a file
 * whether another one lives (in another container that number means nothing). Node has no flock, but such a lock belongs to the
 * open file and not to who asked for it: flock(1) is handed our descriptor, locks it and ends, and the lock is ours until the
 * descriptor is closed. Two opens in one process exclude each other as well. macOS, FreeBSD and Windows lock while opening.
 */
export function lockFolder(folder: string): () => void {
  const path = join(folder, 'lock');
  const exclusive = EXCLUSIVE[platform()];
  let descriptor: number;
  try {
    descriptor = openSync(path, constants.O_RDWR | constants.O_CREAT | (exclusive ?? 0), 0o600);
  } catch (error) {
    if (exclusive && ['EAGAIN', 'EBUSY'].includes((error as NodeJS.ErrnoException).code ?? ''))
      throw inUse(folder, path);
    throw error;
  }
  try {
    if (!exclusive) flock(descriptor, folder, path);
    // For people and for the message below; nothing is decided by it.
    ftruncateSync(descriptor);
    writeSync(descriptor, `process ${process.pid} on ${hostname()}`, 0);
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
  return () => closeSync(descriptor);
}

function flock(descriptor: number, folder: string, path: string): void {
  const { status, error, stderr } = spawnSync('flock', ['-n', '-x', '-E', String(HELD), '3'], {
    stdio: ['ignore', 'ignore', 'pipe', descriptor],
    encoding: 'utf8',
  });
  if (status === 0) return;
  if (status === HELD) throw inUse(folder, path);
  throw new StoreError(
    'store-folder',
    `The folder ${folder} cannot be locked: ${error?.message ?? stderr.trim()}. Without a lock two processes could ruin it. Install flock (package util-linux, or busybox), or set DATABASE_URL to a PostgreSQL server.`,
    { cause: error },
  );
}

function inUse(folder: string, path: string): StoreError {
  let owner = 'another process';
  try {
    owner = readFileSync(path, 'utf8') || owner;
  } catch {
    // Where locking is part of opening, reading is refused too.
  }
  return new StoreError(
    'store-in-use',
    `The store in ${folder} is open in ${owner}. Stop that one first, or speak to it through its API.`,
  );
}
