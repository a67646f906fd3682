import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Delivery } from '../../platform/contract.ts';
import { settings } from './testing/scripted.ts';
import { decode, verify } from './webhook.ts';

const SECRET = 'a-long-word-of-our-own';
const config = settings({ webhookSecret: SECRET });

const delivery = (body: unknown, authorization?: string): Delivery => ({
  method: 'POST',
  path: '/hooks/cin7/k',
  headers: authorization === undefined ? {} : { authorization },
  body: body instanceof Uint8Array ? body : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
  receivedAt: '2026-11-24T10:00:00.000Z',
});
const order = { SaleID: 'S1', SaleOrderNumber: 'SO-00042', EventType: 'Sale/OrderAuthorised' };

describe('verify', () => {
  it('takes the bearer word that was registered, and no other', () => {
    expect(verify(delivery(order, `Bearer ${SECRET}`), config)).toEqual({
      verdict: 'ok',
      topic: 'Sale/OrderAuthorised',
    });
    expect(verify(delivery(order, `bearer  ${SECRET} `), config).verdict).toBe('ok');
    expect(verify(delivery(order, `Bearer ${SECRET}x`), config)).toMatchObject({ why: 'bad-signature' });
    expect(verify(delivery(order, `Basic ${SECRET}`), config)).toMatchObject({ why: 'no-signature' });
    expect(verify(delivery(order), config)).toMatchObject({ why: 'no-signature' });
    expect(verify(delivery(order, `Bearer ${SECRET}`), settings())).toMatchObject({ why: 'no-secret' });
    expect(verify(delivery(order, 'Bearer undefined'), settings())).toMatchObject({ why: 'no-secret' });
  });

  it('a bare list is of levels; what names nothing is kept as that', () => {
    const topic = (body: unknown) => verify(delivery(body, `Bearer ${SECRET}`), config);
    expect(topic([{ ID: 'P' }])).toMatchObject({ topic: 'Stock/AvailableStockLevelChanged' });
    expect(topic('')).toMatchObject({ topic: 'unnamed' });
    expect(topic({ EventType: 5 })).toMatchObject({ topic: 'unnamed' });
  });

  it('is total', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.option(fc.string()), (bytes, header) => {
        const one = delivery(bytes, header ?? undefined);
        expect(verify(one, config).verdict).toBe('refused');
        for (const topic of ['Sale/Voided', 'Product/Updated', 'Stock/AvailableStockLevelChanged', 'x']) {
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
  const changed = [{ kind: 'document-changed', account: 'ACCOUNT', doc: 'sale:S1' }];

  it('every word about a sale is a reason to fetch it; its ID has two names', () => {
    expect(decode(delivery(order), 'Sale/OrderAuthorised', config)).toEqual(changed);
    const shipped = { SaleTaskID: 'S1', TenantID: 'T', OrderNumber: 'SO-00042', EventType: 'Sale/ShipmentAuthorised' };
    expect(decode(delivery(shipped), 'Sale/ShipmentAuthorised', config)).toEqual(changed);
    expect(decode(delivery({ SaleID: 'S1' }), 'Sale/SomethingNew', config)).toEqual(changed);
    expect(() => decode(delivery({}), 'Sale/Voided', config)).toThrow();
    expect(() => decode(delivery(order), 'unnamed', config)).toThrow();
  });

  it('levels and products only say that they changed', () => {
    const rows = [
      { ID: 'P', SKU: 'Bread', Location: 'Shop', Available: 3 },
      { ID: 'P', SKU: 'Bread', Location: 'Main Warehouse', Available: 1 },
      { ID: 'Q', SKU: 'Cake', Location: 'Shop', Available: 0 },
    ];
    expect(decode(delivery(rows), 'Stock/AvailableStockLevelChanged', config)).toEqual([
      { kind: 'dirty', account: 'ACCOUNT', stockKey: 'P', location: null },
      { kind: 'dirty', account: 'ACCOUNT', stockKey: 'Q', location: null },
    ]);
    expect(decode(delivery({ ID: 'P' }), 'Product/Updated', config)).toMatchObject([{ listing: 'P' }]);
    expect(decode(delivery({}), 'Product/Updated', config)).toMatchObject([{ listing: '*' }]);
    expect(decode(delivery({}), 'Purchase/OrderAuthorised', config)).toEqual([]);
  });
});
