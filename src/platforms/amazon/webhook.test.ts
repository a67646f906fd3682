import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Delivery } from '../../platform/contract.ts';
import { channel, fromQueue, orderChange } from './testing/notification.ts';
import { accountOf, decode, QUANTITY_CHANGE, verify } from './webhook.ts';

describe('verify: what lay in our own queue and names our subscription', () => {
  const verdict = (body: unknown, more: Partial<Delivery> = {}, settings: object = {}) =>
    verify(fromQueue(body, more), { ...channel, ...settings });

  it('takes it, with its type and id', () => {
    expect(verdict(orderChange())).toEqual({ verdict: 'ok', topic: 'ORDER_CHANGE', deliveryId: 'n-1' });
  });

  it('takes it inside the envelope of EventBridge', () => {
    const delivery = fromQueue({ id: 'e', 'detail-type': 'ORDER_CHANGE', detail: orderChange() });
    expect(verify(delivery, channel)).toMatchObject({ verdict: 'ok', topic: 'ORDER_CHANGE' });
    expect(decode(delivery, 'ORDER_CHANGE', channel)).toEqual(
      decode(fromQueue(orderChange()), 'ORDER_CHANGE', channel),
    );
  });

  it.each<[string, ReturnType<typeof verdict>, string]>([
    ['anything over HTTP', verdict(orderChange(), { method: 'POST', path: '/hooks/amazon/x' }), 'no-signature'],
    ['HTTP that claims the queue', verdict(orderChange(), { method: 'POST' }), 'no-signature'],
    ['another queue', verdict(orderChange(), { path: `${channel.queueUrl}2` }), 'no-signature'],
    ['a channel without queue', verdict(orderChange(), {}, { queueUrl: undefined }), 'no-signature'],
    [
      'a channel that knows no subscription',
      verdict(orderChange(), {}, { applicationId: undefined, subscriptions: {} }),
      'no-secret',
    ],
    [
      'another application',
      verdict(
        orderChange((_, one) => {
          one.NotificationMetadata.ApplicationId = 'amzn1.sp.solution.y';
        }),
      ),
      'bad-signature',
    ],
    [
      'another subscription',
      verdict(
        orderChange((_, one) => {
          one.NotificationMetadata.SubscriptionId = 's-2';
        }),
      ),
      'bad-signature',
    ],
    [
      'no metadata',
      verdict(
        orderChange((_, one) => {
          delete one.NotificationMetadata;
        }),
      ),
      'bad-signature',
    ],
    ['no notification', verdict('{"a":1}'), 'malformed'],
    ['no JSON', verdict('<xml/>'), 'malformed'],
    ['nothing', verdict(''), 'malformed'],
    ['a list', verdict([1]), 'malformed'],
  ])('refuses %s', (_, refusal, why) => {
    expect(refusal).toMatchObject({ verdict: 'refused', why });
  });

  it('one of the two ids is enough to know ours', () => {
    expect(verdict(orderChange(), {}, { applicationId: undefined }).verdict).toBe('ok');
    expect(verdict(orderChange(), {}, { subscriptions: {} }).verdict).toBe('ok');
  });

  it('needs no more than the queue and one id, as when a recorded message is looked at', () => {
    const bare = { queueUrl: channel.queueUrl, applicationId: channel.applicationId };
    expect(verify(fromQueue(orderChange()), bare).verdict).toBe('ok');
    expect(verify(fromQueue(orderChange()), { queueUrl: channel.queueUrl })).toMatchObject({ why: 'no-secret' });
    expect(verify(fromQueue(orderChange()), {})).toMatchObject({ why: 'no-signature' });
  });

  it('names the account a message is about', () => {
    expect(accountOf(fromQueue(orderChange()))).toBe('A1EXAMPLE');
    expect(accountOf(fromQueue('no'))).toBeUndefined();
  });
});

describe('LISTINGS_ITEM_MFN_QUANTITY_CHANGE', () => {
  const change = (payload: object) => ({
    ...orderChange(),
    NotificationType: QUANTITY_CHANGE,
    Payload: { SellerId: 'A1EXAMPLE', FulfillmentChannelCode: 'DEFAULT', Sku: 'TSHIRT-M', Quantity: 0, ...payload },
  });

  it('is a level', () => {
    expect(decode(fromQueue(change({})), QUANTITY_CHANGE, channel)).toEqual([
      {
        kind: 'level',
        account: 'A1EXAMPLE',
        level: {
          stockKey: 'TSHIRT-M',
          location: 'DEFAULT',
          available: 0,
          tracked: true,
          changedAt: '2026-08-01T10:00:03.120Z',
          readAt: '2026-08-01T10:00:04.000Z',
        },
      },
    ]);
  });

  it.each([{ Sku: null }, { Quantity: '?' }, { FulfillmentChannelCode: '' }])('throws on %j', (payload) => {
    expect(() => decode(fromQueue(change(payload)), QUANTITY_CHANGE, channel)).toThrow(Error);
  });
});

describe('whatever comes', () => {
  it('types we did not ask for tell nothing', () => {
    expect(decode(fromQueue(orderChange()), 'ANY_OFFER_CHANGED', channel)).toEqual([]);
  });

  const garbage = fc.oneof(
    fc.json(),
    fc.string(),
    // Members of the right name and the wrong kind.
    fc
      .record({
        NotificationType: fc.constantFrom('ORDER_CHANGE', QUANTITY_CHANGE, 7),
        EventTime: fc.anything(),
        NotificationMetadata: fc.anything(),
        Payload: fc.record({
          SellerId: fc.constantFrom('A1EXAMPLE', 'x'),
          Sku: fc.anything(),
          Quantity: fc.anything(),
          OrderChangeNotification: fc.record({
            SellerId: fc.constantFrom('A1EXAMPLE', 'x'),
            AmazonOrderId: fc.anything(),
            OrderChangeTrigger: fc.anything(),
            Summary: fc.record({
              OrderStatus: fc.string(),
              FulfillmentType: fc.constantFrom('MFN', 'AFN', 'x'),
              OrderItems: fc.array(fc.anything()),
            }),
          }),
        }),
      })
      .map((value) => JSON.stringify(value) ?? ''),
  );

  it('verify never throws, decode throws only Errors, and twice the same', () => {
    fc.assert(
      fc.property(garbage, fc.constantFrom('ORDER_CHANGE', QUANTITY_CHANGE, 'other'), (body, topic) => {
        const delivery = fromQueue(body);
        expect(['ok', 'refused']).toContain(verify(delivery, channel).verdict);
        const once = outcome(() => decode(delivery, topic, channel));
        expect(outcome(() => decode(delivery, topic, channel))).toEqual(once);
      }),
      { numRuns: 500 },
    );
  });
});

function outcome(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    expect(error).toBeInstanceOf(Error);
    return String(error);
  }
}
