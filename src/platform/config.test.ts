import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { HIDDEN, redactConfig, secret, secretPaths, secretTexts, webAddress } from './config.ts';

const schema = z.object({
  account: z.string(),
  token: secret().describe('Access token'),
  webhookSecret: secret(z.string().min(4)).optional(),
  oauth: z.object({ refresh: secret().nullable().default(null), clientId: z.string() }).optional(),
  apps: z.array(z.object({ key: secret(), name: z.string() })).default([]),
  byRegion: z.record(z.string(), secret()).optional(),
  login: z
    .discriminatedUnion('kind', [
      z.object({ kind: z.literal('key'), key: secret() }),
      z.object({ kind: z.literal('password'), user: z.string(), password: secret() }),
    ])
    .optional(),
});

const value = {
  account: 'shop',
  token: 'tok-1',
  webhookSecret: '',
  oauth: { refresh: 'ref-1', clientId: 'client' },
  apps: [
    { key: 'key-1', name: 'a' },
    { key: 'key-2', name: 'b' },
  ],
  byRegion: { eu: 'eu-secret' },
  login: { kind: 'password' as const, user: 'me', password: 'pw' },
};

describe('secrets', () => {
  it('are found through every wrapping', () => {
    expect(secretPaths(schema).map((path) => path.join('.'))).toEqual([
      'token',
      'webhookSecret',
      'oauth.refresh',
      'apps.*.key',
      'byRegion.*',
      'login.key',
      'login.password',
    ]);
  });
  it('are found in a schema that contains itself', () => {
    const node: z.ZodType = z.lazy(() => z.object({ key: secret(), child: node.optional() }));
    expect(secretPaths(node)).toEqual([['key']]);
  });
  it('keep their mark and label when described, checked or made optional', () => {
    const described = secret().describe('Client secret').min(3).optional();
    expect(secretPaths(z.object({ a: described }))).toEqual([['a']]);
    expect(secret().describe('Client secret').meta()).toMatchObject({ secret: true, description: 'Client secret' });
  });
  it('are hidden, and blank ones stay blank', () => {
    const before = structuredClone(value);
    expect(redactConfig(schema, value)).toEqual({
      account: 'shop',
      token: HIDDEN,
      webhookSecret: '',
      oauth: { refresh: HIDDEN, clientId: 'client' },
      apps: [
        { key: HIDDEN, name: 'a' },
        { key: HIDDEN, name: 'b' },
      ],
      byRegion: { eu: HIDDEN },
      login: { kind: 'password', user: 'me', password: HIDDEN },
    });
    expect(value).toEqual(before);
  });
  it('are listed for redaction of free text', () => {
    expect(secretTexts(schema, value)).toEqual(['eu-secret', 'tok-1', 'ref-1', 'key-1', 'key-2', 'pw']);
  });
});

describe('webAddress', () => {
  it.each([
    ['https://shop.example.com', 'https://shop.example.com'],
    [' https://shop.example.com/store/ ', 'https://shop.example.com/store'],
    ['http://127.0.0.1:8080/', 'http://127.0.0.1:8080'],
    ['http://localhost:3000', 'http://localhost:3000'],
    ['http://[::1]:3000', 'http://[::1]:3000'],
    ['http://odoo:8069', 'http://odoo:8069'],
    ['http://sap.corp.internal', 'http://sap.corp.internal'],
    ['http://192.168.1.4', 'http://192.168.1.4'],
  ])('takes %s', (given, kept) => expect(webAddress().parse(given)).toBe(kept));
  it.each([
    ['http://shop.example.com', /https:\/\/shop\.example\.com/],
    ['http://169.254.169.254', /https/],
    ['http://[::ffff:8.8.8.8]', /https/],
    ['http://0x7f000001.example.com', /https/],
    ['ftp://shop.example.com', /https:\/\//],
    ['shop.example.com', /whole/],
    ['https://me:pw@shop.example.com', /password/],
    ['https://shop.example.com?x=1', /\?/],
    ['', /address/],
  ])('refuses %s and says what to write', (given, says) => {
    const result = webAddress().safeParse(given);
    expect(result.success).toBe(false);
    expect(result.error?.issues[0]?.message).toMatch(says);
  });
  it('can still be drawn as a form', () => {
    expect(z.toJSONSchema(z.object({ url: webAddress().describe('Shop address') }))).toMatchObject({
      properties: { url: { type: 'string', description: 'Shop address' } },
    });
  });
});
