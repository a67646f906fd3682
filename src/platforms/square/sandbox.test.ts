import { describe, expect, it } from 'vitest';
import { bodyText, type HttpRequest, type HttpResponse, jsonRequest, jsonResponse } from '../../platform/http.ts';
import { virtualClock } from '../../platform/testing/virtual-clock.ts';
import { seededRandom } from '../../runtime/random.ts';
import { squareSandbox } from './sandbox.ts';

const [EAST, WEST] = ['LEAST', 'LWEST'];

function open(options: { factor?: number; answer?: () => HttpResponse; unlimited?: boolean } = {}) {
  const clock = virtualClock(Date.UTC(2026, 10, 24, 10));
  const hooks: { at: number; hook: HttpRequest }[] = [];
  const sandbox = squareSandbox({
    clock,
    random: seededRandom(5),
    name: 'mug-shop',
    locations: [
      { id: EAST!, name: 'East' },
      { id: WEST!, name: 'West' },
    ],
    factor: options.factor ?? 1,
    unlimited: options.unlimited,
    deliver: async (hook) => {
      hooks.push({ at: clock.now(), hook });
      return options.answer?.() ?? jsonResponse(200, '');
    },
  });
  sandbox.seed([{ sku: 'MUG', title: 'Mug', stock: { [EAST!]: 2, [WEST!]: 5 } }]);
  const call = async (method: 'GET' | 'POST', path: string, body?: unknown, token = sandbox.access.application) => {
    const request = jsonRequest(method, `https://connect.squareup.com${path}`, body);
    const answer = await sandbox.handle({
      ...request,
      headers: { ...request.headers, authorization: `Bearer ${token}` },
    });
    return { status: answer.status, body: JSON.parse(bodyText(answer)) };
  };
  const subscribe = () =>
    call('POST', '/v2/webhooks/subscriptions', {
      subscription: {
        event_types: ['payment.updated', 'inventory.count.updated'],
        notification_url: 'https://x.test/h',
      },
    });
  const shown = () => sandbox.shown().map(({ available }) => available);
  return { clock, sandbox, hooks, call, subscribe, shown };
}

const buy = (units: number, location: string | null = null, paid = true) => ({
  lines: [{ sku: 'MUG', quantity: units }],
  location,
  paid,
});

describe('selling', () => {
  it('online: from the first place that has all of it, refused when none has', async () => {
    const { sandbox, shown, clock } = open();
    expect(sandbox.shopper.buy(buy(4)).ok).toBe(true);
    expect(shown()).toEqual([2, 1]);
    await clock.advance(3_000);
    expect(sandbox.shopper.buy(buy(3))).toMatchObject({ ok: false, why: expect.stringContaining('MUG') });
    expect(sandbox.shopper.buy({ lines: [{ sku: 'NONE', quantity: 1 }], location: null })).toMatchObject({ ok: false });
  });

  it('carts that look at the same moment get through together: Square’s own oversell', async () => {
    const { sandbox, clock, shown } = open();
    for (let cart = 0; cart < 3; cart += 1) expect(sandbox.shopper.buy(buy(2)).ok).toBe(true);
    expect(shown()).toEqual([-4, 5]);
    expect(sandbox.oversold()).toBe(4);
    await clock.advance(3_000);
    expect(sandbox.shopper.buy(buy(2)).ok).toBe(true);
    expect(shown()).toEqual([-4, 3]);
  });

  it('the till sells what is in the hand; an unpaid order takes nothing until it is paid', () => {
    const { sandbox, shown } = open();
    expect(sandbox.shopper.buy(buy(3, EAST)).ok).toBe(true);
    expect(shown()).toEqual([-1, 5]);
    const unpaid = sandbox.shopper.buy(buy(2, null, false));
    expect(shown()).toEqual([-1, 5]);
    expect(sandbox.shopper.pay?.(unpaid.ok ? unpaid.order : '')).toBe(true);
    expect(shown()).toEqual([-1, 3]);
  });
});

