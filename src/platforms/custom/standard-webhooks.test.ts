import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Delivery } from '../../platform/contract.ts';
import { jsonRequest } from '../../platform/http.ts';
import { signedHeaders } from '../../platform/standard-webhooks.ts';
import { vendorModule } from '../../platform/testing/outside.ts';
import { undiciTransport } from '../../runtime/transport.ts';
import { authorize } from './api.ts';
import { refusal } from './signature.ts';
import { verify } from './webhook.ts';

const outside = vendorModule('standardwebhooks');
const SECRET = `whsec_${Buffer.alloc(32, 'k').toString('base64')}`;
const OTHER = `whsec_${Buffer.alloc(32, 'q').toString('base64')}`;
const config = { account: 'shop', webhookSecret: SECRET };
const message = JSON.stringify({
  type: 'order.created',
  data: { id: 'Ä-1', version: 1, createdAt: '2026-11-24T08:00:00+01:00', lines: [{ sku: 'MÜG 😀', quantity: 2 }] },
});

const delivery = (headers: Record<string, string>, body: string | Uint8Array): Delivery => ({
  method: 'POST',
  path: '/v1/orders',
  headers,
  body: Buffer.from(body),
  receivedAt: '2026-11-24T08:00:00Z',
});

/** As the reference library signs. */
function byThem(body: string, atMs: number, secret = SECRET): Record<string, string> {
  const signature = new outside.Webhook(secret).sign('msg_1', new Date(atMs), body);
  return {
    'webhook-id': 'msg_1',
    'webhook-timestamp': String(Math.floor(atMs / 1000)),
    'webhook-signature': signature,
  };
}

describe.skipIf(!outside)('npm standardwebhooks (skipped when test/vendor is not installed)', () => {
  it('signs what we take', () => {
    const now = Date.now();
    expect(verify(delivery(byThem(message, now), message), config, now)).toEqual({
      verdict: 'ok',
      topic: 'order.created',
      deliveryId: 'msg_1',
    });
    expect(verify(delivery(byThem(message, now, OTHER), message), config, now)).toMatchObject({ why: 'bad-signature' });
  });

  it('takes what we sign, over a socket, bodies and empty questions alike', async () => {
    const heard: string[] = [];
    const wanted = new outside.Webhook(SECRET);
    const server = createServer(async (request, response) => {
      const body = await bodyOf(request);
      try {
        wanted.verify(body, request.headers, { jsonParse: false });
        heard.push(`${request.method} ${request.headers['x-onhand-account']} ${body}`);
        response.end('{}');
      } catch (error) {
        response.writeHead(401).end(String(error));
      }
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const send = undiciTransport({ allowPrivateHosts: ['127.0.0.1'] });
    const statuses = [];
    for (const request of [
      jsonRequest('POST', `${base}/levels`, { type: 'levels.set', data: { levels: [{ sku: 'MÜG 😀' }] } }),
      jsonRequest('GET', `${base}/listings?cursor=%2F`),
    ])
      statuses.push((await send(authorize(request, config, Date.now()), { timeoutMs: 5_000 })).status);
    const wrong = authorize(jsonRequest('GET', `${base}/listings`), { ...config, webhookSecret: OTHER }, Date.now());
    statuses.push((await send(wrong, { timeoutMs: 5_000 })).status);
    const late = authorize(jsonRequest('GET', `${base}/listings`), config, Date.now() - 301_000);
    statuses.push((await send(late, { timeoutMs: 5_000 })).status);
    server.close();
    expect(statuses).toEqual([200, 200, 401, 401]);
    expect(heard).toEqual(['POST shop {"type":"levels.set","data":{"levels":[{"sku":"MÜG 😀"}]}}', 'GET shop ']);
  });

  it('agrees with us on any body, secret, id and time', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }),
        fc.uint8Array({ minLength: 24, maxLength: 64 }),
        fc.string({ minLength: 1, maxLength: 40 }).filter((id) => id.trim() === id),
        fc.integer({ min: 0, max: 4_000_000_000_000 }),
        (body, key, id, atMs) => {
          const secret = `whsec_${Buffer.from(key).toString('base64')}`;
          const theirs = new outside.Webhook(secret).sign(id, new Date(atMs), body);
          const ours = signedHeaders(secret, id, atMs, body);
          expect(ours['webhook-signature']).toBe(theirs);
          expect(refusal(delivery(ours, body), secret, atMs)).toBeUndefined();
        },
      ),
    );
  });
});

describe('signatures', () => {
  const now = Date.parse('2026-11-24T08:00:00Z');
  const why = (headers: Record<string, string>, at = now, secret: string | undefined = SECRET) =>
    refusal(delivery(headers, message), secret, at)?.why;
  const good = signedHeaders(SECRET, 'msg_1', now, message);

  it('hold for five minutes either way, and not a second longer', () => {
    expect([why(good, now + 300_000), why(good, now - 300_000)]).toEqual([undefined, undefined]);
    expect([why(good, now + 301_000), why(good, now - 301_000)]).toEqual(['stale', 'stale']);
  });

  it('bind id and time', () => {
    expect(why({ ...good, 'webhook-id': 'msg_2' })).toBe('bad-signature');
    expect(why({ ...good, 'webhook-timestamp': String(now / 1000 + 1) })).toBe('bad-signature');
  });

  it('of two secrets are taken while the sender changes from one to the other', () => {
    const [old, fresh] = [signedHeaders(OTHER, 'msg_1', now, message), good];
    const both = { ...good, 'webhook-signature': `${old['webhook-signature']} ${fresh['webhook-signature']}` };
    expect([why(both), why(both, now, OTHER), why(old)]).toEqual([undefined, undefined, 'bad-signature']);
  });

  it('of another scheme, without a time, or with no secret of ours are refused', () => {
    expect(why({ ...good, 'webhook-signature': good['webhook-signature']!.replace('v1,', 'v1a,') })).toBe(
      'bad-signature',
    );
    for (const timestamp of ['', 'soon', '-1', '1e9', '9'.repeat(40)])
      expect(why({ ...good, 'webhook-timestamp': timestamp })).toBe('malformed');
    expect(why({ ...good, 'webhook-id': '' })).toBe('malformed');
    for (const secret of ['', 'whsec_', 'whsec_!!!']) expect(why(good, now, secret)).toBe('no-secret');
    expect(refusal(delivery(good, message), undefined, now)?.why).toBe('no-secret');
  });
});

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
