import { createHash, randomBytes } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

export interface SealedKey {
  /** The first bytes of its hash: names the key, tells nothing of it. */
  id: Buffer;
  bytes: Buffer;
}

const KEY_BYTES = 32;

/**
 * The keys of a file, one a line (base64 of 32 bytes; blank lines and lines with # are skipped), the current one first.
 * Makes the file when it is not there. Two processes starting at once agree on one key.
 * @param wrong makes the error for a file that cannot be used.
 */
export function readKeyFile(path: string, wrong: (message: string) => Error): SealedKey[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
      throw wrong(`The key file ${path} cannot be read: ${String(error)}`);
    createKeyFile(path);
    text = readFileSync(path, 'utf8');
  }
  // Windows has no such modes.
  if (process.platform !== 'win32' && (statSync(path).mode & 0o077) !== 0)
    throw wrong(`Others may read the key file ${path}. Close it: chmod 600 ${path}`);
  const lines = text.split('\n').map((line) => line.trim());
  const keys = lines.filter((line) => line !== '' && !line.startsWith('#')).map((line) => Buffer.from(line, 'base64'));
  if (keys.length === 0 || keys.some((key) => key.length !== KEY_BYTES))
    throw wrong(`The key file ${path} must hold one key a line, each 32 bytes as base64. Put the saved one back.`);
  return keys.map((bytes) => ({ bytes, id: createHash('sha256').update(bytes).digest().subarray(0, 4) }));
}

/** Whole or not at all: written beside, on disk, then linked; a link never replaces what another process made first. */
function createKeyFile(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const beside = join(dirname(path), `.${process.pid}-${randomBytes(4).toString('hex')}.new-key`);
  const file = openSync(beside, 'wx', 0o600);
  try {
    writeSync(file, `${randomBytes(KEY_BYTES).toString('base64')}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  try {
    linkSync(beside, path);
    const folder = openSync(dirname(path), 'r');
    try {
      fsyncSync(folder);
    } finally {
      closeSync(folder);
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    unlinkSync(beside);
  }
}
