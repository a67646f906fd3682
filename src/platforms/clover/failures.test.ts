import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonResponse } from '../../platform/http.ts';
import { type CloverOp, facts } from './facts.ts';
import { classify } from './failures.ts';

const of = (status: number, op: CloverOp = 'items', body: unknown = { message: 'said so' }, headers = {}) =>
  classify(jsonResponse(status, body, headers), op);

describe('what an answer means', () => {
  it('good answers are good, the same without JSON are not', () => {
    expect(of(200, 'items', { elements: [] })).toBeUndefined();
    expect(of(200, 'items', '<html>')).toMatchObject({ failure: 'transient', code: 'not-json' });
    expect(of(200, 'items', [])).toMatchObject({ failure: 'transient' });
    expect(of(200, 'writeStock', '')).toMatchObject({ failure: 'unknown-outcome' });
    expect(of(200, 'token', { access_token: '' })).toMatchObject({ failure: 'auth', code: 'not-renewed' });
  });

  it('each class by its status; a missing permission looks like a wrong token', () => {
    const kinds: [number, string][] = [
      [400, 'rejected'],
      [401, 'auth'],
      [403, 'auth'],
      [404, 'gone'],
      [405, 'rejected'],
      [409, 'conflict'],
      [410, 'gone'],
      [422, 'rejected'],
      [429, 'throttled'],
      [500, 'transient'],
      [503, 'transient'],
    ];
    for (const [status, failure] of kinds) expect(of(status), String(status)).toMatchObject({ failure, status });
    expect(of(401)!.message).toMatch(/permission.*region.*said so/s);
  });

  it('a broken write and a broken renewal leave open whether they were done', () => {
    for (const status of [408, 500, 502, 503, 504])
      for (const op of ['writeStock', 'token'] as const)
        expect(of(status, op), `${op} ${status}`).toMatchObject({ failure: 'unknown-outcome' });
    expect(of(401, 'token')).toMatchObject({ failure: 'auth', code: 'not-renewed' });
    expect(of(400, 'token')).toMatchObject({ failure: 'auth' });
  });

  it('waits as long as Clover says, and a second where it does not say', () => {
    const wait = (after?: string) =>
      of(429, 'items', {}, after === undefined ? {} : { 'retry-after': after })!.retryAfterMs;
    expect(wait('3')).toBe(3_000);
    expect(wait()).toBe(1_000);
    expect(wait('soon')).toBe(1_000);
    expect(wait('-5')).toBe(1_000);
    expect(wait('999999999')).toBe(3_600_000);
  });

  it('never throws', () => {
    const status = fc.integer({ min: 100, max: 599 });
    fc.assert(
      fc.property(
        status,
        fc.uint8Array(),
        fc.constantFrom(...(Object.keys(facts.operations) as CloverOp[])),
        (code, body, op) => {
          const failure = classify({ status: code, headers: {}, body }, op);
          if (code >= 400) expect(failure).toBeDefined();
        },
      ),
    );
  });
});
