import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Delivery } from '../../platform/contract.ts';
import { hmac } from '../../platform/signature.ts';
import { squareContract } from './testing/openapi.ts';
import { settings } from './testing/scripted.ts';
import { accountOf, decode, SIGNATURE_HEADER, verify } from './webhook.ts';

const URL_SIGNED = 'https://sync.example.com/hooks/square';
const KEY = 'c2lnbmF0dXJlLWtleQ';
const config = settings({ webhookSecret: KEY, notificationUrl: URL_SIGNED });

const delivery = (body: string | Uint8Array, more: Partial<Delivery> = {}): Delivery => {
  const bytes = Buffer.from(body as string);
  return {
    method: 'POST',
    path: '/somewhere/else?behind=proxy',
    headers: { [SIGNATURE_HEADER]: hmac('sha256', KEY, [URL_SIGNED, bytes], 'base64') },
    body: bytes,
    receivedAt: '2026-11-24T10:00:00.000Z',
    ...more,
  };
};

const event = (type: string, object: unknown, more: Record<string, unknown> = {}) =>
  JSON.stringify({
    merchant_id: 'ML1',
    type,
    event_id: 'ev1',
    created_at: '2026-11-24T10:00:00Z',
    data: { type: 'x', id: 'y', object },
    ...more,
  });
const signals = (type: string, object: unknown) => decode(delivery(event(type, object)), type);

describe('verify', () => {
  const body = event('payment.updated', {});

  it('signs with the registered address, whatever address the request came to', () => {
    expect(verify(delivery(body), config)).toEqual({ verdict: 'ok', topic: 'payment.updated', deliveryId: 'ev1' });
    for (const notificationUrl of [`${URL_SIGNED}/`, URL_SIGNED.replace('https', 'http'), 'https://sync.example.com'])
      expect(verify(delivery(body), { ...config, notificationUrl })).toMatchObject({ why: 'bad-signature' });
  });

  it('raw bytes: a body that only decodes to the same is another body', () => {
    const { headers } = delivery(body);
    expect(verify(delivery(JSON.stringify(JSON.parse(body), null, 1), { headers }), config)).toMatchObject({
      why: 'bad-signature',
    });
    const odd = Buffer.concat([Buffer.from('{"type":"x","a":"'), Buffer.from([0xff, 0xfe]), Buffer.from('"}')]);
    expect(verify(delivery(odd), config)).toMatchObject({ verdict: 'ok' });
  });

  it('no key, no address, no header, another key: refused, each with what to do', () => {
    const why = (of: typeof config, headers = delivery(body).headers) => {
      const verdict = verify(delivery(body, { headers }), of);
      return verdict.verdict === 'refused' ? [verdict.why, verdict.say.length > 20] : verdict.verdict;
    };
    expect(why({ ...config, webhookSecret: undefined })).toEqual(['no-secret', true]);
    expect(why({ ...config, notificationUrl: undefined })).toEqual(['no-secret', true]);
    expect(why(config, {})).toEqual(['no-signature', true]);
    expect(why({ ...config, webhookSecret: 'other' })).toEqual(['bad-signature', true]);
  });

  it('an authentic body that names no event is kept, and undecodable', () => {
    for (const odd of ['', '[]', 'null', '{"type":7}', '\u0000', '{"type":""}']) {
      const verdict = verify(delivery(odd), config);
      expect(verdict).toMatchObject({ verdict: 'ok' });
      expect(() => decode(delivery(odd), (verdict as { topic: string }).topic)).toThrow();
    }
  });

  it('never throws and is never fooled, whatever comes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.option(fc.string()), (bytes, header) => {
        const headers: Record<string, string> = header === null ? {} : { [SIGNATURE_HEADER]: header };
        expect(verify(delivery(bytes, { headers }), config).verdict).toBe('refused');
        accountOf(delivery(bytes));
      }),
    );
  });
});

