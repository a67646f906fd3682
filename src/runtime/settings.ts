import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { LOG_LEVELS } from './log.ts';

/** Everything wrong with the environment at once, each with what to write instead. */
export class SettingsError extends Error {
  readonly code = 'SETTINGS_WRONG';
  constructor(readonly problems: string[]) {
    super(problems.join('\n'));
    this.name = 'SettingsError';
  }
}

const port = (fallback: number) =>
  z
    .string()
    .regex(/^\d{1,5}$/)
    .transform(Number)
    .refine((value) => value <= 65_535)
    .default(fallback);

/** A host as it stands in an address: name, IPv4, [IPv6], each with or without port. */
const HOST = /^(\[[0-9a-f:.]+\]|[a-z0-9]([a-z0-9._-]*[a-z0-9])?)(:\d{1,5})?$/i;

const environment = z.object({
  DATABASE_URL: z
    .string()
    .refine((text) => URL.canParse(text) && /^postgres(ql)?:$/.test(new URL(text).protocol))
    .optional()
    .describe(
      'a PostgreSQL address like postgres://user:password@host:5432/onhand, or leave it out for the store built in',
    ),
  ONHAND_HOME: z.string().optional().describe('a folder this user may write to, like /var/lib/onhand'),
  ONHAND_KEY_FILE: z
    .string()
    .optional()
    .describe('the file that holds the encryption key, outside the backups of the store'),
  ONHAND_PUBLIC_URL: z
    .string()
    .refine((text) => URL.canParse(text) && isPublicUrl(new URL(text)))
    .transform((text) => text.replace(/\/+$/, ''))
    .optional()
    .describe('the https address under which the platforms reach the webhook port, like https://hooks.example.com'),
  ONHAND_HOST: z
    .string()
    .regex(/^([a-z0-9.-]+|[0-9a-f:.]+)$/i)
    .default('127.0.0.1')
    .describe('the address to listen on: 127.0.0.1 for this machine alone, 0.0.0.0 for all'),
  ONHAND_PORT: port(4310).describe('a port from 0 to 65535 for the API and the pages; 4310 if left out'),
  ONHAND_HOOKS_PORT: port(4311).describe('a port from 0 to 65535 for webhooks alone; 4311 if left out'),
  ONHAND_ALLOW_PRIVATE_HOSTS: z
    .string()
    .transform((text) => text.split(/[\s,]+/).filter(Boolean))
    .refine((hosts) => hosts.every((host) => HOST.test(host)))
    .default([])
    .describe(
      'hosts of your own network that channels may reach, with commas between: erp.lan,10.0.0.5:8069 (no https://, no path)',
    ),
  ONHAND_HEARTBEAT_URL: z
    .string()
    .refine((text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol))
    .optional()
    .describe('the address that a monitor of yours expects to be called each minute, like https://hc-ping.com/…'),
  ONHAND_CA: z
    .string()
    .transform((path, context) => {
      try {
        const pem = readFileSync(path, 'utf8');
        if (/-----BEGIN CERTIFICATE-----/.test(pem)) return pem;
      } catch {}
      context.addIssue({ code: 'custom' });
      return z.NEVER;
    })
    .optional()
    .describe('a readable file with the certificate of your own CA, as PEM (-----BEGIN CERTIFICATE-----)'),
  ONHAND_LOG_LEVEL: z
    .enum(LOG_LEVELS)
    .default('info')
    .describe(`one of ${LOG_LEVELS.join(', ')}`),
});

export interface Settings {
  /** undefined: the embedded store in {@link home}. */
  databaseUrl: string | undefined;
  home: string;
  keyFile: string;
  /** Without a slash at its end. null: every platform is polled. */
  publicUrl: string | null;
  host: string;
  port: number;
  hooksPort: number;
  allowPrivateHosts: string[];
  /** Called each minute while everything that is live works. null: nobody is. */
  heartbeatUrl: string | null;
  /** PEM. */
  ca: string | undefined;
  logLevel: (typeof LOG_LEVELS)[number];
}

/**
 * The environment, read in this one place. A variable that is set to nothing counts as not set.
 * @throws SettingsError that names every wrong variable and what to write instead; a password in it is not repeated.
 */
export function readSettings(given: Record<string, string | undefined> = process.env): Settings {
  const filled = Object.fromEntries(Object.entries(given).filter(([, value]) => value?.trim()));
  const read = environment.safeParse(filled);
  if (!read.success) {
    const names = [...new Set(read.error.issues.map((issue) => String(issue.path[0])))];
    throw new SettingsError(names.map((name) => problem(name, filled[name])));
  }
  const all = read.data;
  const home = all.ONHAND_HOME ?? join(homedir(), '.onhand');
  return {
    databaseUrl: all.DATABASE_URL,
    home,
    keyFile: all.ONHAND_KEY_FILE ?? join(home, 'encryption.key'),
    publicUrl: all.ONHAND_PUBLIC_URL ?? null,
    host: all.ONHAND_HOST,
    port: all.ONHAND_PORT,
    hooksPort: all.ONHAND_HOOKS_PORT,
    allowPrivateHosts: all.ONHAND_ALLOW_PRIVATE_HOSTS,
    heartbeatUrl: all.ONHAND_HEARTBEAT_URL ?? null,
    ca: all.ONHAND_CA,
    logLevel: all.ONHAND_LOG_LEVEL,
  };
}

function problem(name: string, value: string | undefined): string {
  const wanted = environment.shape[name as keyof typeof environment.shape].description;
  // Both hold what lets somebody in.
  const said = name === 'DATABASE_URL' || name === 'ONHAND_HEARTBEAT_URL' ? 'its value' : `"${value}"`;
  return `${name}: ${said} will not do. Write ${wanted}.`;
}

/** https, or http to this machine for a trial; nothing behind the host but a path. */
function isPublicUrl(url: URL): boolean {
  const local = /^(localhost|127\.0\.0\.1|\[::1\])$/.test(url.hostname);
  return (
    (url.protocol === 'https:' || (url.protocol === 'http:' && local)) && !url.search && !url.hash && !url.username
  );
}
