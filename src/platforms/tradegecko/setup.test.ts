import { describe, expect, it } from 'vitest';
import { jsonResponse } from '../../platform/http.ts';
import { check } from './check.ts';
import { geckoConfig } from './config.ts';
import { checkSubscription, subscribe, unsubscribe } from './hooks.ts';
import { NOW, scripted, settings } from './testing/scripted.ts';
import { authorize, expiresAt, renew } from './token.ts';
import { EVENTS } from './webhook.ts';

const oauth = (more = {}) =>
  settings({
    refreshToken: 'r-1',
    applicationId: 'app',
    webhookSecret: 'secret',
    redirectUri: 'https://a.test/cb',
    ...more,
  });

describe('settings', () => {
  it('refuse the addresses that the vendor switched off, and name another as what is wanted', () => {
    const problem = (apiUrl: string) =>
      geckoConfig.safeParse({ account: '1', apiUrl, accessToken: 'x' }).error?.issues[0]?.message;
    for (const url of ['https://api.tradegecko.com', 'https://tradegecko.com', 'https://commerce.intuit.com/api'])
      expect(problem(url)).toContain('switched this address off');
    expect(problem('https://not-tradegecko.com')).toBeUndefined();
    expect(problem('https://archive.example.com/gecko/')).toBeUndefined();
    expect(settings({ apiUrl: 'https://archive.example.com/gecko/' }).apiUrl).toBe('https://archive.example.com/gecko');
    expect(problem('nowhere')).toBeTruthy();
    expect(geckoConfig.safeParse({ account: '1', accessToken: 'x' }).success).toBe(false);
  });
});

describe('tokens', () => {
  it('go on every call but the one that renews them', () => {
    const header = (path: string) =>
      authorize({ method: 'GET', url: `https://gecko.test${path}`, headers: {} }, settings()).headers['authorization'];
    expect(header('/orders?page=1')).toBe('Bearer token');
    expect(header('/oauth/token')).toBeUndefined();
  });

  it('end only with OAuth; an unknown end is learnt at once', () => {
    expect(expiresAt(settings())).toBeUndefined();
    expect(expiresAt(oauth())).toBe(0);
    expect(expiresAt(oauth({ accessTokenEndsAtMs: NOW }))).toBe(NOW);
  });

  it('are renewed as documented, and the refresh token is replaced each time', async () => {
    const { client, asked } = scripted(() => ({
      access_token: '439f',
      expires_in: 7200,
      refresh_token: 'ecfa',
      scope: 'public',
      token_type: 'bearer',
    }));
    expect(await renew(client, oauth())).toMatchObject({
      accessToken: '439f',
      refreshToken: 'ecfa',
      accessTokenEndsAtMs: NOW + 7_200_000,
    });
    expect(asked[0]!.body).toEqual({
      client_id: 'app',
      client_secret: 'secret',
      redirect_uri: 'https://a.test/cb',
      refresh_token: 'r-1',
      grant_type: 'refresh_token',
    });
    await expect(renew(client, settings())).rejects.toMatchObject({ failure: 'auth', code: 'cannot-renew' });
    const refused = scripted(() => jsonResponse(401, { error: 'invalid_request' }));
    await expect(renew(refused.client, oauth())).rejects.toMatchObject({ failure: 'auth', code: 'not-renewed' });
  });
});

describe('webhooks', () => {
  const URL_OF_OURS = 'https://onhand.test/hooks/1';
  /** A list of hooks that can be added to and taken from, one to a page. */
  function hooks(...known: { event: string; address: string }[]) {
    let last = 0;
    let rows = known.map((row) => ({ id: ++last, ...row }));
    const api = scripted(({ request, url, body }) => {
      if (request.method === 'POST') {
        rows.push({ id: ++last, ...body.webhook });
        return jsonResponse(201, { webhook: rows.at(-1) });
      }
      if (request.method === 'DELETE') {
        const id = Number(url.pathname.split('/').at(-1));
        if (!rows.some((row) => row.id === id)) return jsonResponse(404, {});
        rows = rows.filter((row) => row.id !== id);
        return { status: 204, headers: {}, body: new Uint8Array() };
      }
      const page = Number(url.searchParams.get('page'));
      const pagination = JSON.stringify({ last_page: page >= rows.length });
      return jsonResponse(200, { webhooks: rows.slice(page - 1, page) }, { 'x-pagination': pagination });
    });
    return { ...api, rows: () => rows };
  }

  it('are registered one per event, once; doubles go, strangers stay', async () => {
    const stranger = { event: 'order.create', address: 'https://elsewhere.test' };
    const ours = { event: 'order.create', address: URL_OF_OURS };
    const { client, rows } = hooks(stranger, ours, ours);
    const first = await subscribe(client, settings(), URL_OF_OURS);
    expect(first.did).toHaveLength(EVENTS.length);
    expect(first.did[0]).toBe('removed a second order.create');
    expect((await subscribe(client, settings(), URL_OF_OURS)).did).toEqual([]);
    const events = rows().filter(({ address }) => address === URL_OF_OURS);
    expect(events.map(({ event }) => event).sort()).toEqual([...EVENTS].sort());
    await unsubscribe(client, settings(), URL_OF_OURS);
    expect(rows()).toEqual([{ id: 1, ...stranger }]);
  });

  it('that the vendor deleted are made again; a missing secret is told', async () => {
    const { client, rows } = hooks({ event: 'order.create', address: URL_OF_OURS });
    const checks = await checkSubscription(client, settings(), URL_OF_OURS);
    expect(rows()).toHaveLength(EVENTS.length);
    expect(checks[0]!.found).toContain('order.finalized');
    expect(checks[1]).toMatchObject({ ok: false, next: expect.stringContaining('webhookSecret') });
  });
});

describe('the check', () => {
  it('names another account, and an account without a place for stock', async () => {
    const { client } = scripted(({ url }) =>
      url.pathname === '/locations'
        ? {
            locations: [
              { id: 1, label: 'Office', holds_stock: false },
              { id: 2, status: 'archived' },
            ],
          }
        : { account: { id: 12, name: null } },
    );
    const checks = await check(client, oauth(), 'Closed.');
    expect(checks.map(({ name, ok }) => [name, ok])).toEqual([
      ['service', true],
      ['account', false],
      ['locations', false],
      ['signing secret', true],
    ]);
    expect(checks[1]!.next).toContain('12');
    for (const { ok, next } of checks) if (!ok) expect(next).toBeTruthy();
  });
});
