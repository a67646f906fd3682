import { describe, expect, it } from 'vitest';
import type { Check } from '../../platform/contract.ts';
import { bodyText, jsonResponse } from '../../platform/http.ts';
import { Bench } from '../../platform/testing/bench.ts';
import { check } from './check.ts';
import { apiHost, cloverConfig } from './config.ts';
import { clover } from './index.ts';
import type { CloverSandbox } from './sandbox.ts';
import { scripted, settings } from './testing/scripted.ts';
import { authorize, expiresAt, renew } from './token.ts';

const failing = (checks: Check[]) => checks.filter(({ ok }) => !ok).map(({ name }) => name);
const checked = (bench: Bench) => bench.run((client, config) => check(client as never, config as never));

describe('settings', () => {
  it('one host per region, or another address', () => {
    expect(apiHost(settings())).toBe('https://api.clover.com');
    expect(apiHost(settings({ region: 'eu' }))).toBe('https://api.eu.clover.com');
    expect(apiHost(settings({ apiUrl: 'https://clover.example.com/' }))).toBe('https://clover.example.com');
    expect(
      cloverConfig.safeParse({ account: 'XYZVJT2ZRRRSC', accessToken: 't', refreshToken: 'r' }).error?.issues[0]?.path,
    ).toEqual(['appId']);
    expect(cloverConfig.safeParse({ account: '../me', accessToken: 't' }).success).toBe(false);
  });
});

describe('the set-up test', () => {
  it('names what is missing and where it is', async () => {
    const bench = await Bench.open(clover as never);
    const { staff } = bench.sandbox as CloverSandbox;
    expect(failing(await checked(bench))).toEqual([]);
    staff.setUp({ trackStock: false, updateStock: false });
    expect(failing(await checked(bench))).toEqual(['track stock', 'update after each sale']);
    bench.config = { ...bench.config, webhookSecret: undefined, updatesStock: false };
    staff.setUp({ trackStock: true });
    expect(failing(await checked(bench))).toEqual(['auth code']);
    staff.removePermission('orders');
    const checks = await checked(bench);
    expect(failing(checks)).toEqual(['orders', 'auth code']);
    for (const { ok, next } of checks) expect(ok || Boolean(next)).toBe(true);
    bench.close();
  });

  it('does without the properties where they cannot be seen, and notices a token of another merchant', async () => {
    const { client } = scripted(({ op }) => {
      if (op === 'merchant') return { id: 'OTHERMERCHANT', name: 'Other' };
      if (op === 'properties') return jsonResponse(401, { message: '401 Unauthorized' });
      return { elements: [] };
    });
    const checks = await check(client, settings({ webhookSecret: 'x' }));
    expect(failing(checks)).toEqual(['merchant']);
    expect(checks.find(({ name }) => name === 'track stock')!.found).toMatch(/does not tell/);
  });
});

describe('tokens', () => {
  it('every call has the bearer and the compulsory user agent, the renewal only the latter', () => {
    const config = settings({ refreshToken: 'r', appId: 'APP' });
    const call = authorize({ method: 'GET', url: 'https://api.clover.com/v3/merchants/X', headers: {} }, config);
    expect(call.headers).toEqual({
      'user-agent': expect.stringMatching(/^\w+\/\S+$/),
      authorization: 'Bearer an-api-token',
    });
    const token = authorize({ method: 'POST', url: 'https://api.clover.com/oauth/v2/refresh', headers: {} }, config);
    expect(token.headers['authorization']).toBeUndefined();
    expect(token.headers['user-agent']).toBeTruthy();
  });

  it('a pair is used up by the next one; both ends are stored as told', async () => {
    const bench = await Bench.open(clover as never);
    const old = bench.config;
    const fresh = await bench.run((client, config) => renew(client as never, config as never));
    expect(fresh.accessToken).not.toBe(old['accessToken']);
    expect(fresh.refreshToken).not.toBe(old['refreshToken']);
    expect(expiresAt(fresh)! % 1000).toBe(0);
    expect(fresh.refreshTokenEndsAtMs!).toBeGreaterThan(expiresAt(fresh)!);
    await expect(bench.run((client) => renew(client as never, old as never))).rejects.toMatchObject({
      failure: 'auth',
      code: 'not-renewed',
    });
    bench.config = fresh as never;
    expect((await bench.allLevels()).items.length).toBeGreaterThan(0);
    bench.close();
  });

  it('is sent as documented, never twice, and an answer that was lost is no answer', async () => {
    const { client, asked } = scripted(() => ({
      access_token: 'a',
      access_token_expiration: 1_762_077_605,
      refresh_token: 'b',
      refresh_token_expiration: 1_762_077_605_000,
    }));
    const renewed = await renew(client, settings({ refreshToken: 'r', appId: 'APP', region: 'la' }));
    expect(asked.map(({ request }) => [request.url, bodyText(request)])).toEqual([
      ['https://api.la.clover.com/oauth/v2/refresh', '{"client_id":"APP","refresh_token":"r"}'],
    ]);
    expect(renewed).toMatchObject({ accessTokenEndsAtMs: 1_762_077_605_000, refreshTokenEndsAtMs: 1_762_077_605_000 });
    expect(clover.facts.operations.token.retry).toBe('never');
  });

  it('an API token does not end and is not renewed', async () => {
    const { client } = scripted(() => ({}));
    expect(expiresAt(settings())).toBeUndefined();
    expect(
      expiresAt(settings({ refreshToken: 'r', appId: 'A' })),
      'end unknown: not before it is refused',
    ).toBeUndefined();
    await expect(renew(client, settings())).rejects.toMatchObject({ code: 'cannot-renew' });
  });

  it('without a user agent Clover answers nothing', async () => {
    const bench = await Bench.open(clover as never);
    const request = {
      method: 'GET' as const,
      url: `https://x/v3/merchants/${bench.sandbox.account}`,
      headers: { authorization: `Bearer ${bench.config['accessToken']}` },
    };
    expect((await bench.sandbox.handle(request)).status).toBe(400);
    expect(
      (await bench.sandbox.handle({ ...request, headers: { ...request.headers, 'user-agent': 'me/1' } })).status,
    ).toBe(200);
    bench.close();
  });
});
