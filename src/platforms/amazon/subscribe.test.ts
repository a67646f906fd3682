import { describe, expect, it } from 'vitest';
import { redactConfig, secretPaths } from '../../platform/config.ts';
import { bodyText, jsonResponse, TransportError } from '../../platform/http.ts';
import { virtualClock } from '../../platform/testing/virtual-clock.ts';
import { authorize } from './authorize.ts';
import { check } from './checks.ts';
import { amazonConfig, queueArn, queueOf } from './config.ts';
import { readLevels } from './levels.ts';
import { checkSubscription, subscribe, unsubscribe } from './subscribe.ts';
import { type Bench, openBench } from './testing/bench.ts';
import { channel } from './testing/notification.ts';

const START = Date.UTC(2026, 2, 2, 8);
const open = (more: object = {}) => openBench(virtualClock(START), more);
const paths = (bench: Bench) =>
  bench.exchanges.map(({ request }) => `${request.method} ${new URL(request.url).pathname}`);
const register = async (bench: Bench) => {
  const answer = await bench.run(subscribe(bench.client, bench.config()));
  bench.configure(answer.config ?? {});
  return answer.did;
};

describe('subscribing', () => {
  it('registers the queue and both types, and does nothing the second time', async () => {
    const bench = open();
    expect(await register(bench)).toEqual([
      'Registered the queue arn:aws:sqs:us-east-1:123456789012:onhand with Amazon.',
      'Subscribed ORDER_CHANGE.',
      'Subscribed LISTINGS_ITEM_MFN_QUANTITY_CHANGE.',
    ]);
    const known = bench.config().subscriptions;
    expect(Object.keys(known)).toEqual(['ORDER_CHANGE', 'LISTINGS_ITEM_MFN_QUANTITY_CHANGE']);
    expect(await register(bench)).toEqual([]);
    expect(bench.config().subscriptions).toEqual(known);
  });

  it('destinations go with the app’s own token, subscriptions with the seller’s', async () => {
    const bench = open();
    await register(bench);
    const tokens = new Map(
      bench.exchanges.map(({ request }) => [
        `${request.method} ${new URL(request.url).pathname.split('/')[3]}`,
        request.headers['x-amz-access-token'],
      ]),
    );
    expect(tokens.get('GET subscriptions')).toBe(bench.config().accessToken);
    expect(tokens.get('GET destinations')).not.toBe(bench.config().accessToken);
  });

  it('a lost answer does not make a second destination or subscription', async () => {
    const bench = open();
    bench.line = async (request, carry) => {
      const answer = await carry();
      if (request.method === 'POST' && request.url.includes('/notifications/')) throw new TransportError('cut', true);
      return answer;
    };
    await register(bench);
    expect(Object.keys(bench.config().subscriptions)).toHaveLength(2);
    bench.line = undefined;
    expect((await bench.run(checkSubscription(bench.client, bench.config()))).every((one) => one.ok)).toBe(true);
  });

  it('another system’s queue is not taken away', async () => {
    const bench = open();
    bench.line = (request) =>
      request.method === 'GET' && request.url.includes('/subscriptions/')
        ? Promise.resolve(
            jsonResponse(200, { payload: { subscriptionId: 's', payloadVersion: '1.0', destinationId: 'theirs' } }),
          )
        : undefined;
    await expect(register(bench)).rejects.toMatchObject({ failure: 'conflict', code: 'subscribed-elsewhere' });
    expect(paths(bench).filter((path) => path.startsWith('DELETE'))).toEqual([]);
  });

  it('does without the confirmation of quantities, not without orders', async () => {
    const refuse = (topic: string) => (request: { method: string; url: string }) =>
      request.method === 'POST' && request.url.endsWith(topic)
        ? Promise.resolve(jsonResponse(400, { errors: [{ code: 'InvalidInput', message: 'no' }] }))
        : undefined;
    const bench = open();
    bench.line = refuse('LISTINGS_ITEM_MFN_QUANTITY_CHANGE');
    expect((await register(bench)).at(-1)).toContain('read back instead');
    expect((await bench.run(checkSubscription(bench.client, bench.config()))).map((one) => one.ok)).toEqual([
      true,
      true,
    ]);
    const other = open();
    other.line = refuse('ORDER_CHANGE');
    await expect(register(other)).rejects.toMatchObject({ failure: 'rejected' });
  });

  it('removes everything, also when it is gone already', async () => {
    const bench = open();
    await register(bench);
    expect((await bench.run(unsubscribe(bench.client, bench.config()))).did).toHaveLength(3);
    expect((await bench.run(unsubscribe(bench.client, bench.config()))).did).toEqual([]);
    const checks = await bench.run(checkSubscription(bench.client, bench.config()));
    expect(checks).toMatchObject([{ name: 'ORDER_CHANGE', ok: false, next: expect.any(String) }, { ok: false }]);
  });

  it('without a queue nothing is registered and that is told', async () => {
    const bench = open();
    bench.configure({ queueUrl: undefined });
    expect((await register(bench))[0]).toContain('polled');
    expect((await bench.run(checkSubscription(bench.client, bench.config())))[0]).toMatchObject({ ok: true });
    expect(bench.exchanges).toEqual([]);
  });
});

