import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readSettings, SettingsError } from './settings.ts';

const folder = mkdtempSync(join(tmpdir(), 'onhand-settings-'));
afterAll(() => rmSync(folder, { recursive: true }));
const pem = join(folder, 'ca.pem');
writeFileSync(pem, '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n');

it('needs nothing', () => {
  expect(readSettings({ ONHAND_PORT: ' ', ONHAND_HOME: '/home/onhand' })).toEqual({
    databaseUrl: undefined,
    home: '/home/onhand',
    keyFile: join('/home/onhand', 'encryption.key'),
    publicUrl: null,
    host: '127.0.0.1',
    port: 4310,
    hooksPort: 4311,
    allowPrivateHosts: [],
    heartbeatUrl: null,
    ca: undefined,
    logLevel: 'info',
  });
});

it('takes everything', () => {
  const settings = readSettings({
    DATABASE_URL: 'postgres://me:pw@db:5432/onhand',
    ONHAND_HOME: '/var/lib/onhand',
    ONHAND_KEY_FILE: '/etc/onhand.key',
    ONHAND_PUBLIC_URL: 'https://hooks.example.com/onhand/',
    ONHAND_HOST: '0.0.0.0',
    ONHAND_PORT: '0',
    ONHAND_HOOKS_PORT: '65535',
    ONHAND_ALLOW_PRIVATE_HOSTS: 'odoo.lan, 10.0.0.5:8069,[fd00::1]:443',
    ONHAND_HEARTBEAT_URL: 'https://monitor.example.com/ping/abc?s=up',
    ONHAND_CA: pem,
    ONHAND_LOG_LEVEL: 'debug',
  });
  expect(settings).toMatchObject({
    databaseUrl: 'postgres://me:pw@db:5432/onhand',
    keyFile: '/etc/onhand.key',
    publicUrl: 'https://hooks.example.com/onhand',
    port: 0,
    hooksPort: 65_535,
    allowPrivateHosts: ['odoo.lan', '10.0.0.5:8069', '[fd00::1]:443'],
    heartbeatUrl: 'https://monitor.example.com/ping/abc?s=up',
    ca: expect.stringContaining('BEGIN CERTIFICATE'),
    logLevel: 'debug',
  });
});

describe('a wrong value says what to write instead', () => {
  it.each([
    ['DATABASE_URL', 'mysql://me:hunter2@db/x', 'postgres://'],
    ['DATABASE_URL', 'hunter2', 'postgres://'],
    ['ONHAND_PUBLIC_URL', 'http://hooks.example.com', 'https'],
    ['ONHAND_PUBLIC_URL', 'hooks.example.com', 'https'],
    ['ONHAND_PUBLIC_URL', 'https://hooks.example.com/?a=1', 'https'],
    ['ONHAND_HOST', 'http://0.0.0.0', '127.0.0.1'],
    ['ONHAND_PORT', '70000', '4310'],
    ['ONHAND_PORT', '-1', '4310'],
    ['ONHAND_HOOKS_PORT', '4311/tcp', '4311'],
    ['ONHAND_ALLOW_PRIVATE_HOSTS', 'https://odoo.lan/', 'no https'],
    ['ONHAND_HEARTBEAT_URL', 'ping:hunter2', 'monitor'],
    ['ONHAND_CA', '/no/such/file', 'PEM'],
    ['ONHAND_LOG_LEVEL', 'loud', 'trace, debug'],
  ])('%s=%s', (name, value, says) => {
    const read = () => readSettings({ [name]: value });
    expect(read).toThrow(SettingsError);
    expect(read).toThrow(new RegExp(`^${name}: .*Write .*${says}`));
    expect(read).not.toThrow(/hunter2/);
  });

  it('all of them at once', () => {
    const read = () => readSettings({ ONHAND_PORT: 'x', ONHAND_LOG_LEVEL: 'y' });
    expect(read).toThrow(/ONHAND_PORT.*\nONHAND_LOG_LEVEL/);
  });
});
