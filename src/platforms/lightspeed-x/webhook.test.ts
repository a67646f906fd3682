import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Delivery } from '../../platform/contract.ts';
import { fixture, settings } from './testing/scripted.ts';
import { decode, SIGNATURE_HEADER, verify } from './webhook.ts';

const SECRET = 'client-secret-of-the-application';
const config = settings({ webhookSecret: SECRET });

const form = (payload: unknown, more: Record<string, string> = {}) =>
  new URLSearchParams({
    payload: JSON.stringify(payload),
    domain_prefix: 'mugs',
    environment: 'prod',
    ...more,
  }).toString();

const sign = (body: string | Uint8Array, secret = SECRET) =>
  `signature=${createHmac('sha256', secret).update(body).digest('hex')},algorithm=HMAC-SHA256`;

const delivery = (body: string | Uint8Array, header: string | undefined, path = '/hooks/lightspeed-x/k'): Delivery => ({
  method: 'POST',
  path,
  headers: header === undefined ? {} : { [SIGNATURE_HEADER]: header },
  body: typeof body === 'string' ? Buffer.from(body) : body,
  receivedAt: '2026-11-24T10:00:00.000Z',
});

describe('verify', () => {
  const body = form(fixture('sale-update'), { type: 'sale.update' });

  it('takes the raw form signed with the client secret, and nothing else', () => {
    expect(verify(delivery(body, sign(body)), config)).toEqual({ verdict: 'ok', topic: 'sale.update' });
    expect(verify(delivery(body, sign(body).replace(',', ', ')), config).verdict).toBe('ok');
    expect(verify(delivery(`${body}&x=1`, sign(body)), config)).toMatchObject({ why: 'bad-signature' });
    expect(verify(delivery(body, sign(body, 'another')), config)).toMatchObject({ why: 'bad-signature' });
    expect(verify(delivery(body, undefined), config)).toMatchObject({ why: 'no-signature' });
    expect(verify(delivery(body, sign(body)), settings())).toMatchObject({ why: 'no-secret' });
    // The decoded payload is not what is signed.
    expect(verify(delivery(body, sign(JSON.stringify(fixture('sale-update')))), config)).toMatchObject({
      why: 'bad-signature',
    });
    expect(verify(delivery(body, sign(body).replace('SHA256', 'MD5')), config)).toMatchObject({ why: 'bad-signature' });
  });

  it('the type stands in the form, else in the address', () => {
    const bare = form({ id: 'P' });
    const at = (query: string) => verify(delivery(bare, sign(bare), `/hooks/lightspeed-x/k${query}`), config);
    expect(at('?type=product.update')).toMatchObject({ topic: 'product.update' });
    expect(at('')).toMatchObject({ topic: 'unnamed' });
  });

  it('unsigned ones are known by the word in their address, and only hint', () => {
    const own = settings({ webhookToken: 'a-long-word-of-our-own' });
    const path = '/hooks/lightspeed-x/k?type=sale.update&key=a-long-word-of-our-own';
    const hint = delivery(form(fixture('sale-update')), undefined, path);
    expect(verify(hint, own)).toEqual({ verdict: 'ok', topic: 'hint/sale.update' });
    expect(decode(hint, 'hint/sale.update', own)).toEqual([
      { kind: 'document-changed', account: 'mugs', doc: 'sale:5687606e-dbc9-b0a6-11e9-aaaaaaaaaaaa' },
    ]);
    expect(verify({ ...hint, path: `${path}x` }, own)).toMatchObject({ why: 'no-signature' });
    expect(verify({ ...hint, path: '/hooks/lightspeed-x/k' }, own)).toMatchObject({ why: 'no-signature' });
    expect(verify(hint, config)).toMatchObject({ why: 'no-signature' });
    // A signature that is there must fit all the same.
    const both = settings({ webhookToken: 'a-long-word-of-our-own', webhookSecret: SECRET });
    expect(verify({ ...hint, headers: { [SIGNATURE_HEADER]: sign('other') } }, both)).toMatchObject({
      why: 'bad-signature',
    });
  });

  it('is total', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.option(fc.string()), fc.string(), (bytes, header, path) => {
        const one = delivery(bytes, header ?? undefined, path);
        expect(verify(one, config).verdict).toBe('refused');
        for (const topic of ['sale.update', 'inventory.update', 'hint/sale.update', 'x']) {
          try {
            decode(one, topic, config);
          } catch (error) {
            expect(error).toBeInstanceOf(Error);
          }
        }
      }),
    );
  });
});

describe('decode', () => {
  it('a sale is told whole; the form says whose it is', () => {
    const [signal] = decode(delivery(form(fixture('sale-update')), undefined), 'sale.update', config);
    expect(signal).toMatchObject({ kind: 'document', doc: { account: 'mugs', rev: '11423830534' } });
    const other = form(fixture('sale-update'), { domain_prefix: 'Cups' });
    expect(decode(delivery(other, undefined), 'sale.update', config)).toMatchObject([{ doc: { account: 'cups' } }]);
  });

  it('products and levels only say that they changed', () => {
    const of = (payload: object, topic: string) => decode(delivery(form(payload), undefined), topic, config);
    expect(of({ id: 'P' }, 'product.update')).toEqual([{ kind: 'listing-changed', account: 'mugs', listing: 'P' }]);
    expect(of({ product_id: 'P', outlet_id: 'O', count: '3.00000' }, 'inventory.update')).toEqual([
      { kind: 'dirty', account: 'mugs', stockKey: 'P', location: 'O' },
    ]);
    expect(of({ product_id: 'P' }, 'inventory.update')).toMatchObject([{ location: null }]);
    expect(of({}, 'customer.update')).toEqual([]);
    for (const topic of ['unnamed', 'inventory.update', 'product.update', 'sale.update'])
      expect(() => of({}, topic)).toThrow();
    expect(() => decode(delivery('environment=prod', undefined), 'sale.update', config)).toThrow('payload');
  });
});
