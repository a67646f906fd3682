import { describe, expect, it } from 'vitest';
import { jsonResponse } from '../../platform/http.ts';
import { authorize } from './api.ts';
import { classify } from './failures.ts';
import { settings } from './testing/scripted.ts';

const page = (status: number) => ({ status, headers: {}, body: Buffer.from('<h1>x</h1>') });
const core = (status: number, Exception = 'said so') => jsonResponse(status, [{ ErrorCode: status, Exception }]);
const omni = (status: number) => jsonResponse(status, { message: 'said so' });

describe('classify', () => {
  it.each([
    [core(503, 'You have reached 60 calls per 60 seconds API limit.'), 'sale', 'throttled', 'rate-limited'],
    [core(429), 'adjust', 'throttled', 'rate-limited'],
    [omni(429), 'omniAdjust', 'throttled', 'rate-limited'],
    [page(503), 'sale', 'transient', 'server-error'],
    [page(503), 'adjust', 'unknown-outcome', 'server-error'],
    [core(500), 'omniAdjust', 'unknown-outcome', 'server-error'],
    [page(200), 'sale', 'transient', 'not-json'],
    [page(200), 'adjust', 'unknown-outcome', 'not-json'],
    [core(403, 'Incorrect credentials!'), 'sale', 'auth', 'key-refused'],
    [core(403), 'hookWrite', 'auth', 'no-automation'],
    [omni(401), 'omniStock', 'auth', 'key-refused'],
    [core(404), 'sale', 'gone', 'not-found'],
    [core(400, 'Sale was not found'), 'sale', 'gone', 'not-found'],
    [core(400, "'Shop' was not found in Locations reference book"), 'adjust', 'rejected', 'refused'],
    [core(409), 'adjust', 'conflict', 'conflict'],
    [page(302), 'sale', 'rejected', 'redirected'],
  ] as const)('case %#: as %s', (response, op, failure, code) => {
    expect(classify(response, op)).toMatchObject({ failure, code });
  });

  it('good answers; and what they say of themselves when they are not', () => {
    expect(classify(jsonResponse(200, {}), 'sale')).toBeUndefined();
    expect(classify({ status: 204, headers: {}, body: new Uint8Array() }, 'hookWrite')).toBeUndefined();
    expect(classify(core(400), 'adjust')!.message).toContain('said so');
    expect(classify(omni(400), 'omniAdjust')!.message).toContain('said so');
    expect(classify(jsonResponse(400, 'plainly'), 'adjust')!.message).toContain('plainly');
    expect(classify(jsonResponse(429, {}, { 'retry-after': '7' }), 'sale')!.retryAfterMs).toBe(7_000);
    expect(classify(jsonResponse(429, {}), 'sale')!.retryAfterMs).toBe(30_000);
  });
});

it('Core proves itself by two headers, Omni by Basic', () => {
  const request = { method: 'GET' as const, url: 'https://x.test/', headers: { accept: 'application/json' } };
  expect(authorize(request, settings()).headers).toEqual({
    accept: 'application/json',
    'api-auth-accountid': 'ACCOUNT',
    'api-auth-applicationkey': 'a-key',
  });
  expect(authorize(request, settings({ product: 'omni', account: 'MugsUS' })).headers['authorization']).toBe(
    `Basic ${Buffer.from('MugsUS:a-key').toString('base64')}`,
  );
});
