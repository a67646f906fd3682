import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { seededRandom } from '../runtime/random.ts';
import { type BudgetOptions, type Budgets, createBudgets } from './budget.ts';
import { createClient } from './client.ts';
import type { CallEvent, ClientOptions, ClientPlatform, Exchange } from './client-options.ts';
import { HIDDEN, secret } from './config.ts';
import type { Budget, Operation } from './contract.ts';
import { Failure } from './failure.ts';
import { type HttpRequest, type HttpResponse, jsonRequest, jsonResponse, TransportError } from './http.ts';
import { type VirtualClock, virtualClock } from './testing/virtual-clock.ts';

const schema = z.object({ account: z.string(), token: secret(), endsAt: z.number().optional() });
type Config = z.infer<typeof schema>;
type Op = 'read' | 'write' | 'set' | 'login';

const operation = (more: Partial<Operation>): Operation => ({
  budgets: ['rate'],
  retry: 'safe',
  timeoutMs: 5_000,
  priority: 'fetch',
  ...more,
});

/** A platform as small as one can be: bearer token, 401 for a wrong one, 429 with retry-after, 409 for a conflict. */
function smallPlatform(more: Partial<ClientPlatform<Config, Op>> = {}, budgets?: Record<string, Budget>) {
  const platform: ClientPlatform<Config, Op> = {
    facts: {
      id: 'small',
      operations: {
        read: operation({}),
        write: operation({ retry: 'never', priority: 'decrease' }),
        set: operation({ priority: 'increase' }),
        login: operation({ retry: 'never' }),
      },
      budgets: budgets ?? { rate: { kind: 'tokens', burst: 100, perSecond: 10 } },
    } as unknown as ClientPlatform<Config, Op>['facts'],
    config: schema,
    authorize: (request, config) => ({
      ...request,
      headers: { ...request.headers, authorization: `Bearer ${config.token}` },
    }),
    classify: ({ status, headers, body }) => {
      const text = Buffer.from(body).toString();
      const retryAfterMs = headers['retry-after'] ? Number(headers['retry-after']) * 1000 : undefined;
      if (status === 401) return new Failure('auth', 'token-refused', `The token was refused: ${text}`, { status });
      if (status === 429) return new Failure('throttled', 'rate-limited', 'Too much.', { status, retryAfterMs });
      if (status === 409) return new Failure('conflict', 'changed', 'Changed meanwhile.', { status });
      if (status === 503) return new Failure('transient', 'maintenance', 'Down.', { status, retryAfterMs });
      return undefined;
    },
    ...more,
  };
  return platform;
}

type Answer = (request: HttpRequest, call: number) => HttpResponse | Promise<HttpResponse>;

function world(
  answer: Answer,
  more: Partial<ClientOptions<Config, Op>> & { budget?: BudgetOptions; clock?: VirtualClock } = {},
) {
  const clock = more.clock ?? virtualClock(0);
  const platform = more.platform ?? smallPlatform();
  const budgets: Budgets = more.budgets ?? createBudgets(platform.facts, clock, more.budget);
  const sent: { at: number; request: HttpRequest }[] = [];
  let config: Config = { account: 'shop', token: 'first' };
  const saved: Config[] = [];
  const client = createClient<Config, Op>({
    platform,
    config: () => config,
    saveConfig: async (next) => {
      await clock.sleep(50);
      saved.push(next);
      config = next;
    },
    clock,
    random: seededRandom(1),
    ...more,
    budgets,
    transport: async (request) => {
      sent.push({ at: clock.now(), request });
      return answer(request, sent.length);
    },
  });
  const setConfig = (next: Config) => {
    config = next;
  };
  return { clock, client, budgets, sent, saved, setConfig, now: () => config };
}

const ok = jsonResponse(200, { ok: true });
const get = jsonRequest('GET', 'https://small.test/things');
const put = jsonRequest('PUT', 'https://small.test/stock', { quantity: 3 });
const token = (request: HttpRequest) => request.headers['authorization']?.slice(7);
const failureOf = async (call: Promise<unknown>): Promise<Failure> => {
  const failure = await call.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(failure).toBeInstanceOf(Failure);
  return failure as Failure;
};

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

