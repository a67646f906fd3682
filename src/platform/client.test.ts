import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createBudgets } from './budget.ts';
import type { CallEvent, Exchange } from './client-options.ts';
import { HIDDEN } from './config.ts';
import { jsonRequest, jsonResponse, STAND_IN_HEADER, TransportError } from './http.ts';
import {
  type Answer,
  failureOf,
  get,
  type Op,
  ok,
  operation,
  put,
  smallPlatform,
  token,
  world,
} from './testing/small-platform.ts';
import { virtualClock } from './testing/virtual-clock.ts';

describe('stand-ins', () => {
  const answer = () => jsonResponse(200, {}, { [STAND_IN_HEADER]: '1' });

  it('are refused by a store for a real business, and say how to try things out', async () => {
    const { clock, client, sent } = world(answer, { refuseStandIns: true });
    expect(await failureOf(clock.run(client.call('read', get)))).toMatchObject({
      failure: 'rejected',
      code: 'stand-in',
      message: expect.stringContaining('init --trial'),
    });
    expect(sent.length).toBe(1);
  });

  it('are as good as the vendor otherwise', async () => {
    const { clock, client } = world(answer);
    expect((await clock.run(client.call('read', get))).status).toBe(200);
  });
});

describe('retry', () => {
  it('tries a safe call again while it is transient, at most five times, and never without a pause', async () => {
    const { clock, client, sent } = world(() => jsonResponse(503, {}));
    expect(await failureOf(clock.run(client.call('read', get)))).toMatchObject({ failure: 'transient' });
    expect(sent.length).toBe(5);
    for (const [index, { at }] of sent.entries()) if (index > 0) expect(at).toBeGreaterThan(sent[index - 1]!.at);
    expect(clock.now()).toBeLessThanOrEqual(500 + 1000 + 2000 + 4000);
  });

  it('[I8] obeys retry-after to its stated time, for every client and call of the account', async () => {
    const platform = smallPlatform();
    const clock = virtualClock(0);
    const budgets = createBudgets(platform.facts, clock);
    const answer: Answer = (_, call) => (call === 1 ? jsonResponse(429, {}, { 'retry-after': '7' }) : ok);
    const first = world(answer, { platform, clock, budgets });
    const second = world(() => ok, { platform, clock, budgets });
    const calls = [first.client.call('read', get)];
    await clock.advance(1);
    calls.push(second.client.call('write', put));
    await clock.run(Promise.all(calls));
    expect([first.sent.map(({ at }) => at), second.sent.map(({ at }) => at)]).toEqual([[0, 7000], [7000]]);
  });

  it('waits longer and longer when a throttling answer names no time', async () => {
    const { clock, client, sent } = world((_, call) => (call < 5 ? jsonResponse(429, {}) : ok));
    await clock.run(client.call('read', get));
    const waits = sent.slice(1).map(({ at }, index) => at - sent[index]!.at);
    for (const [index, wait] of waits.entries()) expect(wait).toBeGreaterThanOrEqual(500 * 2 ** index);
  });

  it('does not hang for an hour because a platform said so', async () => {
    const { clock, client } = world(() => jsonResponse(429, {}, { 'retry-after': '3600' }));
    expect(await failureOf(clock.run(client.call('read', get)))).toMatchObject({
      failure: 'throttled',
      retryAfterMs: 3_600_000,
    });
    expect(clock.now()).toBeLessThan(1000);
    expect(await failureOf(clock.run(client.call('read', get)))).toMatchObject({ failure: 'throttled' });
  });

  it('never repeats a call that must not be repeated', async () => {
    for (const [answer, expected] of [
      [jsonResponse(429, {}, { 'retry-after': '7' }), { failure: 'throttled', retryAfterMs: 7000 }],
      [jsonResponse(503, {}), { failure: 'transient', code: 'maintenance' }],
      [jsonResponse(409, {}), { failure: 'conflict' }],
      [jsonResponse(500, {}), { failure: 'unknown-outcome', code: 'server-error' }],
      [jsonResponse(302, {}), { failure: 'rejected', code: 'redirected' }],
    ] as const) {
      const { clock, client, sent } = world(() => answer);
      expect(await failureOf(clock.run(client.call('write', put)))).toMatchObject(expected);
      expect(sent.length).toBe(1);
    }
  });

  it('does not repeat what will not change', async () => {
    const { clock, client, sent } = world(() => jsonResponse(409, {}));
    expect(await failureOf(clock.run(client.call('read', get)))).toMatchObject({ failure: 'conflict' });
    expect(sent.length).toBe(1);
  });
});

