import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type HttpResponse, jsonResponse } from '../../platform/http.ts';
import { facts, type NetsuiteOp } from './facts.ts';
import { classify } from './failures.ts';

const rest = (status: number, code: string, path?: string) =>
  jsonResponse(status, {
    title: 'x',
    status,
    'o:errorDetails': [{ detail: 'told', 'o:errorCode': code, ...(path && { 'o:errorPath': path }) }],
  });
const saved: HttpResponse = {
  status: 204,
  headers: { location: 'https://x/inventoryAdjustment/7' },
  body: Buffer.alloc(0),
};
const page: HttpResponse = {
  status: 200,
  headers: { 'content-type': 'text/html' },
  body: Buffer.from('<html>Log in</html>'),
};

it.each([
  ['saved', saved, 'adjust', undefined],
  ['rows', jsonResponse(200, { items: [], hasMore: false }), 'feed', undefined],
  ['a token', jsonResponse(200, { access_token: 'x', expires_in: '3600' }), 'token', undefined],
  ['rows of the RESTlet', jsonResponse(200, { rows: [], more: false }), 'restletLevels', undefined],
  ['too many at once', rest(429, 'CONCURRENCY_LIMIT_EXCEEDED'), 'feed', 'throttled rate-limited'],
  [
    'too many at once, as a RESTlet says it',
    jsonResponse(400, { error: { code: 'SSS_REQUEST_LIMIT_EXCEEDED', message: 'x' } }),
    'restletLevels',
    'throttled rate-limited',
  ],
  ['a refused token', rest(401, 'INVALID_LOGIN'), 'levels', 'auth token-refused'],
  ['a refused certificate', jsonResponse(400, { error: 'invalid_client' }), 'token', 'auth token-refused'],
  ['a missing permission', rest(403, 'INSUFFICIENT_PERMISSION'), 'adjust', 'auth not-allowed'],
  ['a missing permission, as 400', rest(400, 'INSUFFICIENT_PERMISSION'), 'adjust', 'auth not-allowed'],
  ['a refused line', rest(400, 'USER_ERROR', 'inventory.items[3].item'), 'adjust', 'rejected refused'],
  ['a wrong address', rest(404, 'NONEXISTENT_ID'), 'feed', 'rejected no-such-address'],
  ['a broken save', rest(500, 'UNEXPECTED_ERROR'), 'adjust', 'unknown-outcome server-error'],
  ['a broken query', page.status === 200 ? { ...page, status: 502 } : page, 'feed', 'transient server-error'],
  ['a log-in page with 200', page, 'feed', 'transient odd-answer'],
  ['a log-in page with 200, to a save', page, 'adjust', 'unknown-outcome odd-answer'],
  [
    'an error with 200',
    jsonResponse(200, { error: { code: 'UNEXPECTED_ERROR', message: 'x' } }),
    'restletLevels',
    'rejected error-inside',
  ],
  [
    'an error with 200, to a save',
    jsonResponse(200, { 'o:errorDetails': [{ 'o:errorCode': 'X' }] }),
    'adjust',
    'unknown-outcome error-inside',
  ],
] as const)('%s', (_, response, op, expected) => {
  const failure = classify(response, op);
  expect(failure && `${failure.failure} ${failure.code}`).toBe(expected);
  if (failure?.failure === 'throttled') expect(failure.retryAfterMs).toBeGreaterThan(0);
});

it('is total', () => {
  const ops = Object.keys(facts.operations) as NetsuiteOp[];
  fc.assert(
    fc.property(
      fc.integer({ min: 100, max: 599 }),
      fc.oneof(fc.json(), fc.string()),
      fc.constantFrom(...ops),
      (status, body, op) => {
        classify({ status, headers: {}, body: Buffer.from(body) }, op);
      },
    ),
  );
});