describe('decode', () => {
  const changed = (doc: string) => [{ kind: 'document-changed', account: 'ML1', doc }];

  it('a completed payment names its order; what has moved no goods says nothing', () => {
    const payment = (status: string | undefined) => signals('payment.updated', { payment: { order_id: 'O1', status } });
    expect(payment('COMPLETED')).toEqual(changed('order:O1'));
    expect(payment('CANCELED')).toEqual(changed('order:O1'));
    expect(payment('A_NEW_STATUS')).toEqual(changed('order:O1'));
    expect(payment(undefined)).toEqual(changed('order:O1'));
    for (const status of ['APPROVED', 'PENDING', 'FAILED']) expect(payment(status)).toEqual([]);
    expect(signals('payment.created', { payment: { status: 'COMPLETED' } })).toEqual([]);
  });

  it('orders, fulfilments and refunds are fetched; a refund names the return, an order of its own', () => {
    expect(signals('order.created', { order_created: { order_id: 'O1' } })).toEqual(changed('order:O1'));
    expect(signals('order.updated', { order_updated: { order_id: 'O1' } })).toEqual(changed('order:O1'));
    expect(signals('order.fulfillment.updated', { order_fulfillment_updated: { order_id: 'O1' } })).toEqual(
      changed('order:O1'),
    );
    expect(signals('refund.created', { refund: { order_id: 'R1', payment_id: 'P1' } })).toEqual(changed('order:R1'));
    expect(signals('refund.updated', { refund: { status: 'FAILED' } })).toEqual([]);
  });

  it('counts: one per state may come, only what can be sold is a level; decimals and below zero', () => {
    const count = (state: string, quantity: string, more = {}) => ({
      catalog_object_id: 'V1',
      location_id: 'L1',
      state,
      quantity,
      ...more,
    });
    const inventory_counts = [
      count('SOLD', '3'),
      count('IN_STOCK', '-1.50001', { calculated_at: '2026-11-24T09:59:58.5Z', catalog_object_type: 'ITEM_VARIATION' }),
      count('RETURNED_BY_CUSTOMER', '2'),
      count('IN_STOCK', '7', { catalog_object_type: 'ITEM' }),
    ];
    expect(signals('inventory.count.updated', { inventory_counts })).toEqual([
      {
        kind: 'level',
        account: 'ML1',
        level: {
          stockKey: 'V1',
          location: 'L1',
          available: -1.50001,
          tracked: true,
          changedAt: '2026-11-24T09:59:58.5Z',
          readAt: '2026-11-24T10:00:00.000Z',
        },
      },
    ]);
    expect(() => signals('inventory.count.updated', { inventory_counts: [count('IN_STOCK', 'many')] })).toThrow();
    expect(() => signals('inventory.count.updated', {})).toThrow();
  });

  it('the catalogue changed somewhere; access was taken away; what we do not know says nothing', () => {
    expect(signals('catalog.version.updated', { catalog_version: {} })).toEqual([
      { kind: 'listing-changed', account: 'ML1', listing: '*' },
    ]);
    expect(signals('oauth.authorization.revoked', { revocation: {} })).toMatchObject([
      { kind: 'access-lost', account: 'ML1' },
    ]);
    for (const topic of ['team_member.created', 'order.custom_attribute.updated', ''])
      expect(decode(delivery('{}'), topic)).toEqual([]);
  });

  it('one address serves every seller of an application: each event goes to the seller it names', () => {
    const other = event('order.updated', { order_updated: { order_id: 'O1' } }, { merchant_id: 'ML2' });
    expect(accountOf(delivery(other))).toBe('ML2');
    expect(decode(delivery(other), 'order.updated')).toMatchObject([{ account: 'ML2' }]);
    expect(() => decode(delivery(event('order.updated', {}, { merchant_id: undefined })), 'order.updated')).toThrow();
    expect([accountOf(delivery('')), accountOf(delivery('{"merchant_id":5}'))]).toEqual([undefined, undefined]);
  });
});

const contract = squareContract();

describe.skipIf(!contract)(
  `Square's own samples${contract ? '' : ' (skipped: needs the reference material beside the checkout)'}`,
  () => {
    it.each([
      [
        'PaymentUpdatedEvent',
        [{ kind: 'document-changed', account: '6SSW7HV8K2ST5', doc: 'order:03O3USaPaAaFnI6kkwB1JxGgBsUZY' }],
      ],
      [
        'RefundUpdatedEvent',
        [{ kind: 'document-changed', account: '6SSW7HV8K2ST5', doc: 'order:haOyDuHiqtAXMk0d8pDKXpL7Jg4F' }],
      ],
      [
        'OrderUpdatedEvent',
        [{ kind: 'document-changed', account: '5S9MXCS9Y99KK', doc: 'order:eA3vssLHKJrv9H0IdJCM3gNqfdcZY' }],
      ],
      [
        'OrderFulfillmentUpdatedEvent',
        [{ kind: 'document-changed', account: '5S9MXCS9Y99KK', doc: 'order:eA3vssLHKJrv9H0IdJCM3gNqfdcZY' }],
      ],
      [
        'InventoryCountUpdatedEvent',
        [
          {
            kind: 'level',
            account: '6SSW7HV8K2ST5',
            level: {
              stockKey: 'FGQ5JJWT2PYTHF35CKZ2DSKP',
              location: 'YYQR03DGCTXA4',
              available: 10,
              tracked: true,
              changedAt: '2019-10-29T18:38:45.10296Z',
              readAt: '2026-11-24T10:00:00.000Z',
            },
          },
        ],
      ],
      ['CatalogVersionUpdatedEvent', [{ kind: 'listing-changed', account: '6SSW7HV8K2ST5', listing: '*' }]],
      ['OauthAuthorizationRevokedEvent', [{ kind: 'access-lost', account: 'J9Z30SF99NPFJ', why: expect.any(String) }]],
    ])('%s', (schema, expected) => {
      const sample = contract!.sample(schema);
      const arrived = delivery(JSON.stringify(sample));
      const verdict = verify(arrived, config) as { topic: string };
      expect(decode(arrived, verdict.topic)).toEqual(expected);
    });
  },
);
