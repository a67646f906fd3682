import { describe, expect, it } from 'vitest';
import type { Delivery, Signal } from '../../platform/contract.ts';
import { hmac } from '../../platform/signature.ts';
import { openBench } from './testing/bench.ts';
import { recordedHooks } from './testing/recordings.ts';
import { decode, verify } from './webhook.ts';

const { config } = openBench({}, { webhookSecret: 'whsec-test' });
const recorded = recordedHooks();

const told = (topic: string, body: unknown): Delivery => {
  const text = JSON.stringify(body);
  return {
    method: 'POST',
    path: '/hooks/1',
    headers: {
      'x-wc-webhook-topic': topic,
      'x-wc-webhook-signature': hmac('sha256', 'whsec-test', [text], 'base64'),
    },
    body: Buffer.from(text),
    receivedAt: '2026-11-24T00:00:00.000Z',
  };
};
const heard = (topic: string, body: unknown): Signal[] => {
  const delivery = told(topic, body);
  expect(verify(delivery, config)).toMatchObject({ verdict: 'ok', topic });
  return decode(delivery, topic, config);
};
const { account } = config;

describe('deliveries of WooCommerce 11.0.1', () => {
  it('every signed one is authentic, every ping a handshake, nothing else came', () => {
    const verdicts = recorded.map((one) => verify(one, config).verdict);
    expect(verdicts.filter((one) => one === 'handshake')).toHaveLength(3);
    expect(verdicts.filter((one) => one === 'ok')).toHaveLength(recorded.length - 3);
    for (const one of recorded.filter(({ headers }) => headers['x-wc-webhook-signature'])) {
      const body = Buffer.from(one.body);
      body[10]! ^= 1;
      expect(verify({ ...one, body }, config)).toMatchObject({ why: 'bad-signature' });
    }
  });

  it('created and updated are the same bytes and tell the same state', () => {
    const orders = recorded.filter(
      ({ headers, body }) => headers['x-wc-webhook-resource'] === 'order' && String(body).includes('"line_items"'),
    );
    const states = orders.map((one) => decode(one, one.headers['x-wc-webhook-topic']!, config));
    expect(states[0]).toEqual(states[1]);
    expect(states[0]).toEqual([
      {
        kind: 'document',
        doc: {
          account,
          doc: 'order:143',
          rev: '2026-11-23T03:10:47Z',
          whole: true,
          source: 'rest-api',
          saleAt: '2026-11-23T03:10:47Z',
          paid: true,
          state: 'processing',
          lines: [
            {
              line: '30',
              listing: '140',
              sku: 'MUG-RED',
              parts: [{ location: '-', committed: 2, out: 0, returned: 0, taken: 2 }],
            },
            {
              line: '31',
              listing: '142',
              sku: 'TEE-S',
              parts: [{ location: '-', committed: 1, out: 0, returned: 0, taken: 1 }],
            },
          ],
        },
      },
    ]);
    // With a refund the order has to be fetched: it does not say of which line.
    expect(states[2]).toEqual([{ kind: 'document-changed', account, doc: 'order:143', rev: '2026-11-23T03:10:48Z' }]);
  });

  it('created and updated of an order that was deleted meanwhile are signed and say nothing', () => {
    const gone = recorded.filter(({ body }) => String(body).includes('invalid_id'));
    expect(gone.map((one) => one.headers['x-wc-webhook-topic'])).toEqual(['order.created', 'order.updated']);
    for (const one of gone) expect(decode(one, one.headers['x-wc-webhook-topic']!, config)).toEqual([]);
  });

  it('products are read, not believed', () => {
    const products = recorded.filter(({ headers }) => headers['x-wc-webhook-topic'] === 'product.updated');
    expect(products.length).toBeGreaterThan(0);
    for (const one of products)
      expect(decode(one, 'product.updated', config)).toEqual([
        { kind: 'dirty', account, stockKey: '140', location: null },
      ]);
  });
});

