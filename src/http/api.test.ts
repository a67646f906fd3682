import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiFixture, apiFixture } from '../../test/support/api-fixture.ts';
import type { Scope } from './keys.ts';

interface Case {
  /** As the OpenAPI document names it. */
  route: string;
  scope: Scope;
  good: [url: string, body?: unknown];
  bad: [url: string, body: unknown, status: number, error: string];
  /** Where another method must be tried, or the body is no JSON. */
  badWith?: { method?: string; headers?: Record<string, string> };
}

let fixture: ApiFixture;
let sku: string;
let hold: number;
const W1 = 'Main warehouse';
const units = (over: object = {}) => ({ sku: 'NEW', location: W1, units: 2, ...over });

beforeAll(async () => {
  fixture = await apiFixture();
  sku = fixture.run.world.items[0]!.sku;
  const open = { rows: [units({ title: 'New thing', units: 20 })] };
  expect((await fixture.ask('POST', '/v1/stock/open', { body: open })).status).toBe(200);
  await soldLongAgo(sku);
  hold = (await fixture.ask('POST', '/v1/holds', { body: units() })).json.id;
}, 60_000);
afterAll(() => fixture.close());

/** A sale of three weeks ago, taken back by hand since: there is something to compute from, and the levels are as they were. */
async function soldLongAgo(sold: string) {
  const { db, clock } = fixture.run;
  const at = new Date(clock.now() - 21 * 86_400_000).toISOString();
  const account = fixture.run.engine.registry.all()[0]!.row.id;
  await db.query(
    `with d as (insert into document (account_id, doc, sale_at) values ($1, 'order:long-ago', $2) returning id)
     insert into movement (item_id, location_id, on_hand, committed, reason, document_id, by, at)
     select i.id, l.id, 0, n.units, 'sale', n.document_id, 'test', $2::timestamptz from item i, location l,
       (select 2 as units, id as document_id from d union all select -2, null from d) n where i.sku = $3 and l.name = $4`,
    [account, at, sold, W1],
  );
}

