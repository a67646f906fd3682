import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { UserError } from '../engine/user-error.ts';
import { readSettings } from '../runtime/settings.ts';

/**
 * Speaks to the running server: operators' commands never open the store themselves, so they work while it serves.
 * The key comes from ONHAND_API_KEY, or from the file that "onhand init" wrote for its owner.
 */
export async function ask<T = Record<string, unknown>>(
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
  path: string,
  body?: unknown,
): Promise<T> {
  const settings = readSettings();
  const base = baseUrl();
  let response: Response;
  try {
    response = await fetch(`${base}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${apiKey(settings.home)}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  } catch {
    throw new UserError(
      'not-running',
      `No Onhand answers at ${base}.`,
      'Start it with "onhand serve", or set ONHAND_URL.',
    );
  }
  const answer = (await response.json().catch(() => ({}))) as { error?: string; message?: string; next?: string };
  if (!response.ok)
    throw new UserError(
      answer.error ?? 'refused',
      answer.message ?? `${base}${path} answered ${response.status}.`,
      answer.next ?? 'Look at the log of "onhand serve".',
      response.status,
    );
  return answer as T;
}

/** Does a server answer where the commands look for one? */
export async function isServing(): Promise<boolean> {
  try {
    return (await fetch(`${baseUrl()}/healthz`)).ok;
  } catch {
    return false;
  }
}

/** A long answer, as it comes. */
export async function asStream(path: string): Promise<Readable> {
  const response = await fetch(`${baseUrl()}${path}`, {
    headers: { authorization: `Bearer ${apiKey(readSettings().home)}` },
  });
  if (!response.ok || !response.body)
    throw new UserError(
      'refused',
      `The server answered ${response.status}.`,
      'Use the key of an owner (scope operate).',
    );
  return Readable.fromWeb(response.body as Parameters<typeof Readable.fromWeb>[0]);
}

const baseUrl = () => process.env['ONHAND_URL'] ?? `http://127.0.0.1:${readSettings().port}`;

function apiKey(home: string): string {
  const given = process.env['ONHAND_API_KEY'];
  if (given) return given;
  const file = join(home, 'owner.key');
  if (existsSync(file)) return readFileSync(file, 'utf8').trim();
  throw new UserError(
    'no-key',
    'No API key was given.',
    'Set ONHAND_API_KEY, or run "onhand init" on the machine that serves.',
  );
}