describe('signature', () => {
  const good = told('order.deleted', { id: 5 });
  it('over the raw bytes: one space more is another body', () => {
    expect(verify(good, config).verdict).toBe('ok');
    expect(verify({ ...good, body: Buffer.from('{"id": 5}') }, config)).toMatchObject({ why: 'bad-signature' });
  });
  it('missing, or no secret configured', () => {
    const { 'x-wc-webhook-signature': _, ...headers } = good.headers;
    expect(verify({ ...good, headers }, config)).toMatchObject({ why: 'no-signature' });
    expect(verify(good, { ...config, webhookSecret: undefined })).toMatchObject({ why: 'no-secret' });
  });
  it('a ping says nothing, and only a ping is let through unsigned', () => {
    const ping = (body: string, headers = {}) =>
      verify({ ...good, headers, body: Buffer.from(body) }, { ...config, webhookSecret: undefined });
    expect(ping('webhook_id=4')).toEqual({ verdict: 'handshake', reply: { status: 200 } });
    expect(ping('webhook_id=4&id=5')).toMatchObject({ verdict: 'refused' });
    expect(ping('webhook_id=4', { 'x-wc-webhook-signature': 'x' })).toMatchObject({ verdict: 'refused' });
  });
  it('no topic is malformed', () => {
    const headers = { 'x-wc-webhook-signature': good.headers['x-wc-webhook-signature']! };
    expect(verify({ ...good, headers }, config)).toMatchObject({ why: 'malformed' });
  });
});

describe('topics', () => {
  it('deleted carries a number only; a whole order under that topic deletes nothing', () => {
    expect(heard('order.deleted', { id: 727 })).toEqual([{ kind: 'document-gone', account, doc: 'order:727' }]);
    expect(() => heard('order.deleted', { id: 727, status: 'processing', line_items: [] })).toThrow();
  });
  it('an order that a plugin has cut is fetched', () => {
    expect(heard('order.updated', { id: '9007199254740993' })).toEqual([
      { kind: 'document-changed', account, doc: 'order:9007199254740993' },
    ]);
  });
  it('a variation by its own number, or its parent where it sells from there', () => {
    const variation = { id: 142, parent_id: 141, type: 'variation', manage_stock: true };
    expect(heard('product.updated', variation)).toMatchObject([{ kind: 'dirty', stockKey: '141/142' }]);
    expect(heard('product.updated', { ...variation, manage_stock: 'parent' })).toMatchObject([{ stockKey: '141' }]);
    expect(heard('product.created', variation)).toMatchObject([{ kind: 'listing-changed', listing: '142' }, {}]);
    expect(heard('product.deleted', { id: 142 })).toMatchObject([{ kind: 'listing-changed', listing: '142' }]);
  });
  it('action topics name an order, whoever sends them', () => {
    const changed = [{ kind: 'document-changed', account, doc: 'order:727' }];
    expect(
      heard('action.woocommerce_order_status_completed', { action: 'woocommerce_order_status_completed', arg: 727 }),
    ).toEqual(changed);
    expect(heard('action.onhand_order_changed', { action: 'onhand_order_changed', arg: '727' })).toEqual(changed);
    expect(heard('action.woocommerce_add_to_cart', { action: 'woocommerce_add_to_cart', arg: 'x' })).toEqual([]);
  });
  it('of what was deleted before it was told comes a refusal, which is no error of ours', () => {
    const gone = { code: 'woocommerce_rest_shop_order_invalid_id', message: 'Invalid ID.', data: { status: 404 } };
    for (const topic of ['order.created', 'order.updated', 'product.updated']) expect(heard(topic, gone)).toEqual([]);
    expect(() => heard('order.updated', { ...gone, data: { status: 200 } })).toThrow();
    expect(() => heard('order.updated', { message: 'Invalid ID.' })).toThrow();
  });
  it('customers and coupons say nothing about stock', () => {
    expect(heard('customer.updated', { id: 1 })).toEqual([]);
    expect(heard('coupon.created', { id: 1 })).toEqual([]);
  });
});
