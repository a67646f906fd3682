import { describe, expect, it } from 'vitest';
import { jsonResponse } from '../../platform/http.ts';
import { classify, readBudget } from './failures.ts';

const page = (status: number) => ({ status, headers: {}, body: Buffer.from('<h1>x</h1>') });
const said = (status: number) => jsonResponse(status, { error: 'some_code', message: 'said so' });

describe('classify', () => {
  it.each([
    [said(400), 'sale', 'rejected', 'refused'],
    [said(401), 'sale', 'auth', 'token-refused'],
    [said(403), 'adjust', 'auth', 'scope-missing'],
    [said(404), 'sale', 'gone', 'not-found'],
    [page(404), 'sale', 'rejected', 'no-store'],
    [said(409), 'hookWrite', 'conflict', 'exists'],
    [said(422), 'adjust', 'rejected', 'refused'],
    [said(429), 'adjust', 'throttled', 'rate-limited'],
    [said(503), 'adjust', 'unknown-outcome', 'server-error'],
    [page(502), 'levels', 'transient', 'server-error'],
    [page(200), 'levels', 'transient', 'not-json'],
    [page(201), 'adjust', 'unknown-outcome', 'not-json'],
    [page(302), 'levels', 'rejected', 'redirected'],
    [jsonResponse(200, { error: 'expired', message: 'no' }), 'saleFeed', 'rejected', 'refused'],
    [jsonResponse(200, {}), 'token', 'auth', 'no-token'],
    [said(400), 'token', 'auth', 'not-renewed'],
  ] as const)('case %#: as %s', (response, op, failure, code) => {
    expect(classify(response, op)).toMatchObject({ failure, code });
  });

  it('good answers, a deletion without a body among them', () => {
    expect(classify(jsonResponse(200, { data: [] }), 'saleFeed')).toBeUndefined();
    expect(classify({ status: 204, headers: {}, body: new Uint8Array() }, 'hookWrite')).toBeUndefined();
    expect(classify(said(422), 'adjust')!.message).toContain('said so');
  });

  it('Retry-After as a date by the clock of the answer, as seconds, or not at all', () => {
    const wait = (headers: Record<string, string>) => classify(jsonResponse(429, {}, headers), 'sale')!.retryAfterMs;
    const date = 'Tue, 24 Nov 2026 10:00:00 GMT';
    expect(wait({ date, 'retry-after': 'Tue, 24 Nov 2026 10:00:17 GMT' })).toBe(17_000);
    expect(wait({ date, 'retry-after': 'Tue, 24 Nov 2026 09:00:00 GMT' })).toBe(0);
    expect(wait({ 'retry-after': '12' })).toBe(12_000);
    expect(wait({})).toBe(30_000);
    expect(wait({ date, 'retry-after': 'soon' })).toBe(30_000);
  });
});

describe('readBudget', () => {
  const told = (limit: string, left: string) =>
    readBudget(jsonResponse(200, {}, { 'x-ratelimit-limit': limit, 'x-ratelimit-remaining': left }), 'sale');

  it('more registers, more calls; little left is told, plenty is not', () => {
    expect(told('350', '300')).toEqual({ calls: { perSecond: 1 } });
    expect(told('1550', '3')).toEqual({ calls: { perSecond: 1550 / 350, available: 3 } });
    expect(told('', '')).toBeUndefined();
    expect(told('10', 'many')).toBeUndefined();
  });
});
