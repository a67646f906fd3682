import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type HttpResponse, jsonResponse } from '../../platform/http.ts';
import { facts, type LightspeedOp } from './facts.ts';
import { classify, readBudget } from './failures.ts';
import { refusal } from './sandbox/answers.ts';

const of = (status: number, op: LightspeedOp = 'items', body: unknown = {}, headers = {}) =>
  classify(jsonResponse(status, body, headers), op);

describe('what an answer means', () => {
  it('each class by its status, with what Lightspeed says', () => {
    const kinds: [number, string, string][] = [
      [400, 'rejected', 'refused'],
      [401, 'auth', 'token-refused'],
      [403, 'auth', 'scope-missing'],
      [404, 'gone', 'not-found'],
      [405, 'rejected', 'refused'],
      [409, 'conflict', 'conflict'],
      [422, 'rejected', 'refused'],
      [429, 'throttled', 'rate-limited'],
      [500, 'transient', 'server-error'],
      [503, 'transient', 'server-error'],
    ];
    for (const [status, failure, code] of kinds)
      expect(classify(refusal(status, 'It is so.'), 'items'), String(status)).toMatchObject({
        failure,
        code,
        status,
        platformCode: 'Exception',
        message: expect.stringContaining('It is so.'),
      });
    expect(of(200, 'items', { Item: [] })).toBeUndefined();
  });

  it('a good status with an error inside is that error', () => {
    const inside = (httpCode: unknown) => of(200, 'writeItem', { httpCode, message: 'Item not updated.' });
    expect(inside('400')).toMatchObject({ failure: 'rejected', status: 400 });
    expect(inside('404')).toMatchObject({ failure: 'gone' });
    expect(inside('500')).toMatchObject({ failure: 'unknown-outcome' });
    expect(inside('200')).toBeUndefined();
    expect(inside('never')).toBeUndefined();
  });

  it('a broken write leaves open whether it was done; a broken renewal can be asked for again', () => {
    for (const status of [408, 500, 502, 504]) {
      for (const op of ['writeShop', 'writeItem'] as const)
        expect(of(status, op, '<html>')).toMatchObject({ failure: 'unknown-outcome' });
      expect(of(status, 'token', '<html>')).toMatchObject({ failure: 'transient' });
    }
    expect(of(200, 'writeItem', '<html>')).toMatchObject({ failure: 'unknown-outcome', code: 'not-json' });
    expect(of(400, 'token', { error: 'invalid_grant' })).toMatchObject({ failure: 'auth', code: 'not-renewed' });
    expect(of(200, 'token', {})).toMatchObject({ failure: 'auth' });
  });

  it('waits as long as it says, and a second where it does not say', () => {
    const wait = (after?: string) =>
      of(429, 'items', {}, after === undefined ? {} : { 'retry-after': after })!.retryAfterMs;
    expect(wait('3')).toBe(3_000);
    expect(wait('2.5')).toBe(2_500);
    expect(wait('0')).toBe(1_000);
    expect(wait()).toBe(1_000);
    expect(wait('tomorrow')).toBe(1_000);
  });
});

describe('what every answer tells of the bucket', () => {
  const told = (headers: Record<string, string>) => readBudget({ status: 200, headers, body: new Uint8Array() });

  it('recorded and documented headers', () => {
    expect(told({ 'x-ls-api-bucket-level': '4.6125388145434/90' })).toEqual({
      drips: { available: 90 - 4.6125388145434, size: 90 },
    });
    expect(
      told({ 'x-ls-api-bucket-level': '92.57/100', 'x-ls-api-drip-rate': '1.5', 'x-ls-api-request-cost': '10' }),
    ).toEqual({ drips: { available: 100 - 92.57, size: 100, perSecond: 1.5, cost: 10 } });
  });

  it('nonsense tells nothing', () => {
    for (const level of ['', '90', '1/0', '-1/90', 'a/b', '1e5/90', '1/90/3'])
      expect(told({ 'x-ls-api-bucket-level': level }), level).toBeUndefined();
    expect(told({ 'x-ls-api-bucket-level': '1/90', 'x-ls-api-drip-rate': '-1', 'x-ls-api-request-cost': 'x' })).toEqual(
      {
        drips: { available: 89, size: 90 },
      },
    );
  });

  it('nothing ever throws', () => {
    const headers = fc.dictionary(
      fc.constantFrom('retry-after', 'x-ls-api-bucket-level', 'x-ls-api-drip-rate', 'x-ls-api-request-cost'),
      fc.string(),
    );
    const ops = Object.keys(facts.operations) as LightspeedOp[];
    fc.assert(
      fc.property(
        fc.integer({ min: 100, max: 599 }),
        headers,
        fc.uint8Array(),
        fc.constantFrom(...ops),
        (status, head, body, op) => {
          const response: HttpResponse = { status, headers: head, body };
          const failure = classify(response, op);
          if (status >= 400) expect(failure).toBeDefined();
          for (const value of Object.values(readBudget(response)?.drips ?? {}))
            expect(Number.isFinite(value)).toBe(true);
        },
      ),
    );
  });
});