describe('lost answers', () => {
  const lost = (sentIt: boolean) => () => Promise.reject(new TransportError('cut off', sentIt));

  it('to a write that must not be repeated: done or not done, as far as can be known', async () => {
    for (const [sentIt, failure] of [
      [true, 'unknown-outcome'],
      [false, 'transient'],
    ] as const) {
      const { clock, client, sent } = world(lost(sentIt));
      expect(await failureOf(clock.run(client.call('write', put)))).toMatchObject({ failure });
      expect(sent.length).toBe(1);
    }
  });

  it('to a read: tried again, and in the end merely transient', async () => {
    const { clock, client, sent } = world(lost(true));
    expect(await failureOf(clock.run(client.call('read', get)))).toMatchObject({ failure: 'transient' });
    expect(sent.length).toBe(5);
  });

  it('to a write that may be repeated: once in doubt, in doubt until it succeeds', async () => {
    const answers: Answer = (_, call) => {
      if (call === 1) throw new TransportError('cut off', true);
      return jsonResponse(429, {}, { 'retry-after': '3600' });
    };
    const { clock, client } = world(answers);
    expect(await failureOf(clock.run(client.call('set', put)))).toMatchObject({ failure: 'unknown-outcome' });
    const good = world((_, call) => {
      if (call === 1) throw new TransportError('cut off', true);
      return ok;
    });
    expect((await good.clock.run(good.client.call('set', put))).status).toBe(200);
    const broken = world(() => jsonResponse(500, {}));
    expect(await failureOf(broken.clock.run(broken.client.call('set', put)))).toMatchObject({
      failure: 'unknown-outcome',
    });
    expect(broken.sent.length).toBe(5);
    const never = world(lost(false));
    expect(await failureOf(never.clock.run(never.client.call('set', put)))).toMatchObject({ failure: 'transient' });
  });

  it('an error that is none of the transport proves nothing about what was sent', async () => {
    const { clock, client } = world(() => Promise.reject(new TypeError('a fault of ours')));
    expect(await failureOf(clock.run(client.call('write', put)))).toMatchObject({ failure: 'unknown-outcome' });
  });

  it('an answer that the connector stumbles over makes no write repeatable', async () => {
    const platform = smallPlatform({
      classify: () => {
        throw new TypeError('undefined is not a function');
      },
    });
    const write = world(() => ok, { platform });
    expect(await failureOf(write.clock.run(write.client.call('write', put)))).toMatchObject({
      failure: 'unknown-outcome',
      code: 'unreadable-answer',
    });
  });
});

describe('giving up', () => {
  it('before sending nothing was done; while under way a write is in doubt', async () => {
    const abort = new AbortController();
    const clock = virtualClock(0);
    const platform = smallPlatform({}, { rate: { kind: 'tokens', burst: 1, perSecond: 0.001 } });
    const answer: Answer = async () => {
      await clock.sleep(100);
      throw new TransportError('aborted', true);
    };
    const { client } = world(answer, { clock, platform, signal: abort.signal });
    const underWay = failureOf(client.call('write', put));
    const queued = failureOf(client.call('write', put));
    clock.after(50, () => abort.abort());
    await clock.advance(200);
    expect(await underWay).toMatchObject({ failure: 'unknown-outcome' });
    expect(await queued).toMatchObject({ failure: 'transient', code: 'aborted' });
    expect(await failureOf(client.call('read', get))).toMatchObject({ failure: 'transient', code: 'aborted' });
    expect(clock.pending).toBe(0);
  });
});

