import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiFixture, apiFixture } from '../../test/support/api-fixture.ts';
import { apiServer } from './api.ts';

let fixture: ApiFixture;
beforeAll(async () => {
  fixture = await apiFixture();
}, 60_000);
afterAll(() => fixture.close());

const NOT_OF_THE_HOOKS = [
  '/',
  '/app.js',
  '/v1/stock',
  '/v1/channels',
  '/v1/openapi.json',
  '/v1/session',
  '/healthz',
  '/hooks',
];

describe('the entrance for webhooks', () => {
  it('knows nothing but webhooks and signed messages', async () => {
    for (const url of NOT_OF_THE_HOOKS)
      for (const method of ['GET', 'POST']) {
        const answer = await fixture.ask(method, url, { on: 'hooks' });
        expect([method, url, answer.status, answer.text]).toEqual([method, url, 404, '{"error":"not-found"}']);
      }
  });

  it('answers wrong addresses and unknown accounts alike, and takes no more than its limit', async () => {
    const [toy] = fixture.run.engine.registry.all();
    const there = `/hooks/toy/${toy!.row.hookKey}`;
    for (const url of ['/hooks/toy/nobody', '/hooks/nobody/nobody', '/hooks/nobody'])
      expect((await fixture.ask('POST', url, { on: 'hooks', body: {} })).status, url).toBe(404);
    const unsigned = await fixture.ask('POST', there, { on: 'hooks', body: {} });
    expect([unsigned.status, unsigned.json.error]).toEqual([401, 'no-signature']);
    expect(unsigned.json.next.length).toBeGreaterThan(5);
    const big = await fixture.ask('POST', there, { on: 'hooks', body: 'x'.repeat(2 * 1024 * 1024 + 1) });
    expect([big.status, big.json.error]).toEqual([413, 'too-large']);
    expect(await fixture.run.db.query('select id from delivery')).toEqual([]);
  });
});

describe('the API', () => {
  it('refuses bodies that are too large, no JSON, or hold what cannot be stored', async () => {
    const big = await fixture.ask('POST', '/v1/stock/receive', { body: { sku: 'x'.repeat(1024 * 1024) } });
    expect([big.status, big.json.error]).toEqual([413, 'too-large']);
    const torn = await fixture.ask('POST', '/v1/stock/receive', { body: '{"sku":' });
    expect([torn.status, torn.json.error]).toEqual([400, 'malformed']);
    const rows = [{ sku: 'A\u0000B', location: 'W1', units: 1 }];
    const nul = await fixture.ask('POST', '/v1/stock/open', { body: { rows } });
    expect([nul.status, nul.json.error]).toEqual([400, 'store-value']);
    const polluted = '{"sku":"A","location":"W1","units":1,"__proto__":{"admin":true}}';
    expect((await fixture.ask('POST', '/v1/stock/receive', { body: polluted })).status).toBe(400);
    for (const answer of [big, torn, nul]) expect(answer.json.next.length).toBeGreaterThan(5);
  });

  it('sends headers that keep other pages out, on pages and answers', async () => {
    for (const url of ['/', '/v1/stock', '/v1/nope']) {
      const { headers } = await fixture.ask('GET', url);
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'SAMEORIGIN',
        'referrer-policy': 'no-referrer',
      });
      expect(headers['content-security-policy']).toContain("script-src 'self';");
      expect(headers['content-security-policy']).toContain("frame-ancestors 'self'");
      expect(headers['access-control-allow-origin']).toBeUndefined();
    }
  });

  it('a cookie opens what only reads, and nothing else', async () => {
    const session = (key: unknown) => fixture.ask('POST', '/v1/session', { key: null, body: { key } });
    const wrong = await session('onhand_nobody');
    expect([wrong.status, wrong.json.error, wrong.headers['set-cookie']]).toEqual([401, 'unknown-key', undefined]);
    expect((await session([])).status).toBe(401);
    const set = String((await session(fixture.keys.owner)).headers['set-cookie']);
    expect(set).toMatch(/; HttpOnly; SameSite=Strict; Path=\//);
    const withCookie = { key: null, headers: { cookie: set.split(';')[0]! } };
    expect((await fixture.ask('GET', '/v1/stock', withCookie)).status).toBe(200);
    const write = await fixture.ask('POST', '/v1/stop', { ...withCookie, body: {} });
    expect([write.status, write.json.error]).toEqual([401, 'no-key']);
    const torn = { key: null, headers: { cookie: 'onhand_key=%E0%A4%A' } };
    expect((await fixture.ask('GET', '/v1/stock', torn)).status).toBe(401);
  });

  it('tells load balancers and monitoring how it does', async () => {
    expect((await fixture.ask('GET', '/healthz', { key: null })).json).toEqual({ ok: true });
    expect((await fixture.ask('GET', '/readyz', { key: null })).json).toEqual({ ready: true, inbox: 0 });
    const { text, headers } = await fixture.ask('GET', '/metrics', { key: null });
    expect(headers['content-type']).toContain('text/plain');
    expect(text).toContain('onhand_channel_healthy{channel="toy-1",mode="live"} 1');
    expect(text).toMatch(/onhand_waiting\{kind="inbox"\} 0/);
  });

  it('slows down whoever asks without end', async () => {
    const server = await apiServer(fixture.run.engine, '0');
    let last = await server.inject({ url: '/healthz' });
    for (let asked = 1; asked <= 1_200; asked += 1) last = await server.inject({ url: '/healthz' });
    expect([last.statusCode, last.json().error]).toEqual([429, 'too-many-requests']);
    expect(Number(last.headers['retry-after'])).toBeGreaterThan(0);
    await server.close();
  });
});
