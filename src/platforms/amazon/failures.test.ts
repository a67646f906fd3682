import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonResponse } from '../../platform/http.ts';
import { type AmazonOp, amazonFacts } from './facts.ts';
import { classify, readBudget } from './failures.ts';

const errors = (code: string, message = 'said', details = '') => ({ errors: [{ code, message, details }] });
const denied = 'Access to requested resource is denied.';
const submission = (status: string, issues: object[] = []) => ({ sku: 'S', status, submissionId: 'x', issues });
const sqs = (type: string) => ({ __type: `com.amazonaws.sqs#${type}`, message: 'said' });

describe('what an answer means', () => {
  it.each<[op: AmazonOp, status: number, body: unknown, failure: string | undefined, code?: string]>([
    ['searchOrders', 200, { orders: [] }, undefined],
    ['getOrder', 404, errors('NotFound'), 'gone', 'not-found'],
    ['searchOrders', 404, errors('NotFound'), 'rejected', 'not-found'],
    ['searchOrders', 429, errors('QuotaExceeded'), 'throttled', 'rate-limited'],
    ['searchOrders', 400, errors('InvalidInput'), 'rejected', 'invalid-request'],
    [
      'searchOrders',
      403,
      errors('Unauthorized', denied, 'The access token you provided has expired.'),
      'auth',
      'token-refused',
    ],
    ['searchOrders', 403, errors('Unauthorized', denied), 'auth', 'access-denied'],
    ['patchListingsItem', 403, errors('Unauthorized', denied), 'rejected', 'access-denied'],
    ['patchListingsItem', 403, errors('MissingAuthenticationToken'), 'auth', 'token-refused'],
    ['getInventorySummaries', 403, errors('Unauthorized', denied), 'rejected', 'access-denied'],
    ['searchOrders', 500, errors('InternalFailure'), 'transient', 'server-error'],
    ['patchListingsItem', 500, errors('InternalFailure'), 'unknown-outcome', 'server-error'],
    ['patchListingsItem', 504, '<html>', 'unknown-outcome', 'server-error'],
    ['patchListingsItem', 503, errors('ServiceUnavailable'), 'transient', 'unavailable'],
    ['patchListingsItem', 413, errors('RequestTooLarge'), 'rejected', 'invalid-request'],
    ['patchListingsItem', 200, submission('ACCEPTED'), undefined],
    ['patchListingsItem', 200, submission('ACCEPTED', [{ severity: 'WARNING', code: '1', message: 'm' }]), undefined],
    [
      'patchListingsItem',
      200,
      submission('INVALID', [{ severity: 'ERROR', code: '90220', message: 'm' }]),
      'rejected',
      'invalid-submission',
    ],
    ['patchListingsItem', 200, { sku: 'S' }, 'rejected', 'invalid-submission'],
    ['patchListingsItem', 200, '<html>', 'unknown-outcome', 'not-json'],
    ['searchListingsItems', 200, '<html>', 'transient', 'not-json'],
    ['getSubscription', 200, errors('InternalFailure'), 'rejected', 'error-in-success'],
    ['getSubscription', 404, errors('NotFound'), 'gone', 'not-found'],
    ['createSubscription', 409, errors('Conflict'), 'conflict', 'conflict'],
    ['deleteSubscriptionById', 200, '', undefined],
    ['token', 200, { access_token: 'x', expires_in: 3600 }, undefined],
    ['token', 200, {}, 'transient', 'login-unavailable'],
    ['token', 400, { error: 'invalid_grant' }, 'auth', 'login-refused'],
    ['token', 401, { error: 'invalid_client' }, 'auth', 'login-refused'],
    ['token', 500, '<html>', 'transient', 'login-unavailable'],
    ['token', 429, {}, 'throttled', 'rate-limited'],
    ['receiveMessage', 200, {}, undefined],
    ['receiveMessage', 200, '<html>', 'transient', 'queue-not-json'],
    ['receiveMessage', 400, sqs('QueueDoesNotExist'), 'rejected', 'queue-missing'],
    ['receiveMessage', 403, sqs('InvalidClientTokenId'), 'rejected', 'queue-denied'],
    ['receiveMessage', 400, sqs('AccessDeniedException'), 'rejected', 'queue-denied'],
    ['receiveMessage', 400, sqs('RequestThrottled'), 'throttled', 'queue-throttled'],
    ['receiveMessage', 503, '', 'transient', 'queue-unavailable'],
    ['deleteMessageBatch', 400, sqs('InvalidParameterValue'), 'rejected', 'queue-refused'],
  ])('%s %i %j: %s', (op, status, body, failure, code) => {
    const found = classify(jsonResponse(status, body), op);
    expect(found?.failure).toBe(failure);
    expect(found?.code).toBe(code);
  });

  it('names the vendor’s own code, and what to do about an old client secret', () => {
    const invalid = classify(
      jsonResponse(200, submission('INVALID', [{ severity: 'ERROR', code: '90220', message: 'bad' }])),
      'patchListingsItem',
    );
    expect(invalid).toMatchObject({ platformCode: '90220', status: 200, message: expect.stringContaining('bad') });
    const login = classify(jsonResponse(401, { error: 'invalid_client', error_description: 'no' }), 'token');
    expect(login?.message).toContain('180 days');
    const queue = classify(
      jsonResponse(400, {}, { 'x-amzn-query-error': 'AWS.SimpleQueueService.NonExistentQueue;Sender' }),
      'receiveMessage',
    );
    expect(queue).toMatchObject({ code: 'queue-missing', platformCode: 'AWS.SimpleQueueService.NonExistentQueue' });
  });

  it('obeys a wait that is named, and names none by itself', () => {
    expect(classify(jsonResponse(429, errors('QuotaExceeded'), { 'retry-after': '7' }), 'getOrder')?.retryAfterMs).toBe(
      7000,
    );
    expect(classify(jsonResponse(429, errors('QuotaExceeded')), 'getOrder')?.retryAfterMs).toBeUndefined();
  });

  const ops = Object.keys(amazonFacts.operations) as AmazonOp[];
  it('never throws, and never calls an error good', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...ops),
        fc.integer({ min: 100, max: 599 }),
        fc.oneof(
          fc.json(),
          fc.string(),
          fc
            .record({ errors: fc.anything(), error: fc.anything(), issues: fc.anything(), __type: fc.anything() })
            .map((value) => JSON.stringify(value)),
        ),
        (op, status, body) => {
          const failure = classify(jsonResponse(status, body ?? ''), op);
          if (status >= 400) expect(failure).toBeDefined();
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('rates in answers', () => {
  const rate = (value: string) =>
    readBudget(jsonResponse(200, {}, { 'x-amzn-ratelimit-limit': value }), 'searchListingsItemsBySku');
  it('are those of the operation’s own bucket', () => {
    expect(rate('10.0')).toEqual({ searchListingsItems: { perSecond: 10 } });
  });
  it.each(['', 'x', '0', '-1', 'Infinity', 'NaN'])('nothing is made of %j', (value) => {
    expect(rate(value)).toBeUndefined();
  });
});