const cases = (): Case[] => [
  {
    route: 'GET /v1/stock',
    scope: 'read',
    good: ['?search=NEW&limit=2'],
    bad: ['?limit=0', undefined, 400, 'invalid-request'],
  },
  {
    route: 'GET /v1/stock/{sku}',
    scope: 'read',
    good: [`/${encodeURIComponent(sku)}`],
    bad: ['/NOPE', undefined, 404, 'unknown-item'],
  },
  {
    route: 'GET /v1/locations',
    scope: 'read',
    good: [''],
    bad: ['', {}, 404, 'not-found'],
    badWith: { method: 'PUT' },
  },
  {
    route: 'GET /v1/sales',
    scope: 'read',
    good: ['?limit=5&search=x'],
    bad: ['?limit=201', undefined, 400, 'invalid-request'],
  },
  { route: 'GET /v1/channels', scope: 'read', good: [''], bad: ['', {}, 404, 'not-found'], badWith: { method: 'PUT' } },
  {
    route: 'GET /v1/backup',
    scope: 'operate',
    good: [''],
    bad: ['', {}, 404, 'not-found'],
    badWith: { method: 'PUT' },
  },
  {
    route: 'GET /v1/channels/{name}/check',
    scope: 'read',
    good: ['/toy-1/check'],
    bad: ['/nope/check', undefined, 404, 'unknown-channel'],
  },
  {
    route: 'GET /v1/notices',
    scope: 'read',
    good: [''],
    bad: ['', {}, 404, 'not-found'],
    badWith: { method: 'DELETE' },
  },
  {
    route: 'GET /v1/set-aside',
    scope: 'read',
    good: [''],
    bad: ['', {}, 404, 'not-found'],
    badWith: { method: 'DELETE' },
  },
  {
    route: 'POST /v1/stock/receive',
    scope: 'stock',
    good: ['', units()],
    bad: ['', units({ units: -1 }), 400, 'quantity-invalid'],
  },
  {
    route: 'POST /v1/stock/adjust',
    scope: 'stock',
    good: ['', units({ units: -0.5 })],
    bad: ['', units({ location: 'Moon' }), 404, 'unknown-location'],
  },
  {
    route: 'POST /v1/stock/count',
    scope: 'stock',
    good: ['', units({ units: 30 })],
    bad: ['', units({ countedAt: '2030-01-01T00:00:00Z' }), 400, 'count-in-future'],
  },
  {
    route: 'POST /v1/stock/transfer',
    scope: 'stock',
    good: ['', units({ to: 'High street shop' })],
    bad: ['', units({ to: W1 }), 400, 'same-location'],
  },
  {
    route: 'POST /v1/stock/open',
    scope: 'stock',
    good: ['', { rows: [units()] }],
    bad: ['', { rows: [] }, 400, 'invalid-request'],
  },
  {
    route: 'POST /v1/holds',
    scope: 'stock',
    good: ['', units({ units: 1 })],
    bad: ['', units({ units: 0 }), 400, 'quantity-invalid'],
  },
  {
    route: 'DELETE /v1/holds/{id}',
    scope: 'stock',
    good: [`/${hold}`],
    bad: ['/987654', undefined, 404, 'no-such-hold'],
  },
  {
    route: 'GET /v1/reorder',
    scope: 'read',
    good: ['?show=all'],
    bad: ['?location=Moon', undefined, 404, 'unknown-location'],
  },
  {
    route: 'POST /v1/reorder',
    scope: 'stock',
    good: ['', { sku: 'NEW', location: W1, point: 5, upTo: 20 }],
    bad: ['', { sku: 'NEW', location: W1, point: 5, upTo: 4 }, 400, 'reorder-invalid'],
  },
  {
    route: 'POST /v1/reorder/computed',
    scope: 'stock',
    good: ['', { sku, location: W1, leadDays: 10, service: 0.95 }],
    bad: ['', { sku, location: W1, leadDays: 10, service: 95 }, 400, 'invalid-request'],
  },
  {
    route: 'DELETE /v1/reorder',
    scope: 'stock',
    good: [`?sku=NEW&location=${encodeURIComponent(W1)}`],
    bad: [`?sku=${encodeURIComponent(sku)}&location=Moon`, undefined, 404, 'unknown-location'],
  },
  {
    route: 'POST /v1/reorder/notify',
    scope: 'operate',
    good: ['', { url: 'https://stock.example.com/alerts' }],
    bad: ['', { url: 'http://stock.example.com/alerts' }, 400, 'receiver-invalid'],
  },
  {
    route: 'DELETE /v1/reorder/notify',
    scope: 'operate',
    good: ['', {}],
    bad: ['', '<off/>', 415, 'wrong-type'],
    badWith: { headers: { 'content-type': 'text/xml' } },
  },
  {
    route: 'POST /v1/channels',
    scope: 'operate',
    good: [
      '',
      {
        platform: 'custom',
        name: 'Old shop',
        config: { account: 'old', webhookSecret: `whsec_${'c2VjcmV0'.repeat(6)}` },
      },
    ],
    bad: ['', { platform: 'nope', name: 'X', config: {} }, 400, 'unknown-platform'],
  },
  {
    route: 'POST /v1/channels/{name}/mode',
    scope: 'operate',
    good: ['/toy-1/mode', { mode: 'watch' }],
    bad: ['/toy-1/mode', { mode: 'turbo' }, 400, 'invalid-request'],
  },
  {
    route: 'PATCH /v1/channels/{name}/settings',
    scope: 'operate',
    good: ['/toy-1/settings', { repair: 'ledger', policy: { buffer: 1 } }],
    bad: ['/toy-1/settings', { repairs: 'ledger' }, 400, 'invalid-request'],
  },
  {
    route: 'POST /v1/channels/{name}/places',
    scope: 'operate',
    good: ['/toy-1/places', { place: '', locations: [1] }],
    bad: ['/toy-1/places', { place: 'Moon', locations: [1] }, 404, 'unknown-place'],
  },
  {
    route: 'POST /v1/channels/{name}/listings',
    scope: 'operate',
    good: ['/toy-1/listings', { listing: '', parts: [{ sku: 'NEW', num: 2 }] }],
    bad: ['/toy-1/listings', { listing: 'nope', parts: [] }, 404, 'unknown-listing'],
  },
  {
    route: 'POST /v1/channels/{name}/reconcile',
    scope: 'operate',
    good: ['/toy-1/reconcile', {}],
    bad: ['/nope/reconcile', {}, 404, 'unknown-channel'],
  },
  {
    route: 'POST /v1/channels/{name}/drift',
    scope: 'operate',
    good: ['/toy-1/drift', { decision: 'ledger' }],
    bad: ['/toy-1/drift', { decision: 'me' }, 400, 'invalid-request'],
  },
  {
    route: 'POST /v1/stop',
    scope: 'operate',
    good: ['', {}],
    bad: ['', '<stop/>', 415, 'wrong-type'],
    badWith: { headers: { 'content-type': 'text/xml' } },
  },
  {
    route: 'DELETE /v1/channels/{name}',
    scope: 'operate',
    good: ['/Old%20shop?leave=as-is'],
    bad: ['/toy-1?leave=everything', undefined, 400, 'invalid-request'],
  },
];

/** Answered without a key, and tried in tests of their own. */
const OPEN = ['GET /healthz', 'GET /readyz', 'GET /metrics', 'GET /v1/events', 'POST /v1/orders', 'POST /v1/levels'];

