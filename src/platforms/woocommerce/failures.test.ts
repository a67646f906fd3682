import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Failure } from '../../platform/failure.ts';
import { facts, type WooOp } from './facts.ts';
import { classify } from './failures.ts';
import { openBench } from './testing/bench.ts';
import { decode, verify } from './webhook.ts';

const ops = Object.keys(facts.operations) as WooOp[];
const page = (status: number, body: string, headers: Record<string, string> = {}) => ({
  status,
  headers,
  body: Buffer.from(body),
});

describe('answers', () => {
  it('PHP warnings or a byte order mark in front of good JSON do no harm', () => {
    const warning = 'PHP Notice: Undefined index in /srv/x.php on line 7\n';
    expect(classify(page(200, `${warning}{"update":[]}`), 'writeProducts')).toBeUndefined();
    expect(classify(page(200, '\ufeff[]'), 'orderFeed')).toBeUndefined();
  });
  it('an object where a list belongs, and the other way round, is no good answer', () => {
    expect(classify(page(200, '{}'), 'orderFeed')).toMatchObject({ failure: 'transient', code: 'not-json' });
    expect(classify(page(200, '[]'), 'order')).toMatchObject({ failure: 'transient', code: 'not-json' });
    expect(classify(page(200, '[]'), 'probe')).toBeUndefined();
  });
  it('an order that is not there is gone; a page with 404 proves nothing', () => {
    const body = '{"code":"woocommerce_rest_shop_order_invalid_id","message":"Invalid ID.","data":{"status":404}}';
    expect(classify(page(404, body), 'order')).toMatchObject({ failure: 'gone', code: 'unknown-order', status: 404 });
    expect(classify(page(404, '<html>not found</html>'), 'order')).toMatchObject({ failure: 'transient' });
  });
  it('waits as long as it is told, and no longer than a day', () => {
    expect(classify(page(429, '', { 'retry-after': '7' }), 'order')?.retryAfterMs).toBe(7_000);
    expect(classify(page(429, '', { 'retry-after': '1e9' }), 'order')?.retryAfterMs).toBe(86_400_000);
    expect(classify(page(429, '', { 'retry-after': 'tomorrow' }), 'order')?.retryAfterMs).toBe(5_000);
  });
  it('every refusal of a key says where to make another', () => {
    const read = '{"code":"woocommerce_rest_authentication_error","message":"x","data":{"status":401}}';
    expect(classify(page(401, read), 'probe')?.message).toContain('WooCommerce > Settings > Advanced > REST API');
  });
});

describe('whatever arrives', () => {
  const { config } = openBench();
  const topic = fc.constantFrom('order.updated', 'order.deleted', 'product.updated', 'action.x_order', 'x', '');
  it('classify never throws', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 100, max: 599 }),
        fc.oneof(fc.json(), fc.string()),
        fc.constantFrom(...ops),
        (status, body, op) => {
          const failure = classify(page(status, body, { 'retry-after': body }), op);
          expect(failure === undefined || failure instanceof Failure).toBe(true);
          if (status >= 400) expect(failure).toBeDefined();
        },
      ),
    );
  });
  it('verify never throws and lets nothing through, decode throws errors only', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), topic, fc.string(), (body, name, signature) => {
        const headers = { 'x-wc-webhook-signature': signature, 'x-wc-webhook-topic': name };
        const delivery = { method: 'POST', path: '/', headers, body: Buffer.from(body), receivedAt: '' };
        expect(verify(delivery, config).verdict).toBe('refused');
        try {
          expect(Array.isArray(decode(delivery, name, config))).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
        }
      }),
    );
  });
});
