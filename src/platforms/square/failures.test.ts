import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Failure } from '../../platform/failure.ts';
import { jsonResponse } from '../../platform/http.ts';
import { facts, type SquareOp } from './facts.ts';
import { classify, rowErrors } from './failures.ts';
import { squareErrors } from './testing/scripted.ts';

const verdict = (status: number, code: string, op: SquareOp = 'order') => {
  const failure = classify(squareErrors(status, { code }), op);
  return failure && `${failure.failure} ${failure.code}`;
};

describe('what an answer means', () => {
  it.each([
    [401, 'UNAUTHORIZED', 'auth token-refused'],
    [401, 'ACCESS_TOKEN_EXPIRED', 'auth token-expired'],
    [401, 'ACCESS_TOKEN_REVOKED', 'auth token-revoked'],
    [403, 'INSUFFICIENT_SCOPES', 'auth scope-missing'],
    [403, 'FORBIDDEN', 'auth forbidden'],
    [403, 'SOMETHING_NEW', 'auth token-refused'],
    [404, 'NOT_FOUND', 'gone not-found'],
    [400, 'NOT_FOUND', 'gone not-found'],
    [409, 'CONFLICT', 'conflict conflict'],
    [400, 'IDEMPOTENCY_KEY_REUSED', 'conflict key-reused'],
    [400, 'INVALID_TIME', 'rejected time-refused'],
    [400, 'INVALID_CURSOR', 'rejected cursor-refused'],
    [400, 'ARRAY_LENGTH_TOO_LONG', 'rejected refused'],
    [422, 'SOMETHING_NEW', 'rejected refused'],
    [429, 'RATE_LIMITED', 'throttled rate-limited'],
    [400, 'RATE_LIMITED', 'throttled rate-limited'],
    [500, 'INTERNAL_SERVER_ERROR', 'transient server-error'],
    [503, 'SERVICE_UNAVAILABLE', 'transient server-error'],
    [200, 'NOT_FOUND', 'gone not-found'],
  ])('HTTP %i %s: %s', (status, code, meaning) => {
    expect(verdict(status, code)).toBe(meaning);
  });

  it('a broken answer to a write leaves it in doubt; a refused one does not', () => {
    for (const status of [408, 500, 502, 503, 504])
      expect(verdict(status, 'API_ERROR', 'changeInventory')).toBe('unknown-outcome server-error');
    expect(verdict(400, 'INVALID_VALUE', 'changeInventory')).toBe('rejected refused');
    expect(classify(jsonResponse(200, '<html>'), 'changeInventory')?.failure).toBe('unknown-outcome');
    expect(classify(jsonResponse(200, '<html>'), 'order')?.failure).toBe('transient');
    // Rows of a write that went wrong stand beside those that did not.
    expect(verdict(200, 'INVALID_VALUE', 'changeInventory')).toBeUndefined();
  });

  it('a refused renewal is a matter of access, whatever its status; a good answer without a token too', () => {
    expect(verdict(400, 'BAD_REQUEST', 'token')).toBe('auth not-renewed');
    expect(
      classify(jsonResponse(401, { message: 'Not Authorized', type: 'service.not_authorized' }), 'token')?.failure,
    ).toBe('auth');
    expect(classify(jsonResponse(200, {}), 'token')?.failure).toBe('auth');
    expect(classify(jsonResponse(200, { access_token: 'x' }), 'token')).toBeUndefined();
    expect(verdict(500, 'INTERNAL_SERVER_ERROR', 'token')).toBe('transient server-error');
  });

  it('waits as long as it is told, by the answer’s own clock', () => {
    const date = 'Tue, 24 Nov 2026 10:00:00 GMT';
    const wait = (headers: Record<string, string>) => {
      const { status, body } = squareErrors(429, { code: 'RATE_LIMITED' });
      return classify({ status, body, headers }, 'order')?.retryAfterMs;
    };
    expect(wait({})).toBeUndefined();
    expect(wait({ 'retry-after': '3' })).toBe(3_000);
    expect(wait({ 'retry-after': 'Tue, 24 Nov 2026 10:00:07 GMT', date })).toBe(7_000);
    expect(wait({ 'x-ratelimit-reset': String(Date.parse(date) / 1000 + 5), date })).toBe(5_000);
    expect(wait({ 'retry-after': '999999999' })).toBe(3_600_000);
    expect(wait({ 'retry-after': 'soon' })).toBeUndefined();
  });

  it('says what Square said, and which rows it meant', () => {
    const failure = classify(
      squareErrors(
        400,
        { code: 'NOT_FOUND', field: 'changes[12].adjustment.catalog_object_id' },
        { code: 'INVALID_VALUE', field: 'changes[3].adjustment.quantity' },
        { code: 'INVALID_VALUE', field: 'idempotency_key' },
      ),
      'changeInventory',
    )!;
    expect(failure.message).toContain('NOT_FOUND, said so (changes[12]');
    expect([...rowErrors(failure)].map(([row, { code }]) => [row, code])).toEqual([
      [12, 'NOT_FOUND'],
      [3, 'INVALID_VALUE'],
    ]);
    expect(rowErrors(new Failure('rejected', 'x', 'y', { cause: new Error('not json') })).size).toBe(0);
  });

  it('never throws, whatever answers', () => {
    const ops = Object.keys(facts.operations) as SquareOp[];
    fc.assert(
      fc.property(
        fc.integer({ min: 100, max: 599 }),
        fc.oneof(
          fc.json(),
          fc.string(),
          fc.json().map((errors) => `{"errors":${errors}}`),
        ),
        fc.constantFrom(...ops),
        fc.dictionary(fc.constantFrom('retry-after', 'x-ratelimit-reset', 'date'), fc.string()),
        (status, body, op, headers) => {
          const failure = classify({ status, headers, body: Buffer.from(body) }, op);
          if (failure) rowErrors(failure);
          expect(failure === undefined || failure instanceof Failure).toBe(true);
        },
      ),
    );
  });
});