const methodOf = (route: string) => route.split(' ')[0]!;
const addressOf = (route: string, rest: string) => route.split(' ')[1]!.replace(/\/\{.*/, '') + rest;

/** What only the running world can say. */
async function filled({ route, good: [rest, body] }: Case): Promise<[string, unknown]> {
  if (route.endsWith('/places')) {
    const { channels } = (await fixture.ask('GET', '/v1/channels')).json;
    return [
      rest,
      { place: channels.find((one: { name: string }) => one.name === 'toy-1').places[0].place, locations: [1] },
    ];
  }
  if (route.endsWith('/listings')) {
    const [row] = await fixture.run.db.query<{ key: string }>(
      `select l.key from listing l join account a on a.id = l.account_id where a.platform = 'toy' order by l.key limit 1`,
    );
    return [rest, { ...(body as object), listing: row!.key }];
  }
  return [rest, body];
}

describe('every route of the API', () => {
  it('has its good and its bad case here, and stands in the OpenAPI document', async () => {
    const { paths } = (await fixture.ask('GET', '/v1/openapi.json', { key: null })).json as {
      paths: Record<string, Record<string, object>>;
    };
    const described = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(described.sort()).toEqual([...cases().map(({ route }) => route), ...OPEN].sort());
  });

  it('refuses what is wrong with a stable code and a next step', async () => {
    for (const { route, bad, badWith } of cases()) {
      const [rest, body, status, error] = bad;
      const answer = await fixture.ask(badWith?.method ?? methodOf(route), addressOf(route, rest), {
        body,
        headers: badWith?.headers,
      });
      expect([route, answer.status, answer.json.error]).toEqual([route, status, error]);
      expect(answer.json.message.length, route).toBeGreaterThan(5);
      expect(answer.json.next.length, route).toBeGreaterThan(5);
    }
  });

  it('lets in only keys with its scope', async () => {
    for (const { route, scope, bad } of cases()) {
      const [method, url] = [methodOf(route), addressOf(route, bad[0])];
      const without = Object.entries(fixture.keys).filter(([name]) => name !== scope && name !== 'owner');
      for (const [name, key] of without) {
        const answer = await fixture.ask(method, url, { key, body: bad[1] === undefined ? undefined : {} });
        expect([route, name, answer.status, answer.json.error]).toEqual([route, name, 403, 'scope-missing']);
      }
      const none = await fixture.ask(method, url, { key: null });
      expect([route, none.status, none.json.error]).toEqual([route, 401, 'no-key']);
      const unknown = await fixture.ask(method, url, { key: 'onhand_nobody' });
      expect([route, unknown.status, unknown.json.error]).toEqual([route, 401, 'unknown-key']);
      expect([none, unknown].every(({ json }) => json.next.length > 5)).toBe(true);
    }
  });

  it('does what is asked with a key of just its scope, and reading answers say when they were true', async () => {
    for (const one of cases()) {
      const [rest, body] = await filled(one);
      const answer = await fixture.ask(methodOf(one.route), addressOf(one.route, rest), {
        body,
        key: fixture.keys[one.scope],
      });
      expect([one.route, answer.status, answer.status === 200 ? '' : answer.text]).toEqual([one.route, 200, '']);
      if (one.scope === 'read') expect(Date.parse(answer.json.asOf), one.route).toBeGreaterThan(0);
    }
    expect(fixture.run.warnings).toEqual([]);
  });

  it('the ledger has what was asked, once each', async () => {
    const { items } = (await fixture.ask('GET', '/v1/stock?search=NEW')).json;
    // 20 opened, 2 received, −0.5, counted to 30, 2 moved to the shop, 2 opened once more; one hold of 1 is left of two.
    expect(
      items[0].levels.map(({ location, onHand, committed }: Record<string, unknown>) => [location, onHand, committed]),
    ).toEqual([
      [W1, 30, 1],
      ['High street shop', 2, 0],
    ]);
    const at = new Date(fixture.run.clock.now() - 3_600_000).toISOString();
    expect((await fixture.ask('GET', `/v1/stock/NEW?at=${at}`)).json.levels).toEqual([]);
  });

  it('stop has paused every channel that was live', async () => {
    const { channels } = (await fixture.ask('GET', '/v1/channels')).json;
    expect(Object.fromEntries(channels.map((one: Record<string, string>) => [one['name'], one['mode']]))).toEqual({
      'toy-1': 'watch',
      'custom-1': 'paused',
    });
    const paused = channels.find((one: { mode: string }) => one.mode === 'paused');
    expect(paused.next).toBe('To write again: onhand channel resume custom-1.');
  });
});