describe('the API', () => {
  it('wants a token, its own version format, known paths, known methods, JSON', async () => {
    const { sandbox, call } = open();
    expect(await call('GET', '/v2/locations', undefined, 'nobody')).toMatchObject({
      status: 401,
      body: { errors: [{ code: 'UNAUTHORIZED' }] },
    });
    const request = jsonRequest('GET', 'https://connect.squareup.com/v2/locations');
    const headers = { authorization: `Bearer ${sandbox.access.application}`, 'square-version': 'latest' };
    expect((await sandbox.handle({ ...request, headers })).status).toBe(400);
    expect((await sandbox.handle(request)).status).toBe(401);
    expect(await call('GET', '/v2/nothing')).toMatchObject({ status: 404 });
    expect(await call('POST', '/v2/locations', {})).toMatchObject({ status: 405 });
    expect(await call('POST', '/v2/orders/search', [])).toMatchObject({
      body: { errors: [{ code: 'EXPECTED_JSON_BODY' }] },
    });
    // A seller's token is not the application's.
    const seller = sandbox.access.first.token;
    expect(await call('GET', '/v2/webhooks/subscriptions', undefined, seller)).toMatchObject({ status: 403 });
  });

  it('tokens end after thirty days, divided by the factor', async () => {
    const { sandbox, call, clock } = open({ factor: 10 });
    const seller = sandbox.access.first.token;
    await clock.advance(3 * 86_400_000 - 1_000);
    expect((await call('GET', '/v2/locations', undefined, seller)).status).toBe(200);
    await clock.advance(2_000);
    expect(await call('GET', '/v2/locations', undefined, seller)).toMatchObject({
      body: { errors: [{ code: 'ACCESS_TOKEN_EXPIRED' }] },
    });
  });

  it('says "too much" beyond its limit, unless told not to limit', async () => {
    const flood = async (unlimited: boolean) => {
      const { call, sandbox } = open({ unlimited });
      const answers = await Promise.all(Array.from({ length: 40 }, () => call('GET', '/v2/locations')));
      return [answers.filter(({ status }) => status === 429).length, sandbox.refusedCalls()];
    };
    expect(await flood(false)).toEqual([10, 10]);
    expect(await flood(true)).toEqual([0, 0]);
  });

  it.each([
    [
      'changes',
      '/v2/inventory/changes/batch-create',
      { idempotency_key: 'k', changes: Array(101).fill({}) },
      'ARRAY_LENGTH_TOO_LONG',
    ],
    ['no key', '/v2/inventory/changes/batch-create', { changes: [{}] }, 'MISSING_REQUIRED_PARAMETER'],
    [
      'a long key',
      '/v2/inventory/changes/batch-create',
      { idempotency_key: 'k'.repeat(129), changes: [{}] },
      'VALUE_TOO_LONG',
    ],
    ['locations', '/v2/orders/search', { location_ids: Array(11).fill(EAST) }, 'ARRAY_LENGTH_TOO_LONG'],
    ['a stranger’s place', '/v2/orders/search', { location_ids: ['LX'] }, 'INVALID_VALUE'],
    ['a page', '/v2/orders/search', { location_ids: [EAST], limit: 1_001 }, 'INVALID_VALUE'],
    ['counts', '/v2/inventory/counts/batch-retrieve', { limit: 1_001 }, 'INVALID_VALUE'],
    ['a cursor', '/v2/inventory/counts/batch-retrieve', { cursor: 'x' }, 'INVALID_CURSOR'],
    [
      'a sort that is not the filter’s',
      '/v2/orders/search',
      { location_ids: [EAST], query: { filter: { date_time_filter: { updated_at: {} } } } },
      'BAD_REQUEST',
    ],
  ])('refuses %s', async (_, path, body, code) => {
    const { call } = open();
    expect((await call('POST', path, body)).body.errors[0].code).toBe(code);
  });

  it('refuses every change of state that applications may not make, and stamps beyond a day or ahead', async () => {
    const { call, clock } = open();
    const code = async (adjustment: Record<string, unknown>, type = 'ADJUSTMENT') => {
      const change = {
        catalog_object_id: 'VARIATION000000000000001',
        location_id: EAST,
        quantity: '1',
        occurred_at: new Date(clock.now()).toISOString(),
        ...adjustment,
      };
      const key = JSON.stringify(adjustment).slice(0, 120);
      const body = {
        idempotency_key: key,
        changes: [{ type, [type === 'ADJUSTMENT' ? 'adjustment' : 'physical_count']: change }],
      };
      const { status, body: answer } = await call('POST', '/v2/inventory/changes/batch-create', body);
      return status === 200 ? 'good' : answer.errors[0].code;
    };
    const sold = { from_state: 'IN_STOCK', to_state: 'SOLD' };
    expect(await code(sold)).toBe('good');
    expect(await code({ from_state: 'IN_STOCK', to_state: 'WASTE' })).toBe('good');
    expect(await code({ from_state: 'UNLINKED_RETURN', to_state: 'IN_STOCK' })).toBe('good');
    expect(await code({ from_state: 'SOLD', to_state: 'IN_STOCK' })).toBe('INVALID_VALUE');
    expect(await code({ from_state: 'RETURNED_BY_CUSTOMER', to_state: 'IN_STOCK' })).toBe('INVALID_VALUE');
    expect(await code({ state: 'WASTE' }, 'PHYSICAL_COUNT')).toBe('INVALID_VALUE');
    expect(await code({ ...sold, quantity: '0' })).toBe('VALUE_TOO_LOW');
    expect(await code({ ...sold, quantity: '-1' })).toBe('INVALID_VALUE');
    expect(await code({ ...sold, quantity: 1 })).toBe('INVALID_VALUE');
    const stamp = (ms: number) => ({ ...sold, occurred_at: new Date(clock.now() + ms).toISOString() });
    expect(await code(stamp(1_000))).toBe('INVALID_TIME');
    expect(await code(stamp(-86_400_001))).toBe('INVALID_TIME');
    expect(await code(stamp(-86_399_000))).toBe('good');
  });
});

