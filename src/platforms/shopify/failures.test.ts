import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type HttpResponse, jsonResponse } from '../../platform/http.ts';
import { virtualClock } from '../../platform/testing/virtual-clock.ts';
import { facts, type ShopifyOp } from './facts.ts';
import { classify, readBudget } from './failures.ts';
import { openBench } from './testing/bench.ts';

const word = (response: HttpResponse, op: ShopifyOp = 'order'): string | undefined => {
  const failure = classify(response, op);
  return failure && `${failure.failure}:${failure.code}`;
};
const errors = (code: string, message = 'no', more: object = {}) =>
  jsonResponse(200, { errors: [{ message, extensions: { code } }], ...more });
const cost = (requested: number, available: number, restoreRate = 100) => ({
  extensions: {
    cost: {
      requestedQueryCost: requested,
      actualQueryCost: null,
      throttleStatus: { maximumAvailable: 2000, currentlyAvailable: available, restoreRate },
    },
  },
});
const OK = jsonResponse(200, { data: { shop: { name: 'x' } }, ...cost(4, 1996) });

describe('what an answer means', () => {
  it('good ones are good, with a warning beside them too', () => {
    expect(word(OK)).toBeUndefined();
    expect(word(jsonResponse(200, { data: {}, errors: [] }))).toBeUndefined();
    expect(word(jsonResponse(200, { access_token: 'x' }), 'token')).toBeUndefined();
  });

  it('too fast: 200 with an error inside, waiting as long as the bucket needs', () => {
    const waitOf = (requested: number, available: number, rate?: number) =>
      classify(errors('THROTTLED', 'Throttled', cost(requested, available, rate)), 'order')?.retryAfterMs;
    expect(word(errors('THROTTLED'))).toBe('throttled:rate-limited');
    expect(waitOf(500, 100)).toBe(4_000);
    expect(waitOf(500, 100, 1000)).toBe(400);
    expect(waitOf(100, 500)).toBe(1);
    expect(classify(errors('THROTTLED'), 'order')?.retryAfterMs).toBe(2_000);
    expect(waitOf(500, 100, 0)).toBe(2_000);
    // Older versions give no code.
    expect(word(jsonResponse(200, { errors: [{ message: 'Throttled' }] }))).toBe('throttled:rate-limited');
  });

  it('too fast: by status, with and without a time', () => {
    expect(classify(jsonResponse(429, '', { 'retry-after': '2.5' }), 'order')).toMatchObject({
      failure: 'throttled',
      retryAfterMs: 2_500,
    });
    expect(classify(jsonResponse(429, '', { 'retry-after': 'soon' }), 'order')).toMatchObject({ retryAfterMs: 2_000 });
    expect(word(jsonResponse(430, ''))).toBe('throttled:rate-limited');
    expect(classify(jsonResponse(503, '', { 'retry-after': '1' }), 'setQuantities')).toMatchObject({
      failure: 'throttled',
      retryAfterMs: 1_000,
    });
  });

  it('no access: token, scope, shop', () => {
    expect(word(jsonResponse(401, { errors: '[API] Invalid API key' }))).toBe('auth:bad-token');
    expect(classify(jsonResponse(401, { errors: '[API] Invalid API key' }), 'order')?.message).toContain(
      'Invalid API key',
    );
    expect(word(errors('ACCESS_DENIED', 'Access denied for orders field.'))).toBe('auth:access-denied');
    expect(classify(errors('ACCESS_DENIED', 'Access denied for orders field.'), 'order')?.message).toContain('scope');
    expect([402, 403, 404, 423].map((status) => word(jsonResponse(status, '')))).toEqual([
      'auth:shop-frozen',
      'auth:forbidden',
      'auth:no-such-shop',
      'auth:shop-locked',
    ]);
    expect(word(errors('SHOP_INACTIVE'))).toBe('auth:access-denied');
    expect(word(jsonResponse(400, { error: 'invalid_grant', error_description: 'spent' }), 'token')).toBe(
      'auth:token-refused',
    );
    expect(word(jsonResponse(200, { token: 'x' }), 'token')).toBe('auth:no-token');
  });

  it('broken: nothing done for a read, who knows for a write', () => {
    for (const answer of [
      jsonResponse(500, ''),
      jsonResponse(502, '<html>'),
      jsonResponse(503, ''),
      jsonResponse(504, ''),
      jsonResponse(200, '<html>Enter store using password</html>'),
      jsonResponse(200, '[]'),
      jsonResponse(200, { data: null }),
      jsonResponse(200, {}),
      errors('INTERNAL_SERVER_ERROR'),
    ]) {
      expect(classify(answer, 'order')?.failure).toBe('transient');
      expect(classify(answer, 'setQuantities')?.failure).toBe('unknown-outcome');
    }
  });

  it('refused for good, with the code as Shopify prints it', () => {
    expect(word(errors('MAX_COST_EXCEEDED'))).toBe('rejected:refused');
    expect(classify(errors('BAD_REQUEST', 'The @idempotent directive is required'), 'setQuantities')).toMatchObject({
      failure: 'rejected',
      platformCode: 'BAD_REQUEST',
    });
    expect(word(jsonResponse(200, { errors: 'Not Found' }))).toBe('rejected:refused');
    expect(word(jsonResponse(406, ''))).toBe('rejected:refused');
    // One throttled among other errors: nothing was done, so the wait is what counts.
    const mixed = jsonResponse(200, {
      errors: [{ message: 'x' }, { message: 'y', extensions: { code: 'THROTTLED' } }],
    });
    expect(word(mixed)).toBe('throttled:rate-limited');
  });

  it('partial data beside an error is not taken for a whole answer', () => {
    expect(word(errors('ACCESS_DENIED', 'no', { data: { order: { id: '1', refunds: null } } }))).toBe(
      'auth:access-denied',
    );
  });
});