describe('renewal', () => {
  /** Tokens work once they are the newest; each renewal spends the one before, as single-use refresh tokens do. */
  function renewing(more: { endsAt?: (renewals: number) => number } = {}) {
    const spent = new Set<string>();
    let renewals = 0;
    let valid = 'first';
    const platform = smallPlatform({
      expiresAt: (config) => config.endsAt,
      async renew(client, config) {
        const answer = await client.call(
          'login',
          jsonRequest('POST', 'https://small.test/token', { was: config.token }),
        );
        const { next } = JSON.parse(Buffer.from(answer.body).toString());
        return { ...config, token: next, endsAt: more.endsAt?.(renewals) };
      },
    });
    const answer: Answer = (request) => {
      if (request.url.endsWith('/token')) {
        if (spent.has(token(request)!)) return jsonResponse(401, { error: 'used twice' });
        spent.add(token(request)!);
        valid = `renewed-${++renewals}`;
        return jsonResponse(200, { next: valid });
      }
      return token(request) === valid ? ok : jsonResponse(401, { error: 'expired' });
    };
    return {
      platform,
      answer,
      expire: () => {
        valid = 'nobody has this one';
      },
      count: () => renewals,
    };
  }

  it('renews once for any number of refused calls, over several clients, and stores before use', async () => {
    const { platform, answer, expire, count } = renewing();
    const clock = virtualClock(0);
    const budgets = createBudgets(platform.facts, clock);
    const one = world(answer, { platform, clock, budgets });
    const usedUnsaved: string[] = [];
    const two = world(
      (request) => {
        const used = token(request)!;
        if (used !== 'first' && !one.saved.some((config) => config.token === used)) usedUnsaved.push(used);
        return answer(request, 0);
      },
      { platform, clock, budgets, config: one.now, saveConfig: async (next) => one.setConfig(next) },
    );
    expire();
    const calls = [1, 2, 3].flatMap(() => [one.client.call('read', get), one.client.call('write', put)]);
    await clock.advance(1);
    calls.push(two.client.call('read', get));
    for (const response of await clock.run(Promise.all(calls))) expect(response.status).toBe(200);
    expect(count()).toBe(1);
    expect(one.saved.map((config) => config.token)).toEqual(['renewed-1']);
    expect(usedUnsaved).toEqual([]);
  });

  it('renews a minute ahead, and at most once per call', async () => {
    const { platform, answer, count } = renewing({ endsAt: (renewals) => renewals * 3_600_000 });
    const { clock, client, setConfig } = world(answer, { platform });
    setConfig({ account: 'shop', token: 'first', endsAt: 600_000 });
    await clock.run(client.call('read', get));
    expect(count()).toBe(0);
    await clock.advance(541_000);
    await clock.run(client.call('read', get));
    expect(count()).toBe(1);
  });

  it('goes on with secrets that still work when renewing ahead of time fails', async () => {
    let renewals = 0;
    const platform = smallPlatform({
      expiresAt: (config) => config.endsAt,
      renew: async () => {
        renewals++;
        throw new Failure('transient', 'down', 'Down.');
      },
    });
    const { clock, client, setConfig } = world(() => ok, { platform });
    setConfig({ account: 'shop', token: 'first', endsAt: 30_000 });
    for (let calls = 0; calls < 10; calls++) await clock.run(client.call('read', get));
    expect(renewals).toBe(1);
    await clock.advance(31_000);
    expect(await failureOf(clock.run(client.call('read', get)))).toMatchObject({ failure: 'transient', code: 'down' });
  });

  it('renews for a call that waited longer than its secrets lived, before it is sent', async () => {
    const { platform, answer, count } = renewing({ endsAt: () => Number.POSITIVE_INFINITY });
    Object.assign(platform.facts.budgets, { rate: { kind: 'tokens', burst: 2, perSecond: 0.001 } });
    Object.assign(platform.facts.budgets, { login: { kind: 'tokens', burst: 1, perSecond: 1 } });
    Object.assign(platform.facts.operations, { login: operation({ budgets: ['login'] }) });
    const { clock, client, setConfig, sent } = world(
      (request, call) =>
        request.url.endsWith('/token') || token(request) !== 'first' || clock.now() < 600_000
          ? answer(request, call)
          : jsonResponse(401, {}),
      { platform },
    );
    setConfig({ account: 'shop', token: 'first', endsAt: 600_000 });
    const calls = Promise.all([1, 2, 3, 4].map(() => client.call('read', get)));
    for (const response of await clock.run(calls)) expect(response.status).toBe(200);
    expect(count()).toBe(1);
    // Two at once, the others when their token came; none was sent in vain.
    const reads = sent.filter(({ request }) => request.method === 'GET');
    expect(reads.map(({ at }) => Math.round(at / 1000))).toEqual([0, 0, 1000, 2000]);
  });

  it('secrets that live shorter than the margin are renewed now and then, not all the time', async () => {
    let renewals = 0;
    const platform = smallPlatform({
      expiresAt: (config) => config.endsAt,
      renew: async (client, config) => {
        renewals++;
        return { ...config, endsAt: client.now() + 20_000 };
      },
    });
    const { clock, client, setConfig } = world(() => ok, { platform });
    setConfig({ account: 'shop', token: 'first', endsAt: 1 });
    for (let calls = 0; calls < 20; calls++) {
      await clock.run(client.call('read', get));
      await clock.advance(1_000);
    }
    expect(renewals).toBe(2);
  });

  it('renews no second time when new secrets are refused as well', async () => {
    let renewals = 0;
    const platform = smallPlatform({
      renew: async (_, config) => ({ ...config, token: `new-${++renewals}` }),
    });
    const { clock, client, sent } = world(() => jsonResponse(401, { error: 'no' }), { platform });
    expect(await failureOf(clock.run(client.call('write', put)))).toMatchObject({ failure: 'auth' });
    expect([renewals, sent.length]).toEqual([1, 2]);
  });

  it('does not call itself: a refused renewal is the end', async () => {
    const platform = smallPlatform({
      expiresAt: () => 0,
      async renew(client, config) {
        await client.call('login', get);
        return config;
      },
    });
    const { clock, client, sent } = world(() => jsonResponse(401, { error: 'no' }), { platform });
    expect(await failureOf(clock.run(client.call('read', get)))).toMatchObject({ failure: 'auth' });
    expect(sent.length).toBe(1);
  });

  it('never renews again while new secrets wait to be stored: the old ones are spent', async () => {
    const { platform, answer, expire, count } = renewing();
    let broken = true;
    const stored: Config[] = [];
    let config: Config = { account: 'shop', token: 'first' };
    const { clock, client } = world(answer, {
      platform,
      config: () => config,
      saveConfig: async (next) => {
        if (broken) throw new Error(`disk full while writing ${next.token}`);
        stored.push(next);
        config = next;
      },
    });
    expire();
    const failure = await failureOf(clock.run(client.call('read', get)));
    expect(failure).toMatchObject({ failure: 'transient', code: 'renewed-not-stored' });
    expect((failure.cause as Error).message).toBe(`disk full while writing ${HIDDEN}`);
    expect(await failureOf(clock.run(client.call('read', get)))).toMatchObject({ code: 'renewed-not-stored' });
    broken = false;
    expect((await clock.run(client.call('read', get))).status).toBe(200);
    expect([count(), stored.map(({ token }) => token)]).toEqual([1, ['renewed-1']]);
  });

  it('uses new secrets even if the owner of the settings hands out the old ones for a while', async () => {
    const { platform, answer, expire, count } = renewing();
    const { clock, client } = world(answer, {
      platform,
      config: () => ({ account: 'shop', token: 'first' }),
      saveConfig: async () => {},
    });
    expire();
    for (let calls = 0; calls < 3; calls++) expect((await clock.run(client.call('read', get))).status).toBe(200);
    expect(count()).toBe(1);
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
