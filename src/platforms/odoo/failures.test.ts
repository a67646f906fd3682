import { describe, expect, it } from 'vitest';
import { type HttpResponse, jsonResponse } from '../../platform/http.ts';
import { failureOf } from '../../platform/testing/bench.ts';
import { classify } from './failures.ts';
import { odoo } from './index.ts';
import { openBench } from './testing/bench.ts';
import { xmlValue } from './xmlrpc.ts';

const json2 = (status: number, name: string, message = 'Said so.\nTraceback (most recent call last)') =>
  jsonResponse(status, { name, message, arguments: [message], context: {}, debug: 'Traceback' });
const rpc = (name: string, message = 'Said so.') =>
  jsonResponse(200, {
    jsonrpc: '2.0',
    id: 1,
    error: { code: 200, message: 'Odoo Server Error', data: { name, message, debug: 'Traceback' } },
  });
const fault = (code: number, text: string): HttpResponse => ({
  status: 200,
  headers: { 'content-type': 'text/xml' },
  body: Buffer.from(
    `<?xml version="1.0"?><methodResponse><fault>${xmlValue({ faultCode: code, faultString: text })}</fault></methodResponse>`,
  ),
});
const html = (status: number, headers = {}): HttpResponse => ({
  status,
  headers,
  body: Buffer.from('<html>gateway</html>'),
});

const page = (text: string): HttpResponse => ({
  ...html(404),
  body: Buffer.from(`<h1>Not Found</h1><p>${text} and</p>`),
});

describe('what an answer means', () => {
  it.each<[string, HttpResponse, string, string]>([
    ['a key that is none', json2(401, 'werkzeug.exceptions.Unauthorized'), 'auth', 'key-refused'],
    ['the same by JSON-RPC', rpc('odoo.exceptions.AccessDenied'), 'auth', 'key-refused'],
    ['the same by XML-RPC', fault(3, 'Access Denied'), 'auth', 'key-refused'],
    ['a session that is over', rpc('odoo.http.SessionExpiredException'), 'auth', 'key-refused'],
    ['a right that is missing', json2(403, 'odoo.exceptions.AccessError'), 'auth', 'right-missing'],
    ['the same by XML-RPC', fault(4, 'You are not allowed'), 'auth', 'right-missing'],
    ['a record that is gone', json2(404, 'odoo.exceptions.MissingError'), 'gone', 'not-found'],
    ['the same by XML-RPC', fault(2, 'Record does not exist or has been deleted.'), 'gone', 'not-found'],
    ['a word for people', json2(422, 'odoo.exceptions.UserError'), 'rejected', 'refused'],
    ['the same by JSON-RPC', rpc('odoo.exceptions.ValidationError'), 'rejected', 'refused'],
    ['the same by XML-RPC', fault(2, 'Quants cannot be created for consumables or services.'), 'rejected', 'refused'],
    ['an unknown model', json2(404, 'werkzeug.exceptions.NotFound'), 'rejected', 'no-such-method'],
    [
      'two transactions in each other’s way',
      json2(500, 'psycopg2.errors.SerializationFailure'),
      'transient',
      'database-busy',
    ],
    [
      'the same by XML-RPC',
      fault(1, 'Traceback\npsycopg2.errors.SerializationFailure: could not serialize access\n'),
      'transient',
      'database-busy',
    ],
    ['an exception', fault(1, 'Traceback\n  File "x"\nValueError: Invalid field\n'), 'rejected', 'exception'],
    ['too much', html(429, { 'retry-after': '7' }), 'throttled', 'rate-limited'],
    ['no such database, by JSON-2', page('No database is selected'), 'rejected', 'no-such-database'],
    [
      'the same by JSON-RPC',
      rpc('psycopg2.OperationalError', 'connection to server failed: FATAL:  database "erp" does not exist\n'),
      'rejected',
      'no-such-database',
    ],
    ['a database that is away', rpc('psycopg2.OperationalError', 'server closed'), 'transient', 'database-busy'],
  ])('%s', (_, response, kind, code) => {
    const failure = classify(response, 'applyCount');
    expect([failure?.failure, failure?.code]).toEqual([kind, code]);
    expect(failure?.message).not.toContain('Traceback');
    if (kind === 'throttled') expect(failure?.retryAfterMs).toBe(7_000);
  });

  it('a page of a proxy: the write is in doubt, the read is asked again', () => {
    for (const status of [200, 500, 502, 503, 504]) {
      expect(classify(html(status), 'applyCount'), `${status}`).toMatchObject({ failure: 'unknown-outcome' });
      expect(classify(html(status), 'orders'), `${status}`).toMatchObject({ failure: 'transient' });
    }
  });

  it('nothing, false and dictionaries are good answers', () => {
    for (const body of [
      'null',
      'false',
      '{"res_model": "stock.inventory.conflict", "name": "Conflict"}',
      '{"jsonrpc": "2.0", "id": 1}',
    ])
      expect(classify(jsonResponse(200, body), 'applyCount'), body).toBeUndefined();
  });
});

describe('check says what to do', () => {
  it.each(['json2', 'jsonrpc', 'xmlrpc'] as const)('another database, by %s', async (protocol) => {
    const bench = openBench({}, { database: 'nowhere', protocol });
    const failure = await failureOf(bench.run((client, config) => odoo.check(client, config)));
    expect(failure).toMatchObject({ failure: 'rejected', code: 'no-such-database' });
  });

  it('another version, a key about to end', async () => {
    const bench = openBench({}, { version: '18', apiKeyEndsOn: '2026-12-01' });
    const checks = await bench.run((client, config) => odoo.check(client, config));
    expect(checks.filter(({ ok }) => !ok).map(({ name, next }) => [name, next])).toEqual([
      ['version', expect.stringContaining('Write 19')],
      ['API key', expect.stringContaining('new key')],
    ]);
  });

  it('an app that is not installed, and an answer of another shape', async () => {
    const bench = openBench();
    bench.line = ({ url }) =>
      url.includes('pos.order') ? Promise.resolve(json2(404, 'werkzeug.exceptions.NotFound', 'no model')) : undefined;
    const checks = await bench.run((client, config) => odoo.check(client, config));
    expect(checks.filter(({ ok }) => !ok)).toMatchObject([
      { name: 'tills', next: expect.stringContaining('Point of Sale') },
    ]);
    bench.line = () => Promise.resolve(jsonResponse(200, '[{"id": "x"}]'));
    const failure = await failureOf(bench.run((client, config) => odoo.listLocations(client, config)));
    expect(failure).toMatchObject({ failure: 'rejected', code: 'unreadable-answer' });
  });

  it('the RPCs ask for a login', () => {
    const { config } = openBench();
    const { login: _, ...without } = config;
    expect(odoo.config.safeParse({ ...without, protocol: 'xmlrpc' }).error?.issues[0]).toMatchObject({
      path: ['login'],
    });
    expect(odoo.config.safeParse(without).success).toBe(true);
  });
});
