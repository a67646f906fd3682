import { describe, expect, it } from 'vitest';
import { Bench } from '../../platform/testing/bench.ts';
import { qboConfig } from './config.ts';
import { quickbooksOnline } from './index.ts';
import { listLevels, listListings, readLevels } from './items.ts';
import type { QboSandbox } from './sandbox.ts';
import { NOW, scripted, settings } from './testing/scripted.ts';
import { authorize, expiresAt, renew } from './token.ts';

async function opened() {
  const bench = await Bench.open(quickbooksOnline as never, { items: 3 });
  const problems = async (config = {}) => {
    bench.config = quickbooksOnline.config.parse({ ...bench.config, ...config });
    const checks = await bench.run((client, now) => quickbooksOnline.check(client as never, now as never));
    for (const one of checks.filter(({ ok }) => !ok)) expect(one.next, one.found).toBeTruthy();
    return checks.filter(({ ok }) => !ok);
  };
  return { bench, staff: (bench.sandbox as QboSandbox).staff, problems };
}

describe('checks', () => {
  it('the account that adjustments are booked to: none, an unknown one; the likely ones are named', async () => {
    const { bench, problems } = await opened();
    expect(await problems()).toEqual([]);
    expect(await problems({ adjustmentAccount: undefined })).toMatchObject([
      { name: 'adjustment account', next: expect.stringContaining('80 (Inventory Shrinkage)') },
    ]);
    expect(await problems({ adjustmentAccount: '9999' })).toMatchObject([{ name: 'adjustment account' }]);
    bench.close();
  });
  it('a plan without adjustments stays readable, and says so', async () => {
    const { bench, staff, problems } = await opened();
    staff.withoutAdjustments();
    expect(await problems()).toMatchObject([{ name: 'quantity adjustments', next: expect.stringContaining('watch') }]);
    bench.close();
  });
  it('no verifier token; a company that was disconnected', async () => {
    const { bench, staff, problems } = await opened();
    expect((await problems({ webhookSecret: undefined })).map(({ name }) => name)).toEqual(['verifier token']);
    staff.disconnect();
    const found = await problems();
    expect(found.map(({ next }) => next).join()).toContain('OAuth 2.0 Playground');
    bench.close();
  });
});

describe('tokens', () => {
  it('the token call proves itself by the app, every other by the token', () => {
    const request = (url: string) => ({ method: 'POST' as const, url, headers: {} });
    const sent = (url: string) => authorize(request(url), settings()).headers['authorization'];
    expect(sent('https://oauth.platform.intuit.com/oauth2/v1/tokens/bearer')).toBe(
      `Basic ${Buffer.from('ABclient:secret-of-the-app').toString('base64')}`,
    );
    expect(sent('https://quickbooks.api.intuit.com/v3/company/1/query')).toBe('Bearer eyJaccess');
  });
  it('the newest refresh token is kept; an hour is an hour', async () => {
    const { client, asked } = scripted(() => ({ access_token: 'new', refresh_token: 'RT1-second', expires_in: 3_600 }));
    const renewed = await renew(client, settings());
    expect(asked[0]!.body).toBe('grant_type=refresh_token&refresh_token=RT1-first');
    expect(renewed).toMatchObject({
      accessToken: 'new',
      refreshToken: 'RT1-second',
      accessTokenEndsAtMs: NOW + 3_600_000,
    });
    expect(expiresAt(renewed)).toBe(NOW + 3_600_000);
    expect(expiresAt(settings({ accessToken: undefined }))).toBe(0);
    const without = scripted(() => ({ access_token: 'new', expires_in: 3_600 }));
    expect((await renew(without.client, settings())).refreshToken).toBe('RT1-first');
  });
  it('ten days: the refresh token changes every day, and access is never lost', async () => {
    const { bench } = await opened();
    const seen = new Set<unknown>();
    for (let day = 0; day < 10; day++) {
      seen.add(bench.config['refreshToken']);
      await bench.allLevels();
      await bench.clock.advance(86_400_000);
    }
    expect(seen.size).toBeGreaterThan(8);
    bench.close();
  });
  it('an old refresh token is refused', async () => {
    const { bench } = await opened();
    const first = bench.config['refreshToken'];
    for (let day = 0; day < 3; day++) {
      await bench.clock.advance(86_400_000);
      await bench.allLevels();
    }
    bench.config = { ...bench.config, refreshToken: first, accessToken: 'gone' };
    await expect(bench.allLevels()).rejects.toMatchObject({ failure: 'auth' });
    bench.close();
  });
});

describe('items', () => {
  const row = (Id: string, more: object = {}) => ({
    Id,
    Name: `Item ${Id}`,
    Type: 'Inventory',
    TrackQtyOnHand: true,
    QtyOnHand: 1,
    ...more,
  });
  const items = (...rows: object[]) => scripted(() => ({ QueryResponse: { Item: rows }, time: '' }));
  it('inventory is counted, services and bundles are not, categories are no things', async () => {
    const { client } = items(
      row('1', { Sku: ' A ', FullyQualifiedName: 'Tees:Red' }),
      row('2', { Type: 'Service', TrackQtyOnHand: false, QtyOnHand: undefined }),
      row('3', { Type: 'Group', Sku: 'B' }),
      row('4', { Type: 'Category' }),
    );
    const { items: listed } = await listListings(client, settings(), null);
    expect(
      listed.map(({ listing, sku, title, tracked, unwritable }) => [listing, sku, title, tracked, Boolean(unwritable)]),
    ).toEqual([
      ['1', 'A', 'Tees:Red', true, false],
      ['2', null, 'Item 2', false, false],
      ['3', 'B', 'Item 3', false, true],
    ]);
  });
  it('decimals and quantities below zero are read as they are; one absurd row does not hide the others', async () => {
    const { client, asked } = items(
      row('1', { QtyOnHand: -2.5 }),
      row('2', { QtyOnHand: '1e99' }),
      row('3', { QtyOnHand: '0.33333' }),
    );
    const cells = ['1', '2', '3', "4' or '1"].map((stockKey) => ({ stockKey, location: '-' }));
    const levels = await readLevels(client, settings(), cells);
    expect(levels.map(({ stockKey, available }) => [stockKey, available])).toEqual([
      ['1', -2.5],
      ['3', 0.33333],
    ]);
    expect(asked[0]!.query).toBe("select * from Item where Id in ('1', '2', '3') maxresults 1000");
  });
  it('an item made inactive between two pages moves the others up: none is passed over', async () => {
    const all = Array.from({ length: 520 }, (_, index) => row(String(index + 1)));
    let shown = all;
    const { client } = scripted(({ query }) => {
      const start = Number(/startposition (\d+)/.exec(query)![1]) - 1;
      const page = shown.slice(start, start + 500);
      shown = all.slice(3);
      return { QueryResponse: { Item: page }, time: '' };
    });
    const first = await listLevels(client, settings(), null);
    const second = await listLevels(client, settings(), first.next);
    const ids = [...first.items, ...second.items].map(({ stockKey }) => stockKey);
    expect(ids).toEqual(all.map(({ Id }) => Id));
    expect(second.next).toBeNull();
  });
});

describe('settings', () => {
  it('whether sales count must be said', () => {
    const { salesHere: _, ...others } = settings();
    expect(qboConfig.safeParse(others).error?.issues[0]?.path).toEqual(['salesHere']);
  });
});
