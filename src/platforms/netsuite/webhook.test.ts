import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Delivery } from '../../platform/contract.ts';
import { hmac } from '../../platform/signature.ts';
import { netsuiteConfig } from './config.ts';
import { accountOf, decode, verify } from './webhook.ts';

const NOW = Date.UTC(2026, 10, 24);
const SECRET = 'sécret-of-the-api-secrets';
const config = netsuiteConfig.parse({
  account: '1234567_SB1',
  consumerKey: 'a',
  consumerSecret: 'b',
  tokenId: 'c',
  tokenSecret: 'd',
  webhookSecret: SECRET,
});
const EVENT = {
  eventId: 'itemfulfillment:88123:create:1772460331000',
  account: '1234567_SB1',
  recordType: 'itemfulfillment',
  recordId: '88123',
  eventType: 'create',
  createdFrom: '87990',
  createdFromType: 'salesorder',
  items: [],
};
const delivery = (body: string | object, atMs = NOW, secret = SECRET): Delivery => {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const timestamp = String(Math.floor(atMs / 1000));
  return {
    method: 'POST',
    path: '/hooks/1',
    headers: {
      'x-onhand-timestamp': timestamp,
      'x-onhand-signature': `sha256=${hmac('sha256', secret, [`${timestamp}.${text}`], 'hex')}`,
      'x-onhand-event': 'e1',
    },
    body: Buffer.from(text),
    receivedAt: '2026-11-24T00:00:00.000Z',
  };
};

describe('the signature', () => {
  const good = delivery(EVENT);
  const without = (name: string): Delivery => ({
    ...good,
    headers: Object.fromEntries(Object.entries(good.headers).filter(([header]) => header !== name)),
  });
  it.each([
    ['good', good, NOW, 'ok'],
    ['good, clocks four minutes apart', delivery(EVENT, NOW - 240_000), NOW, 'ok'],
    [
      'one flipped byte',
      { ...good, body: Buffer.from(good.body.map((byte, at) => (at === 9 ? byte ^ 1 : byte))) },
      NOW,
      'bad-signature',
    ],
    ['another secret', delivery(EVENT, NOW, 'another secret, as long'), NOW, 'bad-signature'],
    [
      'another time than was signed',
      { ...good, headers: { ...good.headers, 'x-onhand-timestamp': '1795478401' } },
      NOW,
      'bad-signature',
    ],
    ['no time', without('x-onhand-timestamp'), NOW, 'bad-signature'],
    ['none', without('x-onhand-signature'), NOW, 'no-signature'],
    ['six minutes old', good, NOW + 360_000, 'stale'],
    ['from the future', good, NOW - 360_000, 'stale'],
  ] as const)('%s', (_, given, now, expected) => {
    const verdict = verify(given, config, now);
    expect(verdict.verdict === 'refused' ? verdict.why : verdict.verdict).toBe(expected);
  });

  it('without a secret everything is refused', () => {
    expect(verify(good, { ...config, webhookSecret: undefined }, NOW)).toMatchObject({ why: 'no-secret' });
  });
});

describe('what an event tells', () => {
  const told = (more: object) => decode(delivery({ ...EVENT, ...more }), 'record', config);
  const changed = (doc: string) => [{ kind: 'document-changed', account: '1234567_SB1', doc }];
  it.each([
    ['a shipment is its order', {}, changed('order:87990')],
    ['a deleted shipment too', { eventType: 'delete' }, changed('order:87990')],
    ['an order', { recordType: 'salesorder', createdFrom: '5', createdFromType: 'estimate' }, changed('order:88123')],
    ['a bill of an order is the order', { recordType: 'invoice' }, changed('order:87990')],
    ['a bill of its own', { recordType: 'invoice', createdFrom: null, createdFromType: null }, changed('sale:88123')],
    [
      'a receipt of a return',
      { recordType: 'itemreceipt', createdFromType: 'returnauthorization' },
      changed('return:88123'),
    ],
    ['a cash refund', { recordType: 'cashrefund', createdFromType: 'cashsale' }, changed('return:88123')],
    ['a return that was only announced', { recordType: 'returnauthorization' }, []],
  ])('%s', (_, more, expected) => {
    expect(told(more)).toEqual(expected);
  });

  it('a deleted order is gone', () => {
    expect(told({ recordType: 'salesorder', eventType: 'delete', createdFrom: null })).toEqual([
      { kind: 'document-gone', account: '1234567_SB1', doc: 'order:88123' },
    ]);
  });

  it('what moves stock without a customer names its items', () => {
    const dirty = { kind: 'dirty', account: '1234567_SB1', location: null };
    for (const more of [
      { recordType: 'inventoryadjustment' },
      { recordType: 'itemreceipt', createdFromType: 'purchaseorder' },
      { recordType: 'itemfulfillment', createdFromType: 'transferorder' },
    ])
      expect(told({ ...more, items: [501, '502', 501] })).toEqual([
        { ...dirty, stockKey: '501' },
        { ...dirty, stockKey: '502' },
      ]);
  });

  it('names its account, in whichever way it is written, and nothing where there is none', () => {
    expect(accountOf(delivery({ ...EVENT, account: '1234567-sb1' }))).toBe('1234567_SB1');
    for (const other of [{ ...EVENT, account: '' }, [], 'null', '{', { account: 7 }])
      expect(accountOf(delivery(other))).toBeUndefined();
  });

  it('another account is said so, and digits are kept', () => {
    expect(() => told({ account: '7654321' })).toThrow(/7654321/);
    const text = JSON.stringify(EVENT).replace('"87990"', '9007199254740993');
    expect(decode(delivery(text), 'record', config)).toEqual(changed('order:9007199254740993'));
  });

  it('whatever the bytes: an Error or signals', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), (body) => {
        const given = delivery(body);
        expect(verify(given, config, NOW).verdict).toBe('ok');
        try {
          expect(Array.isArray(decode(given, 'record', config))).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
        }
      }),
    );
  });
});
