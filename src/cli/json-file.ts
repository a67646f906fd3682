import { readFileSync } from 'node:fs';
import { UserError } from '../engine/user-error.ts';

/** A file somebody named on the command line. */
export function readGiven(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UserError(
      'file-unreadable',
      `${file} cannot be read${code === 'ENOENT' ? ': there is no such file' : ` (${code})`}.`,
      'Check the path; it is looked for from the folder you are in.',
    );
  }
}

/** A JSON object in such a file. Its content may be secret, so errors do not quote it. */
export function readJsonGiven(file: string): Record<string, unknown> {
  const text = readGiven(file).toString('utf8');
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {}
  throw new UserError(
    'not-json',
    `${file} does not hold a JSON object.`,
    'It should begin with { and name each setting: {"account": "…"}.',
  );
}
