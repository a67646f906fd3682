import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Failure } from '../../platform/failure.ts';
import { type BigOp, facts } from './facts.ts';
import { classify } from './failures.ts';
import { problem, settings } from './testing/scripted.ts';
import { decode, verify } from './webhook.ts';

const ops = Object.keys(facts.operations) as BigOp[];
const page = (status: number, body: string, headers: Record<string, string> = {}) => ({
  status,
  headers,
  body: Buffer.from(body),
});

describe('answers of BigCommerce', () => {
  it('"too much" waits for the longer of the two times it names', () => {
    const wait = (headers: Record<string, string>) => classify(page(429, '', headers), 'order')?.retryAfterMs;
    expect(wait({ 'x-rate-limit-time-reset-ms': '1200' })).toBe(1_200);
    expect(wait({ 'x-rate-limit-time-reset-ms': '1200', 'x-retry-after': '3' })).toBe(3_000);
    expect(wait({ 'x-rate-limit-time-reset-ms': '4000.5', 'x-retry-after': '3' })).toBe(4_001);
    expect(wait({ 'x-retry-after': 'soon' })).toBe(30_000);
    expect(wait({})).toBe(30_000);
    expect(wait({ 'x-retry-after': '1e9' })).toBe(3_600_000);
  });
  it('an empty V2 list is 204 without a body; elsewhere that is no answer', () => {
    expect(classify(page(204, ''), 'orderFeed')).toBeUndefined();
    expect(classify(page(200, '[]'), 'orderFeed')).toBeUndefined();
    expect(classify(page(204, ''), 'levels')).toMatchObject({ failure: 'transient', code: 'not-json' });
    expect(classify(page(200, '<html>'), 'adjust')).toMatchObject({ failure: 'unknown-outcome' });
  });
  it('404 is a gone order, and a wrong store elsewhere', () => {
    expect(classify(page(404, '[]'), 'order')).toMatchObject({ failure: 'gone', code: 'unknown-order' });
    expect(classify(page(404, '{}'), 'levels')).toMatchObject({ failure: 'rejected', code: 'not-found' });
    expect(classify(page(404, '{}'), 'hookDelete')).toMatchObject({ failure: 'gone' });
  });
  it('a missing scope and a wrong token say what to do, in the vendor’s words', () => {
    expect(classify(problem(403, 'no scope'), 'adjust')).toMatchObject({ failure: 'auth', code: 'not-allowed' });
    expect(classify(problem(403, 'no scope'), 'adjust')?.message).toContain('Store Inventory (modify)');
    expect(classify(problem(401, 'x'), 'order')?.message).toContain('Store-level API accounts');
  });
  it.each([
    [409, 'order', 'conflict'],
    [413, 'adjust', 'rejected'],
    [422, 'adjust', 'rejected'],
    [423, 'adjust', 'transient'],
    [507, 'adjust', 'rejected'],
    [503, 'order', 'transient'],
    [503, 'adjust', 'unknown-outcome'],
    [504, 'adjust', 'unknown-outcome'],
    [408, 'adjust', 'unknown-outcome'],
  ] as const)('%i to %s is %s', (status, op, failure) => {
    expect(classify(problem(status, 'said'), op)).toMatchObject({ failure, status });
  });
  it('the probe takes "your list is empty" for the answer it wants, and nothing else', () => {
    expect(classify(problem(422, 'empty'), 'probe')).toBeUndefined();
    expect(classify(problem(403, 'no scope'), 'probe')).toMatchObject({ failure: 'auth' });
  });
});

describe('whatever arrives', () => {
  it('classify never throws and lets no error pass for good', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 100, max: 599 }),
        fc.oneof(fc.json(), fc.string()),
        fc.constantFrom(...ops),
        fc.string(),
        (status, body, op, header) => {
          const failure = classify(page(status, body, { 'x-retry-after': header }), op);
          expect(failure === undefined || failure instanceof Failure).toBe(true);
          if (status >= 500 || status === 401) expect(failure).toBeDefined();
        },
      ),
    );
  });
  it('verify lets nothing unsigned through, decode throws errors only', () => {
    const topics = fc.constantFrom(
      'store/order/updated',
      'store/sku/inventory/updated',
      'store/product/deleted',
      'x',
      '',
    );
    const headers = fc.dictionary(
      fc.constantFrom('webhook-id', 'webhook-timestamp', 'webhook-signature', 'x-onhand-key'),
      fc.string(),
    );
    fc.assert(
      fc.property(headers, fc.oneof(fc.json(), fc.string()), topics, (given, body, topic) => {
        const delivery = { method: 'POST', path: '/', headers: given, body: Buffer.from(body), receivedAt: '' };
        expect(verify(delivery, settings(), 0).verdict).toBe('refused');
        try {
          decode(delivery, topic, settings());
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
        }
      }),
    );
  });
});