describe('checks of a set-up', () => {
  it('all good', async () => {
    const bench = open();
    await register(bench);
    const checks = await bench.run(check(bench.client, bench.config()));
    expect(checks.filter((one) => !one.ok)).toEqual([]);
    expect(checks.map((one) => one.name)).toEqual([
      'Orders',
      'Listings',
      'Queue',
      'ORDER_CHANGE',
      'LISTINGS_ITEM_MFN_QUANTITY_CHANGE',
    ]);
  });

  it('looks at the queue without hiding a message', async () => {
    const bench = open();
    bench.sandbox.seed([{ sku: 'MUG', title: 'Mug', stock: { W1: 1 } }]);
    await register(bench);
    bench.sandbox.shopper.buy({ lines: [{ sku: 'MUG', quantity: 1 }], location: null });
    await bench.clock.advance(20_000);
    for (let each = 0; each < 3; each++) await bench.run(check(bench.client, bench.config()));
    const seen = bench.exchanges
      .filter(({ request }) => request.headers['x-amz-target'])
      .map(({ response }) => JSON.parse(bodyText(response)).Messages?.length);
    expect(seen).toEqual([1, 1, 1]);
  });

  it.each<[string, object, string[]]>([
    ['a wrong client secret', { clientSecret: 'x' }, ['Orders', 'Listings', 'Queue', 'Notifications']],
    ['a revoked refresh token', { refreshToken: 'x' }, ['Orders', 'Listings', 'Queue', 'Notifications']],
    ['another seller', { account: 'A9' }, ['Listings', 'ORDER_CHANGE']],
    ['a foreign marketplace', { marketplaceIds: ['X'] }, ['Orders', 'Listings', 'ORDER_CHANGE']],
    ['a wrong AWS key', { awsSecretAccessKey: 'x' }, ['Queue', 'ORDER_CHANGE']],
    ['a queue that is not there', { queueUrl: 'https://amazon.test/123456789012/other' }, ['Queue', 'ORDER_CHANGE']],
  ])('%s: each failure with its next step', async (_, settings, failing) => {
    const bench = open();
    bench.configure(settings);
    const bad = (await bench.run(check(bench.client, bench.config()))).filter((one) => !one.ok);
    expect(bad.map((one) => one.name)).toEqual(failing);
    for (const one of bad) expect(one.next).toBeTruthy();
  });
});