describe('webhooks', () => {
  it('are repeated eleven times in a day with the same body, and say so', async () => {
    const { sandbox, hooks, subscribe, clock } = open({ answer: () => jsonResponse(500, '') });
    await subscribe();
    sandbox.shopper.buy(buy(1, EAST));
    await clock.runUntilIdle();
    const payments = hooks.filter(({ hook }) => String(hook.body).includes('"payment.updated"'));
    expect(payments).toHaveLength(12);
    expect(new Set(payments.map(({ hook }) => hook.body)).size).toBe(1);
    expect(payments.at(-1)!.at - payments[0]!.at).toBeLessThan(25 * 3_600_000);
    expect(payments[0]!.hook.headers).not.toHaveProperty('square-retry-number');
    expect(payments[1]!.hook.headers).toMatchObject({
      'square-retry-number': '1',
      'square-retry-reason': 'http_error',
    });
    expect(sandbox.quiet()).toBe(true);
    sandbox.close();
  });

  it('are switched off after three weeks without one good answer', async () => {
    const { sandbox, subscribe, call, clock } = open({ factor: 100, answer: () => jsonResponse(500, '') });
    await subscribe();
    const enabled = async () => (await call('GET', '/v2/webhooks/subscriptions')).body.subscriptions?.length ?? 0;
    for (let week = 0; week < 3; week += 1) {
      sandbox.shopper.buy(buy(1, EAST));
      await clock.advance((7 * 86_400_000) / 100);
      expect(await enabled()).toBe(1);
    }
    sandbox.shopper.buy(buy(1, EAST));
    await clock.advance(60_000);
    expect(await enabled()).toBe(0);
    sandbox.close();
  });

  it('two runs from one seed send the same bytes', async () => {
    const run = async () => {
      const { sandbox, hooks, subscribe, clock } = open();
      await subscribe();
      sandbox.shopper.buy(buy(1));
      sandbox.shopper.edit('MUG', WEST!, 9);
      await clock.runUntilIdle();
      sandbox.close();
      return hooks.map(({ at, hook }) => [at, hook.headers, hook.body]);
    };
    expect(await run()).toEqual(await run());
  });
});
