import { describe, expect, it } from 'vitest';
import type { Check } from '../../platform/contract.ts';
import { bodyText, jsonResponse } from '../../platform/http.ts';
import { Bench, PLACES } from '../../platform/testing/bench.ts';
import { check } from './check.ts';
import { lightspeedConfig } from './config.ts';
import { lightspeedR } from './index.ts';
import type { LightspeedSandbox } from './sandbox.ts';
import { NOW, scripted, settings } from './testing/scripted.ts';
import { authorize, expiresAt, renew } from './token.ts';

const failing = (checks: Check[]) => checks.filter(({ ok }) => !ok).map(({ name }) => name);
const checked = (bench: Bench) => bench.run((client, config) => check(client as never, config as never));
const oauth = { refreshToken: 'r', clientId: 'c', clientSecret: 's' };

describe('settings', () => {
  it('a refresh token needs its client, and an account is a number', () => {
    const issues = lightspeedConfig.safeParse({ account: '1', accessToken: 't', refreshToken: 'r' }).error?.issues;
    expect(issues?.map(({ path }) => path[0])).toEqual(['clientId', 'clientSecret']);
    expect(lightspeedConfig.safeParse({ account: '1/../2', accessToken: 't' }).success).toBe(false);
  });
});

describe('the set-up test', () => {
  it('names what is missing and where it is', async () => {
    const bench = await Bench.open(lightspeedR as never, { items: 1 });
    const { staff } = bench.sandbox as LightspeedSandbox;
    expect(failing(await checked(bench))).toEqual([]);
    staff.removeScope('employee:register_read');
    for (const { id } of PLACES) staff.archiveShop(id);
    bench.config = { ...bench.config, refreshToken: undefined };
    const checks = await checked(bench);
    expect(failing(checks)).toEqual(['sales', 'shops', 'renewal']);
    for (const { ok, next } of checks) expect(ok || Boolean(next)).toBe(true);
    bench.config = { ...bench.config, account: '999' };
    const other = await checked(bench);
    expect(failing(other)).toEqual(['account', 'renewal']);
    expect(other[0]!.next).toContain(bench.sandbox.account);
    bench.close();
  });
});

describe('tokens', () => {
  it('every call has the bearer, the renewal its own proof', () => {
    const config = settings(oauth);
    const url = 'https://api.lightspeedapp.com/API/V3/Account.json';
    expect(authorize({ method: 'GET', url, headers: {} }, config).headers).toEqual({
      authorization: 'Bearer an-access-token',
    });
    const token = { method: 'POST' as const, url: 'https://cloud.lightspeedapp.com/auth/oauth/token', headers: {} };
    expect(authorize(token, config).headers).toEqual({});
  });

  it('are asked for as documented; the end is counted from before the call', async () => {
    const { client, asked } = scripted(() => ({
      token_type: 'Bearer',
      expires_in: 1800,
      access_token: 'a',
      refresh_token: 'b',
    }));
    const renewed = await renew(client, settings(oauth));
    expect(asked.map(({ request }) => [request.url, JSON.parse(bodyText(request))])).toEqual([
      [
        'https://cloud.lightspeedapp.com/auth/oauth/token',
        { client_id: 'c', client_secret: 's', grant_type: 'refresh_token', refresh_token: 'r' },
      ],
    ]);
    expect(renewed).toMatchObject({ accessToken: 'a', refreshToken: 'b', accessTokenEndsAtMs: NOW + 1_800_000 });
    const silent = scripted(() => ({ access_token: 'a', expires_in: 'soon' }));
    const kept = await renew(silent.client, settings({ ...oauth, accessTokenEndsAtMs: 5 }));
    expect(kept).toMatchObject({ accessToken: 'a', refreshToken: 'r' });
    expect(expiresAt(kept), 'renewed when it is refused').toBeUndefined();
  });

  it('a lost answer to a renewal is asked for again: the old token works until the new one is used', async () => {
    const bench = await Bench.open(lightspeedR as never, { items: 1 });
    const old = bench.config;
    await bench.run((client, config) => renew(client as never, config as never));
    const fresh = await bench.run((client) => renew(client as never, old as never));
    bench.config = fresh as never;
    expect((await bench.allLevels()).items.length).toBeGreaterThan(0);
    await expect(bench.run((client) => renew(client as never, old as never))).rejects.toMatchObject({
      failure: 'auth',
      code: 'not-renewed',
    });
    expect(lightspeedR.facts.operations.token.retry).toBe('safe');
    bench.close();
  });

  it('without a refresh token there is nothing to renew, and a person is told', async () => {
    const { client } = scripted(() => jsonResponse(200, {}));
    await expect(renew(client, settings())).rejects.toMatchObject({ failure: 'auth', code: 'cannot-renew' });
    expect(expiresAt(settings({ accessTokenEndsAtMs: 5 }))).toBeUndefined();
  });
});