describe('keys', () => {
  it('a token is fetched before the first call, and again a minute before its hour is over', async () => {
    const bench = open();
    bench.sandbox.seed([{ sku: 'MUG', title: 'Mug', stock: { W1: 1 } }]);
    const read = () => bench.run(readLevels(bench.client, bench.config(), [{ stockKey: 'MUG', location: 'DEFAULT' }]));
    const tokens = () => paths(bench).filter((path) => path.endsWith('/auth/o2/token')).length;
    await read();
    await bench.clock.advance(3_500_000);
    await read();
    expect(tokens()).toBe(1);
    await bench.clock.advance(60_000);
    await read();
    expect(tokens()).toBe(2);
    expect(bench.exchanges.filter(({ response }) => response.status === 403)).toEqual([]);
  });

  it('a token that Amazon refuses early is renewed once', async () => {
    const bench = open();
    bench.sandbox.seed([{ sku: 'MUG', title: 'Mug', stock: { W1: 1 } }]);
    bench.configure({ accessToken: 'Atza|stale', accessTokenEndsAtMs: START + 3_600_000 });
    await bench.run(readLevels(bench.client, bench.config(), [{ stockKey: 'MUG', location: 'DEFAULT' }]));
    expect(bench.exchanges.map(({ response }) => response.status)).toEqual([403, 200, 200]);
  });

  it('goes to the door it belongs to, and to no other', () => {
    const config = { ...channel, accessToken: 'Atza|token' };
    const keyed = (url: string, headers: Record<string, string> = {}) =>
      authorize({ method: 'POST', url, headers }, config, START).headers;
    const api = keyed('https://sellingpartnerapi-na.amazon.com/orders/2026-01-01/orders');
    expect(api['x-amz-access-token']).toBe('Atza|token');
    expect(api['user-agent']).toMatch(/^Onhand/);
    expect(
      keyed('https://sellingpartnerapi-na.amazon.com/x', { 'x-amz-access-token': 'grantless' })['x-amz-access-token'],
    ).toBe('grantless');
    const queue = keyed('https://sqs.us-east-1.amazonaws.com/', { 'x-amz-target': 'AmazonSQS.ReceiveMessage' });
    expect(queue['authorization']).toContain('/us-east-1/sqs/aws4_request');
    expect(queue['x-amz-access-token']).toBeUndefined();
    for (const [url, headers] of [
      ['https://api.amazon.com/auth/o2/token', {}],
      ['https://evil.example/orders/2026-01-01/orders', {}],
      ['https://evil.example/', { 'x-amz-target': 'AmazonSQS.ReceiveMessage' }],
      ['https://sellingpartnerapi-na.amazon.com.evil.example/x', {}],
    ] as [string, Record<string, string>][]) {
      const bare = keyed(url, headers);
      expect([bare['x-amz-access-token'], bare['authorization']]).toEqual([undefined, undefined]);
    }
  });
});

describe('settings', () => {
  const parse = (more: object) => amazonConfig.safeParse({ ...channel, ...more });

  it('hide every secret', () => {
    expect(
      secretPaths(amazonConfig)
        .map((path) => path.join('.'))
        .sort(),
    ).toEqual(['accessToken', 'awsSecretAccessKey', 'clientSecret', 'refreshToken']);
    const text = JSON.stringify(
      redactConfig(amazonConfig, { ...channel, clientSecret: 'CS', refreshToken: 'RT', awsSecretAccessKey: 'AK' }),
    );
    for (const secret of ['"CS"', '"RT"', '"AK"']) expect(text).not.toContain(secret);
  });

  it('a queue needs its key and its whole address', () => {
    expect(parse({ awsSecretAccessKey: undefined }).success).toBe(false);
    expect(parse({ queueUrl: 'https://sqs.us-east-1.amazonaws.com/onhand' }).success).toBe(false);
    expect(parse({ queueUrl: undefined, awsAccessKeyId: undefined, awsSecretAccessKey: undefined }).success).toBe(true);
    expect(parse({ endpoint: 'http://sellingpartner.example' }).success).toBe(false);
    expect(parse({ fbaLocation: 'fba' }).success).toBe(false);
  });

  it.each([
    ['https://sqs.eu-west-1.amazonaws.com/123456789012/q', undefined, 'arn:aws:sqs:eu-west-1:123456789012:q'],
    ['https://eu-west-1.queue.amazonaws.com/123456789012/q', undefined, 'arn:aws:sqs:eu-west-1:123456789012:q'],
    ['https://queue.amazonaws.com/123456789012/q', undefined, 'arn:aws:sqs:us-east-1:123456789012:q'],
    ['https://sqs.cn-north-1.amazonaws.com.cn/123456789012/q', undefined, 'arn:aws-cn:sqs:cn-north-1:123456789012:q'],
    ['http://127.0.0.1:4566/123456789012/q', 'eu-central-1', 'arn:aws:sqs:eu-central-1:123456789012:q'],
  ])('%s is the queue %3$s', (queueUrl, queueRegion, arn) => {
    expect(queueArn(queueOf({ ...channel, queueUrl, queueRegion })!)).toBe(arn);
  });
});
