import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ApiFixture, apiFixture } from '../../test/support/api-fixture.ts';
import { setChannelMode } from '../engine/modes.ts';

let fixture: ApiFixture;
beforeAll(async () => {
  fixture = await apiFixture();
}, 60_000);
afterAll(() => fixture.close());

const CANARY = 'canary-4f1d0c';
const READ = ['channels', 'channels/toy-1/check', 'notices', 'set-aside', 'sales', 'stock', 'openapi.json'];

/** Every secret this installation holds: credentials of accounts, unguessable addresses, API keys. */
function secretsOf({ run, keys }: ApiFixture): string[] {
  const accounts = run.engine.registry.all();
  const configs = accounts.flatMap(({ config }) => [config['token'], config['webhookSecret']]);
  // The toy's token is the word "token"; the canary takes its place below.
  return [...configs, ...accounts.map(({ row }) => row.hookKey), ...Object.values(keys), CANARY].filter(
    (one): one is string => typeof one === 'string' && one !== 'token',
  );
}

it('[I10] no answer, notice, log line or stored header holds a secret, whatever goes wrong', async () => {
  const { run, ask } = fixture;
  expect(secretsOf(fixture).length).toBeGreaterThanOrEqual(10);
  expect(secretsOf(fixture).every((secret) => secret.length >= 8)).toBe(true);
  const [toy] = run.world.channels;
  const connect = (name: string, config: object) =>
    ask('POST', '/v1/channels', { body: { platform: 'toy', name, config } });
  // A wrong type beside a right secret, a secret in the wrong place, a secret the platform refuses.
  expect((await connect('a', { account: 5, token: CANARY, webhookSecret: CANARY })).status).toBe(400);
  expect((await connect('b', { account: 'a', api: 7, token: CANARY, [CANARY]: 1 })).status).toBe(400);
  const refused = await connect('c', { account: 'other', api: toy!.api, token: CANARY, webhookSecret: CANARY });
  expect([refused.status, refused.json.error]).toEqual([502, 'bad-token']);
  expect(refused.json.next).toContain('channel add');
  await ask('GET', '/v1/stock', { key: CANARY });
  await ask('POST', '/v1/session', { key: null, body: { key: CANARY } });
  await ask('GET', `/v1/nope?token=${CANARY}`);
  await ask('POST', '/v1/stock/receive', { body: `{"sku":"${CANARY}` });
  // Answers of a channel that works, and of one whose credentials are no longer accepted.
  for (const path of READ) await ask('GET', `/v1/${path}`);
  await ask('POST', '/v1/channels/toy-1/reconcile', { body: {} });
  const account = run.engine.registry.byKey('toy', toy!.sandbox.account)!;
  account.config['token'] = CANARY;
  expect((await ask('POST', '/v1/channels/toy-1/reconcile', { body: {} })).status).toBe(502);
  await setChannelMode(run.engine.context, account.channels[0]!, 'live', 'test');
  await run.clock.advance(180_000);
  for (const path of READ) await ask('GET', `/v1/${path}`);
  await ask('GET', '/metrics');
  const [stored] = await run.db.query<{ all: string }>(
    `select coalesce(string_agg(t, chr(10)), '') as "all" from (select n::text as t from notice n union all
      select d.headers::text from delivery d union all select p::text from push p union all
      select k::text from api_key k) everything`,
  );
  const said = [...fixture.answers, ...run.warnings, stored!.all].join('\n');
  expect(fixture.answers.length).toBeGreaterThan(20);
  // The address that was asked for is noted by this test, not by an answer.
  const told = said.replaceAll(`?token=${CANARY}`, '');
  expect(secretsOf(fixture).filter((secret) => told.includes(secret))).toEqual([]);
});
