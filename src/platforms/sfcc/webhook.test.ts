import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Delivery } from '../../platform/contract.ts';
import { sfcc } from './index.ts';
import { NOW, settings } from './testing/scripted.ts';

const KEY = 'aKeyOfTheCartridge';
const TIME = String(NOW / 1000);
const BODY = Buffer.from('{"siteId":"RefArch","orders":["00001234","9007199254740993"]}');
const config = settings({ webhookSecret: KEY });

const sign = (time: string, body: Uint8Array, key = KEY): string =>
  createHmac('sha256', key).update(`${time}.`).update(body).digest('hex');

const delivery = (more: { time?: string; signature?: string; body?: Uint8Array } = {}): Delivery => {
  const { time = TIME, body = BODY, signature = sign(TIME, BODY) } = more;
  return {
    method: 'POST',
    path: '/hooks/x',
    headers: { 'x-onhand-timestamp': time, 'x-onhand-signature': signature },
    body,
    receivedAt: '',
  };
};
const why = (given: Delivery, now = NOW, settled = config) => {
  const verdict = sfcc.verify(given, settled, now);
  return verdict.verdict === 'refused' ? verdict.why : verdict.verdict;
};

describe('the signature of the cartridge, on raw bytes', () => {
  it('good, in capitals too', () => {
    expect(why(delivery())).toBe('ok');
    expect(why(delivery({ signature: sign(TIME, BODY).toUpperCase() }))).toBe('ok');
  });

  it('one flipped bit of the body, another time, another key, none', () => {
    const flipped = Buffer.from(BODY);
    flipped[3]! ^= 1;
    expect(why(delivery({ body: flipped }))).toBe('bad-signature');
    expect(why(delivery({ time: String(NOW / 1000 + 1) }))).toBe('bad-signature');
    expect(why(delivery({ signature: sign(TIME, BODY, 'other') }))).toBe('bad-signature');
    expect(why(delivery({ signature: '' }))).toBe('no-signature');
    const { 'x-onhand-signature': _, ...headers } = delivery().headers;
    expect(why({ ...delivery(), headers })).toBe('no-signature');
    expect(why(delivery(), NOW, settings({ webhookSecret: undefined }))).toBe('no-secret');
  });

  it('five minutes either way, and a time that is none', () => {
    expect(why(delivery(), NOW + 300_000)).toBe('ok');
    expect(why(delivery(), NOW + 300_001)).toBe('stale');
    expect(why(delivery(), NOW - 300_001)).toBe('stale');
    for (const time of ['', 'soon', '1e9']) expect(why(delivery({ time, signature: sign(time, BODY) }))).toBe('stale');
  });
});

describe('what a notice tells', () => {
  const decode = (body: string) => sfcc.decode(delivery({ body: Buffer.from(body) }), 'orders', config);
  it('numbers of our sites, all digits kept; other sites say nothing', () => {
    expect(sfcc.decode(delivery(), 'orders', config)).toMatchObject([
      { kind: 'document-changed', doc: 'order:RefArch/00001234' },
      { kind: 'document-changed', doc: 'order:RefArch/9007199254740993' },
    ]);
    expect(decode('{"siteId":"Stranger","orders":["1"]}')).toEqual([]);
    expect(() => decode('{"siteId":"RefArch","orders":[1]}')).toThrow();
  });

  it('whatever comes, verify never throws and decode throws nothing but errors', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array(),
          fc.json().map((text) => Buffer.from(text)),
        ),
        fc.string(),
        (body, time) => {
          const given = delivery({ body, time });
          expect(['ok', 'refused', 'handshake']).toContain(sfcc.verify(given, config, NOW).verdict);
          try {
            expect(Array.isArray(sfcc.decode(given, 'orders', config))).toBe(true);
          } catch (error) {
            expect(error).toBeInstanceOf(Error);
          }
        },
      ),
    );
  });
});