describe('budgets', () => {
  it('learns from answers, and stops only the budget that an answer names as exhausted', async () => {
    const platform = smallPlatform(
      { readBudget: ({ status }) => (status === 429 ? { rate: { available: 0 } } : undefined) },
      { rate: { kind: 'tokens', burst: 100, perSecond: 100 }, other: { kind: 'tokens', burst: 100, perSecond: 100 } },
    );
    Object.assign(platform.facts.operations, {
      read: operation({ budgets: ['rate', 'other'] }),
      set: operation({ budgets: ['other'] }),
    });
    const { clock, client, budgets, sent } = world(
      (request) => (request.method === 'GET' ? jsonResponse(429, {}, { 'retry-after': '30' }) : ok),
      { platform },
    );
    const read = failureOf(client.call('read', get));
    await clock.advance(10);
    expect(budgets.look()).toMatchObject({ rate: { stoppedUntil: 30_000 }, other: { stoppedUntil: null } });
    await clock.run(client.call('set', put));
    expect(sent.at(-1)).toMatchObject({ at: 10, request: { method: 'PUT' } });
    await clock.run(read);
  });

  it('holds no place while it waits to try again', async () => {
    const platform = smallPlatform({}, { rate: { kind: 'in-flight', max: 1 } });
    const { clock, client, sent } = world(
      (request) => (request.method === 'GET' ? jsonResponse(503, {}, { 'retry-after': '20' }) : ok),
      { platform },
    );
    const read = failureOf(client.call('read', get));
    await clock.advance(10);
    await clock.run(client.call('write', put));
    expect(sent.at(-1)).toMatchObject({ at: 10, request: { method: 'PUT' } });
    await clock.run(read);
  });

  it('a request that cannot be signed is told, gives its token back, and is not sent', async () => {
    const platform = smallPlatform({
      authorize: (_, { token }) => {
        throw new Error(`no key of 32 bytes: ${token}`);
      },
    });
    const { clock, client, sent, budgets } = world(() => ok, { platform });
    const failure = await failureOf(clock.run(client.call('write', put)));
    expect(failure).toMatchObject({ failure: 'rejected', code: 'not-authorizable' });
    expect(failure.message).toContain(`no key of 32 bytes: ${HIDDEN}`);
    expect([sent.length, budgets.look()['rate']?.waiting]).toEqual([0, 0]);
  });

  it('an operation that is not in the facts cannot be called', async () => {
    const { client } = world(() => ok);
    await expect(client.call('typo' as Op, get)).rejects.toThrow(/no operation "typo"/);
  });
});

describe('[I10] no secret leaves by an error, a log or a recording', () => {
  it('whatever the platform answers and the network says', async () => {
    const secretText = fc.stringMatching(/^[A-Za-z0-9+/=_-]{8,40}$/);
    await fc.assert(
      fc.asyncProperty(
        secretText,
        fc.constantFrom<number | 'lost'>('lost', 401, 429, 500, 200, 409),
        async (text, kind) => {
          const events: CallEvent[] = [];
          const exchanges: Exchange[] = [];
          const answer: Answer = (request) => {
            const echo = { echo: token(request), nested: JSON.stringify({ access_token: 'fresh-and-unknown' }) };
            if (kind === 'lost') throw new TransportError(`cannot reach ${request.url} with ${text}`, true);
            return jsonResponse(kind, echo, { 'set-cookie': 'sid=fresh-and-unknown' });
          };
          const { clock, client } = world(answer, {
            config: () => ({ account: 'shop', token: text }),
            log: (event) => events.push(event),
            record: (exchange) => exchanges.push(exchange),
          });
          const request = jsonRequest('POST', `https://small.test/?key=${encodeURIComponent(text)}`, { token: text });
          const failure: unknown = await clock.run(client.call('write', request)).catch((error: unknown) => error);
          const shown = JSON.stringify([
            events,
            exchanges,
            failure instanceof Error ? [failure.message, failure.stack, { ...failure }, String(failure.cause)] : null,
          ]);
          expect(shown).not.toContain(text);
          expect(shown).not.toContain(JSON.stringify(text).slice(1, -1));
          expect(shown).not.toContain(encodeURIComponent(text));
          expect(shown).not.toContain('fresh-and-unknown');
          expect(events.length).toBe(1);
          expect(exchanges.length).toBe(1);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('a log that throws breaks no call', async () => {
    const fail = () => {
      throw new Error('disk full');
    };
    const { clock, client } = world(() => ok, { log: fail, record: fail });
    expect((await clock.run(client.call('read', get))).status).toBe(200);
  });
});
