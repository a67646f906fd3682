import { describe, expect, it } from 'vitest';
import { createBudgets } from './budget.ts';
import { HIDDEN } from './config.ts';
import { Failure } from './failure.ts';
import { jsonRequest, jsonResponse } from './http.ts';
import {
  type Answer,
  type Config,
  failureOf,
  get,
  ok,
  operation,
  put,
  smallPlatform,
  token,
  world,
} from './testing/small-platform.ts';
import { virtualClock } from './testing/virtual-clock.ts';

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