describe('the cost bucket', () => {
  it('is read from every answer, refusals included', () => {
    expect(readBudget(OK)).toEqual({ points: { available: 1996, size: 2000, perSecond: 100, cost: 0 } });
    const used = { extensions: { cost: { ...cost(4, 50).extensions.cost, actualQueryCost: 3 } } };
    expect(readBudget(jsonResponse(200, { data: {}, ...used }))?.['points']?.cost).toBe(3);
    expect(readBudget(errors('THROTTLED', 'x', cost(100, 7)))?.['points']?.available).toBe(7);
    expect(readBudget(jsonResponse(200, { data: {} }))).toBeUndefined();
    expect(readBudget(jsonResponse(502, '<html>'))).toBeUndefined();
  });

  it("the stand-in's own throttling answer is understood", () => {
    const clock = virtualClock();
    const answer = openBench(clock).sandbox.fault('throttled');
    expect(answer.status).toBe(200);
    expect(word(answer)).toBe('throttled:rate-limited');
    expect(word(openBench(clock).sandbox.fault('unavailable'), 'setQuantities')).toBe('unknown-outcome:server-error');
  });
});

it('classify and readBudget never throw, and a failure always names its next move', () => {
  const ops = Object.keys(facts.operations) as ShopifyOp[];
  const body = fc.oneof(
    fc.json(),
    fc.string(),
    fc
      .record({ errors: fc.anything(), data: fc.anything(), extensions: fc.anything() })
      .map((value) => safeText(value)),
  );
  fc.assert(
    fc.property(
      fc.constantFrom(...ops),
      fc.integer({ min: 100, max: 599 }),
      body,
      fc.string(),
      (op, status, text, retry) => {
        const response = { status, headers: { 'retry-after': retry }, body: Buffer.from(text) };
        readBudget(response);
        const failure = classify(response, op);
        if (status >= 300) expect(failure).toBeDefined();
        if (failure) expect(failure.message.length).toBeGreaterThan(10);
      },
    ),
  );
});

const safeText = (value: unknown): string => {
  try {
    return JSON.stringify(value) ?? '';
  } catch {
    return '';
  }
};
