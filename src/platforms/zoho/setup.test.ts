import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Delivery } from '../../platform/contract.ts';
import { type HttpResponse, jsonResponse } from '../../platform/http.ts';
import { hmac } from '../../platform/signature.ts';
import { failureOf } from '../../platform/testing/bench.ts';
import { accountsUrl, apiUrl, DATA_CENTRES, zohoConfig } from './config.ts';
import type { ZohoOp } from './facts.ts';
import { classify, readBudget } from './failures.ts';
import { zoho } from './index.ts';
import { openBench } from './testing/bench.ts';
import { decode, verify } from './webhook.ts';

const { config } = openBench({}, { webhookSecret: 'a-long-random-text' });
const BODY = '{"salesorder_id":"9007199254740993123","status":"confirmed"}';
const delivery = (
  body: string,
  path = '/hooks/zoho/1?token=a-long-random-text',
  headers: Record<string, string> = {},
): Delivery => ({
  method: 'POST',
  path,
  headers,
  body: Buffer.from(body),
  receivedAt: '2026-11-24T00:00:00.000Z',
});
const why = (one: Delivery, settings = config) => {
  const verdict = verify(one, settings);
  return verdict.verdict === 'refused' ? verdict.why : verdict.verdict;
};

describe('webhooks', () => {
  it('the secret in the address or in a header: right, wrong, absent, none configured', () => {
    expect(verify(delivery(BODY), config)).toEqual({ verdict: 'ok', topic: 'salesorder' });
    expect(why(delivery(BODY, '/hooks/zoho/1', { 'x-onhand-token': 'a-long-random-text' }))).toBe('ok');
    expect(why(delivery(BODY, '/hooks/zoho/1?token=a-long-random-texu'))).toBe('bad-signature');
    expect(why(delivery(BODY, '/hooks/zoho/1?token='))).toBe('bad-signature');
    expect(why(delivery(BODY, '/hooks/zoho/1'))).toBe('no-signature');
    for (const webhookSecret of [undefined, ''])
      expect(why(delivery(BODY), { ...config, webhookSecret })).toBe('no-secret');
  });

  it('where they are signed as well, both forms seen at Zoho must be right on the raw bytes', () => {
    const settings = { ...config, signingSecret: 'key' };
    const plain = hmac('sha256', 'key', [BODY], 'hex');
    const timed = `t=1764000000000,v=${hmac('sha256', 'key', ['1764000000000.', BODY], 'hex')}`;
    const signed = (value: string, body = BODY) =>
      why(delivery(body, undefined, { 'x-zoho-webhook-signature': value }), settings);
    expect([signed(plain), signed(plain.toUpperCase()), signed(timed)]).toEqual(['ok', 'ok', 'ok']);
    expect(why(delivery(BODY), settings)).toBe('bad-signature');
    expect(signed(plain, BODY.replace('3', '4'))).toBe('bad-signature');
    expect(signed(timed.replace('t=1', 't=2'))).toBe('bad-signature');
    expect(signed('')).toBe('bad-signature');
  });

  it.each([
    ['as in the set-up guide', BODY, { kind: 'document-changed', doc: 'order:9007199254740993123' }],
    ['a number instead of text', '{"salesorder_id":9007199254740993123}', { doc: 'order:9007199254740993123' }],
    ['the whole record', '{"salesorder":{"salesorder_id":"7","line_items":[{"item_id":"3"}]}}', { doc: 'order:7' }],
    ['in a form', `JSONString=${encodeURIComponent('{"salesorder":{"salesorder_id":"7"}}')}`, { doc: 'order:7' }],
    ['a return, which names its order too', '{"salesreturn_id":"5","salesorder_id":"7"}', { doc: 'return:5' }],
    ['a parcel names its order', '{"package_id":"2","salesorder_id":"7"}', { doc: 'order:7' }],
    ['an item', '{"item_id":"3"}', { kind: 'dirty', stockKey: '3', location: null }],
  ])('%s', (_, body, expected) => {
    const verdict = verify(delivery(body), config);
    expect(verdict.verdict).toBe('ok');
    const topic = verdict.verdict === 'ok' ? verdict.topic : '';
    expect(decode(delivery(body), topic, config)).toMatchObject([{ account: config.account, ...expected }]);
  });

  it('whatever comes, verify answers, and decode gives thin signals or an Error', () => {
    const topics = fc.constantFrom('salesorder', 'salesreturn', 'item', 'other', '');
    const bodies = fc.oneof(
      fc.json(),
      fc.string(),
      fc.constantFrom('JSONString=%7B', '{"salesorder_id":{}}', '{"item":null}'),
    );
    fc.assert(
      fc.property(topics, bodies, fc.string(), (topic, body, path) => {
        expect(['ok', 'refused']).toContain(verify(delivery(body, path), config).verdict);
        try {
          for (const { kind } of decode(delivery(body), topic, config))
            expect(['document-changed', 'dirty']).toContain(kind);
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
        }
      }),
      { numRuns: 300 },
    );
    for (const body of ['', 'null', '[]', '{}', '{"salesorder_id":""}', '{"salesorder_id":"7/../8"}'])
      expect(why(delivery(body)), body).toBe('malformed');
  });
});

