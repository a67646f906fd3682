import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type HttpResponse, jsonResponse } from '../../platform/http.ts';
import type { GeckoOp } from './facts.ts';
import { classify } from './failures.ts';
import { tradegecko } from './index.ts';

const judged = (status: number, body: unknown = {}, op: GeckoOp = 'variants', headers: Record<string, string> = {}) => {
  const failure = classify(jsonResponse(status, body, headers), op);
  return failure && [failure.failure, failure.code];
};

describe('answers', () => {
  it('are sorted by what to do next', () => {
    expect(judged(200, { variants: [] })).toBeUndefined();
    expect(judged(401)).toEqual(['auth', 'token-refused']);
    expect(judged(402)).toEqual(['auth', 'account-lapsed']);
    expect(judged(403)).toEqual(['auth', 'forbidden']);
    expect(judged(404)).toEqual(['gone', 'not-found']);
    expect(judged(409)).toEqual(['conflict', 'conflict']);
    expect(judged(422, { errors: { variant: ['must exist'] } }, 'adjust')).toEqual(['rejected', 'refused']);
    expect(judged(429)).toEqual(['throttled', 'rate-limited']);
    expect(judged(401, { error: 'invalid_request' }, 'token')).toEqual(['auth', 'not-renewed']);
  });

  it('that broke down leave a write open and mean nothing to a read', () => {
    for (const status of [408, 500, 502, 503, 504]) {
      expect(judged(status)?.[0]).toBe('transient');
      expect(judged(status, {}, 'adjust')?.[0]).toBe('unknown-outcome');
    }
  });

  it('that look good and are not are found out', () => {
    expect(judged(200, { errors: { variant: ['must exist'] } }, 'adjust')).toEqual(['rejected', 'refused']);
    expect(judged(200, [], 'adjust')).toEqual(['unknown-outcome', 'not-json']);
    expect(judged(200, 'maintenance')).toEqual(['transient', 'not-json']);
    expect(judged(200, { access_token: '' }, 'token')).toEqual(['auth', 'no-token']);
    expect(judged(204, undefined, 'hookWrite')).toBeUndefined();
  });

  it('of too many calls name a moment: its whole second is waited for, by the answer’s own clock', () => {
    const date = 'Tue, 24 Nov 2026 10:00:00 GMT';
    const wait = (reset: string, at = date) =>
      classify(jsonResponse(429, {}, { date: at, 'x-rate-limit-reset': reset }), 'order')?.retryAfterMs;
    expect(wait(String(Date.parse(date) / 1000 + 41))).toBe(42_000);
    expect(wait('1')).toBe(0);
    expect(wait('999999999999')).toBe(3_600_000);
    for (const odd of ['', '-1', 'soon', '1e9']) expect(wait(odd)).toBeUndefined();
    expect(wait('1700000000', 'yesterday')).toBeUndefined();
  });

  it('say in a sentence what the service said', () => {
    const said = (body: unknown) => classify(jsonResponse(422, body), 'adjust')!.message;
    expect(said({ errors: { name: ["can't be blank", 'is short'] } })).toContain("name can't be blank, is short");
    expect(said({ message: 'API rate limit exceeded' })).toContain('API rate limit exceeded');
    expect(said({ errors: { a: { b: 1 } } })).toContain('It was refused');
  });

  it('never make the judge throw', () => {
    const ops = Object.keys(tradegecko.facts.operations) as GeckoOp[];
    fc.assert(
      fc.property(
        fc.integer({ min: 100, max: 599 }),
        fc.oneof(fc.json().map(Buffer.from), fc.uint8Array()),
        fc.dictionary(fc.constantFrom('date', 'x-rate-limit-reset'), fc.string()),
        fc.constantFrom(...ops),
        (status, body, headers, op) => {
          const failure = classify({ status, headers, body } as HttpResponse, op);
          if (failure?.retryAfterMs !== undefined) expect(failure.retryAfterMs).toBeGreaterThanOrEqual(0);
          if (status >= 400) expect(failure).toBeDefined();
        },
      ),
    );
  });
});
