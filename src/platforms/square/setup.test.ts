import { describe, expect, it } from 'vitest';
import { Bench, HOOK_URL } from '../../platform/testing/bench.ts';
import { check, SCOPES } from './check.ts';
import { squareConfig } from './config.ts';
import { checkSubscription, subscribe, unsubscribe } from './hooks.ts';
import { square } from './index.ts';
import type { SquareSandbox } from './sandbox.ts';
import { NOW, scripted, settings, squareErrors } from './testing/scripted.ts';
import { authorize, expiresAt, renew } from './token.ts';
import { EVENT_TYPES } from './webhook.ts';

const DAY = 86_400_000;

describe('settings', () => {
  it('name what is wrong with them', () => {
    const wrong = (more: Record<string, unknown>) =>
      squareConfig
        .safeParse({ account: 'MLEFBHHSJGVHD', accessToken: 'x', ...more })
        .error?.issues.map(({ path }) => path[0]);
    expect(wrong({})).toBeUndefined();
    expect(wrong({ refreshToken: 'r' })).toEqual(['applicationId']);
    expect(wrong({ account: 'two words' })).toEqual(['account']);
    expect(wrong({ apiVersion: 'latest' })).toEqual(['apiVersion']);
    expect(wrong({ notificationUrl: 'sync.example.com' })).toEqual(['notificationUrl']);
    expect(settings().apiVersion).toBe('2026-05-20');
  });
});

describe('tokens', () => {
  const oauth = (more = {}) =>
    settings({ refreshToken: 'refresh-1', applicationId: 'sq0idp-1', applicationSecret: 'secret', ...more });

  it('go where they belong: the seller’s, the application’s for subscriptions, none to the token call', () => {
    const headers = (path: string, config = oauth({ applicationToken: 'app' })) =>
      authorize({ method: 'GET', url: `https://connect.squareup.com${path}`, headers: {} }, config).headers;
    expect(headers('/v2/locations')).toEqual({ authorization: 'Bearer EAAAE-token', 'square-version': '2026-05-20' });
    expect(headers('/v2/webhooks/subscriptions?x=1')['authorization']).toBe('Bearer app');
    expect(headers('/v2/webhooks/subscriptions', oauth())['authorization']).toBe('Bearer EAAAE-token');
    expect(headers('/oauth2/token')).toEqual({ 'square-version': '2026-05-20' });
    expect(headers('/oauth2/token/status')['authorization']).toBe('Bearer EAAAE-token');
  });

  it('end: a personal one never, an OAuth one is renewed seven days ahead, at once when its end is unknown', () => {
    expect(expiresAt(settings())).toBeUndefined();
    expect(expiresAt(oauth())).toBe(0);
    expect(expiresAt(oauth({ accessTokenEndsAtMs: NOW + 30 * DAY }))).toBe(NOW + 23 * DAY);
    expect(expiresAt(oauth({ accessTokenEndsAtMs: NOW + 30 * DAY, renewAtMs: NOW + 99 * DAY }))).toBe(NOW + 30 * DAY);
  });

  it('are renewed; a refresh token that works once is replaced, a short-lived token is renewed in time', async () => {
    const answer = (more: Record<string, unknown>) => ({ access_token: 'new', merchant_id: 'MLEFBHHSJGVHD', ...more });
    const long = scripted(() => answer({ expires_at: new Date(NOW + 30 * DAY).toISOString() }));
    expect(await renew(long.client, oauth())).toMatchObject({
      accessToken: 'new',
      refreshToken: 'refresh-1',
      accessTokenEndsAtMs: NOW + 30 * DAY,
      renewAtMs: NOW + 23 * DAY,
    });
    expect(long.asked[0]!.body).toEqual({
      client_id: 'sq0idp-1',
      client_secret: 'secret',
      grant_type: 'refresh_token',
      refresh_token: 'refresh-1',
    });
    const short = scripted(() => answer({ expires_at: new Date(NOW + DAY).toISOString(), refresh_token: 'refresh-2' }));
    const pkce = oauth({ applicationSecret: undefined });
    expect(await renew(short.client, pkce)).toMatchObject({ refreshToken: 'refresh-2', renewAtMs: NOW + 0.75 * DAY });
    expect(short.asked[0]!.body).not.toHaveProperty('client_secret');
  });

  it('of another seller are not taken for this one', async () => {
    const { client } = scripted(() => ({ access_token: 'new', merchant_id: 'MLOTHER' }));
    await expect(renew(client, oauth())).rejects.toMatchObject({ failure: 'auth', code: 'other-seller' });
    await expect(renew(client, settings())).rejects.toMatchObject({ failure: 'auth', code: 'cannot-renew' });
  });

  it('that cannot be renewed ahead of time are used to their end, asking once an hour', async () => {
    const { client } = scripted(() => squareErrors(401, { code: 'UNAUTHORIZED' }));
    const due = oauth({ accessTokenEndsAtMs: NOW + 7 * DAY });
    const later = await renew(client, due);
    expect(later).toEqual({ ...due, renewAtMs: NOW + 3_600_000 });
    expect(expiresAt(later)).toBe(NOW + 3_600_000);
    // Refused long before it was due: there is nothing to wait for.
    await expect(renew(client, oauth({ accessTokenEndsAtMs: NOW + 20 * DAY }))).rejects.toMatchObject({
      failure: 'auth',
    });
    await expect(renew(client, oauth({ accessTokenEndsAtMs: NOW + 60_000 }))).rejects.toMatchObject({
      failure: 'auth',
    });
    await expect(renew(client, oauth())).rejects.toMatchObject({ failure: 'auth' });
  });
});