describe('what an answer means', () => {
  const html = (status: number): HttpResponse => ({ status, headers: {}, body: Buffer.from('<html>') });
  it.each<[string, HttpResponse, ZohoOp, string | undefined]>([
    ['good', jsonResponse(200, { code: 0 }), 'order', undefined],
    ['200 with another code', jsonResponse(200, { code: 9103, message: 'no' }), 'adjust', 'rejected refused'],
    ['200, and not there', jsonResponse(200, { code: 1002 }), 'order', 'gone not-found'],
    ['a token that is none', jsonResponse(401, { code: 14 }), 'order', 'auth token-refused'],
    ['a scope that is missing', jsonResponse(401, { code: 57 }), 'order', 'auth scope-missing'],
    ['another organization', jsonResponse(400, { code: 6041 }), 'order', 'auth other-organization'],
    ['too much in a minute', jsonResponse(429, { code: 44 }), 'adjust', 'throttled rate-limited'],
    ['too much in a day', jsonResponse(429, { code: 45 }), 'adjust', 'throttled daily-limit'],
    ['a proxy’s page, reading', html(502), 'order', 'transient server-error'],
    ['a proxy’s page, writing', html(502), 'adjust', 'unknown-outcome server-error'],
    ['a page with 200, writing', html(200), 'adjust', 'unknown-outcome not-json'],
    ['a refresh token that is none', jsonResponse(200, { error: 'invalid_code' }), 'token', 'auth not-renewed'],
    ['too many tokens', jsonResponse(400, { error: 'Access Denied' }), 'token', 'throttled too-many-tokens'],
    ['no token at all', jsonResponse(200, {}), 'token', 'auth not-renewed'],
  ])('%s', (_, response, op, expected) => {
    const failure = classify(response, op);
    expect(failure && `${failure.failure} ${failure.code}`).toBe(expected);
  });

  it('the minute’s limit does not stop the day’s', () => {
    expect(readBudget(jsonResponse(429, { code: 44 }), 'order')).toEqual({ minute: { available: 0 } });
    expect(readBudget(jsonResponse(429, { code: 45 }), 'order')).toBeUndefined();
    expect(readBudget(jsonResponse(200, { code: 0 }), 'order')).toBeUndefined();
  });
});

describe('set-up', () => {
  it('accounts and API are of one data centre, and the header has Zoho’s own word', () => {
    for (const dataCenter of Object.keys(DATA_CENTRES) as (keyof typeof DATA_CENTRES)[]) {
      const settings = zohoConfig.parse({ ...config, dataCenter, apiUrl: undefined, accountsUrl: undefined });
      const ends = [accountsUrl(settings), apiUrl(settings)].map((url) =>
        new URL(url).hostname.replace(/^.*?zoho(cloud|apis)?\./, ''),
      );
      expect(ends[0]).toBe(ends[1]);
    }
    const request = { method: 'GET' as const, url: 'https://www.zohoapis.eu/inventory/v1/items', headers: {} };
    const { headers } = zoho.authorize(request, { ...config, accessToken: '1000.abc' }, 0);
    expect(headers['authorization']).toBe('Zoho-oauthtoken 1000.abc');
  });

  it('a token is asked for once, and again before its hour is over', async () => {
    const bench = openBench();
    const tokens = () => bench.exchanges.filter(({ request }) => request.url.includes('/oauth/')).length;
    await bench.run((client, settings) => zoho.listLocations(client, settings));
    await bench.run((client, settings) => zoho.listLocations(client, settings));
    expect([tokens(), bench.config.accessTokenEndsAtMs]).toEqual([1, expect.any(Number)]);
    await bench.advance(3_560_000);
    await bench.run((client, settings) => zoho.listLocations(client, settings));
    expect(tokens()).toBe(2);
    expect(bench.exchanges.every(({ response }) => response.status === 200)).toBe(true);
  });

  it('check: another organization, a missing scope, no webhook secret', async () => {
    const bench = openBench({}, { webhookSecret: undefined });
    bench.sandbox.staff.withoutScope('salesreturns');
    const checks = await bench.run((client, settings) => zoho.check(client, settings));
    expect(checks.filter(({ ok }) => !ok).map(({ name, next }) => [name, next])).toEqual([
      ['salesreturns', expect.stringContaining('ZohoInventory.salesreturns.READ')],
      ['webhook secret', expect.stringContaining('webhookSecret')],
    ]);
    const other = openBench({}, { account: '10229182' });
    expect(await other.run((client, settings) => zoho.check(client, settings))).toMatchObject([
      { name: 'organization', ok: false, next: expect.stringContaining('data centre') },
    ]);
    const failure = await failureOf(other.run((client, settings) => zoho.listLevels(client, settings, null)));
    expect(failure).toMatchObject({ failure: 'auth', code: 'other-organization' });
  });

  it('the stand-in names the original of an imported order, as Zoho does', async () => {
    const bench = openBench();
    const bought = bench.sandbox.shopper.buy({ lines: [{ sku: 'MUG', quantity: 1 }], location: null });
    const order = bought.ok ? bought.order : '';
    bench.sandbox.staff.labelOrder(order, { sales_channel: 'shopify', reference_number: '#7' });
    expect(await bench.run((client, settings) => zoho.fetchDocument(client, settings, `order:${order}`))).toMatchObject(
      {
        origin: { source: 'shopify', id: '#7' },
      },
    );
  });
});
