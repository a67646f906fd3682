import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Failure } from '../../platform/failure.ts';
import { jsonResponse } from '../../platform/http.ts';
import { facts, type QboOp } from './facts.ts';
import { classify } from './failures.ts';
import { tooMany, unauthorized } from './sandbox/answers.ts';
import { fault, settings } from './testing/scripted.ts';
import { accountOf, decode, verify } from './webhook.ts';

const ops = Object.keys(facts.operations) as QboOp[];
const page = (status: number, body: string, headers: Record<string, string> = {}) => ({
  status,
  headers,
  body: Buffer.from(body),
});

describe('answers of QuickBooks', () => {
  it.each([
    ['5010', 'adjust', 'conflict', 'stale'],
    ['610', 'sale', 'gone', 'unknown-sale'],
    ['610', 'items', 'rejected', 'refused'],
    ['2500', 'adjust', 'gone', 'unknown-item'],
    ['2500', 'sales', 'rejected', 'refused'],
    ['6000', 'adjust', 'rejected', 'refused-line'],
    ['6210', 'adjust', 'rejected', 'closed-books'],
    ['5020', 'adjust', 'rejected', 'not-in-plan'],
    ['003001', 'items', 'throttled', 'rate-limited'],
    ['4000', 'items', 'rejected', 'refused'],
  ] as const)('fault %s to %s is %s, %s', (code, op, failure, ours) => {
    expect(classify(fault(code), op)).toMatchObject({ failure, code: ours });
  });
  it('200 with a fault inside is a fault', () => {
    expect(classify(fault('6000', 'said', 200), 'adjust')).toMatchObject({ failure: 'rejected' });
    expect(classify(jsonResponse(200, { QueryResponse: {} }), 'items')).toBeUndefined();
  });
  it('the gateway’s small letters are understood too; each way of no entry says what to do', () => {
    expect(classify(unauthorized(), 'items')).toMatchObject({ failure: 'auth', code: 'bad-token' });
    const forbidden = fault('3100', 'ApplicationAuthorizationFailed', 403, 'AuthorizationFault');
    expect(classify(forbidden, 'items')).toMatchObject({ failure: 'auth', code: 'not-allowed' });
    const token = (error: string, status: number) => classify(jsonResponse(status, { error }), 'token');
    expect(token('invalid_grant', 400)).toMatchObject({ failure: 'auth', code: 'bad-refresh-token' });
    expect(token('invalid_client', 401)).toMatchObject({ failure: 'auth', code: 'bad-client' });
    expect(token('invalid_grant', 400)?.message).toContain('OAuth Playground');
  });
  it('"too much" names no time: a minute; a time that is named is obeyed', () => {
    expect(classify(tooMany(), 'adjust')).toMatchObject({ failure: 'throttled', retryAfterMs: 60_000 });
    expect(classify(page(429, '', { 'retry-after': '7' }), 'token')?.retryAfterMs).toBe(7_000);
    expect(classify(page(429, '', { 'retry-after': '1e12' }), 'items')?.retryAfterMs).toBe(3_600_000);
  });
  it('a broken adjustment may have been booked, a broken read was not', () => {
    for (const status of [500, 502, 503, 504]) {
      expect(classify(page(status, '<html>'), 'adjust')).toMatchObject({ failure: 'unknown-outcome' });
      expect(classify(page(status, '<html>'), 'items')).toMatchObject({ failure: 'transient' });
    }
    expect(classify(page(200, '<html>'), 'adjust')).toMatchObject({ failure: 'unknown-outcome', code: 'not-json' });
  });
});

describe('whatever arrives', () => {
  it('classify never throws and lets no error pass for good', () => {
    const bodies = fc.oneof(
      fc.json(),
      fc.string(),
      fc.record({ Fault: fc.anything() }).map((one) => JSON.stringify(one) ?? ''),
    );
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 599 }), bodies, fc.constantFrom(...ops), (status, body, op) => {
        const failure = classify(page(status, body, { 'retry-after': body }), op);
        expect(failure === undefined || failure instanceof Failure).toBe(true);
        if (status >= 400) expect(failure).toBeDefined();
      }),
    );
  });
  it('verify and accountOf never throw and let nothing unsigned through; decode throws errors only', () => {
    const events = fc.array(
      fc.record({ type: fc.string(), intuitentityid: fc.string(), intuitaccountid: fc.string(), data: fc.anything() }),
    );
    const bodies = fc.oneof(
      fc.json(),
      fc.string(),
      events.map((one) => JSON.stringify(one)),
    );
    fc.assert(
      fc.property(bodies, fc.option(fc.string(), { nil: undefined }), (body, signature) => {
        const headers: Record<string, string> = signature === undefined ? {} : { 'intuit-signature': signature };
        const delivery = { method: 'POST', path: '/', headers, body: Buffer.from(body), receivedAt: '' };
        expect(verify(delivery, settings()).verdict).toBe('refused');
        accountOf(delivery);
        try {
          decode(delivery, 'events', settings());
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
        }
      }),
    );
  });
});