describe('the webhook', () => {
  const open = () => Bench.open(square as never, { items: 1 });
  const run = <T>(bench: Bench, work: (client: never, config: never, url: string) => Promise<T>) =>
    bench.run((client, config) => work(client as never, config as never, HOOK_URL));

  it('registered once for all sellers of the application; a second time finds it', async () => {
    const bench = await open();
    const again = await run(bench, subscribe);
    expect(again.did).toEqual([]);
    expect(again.config).toEqual({ webhookSecret: bench.config['webhookSecret'], notificationUrl: HOOK_URL });
    expect(await run(bench, checkSubscription)).toMatchObject([{ ok: true }, { ok: true }]);
    bench.close();
  });

  it('switched off by Square: the watchdog switches it on; gone: says so; taken away: registered anew', async () => {
    const bench = await open();
    (bench.sandbox as SquareSandbox).staff.switchHooksOff();
    expect(await run(bench, checkSubscription)).toMatchObject([
      { ok: true, found: expect.stringMatching(/switched off/) },
      { ok: true },
    ]);
    expect(await run(bench, checkSubscription)).toMatchObject([
      { found: expect.stringMatching(/is there and switched on/) },
      {},
    ]);
    expect((await run(bench, unsubscribe)).did).toHaveLength(1);
    expect((await run(bench, unsubscribe)).did).toEqual([]);
    expect(await run(bench, checkSubscription)).toMatchObject([{ ok: false, next: expect.any(String) }]);
    expect((await run(bench, subscribe)).did).toEqual([`registered ${EVENT_TYPES.length} event types`]);
    // Its key is another one now.
    expect(await run(bench, checkSubscription)).toMatchObject([{ ok: true }, { ok: false, next: expect.any(String) }]);
    bench.close();
  });

  it('a poor one is corrected and keeps what others added; doubles go; a key that is not told is made anew', async () => {
    const poor = {
      id: 'one',
      enabled: false,
      event_types: ['payment.updated', 'labor.shift.created'],
      notification_url: HOOK_URL,
      api_version: '2020-01-01',
    };
    const { client, asked } = scripted(({ op, request, body }) => {
      if (request.url.endsWith('/signature-key')) return { signature_key: 'fresh' };
      if (op === 'hooks' && request.url.includes('cursor=p2')) return { subscriptions: [{ ...poor, id: 'two' }] };
      if (op === 'hooks' && request.url.includes('?'))
        return { subscriptions: [poor, { ...poor, id: 'x', notification_url: 'https://other' }], cursor: 'p2' };
      if (request.method === 'PUT') return { subscription: { ...poor, ...body.subscription } };
      return { subscription: poor };
    });
    const { config, did } = await subscribe(client, settings(), HOOK_URL);
    expect(config).toEqual({ webhookSecret: 'fresh', notificationUrl: HOOK_URL });
    expect(did).toHaveLength(3);
    const sent = asked
      .filter(({ request }) => request.method !== 'GET')
      .map(({ request }) => `${request.method} ${request.url.split('subscriptions/')[1]}`);
    expect(sent).toEqual(['DELETE two', 'PUT one', 'POST one/signature-key']);
    const put = asked.find(({ request }) => request.method === 'PUT')!.body.subscription;
    expect(put).toMatchObject({ enabled: true, api_version: '2026-05-20' });
    expect(put.event_types).toEqual(expect.arrayContaining(['labor.shift.created', ...EVENT_TYPES]));
  });
});

describe('check', () => {
  const answers = (op: string, more: Record<string, unknown>) =>
    more[op] ??
    {
      merchant: { merchant: { id: 'MLEFBHHSJGVHD', business_name: 'Mugs' } },
      tokenStatus: { scopes: [...SCOPES] },
      locations: { locations: [{ id: 'L', status: 'ACTIVE' }] },
    }[op];
  const failing = async (
    more: Record<string, unknown>,
    config = settings({ webhookSecret: 'k', notificationUrl: HOOK_URL }),
  ) => {
    const { client } = scripted(({ op }) => answers(op, more));
    const checks = await check(client, config);
    for (const one of checks) expect(one.ok || Boolean(one.next)).toBe(true);
    return checks.filter(({ ok }) => !ok).map(({ name }) => name);
  };

  it('finds another seller, missing scopes, no open place, no signature key', async () => {
    expect(await failing({})).toEqual([]);
    expect(await failing({ merchant: { merchant: { id: 'MLOTHER' } } })).toEqual(['seller']);
    expect(await failing({ tokenStatus: { scopes: ['ITEMS_READ'] } })).toEqual(['scopes']);
    expect(await failing({ tokenStatus: {} })).toEqual([]);
    expect(await failing({ tokenStatus: squareErrors(404, { code: 'NOT_FOUND' }) })).toEqual([]);
    expect(await failing({ locations: { locations: [{ id: 'L', status: 'INACTIVE' }] } })).toEqual(['locations']);
    expect(await failing({}, settings())).toEqual(['signing secret']);
  });
});
